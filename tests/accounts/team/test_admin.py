"""In the administration every team keeps an admin, and e-mails are chosen by ticking."""

import re

import pytest

from accounts.models import Membership, Role
from tests.accounts.audit.test_admin import admin_url, as_row, inline
from tests.factories import MembershipFactory, UserFactory, WorkspaceFactory

pytestmark = pytest.mark.django_db

ONLY_ADMIN = "alice@example.com is the only admin of"


@pytest.fixture
def root(client):
    client.force_login(UserFactory(email="root@example.com", is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def alices(team):
    return Membership.objects.get(user=team.alice, workspace=team.workspace)


def roles(workspace):
    return dict(Membership.objects.in_workspace(workspace).values_list("user__email", "role"))


def refusal(response):
    assert response.status_code == 200
    return response.content.decode()


def test_the_only_admin_is_not_demoted_on_the_memberships_page(root, team, alices):
    before = roles(team.workspace)

    page = refusal(root.post(admin_url(alices), as_row(alices, role="editor")))

    assert ONLY_ADMIN in page
    assert roles(team.workspace) == before


def test_the_only_admin_is_not_moved_to_another_workspace(root, team, alices):
    page = refusal(root.post(admin_url(alices), as_row(alices, workspace=WorkspaceFactory().pk)))

    assert ONLY_ADMIN in page


def test_an_admin_beside_another_is_demoted(root, team, alices):
    MembershipFactory(workspace=team.workspace, role=Role.ADMIN)

    assert root.post(admin_url(alices), as_row(alices, role="editor")).status_code == 302
    assert roles(team.workspace)["alice@example.com"] == "editor"


def test_an_admin_who_cannot_sign_in_does_not_count(root, team, alices):
    MembershipFactory(workspace=team.workspace, role=Role.ADMIN, user=UserFactory(is_active=False))

    assert ONLY_ADMIN in refusal(root.post(admin_url(alices), as_row(alices, role="editor")))


@pytest.mark.parametrize("change", [{"role": "viewer"}, {"DELETE": "on"}], ids=["demoted", "deleted"])
def test_the_page_of_a_workspace_keeps_an_admin(root, team, alices, change):
    form = inline(as_row(alices, **change), name=team.workspace.name, time_zone=team.workspace.time_zone)

    assert ONLY_ADMIN in refusal(root.post(admin_url(team.workspace), form))
    assert roles(team.workspace)["alice@example.com"] == "admin"


def test_the_page_of_a_workspace_hands_over_in_one_step(root, team, alices):
    bob = Membership.objects.get(user=team.bob)
    form = inline(
        *(as_row(alices, role="editor"), as_row(bob, role="admin")),
        name=team.workspace.name,
        time_zone=team.workspace.time_zone,
        first_weekday=0,
    )

    assert root.post(admin_url(team.workspace), form).status_code == 302
    assert roles(team.workspace) == {"alice@example.com": "editor", "bob@example.com": "admin"}


@pytest.mark.parametrize("change", [{"role": "viewer"}, {"DELETE": "on"}], ids=["demoted", "deleted"])
def test_the_page_of_a_user_keeps_an_admin_in_each_workspace(root, team, alices, change):
    form = inline(as_row(alices, **change), email=team.alice.email, is_active="on")

    assert ONLY_ADMIN in refusal(root.post(admin_url(team.alice), form))
    assert roles(team.workspace)["alice@example.com"] == "admin"


def test_the_account_of_the_only_admin_is_not_closed(root, team):
    response = root.post(admin_url(team.alice), inline(email=team.alice.email))

    assert ONLY_ADMIN in refusal(response)
    assert response.context["adminform"].form.errors.keys() == {"is_active"}
    team.alice.refresh_from_db()
    assert team.alice.is_active


def test_the_account_of_an_admin_beside_another_and_of_a_viewer_is_closed(root, team):
    MembershipFactory(workspace=team.workspace, role=Role.ADMIN)

    for person in (team.alice, team.bob):
        assert root.post(admin_url(person), inline(email=person.email)).status_code == 302
        person.refresh_from_db()
        assert not person.is_active


def test_an_account_that_was_closed_is_saved_as_it_is(root, team, alices):
    type(team.alice).objects.filter(pk=team.alice.pk).update(is_active=False)

    assert root.post(admin_url(team.alice), inline(email=team.alice.email)).status_code == 302


def test_the_only_admin_is_not_deleted(root, team, alices):
    address = f"/admin/accounts/membership/{alices.pk}/delete/"

    assert ONLY_ADMIN in refusal(root.get(address))
    root.post(address, {"post": "yes"})

    assert Membership.objects.filter(pk=alices.pk).exists()


def test_all_admins_at_once_are_not_deleted(root, team, alices):
    other = MembershipFactory(workspace=team.workspace, role=Role.ADMIN)
    chosen = {"action": "delete_selected", "_selected_action": [alices.pk, other.pk], "post": "yes"}

    page = refusal(root.post("/admin/accounts/membership/", chosen))

    assert "is the only admin of" in page
    assert Membership.objects.filter(pk__in=[alices.pk, other.pk]).count() == 2


def test_muted_emails_are_boxes_to_tick(root, team, alices):
    page = root.get(admin_url(alices)).content.decode()
    boxes = re.findall(r'<input type="checkbox" name="muted_kinds" value="([a-z_]+)"[^>]*?( checked)?>', page)

    assert "Muted emails" in page
    assert all(label in page for label in ("On hold", "Approval requested", "Account needs reconnecting"))
    assert ("published", " checked") in boxes
    assert ("failed", "") in boxes
    root.post(admin_url(alices), as_row(alices, muted_kinds=["failed", "reviewed"]))
    alices.refresh_from_db()
    assert alices.muted_kinds == ["failed", "reviewed"]
    assert "Select a valid choice" in refusal(root.post(admin_url(alices), as_row(alices, muted_kinds=["nonsense"])))
