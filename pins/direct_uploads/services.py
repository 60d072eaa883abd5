"""An upload in parts, from its first request to its row; urls.py imports this only where there is a bucket."""

from __future__ import annotations

import logging
import uuid
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path, PurePath
from typing import cast

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction

from accounts.models import User, Workspace
from pins import limits
from pins.media.file_types import FileKind
from pins.media.inspection import MediaRefused, empty_file, too_large, work_folder
from pins.media.quota import require_space
from pins.media.storage import refused_while_unavailable, store_upload
from pins.models import MediaFile, PendingUpload
from postiz_pins.common.text import strip_nul
from postiz_pins.storage.bucket import BucketStorage
from postiz_pins.storage.multipart import Parts

log = logging.getLogger(__name__)


class FetchedFile(File):
    """A copy on the disk of what has arrived in the bucket."""

    def __init__(self, path: Path, name: str) -> None:
        super().__init__(path.open("rb"), name)
        self._path = path

    def temporary_file_path(self) -> str:
        """Return where it is."""
        return str(self._path)


@refused_while_unavailable()
def begin(workspace: Workspace, by: User, name: str, size_bytes: int) -> PendingUpload:
    """Return a new upload.

    Raises MediaRefused if nothing of that size is accepted, or the workspace has no space left for it.
    """
    name = strip_nul(PurePath(name or "file").name)[-255:]
    if size_bytes < 1:
        raise empty_file(name)
    if size_bytes > limits.VIDEO_BYTES:
        raise too_large(FileKind.MP4, name, size_bytes)
    with transaction.atomic():
        require_space(workspace, name, size_bytes)
    pk = uuid.uuid4()
    parts = Parts.begin(_store().key(str(pk)), size_bytes)
    return PendingUpload.objects.create(
        pk=pk,
        workspace=workspace,
        by=by,
        name=name,
        size_bytes=size_bytes,
        key=parts.key,
        upload_id=parts.upload_id,
    )


def parts_of(upload: PendingUpload) -> Parts:
    """Return the parts in which it arrives."""
    return Parts(upload.key, upload.upload_id, upload.size_bytes)


@refused_while_unavailable()
def finish(upload: PendingUpload) -> MediaFile:
    """Return the media file of an upload all of whose parts have arrived, or the one that it became before.

    Raises MediaRefused if a part is missing, or as for any other upload.
    """
    if upload.media is not None:
        return upload.media
    store = _store()
    try:
        parts_of(upload).complete()
        with work_folder() as folder:
            path = store.fetch(str(upload.pk), folder)
            with FetchedFile(path, upload.name) as file:
                copy = partial(cast(BucketStorage, default_storage).copy, upload.key)
                media = store_upload(file, workspace=upload.workspace, by=upload.by, copy=copy)
    except FileNotFoundError as error:
        upload.refresh_from_db()
        if upload.media is not None:  # another request was faster
            return upload.media
        sentence = f"“{upload.name}” has not arrived completely. Upload it again."
        raise MediaRefused("upload_incomplete", sentence) from error
    except MediaRefused as refusal:
        if refusal.code != "storage_unavailable":  # the same bytes would be refused again
            drop(upload)
        raise
    PendingUpload.objects.filter(pk=upload.pk).update(media=media)
    with suppress(OSError):  # the sweep removes what stays
        store.delete(str(upload.pk))
    return media


def drop(upload: PendingUpload) -> None:
    """Forget the upload and its bytes."""
    with suppress(OSError):  # the sweep removes what stays
        parts_of(upload).abort()
        _store().delete(str(upload.pk))
    upload.delete()


def sweep(before: datetime) -> int:
    """Remove uploads that began before that moment, and objects that no row knows anymore; return how many."""
    removed = 0
    for upload in PendingUpload.objects.filter(begun_at__lt=before):
        drop(upload)
        removed += 1
    store = _store()
    names = [each.name for each in store.listed() if each.modified_at < before]
    store.delete_many(names)
    return removed + len(names)


def _store() -> BucketStorage:
    return BucketStorage(f"{settings.S3_PREFIX}incoming", is_private=True)
