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
# Containers with an `ftyp` of their own although they call MP4 compatible.
OTHER_VIDEO_BRANDS = (b"qt  ", b"3g", b"M4A", b"M4B", b"M4P")
# QuickTime before `ftyp`, Matroska and WebM, Flash, Windows Media, MPEG.
QUICKTIME_BOXES = (b"moov", b"mdat", b"wide", b"skip", b"free", b"pnot")
OTHER_VIDEO_STARTS = (b"\x1a\x45\xdf\xa3", b"FLV\x01", b"\x30\x26\xb2\x75", b"\x00\x00\x01\xba", b"\x00\x00\x01\xb3")


class FileKind(Enum):
    PICTURE = "picture"
    MP4 = "mp4"
    OTHER_VIDEO = "other video"
    UNKNOWN = "unknown"


def kind_of(start: bytes) -> FileKind:
    """The kind of the file that begins with `start`, of which SNIFFED_BYTES are enough."""
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


def _kind_of_brands(start: bytes) -> FileKind:
    major = start[8:12]
    # After the major brand and its version stand the compatible ones, to the end of the box.
    end = min(int.from_bytes(start[:4], "big"), len(start))
    compatible = {start[position : position + 4] for position in range(16, end - 3, 4)}
    if major in HEIF_BRANDS:
        return FileKind.PICTURE
    if major.startswith(OTHER_VIDEO_BRANDS):
        return FileKind.OTHER_VIDEO
    if major in MP4_BRANDS or compatible & MP4_BRANDS:
        return FileKind.MP4
    return FileKind.UNKNOWN
