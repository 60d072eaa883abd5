"""Reads and makes pictures with Pillow. Runs in the reader's process only (inspect.py); knows no Django."""

from __future__ import annotations

import hashlib
import io
import struct
import warnings
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

import pillow_heif
from PIL import ExifTags, Image, ImageCms, PngImagePlugin

from pins import limits
from pins.media.file_types import SNIFFED_BYTES, is_sequence

from .colors import SRGB, Color, to_srgb
from .metadata import CLOSING, PROFILE_BYTES, Stripped, strip_jpeg, strip_png, strip_webp

# Headers are checked against limits.IMAGE_PIXELS below, with a sentence; Pillow's own limit only knows an exception.
Image.MAX_IMAGE_PIXELS = None
# What Pillow warns of is refused, or does no harm: the reader's output is not read.
warnings.simplefilter("ignore")
# Pillow's limit for what is packed in a PNG; of such parts metadata.py leaves nothing but the profile.
PngImagePlugin.MAX_TEXT_CHUNK = PROFILE_BYTES
# Each thread would add its stack and its heap to the address space, which is limited.
pillow_heif.options.DECODE_THREADS = 1
pillow_heif.register_heif_opener(thumbnails=False)

FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
STRIPPERS: dict[str, Callable[[bytes], Stripped]] = {"JPEG": strip_jpeg, "PNG": strip_png, "WEBP": strip_webp}
SIGNATURES = ((b"\xff\xd8\xff", "JPEG"), (b"\x89PNG\r\n\x1a\n", "PNG"), (b"RIFF", "WEBP"))
THUMBNAIL_SIZE = (480, 720)
THUMBNAIL_QUALITY = 82
# A phone's 48 megapixels make more than 20 MB at the first quality.
QUALITIES = (92, 85, 75)
COLOR_SAMPLE, COLORS = (64, 64), 8
# What is put where the data of a JPEG end: neither zeros, which decoders assume there, nor a marker.
FILLING = b"\xa5\x5a\x96\x69" * 1000
# Data of a picture end earlier than these bytes before its end if they can be done without.
TRAILER_BYTES = 8
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# What Pillow and its plug-ins raise for files that are damaged.
DAMAGE = (
    *(OSError, SyntaxError, ValueError, EOFError, LookupError, TypeError, RuntimeError, AttributeError),
    *(ArithmeticError, AssertionError, struct.error, zlib.error, ImageCms.PyCMSError),
)


class Unreadable(Exception):
    """The file cannot be used: a code that media/inspection.py has a sentence for, and the values of that sentence."""

    def __init__(self, code: str, **values: Any) -> None:
        super().__init__(code)
        self.code, self.values = code, values


def read(source: Path, folder: Path) -> dict[str, Any]:
    """Check the picture by decoding it as a whole, and put a thumbnail into `folder`.

    "file" in the answer names what is to be stored instead of the source: freed of metadata, turned upright, or
    converted to JPEG or PNG. Without it the source is stored as it is. "is_animated" says that only the first frame is
    left. Raises Unreadable.
    """
    content = source.read_bytes()
    stripped = _stripped(content)
    with opened(io.BytesIO(stripped.content)) as image:
        is_unclean = _has_trailer(stripped, image) or (image.format == "PNG" and not stripped.is_closed)
        turn = TURNS.get(_orientation(stripped.exif))
        image.info["color"] = _color(stripped, image)
        if image.format in ("WEBP", "HEIF") or turn is not None or is_unclean:
            image.load()
            as_png = image.format == "PNG" or _is_transparent(image)
            if turn is not None:
                upright = image.transpose(turn)
                image.close()  # the pixels as they lay are no longer needed
            else:
                upright = image
            answer = store(upright, folder, as_png=as_png)
        else:
            answer = _keep(image, stripped, content, folder)
    return answer | {"is_animated": stripped.is_animated}


def _is_transparent(image: Image.Image) -> bool:
    """Return whether anything shines through; many pictures have such a channel and do not use it."""
    return image.has_transparency_data and image.convert("RGBA").getchannel("A").getextrema() != (255, 255)


def _stripped(content: bytes) -> Stripped:
    """Return the image without metadata; HEIC stays as it came, and loses them in the conversion."""
    for signature, image_format in SIGNATURES:
        if content.startswith(signature):
            return STRIPPERS[image_format](content)
    return Stripped(content, is_animated=is_sequence(content[:SNIFFED_BYTES]))


def _orientation(exif: bytes) -> int:
    """Return how the image is to be turned, 1 to 8 (EXIF 2.32, 4.6.4 A); 1 where EXIF is silent or damaged."""
    tags = Image.Exif()
    try:
        tags.load(exif)
        orientation = tags.get(ExifTags.Base.Orientation, 1)
    except DAMAGE:
        return 1
    return orientation if isinstance(orientation, int) else 1


def _color(stripped: Stripped, image: Image.Image) -> Color:
    """Return what the file says about its colors beside a profile."""
    chunks = stripped.color_chunks
    if b"cICP" in chunks:
        return Color.of_codes(chunks[b"cICP"][0], chunks[b"cICP"][1])
    if image.info.get("icc_profile"):
        return SRGB
    if nclx := image.info.get("nclx_profile"):
        return Color.of_codes(nclx["color_primaries"], nclx["transfer_characteristics"])
    if b"gAMA" in chunks and b"sRGB" not in chunks:
        return Color.of_png(chunks[b"gAMA"], chunks.get(b"cHRM", b""))
    return SRGB


def _has_trailer(stripped: Stripped, image: Image.Image) -> bool:
    """Return whether something that is no part of the picture stands behind its data, where the end marker is missing.

    Raises Unreadable if pixels are missing as well. Decoders make up what they lack from what they find there: if that
    changes the picture, something was lacking. (Pillow itself sees to it for PNG, WebP and HEIC.)
    """
    if stripped.is_cut:
        raise Unreadable("image_damaged")
    if image.format != "JPEG" or stripped.is_closed:
        return False
    data = stripped.content.removesuffix(CLOSING)
    digest = _digest(data)
    if digest != _digest(data + FILLING):
        raise Unreadable("image_damaged")
    return digest == _digest(data[:-TRAILER_BYTES])


def _digest(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data + CLOSING), formats=["JPEG"]) as decoded:
        return hashlib.sha256(decoded.tobytes()).digest()


@contextmanager
def opened(source: Path | BinaryIO) -> Iterator[Image.Image]:
    """Yield the image, not decoded yet; what a damaged file raises inside becomes Unreadable."""
    try:
        with Image.open(source, formats=FORMATS) as image:
            if image.width * image.height > limits.IMAGE_PIXELS:
                raise Unreadable("image_too_many_pixels", width=image.width, height=image.height)
            yield image
    except DAMAGE as error:
        raise Unreadable("image_damaged") from error


def _keep(image: Image.Image, stripped: Stripped, content: bytes, folder: Path) -> dict[str, Any]:
    """Return the facts of a JPEG or PNG that stands upright, whose pixels are not touched."""
    width, height = image.size
    is_png = image.format == "PNG"
    image.draft("RGB", THUMBNAIL_SIZE)  # of a JPEG only the resolution that the thumbnail needs is decoded
    image.load()
    answer: dict[str, Any] = {
        "kind": "image",
        "content_type": "image/png" if is_png else "image/jpeg",
        "width": width,
        "height": height,
        **preview(image, folder),
    }
    if stripped.content != content:
        (folder / "stored").write_bytes(stripped.content)
        answer["file"] = "stored"
    return answer


def store(image: Image.Image, folder: Path, *, as_png: bool) -> dict[str, Any]:
    """Write `image` into `folder`, in sRGB and without metadata, with its thumbnail; return its facts.

    `image` is used up, because a copy of a large image would double the memory. Raises Unreadable if the file has more
    bytes than Pinterest accepts.
    """
    path = folder / "stored"
    image = as_shown(image)
    if not as_png and image.mode not in ("RGB", "L"):
        image = on_white(image)
    # Pillow would write the comment again.
    image.info = {}
    for quality in QUALITIES:
        if as_png:
            image.save(path, "PNG")
        else:
            image.save(path, "JPEG", quality=quality)
        size_bytes = path.stat().st_size
        if as_png or size_bytes <= limits.IMAGE_BYTES:
            break
    if size_bytes > limits.IMAGE_BYTES:
        raise Unreadable("image_too_large_converted", size_bytes=size_bytes)
    return {
        "kind": "image",
        "content_type": "image/png" if as_png else "image/jpeg",
        "width": image.width,
        "height": image.height,
        "file": path.name,
        **preview(image, folder),
    }


def preview(image: Image.Image, folder: Path, name: str = "thumbnail", size: tuple[int, int] = THUMBNAIL_SIZE) -> dict:
    """Write the thumbnail, for which `image` itself is shrunk; its name, and the color that prevails."""
    if image.mode in ("P", "PA") or image.mode.startswith("I"):  # neither can be shrunk smoothly
        image = as_shown(image)
    image.thumbnail(size)
    small = on_white(as_shown(image))
    small.save(folder / name, "JPEG", quality=THUMBNAIL_QUALITY)
    return {"thumbnail": name, "dominant_color": dominant_color(small)}


def as_shown(image: Image.Image) -> Image.Image:
    """Return it as a browser shows it: in sRGB, as L, RGB or RGBA."""
    profile, color = image.info.get("icc_profile"), image.info.get("color", SRGB)
    if image.mode.startswith("I"):
        image = _eight_bits(image)
    elif image.has_transparency_data:
        image = image.convert("RGBA")
    elif image.mode not in ("L", "RGB", "CMYK"):
        image = image.convert("L" if image.mode == "1" else "RGB")
    if color != SRGB:
        image = to_srgb(image.convert("RGB") if image.mode in ("L", "CMYK") else image, color)
    elif profile:
        image = _from_profile(image, profile)
    image = image.convert("RGB") if image.mode == "CMYK" else image
    image.info = {}
    return image


def _eight_bits(image: Image.Image) -> Image.Image:
    """Return sixteen bits of gray as eight; Pillow's own conversion would cut off the upper half."""
    transparent = image.info.get("transparency")
    wide = image.convert("I")
    grey = wide.point([value >> 8 for value in range(2**16)], "L")
    if not isinstance(transparent, int):
        return grey
    opaque = wide.point([0 if value == transparent else 255 for value in range(2**16)], "L")
    return Image.merge("RGBA", (grey, grey, grey, opaque))


def _from_profile(image: Image.Image, profile: bytes) -> Image.Image:
    """Return it in sRGB; a profile that cannot be used counts for nothing, as in browsers."""
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    try:
        with io.BytesIO(profile) as file:
            source = ImageCms.ImageCmsProfile(file)
        if image.mode == mode:
            ImageCms.profileToProfile(image, source, _srgb_profile(), inPlace=True)
            return image
        return ImageCms.profileToProfile(image, source, _srgb_profile(), outputMode=mode) or image
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image


@cache
def _srgb_profile() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def on_white(image: Image.Image) -> Image.Image:
    """Return the image as RGB, with transparent parts on white."""
    if image.mode == "RGBA":
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("RGB")


def dominant_color(image: Image.Image) -> str:
    """Return the commonest of the few colors that an RGB image is reduced to, as #RRGGBB."""
    reduced = image.resize(COLOR_SAMPLE, Image.Resampling.BOX).quantize(COLORS)
    _, index = max(reduced.getcolors() or [(0, 0)])
    red, green, blue = (reduced.getpalette() or [0, 0, 0])[3 * int(str(index)) :][:3]
    return f"#{red:02X}{green:02X}{blue:02X}"


def crop(source: Path, folder: Path, numbers: Sequence[str]) -> dict[str, Any]:
    """Write the part of the image in the box (left, top, right, bottom), scaled to width and height.

    `numbers` are these six, in pixels.
    """
    left, top, right, bottom, width, height = (int(number) for number in numbers)
    with opened(source) as image:
        as_png = image.format == "PNG"
        stripped = _stripped(source.read_bytes()) if as_png else Stripped(b"")
        image.info["color"] = _color(stripped, image)
        shown = as_shown(image)
        part = shown.resize((width, height), Image.Resampling.LANCZOS, box=(left, top, right, bottom))
        return store(part, folder, as_png=as_png)
