"""What a file is, judged by its first bytes and never by its name. Plain Python, shared by the web and the reader."""

from __future__ import annotations

from enum import Enum

# Enough for the `ftyp` box of every MP4 we have seen, its compatible brands included.
SNIFFED_BYTES = 256

# Brands of ISO base media files (mp4ra.org). Phones and cameras put a brand of their own first and these after it.
MP4_BRANDS = {
    *(b"isom", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"iso7", b"iso8", b"iso9", b"mp41", b"mp42", b"mp71"),
    *(b"avc1", b"hvc1", b"dash", b"cmfc", b"MSNV", b"M4V ", b"M4VH", b"M4VP", b"f4v "),
}
HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
HEIF_SEQUENCE_BRANDS = {b"hevc", b"hevx", b"msf1"}
# AVIF, and the raw pictures of a camera: they may call MP4 compatible because of their boxes.
OTHER_PICTURE_BRANDS = {b"avif", b"avis", b"crx "}
# Containers with an `ftyp` of their own. A file that calls MP4 compatible is one, whatever stands first.
OTHER_VIDEO_BRANDS = (b"qt  ", b"3g", b"M4A", b"M4B", b"M4P")
# QuickTime before `ftyp`, Matroska and WebM, Flash, Windows Media, MPEG.
QUICKTIME_BOXES = (b"moov", b"mdat", b"wide", b"skip", b"free", b"pnot")
OTHER_VIDEO_STARTS = (b"\x1a\x45\xdf\xa3", b"FLV\x01", b"\x30\x26\xb2\x75", b"\x00\x00\x01\xba", b"\x00\x00\x01\xb3")


class FileKind(Enum):
    """What a file is by its first bytes."""

    PICTURE = "picture"
    MP4 = "mp4"
    OTHER_VIDEO = "other video"
    UNKNOWN = "unknown"


def kind_of(start: bytes) -> FileKind:
    """Return the kind of the file that begins with `start`, of which SNIFFED_BYTES are enough."""
    if start.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        return FileKind.PICTURE
    if start[:4] == b"RIFF":
        formats = {b"WEBP": FileKind.PICTURE, b"AVI ": FileKind.OTHER_VIDEO}
        return formats.get(start[8:12], FileKind.UNKNOWN)
    if start[4:8] == b"ftyp":
        return _kind_of_brands(start)
    if start[4:8] in QUICKTIME_BOXES or start.startswith(OTHER_VIDEO_STARTS):
        return FileKind.OTHER_VIDEO
    return FileKind.UNKNOWN


def is_sequence(start: bytes) -> bool:
    """Return whether the file that begins with `start` is a HEIF with an animation."""
    major, compatible = _brands(start)
    return bool({major, *compatible} & HEIF_SEQUENCE_BRANDS)


def _brands(start: bytes) -> tuple[bytes, set[bytes]]:
    """Return the major brand of an ISO base media file, and the compatible ones, from a version to the box's end."""
    end = min(int.from_bytes(start[:4], "big"), len(start))
    return start[8:12], {start[position : position + 4] for position in range(16, end - 3, 4)}


def _kind_of_brands(start: bytes) -> FileKind:
    major, compatible = _brands(start)
    if major in OTHER_PICTURE_BRANDS or b"avif" in compatible:  # AVIF may call itself mif1, too
        return FileKind.UNKNOWN
    if major in HEIF_BRANDS:
        return FileKind.PICTURE
    if major in MP4_BRANDS or compatible & MP4_BRANDS:
        return FileKind.MP4
    return FileKind.OTHER_VIDEO if major.startswith(OTHER_VIDEO_BRANDS) else FileKind.UNKNOWN
