"""The times that a change of many pins gives them: they are given out before the preview, which shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError

from accounts.models import User
from pins.models import BulkChange, Pin, PinStatus
from pins.spacing.checks import check_many
from pins.spacing.findings import Finding
from pins.spacing.planned import Planned

from .actions import moment_of
from .services import in_order, preview
from .spreading import Spread


def with_moments(change: BulkChange, spread: Spread, options: dict[str, Any], *, by: User, now: datetime) -> None:
    """Add to the options of a spread the minute of each pin that can have one; the preview shows it, and it counts.

    Raises ValidationError if there are more pins than minutes.
    """
    change.options = options
    pins = list(in_order(preview(change, by=by, now=now).can, options["order"], seed=change.pk))
    moments = spread.moments(change.workspace.zone, now)
    if len(moments) < len(pins):
        raise ValidationError(
            f"There is room for {len(moments)} pins on these days, and {len(pins)} are to be scheduled."
            " Choose a later last day, or more pins a day."
        )
    options["moments"] = {str(pin.pk): at.isoformat() for pin, at in zip(pins, moments, strict=False)}


def in_time(change: BulkChange, pins: Sequence[Pin]) -> list[Pin]:
    """Return the pins of a spread in the order of their minutes, of any other change as they are."""
    moments = (change.options or {}).get("moments")
    return list(pins) if moments is None else sorted(pins, key=lambda pin: datetime.fromisoformat(moments[str(pin.pk)]))


def warnings_of(change: BulkChange, pins: Sequence[Pin], now: datetime) -> dict[int, list[Finding]]:
    """Return by the keys of pins what the spacing guard says of them at the times that the change gives them."""
    if change.action not in ("spread", "times"):
        return {}
    planned = []
    for pin in pins:
        each = Planned.of(pin, now, moment_of(pin, change.options or {}))
        if each is not None:
            # The guard does not count drafts that are stored, and these are about to be scheduled together.
            planned.append((pin, replace(each, pk=None) if pin.status == PinStatus.DRAFT else each))
    found = check_many([each for _, each in planned], change.workspace.zone, beside=True)
    return {pin.pk: findings for (pin, _), findings in zip(planned, found, strict=True)}
