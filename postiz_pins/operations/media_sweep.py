"""Once a day: files of media that no row knows are removed, as a process that was killed may have left some."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.core.files.storage import default_storage

from pins.media import folder as media_folder
from pins.models import MediaFile
from postiz_pins.storage.base import StoredFile, batches, store_of

log = logging.getLogger(__name__)

# Longer than a file may be stored before its row is written.
ORPHAN_AGE = timedelta(hours=24)
# As models/media.py names them; a folder may hold others, which are none of our business.
OUR_FILE = re.compile(r"\d+/[\w-]{32}(-small)?\.\w+", re.ASCII)


def sweep(now: datetime) -> int:
    """Remove the files without a row that are over a day old, and uploads that ended halfway; return how many.

    Raises:
        WrongFolder: The files belong to another database.
        MediaUnavailable: The storage does not answer.
    """
    media_folder.check()
    store = store_of(default_storage)
    candidates = (each.name for each in store.listed() if _is_old_enough(each, now))
    removed = 0
    for names in batches(candidates):
        orphans = sorted(set(names) - _with_row(names))
        store.delete_many(orphans)
        removed += len(orphans)
    if settings.S3_BUCKET:
        from pins.direct_uploads import services as direct_uploads  # only where its packages are installed
        from postiz_pins.storage.multipart import abort_left_over

        removed += direct_uploads.sweep(now - ORPHAN_AGE) + abort_left_over(now - ORPHAN_AGE)
    if removed:
        log.info("Removed %d files of media that no row knows", removed)
    return removed


def _is_old_enough(file: StoredFile, now: datetime) -> bool:
    return OUR_FILE.fullmatch(file.name) is not None and file.modified_at < now - ORPHAN_AGE


def _with_row(names: Iterable[str]) -> set[str]:
    """Return those that a row needs: of a file that was deleted, only the thumbnail."""
    names = list(names)
    files = MediaFile.objects.filter(file__in=names, deleted_at=None).values_list("file", flat=True)
    thumbnails = MediaFile.objects.filter(thumbnail__in=names).values_list("thumbnail", flat=True)
    return {*files, *thumbnails}
