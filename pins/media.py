"""Takes files into the media library: each is there once, whatever its name."""

from __future__ import annotations

import hashlib
from functools import partial
from pathlib import Path, PurePath

from django.core.files.base import File
from django.db import IntegrityError, transaction

from accounts.models import User, Workspace

from .models import MediaFile
from .reading import MediaRefused, Reading, empty_file, read_upload, work_folder

__all__ = ["MediaRefused", "store_reading", "store_upload"]


class FileOnDisk(File):
    """A file that a storage on the same disk may take by renaming it, as it does with uploads."""

    def temporary_file_path(self) -> str:
        return str(self.name)


def store_upload(upload: File, *, workspace: Workspace, by: User | None) -> MediaFile:
    """The media file for `upload`: a new one, or the one that has held the same bytes before.

    Raises MediaRefused if it is nothing that Pinterest takes: JPG or PNG up to 20 MB (WebP and HEIC are converted),
    MP4 up to 2 GB."""
    name = PurePath(upload.name or "file").name.replace("\0", "")[-255:]
    if not upload.size:
        raise empty_file(name)
    sha256 = _sha256(upload)
    known = MediaFile.objects.in_workspace(workspace).filter(sha256=sha256).first()
    if known is not None and known.deleted_at is None and known.file.storage.exists(str(known.file.name)):
        return known
    with work_folder() as folder:
        source = _path_of(upload, folder)
        reading = read_upload(source, folder, name)
        return store_reading(reading, reading.content(source), name=name, workspace=workspace, by=by, sha256=sha256)


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
    whose file was lost, gets its file back."""
    with FileOnDisk(content.open("rb")) as stored, FileOnDisk(reading.thumbnail.open("rb")) as thumbnail:
        sha256 = sha256 or _sha256(stored)
        same_file = MediaFile.objects.in_workspace(workspace).filter(sha256=sha256)
        media = same_file.first() or MediaFile(
            workspace=workspace, sha256=sha256, uploaded_by=by, original=original, alt_text=alt_text
        )
        replaced = [partial(old.storage.delete, str(old.name)) for old in (media.file, media.thumbnail) if old]
        media.kind = reading.kind
        media.original_name = name
        media.content_type = reading.content_type
        media.width, media.height = reading.width, reading.height
        media.size_bytes = stored.size
        media.duration_seconds, media.video_codec = reading.duration_seconds, reading.video_codec
        media.dominant_color = reading.dominant_color
        media.deleted_at = None
        stored.seek(0)
        media.file.save(name, stored, save=False)
        media.thumbnail.save(name, thumbnail, save=False)
    try:
        with transaction.atomic():
            media.save()
            for remove in replaced:
                transaction.on_commit(remove)
    except IntegrityError:  # the same file came in twice at the same moment
        media.file.delete(save=False)
        media.thumbnail.delete(save=False)
        return same_file.get()
    return media
