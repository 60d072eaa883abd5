"""What the cells of a file mean: dates, seconds of a video, addresses. Pure functions."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from postiz_pins.common.dates import first_moment

ISO = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T\s]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?\s*(Z|[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)
LOCAL = re.compile(
    r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})(?:[T,\s]+(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([ap]m)?)?", re.IGNORECASE
)
CLOCK = re.compile(r"(?:(\d{1,2}):)?(\d{1,2}):(\d{2})(?:\.\d+)?")
SECONDS = re.compile(r"\d{1,5}(?:\.\d+)?")
DAY_FIRST, MONTH_FIRST = "dmy", "mdy"


class Unreadable(Exception):
    """A cell that is no value of its kind."""


class AmbiguousDate(Exception):
    """A date such as 3/4/2027, whose two readings are two days."""

    def __init__(self, day_first: date, month_first: date) -> None:
        super().__init__(day_first, month_first)
        self.day_first, self.month_first = day_first, month_first


def parse_moment(text: str, zone: ZoneInfo, order: str = "") -> datetime:
    """Return the moment that a cell writes, in UTC.

    Args:
        text: A date, with or without a time; without one it is the day's first moment.
        zone: Of times that name none. A time that its clocks skip is the next one that exists.
        order: DAY_FIRST or MONTH_FIRST for dates such as 3/4/2027.

    Raises Unreadable and AmbiguousDate.
    """
    text = text.strip()
    if match := ISO.fullmatch(text):
        year, month, day, hour, minute, second, offset = match.groups()
        moment = _at(_date(year, month, day), hour, minute, second)
        return _with_offset(moment, offset, zone)
    if match := LOCAL.fullmatch(text):
        first, separator, other, year, hour, minute, second, half = match.groups()
        day = _local_date(int(first), int(other), year, DAY_FIRST if separator == "." else order)
        return _with_offset(_at(day, hour, minute, second, half), None, zone)
    raise Unreadable


def _local_date(first: int, other: int, year: str, order: str) -> date:
    if order == DAY_FIRST or first > 12:
        return _date(year, other, first)
    if order == MONTH_FIRST or other > 12:
        return _date(year, first, other)
    if first == other:
        return _date(year, first, other)
    raise AmbiguousDate(_date(year, other, first), _date(year, first, other))


def _date(year: str, month: str | int, day: str | int) -> date:
    try:
        return date(int(year), int(month), int(day))
    except ValueError as error:  # 30 February
        raise Unreadable from error


def _at(day: date, hour: str | None, minute: str | None, second: str | None, half: str | None = None) -> datetime:
    hours = int(hour or 0)
    if half:
        if not 1 <= hours <= 12:
            raise Unreadable
        hours = hours % 12 + (12 if half.lower() == "pm" else 0)
    try:
        return datetime.combine(day, time(hours, int(minute or 0), int(second or 0)))
    except ValueError as error:
        raise Unreadable from error


def _with_offset(moment: datetime, offset: str | None, zone: ZoneInfo) -> datetime:
    try:
        if offset is None:
            return first_moment(moment.date(), moment.time(), zone)
        text = "+00:00" if offset.upper() == "Z" else offset
        return datetime.fromisoformat(f"{moment.isoformat()}{text}").astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Unreadable from error


def parse_seconds(text: str) -> float:
    """Return the place in a video that a cell names as mm:ss, h:mm:ss or seconds.

    Raises Unreadable.
    """
    text = text.strip()
    if SECONDS.fullmatch(text):
        return float(text)
    match = CLOCK.fullmatch(text)
    if match is None or int(match[3]) > 59 or (match[1] and int(match[2]) > 59):
        raise Unreadable
    return int(match[1] or 0) * 3600 + int(match[2]) * 60 + float(text.rpartition(":")[2])


def is_address(text: str) -> bool:
    """Return whether a cell is a web address, and no name of a file."""
    return text.strip().lower().startswith(("http://", "https://"))


# Pages on which the usual clouds show a file; none of these addresses is the file's own.
SHARE_PAGES = {
    "drive.google.com": "Google Drive",
    "docs.google.com": "Google Drive",
    "photos.google.com": "Google Photos",
    "photos.app.goo.gl": "Google Photos",
    "dropbox.com": "Dropbox",
    "onedrive.live.com": "OneDrive",
    "1drv.ms": "OneDrive",
    "sharepoint.com": "SharePoint",
    "icloud.com": "iCloud",
    "box.com": "Box",
    "canva.com": "Canva",
    "wetransfer.com": "WeTransfer",
    "we.tl": "WeTransfer",
}


def share_page_of(address: str) -> str:
    """Return the name of the cloud if the address is a page that it shares a file by; empty for any other."""
    try:
        parts = urlsplit(address.strip())
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return ""
    if host.endswith("dropbox.com") and ("raw=1" in parts.query or "dl=1" in parts.query):
        return ""  # the file itself
    if host == "drive.google.com" and parts.path.startswith("/uc"):
        return ""
    return next((name for page, name in SHARE_PAGES.items() if host == page or host.endswith(f".{page}")), "")
