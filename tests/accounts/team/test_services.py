"""The rules of a team, under the lock that keeps them true."""

from datetime import UTC, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from accounts.api_keys import services as api_keys
from accounts.models import ApiKey, Invitation, Membership, Role
from accounts.team import services as teams
from pins.models import Pin, PinStatus
from tests.factories import (
    InvitationFactory,
    MembershipFactory,
    PinFactory,
    UserFactory,
)

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def membership_of(user, workspace):
    return Membership.objects.select_related("workspace", "user").get(user=user, workspace=workspace)


def roles(workspace):
    return sorted(Membership.objects.in_workspace(workspace).values_list("role", flat=True))


# Inviting


def test_an_invitation_works_for_seven_days_and_its_token_is_kept_as_a_hash_only(team):
    invitation, token = teams.invite(team.workspace, "Dana@Example.com", Role.EDITOR, by=team.alice, now=NOW)

    invitation.refresh_from_db()
    assert (invitation.email, invitation.role, invitation.invited_by) == ("dana@example.com", "editor", team.alice)
    assert invitation.expires_at == NOW + timedelta(days=7)
    assert len(token) >= 43
    assert token not in str(Invitation.objects.values().get())
    assert Invitation.objects.get(token_hash=teams.token_hash(token)) == invitation


def test_a_member_is_not_invited_again(team):
    with pytest.raises(teams.TeamError, match=r"bob@example.com is already a member"):
        teams.invite(team.workspace, "BOB@example.com", Role.ADMIN, by=team.alice, now=NOW)

    assert not Invitation.objects.exists()


def test_an_address_has_one_open_invitation_per_workspace(team):
    teams.invite(team.workspace, "dana@example.com", Role.EDITOR, by=team.alice, now=NOW)

    with pytest.raises(teams.TeamError, match=r"dana@example.com has already been invited"):
        teams.invite(team.workspace, "dana@example.com", Role.VIEWER, by=team.alice, now=NOW)

    other = membership_of(team.charlie, team.charlie.memberships.get().workspace).workspace
    teams.invite(other, "dana@example.com", Role.VIEWER, by=team.charlie, now=NOW)
    assert Invitation.objects.count() == 2


def test_the_database_knows_it_too(team):
    InvitationFactory(workspace=team.workspace, email="dana@example.com")

    with pytest.raises(IntegrityError), transaction.atomic():
        InvitationFactory(workspace=team.workspace, email="dana@example.com")
    with pytest.raises(IntegrityError), transaction.atomic():
        InvitationFactory(workspace=team.workspace, email="Erin@example.com")


@pytest.mark.parametrize(
    "ended", [{"cancelled_at": NOW}, {"accepted_at": NOW}, {"created_at": NOW - timedelta(days=7)}]
)
def test_an_invitation_that_has_ended_makes_room_for_a_new_one(team, ended):
    InvitationFactory(workspace=team.workspace, email="dana@example.com", **ended)

    invitation, _ = teams.invite(team.workspace, "dana@example.com", Role.EDITOR, by=team.alice, now=NOW)

    assert list(Invitation.objects.open()) == [invitation]


def test_a_workspace_has_at_most_fifty_open_invitations(team):
    for _ in range(teams.MOST_OPEN_INVITATIONS - 1):
        InvitationFactory(workspace=team.workspace)
    last, _ = teams.invite(team.workspace, "dana@example.com", Role.EDITOR, by=team.alice, now=NOW)

    with pytest.raises(teams.TeamError, match="50 invitations are pending"):
        teams.invite(team.workspace, "erin@example.com", Role.EDITOR, by=team.alice, now=NOW)

    teams.cancel(last, by=team.alice, now=NOW)
    teams.invite(team.workspace, "erin@example.com", Role.EDITOR, by=team.alice, now=NOW)


def test_cancelling_and_inviting_in_turn_ends_at_a_limit_per_person_over_all_workspaces(team):
    for _ in range(teams.MOST_INVITATIONS_PER_DAY):
        InvitationFactory(invited_by=team.alice, cancelled_at=NOW, created_at=NOW - timedelta(hours=23))

    with pytest.raises(teams.TeamError, match="100 invitations within a day"):
        teams.invite(team.workspace, "dana@example.com", Role.EDITOR, by=team.alice, now=NOW)

    teams.invite(team.workspace, "dana@example.com", Role.EDITOR, by=team.alice, now=NOW + timedelta(hours=2))


# Sending again, cancelling


def test_sending_again_brings_a_new_link_for_seven_days_and_ends_the_old_one(team):
    invitation, old = teams.invite(team.workspace, "dana@example.com", Role.EDITOR, by=team.alice, now=NOW)
    later = NOW + timedelta(days=8)

    new = teams.renew(invitation, by=team.alice, now=later)

    stored = Invitation.objects.get()
    assert stored.token_hash == teams.token_hash(new) != teams.token_hash(old)
    assert (stored.sent_at, stored.expires_at) == (later, later + timedelta(days=7))


@pytest.mark.parametrize(("seconds", "is_sent"), [(0, False), (59, False), (60, True)])
def test_an_invitation_is_sent_again_once_in_a_minute(team, seconds, is_sent):
    invitation, _ = teams.invite(team.workspace, "dana@example.com", Role.EDITOR, by=team.alice, now=NOW)
    before = invitation.token_hash

    try:
        teams.renew(invitation, by=team.alice, now=NOW + timedelta(seconds=seconds))
    except teams.TeamError as error:
        assert "Wait a minute" in str(error)

    assert (Invitation.objects.get().token_hash != before) == is_sent


@pytest.mark.parametrize(
    ("ended", "why"), [("accepted_at", "has already joined"), ("cancelled_at", "was already canceled")]
)
def test_what_has_ended_is_neither_sent_nor_cancelled(team, ended, why):
    invitation = InvitationFactory(workspace=team.workspace)
    Invitation.objects.update(**{ended: NOW})

    with pytest.raises(teams.TeamError, match=why):
        teams.renew(invitation, by=team.alice, now=NOW)
    with pytest.raises(teams.TeamError, match=why):
        teams.cancel(invitation, by=team.alice, now=NOW)


# Joining


@pytest.fixture
def invitation(team):
    return InvitationFactory(workspace=team.workspace, email="dana@example.com", created_at=NOW)


def test_joining_gives_the_role_of_the_invitation_once(team, invitation):
    dana = UserFactory(email="dana@example.com")

    membership = teams.accept(invitation, dana, now=NOW)

    assert (membership.role, membership.joined_at) == ("editor", NOW)
    invitation.refresh_from_db()
    assert (invitation.accepted_at, invitation.accepted_by) == (NOW, dana)
    membership.delete()
    with pytest.raises(teams.InvitationUnusable):
        teams.accept(invitation, dana, now=NOW)
    assert not dana.memberships.exists()


@pytest.mark.parametrize("fields", [{"cancelled_at": NOW}, {"accepted_at": NOW}, {"expires_at": NOW}])
def test_what_was_used_cancelled_or_has_expired_gives_no_membership(team, invitation, fields):
    Invitation.objects.update(**fields)
    dana = UserFactory(email="dana@example.com")

    with pytest.raises(teams.InvitationUnusable):
        teams.accept(invitation, dana, now=NOW)

    assert not dana.memberships.exists()


def test_a_link_that_a_newer_one_has_replaced_meanwhile_gives_no_membership(team, invitation):
    stale = Invitation.objects.select_related("workspace").get()
    teams.renew(invitation, by=team.alice, now=NOW + timedelta(minutes=2))

    with pytest.raises(teams.InvitationUnusable):
        teams.accept(stale, UserFactory(email="dana@example.com"), now=NOW + timedelta(minutes=3))


@pytest.mark.parametrize(
    ("own", "added", "is_verified", "joins"),
    [
        ("dana@example.com", "", False, True),
        ("other@example.com", "", False, False),
        ("other@example.com", "dana@example.com", True, True),
        ("other@example.com", "dana@example.com", False, False),
    ],
)
def test_only_the_invited_address_joins(team, invitation, own, added, is_verified, joins):
    user = UserFactory(email=own)
    if added:
        EmailAddress.objects.create(user=user, email=added, verified=is_verified)

    try:
        teams.accept(invitation, user, now=NOW)
    except teams.InvitationUnusable as error:
        assert str(error) == "This invitation is for dana@example.com, but you're signed in as other@example.com."

    assert user.memberships.exists() == joins
    assert (Invitation.objects.get().accepted_at is not None) == joins


def test_somebody_who_is_a_member_already_keeps_the_role(team, invitation):
    dana = MembershipFactory(workspace=team.workspace, user__email="dana@example.com", role=Role.ADMIN).user

    assert teams.accept(invitation, dana, now=NOW).role == Role.ADMIN

    assert dana.memberships.count() == 1


# Roles


def test_an_admin_gives_another_role(team):
    teams.change_role(membership_of(team.bob, team.workspace), Role.EDITOR, by=team.alice, now=NOW)

    assert membership_of(team.bob, team.workspace).role == Role.EDITOR


@pytest.mark.parametrize("step", ["demote", "remove", "leave"])
def test_the_last_admin_stays_admin(team, step):
    alice = membership_of(team.alice, team.workspace)

    with pytest.raises(teams.LastAdmin, match=r"alice@example.com is the only admin"):
        end(step, alice, by=team.alice)

    assert roles(team.workspace) == ["admin", "viewer"]


@pytest.mark.parametrize("step", ["demote", "remove", "leave"])
def test_an_admin_whose_account_is_closed_does_not_count(team, step):
    MembershipFactory(workspace=team.workspace, user__is_active=False)

    with pytest.raises(teams.LastAdmin):
        end(step, membership_of(team.alice, team.workspace), by=team.alice)


@pytest.mark.parametrize("step", ["demote", "remove", "leave"])
def test_one_of_two_admins_may_go(team, step):
    MembershipFactory(workspace=team.workspace)

    end(step, membership_of(team.alice, team.workspace), by=team.alice)

    assert roles(team.workspace) == (["admin", "viewer", "viewer"] if step == "demote" else ["admin", "viewer"])


@pytest.mark.parametrize("step", ["demote", "remove"])
def test_of_two_admins_who_act_on_each_other_in_turn_one_is_left(team, step):
    erin = MembershipFactory(workspace=team.workspace).user
    # Both have read both memberships before either acts.
    of_alice, of_erin = membership_of(team.alice, team.workspace), membership_of(erin, team.workspace)

    end(step, of_erin, by=team.alice)
    with pytest.raises(PermissionDenied, match="no longer an admin"):
        end(step, of_alice, by=erin)

    assert roles(team.workspace).count("admin") == 1


def test_somebody_who_is_no_admin_any_more_does_nothing(team):
    invitation = InvitationFactory(workspace=team.workspace)
    bob = membership_of(team.bob, team.workspace)

    for work in (
        lambda: teams.invite(team.workspace, "dana@example.com", Role.ADMIN, by=team.bob, now=NOW),
        lambda: teams.renew(invitation, by=team.bob, now=NOW),
        lambda: teams.cancel(invitation, by=team.bob, now=NOW),
        lambda: teams.change_role(bob, Role.ADMIN, by=team.bob, now=NOW),
        lambda: teams.remove(bob, by=team.bob, now=NOW),
    ):
        with pytest.raises(PermissionDenied):
            work()

    assert roles(team.workspace) == ["admin", "viewer"]


@pytest.mark.parametrize("step", ["demote", "remove", "leave"])
def test_links_that_an_admin_has_made_end_with_the_admins_rights(team, step):
    erin = MembershipFactory(workspace=team.workspace).user
    hers = InvitationFactory(workspace=team.workspace, invited_by=erin)
    others = InvitationFactory(workspace=team.workspace, invited_by=team.alice)
    elsewhere = InvitationFactory(invited_by=erin)

    end(step, membership_of(erin, team.workspace), by=team.alice)

    assert set(Invitation.objects.open()) == {others, elsewhere}
    hers.refresh_from_db()
    assert hers.cancelled_at == NOW


def test_pins_and_keys_of_somebody_who_is_removed_stay_but_the_keys_are_refused(team):
    pin = PinFactory(board=team.board, status=PinStatus.SCHEDULED, created_by=team.bob)
    membership = membership_of(team.bob, team.workspace)
    teams.change_role(membership, Role.EDITOR, by=team.alice, now=NOW)
    _, key = api_keys.create(team.workspace, "Shop", by=team.bob, now=NOW)
    api_keys.verify(key, now=NOW)

    teams.remove(membership, by=team.alice, now=NOW)

    assert Pin.objects.get() == pin
    assert Pin.objects.get().status == PinStatus.SCHEDULED
    assert ApiKey.objects.count() == 1
    with pytest.raises(api_keys.KeyWithoutEditor):
        api_keys.verify(key, now=NOW)


def test_somebody_who_is_gone_already_gets_a_sentence(team):
    membership = membership_of(team.bob, team.workspace)
    Membership.objects.filter(user=team.bob).delete()

    with pytest.raises(teams.TeamError, match="no longer a member of"):
        teams.change_role(membership, Role.EDITOR, by=team.alice, now=NOW)
    with pytest.raises(teams.TeamError, match="no longer a member of"):
        teams.leave(membership, now=NOW)


def end(step, membership, *, by):
    if step == "demote":
        teams.change_role(membership, Role.VIEWER, by=by, now=NOW)
    elif step == "remove":
        teams.remove(membership, by=by, now=NOW)
    else:
        teams.leave(membership, now=NOW)
