"""The pages on which something is deleted, and the notices until then."""

from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from accounts.deletion import execution as deletion_execution
from accounts.deletion import requests as deletion_requests
from accounts.models import AccountStatus, PinterestAccount, Role, User, Workspace
from tests.accounts.mfa_helpers import PASSWORD
from tests.factories import MembershipFactory, PinFactory, UserFactory
from tests.page_text import page_text

pytestmark = pytest.mark.django_db

WORKSPACE, ACCOUNT = "/workspace/delete/", "/account/delete/"


def confirmed(user):
    """A browser in which the person has just typed the password."""
    client = Client()
    client.force_login(user)
    assert client.post("/accounts/reauthenticate/", {"password": PASSWORD}).status_code == 302
    return client


def page(client, address):
    response = client.get(address)
    assert response.status_code == 200
    return page_text(response)


def scheduled_deletion(row):
    return type(row).objects.get(pk=row.pk).delete_at


def browser(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("address", [WORKSPACE, ACCOUNT])
@pytest.mark.parametrize("method", ["get", "post"])
def test_the_password_is_asked_for_first(team, alice, address, method):
    response = getattr(alice, method)(address, {"name": team.workspace.name})

    assert response["Location"].startswith(f"/accounts/reauthenticate/?next={address.replace('/', '%2F')}")
    assert (scheduled_deletion(team.workspace), scheduled_deletion(team.alice)) == (None, None)


def test_a_form_that_was_sent_too_late_goes_on_after_the_password(team, alice):
    alice.post(WORKSPACE, {"name": team.workspace.name, "workspace": team.workspace.pk})

    alice.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": WORKSPACE})

    assert scheduled_deletion(team.workspace) is not None


def test_the_page_says_what_goes_and_what_stays(team):
    PinFactory.create_batch(2, board=team.board)

    seen = page(confirmed(team.alice), WORKSPACE)

    for sentence in ("<strong>2</strong> pins", "<strong>1</strong> Pinterest account<", "<strong>2</strong> members"):
        assert sentence in seen
    assert "Published pins stay on Pinterest" in seen
    assert f"Type “{team.workspace}” to confirm" in seen


def test_the_wrong_name_deletes_nothing_and_stays_in_its_field(team):
    response = confirmed(team.alice).post(WORKSPACE, {"name": "Oak\0 & Ash", "workspace": team.workspace.pk})

    assert response.status_code == 200
    assert scheduled_deletion(team.workspace) is None
    response = confirmed(team.alice).post(WORKSPACE, {"name": "Oak & Ash", "workspace": team.workspace.pk})
    seen = unescape(response.content.decode())
    assert f"This workspace is called “{team.workspace}”" in seen
    assert 'value="Oak & Ash"' in seen


def test_members_see_on_every_page_when_it_is_deleted_and_admins_keep_it(team, django_assert_num_queries):
    client = confirmed(team.alice)
    client.post(WORKSPACE, {"name": team.workspace.name, "workspace": team.workspace.pk})

    seen, seen_by_viewer = page(client, "/pins/"), page(browser(team.bob), "/help/")
    assert "will be deleted on" in seen
    assert "Cancel deletion" in seen
    assert "An admin can cancel this" in seen_by_viewer
    assert "Cancel deletion" not in seen_by_viewer
    with django_assert_num_queries(4):  # session, user, memberships, accounts of the sidebar
        client.get("/workspace/new/")

    response = client.post("/workspace/keep/", {"workspace": team.workspace.pk}, follow=True)
    assert f"“{team.workspace}” will be kept." in response.content.decode()
    assert scheduled_deletion(team.workspace) is None
    assert "will be deleted on" not in page(client, "/pins/")


def test_the_form_is_about_the_workspace_that_it_showed(team):
    """Somebody has switched in another tab."""
    other = MembershipFactory(user=team.alice).workspace
    client = confirmed(team.alice)
    client.post("/workspace/switch/", {"workspace": other.pk})

    client.post(WORKSPACE, {"name": team.workspace.name, "workspace": team.workspace.pk})

    assert (scheduled_deletion(team.workspace) is None, scheduled_deletion(other)) == (False, None)


@pytest.mark.parametrize("value", ["foreign", "9" * 40, "\0", "²"])
def test_a_workspace_of_others_is_not_found(team, value):
    value = team.charlie.memberships.get().workspace_id if value == "foreign" else value

    assert confirmed(team.alice).post(WORKSPACE, {"name": "x", "workspace": value}).status_code == 404
    assert Workspace.objects.exclude(delete_at=None).count() == 0


@pytest.mark.parametrize("row", ["workspace", "account", "user"])
def test_what_is_being_erased_already_cannot_be_kept(row, alice, team):
    addresses = {"workspace": "/workspace/keep/", "account": f"/connections/{team.account.pk}/keep/"}
    team.account.pinterest_user_id = f"erasing-{team.account.pk}"
    team.account.delete_at = timezone.now()
    team.account.save()
    if row == "account":
        response = alice.post(addresses[row], follow=True)
        assert "has already started" in response.content.decode()
    elif row == "workspace":
        deletion_requests.request_workspace_deletion(
            team.workspace, by=team.alice, now=timezone.now() - timedelta(days=15)
        )
        deletion_execution.begin_workspace_deletion(team.workspace, timezone.now())
        assert alice.post(addresses[row], {"workspace": team.workspace.pk})["Location"] == "/workspace/new/"
        assert scheduled_deletion(team.workspace) is not None
    else:
        deletion_requests.request_user_deletion(team.charlie, now=timezone.now() - timedelta(days=15))
        client = browser(team.charlie)
        deletion_execution.begin_user_deletion(team.charlie, timezone.now())
        assert client.post("/account/keep/")["Location"].startswith("/accounts/login/")
        assert scheduled_deletion(team.charlie) is not None


def test_an_admin_deletes_what_is_here_of_a_disconnected_account(team, alice):
    PinterestAccount.objects.update(status=AccountStatus.DISCONNECTED)
    address = f"/connections/{team.account.pk}/delete/"
    assert address in page(alice, "/connections/")
    assert address not in page(
        browser(MembershipFactory(workspace=team.workspace, role=Role.EDITOR).user), "/connections/"
    )
    PinFactory(board=team.board)

    assert f"its pins in “<bdi>{team.workspace}</bdi>” (1)" in page(alice, address)
    alice.post(address)

    assert scheduled_deletion(team.account) is not None
    seen = page(alice, "/connections/")
    assert "Reconnecting it cancels the deletion" in seen
    alice.post(f"/connections/{team.account.pk}/keep/")
    assert scheduled_deletion(team.account) is None


def test_a_connected_account_leads_to_disconnecting(team, alice):
    address = f"/connections/{team.account.pk}/delete/"

    assert f"/connections/{team.account.pk}/disconnect/" in page(alice, address)
    assert address not in page(alice, "/connections/")
    assert "Disconnect" in alice.post(address, follow=True).content.decode()
    assert scheduled_deletion(team.account) is None


def test_an_account_that_is_being_erased_offers_nothing(team, alice):
    PinterestAccount.objects.update(
        status=AccountStatus.DISCONNECTED, pinterest_user_id="erasing-1", delete_at=timezone.now()
    )

    seen = page(alice, "/connections/")

    assert "are being deleted" in seen
    assert "Keep its pins" not in seen


def test_a_person_without_a_workspace_deletes_the_account_and_keeps_it():
    user = UserFactory()
    client = confirmed(user)
    assert "Delete account" in page(client, ACCOUNT)

    client.post(ACCOUNT)

    assert scheduled_deletion(user) > timezone.now() + timedelta(days=13)
    assert "Keep my account" in page(client, "/workspace/new/")
    client.post("/account/keep/")
    assert scheduled_deletion(user) is None


def test_the_only_admin_is_told_to_hand_over(team):
    other = MembershipFactory(user=team.alice).workspace
    MembershipFactory(workspace=other, role=Role.VIEWER)
    client = confirmed(team.alice)

    seen = page(client, ACCOUNT)

    assert "Transfer your workspaces first" in seen
    assert f"“{team.workspace}”" in seen
    assert f"“{other}”" in seen
    assert "Delete account on" not in seen
    assert "the only admin" in unescape(client.post(ACCOUNT, follow=True).content.decode())
    assert scheduled_deletion(team.alice) is None


def test_workspaces_that_go_along_are_named(team):
    seen = page(confirmed(team.charlie), ACCOUNT)

    assert f"You're the only member of <strong>“{team.charlie.memberships.get().workspace}”</strong>" in seen


def test_the_last_superuser_is_told_why_not():
    root = UserFactory(is_superuser=True, is_staff=True)
    client = confirmed(root)

    assert "You're the only superuser" in page(client, ACCOUNT)
    client.post(ACCOUNT)
    assert User.objects.get(pk=root.pk).delete_at is None


def test_a_person_can_sign_in_during_the_waiting_period(team):
    deletion_requests.request_user_deletion(team.bob, now=timezone.now())

    client = Client()
    client.post("/accounts/login/", {"login": team.bob.email, "password": PASSWORD})

    assert "Your account bob@example.com will be deleted on" in page(client, "/pins/")


@pytest.mark.parametrize("address", ["/account/keep/", "/workspace/keep/"])
def test_keeping_takes_a_button(alice, address):
    assert alice.get(address).status_code == 405
