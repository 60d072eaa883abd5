"""The side bar's accounts: which, in what health, and when their next pin goes out."""

from datetime import timedelta

import pytest
from django.test import RequestFactory
from django.utils import timezone

from accounts.models import AccountStatus, Membership, Role
from pins.context_processors import MOST_ACCOUNTS, side_bar
from pins.models import PinStatus
from tests.factories import BoardFactory, PinFactory, PinterestAccountFactory

pytestmark = pytest.mark.django_db


def side_accounts(workspace):
    request = RequestFactory().get("/")
    request.workspace = workspace
    return side_bar(request)["side_accounts"]


def health(workspace):
    return {row.account.username: row.health for row in side_accounts(workspace)()}


def test_each_account_has_the_time_of_its_next_pin(team):
    now = timezone.now()
    for hours in (5, 2, 9):
        at = now + timedelta(hours=hours)
        PinFactory(board=team.board, status=PinStatus.SCHEDULED, publish_at=at, next_attempt_at=at)
    idle = PinterestAccountFactory(workspace=team.workspace)
    PinFactory(board=BoardFactory(account=idle), status=PinStatus.DRAFT)

    found = {row.account: row.next_at for row in side_accounts(team.workspace)()}

    assert found == {team.account: now + timedelta(hours=2), idle: None}


def test_the_health_of_an_account_is_a_word(team):
    now = timezone.now()
    PinterestAccountFactory(workspace=team.workspace, username="lost", status=AccountStatus.NEEDS_RECONNECT)
    PinterestAccountFactory(workspace=team.workspace, username="paused", publishing_paused_at=now)
    PinterestAccountFactory(
        workspace=team.workspace, username="expiring", refresh_expires_at=now + timedelta(days=3), renew_at=now
    )
    PinterestAccountFactory(
        workspace=team.workspace, username="gone", status=AccountStatus.DISCONNECTED, access_token_encrypted=""
    )

    assert health(team.workspace) == {
        "lost": "reconnect",
        "paused": "paused",
        "expiring": "expiring",
        team.account.username: "connected",
    }


def test_those_that_need_a_person_come_first_and_are_never_left_out(team):
    for number in range(MOST_ACCOUNTS):
        PinterestAccountFactory(workspace=team.workspace, username=f"a{number}")
    lost = PinterestAccountFactory(
        workspace=team.workspace, username="zebra", status=AccountStatus.NEEDS_RECONNECT, trouble="Reconnect it."
    )

    rows = side_accounts(team.workspace)()

    assert len(rows) == MOST_ACCOUNTS
    assert rows[0].account == lost


def test_accounts_of_another_workspace_are_not_told(team):
    foreign = PinterestAccountFactory()

    assert foreign.username not in health(team.workspace)


def test_it_costs_one_query_however_many_accounts_and_however_often_it_is_asked(team, django_assert_num_queries):
    for _ in range(3):
        PinterestAccountFactory(workspace=team.workspace)
    ask = side_accounts(team.workspace)

    with django_assert_num_queries(1):
        assert len(ask()) == len(ask()) == 4


def test_a_page_without_a_workspace_has_none_and_asks_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert side_bar(RequestFactory().get("/"))["side_accounts"]() == []


@pytest.mark.parametrize(("role", "is_offered"), [(Role.ADMIN, True), (Role.EDITOR, True), (Role.VIEWER, False)])
def test_a_new_pin_is_offered_on_every_page_to_those_who_may_compose(team, alice, role, is_offered):
    Membership.objects.filter(user=team.alice).update(role=role)

    for url in ("/pins/", "/team/", "/analytics/", "/calendar/", "/notifications/", "/help/"):
        assert ("nav__link--new" in alice.get(url).content.decode()) == is_offered, url
