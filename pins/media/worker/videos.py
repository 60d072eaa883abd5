"""Reads MP4 files with PyAV. Runs in the reader's process only (inspect.py); knows no Django."""

from __future__ import annotations

import struct
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import av
from av.container import InputContainer
from av.stream import Disposition, Stream
from av.video.reformatter import ColorRange, Colorspace, Interpolation
from av.video.stream import VideoStream
from PIL import Image

from pins import limits

from .colors import Color
from .images import Unreadable, preview, store

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
# Time to count to the end, from the last keyframe; then the headers are believed.
COUNTING_SECONDS = 10.0
# Artwork and previews, which no player takes for the video.
STILLS = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image
# What browsers play. A track of another kind beside one of these is a preview, or artwork that is not marked as such.
PLAYED_CODECS = {*limits.VIDEO_CODECS, "vp8", "vp9", "av1"}
# A video that does not say how its colors are encoded: players take the matrix of BT.601 for small ones, else BT.709.
HD_HEIGHT = 720
UNSPECIFIED = 2
EXACTLY = (
    Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT | Interpolation.FULL_CHR_H_INP
)
# By the signs of the display matrix (ISO/IEC 14496-12, 8.3.2), which takes (p, q) to (a·p + c·q, b·p + d·q): those of a
# and d where they prevail, else those of b and c.
STRAIGHT = {
    (1, 1): None,
    (-1, 1): Image.Transpose.FLIP_LEFT_RIGHT,
    (-1, -1): Image.Transpose.ROTATE_180,
    (1, -1): Image.Transpose.FLIP_TOP_BOTTOM,
}
CROSSED = {
    (1, -1): Image.Transpose.ROTATE_270,
    (-1, 1): Image.Transpose.ROTATE_90,
    (1, 1): Image.Transpose.TRANSPOSE,
    (-1, -1): Image.Transpose.TRANSVERSE,
}


def read(source: Path, folder: Path) -> dict[str, Any]:
    """Return the facts of a video, and write its thumbnail into `folder`.

    The limits are the caller's to check. Raises Unreadable.
    """
    _require_whole_fragments(source)
    with _opened(source) as (container, stream):
        _require_every_sample([stream, *container.streams.audio], source.stat().st_size)
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
    """Write so many small frames, evenly spread; return each with the moment at which it is really shown."""
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
    """Write the frame shown at so many seconds as an image in the video's own size, and return its facts."""
    [at_seconds] = (float(argument) for argument in arguments)
    with _opened(source) as (container, stream):
        image, _ = _frame_at(container, stream, at_seconds, SEEKING_SECONDS["frame"])
        return store(image, folder, as_png=False)


@contextmanager
def _opened(source: Path) -> Iterator[tuple[InputContainer, VideoStream]]:
    """Yield the file and its video track; what a damaged file raises inside becomes Unreadable."""
    try:
        # Handed over as a file, it cannot make FFmpeg open anything else. "mov" is FFmpeg's reader of MP4 files.
        with source.open("rb") as file, av.open(file, "r", format="mov") as container:
            stream = _shown_track(container)
            if stream.codec_context is None:
                raise Unreadable("video_codec")
            # Every thread keeps frames of its own, and the address space is limited.
            stream.codec_context.thread_count = 1
            yield container, stream
    except DAMAGE as error:
        raise Unreadable("video_damaged") from error


def _shown_track(container: InputContainer) -> VideoStream:
    """Return the track that players show: the first enabled one they can decode, not the artwork beside it."""
    tracks = [stream for stream in container.streams.video if not stream.disposition & STILLS]
    if not tracks:
        raise Unreadable("video_without_picture" if container.streams.audio else "video_damaged")

    def rank(stream: VideoStream) -> tuple[bool, bool]:
        codec = stream.codec_context.codec.canonical_name if stream.codec_context else ""
        return codec not in PLAYED_CODECS, not stream.disposition & Disposition.default

    return min(tracks, key=rank)


def _require_every_sample(streams: Sequence[Stream], size_bytes: int) -> None:
    """Raise Unreadable if the file ends before one of its pictures or sounds does.

    The beginning of a video that lacks its end can be played, and Pinterest refuses it only after the upload. What
    stands behind the last sample does not matter.
    """
    for stream in streams:
        if any(sample.pos + sample.size > size_bytes for sample in stream.index_entries):
            raise Unreadable("video_damaged")


def _require_whole_fragments(source: Path) -> None:
    """Raise Unreadable if the file ends within a fragment (`moof` with its `mdat`), whose samples no index lists."""
    size = source.stat().st_size
    is_fragmented = False
    with source.open("rb") as file:
        position = 0
        while position < size:
            kind, length = _box(file, position)
            is_fragmented = is_fragmented or kind == b"moof"
            if position + length > size and is_fragmented and kind in (b"moof", b"mdat"):
                raise Unreadable("video_damaged")
            if length < 8:  # to the end of the file; or no box at all, but something appended
                return
            position += length


def _box(file: BinaryIO, position: int) -> tuple[bytes, int]:
    """Return the kind of the box that starts there and its length, head included (ISO/IEC 14496-12, 4.2)."""
    file.seek(position)
    head = file.read(16)
    length = int.from_bytes(head[:4], "big")
    return head[4:8], int.from_bytes(head[8:16], "big") if length == 1 else length


def _start(container: InputContainer, stream: VideoStream) -> int:
    """Return where the file begins to play, with picture or sound, in the track's units."""
    if container.start_time is None or not stream.time_base:
        return stream.start_time or 0
    return int(container.start_time / av.time_base / stream.time_base)


def _duration(container: InputContainer, stream: VideoStream) -> float:
    """Return the seconds to the end of the last picture, counted, whatever the headers say.

    0 where neither the pictures nor the file says it.
    """
    of_file = (container.duration or 0) / av.time_base
    if not stream.time_base:
        return of_file
    start, end = _start(container, stream), 0
    give_up_at = time.monotonic() + COUNTING_SECONDS
    entries = stream.index_entries
    if len(entries):
        container.seek(entries[len(entries) - 1].timestamp, stream=stream)
    for packet in container.demux(stream):
        if packet.pts is not None and not packet.is_discard:
            end = max(end, packet.pts + (packet.duration or 0))
        if time.monotonic() > give_up_at:
            return of_file
    return float((end - start) * stream.time_base) if end > start else of_file


def _frame_at(
    container: InputContainer, stream: VideoStream, at_seconds: float, patience_seconds: float
) -> tuple[Image.Image, float]:
    """Return the frame shown at `at_seconds` as people see it, and its moment; the last one of a shorter video."""
    give_up_at = time.monotonic() + patience_seconds
    start = _start(container, stream)
    if stream.time_base:
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
    """Return the frame as it is shown: with square pixels, turned as the file says, ready for sRGB."""
    is_hd_by_default = frame.colorspace == UNSPECIFIED and frame.height >= HD_HEIGHT
    image = frame.to_image(
        interpolation=EXACTLY,
        src_colorspace=Colorspace.ITU709 if is_hd_by_default else None,
        dst_color_range=ColorRange.JPEG,
    )
    ratio = stream.sample_aspect_ratio or 1
    # Neither direction loses pixels.
    size = (round(image.width * ratio), image.height) if ratio > 1 else (image.width, round(image.height / ratio))
    image = image.resize(size) if size != image.size else image
    turn = _turn(frame)
    image = image.transpose(turn) if turn is not None else image
    image.info["color"] = Color.of_codes(frame.color_primaries, frame.color_trc)
    return image


def _turn(frame: av.VideoFrame) -> Image.Transpose | None:
    matrix: Any = frame.side_data.get("DISPLAYMATRIX")
    if matrix is None:
        return None
    a, b, _, c, d = struct.unpack_from("=5i", matrix)
    if abs(a) + abs(d) >= abs(b) + abs(c):
        return STRAIGHT.get((_sign(a), _sign(d)))
    return CROSSED.get((_sign(b), _sign(c)))


def _sign(value: int) -> int:
    return (value > 0) - (value < 0)
