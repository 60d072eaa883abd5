"""Takes files into the media library: each is there once, whatever its name."""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import partial
from pathlib import Path, PurePath

from django.core.files.base import File
from django.db import IntegrityError, transaction

from accounts.models import User, Workspace
from pins.models import MediaFile
from postiz_pins.common.text import strip_nul

from .inspection import MediaRefused, Reading, empty_file, read_upload, work_folder
from .quota import require_space

__all__ = ["MediaRefused", "now_in_library", "store_reading", "store_upload"]


class FileOnDisk(File):
    """A file that a storage on the same disk may take by renaming it, as it does with uploads."""

    def temporary_file_path(self) -> str:
        return str(self.name)


def store_upload(upload: File, *, workspace: Workspace, by: User | None) -> MediaFile:
    """The media file for `upload`: a new one, or the one that has held the same bytes before.

    Raises MediaRefused if it is nothing that Pinterest takes: JPG or PNG up to 20 MB (WebP and HEIC are converted),
    MP4 up to 2 GB; or if the workspace has no space left for it."""
    name = strip_nul(PurePath(upload.name or "file").name)[-255:]
    if not upload.size:
        raise empty_file(name)
    sha256 = _sha256(upload)
    known = _in_order(workspace, sha256)
    if known is not None:
        return known
    with work_folder() as folder:
        source = _path_of(upload, folder)
        reading = read_upload(source, folder, name)
        return store_reading(reading, reading.content(source), name=name, workspace=workspace, by=by, sha256=sha256)


def now_in_library(media: MediaFile, arrived_at: datetime) -> str:
    """What became of a file that arrived at this moment, for the person who sent it."""
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
) -> MediaFile:
    """The media file of what the reader has read or made; `content` is moved into the storage.

    `sha256` is that of the uploaded bytes; a file that was made here is known by its own. A row that was deleted, or
    whose file was lost, gets its file back; one that is in order stays as it is, because its address is in use."""
    with FileOnDisk(content.open("rb")) as stored, FileOnDisk(reading.thumbnail.open("rb")) as thumbnail:
        sha256 = sha256 or _sha256(stored)
        known = _in_order(workspace, sha256)
        if known is not None:
            return known
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
            size_bytes=stored.size,
            duration_seconds=reading.duration_seconds,
            video_codec=reading.video_codec,
            dominant_color=reading.dominant_color,
            is_first_frame=reading.is_first_frame,
        )
        stored.seek(0)
        media.file.save(name, stored, save=False)
        media.thumbnail.save(name, thumbnail, save=False)
    try:
        kept = _save(media)
    except MediaRefused:  # no space is left for it
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
    media.file.delete(save=False)
    media.thumbnail.delete(save=False)


@transaction.atomic
def _save(media: MediaFile) -> MediaFile:
    """Writes the row, over the one that has lost its file if there is one. The answer is another row if that one has
    got its file back at this very moment. Raises MediaRefused if the workspace has no space left."""
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
        for old in (before.file, before.thumbnail):
            transaction.on_commit(partial(old.storage.delete, str(old.name)))
    media.save()
    return media


def _in_order(workspace: Workspace, sha256: str) -> MediaFile | None:
    """The file of the library with these bytes, if nothing has become of it."""
    media = MediaFile.objects.in_workspace(workspace).filter(sha256=sha256).first()
    return media if media is not None and _is_in_order(media) else None


def _is_in_order(media: MediaFile) -> bool:
    return media.deleted_at is None and media.file.storage.exists(str(media.file.name))
