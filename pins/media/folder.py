"""Is this the media folder of this database? A mount that was lost, or a second machine with a folder of its own, would
fail every pin for want of its files.

A marker file in the folder has an id that the database knows. It is made at the first start, also of an installation
from before there were markers."""

from __future__ import annotations

import os
import tempfile
import uuid
from contextlib import suppress
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, transaction

from pins.models import MediaFile, MediaFolder

NAME = "postiz-pins-media.txt"
# So many of the newest files are looked for before the folder of an older installation is believed.
SAMPLE = 20


class WrongFolder(ImproperlyConfigured):
    """The folder does not belong to this database; the message is a sentence for operators."""


def require() -> None:
    """Makes sure that MEDIA_ROOT belongs to this database, and marks it the first time.

    Raises WrongFolder, and what the database or the disk raises."""
    if _known() is None:
        _mark_first(_found())
    check()


def check() -> None:
    """Raises WrongFolder if MEDIA_ROOT does not belong to this database, or has not been marked yet; writes nothing."""
    known = _known()
    if known is None or known != _found():
        raise WrongFolder(
            f"MEDIA_ROOT ({settings.MEDIA_ROOT}) is not the media folder of this database: its file {NAME} is"
            f" missing or belongs to another database. Mount or restore the right folder, or set MEDIA_ROOT. If you"
            f" are sure that it is the right one, run python manage.py adopt_media_folder"
        )


def adopt() -> None:
    """Marks MEDIA_ROOT as the folder of this database, whatever was known."""
    known = _known() or MediaFolder.objects.create().marker
    _path().unlink(missing_ok=True)
    _write(known)


def _mark_first(found: uuid.UUID | None) -> None:
    """Gives this database an id, that of the marker if the folder has one, and the folder its marker."""
    if found is None and _has_lost_its_files():
        raise WrongFolder(
            f"MEDIA_ROOT ({settings.MEDIA_ROOT}) has none of the newest media files in the database. Mount or"
            f" restore the right folder, or set MEDIA_ROOT. If the files are lost, run python manage.py"
            f" adopt_media_folder"
        )
    marker = found or _write(uuid.uuid4())
    with suppress(IntegrityError), transaction.atomic():
        MediaFolder.objects.create(marker=marker)
    if found is None and _known() != marker:
        _path().unlink(missing_ok=True)  # another machine, with another folder, was faster


def _has_lost_its_files() -> bool:
    names = MediaFile.objects.filter(deleted_at=None).order_by("-pk").values_list("file", flat=True)[:SAMPLE]
    return bool(names) and not any((Path(settings.MEDIA_ROOT) / name).exists() for name in names)


def _known() -> uuid.UUID | None:
    return MediaFolder.objects.values_list("marker", flat=True).first()


def _found() -> uuid.UUID | None:
    try:
        return uuid.UUID(_path().read_text().split()[0])
    except (FileNotFoundError, NotADirectoryError, IndexError, ValueError):
        return None


def _write(marker: uuid.UUID) -> uuid.UUID:
    """The id that stands in the file afterwards: another's, if another process was faster."""
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True)
    text = f"{marker}\nPostiz Pins recognizes its media folder by this file. Keep it with the others.\n"
    with suppress(FileExistsError), tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=f".{NAME}.") as file:
        _fill(file, text)
        try:
            os.link(file.name, path)
        except FileExistsError:
            raise
        except OSError:  # CIFS, exFAT and others have no hard links
            with path.open("x") as marker_file:
                _fill(marker_file, text)
    return _found() or marker


def _fill(file: IO[str], text: str) -> None:
    file.write(text)
    file.flush()
    os.fsync(file.fileno())


def _path() -> Path:
    return Path(settings.MEDIA_ROOT) / NAME
