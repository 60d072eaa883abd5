"""A family's row: the plan that a draft keeps, the pins that were made, and which of them can still change."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db.models import F

from accounts.models import User
from pins.models import EDITABLE_STATUSES, FamilyKind, Pin, PinFamily, PinQuerySet
from pins.rules.composition import Composition

from .series import Series, TypedSeries, read_days


def keep_plan(pin: Pin, typed: TypedSeries, *, by: User, now: datetime) -> None:
    """Keep what was typed about further pins with the draft `pin`; a family that would hold nothing is deleted."""
    family = pin.family
    columns: dict[str, Any] = {
        "plan": typed.as_plan,
        "days_between": read_days(typed.days),
        "keeps_time": typed.keeps_time,
    }
    if family is not None and (typed.rows or family.size > 1):
        PinFamily.objects.filter(pk=family.pk).update(**columns)
    elif family is not None:
        Pin.objects.filter(pk=pin.pk).update(family=None, family_position=None)
        family.delete()
        pin.family = pin.family_position = None
    elif typed.rows:
        family = PinFamily.objects.create(
            workspace=pin.workspace, created_by=by, created_at=now, kind=typed.kind, **columns
        )
        _put_into(pin, family, 1)


def begin(pin: Pin, series: Series, *, by: User, now: datetime) -> PinFamily:
    """Return the pin's family, with the interval of the series and without a plan; lock it, or make it."""
    columns: dict[str, Any] = {
        "days_between": series.days_between,
        "keeps_time": series.keeps_time,
        "plan": [],
    }
    if pin.family is None or pin.family.size == 1:  # what was made keeps its kind, whatever is added
        columns["kind"] = series.kind
    if pin.family_id is None:
        family = PinFamily.objects.create(workspace=pin.workspace, created_by=by, created_at=now, **columns)
        _put_into(pin, family, 1)
        return family
    PinFamily.objects.filter(pk=pin.family_id).update(**columns)
    return PinFamily.objects.get(pk=pin.family_id)


def _put_into(pin: Pin, family: PinFamily, position: int) -> None:
    Pin.objects.filter(pk=pin.pk).update(family=family, family_position=position)
    pin.family, pin.family_position = family, position


def grow(family: PinFamily, count: int) -> None:
    """Note that so many pins more were made."""
    PinFamily.objects.filter(pk=family.pk).update(size=F("size") + count)
    family.size += count


def open_others(pin: Pin) -> PinQuerySet:
    """Return the other pins of the family whose content can still change."""
    if pin.family_id is None:
        return Pin.objects.none()
    others = Pin.objects.filter(family=pin.family_id, workspace=pin.workspace_id).exclude(pk=pin.pk)
    return others.filter(status__in=EDITABLE_STATUSES, sent_at=None).order_by("family_position", "pk")


def shared(other: Pin, edited: Composition) -> Composition:
    """Return the content of another pin of the family, with what it shares with the edited one.

    Each keeps its board; of variations, each keeps its image and the words about it.
    """
    own = Composition.of(other)
    if other.family is not None and other.family.kind == FamilyKind.VARIATIONS:
        return replace(own, description=edited.description, link=edited.link)
    return replace(edited, board=own.board, section=own.section)
