"""The permissions to post at the same moment."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models

from accounts.models import PinterestAccount
from postiz_pins.common.leases import LeaseQuerySet


class PostingSlotQuerySet(LeaseQuerySet):
    """Posting slots, which workers hold by a lease."""

    holder_column = "holder"
    until_column = "held_until"
    UNCLAIMED = {"holder": None, "held_until": None, "account": None, "is_uploading": False, "process": ""}

    def in_use(self, now: datetime) -> Self:
        """Return the slots that are held at `now`, of those that the settings allow."""
        return self.claimed(now).filter(number__lt=settings.PINTEREST_MAX_CONCURRENT_POSTS)


class PostingSlot(models.Model):
    """One of the PINTEREST_MAX_CONCURRENT_POSTS permissions to post at the same moment, over all machines."""

    number = models.PositiveSmallIntegerField(primary_key=True)
    holder = models.UUIDField(null=True)
    # The process that holds it (publishing/processes.py). Empty: none does, or nothing can be known of that process.
    process = models.CharField(max_length=80, blank=True, default="", db_default="", editable=False)
    # End of the lease. NULL or past: the slot is free.
    held_until = models.DateTimeField(null=True)
    # The account whose pin was posted under this slot last; NULL before the first and once it is free.
    account = models.ForeignKey(PinterestAccount, on_delete=models.SET_NULL, null=True, related_name="+")
    # Whether a video is being sent under it (PINTEREST_MAX_CONCURRENT_UPLOADS).
    is_uploading = models.BooleanField(default=False, db_default=False, editable=False)

    objects = models.Manager.from_queryset(PostingSlotQuerySet)()

    def __str__(self) -> str:
        return f"Slot {self.number}"
