"""Reads and makes pictures with Pillow. Runs in the reader's process only (media_reader.py); knows no Django."""

from __future__ import annotations

import struct
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pillow_heif
from PIL import ExifTags, Image, ImageOps

from . import limits
from .metadata import strip_jpeg, strip_png

# Headers are checked against limits.IMAGE_PIXELS below, with a sentence; Pillow's own limit only knows an exception.
Image.MAX_IMAGE_PIXELS = None
# What Pillow warns of is refused, or does no harm: nobody reads the reader's output.
warnings.simplefilter("ignore")
# Each thread would add its stack and its heap to the address space, which is limited.
pillow_heif.options.DECODE_THREADS = 1
pillow_heif.register_heif_opener(thumbnails=False)

FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
THUMBNAIL_SIZE = (480, 720)
THUMBNAIL_QUALITY = 82
# A phone's 48 megapixels make more than 20 MB at the first quality.
QUALITIES = (92, 85, 75)
COLOR_SAMPLE, COLORS = (64, 64), 8
# What Pillow and its plug-ins raise for files that are damaged.
DAMAGE = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, RuntimeError, struct.error)


class Unreadable(Exception):
    """The file cannot be used: a code that reading.py has a sentence for, and the values of that sentence."""

    def __init__(self, code: str, **values: Any) -> None:
        super().__init__(code)
        self.code, self.values = code, values


def read(source: Path, folder: Path) -> dict[str, Any]:
    """Checks the picture by decoding it as a whole, and puts a thumbnail into `folder`.

    "file" in the answer names what is to be stored instead of the source: freed of metadata, turned upright, or
    converted to JPEG or PNG. Without it the source is stored as it is. Raises Unreadable."""
    with opened(source) as image:
        is_turned = image.getexif().get(ExifTags.Base.Orientation, 1) in range(2, 9)
        if image.format in ("WEBP", "HEIF") or is_turned:
            upright = ImageOps.exif_transpose(image)
            image.close()  # the pixels as they lay are no longer needed
            as_png = image.format == "PNG" or (image.format != "JPEG" and upright.has_transparency_data)
            return store(upright, folder, as_png=as_png)
        return _keep(image, source, folder)


@contextmanager
def opened(source: Path) -> Iterator[Image.Image]:
    """The picture, not decoded yet. Inside, what a damaged file raises becomes Unreadable."""
    try:
        with Image.open(source, formats=FORMATS) as image:
            if image.width * image.height > limits.IMAGE_PIXELS:
                raise Unreadable("image_too_many_pixels", width=image.width, height=image.height)
            yield image
    except DAMAGE as error:
        raise Unreadable("image_damaged") from error


def _keep(image: Image.Image, source: Path, folder: Path) -> dict[str, Any]:
    """A JPEG or PNG that stands upright: its pixels are not touched."""
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
    content = source.read_bytes()
    stripped = strip_png(content) if is_png else strip_jpeg(content)
    if stripped != content:
        (folder / "stored").write_bytes(stripped)
        answer["file"] = "stored"
    return answer


def store(image: Image.Image, folder: Path, *, as_png: bool) -> dict[str, Any]:
    """Writes `image` into `folder`, without metadata but with its colour profile, and its thumbnail; `image` itself is
    used up, because a copy of a large picture would double the memory.

    Raises Unreadable if the file has more bytes than Pinterest takes."""
    path = folder / "stored"
    if not as_png and image.mode not in ("RGB", "L", "CMYK"):
        image = to_rgb(image)
    profile = image.info.get("icc_profile")
    # Pillow would write the comment again, and takes the transparency of a palette from here.
    image.info = {name: value for name, value in image.info.items() if name in ("icc_profile", "transparency")}
    for quality in QUALITIES:
        if as_png:
            image.save(path, "PNG", icc_profile=profile)
        else:
            image.save(path, "JPEG", quality=quality, icc_profile=profile)
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
    """Writes the thumbnail, for which `image` itself is shrunk; its name, and the colour that prevails."""
    image.thumbnail(size)
    small = to_rgb(image)
    profile = image.info.get("icc_profile") if image.mode in ("RGB", "RGBA") else None
    small.save(folder / name, "JPEG", quality=THUMBNAIL_QUALITY, icc_profile=profile)
    return {"thumbnail": name, "dominant_color": dominant_color(small)}


def to_rgb(image: Image.Image) -> Image.Image:
    """As RGB, transparent parts on white."""
    if image.mode.startswith("I;16"):  # Pillow would cut the upper half of the greys off
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("RGB")


def dominant_color(image: Image.Image) -> str:
    """The commonest of the few colours that an RGB picture is reduced to, as #RRGGBB."""
    reduced = image.resize(COLOR_SAMPLE, Image.Resampling.BOX).quantize(COLORS)
    _, index = max(reduced.getcolors() or [(0, 0)])
    red, green, blue = (reduced.getpalette() or [0, 0, 0])[3 * int(str(index)) :][:3]
    return f"#{red:02X}{green:02X}{blue:02X}"


def crop(source: Path, folder: Path, numbers: Sequence[str]) -> dict[str, Any]:
    """The part of the picture in the box (left, top, right, bottom), scaled to width and height: the six numbers."""
    left, top, right, bottom, width, height = (int(number) for number in numbers)
    with opened(source) as image:
        if image.mode not in ("RGB", "RGBA", "L", "CMYK"):
            profile = image.info.get("icc_profile")
            converted = image.convert("RGBA") if image.has_transparency_data else to_rgb(image)
            converted.info["icc_profile"] = profile
        else:
            converted = image
        part = converted.resize((width, height), Image.Resampling.LANCZOS, box=(left, top, right, bottom))
        part.info = converted.info
        return store(part, folder, as_png=image.format == "PNG")
