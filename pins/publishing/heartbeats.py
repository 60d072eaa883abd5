"""Signs of life in the database. After a long silence it may be a copy, in which pins wait that have gone out since."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Greatest

from pins.models import LONGEST_SILENCE, Heartbeat, Silence

log = logging.getLogger(__name__)

# The clocks of two machines may differ by so much. A beat further ahead was written by a clock that has been put back.
MOST_AHEAD = timedelta(seconds=60)


def beat(name: str, now: datetime) -> None:
    """Notes that a process of this kind lives. After a silence, also that there was one."""
    is_heard = Q(beat_at__gt=now - LONGEST_SILENCE, beat_at__lte=now + MOST_AHEAD)
    rows = Heartbeat.objects.filter(pk=name)
    if rows.filter(is_heard).update(beat_at=Greatest("beat_at", now)):
        return
    if _end_silence(rows.exclude(is_heard), now):
        log.warning(
            "The %s was silent for more than %d s: boards are checked before due pins are published",
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
    return True
