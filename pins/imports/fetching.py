"""Fetches what the rows of an import name: each address once, two at a time, and one at a time from each server."""

from __future__ import annotations

import logging
from collections import defaultdict, deque
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.utils import timezone

from accounts.connections import section_sync
from accounts.models import User
from pins.media import editing, remote
from pins.media.storage import MediaRefused, store_upload
from pins.media.uploads import IncomingFile
from pins.models import MediaFile, PinImportMedia
from postiz_pins.database.full_disk import is_full_disk

from .checking import plans_of
from .lookups import media_key

if TYPE_CHECKING:
    from .jobs import ImportLease

log = logging.getLogger(__name__)

AT_ONCE = 2
# How long it may wait for a file before the lease is renewed.
PATIENCE_SECONDS = 10
NO_VIDEO = "The video of this frame isn't there, so the frame can't be taken. Correct the video's address first."
FULL = "The server's disk is full, so the file couldn't be stored. Ask your administrator, then try again."


def fetch(lease: ImportLease, *, by: User) -> bool:
    """Fetch what is waiting: files, then frames of videos, then sections of boards.

    Return whether nothing is left; False: the turn is over. Raises LeaseLost.
    """
    _read_sections(lease)
    return _fetch_files(lease, by=by) and _take_frames(lease, by=by)


def _fetch_files(lease: ImportLease, *, by: User) -> bool:
    waiting: dict[str, deque[PinImportMedia]] = defaultdict(deque)
    for media in lease.pin_import.media.waiting().filter(at_seconds=None).order_by("pk"):
        waiting[_host(media.address)].append(media)
    running: dict[Future[IncomingFile], tuple[str, PinImportMedia]] = {}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while True:
            busy = {host for host, _ in running.values()}
            free = [host for host, each in waiting.items() if each and host not in busy]
            while free and len(running) < AT_ONCE and not lease.is_over:
                host = free.pop(0)
                media = waiting[host].popleft()
                running[pool.submit(remote.fetch_link, media.address)] = host, media
            if not running:
                break
            done, _ = wait(running, timeout=PATIENCE_SECONDS, return_when=FIRST_COMPLETED)
            for future in done:
                _, media = running.pop(future)
                _store(media, future, lease, by=by)
            lease.keep()
    return not any(waiting.values())


def _store(media: PinImportMedia, future: Future[IncomingFile], lease: ImportLease, *, by: User) -> None:
    try:
        with future.result() as incoming:
            stored = store_upload(incoming, workspace=lease.pin_import.workspace, by=by)
    except MediaRefused as refused:
        _write(media, code=refused.code, message=refused.message)
    except OSError as error:
        if not is_full_disk(error):
            raise
        log.exception("A file of import %s could not be stored", lease.pin_import.pk)
        _write(media, code="media_not_stored", message=FULL)
    else:
        _write(media, media_file=stored)


def _write(media: PinImportMedia, *, code: str = "", message: str = "", media_file: MediaFile | None = None) -> None:
    PinImportMedia.objects.filter(pk=media.pk).update(code=code, message=message, media=media_file)


def _take_frames(lease: ImportLease, *, by: User) -> bool:
    """Take frames of videos that are there by now; frames become known only then (checking.py)."""
    from . import services

    services.check_again(lease.pin_import, timezone.now())
    for media in lease.pin_import.media.waiting().filter(at_seconds__isnull=False).order_by("pk"):
        if lease.is_over:
            return False
        video = _video_of(media)
        if video is None:
            _write(media, code="cover_missing", message=NO_VIDEO)
            continue
        try:
            _write(media, media_file=editing.frame_as_cover(video, media.at_seconds or 0, by))
        except MediaRefused as refused:
            _write(media, code=refused.code, message=refused.message)
        lease.keep()
    return True


def _video_of(media: PinImportMedia) -> MediaFile | None:
    of_address = media.pin_import.media.filter(key=media_key(media.address), media__isnull=False)
    known = of_address.select_related("media__workspace").first()
    if known is not None:
        return known.media
    named = MediaFile.objects.in_workspace(media.pin_import.workspace).in_library()
    return named.filter(original_name=media.address, kind="video").select_related("workspace").first()


def _read_sections(lease: ImportLease) -> None:
    """Fetch the sections of boards that are named with one and were never asked for theirs."""
    pin_import = lease.pin_import
    plans = plans_of(pin_import, list(pin_import.rows.open()), timezone.now())
    boards = {plan.unread_board.pk: plan.unread_board for plan in plans if plan.unread_board is not None}
    for board in boards.values():
        if lease.is_over:
            return
        section_sync.sync_sections(board)
        lease.keep()


def _host(address: str) -> str:
    with suppress(ValueError):
        return (urlsplit(address).hostname or "").lower()
    return ""
