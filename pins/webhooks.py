"""What webhooks are told of pins and imports: as the API shows them, at the moment of the event."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from django.dispatch import receiver

from accounts.models import WebhookEvent
from accounts.webhooks import outbox

from .lifecycle.signals import import_finished, pins_changed
from .models import Pin, PinImport


@receiver(pins_changed)
def tell_of_pins(sender: object, happened: Sequence[tuple[WebhookEvent, Pin]], now: datetime, **kwargs: Any) -> None:
    """Write deliveries of what happened to the pins, in the caller's transaction."""
    by_workspace = groupby(sorted(happened, key=_workspace_id), key=_workspace_id)
    for workspace_id, group in by_workspace:
        outbox.tell(workspace_id, [(event, pin.pk) for event, pin in group], _pins_by_key, now=now)


@receiver(import_finished)
def tell_of_import(sender: object, pin_import: PinImport, now: datetime, **kwargs: Any) -> None:
    """Write deliveries of a finished import, in the caller's transaction."""

    def describe(keys: Collection[int]) -> dict[int, dict[str, Any]]:
        from .api.views.imports import ImportAnswer  # only where it is needed, see _pins_by_key

        answer = ImportAnswer.of(pin_import)
        # Of thousands of rows; the API has them.
        return {pin_import.pk: {"import": answer.model_dump(exclude={"problems"})}}

    outbox.tell(pin_import.workspace_id, [(WebhookEvent.IMPORT_FINISHED, pin_import.pk)], describe, now=now)


def _workspace_id(each: tuple[WebhookEvent, Pin]) -> int:
    return each[1].workspace_id


def _pins_by_key(keys: Collection[int]) -> dict[int, dict[str, Any]]:
    # Only where an endpoint listens: the API takes half a second to load, and memory of each worker.
    from .api.schemas import PinSummaryAnswer

    pins = Pin.objects.filter(pk__in=keys).with_content().prefetch_related("tags")
    return {pin.pk: {"pin": PinSummaryAnswer.of(pin).model_dump()} for pin in pins}
