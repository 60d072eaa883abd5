"""Takes files into the media library: each is there once, whatever its name."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial
from pathlib import Path, PurePath

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction

from accounts.models import User, Workspace
from pins.models import MediaFile
from pins.models.media import THUMBNAIL_CONTENT_TYPE, media_path, thumbnail_path
from postiz_pins.common.text import strip_nul
from postiz_pins.storage.base import MediaUnavailable, store_of

from .inspection import MediaRefused, Reading, empty_file, read_upload, work_folder
from .quota import require_space

__all__ = ["MediaRefused", "now_in_library", "store_reading", "store_upload"]

log = logging.getLogger(__name__)

UNAVAILABLE = "storage_unavailable"


@contextmanager
def refused_while_unavailable() -> Iterator[None]:
    """Raise MediaRefused for a storage that does not answer."""
    try:
        yield
    except MediaUnavailable as error:
        log.warning("A file was not stored: %s", error)
        sentence = "The file storage isn't available right now, so the file wasn't saved. Try again in a minute."
        raise MediaRefused(UNAVAILABLE, sentence) from error


@refused_while_unavailable()
def store_upload(
    upload: File, *, workspace: Workspace, by: User | None, copy: Callable[[str, str], None] | None = None
) -> MediaFile:
    """Return the media file for `upload`: a new one, or the one with the same bytes.

    `copy` stores the uploaded bytes under a name and with a type, if the storage has them already.

    Raises MediaRefused if Pinterest does not accept it: JPG or PNG up to 20 MB (WebP and HEIC are converted), MP4 up to
    2 GB; if the workspace has no space left for it; or if the storage does not answer.
    """
    name = strip_nul(PurePath(upload.name or "file").name)[-255:]
    if not upload.size:
        raise empty_file(name)
    sha256 = _sha256(upload)
    existing = _in_order(workspace, sha256)
    if existing is not None:
        return existing
    with work_folder() as folder:
        source = _path_of(upload, folder)
        reading = read_upload(source, folder, name)
        content = reading.content(source)
        return store_reading(
            reading,
            content,
            name=name,
            workspace=workspace,
            by=by,
            sha256=sha256,
            copy=copy if content == source else None,  # else it was converted
        )


def now_in_library(media: MediaFile, arrived_at: datetime) -> str:
    """Return a sentence about a file that arrived at this moment, for the user who uploaded it."""
    was_there = media.uploaded_at < arrived_at
    return f"“{media}” {'is already in your library' if was_there else 'uploaded'}."


def _sha256(file: File) -> str:
    """Read in blocks: a video may have 2 GB."""
    digest = hashlib.sha256()
    for block in file.chunks():
        digest.update(block)
    return digest.hexdigest()


def _path_of(upload: File, folder: Path) -> Path:
    if hasattr(upload, "temporary_file_path"):
        return Path(upload.temporary_file_path())
    path = folder / "upload"
    with path.open("wb") as copy:
        for block in upload.chunks():
            copy.write(block)
    return path


@refused_while_unavailable()
def store_reading(
    reading: Reading,
    content: Path,
    *,
    name: str,
    workspace: Workspace,
    by: User | None,
    sha256: str = "",
    original: MediaFile | None = None,
    alt_text: str = "",
    copy: Callable[[str, str], None] | None = None,
) -> MediaFile:
    """Return the media file of what the reader has read or made; `content` is moved into the storage, if not copied.

    `sha256` is that of the uploaded bytes; a file that was made here is known by its own. A row that was deleted, or
    whose file was lost, gets its file back; one that is in order stays as it is, because its address is in use.
    """
    if not sha256:
        with File(content.open("rb")) as made:
            sha256 = _sha256(made)
    existing = _in_order(workspace, sha256)
    if existing is not None:
        return existing
    media = MediaFile(
        workspace=workspace,
        sha256=sha256,
        uploaded_by=by,
        original=original,
        alt_text=alt_text,
        kind=reading.kind,
        original_name=name,
        content_type=reading.content_type,
        width=reading.width,
        height=reading.height,
        size_bytes=content.stat().st_size,
        duration_seconds=reading.duration_seconds,
        video_codec=reading.video_codec,
        dominant_color=reading.dominant_color,
        is_first_frame=reading.is_first_frame,
    )
    media.file, media.thumbnail = media_path(media, name), thumbnail_path(media, name)
    store = store_of(default_storage)
    try:
        if copy is not None:
            copy(str(media.file.name), media.content_type)
        else:
            store.take(content, str(media.file.name), media.content_type)
        store.take(reading.thumbnail, str(media.thumbnail.name), THUMBNAIL_CONTENT_TYPE)
        kept = _save(media)
    except (MediaRefused, OSError):  # no space is left for it, by the quota or on the disk
        with suppress(OSError):
            _remove_files(media)
        raise
    except IntegrityError:  # the same new file came in twice at the same moment, or the workspace is gone
        twin = MediaFile.objects.in_workspace(workspace).filter(sha256=sha256).first()
        if twin is None:
            _remove_files(media)
            raise
        kept = twin
    if kept is not media:
        _remove_files(media)
    return kept


def _remove_files(media: MediaFile) -> None:
    store_of(media.file).delete_many([str(media.file.name), str(media.thumbnail.name)])


@transaction.atomic
def _save(media: MediaFile) -> MediaFile:
    """Write the row, over the one that has lost its file if there is one, and return it.

    Returns another row if that one has got its file back at this very moment. Raises MediaRefused if the workspace has
    no space left.
    """
    rows = MediaFile.objects.in_workspace(media.workspace).filter(sha256=media.sha256)
    before = rows.select_for_update().first()
    if before is not None and _is_in_order(before):
        return before
    require_space(media.workspace, media.original_name, media.size_bytes, without=before.pk if before else None)
    if before is not None:
        media.pk, media.uploaded_by, media.original, media.alt_text = (
            before.pk,
            before.uploaded_by,
            before.original,
            before.alt_text,
        )
        transaction.on_commit(partial(_remove_files, before))
    media.save()
    return media


def _in_order(workspace: Workspace, sha256: str) -> MediaFile | None:
    """Return the library's file with these bytes, if it was neither deleted nor lost."""
    media = MediaFile.objects.in_workspace(workspace).filter(sha256=sha256).first()
    return media if media is not None and _is_in_order(media) else None


def _is_in_order(media: MediaFile) -> bool:
    return media.deleted_at is None and store_of(media.file).exists(str(media.file.name))
