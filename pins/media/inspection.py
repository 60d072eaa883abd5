"""Has files read by a process of their own (media/worker/inspect.py), and says in a sentence why one cannot be used."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.db.models.fields.files import FieldFile

from pins import limits
from pins.rules.amounts import GIGABYTE, MEGABYTE, size_beyond
from pins.rules.composition import video_refusal
from postiz_pins.storage.base import store_of

from .file_types import SNIFFED_BYTES, FileKind, kind_of
from .uploads import incoming_folder

logger = logging.getLogger(__name__)

READER = [sys.executable, "-m", "pins.media.worker.inspect"]
# Above the reader's own limit of processor time, so that only a file that makes it wait is ended by this one.
READER_SECONDS = 60
VIDEO_COMMANDS = ("read-video", "frames", "frame")
# Reading takes up to 1.5 GB for a hostile file; two at a time, so that one such file does not hold up all others.
_few_at_a_time = threading.BoundedSemaphore(2)
# Nothing of ours, such as the keys, goes along. One heap for all threads saves addresses, which are limited.
INHERITED_ENVIRONMENT = ("PATH", "LANG", "LD_LIBRARY_PATH", "TMPDIR", "TZ")
MALLOC_SETTINGS = {"MALLOC_ARENA_MAX": "1"}


class MediaRefused(Exception):
    """A file that cannot become a media file: a stable code and a sentence that says what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Reading:
    """What the reader found out about a file."""

    kind: str
    content_type: str
    width: int
    height: int
    dominant_color: str
    thumbnail: Path
    # What is to be stored instead of the file itself: turned, converted, freed of metadata. None: the file as it is.
    replacement: Path | None
    # Of an animation.
    is_first_frame: bool = False
    # Of a video.
    duration_seconds: float | None = None
    video_codec: str = ""

    def content(self, source: Path) -> Path:
        """Return the file to be stored."""
        return self.replacement or source


@contextmanager
def work_folder() -> Iterator[Path]:
    """Yield a folder for the reader's results, on the media's file system, so that storing them is a rename."""
    with TemporaryDirectory(dir=incoming_folder()) as folder:
        yield Path(folder)


def read_upload(source: Path, folder: Path, name: str) -> Reading:
    """Return what the file is, judged by its content.

    Raises MediaRefused if Pinterest does not accept it.
    """
    with source.open("rb") as file:
        kind = kind_of(file.read(SNIFFED_BYTES))
    size_bytes = source.stat().st_size
    if kind not in (FileKind.PICTURE, FileKind.MP4):
        raise wrong_type(kind, name)
    if size_bytes > size_limit(kind):
        raise too_large(kind, name, size_bytes)
    if kind is FileKind.PICTURE:
        return _reading(run_reader("read-picture", source, folder, name=name), folder)
    reading = _reading(run_reader("read-video", source, folder, name=name), folder)
    refusal = video_refusal(
        name,
        content_type=reading.content_type,
        codec=reading.video_codec,
        width=reading.width,
        height=reading.height,
        duration_seconds=reading.duration_seconds or 0,
        size_bytes=size_bytes,
    )
    if refusal:
        raise MediaRefused(*refusal)
    return reading


def crop(source: Path, folder: Path, box: tuple[int, int, int, int], size: tuple[int, int], *, name: str) -> Reading:
    """Return the part of an image in `box` (left, top, right, bottom), scaled to `size`.

    All in pixels. Raises MediaRefused.
    """
    return _reading(run_reader("crop", source, folder, *box, *size, name=name), folder)


def frame(source: Path, folder: Path, at_seconds: float, *, name: str) -> Reading:
    """Return the image that a video shows at that moment.

    Raises MediaRefused.
    """
    return _reading(run_reader("frame", source, folder, at_seconds, name=name), folder)


def frames(source: Path, folder: Path, count: int, *, name: str) -> list[tuple[float, Path]]:
    """Return up to `count` small images of a video, evenly spread, with their moments in seconds.

    Raises MediaRefused.
    """
    answer = run_reader("frames", source, folder, count, name=name)
    return [(shown["at_seconds"], folder / shown["file"]) for shown in answer["frames"]]


def _reading(answer: dict[str, Any], folder: Path) -> Reading:
    return Reading(
        kind=answer["kind"],
        content_type=answer["content_type"],
        width=answer["width"],
        height=answer["height"],
        dominant_color=answer["dominant_color"],
        thumbnail=folder / answer["thumbnail"],
        replacement=folder / answer["file"] if "file" in answer else None,
        is_first_frame=answer.get("is_animated", False),
        duration_seconds=answer.get("duration_seconds"),
        video_codec=answer.get("video_codec", ""),
    )


def run_reader(command: str, source: Path, folder: Path, *numbers: float, name: str) -> dict[str, Any]:
    """Return the reader's answer.

    Raises MediaRefused, also when the reader hangs or the file kills it.
    """
    with _few_at_a_time:
        try:
            done = subprocess.run(  # noqa: S603  our own program, with a path of our own making
                [*READER, command, str(source), str(folder), *map(str, numbers)],
                cwd=settings.BASE_DIR,
                env={key: os.environ[key] for key in INHERITED_ENVIRONMENT if key in os.environ} | MALLOC_SETTINGS,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=READER_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            logger.warning("The reader was ended after %s s (%s).", READER_SECONDS, command)
            raise _refusal("media_too_demanding", name) from error
    answer = _answer(done)
    if answer is None:
        stderr = done.stderr.decode(errors="replace").strip()[-2000:]
        logger.warning("The reader ended with status %s (%s). %s", done.returncode, command, stderr)
        # A signal comes from a limit or from a crash in a library; else Python met what was not thought of.
        damaged = "video_damaged" if command in VIDEO_COMMANDS else "image_damaged"
        raise _refusal("media_too_demanding" if done.returncode < 0 else damaged, name)
    if "refused" in answer:
        raise _refusal(answer["refused"], name, **answer.get("values", {}))
    return answer


def _answer(done: subprocess.CompletedProcess[bytes]) -> dict[str, Any] | None:
    """Return what the reader said; None if it did not get so far, or a library printed in between."""
    if done.returncode != 0:
        return None
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        return None
    return answer


def local_path(stored: FieldFile, folder: Path, name: str) -> Path:
    """Return where the reader finds a file of the library, copied into `folder` if its storage is not a folder here.

    Raises MediaRefused if the file cannot be had from its storage.
    """
    try:
        return store_of(stored).fetch(str(stored.name), folder)
    except FileNotFoundError as error:
        raise _refusal("media_lost", name) from error
    except OSError as error:
        logger.warning("A file of the library cannot be read: %s", error)
        raise _refusal("media_unavailable", name) from error


def size_limit(kind: FileKind) -> int:
    """Return the largest size of a file of this kind, in bytes."""
    return limits.VIDEO_BYTES if kind is FileKind.MP4 else limits.IMAGE_BYTES


def too_large(kind: FileKind, name: str, size_bytes: int | None = None) -> MediaRefused:
    """Return the refusal of a file beyond its limit; without a size if the upload was dropped halfway."""
    if kind is FileKind.MP4:
        size = f"has {size_beyond(size_bytes, GIGABYTE)}" if size_bytes else "is too large"
        limit = f"{limits.VIDEO_BYTES // GIGABYTE} GB"
        return MediaRefused(
            "video_too_large",
            f"“{name}” {size}; Pinterest accepts videos up to {limit}. Export it at a lower bit rate.",
        )
    if kind is not FileKind.PICTURE:
        return wrong_type(kind, name)
    size = f"has {size_beyond(size_bytes, MEGABYTE)}" if size_bytes else "is too large"
    limit = f"{limits.IMAGE_BYTES // MEGABYTE} MB"
    return MediaRefused(
        "image_too_large", f"“{name}” {size}; Pinterest accepts images up to {limit}. Save a smaller version."
    )


def empty_file(name: str) -> MediaRefused:
    """Return the refusal of a file without content."""
    return _refusal("file_empty", name)


def wrong_type(kind: FileKind, name: str) -> MediaRefused:
    """Return the refusal of a file that Pinterest does not accept."""
    return _refusal("video_type" if kind is FileKind.OTHER_VIDEO else "image_type", name)


def _refusal(code: str, name: str, **values: Any) -> MediaRefused:
    return MediaRefused(code.removesuffix("_converted"), SENTENCES[code].format(name=f"“{name}”", **values))


SENTENCES = {
    "file_empty": "{name} is empty (0 bytes). Choose the file again or export it again.",
    "image_type": (
        "{name} isn't an image or video that Pinterest accepts, whatever its name says. Use JPG, PNG, WebP or HEIC"
        " for images and MP4 for videos."
    ),
    "image_too_many_pixels": (
        "{name} has {width} × {height} pixels, too many to process. Scale it down:"
        f" {limits.IDEAL_SIZE[0]} × {limits.IDEAL_SIZE[1]} is what Pinterest recommends."
    ),
    "image_damaged": (
        "{name} is damaged or incomplete. Open it in an image editor, save it again and upload the new file."
    ),
    "image_too_large_converted": (
        f"{{name}} would exceed Pinterest's limit of {limits.IMAGE_BYTES // 1024**2} MB once converted to JPG or PNG."
        " Save it with fewer pixels."
    ),
    "video_type": "{name} is a video but not an MP4 file, whatever its name says. Export it as MP4 with H.264.",
    "video_codec": (
        "{name} uses an unknown video codec; Pinterest accepts H.264 or H.265. Export the video again with H.264."
    ),
    "video_damaged": (
        "{name} is damaged or incomplete. Play it to the end to see where it breaks, export it again as MP4 with"
        " H.264 and upload the new file."
    ),
    "video_without_picture": "{name} has sound only. Export the video again with H.264 video.",
    "media_too_demanding": (
        "{name} takes too much memory or time to process. Export it again: images at 1000 × 1500 pixels, videos as"
        " MP4 with H.264."
    ),
    "media_lost": "{name} is no longer on the server. Upload it again.",
    "media_unavailable": "{name} can't be read right now. Try again in a minute.",
}
