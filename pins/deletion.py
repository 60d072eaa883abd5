"""Erasing pins and media files for good, once a workspace or an account is to be deleted
(postiz_pins/data/deletion.py)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Min, Q, QuerySet

from accounts.deletion.execution import BATCH, empty_folder
from accounts.models import User, Workspace
from pins.publishing.verification import MARGIN

from .models import UNSENT_STATUSES, UNSURE_STATUSES, DeletedPin, MediaFile, Pin, PinEvent, PinQuerySet, PinStatus

# Each has attachments and a history that go in the same transaction.
PINS_AT_ONCE = 50
FILES_AT_ONCE = 50
# A pin that Pinterest may be creating is waited for, but not for ever: everything may stand still.
LONGEST_WAIT = timedelta(days=1)


def take_from_workers(pins: PinQuerySet) -> None:
    """Whoever is about to send one of the pins finds the claim lost, and does not. Their accounts are disconnected, so
    that nobody else takes them."""
    pins.filter(status__in=UNSENT_STATUSES, claim_token__isnull=False).release()


def next_pins(pins: PinQuerySet, now: datetime) -> list[int]:
    """The keys of some of the pins, the oldest first, without those that Pinterest may be creating at this moment.

    Their outcome is waited for, a day at most: as long as the row is there, no other pin with the same words is taken
    for it, and once Pinterest's id is known it is remembered."""
    is_settled = ~Q(status__in=UNSURE_STATUSES) | Q(sent_at__lt=now - LONGEST_WAIT)
    return list(pins.filter(is_settled).order_by("pk").values_list("pk", flat=True)[:PINS_AT_ONCE])


def delete_pins(pin_ids: list[int], remember_since: datetime) -> None:
    """Deletes the pins with their attachments and histories; those published since that moment are remembered."""
    with transaction.atomic():
        rows = Pin.objects.filter(pk__in=pin_ids)
        published = rows.filter(status=PinStatus.PUBLISHED, published_at__gte=remember_since)
        ids = published.values_list("pinterest_pin_id", flat=True)
        DeletedPin.objects.bulk_create((DeletedPin(pinterest_pin_id=each) for each in ids), ignore_conflicts=True)
        rows.delete()


def remember_since(now: datetime) -> datetime:
    """The moment since which a pin of Pinterest's could be taken for one that is in doubt, in whatever workspace: only
    these ids are worth keeping (DeletedPin). They lead to no person and to no workspace."""
    oldest = Pin.objects.filter(sent_at__isnull=False).aggregate(oldest=Min("sent_at"))["oldest"]
    return min(oldest or now, now) - MARGIN


def delete_media_files(workspace: Workspace) -> Iterator[None]:
    """Deletes the files of the library, then what else lies in the workspace's folder.

    The bytes go before the rows, which are all that remembers them: should this process die in between, the next one
    finds the rows, and deleting a file that is gone does no harm."""
    files = MediaFile.objects.in_workspace(workspace).order_by("pk")
    while batch := list(files[:FILES_AT_ONCE]):
        for media in batch:
            for stored in (media.file, media.thumbnail):
                if stored:
                    stored.storage.delete(str(stored.name))
        MediaFile.objects.filter(pk__in=[media.pk for media in batch]).delete()
        yield
    yield from empty_folder(default_storage, str(workspace.pk))


def forget_user(user: User) -> Iterator[None]:
    """Takes the person's name from what stays the team's, which may be many rows."""
    for rows, column in (
        (Pin.objects.filter(created_by=user), "created_by"),
        (Pin.objects.filter(proposed_by=user), "proposed_by"),
        (PinEvent.objects.filter(by=user), "by"),
        (MediaFile.objects.filter(uploaded_by=user), "uploaded_by"),
    ):
        yield from _emptied(rows, column)


def _emptied(rows: QuerySet[Any], column: str) -> Iterator[None]:
    keys = rows.order_by().values_list("pk", flat=True)
    while batch := list(keys[:BATCH]):
        rows.filter(pk__in=batch).update(**{column: None})
        yield
