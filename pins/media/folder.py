"""Whether MEDIA_ROOT, or the bucket in its place, is the media folder of this database.

A mount that was lost, or a second machine with a folder of its own, would fail every pin for want of its files. So a
marker file in the folder has an id that the database knows. It is made at the first start, also of an installation from
before there were markers.
"""

from __future__ import annotations

import uuid
from contextlib import suppress

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction

from pins.models import MediaFile, MediaFolder
from postiz_pins.storage.base import Store, store_of

NAME = "postiz-pins-media.txt"
# So many of the newest files are looked for before the folder of an older installation is believed.
SAMPLE = 20
# More than a marker has.
MARKER_BYTES = 1000


class WrongFolder(ImproperlyConfigured):
    """The folder does not belong to this database; the message is a sentence for operators."""


def require() -> None:
    """Make sure that the media folder belongs to this database, and mark it the first time.

    Raises WrongFolder, and what the database or the disk raises.
    """
    if _known() is None:
        _mark_first(_found())
    check()


def check() -> None:
    """Raise WrongFolder if the media folder does not belong to this database, or is not marked yet; write nothing."""
    expected = _known()
    if expected is None or expected != _found():
        raise WrongFolder(
            f"{name_of_place()} is not the media folder of this database: its file {NAME} is missing or belongs to"
            f" another database. {_remedy()} If you are sure that it is the right one, run python manage.py"
            f" adopt_media_folder"
        )


def adopt(store: Store | None = None) -> None:
    """Mark the media folder, or the one that is to become it, as that of this database, whatever its marker was."""
    marker = _known() or MediaFolder.objects.create().marker
    store = store or _store()
    store.delete(NAME)
    store.create(NAME, _text(marker))


def _mark_first(found: uuid.UUID | None) -> None:
    """Give this database an id, that of the marker if the folder has one, and the folder its marker."""
    if found is None and _has_lost_its_files():
        raise WrongFolder(
            f"{name_of_place()} has none of the newest media files in the database. {_remedy()} If the files are lost,"
            f" run python manage.py adopt_media_folder"
        )
    marker = found or _write(uuid.uuid4())
    with suppress(IntegrityError), transaction.atomic():
        MediaFolder.objects.create(marker=marker)
    if found is None and _known() != marker:
        _store().delete(NAME)  # another machine, with another folder, was faster


def _has_lost_its_files() -> bool:
    names = MediaFile.objects.filter(deleted_at=None).order_by("-pk").values_list("file", flat=True)[:SAMPLE]
    return bool(names) and not any(_store().exists(name) for name in names)


def _known() -> uuid.UUID | None:
    return MediaFolder.objects.values_list("marker", flat=True).first()


def _found() -> uuid.UUID | None:
    try:
        with _store().stream(NAME) as file:
            return uuid.UUID(file.read(MARKER_BYTES).decode().split()[0])
    except (FileNotFoundError, NotADirectoryError, IndexError, ValueError):
        return None


def _write(marker: uuid.UUID) -> uuid.UUID:
    """Write the marker, and return the one in the file afterwards: another's, if another process was faster."""
    with suppress(FileExistsError):
        _store().create(NAME, _text(marker))
    return _found() or marker


def _text(marker: uuid.UUID) -> str:
    return f"{marker}\nPostiz Pins recognizes its media folder by this file. Keep it with the others.\n"


def _store() -> Store:
    return store_of(default_storage)


def name_of_place() -> str:
    """Return where the media are, as the settings name it."""
    if settings.S3_BUCKET:
        return f"S3_BUCKET ({settings.S3_BUCKET}/{settings.S3_PREFIX}media)"
    return f"MEDIA_ROOT ({settings.MEDIA_ROOT})"


def _remedy() -> str:
    if settings.S3_BUCKET:
        return (
            "Set S3_BUCKET and S3_PREFIX to the right place, or run python manage.py move_media if the files are still"
            " in MEDIA_ROOT."
        )
    return "Mount or restore the right folder, or set MEDIA_ROOT."
