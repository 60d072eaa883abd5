"""The request that creates a pin: POST /pins with its `media_source` (Pinterest API v5, pins/create)."""

from __future__ import annotations

import base64
import ipaddress
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from .models import MediaFile, Pin


def build_request(pin: Pin) -> dict[str, Any]:
    """The JSON body of POST /pins; fields that the person left empty are left out.

    Raises OSError when the file of an attachment cannot be read."""
    request: dict[str, Any] = {
        "board_id": pin.board.pinterest_id if pin.board else "",
        "title": pin.title,
        "description": pin.description,
        "link": pin.link,
        "alt_text": pin.alt_text,
        "dominant_color": pin.dominant_color,
    }
    request = {name: value for name, value in request.items() if value}
    [image] = pin.media_files
    if goes_by_url(pin):
        request["media_source"] = {"source_type": "image_url", "url": public_address(image)}
    else:
        request["media_source"] = {"source_type": "image_base64", **_read_base64(image)}
    return request


def goes_by_url(pin: Pin) -> bool:
    """Whether Pinterest is asked to fetch the image from here, rather than being sent its bytes.

    With PINTEREST_IMAGE_SOURCE=auto it is, if PUBLIC_URL looks reachable from outside and Pinterest has not just said
    the contrary about this pin."""
    if settings.PINTEREST_IMAGE_SOURCE != "auto":
        return settings.PINTEREST_IMAGE_SOURCE == "url"
    return pin.error_code != "unreachable_url" and is_public_address(settings.PUBLIC_URL)


def public_address(media: MediaFile) -> str:
    """The absolute address of the file: storages such as S3 know their own, ours starts with PUBLIC_URL."""
    url: str = media.file.url
    return url if urlsplit(url).scheme else settings.PUBLIC_URL + url


def is_public_address(url: str) -> bool:
    """Whether the host of `url` can be reached from the internet, judged by its name alone."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith((".local", ".localhost", ".internal", ".test", ".example", ".lan"))


def _read_base64(media: MediaFile) -> dict[str, str]:
    with media.file.open("rb") as file:
        return {"content_type": media.content_type, "data": base64.b64encode(file.read()).decode()}
