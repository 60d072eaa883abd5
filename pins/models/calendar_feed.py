"""Links by which calendars of other programs read the plan."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from accounts.models import Membership, PinterestAccount, ScopedQuerySet


class CalendarFeedQuerySet(ScopedQuerySet):
    """The feeds of members."""

    workspace_path = "membership__workspace"


class CalendarFeed(models.Model):
    """A link to the plan for a calendar of a member. It goes with the membership; its token is stored nowhere."""

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="calendar_feeds")
    # Whose pins it has. NULL: those of all accounts.
    account = models.ForeignKey(PinterestAccount, on_delete=models.CASCADE, null=True, related_name="+")
    # SHA-256 of the token, which is random enough to need no salt.
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    # Of the form that has made it: sent twice, it makes one feed. NULL: it had none.
    form_token = models.UUIDField(null=True, blank=True, editable=False)

    objects = CalendarFeedQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["membership", "form_token"], name="calendar_feed_once_per_form")]

    def __str__(self) -> str:
        return f"Calendar feed of {self.membership.user}"
