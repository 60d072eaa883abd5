"""The moments of the week at which the queue of an account publishes (pins/queue/)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import PinterestAccount, ScopedQuerySet, Weekday


class PublishingTimeQuerySet(ScopedQuerySet):
    """Publishing times by the workspace of their account."""

    workspace_path = "account__workspace"


class PublishingTime(models.Model):
    """A time of one day of each week, as clocks in the workspace's zone show it. It holds no pin: pins have moments."""

    account = models.ForeignKey(PinterestAccount, on_delete=models.CASCADE, related_name="publishing_times")
    weekday = models.PositiveSmallIntegerField(choices=Weekday)
    time = models.TimeField()

    objects = PublishingTimeQuerySet.as_manager()

    class Meta:
        ordering = ["weekday", "time"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "weekday", "time"],
                name="publishing_time_once",
                violation_error_message="The account has this publishing time already.",
            ),
            models.CheckConstraint(condition=Q(weekday__in=Weekday.values), name="publishing_time_weekday_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.time:%H:%M}"
