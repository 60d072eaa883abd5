"""Takes everything out of a JPEG or PNG that is not needed to show it: EXIF, XMP, IPTC, comments, further pictures.

Phones write the place where a picture was taken into such parts. The pixels stay bit by bit what they were, since
nothing is decoded. Plain Python, for the reader."""

from __future__ import annotations

import re

# A marker, as opposed to a stuffed FF 00, a restart marker (FF D0 to D7) or a fill byte (FF FF).
MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
START_OF_IMAGE, END_OF_IMAGE, START_OF_SCAN = 0xD8, 0xD9, 0xDA
# Frames, Huffman and arithmetic tables; scan, quantization tables, number of lines, restart interval (ITU-T T.81, B.1).
PICTURE_SEGMENTS = {*range(0xC0, 0xD0), START_OF_SCAN, 0xDB, 0xDC, 0xDD} - {0xC8}
# How the application segments begin that the colours depend on, and how many bytes their bodies have by definition
# (JFIF without its thumbnail). What is written after them is shown by nobody.
JFIF, COLOUR_PROFILE, ADOBE = 0xE0, 0xE2, 0xEE
KEPT_APPLICATION_SEGMENTS = {JFIF: (b"JFIF\0", 14), COLOUR_PROFILE: (b"ICC_PROFILE\0", None), ADOBE: (b"Adobe", 12)}

PNG_SIGNATURE_BYTES = 8
KEPT_PNG_CHUNKS = {
    *(b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"cICP", b"mDCV"),
    *(b"cLLI", b"bKGD", b"pHYs"),
}


def strip_jpeg(content: bytes) -> bytes:
    """The first picture in `content`, a JPEG that has been decoded without complaint, and its colour profile."""
    kept = [b"\xff\xd8"]
    position = 2
    while True:
        found = MARKER.search(content, position)
        if found is None or content[found.start() + 1] == END_OF_IMAGE:  # what follows is another picture, or a trailer
            return b"".join([*kept, b"\xff\xd9"])
        start, marker = found.start(), content[found.start() + 1]
        if marker == START_OF_IMAGE:
            position = start + 2
            continue
        position = start + 2 + int.from_bytes(content[start + 2 : start + 4], "big")
        if marker == START_OF_SCAN:
            next_marker = MARKER.search(content, position)
            position = next_marker.start() if next_marker else len(content)
        kept.append(_kept(marker, content[start:position]))


def _kept(marker: int, segment: bytes) -> bytes:
    """What is needed of a segment, which is its marker, its length and its body."""
    if marker in PICTURE_SEGMENTS:
        return segment
    start, body_bytes = KEPT_APPLICATION_SEGMENTS.get(marker, (b"", 0))
    body = segment[4:]
    if not start or not body.startswith(start):
        return b""
    if body_bytes is None or len(body) < body_bytes:
        return segment
    body = body[:body_bytes]
    if marker == JFIF:
        body = body[:-2] + b"\0\0"  # no thumbnail
    return segment[:2] + (len(body) + 2).to_bytes(2, "big") + body


def strip_png(content: bytes) -> bytes:
    """The still picture in `content`, a PNG that has been decoded without complaint."""
    kept = [content[:PNG_SIGNATURE_BYTES]]
    position = PNG_SIGNATURE_BYTES
    while position < len(content):
        end = position + 12 + int.from_bytes(content[position : position + 4], "big")
        kind = content[position + 4 : position + 8]
        if kind in KEPT_PNG_CHUNKS:
            kept.append(content[position:end])
        if kind == b"IEND":
            break
        position = end
    return b"".join(kept)
