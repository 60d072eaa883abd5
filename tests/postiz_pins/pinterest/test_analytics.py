"""Figures read tolerantly: of an answer that is partly broken, the rest counts."""

from datetime import UTC, date, datetime, timedelta

import pytest

from postiz_pins.pinterest.analytics import parse_days, parse_metrics
from postiz_pins.pinterest.errors import PinterestClientError, ServerFailed


def answer(*days):
    return {"all": {"daily_metrics": list(days)}}


def day(on="2026-03-01", status="READY", **metrics):
    return {"date": on, "data_status": status, "metrics": metrics}


def test_days_come_oldest_first_with_pinterests_names():
    told = parse_days(answer(day("2026-03-02", IMPRESSION=2), day("2026-03-01", IMPRESSION=1, NEW_ONE=0.5)))

    assert [its.date for its in told.days] == [date(2026, 3, 1), date(2026, 3, 2)]
    assert told.days[0].metrics == {"IMPRESSION": 1, "NEW_ONE": 0.5}
    assert told.flaws == []


def test_of_a_day_that_is_told_twice_the_last_counts():
    assert parse_days(answer(day(IMPRESSION=1), day(IMPRESSION=2))).days[0].metrics == {"IMPRESSION": 2}


@pytest.mark.parametrize("status", ["ESTIMATE", "BEFORE_BUSINESS_CREATED", "A_NEW_ONE"])
def test_any_status_is_kept_and_a_day_without_metrics_has_none(status):
    [told] = parse_days(answer({"date": "2026-03-01", "data_status": status})).days

    assert (told.data_status, told.metrics) == (status, {})


@pytest.mark.parametrize(
    "broken", [None, 7, "day", [], {}, {"date": None}, {"date": "2026-02-30"}, {"date": "2026-03-05", "metrics": [1]}]
)
def test_a_broken_day_is_named_and_the_others_count(broken):
    told = parse_days(answer(broken, day(IMPRESSION=1)))

    assert len(told.days) == len(told.flaws) == 1


@pytest.mark.parametrize("broken", [{}, {"all": None}, {"all": []}, {"all": {}}, {"all": {"daily_metrics": {}}}])
def test_an_answer_without_days_is_a_failure_of_the_server(broken):
    with pytest.raises(ServerFailed):
        parse_days(broken)


def test_what_is_no_number_is_missing():
    told = {"A": 1, "B": None, "C": "3", "D": True, "E": float("nan"), "F": float("inf"), "G": [1], "H": 2**70}

    assert parse_metrics(told) == {"A": 1, "H": 2**70}
    assert parse_metrics(None) == parse_metrics([1]) == {}


def board_id_of(client):
    return client.fetch_boards()[0].id


def test_the_accounts_days_are_fetched_with_both_ends(client):
    today = datetime.now(UTC).date()

    told = client.fetch_account_days(today - timedelta(days=9), today)

    assert [its.date for its in told.days] == [today - timedelta(days=number) for number in range(9, -1, -1)]
    assert told.days[0].metrics["IMPRESSION"] > 0
    assert told.days[-1].metrics == {}


def test_the_days_of_one_pin_and_of_many_are_the_same(sandbox, client):
    pin_ids = [sandbox.create_pin(board_id_of(client), days_ago=5)["id"] for _ in range(2)]
    sandbox.options(multi_pin_analytics=True)
    today = datetime.now(UTC).date()
    span = (today - timedelta(days=9), today)

    many = client.fetch_days_of_pins(pin_ids, *span)

    assert many == {pin_id: client.fetch_pin_days(pin_id, *span) for pin_id in pin_ids}


def test_many_pins_are_refused_until_the_app_may(client):
    today = datetime.now(UTC).date()

    with pytest.raises(PinterestClientError) as caught:
        client.fetch_days_of_pins(["1"], today, today)

    assert caught.value.status == 403


def test_a_pin_of_which_the_answer_says_nothing_readable_is_left_out(script, scripted_client):
    script.answer({"1": answer(day(IMPRESSION=1)), "2": {"all": 7}, "3": None})

    told = scripted_client.fetch_days_of_pins(["1", "2", "3", "4"], date(2026, 3, 1), date(2026, 3, 1))

    assert list(told) == ["1"]


def test_lifetime_figures_are_listed_until_a_pin_is_too_old(sandbox, client):
    board_id = board_id_of(client)
    young = sandbox.create_pin(board_id, days_ago=5)["id"]
    sandbox.create_pin(board_id, days_ago=50)

    page = client.fetch_pins_with_metrics(datetime.now(UTC) - timedelta(days=10))

    assert [pin.pin_id for pin in page.pins] == [young]
    assert page.pins[0].metrics["impression"] > 0
    assert page.bookmark == ""


def test_the_next_page_begins_at_the_bookmark(sandbox, client, monkeypatch):
    monkeypatch.setattr("postiz_pins.pinterest.client.PAGE_SIZE", 2)
    board_id = board_id_of(client)
    pin_ids = [sandbox.create_pin(board_id, days_ago=days)["id"] for days in (1, 2, 3)]
    since = datetime.now(UTC) - timedelta(days=10)

    first = client.fetch_pins_with_metrics(since)
    second = client.fetch_pins_with_metrics(since, first.bookmark)

    assert [pin.pin_id for pin in [*first.pins, *second.pins]] == pin_ids
    assert (bool(first.bookmark), second.bookmark) == (True, "")


@pytest.mark.parametrize("metrics", [None, {}, {"lifetime_metrics": None}, {"lifetime_metrics": 4}])
def test_a_pin_without_lifetime_metrics_has_none(script, scripted_client, metrics):
    script.answer({"id": "1", "created_at": "2020-01-01T20:10:40", "pin_metrics": metrics})

    told = scripted_client.fetch_pin_with_metrics("1")

    assert told.metrics is None
    assert told.created_at == datetime(2020, 1, 1, 20, 10, 40, tzinfo=UTC)
