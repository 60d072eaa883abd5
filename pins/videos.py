"""Reads MP4 files with PyAV. Runs in the reader's process only (media_reader.py); knows no Django."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import av
from av.container import InputContainer
from av.video.stream import VideoStream
from PIL import Image

from .pictures import Unreadable, preview, store

av.logging.set_level(av.logging.PANIC)

# What PyAV raises for files that are damaged.
DAMAGE = (av.FFmpegError, OSError, ValueError, EOFError, LookupError, TypeError, RuntimeError, ArithmeticError)
# The first frames of a video are often black, or a fade.
THUMBNAIL_AT_SECONDS = 1.0
CHOICE_SIZE = (240, 360)
# Moments are handed over in milliseconds: a frame at a third of a second is the one asked for by 0.333.
PRECISION_SECONDS = 0.001
# Time to find one frame. Then the one reached is taken: keyframes may be minutes apart.
SEEKING_SECONDS = {"read": 10.0, "frames": 3.0, "frame": 30.0}


def read(source: Path, folder: Path) -> dict[str, Any]:
    """The facts of a video, its thumbnail in `folder`. Raises Unreadable; the limits are the caller's to check."""
    _require_whole(source)
    with _opened(source) as (container, stream):
        duration_seconds = _duration(container, stream)
        at = min(THUMBNAIL_AT_SECONDS, duration_seconds / 10)
        image, _ = _frame_at(container, stream, at, SEEKING_SECONDS["read"])
        width, height = image.size
        return {
            "kind": "video",
            "content_type": "video/mp4",
            "width": width,
            "height": height,
            "duration_seconds": duration_seconds,
            "video_codec": stream.codec_context.codec.canonical_name,
            **preview(image, folder),
        }


def read_frames(source: Path, folder: Path, arguments: Sequence[str]) -> dict[str, Any]:
    """So many small frames, evenly spread: each with the moment at which it is really shown."""
    [count] = (int(argument) for argument in arguments)
    frames: list[dict[str, Any]] = []
    with _opened(source) as (container, stream):
        duration_seconds = _duration(container, stream)
        for number in range(count):
            moment = duration_seconds * (number + 0.5) / count
            image, at_seconds = _frame_at(container, stream, moment, SEEKING_SECONDS["frames"])
            if all(frame["at_seconds"] != at_seconds for frame in frames):
                frame = preview(image, folder, f"frame-{number}", CHOICE_SIZE)
                frames.append({"at_seconds": at_seconds, "file": frame["thumbnail"]})
    return {"frames": frames}


def read_frame(source: Path, folder: Path, arguments: Sequence[str]) -> dict[str, Any]:
    """The frame shown at so many seconds, as a picture in the video's own size."""
    [at_seconds] = (float(argument) for argument in arguments)
    with _opened(source) as (container, stream):
        image, _ = _frame_at(container, stream, at_seconds, SEEKING_SECONDS["frame"])
        return store(image, folder, as_png=False)


@contextmanager
def _opened(source: Path) -> Iterator[tuple[InputContainer, VideoStream]]:
    """The file and its picture track. Inside, what a damaged file raises becomes Unreadable."""
    try:
        # Handed over as a file, it cannot make FFmpeg open anything else. "mov" is FFmpeg's reader of MP4 files.
        with source.open("rb") as file, av.open(file, "r", format="mov") as container:
            if not container.streams.video:
                raise Unreadable("video_without_picture" if container.streams.audio else "video_damaged")
            stream = container.streams.video[0]
            if stream.codec_context is None:
                raise Unreadable("video_codec")
            # Every thread keeps frames of its own, and the address space is limited.
            stream.codec_context.thread_count = 1
            yield container, stream
    except DAMAGE as error:
        raise Unreadable("video_damaged") from error


def _require_whole(source: Path) -> None:
    """Raises Unreadable if the file ends in the middle of a box: the beginning of a video that lacks its end can be
    played, and Pinterest refuses it only after the upload."""
    size = source.stat().st_size
    with source.open("rb") as file:
        position = 0
        while position < size:
            length = _box_length(file, position)
            if length == 0:  # to the end of the file
                return
            if length < 8 or position + length > size:
                raise Unreadable("video_damaged")
            position += length


def _box_length(file: BinaryIO, position: int) -> int:
    """The length of the box that starts there, its head included (ISO/IEC 14496-12, 4.2)."""
    file.seek(position)
    head = file.read(16)
    length = int.from_bytes(head[:4], "big")
    return int.from_bytes(head[8:16], "big") if length == 1 else length if len(head) >= 8 else -1


def _duration(container: InputContainer, stream: VideoStream) -> float:
    """In seconds; 0 where neither the track nor the file says it."""
    of_stream = float(stream.duration * stream.time_base) if stream.duration and stream.time_base else 0.0
    return of_stream or (container.duration or 0) / av.time_base


def _frame_at(
    container: InputContainer, stream: VideoStream, at_seconds: float, patience_seconds: float
) -> tuple[Image.Image, float]:
    """The frame shown at `at_seconds` (the last one, if the video is shorter) as people see it, and its moment."""
    give_up_at = time.monotonic() + patience_seconds
    start = stream.start_time or 0
    if at_seconds > 0 and stream.time_base:
        container.seek(start + int(at_seconds / stream.time_base), stream=stream)
    shown = None
    for frame in container.decode(stream):
        moment = float((frame.pts - start) * stream.time_base) if frame.pts is not None and stream.time_base else 0.0
        if shown is not None and moment > at_seconds + PRECISION_SECONDS:
            break
        shown = frame, moment
        if moment >= at_seconds or time.monotonic() > give_up_at:
            break
    if shown is None:
        raise Unreadable("video_damaged")
    frame, moment = shown
    return _upright(frame, stream), max(0.0, round(moment, 3))


def _upright(frame: av.VideoFrame, stream: VideoStream) -> Image.Image:
    """As it is shown: with square pixels, and turned as the file says."""
    image = frame.to_image()
    if stream.sample_aspect_ratio:
        width = round(image.width * stream.sample_aspect_ratio)
        image = image if width in (0, image.width) else image.resize((width, image.height))
    turns = {90: Image.Transpose.ROTATE_90, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_270}
    turn = turns.get(frame.rotation % 360)
    return image.transpose(turn) if turn is not None else image
