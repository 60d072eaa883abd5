"""A pin as a row of a file, in the columns that imports understand."""

from __future__ import annotations

from datetime import UTC, datetime

from django.conf import settings

from pins.imports.columns import BY_KEY, MEDIA_KEYS, PINTEREST_COLUMNS
from pins.models import MediaFile, Pin
from pins.publishing.payload import is_public_address, public_address

# All that an import reads, without what only other programs know.
PLAN_KEYS = (
    *(column.key for column in PINTEREST_COLUMNS),
    *("alt_text", "section", "account", "color", *MEDIA_KEYS[1:]),
    *("library_file", "cover_url", "status", "tags", "pin_id"),
)
PLAN_HEADER = [BY_KEY[key].name for key in PLAN_KEYS]


def pinterest_row(pin: Pin) -> list[str]:
    """Return a row of Pinterest's own format: eight columns, times in UTC without saying so."""
    cells = cells_of(pin)
    cells["publish_at"] = cells["publish_at"].removesuffix("Z")
    if pin.section is not None:
        cells["board"] = f"{cells['board']}/{pin.section.name}"
    cells["thumbnail"] = cells["cover_url"]
    return [cells[column.key] for column in PINTEREST_COLUMNS]


def plan_row(pin: Pin) -> list[str]:
    """Return a row with all columns of PLAN_KEYS."""
    cells = cells_of(pin)
    return [cells[key] for key in PLAN_KEYS]


def cells_of(pin: Pin) -> dict[str, str]:
    """Return the cells of a pin that was read `with_content`, by the keys of their columns."""
    files = pin.media_files
    is_video = bool(files) and files[0].is_video
    addresses = [public_address(media) for media in (files[:1] if is_video else files)]
    cells = dict.fromkeys(BY_KEY, "")
    cells |= {
        "title": pin.title,
        "board": pin.board.name if pin.board else "",
        "description": pin.description,
        "link": pin.link,
        "publish_at": format_utc(pin.published_at or pin.publish_at),
        "keywords": pin.keywords,
        "alt_text": pin.alt_text,
        "section": pin.section.name if pin.section else "",
        "account": pin.account.username if pin.account else "",
        "color": pin.dominant_color,
        "library_file": "; ".join(media.original_name for media in files),
        "cover_url": public_address(files[1]) if is_video and len(files) > 1 else "",
        "tags": ", ".join(sorted((tag.name for tag in pin.tags.all()), key=str.casefold)),
        "status": pin.get_status_display(),
        "pin_id": str(pin.pk),
    }
    return cells | dict(zip(MEDIA_KEYS, addresses, strict=False))


def format_utc(at: datetime | None) -> str:
    """Return the moment as 2027-03-01T10:00:00Z; empty for none."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if at else ""


def why_left_out(pin: Pin) -> str:
    """Return why Pinterest's own importer could not take the pin; empty if it could."""
    files = pin.media_files
    if not files:
        return "It has no media."
    if len(files) > 1 and not files[0].is_video:
        return "Pinterest's importer takes no carousels."
    if not is_public_address(settings.PUBLIC_URL) and not _is_elsewhere(files[0]):
        return "Its media has no public address, so Pinterest can't fetch it."
    return ""


def _is_elsewhere(media: MediaFile) -> bool:
    """Return whether the media is kept at a public address of its own, such as a bucket's."""
    address = public_address(media)
    return not address.startswith(settings.PUBLIC_URL) and is_public_address(address)
