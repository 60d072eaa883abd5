"""The exports of workspaces as jobs: asked for, built by one worker at a time, kept for a week.

The row is the job, as with pins: a builder claims it for a lease that it renews as it gets on, so one that dies or
hangs costs minutes. What goes into the file is no matter of this module (postiz_pins/data/export.py).
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone

from accounts.audit import services as audit
from accounts.models import AuditAction, Export, ExportStatus, NotificationKind, User, Workspace
from accounts.models.exports import ExportQuerySet, export_path, export_storage
from accounts.notifications import services as notifications
from postiz_pins import queueing
from postiz_pins.common.leases import LeaseLost
from postiz_pins.runtime import stopping
from postiz_pins.storage.base import MediaUnavailable, store_of
from postiz_pins.storage.folder import FolderStorage

log = logging.getLogger(__name__)

# Longer than a block of a file, or a query, takes on the slowest disk.
LEASE = timedelta(minutes=2)
RENEW_EVERY_SECONDS = 20.0
ATTEMPTS = 3
LIFE = timedelta(days=7)
# A file without a row that was not written to for so long belongs to no export.
ORPHAN_AGE = timedelta(hours=1)
# How we name the files, whole or not. The folder may hold others, which are none of our business.
OUR_FILE = re.compile(r"\d+/([\w-]{32}\.zip|\d+-[0-9a-f-]{36}\.part)", re.ASCII)
# For so long, an address in a bucket lets a download begin.
DOWNLOAD_SECONDS = 60
# What an export leaves free on the disk, which others need as well.
ROOM_BYTES = 512 * 1024**2

NO_LONGER = "This export has been deleted. Exports are kept for a week or until the next one. Start a new export."
GAVE_UP = "It couldn't be built after three attempts. Start a new export; if that fails too, tell your administrator."


class CannotBuild(Exception):
    """The export will not succeed by trying again; the message is a sentence for people."""


class NoFile(Exception):
    """There is nothing to download; the message is a sentence for people."""


def request_export(workspace: Workspace, *, by: User, now: datetime) -> tuple[Export, bool]:
    """Return the export in progress for the workspace, and whether this request has started it."""
    with transaction.atomic():
        export, is_new = Export.objects.under_way().get_or_create(
            workspace=workspace, defaults={"asked_by": by, "asked_at": now}
        )
        if is_new:
            audit.record(workspace.pk, AuditAction.EXPORTED, str(workspace), by=by, now=now, detail="Requested")
            queueing.send_on_commit("postiz_pins.tasks.build_exports")
    return export, is_new


def record_download(export: Export, *, by: User, now: datetime) -> None:
    """Record in the audit log that the export was downloaded."""
    detail = f"Downloaded the export of {export.asked_at:%Y-%m-%d %H:%M} UTC"
    audit.record(export.workspace_id, AuditAction.EXPORTED, str(export.workspace), by=by, now=now, detail=detail)


def address_of(export: Export, now: datetime, download_as: str) -> str:
    """Return where the zip file can be had for a minute, if it lies in a bucket.

    Raises NoFile.
    """
    _require_file(export, now)
    store, name = store_of(export.file), str(export.file.name)
    with _none_if_lost():
        address = store.address(name, DOWNLOAD_SECONDS, download_as=download_as)
        if address:
            store.size(name)
    return address


def open_file(export: Export, now: datetime) -> IO[bytes]:
    """Return the open zip file.

    Raises NoFile.
    """
    _require_file(export, now)
    with _none_if_lost():
        return store_of(export.file).stream(str(export.file.name))


def _require_file(export: Export, now: datetime) -> None:
    if not export.has_file(now):
        raise NoFile(NO_LONGER if export.has_expired(now) else "This export has no file to download.")


@contextmanager
def _none_if_lost() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise NoFile("The file of this export is no longer on the server. Start a new export.") from error
    except MediaUnavailable as error:
        raise NoFile("The file storage isn't available right now. Try again in a minute.") from error


def path_of_list(workspace_id: int) -> str:
    """Return the path of the page with the workspace's exports, whichever workspace its reader is in."""
    return f"{reverse('accounts:export_list')}?workspace={workspace_id}"


class ExportLease:
    """A worker's hold on one export."""

    def __init__(self, export: Export) -> None:
        self.export = export
        self._renewed_at = time.monotonic()

    def keep(self) -> None:
        """Renew the lease if that is due; to be called after each small step.

        Raises LeaseLost, also when this process is to stop: the next one starts over, and this was no failed attempt.
        """
        if stopping.is_requested():
            Export.objects.as_claimed(self.export).update(**ExportQuerySet.UNCLAIMED, attempts=F("attempts") - 1)
            raise LeaseLost
        if time.monotonic() - self._renewed_at >= RENEW_EVERY_SECONDS:
            self._write(claimed_until=timezone.now() + LEASE)
            self._renewed_at = time.monotonic()

    @contextmanager
    def file(self) -> Iterator[IO[bytes]]:
        """Yield the file to write, which becomes the export's if the block succeeds.

        It has another name until it is whole and on the disk. Raises LeaseLost.
        """
        folder = Path(settings.EXPORT_ROOT) / str(self.export.workspace_id)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for leftover in folder.glob(f"{self.export.pk}-*.part"):  # of a builder that has lost its claim
            leftover.unlink(missing_ok=True)
        part = folder / f"{self.export.pk}-{self.export.claim_token}.part"
        try:
            with part.open("xb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            self._finish(part)
        finally:
            part.unlink(missing_ok=True)

    def fail(self, sentence: str) -> None:
        """End the export as failed, and notify the user who requested it.

        Raises LeaseLost.
        """
        with transaction.atomic():
            self._write(status=ExportStatus.FAILED, error=sentence, **ExportQuerySet.UNCLAIMED)
            _tell(self.export, f"The export of “{self.export.workspace}” failed. {sentence}", timezone.now())

    def _finish(self, part: Path) -> None:
        now = timezone.now()
        self._write(claimed_until=now + LEASE)  # the worker that has taken over has removed the part
        size_bytes = part.stat().st_size
        name = export_path(self.export, "")
        store_of(export_storage()).take(part, name, "application/zip", self.keep)
        now = timezone.now()
        try:
            with transaction.atomic():
                self._write(
                    status=ExportStatus.READY,
                    file=name,
                    size_bytes=size_bytes,
                    ready_at=now,
                    expires_at=now + LIFE,
                    **ExportQuerySet.UNCLAIMED,
                )
                # One of them is enough: each may be as large as all media.
                older = Export.objects.filter(workspace=self.export.workspace_id, status=ExportStatus.READY)
                older.exclude(pk=self.export.pk).update(expires_at=now)
                size = filesizeformat(size_bytes).replace("\xa0", " ")
                _tell(self.export, f"The export of “{self.export.workspace}” is ready: {size}, kept for a week.", now)
        except LeaseLost:
            store_of(export_storage()).delete(name)
            raise

    def _write(self, **columns: object) -> None:
        Export.objects.write_claimed(self.export, **columns)


def claim_next(now: datetime) -> ExportLease | None:
    """Return the lease of the export that has waited longest; None if none waits, or one is being built.

    One at a time over all machines, so that copying files never keeps more than one worker busy.
    """
    with transaction.atomic():
        # The rows are locked in one order, so the second worker sees what the first has claimed.
        under_way = list(Export.objects.under_way().select_for_update().order_by("pk"))
        if any(export.is_claimed(now) for export in under_way):
            return None
        for export in under_way:
            if export.attempts < ATTEMPTS:
                return _claim(export, now)
            _give_up(export, now)
    return None


def require_room(size_bytes: int) -> None:
    """Raise CannotBuild if the disk of the exports has no room for so many bytes."""
    root = Path(settings.EXPORT_ROOT)
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    free_bytes = max(0, shutil.disk_usage(root).free - ROOM_BYTES)
    if size_bytes > free_bytes:
        raise CannotBuild(
            f"The media library takes up {filesizeformat(size_bytes)}, but the server has only"
            f" {filesizeformat(free_bytes)} left. Ask your administrator to free up space, then start a new export."
        )


def tidy(now: datetime) -> None:
    """Expire exports that are over a week old, and remove their files and files that belong to no export."""
    _expire(now)
    _remove_orphans(now)


def _claim(export: Export, now: datetime) -> ExportLease:
    columns = {"status": ExportStatus.BUILDING, "attempts": F("attempts") + 1}
    export.claim_token = Export.objects.filter(pk=export.pk).claim(now, now + LEASE, **columns)
    return ExportLease(export)


def _give_up(export: Export, now: datetime) -> None:
    log.error("Export %s was begun %s times and never finished", export.pk, export.attempts)
    Export.objects.filter(pk=export.pk).update(status=ExportStatus.FAILED, error=GAVE_UP, claim_token=None)
    _tell(export, f"The export of “{export.workspace}” failed. {GAVE_UP}", now)


def _tell(export: Export, text: str, now: datetime) -> None:
    path, who = path_of_list(export.workspace_id), [export.asked_by_id]
    notifications.notify(export.workspace_id, NotificationKind.WORKSPACE, text, path=path, now=now, users=who)


def _expire(now: datetime) -> None:
    over = Export.objects.filter(status=ExportStatus.READY, expires_at__lte=now)
    for export in over:
        if over.filter(pk=export.pk).update(status=ExportStatus.EXPIRED, file="") == 1:
            # A worker that dies here leaves an orphan.
            store_of(export.file).delete(str(export.file))


def _remove_orphans(now: datetime) -> None:
    """Return files of builders that were killed, and of workspaces that are gone."""
    root = Path(settings.EXPORT_ROOT)
    stored_names = set(Export.objects.exclude(file="").values_list("file", flat=True))
    # Parts are in the folder, whole files perhaps in a bucket.
    stores = [FolderStorage(location=root), *([export_storage()] if settings.S3_BUCKET else [])]
    for store in map(store_of, stores):
        for file in store.listed():
            is_orphan = OUR_FILE.fullmatch(file.name) and file.name not in stored_names
            if is_orphan and file.modified_at < now - ORPHAN_AGE:
                store.delete(file.name)
