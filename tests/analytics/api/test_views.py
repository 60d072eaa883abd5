"""Analytics below /api, in the specification's shape."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from accounts.api_keys import services as api_keys
from accounts.models import Scope
from pins.models import PinStatus
from tests.api_client import ApiClient, errors
from tests.factories import AccountDayFactory, AccountFeedFactory, PinFactory, PinLifetimeFactory, PinSummaryFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2027, 4, 10, 12, tzinfo=UTC)


@pytest.fixture
def program(team, time_machine):
    time_machine.move_to(NOW, tick=False)
    return ApiClient(team.workspace, team.alice)


@pytest.fixture
def address(team):
    AccountFeedFactory(account=team.account, latest_on=NOW.date())
    for age in range(4):
        AccountDayFactory(account=team.account, date=NOW.date() - timedelta(days=age), impressions=100 - 10 * age)
    return f"/api/accounts/{team.account.username}/analytics"


@pytest.fixture
def pin(team):
    pin = PinFactory(board=team.board, status=PinStatus.PUBLISHED)
    PinSummaryFactory(pin=pin, impressions=812, lifetime_at=NOW, latest_on=NOW.date())
    for days, total in ((30, 100), (2, 406), (0, 812)):
        PinLifetimeFactory(pin=pin, date=NOW.date() - timedelta(days=days), impressions=total)
    return pin


def metric(response, label):
    assert response.status_code == 200, response.content
    return next(each for each in response.json() if each["label"] == label)


def test_an_account_is_reported_day_by_day(program, address):
    answer = metric(program.get(address, {"days": 2}), "Impressions")

    assert answer == {
        "label": "Impressions",
        "percentageChange": 26.67,  # 190 after 150
        "data": [{"total": "90", "date": "2027-04-09"}, {"total": "100", "date": "2027-04-10"}],
    }


def test_a_range_of_days_may_be_chosen(program, address):
    answer = metric(program.get(address, {"start": "2027-04-07", "end": "2027-04-08"}), "Impressions")

    assert [each["total"] for each in answer["data"]] == ["70", "80"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"days": 0}, ("invalid", "days")),
        ({"days": "soon"}, ("invalid", "days")),
        ({"start": "soon"}, ("invalid", "start")),
        ({"start": "2027-04-08"}, ("end_invalid", "end")),
        ({"start": "2027-04-09", "end": "2027-04-08"}, ("end_invalid", "end")),
        ({"days": 2, "start": "2027-04-07", "end": "2027-04-08"}, ("range_ambiguous", "")),
    ],
)
def test_a_range_that_is_none_is_refused(program, address, query, expected):
    response = program.get(address, query)

    assert (response.status_code, errors(response)) == (422, [expected])


def test_an_unknown_account_is_named(program):
    response = program.get("/api/accounts/nobody/analytics")

    assert (response.status_code, errors(response)) == (422, [("account_unknown", "account")])


def test_a_pin_is_reported_by_its_totals(program, pin):
    answer = metric(program.get(f"/api/pins/{pin.pk}/analytics"), "Impressions")

    assert [each["total"] for each in answer["data"]] == ["100", "406", "812"]


def test_the_totals_of_a_pin_are_narrowed_to_days(program, pin):
    answer = metric(program.get(f"/api/pins/{pin.pk}/analytics", {"days": 7}), "Impressions")

    assert [each["total"] for each in answer["data"]] == ["406", "812"]


@pytest.mark.parametrize("status", [status for status in PinStatus if status != PinStatus.PUBLISHED])
def test_a_pin_that_is_not_published_has_none(team, program, status):
    pin = PinFactory(board=team.board, status=status)

    response = program.get(f"/api/pins/{pin.pk}/analytics")

    assert (response.status_code, errors(response)) == (409, [("pin_unpublished", "")])


def test_both_need_the_scope_of_analytics(team, program, address, pin):
    _, program.key = api_keys.create(
        team.workspace, "Reader", by=team.alice, now=timezone.now(), scopes=[Scope.PUBLISH]
    )

    for path in (address, f"/api/pins/{pin.pk}/analytics"):
        assert errors(program.get(path)) == [("scope_missing", "")]
