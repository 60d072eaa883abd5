"""iCalendar (RFC 5545), as far as a feed of the plan needs it.

Lines are folded by `icalendar`. Its objects for whole events take a second for a thousand of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

# Control characters are left out, but for the tab and the end of a line. The library would take `\N` for that, too.
ESCAPES = dict.fromkeys([*range(9), *range(11, 32), 127]) | str.maketrans(
    {"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"}
)


class Event(NamedTuple):
    """What a calendar shows of a pin."""

    uid: str
    # Grows with each change.
    sequence: int
    starts_at: datetime
    changed_at: datetime
    summary: str
    description: str
    url: str
    is_tentative: bool


def calendar(name: str, events: Iterable[Event]) -> bytes:
    """Return the file of a calendar with these events."""
    lines = [
        *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Postiz Pins//Calendar feed//EN", "CALSCALE:GREGORIAN"),
        *(_line("NAME", name), _line("X-WR-CALNAME", name)),
        *("REFRESH-INTERVAL;VALUE=DURATION:PT1H", "X-PUBLISHED-TTL:PT1H"),
    ]
    for event in events:
        changed_at = _moment(event.changed_at)
        lines += [
            "BEGIN:VEVENT",
            _line("UID", event.uid),
            f"SEQUENCE:{event.sequence}",
            f"DTSTAMP:{changed_at}",
            f"LAST-MODIFIED:{changed_at}",
            f"DTSTART:{_moment(event.starts_at)}",
            "DURATION:PT15M",
            _line("SUMMARY", event.summary),
            _line("DESCRIPTION", event.description),
            _folded(f"URL:{event.url}"),
            "STATUS:TENTATIVE" if event.is_tentative else "STATUS:CONFIRMED",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _line(name: str, text: str) -> str:
    return _folded(f"{name}:{text.translate(ESCAPES)}")


def _folded(line: str) -> str:
    from icalendar.parser import Contentline  # only where a feed is asked for

    return Contentline(line).to_ical().decode()
