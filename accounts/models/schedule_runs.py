"""The last run of each of django-q2's schedules (task_queue/schedule_runs.py)."""

from __future__ import annotations

from django.db import models


class ScheduleRun(models.Model):
    """How a schedule's last run ended. Successful tasks are not kept otherwise: there are thousands a day."""

    # Of the schedule, which is the group of its tasks.
    name = models.CharField(max_length=100, unique=True)
    started_at = models.DateTimeField()
    stopped_at = models.DateTimeField()
    succeeded = models.BooleanField()

    def __str__(self) -> str:
        return f"{self.name} at {self.started_at:%Y-%m-%d %H:%M:%S}"

    @property
    def seconds(self) -> float:
        """Return how long the run took."""
        return (self.stopped_at - self.started_at).total_seconds()
