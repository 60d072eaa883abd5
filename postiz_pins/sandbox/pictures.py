"""Images: checked, fetched, drawn and served. Those of pins arrive from outside, so they are served with care."""

import base64
import binascii
import hashlib
import sqlite3
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO

import requests
from django.http import Http404, HttpRequest, HttpResponse
from PIL import Image, ImageDraw, ImageOps

from postiz_pins.sandbox.api.errors import invalid, unreachable_url

from . import state

FETCH_TIMEOUT_SECONDS = 5
MAX_BYTES = 20 * 1024 * 1024
CONTENT_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/gif"}
# Pinterest's names for the sizes of a picture; 0 means as high as the picture's shape makes it.
SIZES = {"150x150": (150, 150), "400x300": (400, 300), "600x": (600, 0), "1200x": (1200, 0)}


@dataclass(frozen=True)
class Picture:
    """An image that a pin shows."""

    content: bytes
    content_type: str
    width: int
    height: int

    @property
    def id(self) -> str:
        """Return a hash of its content."""
        return hashlib.sha256(self.content).hexdigest()[:32]


def parse_picture(content: bytes) -> Picture | None:
    """Return the image in these bytes; None if they are none."""
    try:
        with Image.open(BytesIO(content)) as image:
            kind, (width, height) = image.format or "", image.size
            image.verify()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None
    if kind not in CONTENT_TYPES:
        return None
    return Picture(content, CONTENT_TYPES[kind], width, height)


def decode_picture(data: str, content_type: str) -> Picture:
    """Return the JPEG or PNG in a base64 text, which has to be what its `content_type` says."""
    try:
        content = base64.b64decode(data, validate=True)
    except binascii.Error:
        raise invalid("Invalid request: the image data is not base64.") from None
    picture = parse_picture(content)
    if picture is None or picture.content_type not in ("image/jpeg", "image/png"):
        raise invalid("Invalid image data: only JPEG and PNG images are supported.")
    if picture.content_type != content_type:
        raise invalid(f"Invalid image data: content_type is {content_type}, but the data is {picture.content_type}.")
    if len(content) > MAX_BYTES:
        raise invalid("Invalid image data: the image is larger than 20 MB.")
    return picture


def fetch_picture(url: str) -> Picture:
    """Return the image at this address, really fetched, as Pinterest does."""
    content = b""
    try:
        with requests.Session() as session:
            # A proxy of the environment would be asked for this machine's own addresses too.
            session.trust_env = False
            with session.get(url, timeout=FETCH_TIMEOUT_SECONDS, stream=True) as response:
                response.raise_for_status()
                for chunk in response.iter_content(65_536):
                    content += chunk
                    if len(content) > MAX_BYTES:
                        raise invalid("Invalid image: the image is larger than 20 MB.")
    except (requests.RequestException, ValueError):
        raise unreachable_url(url) from None
    picture = parse_picture(content)
    if picture is None:
        raise invalid(f"Invalid image: there is no image at {url[:200]}.")
    return picture


def store_picture(db: sqlite3.Connection, picture: Picture) -> str:
    """Store the image, and return its id."""
    db.execute(
        "INSERT OR IGNORE INTO pictures VALUES (?, ?, ?, ?, ?)",
        (picture.id, picture.content_type, picture.width, picture.height, picture.content),
    )
    return picture.id


def picture_url(request: HttpRequest, picture_id: str, size: str) -> str:
    """Return an address for browsers, which reach the sandbox as localhost, whatever the app calls it."""
    return f"http://localhost:{request.META['SERVER_PORT']}/pictures/{picture_id}/{size}/"


def image_sizes(request: HttpRequest, picture_id: str, width: int, height: int) -> dict[str, dict[str, object]]:
    """Return the sizes of an image as Pinterest lists them."""
    sizes = {}
    for name, (wide, high) in SIZES.items():
        sizes[name] = {
            "width": wide,
            "height": high or max(1, round(height * wide / width)),
            "url": picture_url(request, picture_id, name),
        }
    return sizes


@lru_cache(maxsize=256)
def gradient(seed: str, width: int, height: int) -> Picture:
    """Return a soft image of our own: two colors from the seed, a sun and a few hills."""
    digest = hashlib.sha256(seed.encode()).digest()
    hue = digest[9]

    def colour(shift: int, saturation: int, value: int) -> tuple[int, int, int]:
        pixel = Image.new("HSV", (1, 1), ((hue + shift) % 256, saturation, value)).convert("RGB").getpixel((0, 0))
        return (pixel[0], pixel[1], pixel[2]) if isinstance(pixel, tuple) else (0, 0, 0)

    mask = Image.linear_gradient("L").resize((width, height))
    image = Image.composite(
        Image.new("RGB", (width, height), colour(20, 90, 235)),
        Image.new("RGB", (width, height), colour(0, 60, 250)),
        mask,
    )
    draw = ImageDraw.Draw(image)
    radius = width // 7 + digest[1] % (width // 12)
    x, y = width // 4 + digest[2] * width // 512, height // 4 + digest[3] % max(1, height // 8)
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour(128, 40, 255))
    for layer in range(3):
        top = height * (6 + layer) // 10
        middle = digest[4 + layer] * width // 256
        box = (middle - width, top, middle + width, top + height)
        draw.ellipse(box, fill=colour(10 + 14 * layer, 110 + 30 * layer, 190 - 45 * layer))
    out = BytesIO()
    image.save(out, "JPEG", quality=85)
    return Picture(out.getvalue(), "image/jpeg", width, height)


@lru_cache(maxsize=128)
def resized(picture_id: str, size: str) -> tuple[bytes, str] | None:
    """Return the image in this size and its content type; None if there is no such image."""
    with state.store.transaction() as db:
        row = db.execute("SELECT content, content_type FROM pictures WHERE id = ?", (picture_id,)).fetchone()
    if row is None:
        return None
    wide, high = SIZES[size]
    try:
        with Image.open(BytesIO(row["content"])) as image:
            upright = ImageOps.exif_transpose(image)
            if high:
                scaled = ImageOps.fit(upright.convert("RGB"), (wide, high))
            elif upright.width <= wide:
                return row["content"], row["content_type"]
            else:
                scaled = upright.convert("RGB").resize((wide, max(1, round(upright.height * wide / upright.width))))
    except OSError:
        # A truncated image passes the check, as it does elsewhere; a browser shows what there is of it.
        return row["content"], row["content_type"]
    out = BytesIO()
    scaled.save(out, "JPEG", quality=85)
    return out.getvalue(), "image/jpeg"


def picture(request: HttpRequest, picture_id: str, size: str) -> HttpResponse:
    """Answer the request for an image in one of its sizes."""
    resized_picture = resized(picture_id, size) if size in SIZES else None
    if resized_picture is None:
        raise Http404("No such image.")
    content, content_type = resized_picture
    # The name is the hash of the content, so it never changes.
    return HttpResponse(
        content, content_type=content_type, headers={"Cache-Control": "public, max-age=31536000, immutable"}
    )
