"""The page of a workspace's settings."""

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditAction, AuditEntry, Membership, Role, Workspace
from accounts.workspaces import services as workspaces
from tests.factories import MembershipFactory, WorkspaceFactory
from tests.page_text import text

pytestmark = pytest.mark.django_db

ADDRESS = "/workspace/"


def opened(browser):
    """What the browser sends when nothing is changed."""
    form = browser.get(ADDRESS).context["form"]
    sent = {}
    for field in form:
        value = field.value()
        sent[field.html_initial_name] = str(value)
        if value is not False:
            sent[field.html_name] = "on" if value is True else value
    return sent


def save(browser, sent, **changes):
    return browser.post(ADDRESS, {name: value for name, value in (sent | changes).items() if value is not None})


def stored(team):
    workspace = Workspace.objects.get(pk=team.workspace.pk)
    return workspace.name, workspace.time_zone, workspace.requires_approval


def test_an_admin_changes_everything_and_the_trail_tells_what(team, alice):
    before = team.workspace.name

    response = save(alice, opened(alice), name="Oak & Ash", time_zone="Asia/Tokyo", requires_approval="on")

    assert response.status_code == 302
    assert stored(team) == ("Oak & Ash", "Asia/Tokyo", True)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.by, entry.target) == (AuditAction.SETTINGS_CHANGED, team.alice, "Oak & Ash")
    assert entry.detail == (
        f"name: “{before}” → “Oak & Ash”; time zone: “Europe/Berlin” → “Asia/Tokyo”;"
        " approval of editors' pins: off → on"
    )


def test_switching_approval_says_what_becomes_of_the_pins(team, alice):
    on = alice.post(ADDRESS, opened(alice) | {"requires_approval": "on"}, follow=True)
    assert "Already scheduled pins are published as planned." in text(on)

    sent = opened(alice)
    del sent["requires_approval"]
    assert "Proposed pins wait" in text(alice.post(ADDRESS, sent, follow=True))
    assert stored(team)[2] is False


def test_what_is_not_changed_is_not_written_and_leaves_no_trail(team, alice):
    assert save(alice, opened(alice)).status_code == 302

    assert not AuditEntry.objects.exists()


def test_two_admins_who_change_different_settings_keep_both(team, alice):
    sent = opened(alice)
    Workspace.objects.update(requires_approval=True, time_zone="Asia/Tokyo")

    save(alice, sent, name="Oak & Ash")

    assert stored(team) == ("Oak & Ash", "Asia/Tokyo", True)


def test_a_form_without_what_it_was_opened_with_is_written_as_it_stands(team, alice):
    alice.post(ADDRESS, {"name": "Oak & Ash", "time_zone": "Asia/Tokyo", "requires_approval": "on"})

    assert stored(team) == ("Oak & Ash", "Asia/Tokyo", True)


@pytest.mark.parametrize(
    ("field", "typed"),
    [("name", ""), ("name", "x" * 101), ("name", "a\0b"), ("time_zone", "Mars/Olympus"), ("time_zone", "\0")],
)
def test_bad_input_gets_a_sentence_at_its_field_and_loses_nothing(team, alice, field, typed):
    before = stored(team)

    response = save(alice, opened(alice), **{"requires_approval": "on", field: typed})

    assert list(response.context["form"].errors) == [field]
    assert response.context["form"]["requires_approval"].value() is True
    assert stored(team) == before


def test_an_admin_demoted_since_the_form_was_opened_changes_nothing(team):
    before = stored(team)
    Membership.objects.filter(user=team.alice).update(role=Role.EDITOR)

    with pytest.raises(PermissionDenied, match="no longer an admin"):
        workspaces.change(team.workspace, {"name": "Mine"}, by=team.alice, now=timezone.now())

    assert stored(team) == before
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("role", [Role.EDITOR, Role.VIEWER])
def test_others_look_and_have_no_form(team, role):
    browser = Client()
    browser.force_login(MembershipFactory(workspace=team.workspace, role=role).user)
    Workspace.objects.update(requires_approval=True)

    page = text(browser.get(ADDRESS))

    assert "Need an admin's approval" in page
    assert 'name="time_zone"' not in page
    refused = browser.post(ADDRESS, {"name": "Mine", "time_zone": "UTC"})
    assert refused.status_code == 403
    assert stored(team)[0] == team.workspace.name


def test_the_form_names_its_workspace(team, alice):
    """The person may have switched in another tab since."""
    sent = opened(alice) | {"workspace": team.workspace.pk}
    other = MembershipFactory(user=team.alice, workspace=WorkspaceFactory(name="Other")).workspace
    alice.post(reverse("accounts:workspace_switch"), {"workspace": other.pk})

    save(alice, sent, name="Oak & Ash")

    assert stored(team)[0] == "Oak & Ash"
    assert Workspace.objects.get(pk=other.pk).name == "Other"


def test_the_workspace_of_others_is_not_found(team, alice):
    theirs = team.charlie.memberships.get().workspace

    assert save(alice, opened(alice), workspace=theirs.pk, name="Mine").status_code == 404


def test_asking_for_alt_text_is_switched_on_and_told(team, alice):
    save(alice, opened(alice), asks_for_alt_text="on")

    assert Workspace.objects.get(pk=team.workspace.pk).asks_for_alt_text is True
    assert AuditEntry.objects.get().detail == "asking for alt text: off → on"
