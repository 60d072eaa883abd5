"""Removing from a JPEG, PNG or WebP what is not needed to show its (first) image.

EXIF, XMP, IPTC, comments, further images, trailers: phones write the place where a photo was taken into such parts.
This comes before decoding, so that no oddity in a part that is thrown away decides whether an image is accepted. The
pixels stay bit by bit what they were, since nothing is decoded. What is read here may be damaged or hostile: lengths
are believed only as far as the file reaches.

Sources: ITU-T T.81 (JPEG), the PNG specification (third edition), the WebP container specification. Plain Python, for
the reader.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Stripped:
    """An image without the parts that showing it does not need, and what these parts said about it."""

    content: bytes
    # The body of the EXIF part, a TIFF file. Empty: there is none.
    exif: bytes = b""
    # Further frames were dropped.
    is_animated: bool = False
    # The end of the file is missing, or something else stands there: only decoding tells whether all pixels are there.
    is_closed: bool = True
    # Parts of the pixels are certainly missing.
    is_cut: bool = False
    # The parts that say how colors are meant (PNG).
    color_chunks: dict[bytes, bytes] = field(default_factory=dict)


# A marker, as opposed to a stuffed FF 00, a restart marker (FF D0 to D7) or a fill byte (FF FF).
MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
START_OF_IMAGE, END_OF_IMAGE, START_OF_SCAN = 0xD8, 0xD9, 0xDA
CLOSING = b"\xff\xd9"
# Frames, Huffman and arithmetic tables; scan, quantization tables, number of lines, restart interval (ITU-T T.81, B.1).
FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
PICTURE_SEGMENTS = {*FRAMES, 0xC4, 0xCC, START_OF_SCAN, 0xDB, 0xDC, 0xDD}
SEQUENTIAL_FRAMES, PROGRESSIVE_FRAMES = {0xC0, 0xC1, 0xC9}, {0xC2, 0xCA}
COEFFICIENTS = frozenset(range(64))
EXIF_SEGMENT, EXIF_START = 0xE1, b"Exif\0\0"
# How the application segments begin that the colors depend on, and how many bytes their bodies have by definition
# (JFIF without its thumbnail, the profile at least its numbers). What is written after them is never shown; what is
# shorter is ignored by every decoder.
JFIF, COLOR_PROFILE, ADOBE = 0xE0, 0xE2, 0xEE
KEPT_APPLICATION_SEGMENTS = {JFIF: (b"JFIF\0", 14), COLOR_PROFILE: (b"ICC_PROFILE\0", 15), ADOBE: (b"Adobe", 12)}


def strip_jpeg(content: bytes) -> Stripped:
    """Return the first picture in `content`, a JPEG, with its color profile."""
    kept, position, exif = [b"\xff\xd8"], 2, b""
    scans = _Scans()
    is_closed = False
    while True:
        match = MARKER.search(content, position)
        if match is None:
            break
        start, marker = match.start(), content[match.start() + 1]
        if marker == END_OF_IMAGE:  # what follows is another picture, or a trailer
            is_closed = True
            break
        if scans.are_complete:  # so this is a trailer, too
            break
        position = start + 2
        if marker == START_OF_IMAGE:
            continue
        position += int.from_bytes(content[position : position + 2], "big")
        body = content[start + 4 : position]
        scans.note(marker, body)
        if marker == START_OF_SCAN:
            next_marker = MARKER.search(content, position)
            position = next_marker.start() if next_marker else len(content)
        if marker == EXIF_SEGMENT and body.startswith(EXIF_START) and not exif:
            exif = body.removeprefix(EXIF_START)
        kept.append(_kept_segment(marker, content[start:position]))
    is_cut = not is_closed and not scans.are_complete
    if not is_closed:
        kept.append(kept.pop().rstrip(b"\xff"))  # half of the end marker
    return Stripped(b"".join([*kept, CLOSING]), exif, is_closed=is_closed, is_cut=is_cut)


class _Scans:
    """What the scans of a JPEG have brought so far: each component has 64 coefficients to come in full precision."""

    def __init__(self) -> None:
        self.is_sequential = False
        self.missing: dict[int, frozenset[int]] | None = None

    @property
    def are_complete(self) -> bool:
        return self.missing is not None and not any(self.missing.values())

    def note(self, marker: int, body: bytes) -> None:
        if marker in FRAMES and self.missing is None and len(body) >= 6:
            self.is_sequential = marker in SEQUENTIAL_FRAMES
            if marker in SEQUENTIAL_FRAMES | PROGRESSIVE_FRAMES:
                components = body[6 : 6 + 3 * body[5] : 3]
                self.missing = dict.fromkeys(components, COEFFICIENTS)
        if marker == START_OF_SCAN and self.missing is not None and body and len(body) >= 4 + 2 * body[0]:
            first, last, precision = body[1 + 2 * body[0] : 4 + 2 * body[0]]
            if self.is_sequential:
                brought = COEFFICIENTS
            else:
                brought = frozenset(range(first, last + 1)) if precision & 0x0F == 0 else frozenset()
            for component in body[1 : 1 + 2 * body[0] : 2]:
                self.missing[component] = self.missing.get(component, frozenset()) - brought


def _kept_segment(marker: int, segment: bytes) -> bytes:
    """Return what is needed of a segment, which is its marker, its length and its body."""
    if marker in PICTURE_SEGMENTS:
        return segment
    start, body_bytes = KEPT_APPLICATION_SEGMENTS.get(marker, (b"", 0))
    body = segment[4:]
    if not start or not body.startswith(start) or len(body) < body_bytes:
        return b""
    if marker == COLOR_PROFILE:
        return segment
    body = body[:body_bytes]
    if marker == JFIF:
        body = body[:-2] + b"\0\0"  # no thumbnail
    return segment[:2] + (len(body) + 2).to_bytes(2, "big") + body


PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_END = b"\0\0\0\0IEND\xaeB`\x82"
# The chunks that the picture consists of, and those that say how it is meant, with the lengths that they may have. All
# of these stand before the pixels, once; elsewhere or damaged they are ignored by decoders.
PNG_PICTURE = {b"IHDR", b"PLTE", b"IDAT"}
PNG_COLOR = {
    b"tRNS": range(1, 257),
    b"cICP": range(4, 5),
    b"iCCP": range(1, 2**31),
    b"sRGB": range(1, 2),
    b"gAMA": range(4, 5),
    b"cHRM": range(32, 33),
    b"mDCV": range(24, 25),
    b"cLLI": range(8, 9),
}
# By the color type: greys, RGB.
PNG_TRANSPARENCY_BYTES = {0: 2, 2: 6}
# Unpacked. The profiles of printers have two megabytes.
PROFILE_BYTES, PROFILE_HEADER_BYTES = 4 * 1024**2, 128


def strip_png(content: bytes) -> Stripped:
    """Return the still picture in `content`, a PNG, with what says how its colors are meant."""
    kept, colors = [PNG_SIGNATURE], {}
    exif, frames, is_closed, pixels_began, color_type = b"", 0, False, False, -1
    for kind, chunk in _png_chunks(content):
        body = chunk[8:-4]
        if kind == b"IEND":
            is_closed = True
            break
        if kind == b"IHDR":
            color_type = body[9] if len(body) > 9 else -1
        pixels_began = pixels_began or kind == b"IDAT"
        if kind in PNG_PICTURE:
            kept.append(chunk)
        elif not pixels_began and _is_whole(chunk):
            if kind in PNG_COLOR and kind not in colors and _is_color(kind, body, color_type):
                kept.append(_png_chunk(kind, _without_padding(body)) if kind == b"iCCP" else chunk)
                colors[kind] = body
            elif kind == b"acTL" and len(body) == 8:
                frames = int.from_bytes(body[:4], "big")
            elif kind == b"eXIf" and not exif:
                exif = body
    return Stripped(b"".join([*kept, PNG_END]), exif, frames > 1, is_closed, color_chunks=colors)


def _png_chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield each chunk with its length, kind and checksum; one that the file's end cuts gets new ones."""
    position = len(PNG_SIGNATURE)
    while position + 8 < len(content):
        end = position + 12 + int.from_bytes(content[position : position + 4], "big")
        kind = content[position + 4 : position + 8]
        if end <= len(content):
            yield kind, content[position:end]
        else:
            yield kind, _png_chunk(kind, content[position + 8 :])
        position = end


def _png_chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")


def _is_whole(chunk: bytes) -> bool:
    return zlib.crc32(chunk[4:-4]) == int.from_bytes(chunk[-4:], "big")


def _is_color(kind: bytes, body: bytes, color_type: int) -> bool:
    if kind == b"iCCP":
        return bool(_profile(body))
    if kind == b"tRNS":
        return len(body) == PNG_TRANSPARENCY_BYTES.get(color_type, len(body))
    if kind == b"gAMA" and not any(body):
        return False
    return len(body) in PNG_COLOR[kind]


def _profile(body: bytes) -> bytes:
    """Return the color profile in an iCCP chunk; empty if it is none, or far too large."""
    unpacker = zlib.decompressobj()
    try:
        profile = unpacker.decompress(body.partition(b"\0")[2][1:], PROFILE_BYTES)
    except zlib.error:
        return b""
    is_profile = profile[36:40] == b"acsp" and int.from_bytes(profile[:4], "big") > PROFILE_HEADER_BYTES
    return profile if is_profile and not unpacker.unconsumed_tail else b""


def _without_padding(body: bytes) -> bytes:
    """Return an iCCP chunk whose profile ends where it says; a decoder may refuse more than a megabyte."""
    profile = _profile(body)
    stated = int.from_bytes(profile[:4], "big")
    return body if stated >= len(profile) else body.partition(b"\0")[0] + b"\0\0" + zlib.compress(profile[:stated])


WEBP_PICTURE = {b"VP8 ", b"VP8L", b"ALPH", b"ICCP", b"ANIM", b"ANMF"}
# Bits of the first byte of VP8X.
WEBP_EXIF, WEBP_XMP = 0x08, 0x04


def strip_webp(content: bytes) -> Stripped:
    """Return the first picture in `content`, a WebP, with its color profile."""
    kept: list[bytes] = []
    exif, frames = b"", 0
    for kind, body in _riff_chunks(content):
        if kind == b"EXIF" and not exif:
            exif = body.removeprefix(EXIF_START)
        frames += kind == b"ANMF"
        if kind == b"VP8X" and body:
            kept.append(_riff_chunk(kind, bytes([body[0] & ~(WEBP_EXIF | WEBP_XMP)]) + body[1:]))
        elif kind in WEBP_PICTURE and frames <= 1:
            kept.append(_riff_chunk(kind, body))
    return Stripped(_riff_chunk(b"RIFF", b"WEBP" + b"".join(kept)), exif, frames > 1)


def _riff_chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    position = 12
    while position + 8 <= len(content):
        size = int.from_bytes(content[position + 4 : position + 8], "little")
        yield content[position : position + 4], content[position + 8 : position + 8 + size]
        position += 8 + size + size % 2


def _riff_chunk(kind: bytes, body: bytes) -> bytes:
    return kind + len(body).to_bytes(4, "little") + body + b"\0" * (len(body) % 2)
