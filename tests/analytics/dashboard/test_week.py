"""The week ahead: seven days in the workspace's time zone, their pins, and where nothing is planned."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from accounts.models import Membership, Role
from analytics.dashboard.week import DAYS, MOST_COUNTED, PINS_PER_DAY, week_ahead
from pins.models import Pin, PinStatus
from tests.factories import PinFactory
from tests.page_text import page_text

pytestmark = pytest.mark.django_db

BERLIN = ZoneInfo("Europe/Berlin")
# In Berlin it is half past midnight of the 27th already.
NOW = datetime(2026, 11, 26, 23, 30, tzinfo=UTC)


def at(day, hour, minute=0):
    return datetime(2026, 11, day, hour, minute, tzinfo=BERLIN)


def week(now=NOW):
    return week_ahead(Pin.objects.all(), BERLIN, now)


def test_it_begins_today_in_the_workspace_and_has_seven_days(team):
    found = week()

    assert [planned.on for planned in found] == [date(2026, 11, day) for day in range(27, 31)] + [
        date(2026, 12, day) for day in range(1, 4)
    ]
    assert (len(found), found[0].is_today) == (DAYS, True)


def test_each_day_has_its_first_pins_and_how_many_more_there_are(team):
    for minute in range(PINS_PER_DAY + 2):
        PinFactory(board=team.board, status=PinStatus.SCHEDULED, publish_at=at(28, 9, minute))
    today = PinFactory(board=team.board, status=PinStatus.DRAFT, publish_at=at(27, 0, 40))

    first, second, third, *_ = week()

    assert [entry.pin for entry in first.entries] == [today]
    assert (len(second.entries), second.more, second.more_text) == (PINS_PER_DAY, 2, "+ 2 more")
    assert (third.entries, third.more, third.more_text) == ([], 0, "")


def test_today_counts_what_was_published_and_what_is_still_to_come(team):
    for minute in range(PINS_PER_DAY):
        PinFactory(
            board=team.board, status=PinStatus.PUBLISHED, publish_at=at(27, 0, minute), published_at=at(27, 0, minute)
        )
        PinFactory(board=team.board, status=PinStatus.SCHEDULED, publish_at=at(27, 9, minute))

    today = week()[0]

    assert (len(today.entries), today.more) == (PINS_PER_DAY, PINS_PER_DAY)


@pytest.mark.parametrize(("more", "shown"), [(0, "+ 99 more"), (1, "99+ more"), (5, "99+ more")])
def test_of_a_very_full_day_it_says_that_there_are_yet_others(team, more, shown):
    PinFactory.create_batch(
        PINS_PER_DAY + MOST_COUNTED + more, board=team.board, status=PinStatus.SCHEDULED, publish_at=at(28, 9)
    )

    assert week()[1].more_text == shown


def test_what_was_published_today_stands_beside_what_is_still_to_come(team):
    gone = PinFactory(
        board=team.board, status=PinStatus.PUBLISHED, publish_at=at(27, 0, 10), published_at=at(27, 0, 11)
    )
    ahead = PinFactory(board=team.board, status=PinStatus.SCHEDULED, publish_at=at(27, 9))

    assert [entry.pin for entry in week()[0].entries] == [gone, ahead]


@pytest.mark.parametrize(
    ("now", "offered"),
    [(at(27, 8), at(27, 9)), (at(27, 9), at(27, 10)), (at(27, 14, 20), at(27, 15)), (at(27, 23, 10), None)],
)
def test_today_offers_the_usual_time_or_the_next_full_hour(team, now, offered):
    found = week(now)

    assert found[0].offered_at == offered
    assert found[1].offered_at == at(28, 9)


def test_a_gap_leads_to_a_new_pin_of_that_day_for_those_who_may_compose(team, alice, time_machine):
    time_machine.move_to(datetime(2026, 11, 27, 6, tzinfo=UTC), tick=False)
    PinFactory(board=team.board, status=PinStatus.DRAFT, publish_at=at(28, 9))
    gap = 'href="/pins/new/?publish_at=2026-11-29T09:00"'

    assert gap in page_text(alice.get("/"))
    assert 'href="/pins/new/?publish_at=2026-11-28T09:00"' not in page_text(alice.get("/"))

    Membership.objects.filter(user=team.alice).update(role=Role.VIEWER)

    page = page_text(alice.get("/"))
    assert gap not in page
    assert "Nothing planned" in page
