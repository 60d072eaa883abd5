"""What operators do to a workspace in the administration is in its trail; the trail itself is only read there."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from accounts.api_keys import services as api_keys
from accounts.audit import services as audit
from accounts.models import (
    AuditAction,
    AuditEntry,
    Membership,
    Role,
)
from tests.audit_helpers import trail
from tests.factories import InvitationFactory, MembershipFactory, UserFactory, WorkspaceFactory

pytestmark = pytest.mark.django_db

ROOT, DANA = "root@example.com", "dana@example.com"
LIST, KEYS = "/admin/accounts/auditentry/", "/admin/accounts/apikey/"


@pytest.fixture
def root(client):
    client.force_login(UserFactory(email=ROOT, is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def dana(team):
    return MembershipFactory(workspace=team.workspace, user=UserFactory(email=DANA), role=Role.EDITOR)


@pytest.fixture
def note(team):
    def add(target="pin “Oak”", *, by=team.alice, workspace=team.workspace):
        audit.record(workspace.pk, AuditAction.DELETED, target, by=by, now=timezone.now())
        return AuditEntry.objects.latest("pk")

    return add


def admin_url(row, page="change"):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{page}", args=[row.pk])


def delete(browser, row):
    return browser.post(admin_url(row, "delete"), {"post": "yes"})


def delete_many(browser, *rows):
    address = reverse(f"admin:accounts_{rows[0]._meta.model_name}_changelist")
    form = {"action": "delete_selected", "_selected_action": [row.pk for row in rows], "post": "yes"}
    return browser.post(address, form)


def inline(*memberships, **form):
    """The form of a workspace's or a person's page with these memberships in it."""
    form |= {"memberships-TOTAL_FORMS": len(memberships)}
    form |= {"memberships-INITIAL_FORMS": sum("id" in membership for membership in memberships)}
    for number, membership in enumerate(memberships):
        form |= {f"memberships-{number}-{name}": value for name, value in membership.items()}
    return form


def as_row(membership, **changes):
    row = {"id": membership.pk, "user": membership.user_id, "workspace": membership.workspace_id}
    return row | {"role": membership.role} | changes


# Memberships


def test_a_role_that_an_operator_changes_is_told(root, team, dana):
    root.post(admin_url(dana), as_row(dana, role="admin"))
    root.post(admin_url(dana), as_row(dana, role="admin"))

    assert trail(team.workspace) == [("role_changed", DANA, ROOT, "editor → admin. By an administrator.")]


def test_a_membership_that_an_operator_makes_moves_and_deletes_is_told(root, team):
    dana, other = UserFactory(email=DANA), WorkspaceFactory()
    form = {"user": dana.pk, "workspace": team.workspace.pk, "role": "viewer"}
    root.post("/admin/accounts/membership/add/", form)
    membership = Membership.objects.get(user=dana)
    root.post(admin_url(membership), form | {"workspace": other.pk})
    delete(root, membership)

    joined, removed = "As viewer. By an administrator.", "Was viewer. By an administrator."
    assert trail(team.workspace) == [("joined", DANA, ROOT, joined), ("removed", DANA, ROOT, removed)]
    assert trail(other) == [("joined", DANA, ROOT, joined), ("removed", DANA, ROOT, "By an administrator.")]


def test_the_page_of_a_workspace_tells_each_change_of_its_team(root, team, dana):
    eve = UserFactory(email="eve@example.com")
    alice, bob = (Membership.objects.get(user=user) for user in (team.alice, team.bob))
    form = inline(
        *(as_row(alice), as_row(bob, DELETE="on"), as_row(dana, role="viewer")),
        {"user": eve.pk, "role": "editor"},
        name=team.workspace.name,
        time_zone=team.workspace.time_zone,
        first_weekday=0,
    )

    assert root.post(admin_url(team.workspace), form).status_code == 302

    assert trail(team.workspace) == [
        ("removed", "bob@example.com", ROOT, "Was viewer. By an administrator."),
        ("role_changed", DANA, ROOT, "editor → viewer. By an administrator."),
        ("joined", "eve@example.com", ROOT, "As editor. By an administrator."),
    ]


def test_the_page_of_a_person_tells_the_workspace_that_changes(root, team, dana):
    other = WorkspaceFactory()
    form = inline(as_row(dana, workspace=other.pk), email=DANA, is_active="on")

    assert root.post(admin_url(dana.user), form).status_code == 302

    assert [entry[0] for entry in trail(team.workspace)] == ["removed"]
    assert [entry[0] for entry in trail(other)] == ["joined"]


def test_a_form_with_a_mistake_leaves_nothing(root, team, dana):
    form = inline(as_row(dana, role="owner"), name="", time_zone="UTC")

    assert root.post(admin_url(team.workspace), form).status_code == 200

    assert trail(team.workspace) == []


def test_settings_that_an_operator_changes_are_told(root, team):
    team.workspace.name = "Chairs"
    team.workspace.save()
    form = inline(name="Tables", time_zone="Europe/Berlin", first_weekday=0, requires_approval="on")

    assert root.post(admin_url(team.workspace), form).status_code == 302

    assert trail(team.workspace) == [
        (
            "settings_changed",
            "workspace “Tables”",
            ROOT,
            "Name: Chairs → Tables. Requires approval: False → True. By an administrator.",
        )
    ]


# Deletions

ROWS = {
    "board": (lambda team: team.board, "deleted", "board “"),
    "key": (
        lambda team: api_keys.create(team.workspace, "Import", by=team.alice, now=timezone.now())[0],
        *("deleted", "API key Import (ppk_"),
    ),
    "invitation": (
        lambda team: InvitationFactory(workspace=team.workspace, email=DANA),
        *("deleted", f"invitation for {DANA}"),
    ),
    "membership": (lambda team: Membership.objects.get(user=team.bob), "removed", "bob@example.com"),
}


@pytest.mark.parametrize("how", [delete, delete_many])
@pytest.mark.parametrize("name", ROWS)
def test_what_an_operator_deletes_is_told(root, team, name, how):
    make, action, target = ROWS[name]
    row = make(team)

    assert how(root, row).status_code == 302

    assert not type(row).objects.filter(pk=row.pk).exists()
    told = trail(team.workspace)[-1]
    assert (told[0], told[2], told[3]) == (action, ROOT, "By an administrator.")
    assert told[1].startswith(target)


@pytest.mark.parametrize("name", ROWS)
def test_a_deletion_that_fails_leaves_nothing(root, team, name, monkeypatch):
    row = ROWS[name][0](team)
    length = len(trail(team.workspace))
    monkeypatch.setattr(admin.ModelAdmin, "delete_queryset", lambda *args: 1 / 0)
    root.raise_request_exception = False

    assert delete_many(root, row).status_code == 500

    assert len(trail(team.workspace)) == length


def test_keys_that_an_operator_revokes_are_told_once(root, team):
    row, key = api_keys.create(team.workspace, "Import", by=team.alice, now=timezone.now())
    form = {"action": "revoke", "_selected_action": [row.pk]}
    said = [str(message) for _ in range(2) for message in get_messages(root.post(KEYS, form).wsgi_request)]

    assert said[0] == "1 API key revoked. Programs that use it no longer have access."
    told = trail(team.workspace)[1:]
    assert told == [("key_revoked", str(row), ROOT, "")]
    assert key not in str(trail(team.workspace))


# The trail itself


def test_the_trail_is_shown_and_can_be_searched_by_who_what_and_where(root, team, note):
    note("pin “Oak”")
    note("pin “Pine”", workspace=WorkspaceFactory(name="Tables"), by=None)

    for term, found in (("oak", "Oak"), ("alice", "Oak"), ("tables", "Pine"), ("Postiz", "Pine")):
        entries = list(root.get(LIST, {"q": term}).context["cl"].result_list)
        assert [entry.target for entry in entries] == [f"pin “{found}”"]
    assert root.get(LIST, {"q": "\0"}).status_code == 200
    assert list(root.get(LIST, {"action__exact": "left"}).context["cl"].result_list) == []


def test_nobody_adds_changes_or_deletes_an_entry(root, note):
    entry = note()
    before = AuditEntry.objects.values().get()

    page = root.get(admin_url(entry)).content.decode()

    assert "pin “Oak”" in page
    assert 'name="_save"' not in page
    assert "deletelink" not in page
    assert root.get(f"{LIST}add/").status_code == 403
    assert root.post(admin_url(entry), {"target": "nothing"}).status_code == 403
    assert delete(root, entry).status_code == 403
    delete_many(root, entry)
    assert "delete_selected" not in root.get(LIST).content.decode()
    assert AuditEntry.objects.values().get() == before


def test_staff_need_the_permission_to_read_it(client, note):
    note()
    staff = UserFactory(is_staff=True)
    client.force_login(staff)

    assert client.get(LIST).status_code == 403
    staff.user_permissions.add(Permission.objects.get(codename="view_auditentry"))
    assert client.get(LIST).status_code == 200


def test_entries_are_still_read_when_their_people_and_workspaces_are_gone(root, team, note):
    entry = note()
    workspace_id = team.workspace.pk

    team.alice.delete()
    team.workspace.delete()

    for address in (LIST, f"{LIST}?q=Oak", admin_url(entry)):
        page = root.get(address).content.decode()
        assert f"deleted (ID {workspace_id})" in page
        assert "alice@example.com" in page


def test_the_list_costs_as_many_queries_for_many_entries_as_for_one(root, team, note, django_assert_num_queries):
    def look():
        root.get(LIST)

    note()
    with django_assert_num_queries(5):
        look()
    for _ in range(5):
        note(by=UserFactory(), workspace=WorkspaceFactory())
    team.workspace.delete()
    with django_assert_num_queries(5):
        look()
