"""Asking for a deletion, and calling it off."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from accounts.connections import services as connections
from accounts.deletion import execution as deletion_execution
from accounts.deletion import requests as deletion_requests
from accounts.models import AccountStatus, AuditEntry, Membership, Notification, PinterestAccount, Role, User, Workspace
from accounts.team import services as teams
from postiz_pins.pinterest.client import UserAccount
from postiz_pins.pinterest.oauth import SCOPES, TokenGrant
from tests.factories import MembershipFactory, PinterestAccountFactory, UserFactory, WorkspaceFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
LATER = NOW + deletion_requests.WAITING_PERIOD


def trail():
    return list(AuditEntry.objects.order_by("pk").values_list("action", "target", "by_name"))


def told():
    return [(each.user.email, each.text) for each in Notification.objects.order_by("pk").select_related("user")]


def disconnected(team):
    team.account.status = AccountStatus.DISCONNECTED
    team.account.save(update_fields=["status"])
    return team.account


def grant():
    scopes = list(SCOPES)
    return TokenGrant("pina_new", "pinr_new", NOW + timedelta(days=30), NOW + timedelta(days=60), scopes)


def test_a_workspace_is_deleted_in_two_weeks_and_the_other_admins_are_told(team):
    MembershipFactory(workspace=team.workspace, user__email="dana@example.com")

    deletion_requests.request_workspace_deletion(team.workspace, by=team.alice, now=NOW)

    assert Workspace.objects.get(pk=team.workspace.pk).delete_at == NOW + timedelta(days=14)
    assert trail() == [("erasure_asked", f"workspace “{team.workspace}”", "alice@example.com")]
    [(email, sentence)] = told()
    assert email == "dana@example.com"
    assert "9 Dec 2026" in sentence


def test_asking_twice_keeps_the_first_date(team):
    deletion_requests.request_workspace_deletion(team.workspace, by=team.alice, now=NOW)

    with pytest.raises(deletion_requests.DeletionError, match="already"):
        deletion_requests.request_workspace_deletion(team.workspace, by=team.alice, now=NOW + timedelta(days=5))

    assert Workspace.objects.get(pk=team.workspace.pk).delete_at == LATER


@pytest.mark.parametrize(
    "act", [deletion_requests.request_workspace_deletion, deletion_requests.cancel_workspace_deletion]
)
def test_only_who_is_still_an_admin_decides_about_the_workspace(team, act):
    deletion_requests.request_workspace_deletion(team.workspace, by=team.alice, now=NOW)

    with pytest.raises(PermissionDenied):
        act(team.workspace, by=team.bob, now=NOW)


def test_any_admin_keeps_the_workspace(team):
    dana = MembershipFactory(workspace=team.workspace).user
    deletion_requests.request_workspace_deletion(team.workspace, by=team.alice, now=NOW)

    deletion_requests.cancel_workspace_deletion(team.workspace, by=dana, now=NOW)

    assert Workspace.objects.get(pk=team.workspace.pk).delete_at is None
    assert trail()[-1][0] == "erasure_stopped"
    assert told()[-1] == ("alice@example.com", f"{dana} canceled the deletion of “{team.workspace}”.")
    assert not deletion_execution.begin_workspace_deletion(team.workspace, LATER)
    assert Membership.objects.in_workspace(team.workspace).count() == 3


def test_a_workspace_whose_erasing_has_begun_cannot_be_kept(team):
    deletion_requests.request_workspace_deletion(team.workspace, by=team.alice, now=NOW)
    assert deletion_execution.begin_workspace_deletion(team.workspace, LATER)

    with pytest.raises(PermissionDenied):
        deletion_requests.cancel_workspace_deletion(team.workspace, by=team.alice, now=LATER)
    with pytest.raises(deletion_requests.DeletionError, match="has already started"):
        deletion_requests.cancel_workspace_deletion(team.workspace, by=UserFactory(), now=LATER, is_operator=True)

    assert Workspace.objects.get(pk=team.workspace.pk).delete_at == LATER


def test_nothing_begins_before_the_period_is_over(team):
    deletion_requests.request_workspace_deletion(team.workspace, by=team.alice, now=NOW)
    deletion_requests.request_user_deletion(team.charlie, now=NOW)
    deletion_requests.request_account_deletion(disconnected(team), by=team.alice, now=NOW)
    moment_before = LATER - timedelta(seconds=1)

    assert not deletion_execution.begin_workspace_deletion(team.workspace, moment_before)
    assert not deletion_execution.begin_account_deletion(team.account, moment_before)
    assert not deletion_execution.begin_user_deletion(team.charlie, moment_before)


def test_a_connected_account_has_to_be_disconnected_first(team):
    with pytest.raises(deletion_requests.DeletionError, match="Disconnect"):
        deletion_requests.request_account_deletion(team.account, by=team.alice, now=NOW)

    assert PinterestAccount.objects.get(pk=team.account.pk).delete_at is None


def test_an_account_s_data_can_be_kept(team):
    account = disconnected(team)
    deletion_requests.request_account_deletion(account, by=team.alice, now=NOW)

    deletion_requests.cancel_account_deletion(account, by=team.alice, now=NOW)

    assert PinterestAccount.objects.get(pk=account.pk).delete_at is None
    assert [action for action, _, _ in trail()] == ["erasure_asked", "erasure_stopped"]


def test_a_second_press_on_keep_changes_nothing(team):
    deletion_requests.cancel_account_deletion(team.account, by=team.alice, now=NOW)
    deletion_requests.cancel_workspace_deletion(team.workspace, by=team.alice, now=NOW)
    deletion_requests.cancel_user_deletion(team.alice, now=NOW)

    assert trail() == []


def test_connecting_the_account_again_calls_its_deletion_off(team):
    account = disconnected(team)
    deletion_requests.request_account_deletion(account, by=team.alice, now=NOW)
    profile = UserAccount(account.pinterest_user_id, account.username, "BUSINESS", "")

    again = connections.connect(team.workspace, profile, grant(), by=team.alice, now=NOW)

    again.refresh_from_db()
    assert (again.pk, again.delete_at) == (account.pk, None)
    assert not deletion_execution.begin_account_deletion(again, LATER)
    assert PinterestAccount.objects.get(pk=account.pk).is_active


def test_connecting_it_when_the_erasing_has_begun_starts_anew(team):
    account = disconnected(team)
    profile = UserAccount(account.pinterest_user_id, account.username, "BUSINESS", "")
    deletion_requests.request_account_deletion(account, by=team.alice, now=NOW)
    assert deletion_execution.begin_account_deletion(account, LATER)

    anew = connections.connect(team.workspace, profile, grant(), by=team.alice, now=LATER)

    assert anew.pk != account.pk
    assert PinterestAccount.objects.get(pk=account.pk).is_being_deleted
    with pytest.raises(deletion_requests.DeletionError, match="has already started"):
        deletion_requests.cancel_account_deletion(account, by=team.alice, now=LATER)


def test_the_only_admin_of_a_team_hands_it_over_first(team):
    with pytest.raises(deletion_requests.DeletionError, match="only admin of “Team"):
        deletion_requests.request_user_deletion(team.alice, now=NOW)

    dana = MembershipFactory(workspace=team.workspace, role=Role.ADMIN)
    deletion_requests.request_user_deletion(team.alice, now=NOW)

    assert User.objects.get(pk=team.alice.pk).delete_at == LATER
    # Dana is the only one who stays, and cannot go before somebody else is an admin.
    with pytest.raises(teams.LastAdmin):
        teams.leave(dana, now=NOW)
    with pytest.raises(deletion_requests.DeletionError):
        deletion_requests.request_user_deletion(dana.user, now=NOW)


def test_a_team_that_is_to_be_deleted_itself_needs_no_other_admin(team):
    deletion_requests.request_workspace_deletion(team.workspace, by=team.alice, now=NOW)

    deletion_requests.request_user_deletion(team.alice, now=NOW)

    assert User.objects.get(pk=team.alice.pk).delete_at == LATER


def test_the_last_superuser_stays():
    root = UserFactory(is_superuser=True)
    UserFactory(is_superuser=True, is_active=False)

    with pytest.raises(deletion_requests.DeletionError, match="superuser"):
        deletion_requests.request_user_deletion(root, now=NOW)

    UserFactory(is_superuser=True)
    deletion_requests.request_user_deletion(root, now=NOW)


def test_a_person_s_own_account_can_be_kept_until_it_is_closed(team):
    deletion_requests.request_user_deletion(team.bob, now=NOW)
    deletion_requests.cancel_user_deletion(team.bob, now=NOW)
    assert User.objects.get(pk=team.bob.pk).delete_at is None

    deletion_requests.request_user_deletion(team.bob, now=NOW)
    assert deletion_execution.begin_user_deletion(team.bob, LATER)
    with pytest.raises(deletion_requests.DeletionError, match="has already started"):
        deletion_requests.cancel_user_deletion(team.bob, now=LATER)

    assert [(action, target) for action, target, _ in trail()[:2]] == [
        ("erasure_asked", "account of bob@example.com"),
        ("erasure_stopped", "account of bob@example.com"),
    ]


def test_somebody_who_has_become_the_only_admin_meanwhile_is_not_erased(team):
    dana = MembershipFactory(workspace=team.workspace, role=Role.ADMIN)
    deletion_requests.request_user_deletion(team.alice, now=NOW)
    User.objects.filter(pk=dana.user_id).update(is_active=False)

    with pytest.raises(deletion_requests.DeletionError):
        deletion_execution.begin_user_deletion(team.alice, LATER)

    assert Membership.objects.filter(user=team.alice).exists()
    assert User.objects.get(pk=team.alice.pk).is_active


def test_workspaces_without_anybody_else_go_along():
    mine, shared, elsewhere = (MembershipFactory(workspace=WorkspaceFactory(name=name)) for name in ("B", "C", "A"))
    user = mine.user
    MembershipFactory(user=user, workspace=shared.workspace)
    PinterestAccountFactory(workspace=elsewhere.workspace)

    assert list(deletion_requests.going_along(user)) == [mine.workspace]
    assert list(deletion_requests.to_hand_over(user)) == []
