"""Small real images, as an app would send them."""

import base64
from io import BytesIO

from PIL import Image


def image_bytes(width: int = 60, height: int = 90, kind: str = "JPEG") -> bytes:
    out = BytesIO()
    Image.new("RGB", (width, height), "teal").save(out, kind)
    return out.getvalue()


def image_base64(width: int = 60, height: int = 90, kind: str = "JPEG") -> str:
    return base64.b64encode(image_bytes(width, height, kind)).decode()


def base64_source(width: int = 60, height: int = 90) -> dict[str, str]:
    return {"source_type": "image_base64", "content_type": "image/jpeg", "data": image_base64(width, height)}


VIDEO = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + b"\x00" * 5_000
