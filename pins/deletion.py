"""Deleting pins and media files for good, with their workspace or account (postiz_pins/data/deletion.py)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Min, Q, QuerySet
from django.utils import timezone

from accounts.deletion.execution import BATCH, empty_folder
from accounts.models import User, WebhookEvent, Workspace
from pins.lifecycle.signals import pins_changed
from pins.publishing.verification import MARGIN
from postiz_pins.storage.base import AT_ONCE, store_of

from .models import (
    UNSENT_STATUSES,
    UNSURE_STATUSES,
    BulkChange,
    DeletedPin,
    MediaFile,
    Pin,
    PinComment,
    PinEvent,
    PinFamily,
    PinImport,
    PinQuerySet,
    PinStatus,
)

# Each has attachments and a history that go in the same transaction.
PINS_AT_ONCE = 50
# Each has a thumbnail.
FILES_AT_ONCE = AT_ONCE // 2
# A pin that Pinterest may be creating is waited for, but not for ever: everything may stand still.
LONGEST_WAIT = timedelta(days=1)


def take_from_workers(pins: PinQuerySet) -> None:
    """Take the pins from their workers, who then find their claims lost.

    Their accounts are disconnected, so that no other worker takes them.
    """
    pins.filter(status__in=UNSENT_STATUSES, claim_token__isnull=False).release()


def next_pins(pins: PinQuerySet, now: datetime) -> list[int]:
    """Return the keys of some of the pins, the oldest first, without those that Pinterest may be creating.

    Their outcome is waited for, a day at most: as long as the row is there, no other pin with the same text is taken
    for it, and once Pinterest's id is known it is remembered.
    """
    is_settled = ~Q(status__in=UNSURE_STATUSES) | Q(sent_at__lt=now - LONGEST_WAIT)
    return list(pins.filter(is_settled).order_by("pk").values_list("pk", flat=True)[:PINS_AT_ONCE])


def delete_pins(pin_ids: list[int], remember_since: datetime) -> None:
    """Delete the pins with their attachments and histories, and remember those published since that moment."""
    with transaction.atomic():
        rows = Pin.objects.filter(pk__in=pin_ids)
        published = rows.filter(status=PinStatus.PUBLISHED, published_at__gte=remember_since)
        ids = published.values_list("pinterest_pin_id", flat=True)
        DeletedPin.objects.bulk_create((DeletedPin(pinterest_pin_id=each) for each in ids), ignore_conflicts=True)
        told = list(rows.order_by("pk").only("workspace"))
        pins_changed.send(Pin, happened=[(WebhookEvent.PIN_REMOVED, pin) for pin in told], now=timezone.now())
        rows.delete()


def remember_since(now: datetime) -> datetime:
    """Return the oldest moment at which a deleted pin could still be taken for an unconfirmed one.

    Whatever its workspace: only these ids are worth keeping (DeletedPin). They lead to no user and to no workspace.
    """
    oldest = Pin.objects.filter(sent_at__isnull=False).aggregate(oldest=Min("sent_at"))["oldest"]
    return min(oldest or now, now) - MARGIN


def delete_media_files(workspace: Workspace) -> Iterator[None]:
    """Delete the files of the library, then what else lies in the workspace's folder.

    The bytes go before the rows, which are all that remembers them: should this process die in between, the next one
    finds the rows, and deleting a file that is gone does no harm.
    """
    files = MediaFile.objects.in_workspace(workspace).order_by("pk")
    while batch := list(files[:FILES_AT_ONCE]):
        stored = [each for media in batch for each in (media.file, media.thumbnail) if each]
        store_of(default_storage).delete_many(str(each.name) for each in stored)
        MediaFile.objects.filter(pk__in=[media.pk for media in batch]).delete()
        yield
    yield from empty_folder(default_storage, str(workspace.pk))


def forget_user(user: User) -> Iterator[None]:
    """Remove the user from what stays the team's, yielding between batches."""
    for rows, column in (
        (Pin.objects.filter(created_by=user), "created_by"),
        (Pin.objects.filter(proposed_by=user), "proposed_by"),
        (PinEvent.objects.filter(by=user), "by"),
        (PinFamily.objects.filter(created_by=user), "created_by"),
        (BulkChange.objects.filter(created_by=user), "created_by"),
        (PinImport.objects.filter(created_by=user), "created_by"),
        (PinImport.objects.filter(started_by=user), "started_by"),
        (PinComment.objects.filter(author=user), "author"),
        (MediaFile.objects.filter(uploaded_by=user), "uploaded_by"),
    ):
        yield from _emptied(rows, column)


def _emptied(rows: QuerySet[Any], column: str) -> Iterator[None]:
    keys = rows.order_by().values_list("pk", flat=True)
    while batch := list(keys[:BATCH]):
        rows.filter(pk__in=batch).update(**{column: None})
        yield
