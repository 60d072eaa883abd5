"""The calendar: which pins stand on which day, in the workspace's time zone."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Membership
from pins.models import Attachment, Pin, PinStatus
from pins.planning.chips import TRAY_LENGTH
from pins.planning.days import PINS_PER_CELL, calendar_of
from pins.planning.periods import DAY, FIRST_DAY, LAST_DAY, LIST, MONTH, VIEWS, WEEK, period_of
from tests.factories import BoardFactory, MediaFileFactory, PinFactory, PublishingTimeFactory

ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "UTC")
URL = "/calendar/"


@pytest.fixture
def berlin(team):
    """The team's workspace in Berlin, on Monday 1 March 2027 at noon."""
    team.workspace.time_zone = "Europe/Berlin"
    team.workspace.save()
    with time_machine.travel(datetime(2027, 3, 1, 11, 0, tzinfo=UTC), tick=False):
        yield team


def planned(team, at, status=PinStatus.SCHEDULED, **fields):
    at = datetime.fromisoformat(at).replace(tzinfo=ZoneInfo("Europe/Berlin"))
    return PinFactory(**({"board": team.board, "publish_at": at, "status": status} | fields))


def entries(response):
    """What stands on which day of the page."""
    return {
        day.on.isoformat(): [(chip.pk, f"{chip.at.astimezone(ZoneInfo('Europe/Berlin')):%H:%M}") for chip in day.chips]
        for day in response.context["days"]
        if day.chips
    }


@given(
    st.dates(date(1999, 6, 1), date(2040, 1, 1)).filter(lambda on: on >= FIRST_DAY),
    st.sampled_from(VIEWS),
    st.sampled_from(ZONES),
)
def test_a_period_is_whole_days_that_follow_each_other_in_every_zone(on, view, zone):
    period = period_of(view, on)
    begin, end = period.bounds(ZoneInfo(zone))

    assert on in period.days
    assert period.days == sorted(set(period.days))
    assert begin.astimezone(ZoneInfo(zone)).date() == period.first
    assert (end - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).date() == period.last
    assert view not in (MONTH, WEEK) or (period.first.weekday(), period.last.weekday()) == (0, 6)
    assert view not in (MONTH, LIST) or {on.replace(day=1), on.replace(day=28)} <= set(period.days)
    assert view != DAY or period.days == [on]


@given(st.dates(date(2000, 3, 1), date(2998, 1, 1)), st.sampled_from(VIEWS))
def test_the_arrows_lead_to_the_neighbors_and_back(on, view):
    period = period_of(view, on)
    after, before = period_of(view, period.next), period_of(view, period.previous)

    assert period_of(view, after.previous).title == period.title
    assert period_of(view, before.next).title == period.title
    assert len({before.title, period.title, after.title}) == 3


@pytest.mark.parametrize(
    ("on", "title"),
    [
        (date(2026, 11, 27), "23 – 29 November 2026"),
        (date(2026, 12, 1), "30 November – 6 December 2026"),
        (date(2027, 1, 1), "28 December 2026 – 3 January 2027"),
    ],
)
def test_a_week_says_its_month_and_its_year_once(on, title):
    assert period_of("week", on).title == title


@pytest.mark.parametrize("view", VIEWS)
def test_the_first_and_the_last_day_have_no_neighbor_beyond(view):
    assert period_of(view, FIRST_DAY).previous is None
    assert period_of(view, LAST_DAY).next is None


def test_pins_stand_on_their_day_in_the_workspaces_zone(berlin, client):
    client.force_login(berlin.alice)
    late, early = planned(berlin, "2027-03-05T23:59"), planned(berlin, "2027-03-06T00:00")
    statuses = (PinStatus.DRAFT, PinStatus.PROPOSED, PinStatus.FAILED)
    others = [planned(berlin, f"2027-03-10T0{hour}:30", status) for hour, status in enumerate(statuses)]

    days = entries(client.get(URL))

    assert days["2027-03-05"] == [(late.pk, "23:59")]
    assert days["2027-03-06"] == [(early.pk, "00:00")]
    assert [pk for pk, _ in days["2027-03-10"]] == [pin.pk for pin in others]


def test_a_published_pin_stands_where_it_was_published(berlin, client):
    client.force_login(berlin.alice)
    pin = planned(berlin, "2027-02-20T10:00", PinStatus.PUBLISHED)
    Pin.objects.filter(pk=pin.pk).update(published_at=datetime(2027, 2, 21, 9, 0, tzinfo=UTC))

    assert entries(client.get(URL, {"view": LIST, "on": "2027-02-01"})) == {"2027-02-21": [(pin.pk, "10:00")]}


@pytest.mark.parametrize(("day", "hours"), [("2027-03-28", 23), ("2027-10-31", 25)])
def test_the_days_on_which_the_clocks_change_hold_all_their_pins(berlin, client, day, hours):
    client.force_login(berlin.alice)
    begin = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)
    for hour in range(hours):
        PinFactory(board=berlin.board, publish_at=begin + timedelta(hours=hour))

    response = client.get(URL, {"view": DAY, "on": day})

    assert [found.count for found in response.context["days"]] == [hours]
    assert sum(len(cell.chips) for _, cells in response.context["hours"] for cell in cells) == hours


def test_a_day_of_a_month_shows_four_pins_and_leads_to_the_others(berlin, client):
    client.force_login(berlin.alice)
    for minute in range(7):
        planned(berlin, f"2027-03-05T09:0{minute}")

    month = client.get(URL).content.decode()
    day = client.get(URL, {"view": DAY, "on": "2027-03-05"}).content.decode()

    assert month.count('class="chip ') == PINS_PER_CELL
    assert "+ 3 more" in month
    assert day.count('class="chip ') == 7


def test_drafts_without_a_date_wait_in_the_tray(berlin, client):
    client.force_login(berlin.alice)
    for _ in range(TRAY_LENGTH + 1):
        PinFactory(board=berlin.board, status=PinStatus.DRAFT, publish_at=None)

    response = client.get(URL)

    assert len(response.context["tray"]) == TRAY_LENGTH
    assert "All drafts" in response.content.decode()


def test_filters_leave_out_what_they_do_not_ask_for(berlin, client):
    client.force_login(berlin.alice)
    board = BoardFactory(account=berlin.account)
    chair = planned(berlin, "2027-03-05T09:00", title="Oak chair", board=board)
    table = planned(berlin, "2027-03-05T10:00", PinStatus.FAILED, title="Oak table")

    def shown(**query):
        return {pk for day in entries(client.get(URL, query)).values() for pk, _ in day}

    assert shown() == {chair.pk, table.pk}
    assert shown(q="chair") == shown(board=chair.board_id) == shown(status="scheduled") == {chair.pk}
    assert shown(account=berlin.account.pk) == {chair.pk, table.pk}


def test_links_keep_the_filters_and_every_view_is_one(berlin, client):
    client.force_login(berlin.alice)

    text = client.get(URL, {"q": "oak & pine", "on": "2027-03-15"}).content.decode()

    for view in VIEWS:
        assert f"?view={view}&amp;on=2027-03-15&amp;q=oak+%26+pine" in text
    assert "?on=2027-02-28&amp;q=oak+%26+pine" in text
    assert "?q=oak+%26+pine&amp;view=day&amp;on=2027-03-15" in text


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"on": "2027-02-30"}, "Write the day like 2027-03-28."),
        ({"on": "0001-01-01"}, "Choose a day between 2000 and 2999."),
        ({"on": "9999-12-31"}, "Choose a day between 2000 and 2999."),
        ({"view": "century"}, "Select a valid choice. century is not one of the available choices."),
        ({"account": "99999999999999999999"}, "Select a valid choice."),
        ({"board": "x"}, "Select a valid choice."),
        ({"status": "lost"}, "Select a valid choice. lost is not one of the available choices."),
        ({"q": "a" * 101}, "Ensure this value has at most 100 characters (it has 101)."),
        ({"q": "\0"}, "Null characters are not allowed."),
    ],
)
def test_what_is_wrong_in_the_address_is_said_and_the_month_is_shown(berlin, client, query, sentence):
    client.force_login(berlin.alice)

    response = client.get(URL, query)

    assert response.status_code == 200
    assert sentence in response.content.decode()
    assert response.context["period"].title == "March 2027"


def test_pins_accounts_and_boards_of_other_workspaces_are_not_there(berlin, client):
    client.force_login(berlin.alice)
    foreign = PinFactory(publish_at=datetime(2027, 3, 5, 9, 0, tzinfo=UTC))

    response = client.get(URL, {"account": foreign.account_id, "board": foreign.board_id})

    assert entries(response) == {}
    assert "Select a valid choice" in response.content.decode()


def test_a_viewer_sees_the_plan_and_no_way_to_change_it(berlin, client):
    planned(berlin, "2027-03-05T09:00")

    client.force_login(berlin.alice)
    assert "Move" in client.get(URL).content.decode()
    client.force_login(berlin.bob)
    text = client.get(URL).content.decode()

    assert "A chair" in text
    assert "Move" not in text
    assert "data-move-url" not in text
    assert "js/calendar" in text  # which shows what others change meanwhile


def test_as_many_queries_for_ten_pins_as_for_a_thousand(berlin, client):
    client.force_login(berlin.alice)
    PublishingTimeFactory(account=berlin.account)
    media = MediaFileFactory(workspace=berlin.workspace)

    def fill(count):
        begin = datetime(2027, 3, 2, 9, tzinfo=UTC)
        moments = [begin + timedelta(days=number % 28, minutes=number // 28) for number in range(count)]
        keys = {"link_key": "https://example.com/chair", "picture_key": media.sha256}
        own = {"workspace": berlin.workspace, "account": berlin.account, "board": berlin.board}
        scheduled = [
            Pin(**own, **keys, status=PinStatus.SCHEDULED, publish_at=at, next_attempt_at=at) for at in moments
        ]
        drafts = [Pin(**own, status=PinStatus.DRAFT) for _ in range(count // 10)]
        pins = Pin.objects.bulk_create([*scheduled, *drafts])
        Attachment.objects.bulk_create(Attachment(pin=pin, media=media, position=0) for pin in pins)

    def count():
        with CaptureQueriesContext(connection) as queries:
            response = client.get(URL)
        shown = [chip for day in response.context["days"] for chip in day.chips]
        return len(queries), len(shown), response.context["count"]

    fill(10)
    few = count()
    fill(990)

    # Four of them are those of every page: session, user, memberships and the side bar's accounts.
    assert few == (10, 10, 10)
    assert count() == (10, 28 * PINS_PER_CELL, 1000)


def test_a_month_reads_only_the_pins_it_shows(berlin):
    for number in range(60):
        planned(berlin, f"2027-03-05T09:{number:02}")

    days, _ = calendar_of(
        period_of(MONTH, date(2027, 3, 5)),
        Pin.objects.in_workspace(berlin.workspace),
        berlin.workspace.zone,
        date(2027, 3, 1),
        Membership.objects.get(user=berlin.alice),
    )

    (day,) = [day for day in days if day.count]
    assert (day.count, len(day.chips), day.more_count) == (60, PINS_PER_CELL, 56)
    assert [chip.clock for chip in day.chips] == ["09:00", "09:01", "09:02", "09:03"]


def test_the_page_of_the_calendar_has_a_name_in_the_navigation(berlin, client):
    client.force_login(berlin.alice)

    assert f'href="{reverse("pins:calendar")}" aria-current="page"' in client.get(URL).content.decode()


@pytest.mark.parametrize(
    ("first_weekday", "begins_on", "first_column"), [(0, "2027-03-01", "Monday"), (6, "2027-02-28", "Sunday")]
)
def test_weeks_begin_with_the_workspaces_first_day(berlin, client, first_weekday, begins_on, first_column):
    berlin.workspace.first_weekday = first_weekday
    berlin.workspace.save()
    client.force_login(berlin.alice)

    month, week = (client.get(URL, {"view": view, "on": "2027-03-03"}).context for view in (MONTH, WEEK))

    assert str(month["period"].first) == str(week["period"].first) == begins_on
    assert month["columns"][0] == first_column


def test_a_day_offers_a_new_pin_at_its_first_free_publishing_time(berlin, client):
    client.force_login(berlin.alice)
    for at in (time(9), time(18)):
        PublishingTimeFactory(account=berlin.account, weekday=4, time=at)
    planned(berlin, "2027-03-05T09:10")

    page = client.get(URL, {"on": "2027-03-05"}).content.decode()
    answer = client.get("/calendar/new/?on=2027-03-05")

    assert 'href="/calendar/new/?on=2027-03-05"' in page
    assert answer["Location"] == f"/pins/new/?account={berlin.account.pk}&publish_at=2027-03-05T18%3A00"


def test_a_viewer_is_offered_no_new_pin(berlin, client):
    client.force_login(berlin.bob)
    PublishingTimeFactory(account=berlin.account)

    assert "publish_at=" not in client.get(URL).content.decode()
    assert "/calendar/new/" not in client.get(URL, {"view": WEEK}).content.decode()


def test_without_a_choice_the_arrows_and_filters_make_none(berlin, client):
    """A screen that is narrow shows a list of what opens without a choice (calendar-narrow.css)."""
    client.force_login(berlin.alice)
    usual = client.get(URL, {"on": "2027-03-15"})
    chosen = client.get(URL, {"on": "2027-03-15", "view": MONTH})

    assert [usual.context["links"][name] for name in ("previous", "next")] == ["?on=2027-02-28", "?on=2027-04-01"]
    assert "month--usual" in usual.content.decode()
    assert 'name="view"' not in usual.content.decode()
    assert chosen.context["links"]["next"] == "?view=month&on=2027-04-01"
    assert "month--usual" not in chosen.content.decode()


def test_other_parameters_of_the_calendar_make_no_longer_range(berlin, client):
    client.force_login(berlin.alice)

    response = client.get(URL, {"since": "2027-01-01", "until": "2127-01-01", "days": "36500"})

    assert len(response.context["days"]) == 35


def folded(response):
    """The days that are folded, and those that are listed, by the day of the month."""
    return [[day.on.day for day in response.context[name]] for name in ("earlier_days", "listed_days")]


@time_machine.travel(datetime(2027, 3, 17, 11, 0, tzinfo=UTC), tick=False)
def test_a_list_begins_with_today_and_folds_what_is_earlier(team, client):
    team.workspace.time_zone = "Europe/Berlin"
    team.workspace.save()
    client.force_login(team.alice)
    for day in ("2027-02-20", "2027-02-22", "2027-03-15", "2027-03-16"):
        planned(team, f"{day}T09:00")

    only_past = client.get(URL, {"view": LIST})
    planned(team, "2027-03-17T09:00")
    planned(team, "2027-03-20T09:00")

    assert folded(only_past) == [[], [15, 16]]
    assert "Earlier in March" not in only_past.content.decode()
    for query, words in (
        ({"view": LIST}, "Earlier in March"),
        ({}, "Earlier in March"),
        ({"view": WEEK}, "Earlier this"),
    ):
        response = client.get(URL, query)
        assert folded(response) == [[15, 16], [17, 20]]
        assert f"<summary>{words}" in response.content.decode()
    # A month that is over is shown as a whole.
    assert folded(client.get(URL, {"view": LIST, "on": "2027-02-01"})) == [[], [20, 22]]
    assert "<summary>Earlier" not in client.get(URL, {"view": MONTH}).content.decode()


@pytest.mark.parametrize(
    ("first", "early", "words"),
    [
        ("09:30", 7, "00:00–07:00"),
        ("07:00", 7, "00:00–07:00"),
        ("05:59", 5, "00:00–05:00"),
        ("01:00", 0, None),
        ("00:10", 0, None),
    ],
)
@pytest.mark.parametrize("view", [WEEK, DAY])
def test_the_hours_before_the_first_pin_are_folded(berlin, client, first, early, words, view):
    client.force_login(berlin.alice)
    planned(berlin, f"2027-03-05T{first}")

    response = client.get(URL, {"view": view, "on": "2027-03-05"})
    page = response.content.decode()

    assert response.context["early_hours"] == early
    assert page.count('<tr class="is-early">') == early
    assert words is None or f"<summary>{words} " in page
    assert ("hours__early" in page) is bool(words)
