"""The plan in the weekly summary: what was planned and published on each day, and what is planned after it."""

from datetime import UTC, date, datetime

import pytest

from analytics.periods import Period
from analytics.weekly_summary.emails import render_html, render_text
from analytics.weekly_summary.plan import Plans
from analytics.weekly_summary.report import build_report
from pins.models import PinStatus
from tests.factories import AccountDayFactory, BoardFactory, PinFactory, PinterestAccountFactory

pytestmark = pytest.mark.django_db

WEEK = Period(date(2026, 11, 16), date(2026, 11, 22))


@pytest.fixture(autouse=True)
def berlin(team):
    team.workspace.time_zone = "Europe/Berlin"
    team.workspace.save()
    team.board.account.workspace = team.workspace


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def pin(board, publish_at, status=PinStatus.SCHEDULED, published_at=None):
    PinFactory(
        board=board,
        attachments=0,
        publish_at=publish_at and at(publish_at),
        status=status,
        published_at=published_at and at(published_at),
    )


def plan_of(team, account=None):
    plan = Plans(team.workspace, WEEK).of((account or team.account).pk)
    return {day.name: (day.planned, day.published, day.planned_next) for day in plan.days}


def test_pins_count_on_the_day_of_the_workspace_for_which_they_were_planned_and_on_which_they_went_out(team):
    # Monday 16 November begins at 23:00 in UTC.
    pin(team.board, "2026-11-15T23:00", PinStatus.PUBLISHED, "2026-11-17T23:30")
    pin(team.board, "2026-11-15T22:59", PinStatus.PUBLISHED, "2026-11-15T22:59")
    pin(team.board, "2026-11-22T22:59", PinStatus.FAILED)
    pin(team.board, "2026-11-22T23:00", PinStatus.PROPOSED)
    pin(team.board, "2026-11-29T22:59")
    pin(team.board, "2026-11-29T23:00")
    pin(team.board, "2026-11-18T10:00", PinStatus.DRAFT)

    assert plan_of(team) == {
        "Monday": (1, 0, 1),
        "Tuesday": (0, 0, 0),
        "Wednesday": (0, 1, 0),
        **dict.fromkeys(("Thursday", "Friday", "Saturday"), (0, 0, 0)),
        "Sunday": (1, 0, 1),
    }


def test_each_account_has_its_own_plan_and_pins_of_other_workspaces_are_in_none(team):
    other = BoardFactory(account=PinterestAccountFactory(workspace=team.workspace))
    pin(other, "2026-11-17T10:00")
    pin(BoardFactory(), "2026-11-17T10:00")

    assert plan_of(team, other.account)["Tuesday"] == (1, 0, 0)
    assert plan_of(team)["Tuesday"] == (0, 0, 0)


@pytest.mark.parametrize("render", [render_text, render_html])
def test_the_email_has_the_plan_if_there_is_one(team, render):
    AccountDayFactory(account=team.account, date=WEEK.end_on)
    without = render(build_report(team.workspace, WEEK, is_complete=True))
    pin(team.board, "2026-11-24T10:00")
    text = render(build_report(team.workspace, WEEK, is_complete=True))

    assert "Plan" not in without
    assert "Europe/Berlin" not in without
    assert "Dates are in UTC, those of the plan in Europe/Berlin." in text
    assert f"/calendar/?view=week&{'amp;' if render is render_html else ''}on=2026-11-23" in text
    assert ("Tuesday: 0 planned, 0 published; this week 1 planned" in text) is (render is render_text)
