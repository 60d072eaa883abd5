"""Pinterest's clock, read off the Date header of its answers."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from postiz_pins.pinterest import server_clock
from postiz_pins.pinterest.errors import PinterestError

DATE = "Mon, 02 Nov 2026 10:00:00 GMT"
MOMENT = datetime(2026, 11, 2, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _unset():
    server_clock.forget()
    yield
    server_clock.forget()


@pytest.fixture
def dated(script, monkeypatch):
    """Answers tell DATE, and nothing else does."""
    monkeypatch.setattr("http.server.BaseHTTPRequestHandler.date_time_string", lambda *args: DATE)
    return script


def test_before_the_first_answer_nothing_is_known():
    assert server_clock.earliest_now() is None
    assert server_clock.skew(datetime.now(UTC)) == timedelta(0)


def test_it_goes_on_from_the_last_answer_whatever_our_clock_is_set_to(dated, scripted_client, monkeypatch):
    dated.answer({"id": "1", "name": "Chairs"})
    scripted_client.fetch_board("1")
    read_at = server_clock._read[1]
    # Not that of time.monotonic, which stands still during a suspend.
    monkeypatch.setattr("time.clock_gettime", lambda clock: read_at + 90 if clock == time.CLOCK_BOOTTIME else 0)

    assert server_clock.earliest_now() == MOMENT + timedelta(seconds=90)
    assert server_clock.skew(MOMENT + timedelta(seconds=100)) == timedelta(seconds=-10)


def test_pinterests_refusals_tell_the_time_as_well(dated, scripted_client):
    dated.answer({"code": 40, "message": "Board not found."}, 404)

    with pytest.raises(PinterestError):
        scripted_client.fetch_board("1")

    assert server_clock.earliest_now() >= MOMENT


@pytest.mark.parametrize(("body", "status"), [("<html>", 404), ("<html>", 502), ("[]", 200)])
def test_a_proxys_clock_is_not_believed(dated, scripted_client, body, status):
    dated.answer(body, status)

    with pytest.raises(PinterestError):
        scripted_client.fetch_board("1")

    assert server_clock.earliest_now() is None


@pytest.mark.parametrize("header", ["", "yesterday", "Mon, 99 Nov 2026 10:00:00 GMT"])
def test_a_date_that_cannot_be_read_changes_nothing(header):
    server_clock.note(header)

    assert server_clock.earliest_now() is None
