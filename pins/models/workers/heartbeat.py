"""When the database heard last of a process that should never be silent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db import models
from django.db.models import Case, F, Subquery, Value, When
from django.db.models.functions import Coalesce, Greatest

# The one that says when pins fall due (manage.py clock). It beats each second.
CLOCK = "clock"
# What happened in a longer silence is unknown: perhaps the database is a copy from before it.
LONGEST_SILENCE = timedelta(seconds=10)
# A pin that is so much later than it should be is looked for first, whatever has kept it.
LONG_LATE = timedelta(minutes=15)

_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class Heartbeat(models.Model):
    """The last sign of life of all processes of one kind, and where their last silence ended."""

    name = models.CharField(max_length=40, primary_key=True)
    beat_at = models.DateTimeField()
    # When something was heard again after the last silence. NULL: there was none since the first beat.
    resumed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class Silence(models.Model):
    """A time in which no clock was heard.

    If the database is a copy from when it began, it knows nothing of what was published until it ended
    (publishing/heartbeats.py).
    """

    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["began_at"]

    def __str__(self) -> str:
        return f"{self.began_at:%Y-%m-%d %H:%M:%S} to {self.ended_at:%Y-%m-%d %H:%M:%S}"


class ProcessKind(models.TextChoices):
    """The programs of the Procfile without which an installation does not work."""

    WEB = "web"
    CLOCK = "clock"
    CLUSTER = "cluster"


class RunningProcess(models.Model):
    """A process of this installation, on whichever machine, as it reports itself (postiz_pins/operations)."""

    id = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=10, choices=ProcessKind)
    host = models.CharField(max_length=255)
    pid = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    beat_at = models.DateTimeField()
    # The limits on posting by which it works, by the names of their settings: all machines should have the same.
    limits = models.JSONField(default=dict)

    class Meta:
        ordering = ["kind", "host", "pid"]

    def __str__(self) -> str:
        return f"{self.kind} on {self.host} (process {self.pid})"


def well_known_since(now: datetime) -> Greatest:
    """Return, as an expression, the moment since which every pin that fell due certainly has not gone out yet.

    What was due before is `PinQuerySet.overdue`: the clock was silent since, or it is very late.
    """
    moment = models.DateTimeField()
    is_heard = When(beat_at__gt=now - LONGEST_SILENCE, then=F("resumed_at"))
    clock = Heartbeat.objects.filter(pk=CLOCK).values_list(Case(is_heard, default=Value(now), output_field=moment))
    # Without a row no clock has ever run, so nothing can have been missed.
    resumed_at = Coalesce(Subquery(clock), Value(_LONG_AGO, moment))
    return Greatest(resumed_at, Value(now - LONG_LATE, moment))
