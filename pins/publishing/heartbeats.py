"""Signs of life in the database, and what may have been published without it knowing.

A restored backup, which has lost all that came after it, looks like a database whose processes stood still: either way
no clock was heard in that time. So boards are searched for pins that were due in it, and for pins of which nothing has
been written since: a user may have published them early, or tried them again.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest

from pins.models import LONGEST_SILENCE, Heartbeat, Pin, PinEvent, PinEventKind, Silence
from postiz_pins.database.prepared_queries import ANY_KEY, Prepared
from postiz_pins.pinterest import server_clock
from postiz_pins.pinterest.client import BoardPin

log = logging.getLogger(__name__)

# The clocks of two machines may differ by so much. A beat further ahead was written by a clock that has been put back.
MOST_AHEAD = timedelta(seconds=60)
# What workers note after they have looked whether the pin was published in a lost time.
KNOWING_EVENTS = (PinEventKind.UPLOADING, PinEventKind.PROCESSING, PinEventKind.SENDING)
# No older backup is expected to be restored; a longer list of a board's pins would have to be read for it.
REMEMBERED = timedelta(days=30)
# Pinterest's clock and ours may differ by so much, and a request may be on its way when a process dies.
LEEWAY = timedelta(seconds=60)


class Span(NamedTuple):
    """A time from its beginning to its end."""

    began_at: datetime
    ended_at: datetime


def beat(name: str, now: datetime) -> None:
    """Record that a process of this kind lives, and after a silence that there was one."""
    is_heard = Q(beat_at__gt=now - LONGEST_SILENCE, beat_at__lte=now + MOST_AHEAD)
    rows = Heartbeat.objects.filter(pk=name)
    if rows.filter(is_heard).update(beat_at=Greatest("beat_at", now)):
        return
    if _end_silence(rows.exclude(is_heard), now):
        log.warning(
            "The %s was not running for more than %d s: boards are checked before due pins are published",
            name,
            LONGEST_SILENCE.total_seconds(),
        )
    else:  # the first beat of all
        Heartbeat.objects.bulk_create([Heartbeat(name=name, beat_at=now)], ignore_conflicts=True)


@transaction.atomic
def _end_silence(rows: QuerySet[Heartbeat], now: datetime) -> bool:
    """Note when the last silence began and that it ends `now`. False: there was none, or another process was faster."""
    last_beat_at = rows.values_list("beat_at", flat=True).first()
    if last_beat_at is None or not rows.filter(beat_at=last_beat_at).update(beat_at=now, resumed_at=now):
        return False
    Silence.objects.create(began_at=min(last_beat_at, now), ended_at=now)
    Silence.objects.filter(ended_at__lt=now - REMEMBERED).delete()
    return True


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
