"""What the cells of a file mean."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from pins.imports.values import (
    DAY_FIRST,
    MONTH_FIRST,
    AmbiguousDate,
    Unreadable,
    is_address,
    parse_moment,
    parse_seconds,
    share_page_of,
)

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2027-03-01", (2027, 2, 28, 23, 0)),
        ("2027-03-01T10:00:00", (2027, 3, 1, 9, 0)),
        ("2027-03-01 10:00", (2027, 3, 1, 9, 0)),
        ("2027-03-01T10:00:00Z", (2027, 3, 1, 10, 0)),
        ("2027-03-01T10:00:00+05:30", (2027, 3, 1, 4, 30)),
        ("2027-03-28T02:30:00", (2027, 3, 28, 1, 0)),  # skipped by the clocks: 03:00 comes next
        ("2027-10-31T02:30:00", (2027, 10, 31, 0, 30)),  # comes twice: the first one
        ("25/12/2027", (2027, 12, 24, 23, 0)),
        ("12/25/2027 6:05 pm", (2027, 12, 25, 17, 5)),
        ("3.4.2027", (2027, 4, 2, 22, 0)),
        ("4/4/2027", (2027, 4, 3, 22, 0)),
    ],
)
def test_dates_are_read(text, expected):
    assert parse_moment(text, BERLIN) == datetime(*expected, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["2027-02-30T10:00:00", "tomorrow", "2027-13-01", "2027-03-01T25:00", "31/31/2027", "0000-01-01", "13:00 pm"]
    + ["1/2/2027 13:00 pm", "2027-03-01T10:00+99:00", "9999-12-31T23:59-12:00", "٣/٤/2027"],
)
def test_what_is_no_date_is_not_guessed(text):
    with pytest.raises((Unreadable, AmbiguousDate)):
        parse_moment(text, BERLIN)


def test_a_date_with_two_readings_is_read_as_it_is_said():
    with pytest.raises(AmbiguousDate) as caught:
        parse_moment("3/4/2027", BERLIN)

    assert (caught.value.day_first, caught.value.month_first) == (date(2027, 4, 3), date(2027, 3, 4))
    assert parse_moment("3/4/2027", BERLIN, DAY_FIRST).month == 4
    assert parse_moment("3/4/2027", BERLIN, MONTH_FIRST).day == 3


def test_places_in_a_video_are_read():
    assert [parse_seconds(text) for text in ("1:05", "12", "0:01:02", "3.5")] == [65, 12, 62, 3.5]
    for text in ("1:99", "1:60:00", "later", "", "-1"):
        with pytest.raises(Unreadable):
            parse_seconds(text)


def test_pages_of_clouds_are_told_from_files():
    assert share_page_of("https://drive.google.com/file/d/1a2b/view?usp=sharing") == "Google Drive"
    assert share_page_of("https://www.dropbox.com/s/abc/chair.jpg?dl=0") == "Dropbox"
    assert share_page_of("https://www.dropbox.com/s/abc/chair.jpg?raw=1") == ""
    assert share_page_of("https://example.com/dropbox.com.jpg") == ""
    assert is_address(" HTTPS://example.com/a.jpg") and not is_address("chair.jpg")
