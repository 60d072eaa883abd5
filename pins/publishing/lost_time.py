"""What may have been published without this database knowing it: a restored backup has lost all that came after it.

Nobody can tell a restored database from one whose processes stood still. Either way no clock was heard, so that time is
searched for a pin of which nothing has been written since: a person may have published it early, or tried it again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from pins.models import Pin, PinEvent, PinEventKind, Silence
from postiz_pins.database.prepared_queries import ANY_KEY, Prepared
from postiz_pins.pinterest import server_clock
from postiz_pins.pinterest.client import BoardPin

# What workers note when they know that Pinterest does not have the pin, or while they find out.
KNOWING_EVENTS = (
    PinEventKind.UPLOADING,
    PinEventKind.PROCESSING,
    PinEventKind.SENDING,
    PinEventKind.WAITING,
    PinEventKind.VERIFYING,
    PinEventKind.FAILED,
)
# Pinterest's clock and ours may differ by so much, and a request may be on its way when a process dies.
LEEWAY = timedelta(seconds=60)


class Span(NamedTuple):
    began_at: datetime
    ended_at: datetime


def lost_spans(pin: Pin, now: datetime) -> list[Span]:
    """Return the times in which the pin may have been published unseen, the oldest first."""
    if not _HAS_LOST_SPANS.rows(now, 1, pin.pk):
        return []
    events = pin.events.filter(kind__in=KNOWING_EVENTS).order_by("-at").values_list("at", flat=True)
    known_at = events.first() or pin.created_at
    return [Span(max(silence.began_at, known_at), silence.ended_at) for silence in _ended_since(known_at)]


def made_in(spans: Sequence[Span], listed: Sequence[BoardPin], now: datetime) -> list[BoardPin]:
    """Return the pins of a board that were created in one of the spans."""
    skew = server_clock.skew(now)
    spans = [Span(span.began_at + skew - LEEWAY, span.ended_at + skew + LEEWAY) for span in spans]
    return [pin for pin in listed if any(span.began_at <= pin.created_at <= span.ended_at for span in spans)]


def _ended_since(known_at: datetime | F | OuterRef) -> QuerySet[Silence]:
    return Silence.objects.filter(ended_at__gt=known_at)


def _having_lost_spans(_: datetime) -> QuerySet[Pin, Any]:
    events = PinEvent.objects.filter(pin=OuterRef("pk"), kind__in=KNOWING_EVENTS).order_by("-at").values("at")
    pins = Pin.objects.filter(pk=ANY_KEY).alias(known_at=Coalesce(Subquery(events[:1]), F("created_at")))
    return pins.filter(Exists(_ended_since(OuterRef("known_at")))).values_list("pk")


_HAS_LOST_SPANS = Prepared(_having_lost_spans)
