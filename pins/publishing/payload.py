"""The request that creates a pin: POST /pins with its `media_source` (Pinterest API v5, pins/create)."""

from __future__ import annotations

import base64
import ipaddress
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from pins.errors.catalogue import UNREACHABLE_URL
from pins.models import Attachment, MediaFile, Pin
from pins.models.media import shown_media
from postiz_pins.http.safe_http import is_public
from postiz_pins.storage.base import store_of

# Pinterest fetches within minutes, but it may try again.
PINTEREST_SECONDS = 24 * 60 * 60


def build_pin_payload(pin: Pin) -> dict[str, Any]:
    """Return the JSON body of POST /pins, without the fields that are empty.

    The video of a video pin must have been processed. Raises OSError when the file of an attachment cannot be read.
    """
    request: dict[str, Any] = {
        "board_id": pin.board.pinterest_id if pin.board else "",
        "board_section_id": pin.section.pinterest_id if pin.section else "",
        "title": pin.title,
        "description": pin.description,
        "link": pin.link,
        "alt_text": pin.alt_text,
        "dominant_color": pin.dominant_color,
    }
    return _without_empty(request) | {"media_source": _build_media_source(pin)}


def _build_media_source(pin: Pin) -> dict[str, Any]:
    by_url = goes_by_url(pin)
    attachments = list(pin.attachments.all())
    if pin.video is not None:
        return {
            "source_type": "video_id",
            "media_id": pin.pinterest_media_id,
            **_cover(attachments[1].media, by_url=by_url),
        }
    if len(attachments) == 1:
        return {"source_type": "image_url" if by_url else "image_base64", **_image(attachments[0].media, by_url=by_url)}
    return {
        "source_type": "multiple_image_urls" if by_url else "multiple_image_base64",
        "items": [_carousel_item(attachment, by_url=by_url) for attachment in attachments],
    }


def _carousel_item(attachment: Attachment, *, by_url: bool) -> dict[str, str]:
    texts = {"title": attachment.title, "description": attachment.description, "link": attachment.link}
    return _image(attachment.media, by_url=by_url) | _without_empty(texts)


def _image(image: MediaFile, *, by_url: bool) -> dict[str, str]:
    if by_url:
        return {"url": address_for_pinterest(image)}
    return {"content_type": image.content_type, "data": _read_base64(image)}


def _cover(image: MediaFile, *, by_url: bool) -> dict[str, str]:
    if by_url:
        return {"cover_image_url": address_for_pinterest(image)}
    return {"cover_image_content_type": image.content_type, "cover_image_data": _read_base64(image)}


def _without_empty(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value}


def goes_by_url(pin: Pin) -> bool:
    """Return whether Pinterest is asked to fetch the images from here, rather than being sent their bytes.

    It is not if Pinterest has just failed to: a pin whose image it could not fetch is sent with the bytes. Else
    PINTEREST_IMAGE_SOURCE decides, with `auto` whether the address looks reachable from outside.
    """
    if pin.error_code == UNREACHABLE_URL.code:
        return False
    if settings.PINTEREST_IMAGE_SOURCE != "auto":
        return settings.PINTEREST_IMAGE_SOURCE == "url"
    image = shown_media(pin.media_files)
    return image is not None and is_public_address(address_for_pinterest(image))


def public_address(media: MediaFile) -> str:
    """Return the absolute address of the file: storages such as S3 know their own, ours begins with PUBLIC_URL."""
    url: str = media.file.url
    return url if urlsplit(url).scheme else settings.PUBLIC_URL + url


def address_for_pinterest(media: MediaFile) -> str:
    """Return where Pinterest fetches the file: from the bucket, if it lies in one, and without being led there."""
    store = store_of(media.file)
    return store.address(str(media.file.name), PINTEREST_SECONDS) or public_address(media)


def is_public_address(url: str) -> bool:
    """Return whether the host of `url` can be reached from the internet, judged by its name alone."""
    host = urlsplit(url).hostname or ""
    try:
        return is_public(ipaddress.ip_address(host))
    except ValueError:
        return "." in host and not host.endswith((".local", ".localhost", ".internal", ".test", ".example", ".lan"))


def _read_base64(media: MediaFile) -> str:
    with store_of(media.file).stream(str(media.file.name)) as file:
        return base64.b64encode(file.read()).decode()
