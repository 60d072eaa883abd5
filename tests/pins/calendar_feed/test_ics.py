"""Lines of iCalendar, whatever stands in them."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from pins.calendar_feed import ics

AT = datetime(2031, 5, 5, 12, tzinfo=UTC)
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t"), max_size=200)


def event(**fields):
    usual = {"uid": "pin-1@x", "sequence": 1, "starts_at": AT, "changed_at": AT, "summary": "", "description": ""}
    return ics.Event(**usual | {"url": "https://x.example/", "is_tentative": False} | fields)


@given(TEXT, TEXT)
def test_a_reader_finds_every_text_as_it_was_written(summary, description):
    content = ics.calendar("Plan", [event(summary=summary, description=description)])

    [found] = Calendar.from_ical(content).walk("VEVENT")
    assert (str(found["SUMMARY"]), str(found["DESCRIPTION"])) == (summary, description)
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))


def test_a_backslash_before_a_letter_is_no_line_break():
    content = ics.calendar("Plan", [event(summary="Fall\\New, Fall\\new")])

    assert b"SUMMARY:Fall\\\\New\\, Fall\\\\new\r\n" in content


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
def test_no_text_makes_a_line_of_its_own(text):
    content = ics.calendar(text, [event(summary=text, description=text)])

    names = {line.partition(b":")[0] for line in content.split(b"\r\n") if line and not line.startswith(b" ")}
    assert {name.split(b";")[0] for name in names} == {
        *(b"BEGIN", b"END", b"VERSION", b"PRODID", b"CALSCALE", b"NAME", b"X-WR-CALNAME", b"REFRESH-INTERVAL"),
        *(b"X-PUBLISHED-TTL", b"UID", b"SEQUENCE", b"DTSTAMP", b"LAST-MODIFIED", b"DTSTART", b"DURATION", b"SUMMARY"),
        *(b"DESCRIPTION", b"URL", b"STATUS", b"TRANSP"),
    }
