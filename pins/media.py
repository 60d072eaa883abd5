"""Taking pictures into the media library: checked by content, never by name, and stored with a thumbnail."""

from __future__ import annotations

import hashlib
import io
import threading
from dataclasses import dataclass
from pathlib import PurePath

from django.core.files.base import ContentFile, File
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from PIL import ExifTags, Image, ImageOps

from accounts.models import User, Workspace

from . import limits
from .models import MediaFile, MediaKind

# Headers are checked against limits.IMAGE_PIXELS below, with a sentence; Pillow's own limit only knows an exception.
Image.MAX_IMAGE_PIXELS = None

THUMBNAIL_SIZE = (480, 720)
# Large pictures take hundreds of megabytes while they are decoded, so a process decodes one after the other.
_one_at_a_time = threading.Lock()
# EXIF orientations in which a picture is stored lying on its side.
SIDEWAYS = (5, 6, 7, 8)


class MediaRefused(Exception):
    """A file that cannot become a media file: a stable code and a sentence that says what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Picture:
    """A picture as it goes to Pinterest."""

    content: File
    content_type: str
    width: int
    height: int
    thumbnail: ContentFile


def store_upload(upload: UploadedFile, *, workspace: Workspace, by: User) -> MediaFile:
    """The media file for `upload`: a new one, or the one that has held the same bytes before.

    Raises MediaRefused if it is not a picture that Pinterest takes (JPG or PNG up to 20 MB; WebP is converted)."""
    name = PurePath(upload.name or "picture").name.replace("\0", "")[-255:]
    size_bytes = upload.size or 0
    if size_bytes == 0:
        raise MediaRefused("file_empty", f"“{name}” is empty (0 bytes). Choose the file again, or export it anew.")
    if size_bytes > limits.IMAGE_BYTES:
        raise file_too_large(name, size_bytes)
    sha256 = hashlib.file_digest(upload, "sha256").hexdigest()
    same_file = MediaFile.objects.in_workspace(workspace).filter(sha256=sha256)
    known = same_file.first()
    if known is not None and known.file.storage.exists(str(known.file.name)):
        return known
    picture = read_picture(upload, name)
    # A row whose file was lost gets it back.
    media = known or MediaFile(workspace=workspace, sha256=sha256, uploaded_by=by)
    media.kind = MediaKind.IMAGE
    media.original_name = name
    media.content_type = picture.content_type
    media.width, media.height = picture.width, picture.height
    media.size_bytes = picture.content.size
    media.file.save(name, picture.content, save=False)
    media.thumbnail.save(name, picture.thumbnail, save=False)
    try:
        with transaction.atomic():
            media.save()
    except IntegrityError:  # the same file came in twice at the same moment
        media.file.delete(save=False)
        media.thumbnail.delete(save=False)
        return same_file.get()
    return media


def file_too_large(name: str, size_bytes: int | None = None) -> MediaRefused:
    size = f"has {size_bytes / 1024**2:.1f} MB" if size_bytes else "is too large"
    message = f"“{name}” {size}; Pinterest takes pictures up to {limits.IMAGE_BYTES // 1024**2} MB. Save it smaller."
    return MediaRefused("image_too_large", message)


def read_picture(file: File, name: str) -> Picture:
    """Decodes `file` as a whole, so that a damaged picture is found now and not when Pinterest refuses it.

    Raises MediaRefused."""
    file.seek(0)
    try:
        image = Image.open(file, formats=("JPEG", "PNG", "WEBP"))
    except (OSError, SyntaxError, ValueError) as error:
        message = f"“{name}” is not a JPG, PNG or WebP picture, whatever its name says. Export it as JPG or PNG."
        raise MediaRefused("image_type", message) from error
    if image.width * image.height > limits.IMAGE_PIXELS:
        message = (
            f"“{name}” has {image.width} × {image.height} pixels, too many to process. Scale it down:"
            f" {limits.IDEAL_SIZE[0]} × {limits.IDEAL_SIZE[1]} is what Pinterest recommends."
        )
        raise MediaRefused("image_too_many_pixels", message)
    try:
        with _one_at_a_time:
            return _decode(image, file)
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        message = f"“{name}” is damaged or incomplete. Open it in a picture editor, save it again, and upload that."
        raise MediaRefused("image_damaged", message) from error


def _decode(image: Image.Image, file: File) -> Picture:
    width, height = image.size
    content: File
    if image.format == "WEBP":
        content, content_type = _convert(image)
    else:
        # A phone's JPEG may hold several pictures, which Pillow calls MPO; the first one is an ordinary JPEG.
        content, content_type = file, "image/png" if image.format == "PNG" else "image/jpeg"
        image.draft("RGB", THUMBNAIL_SIZE)
    image.load()
    is_sideways = image.getexif().get(ExifTags.Base.Orientation) in SIDEWAYS
    if is_sideways:
        width, height = height, width
    return Picture(content, content_type, width, height, _thumbnail(image, is_sideways=is_sideways))


def _convert(image: Image.Image) -> tuple[ContentFile, str]:
    """The picture as JPEG, or as PNG where it is transparent: Pinterest takes no WebP as base64."""
    converted = io.BytesIO()
    image = ImageOps.exif_transpose(image)
    if image.has_transparency_data:
        image.save(converted, "PNG")
        return ContentFile(converted.getvalue()), "image/png"
    image.convert("RGB").save(converted, "JPEG", quality=92)
    return ContentFile(converted.getvalue()), "image/jpeg"


def _thumbnail(image: Image.Image, *, is_sideways: bool) -> ContentFile:
    """The small preview. `image` itself is shrunk, because a copy of a large picture would double its memory."""
    image.thumbnail(THUMBNAIL_SIZE[::-1] if is_sideways else THUMBNAIL_SIZE)
    small = ImageOps.exif_transpose(image)
    if small.has_transparency_data:
        small = small.convert("RGBA")
        small = Image.alpha_composite(Image.new("RGBA", small.size, "white"), small)
    stored = io.BytesIO()
    small.convert("RGB").save(stored, "JPEG", quality=82)
    return ContentFile(stored.getvalue())
