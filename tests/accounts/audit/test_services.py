"""Who did what: an entry for all that people do to a workspace's team, connections and keys, and for nothing else."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from accounts.api_keys import services as api_keys
from accounts.audit import services as audit
from accounts.connections import services as connections
from accounts.models import (
    ApiKey,
    AuditAction,
    AuditEntry,
    Invitation,
    Membership,
    PinterestAccount,
    Role,
    User,
    Workspace,
)
from accounts.models.audit import DETAIL_LENGTH, TARGET_LENGTH, AppendOnly
from accounts.team import services as teams
from accounts.workspaces.services import create_workspace
from postiz_pins.pinterest.oauth import SCOPES
from tests.accounts.conftest import stored
from tests.audit_helpers import trail
from tests.factories import InvitationFactory, MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
ALICE, DANA = "alice@example.com", "dana@example.com"


def member(team, role=Role.EDITOR, email=DANA):
    return MembershipFactory(workspace=team.workspace, user=UserFactory(email=email), role=role)


def invitation(team, **fields):
    """One that alice has sent to dana, who has signed up."""
    if not User.objects.filter(email=DANA).exists():
        UserFactory(email=DANA)
    times = {"created_at": NOW - timedelta(hours=1)}
    return InvitationFactory(workspace=team.workspace, email=DANA, invited_by=team.alice, **times | fields)


def key(team):
    return api_keys.create(team.workspace, "Shop import", by=team.alice, now=NOW)[0]


# What is done, to what `prepare` makes of the team, and the entry that it leaves.
DONE = {
    "invite": (
        None,
        lambda team, row: teams.invite(team.workspace, DANA, Role.EDITOR, by=team.alice, now=NOW),
        ("invited", DANA, ALICE, "As editor."),
    ),
    "renew": (
        invitation,
        lambda team, row: teams.renew(row, by=team.alice, now=NOW),
        ("invited", DANA, ALICE, "Again, as editor."),
    ),
    "cancel": (
        invitation,
        lambda team, row: teams.cancel(row, by=team.alice, now=NOW),
        ("invitation_cancelled", DANA, ALICE, ""),
    ),
    "accept": (
        invitation,
        lambda team, row: teams.accept(row, User.objects.get(email=DANA), now=NOW),
        ("joined", DANA, DANA, "As editor."),
    ),
    "change role": (
        member,
        lambda team, row: teams.change_role(row, Role.ADMIN, by=team.alice, now=NOW),
        ("role_changed", DANA, ALICE, "editor → admin"),
    ),
    "remove": (
        member,
        lambda team, row: teams.remove(row, by=team.alice, now=NOW),
        ("removed", DANA, ALICE, "Was editor."),
    ),
    "leave": (
        member,
        lambda team, row: teams.leave(row, now=NOW),
        ("left", DANA, DANA, "Was editor."),
    ),
    "make a key": (
        None,
        lambda team, row: key(team),
        ("key_made", "Shop import (ppk_", ALICE, "Scopes: read plan publish figures."),
    ),
    "revoke a key": (
        key,
        lambda team, row: api_keys.revoke(row, by=team.alice, now=NOW),
        ("key_revoked", "Shop import (ppk_", ALICE, ""),
    ),
    "disconnect": (
        None,
        lambda team, row: connections.disconnect(team.account, by=team.alice, now=NOW),
        ("disconnected", "@", ALICE, ""),
    ),
}


def prepared(team, name):
    """The row that the action is about, and the length of the trail before it."""
    prepare, _, _ = DONE[name]
    row = prepare(team) if prepare else None
    return row, len(trail(team.workspace))


@pytest.mark.parametrize("name", DONE)
def test_an_action_leaves_one_entry_that_says_who_did_what_to_whom(team, name):
    row, length = prepared(team, name)
    _, act, (action, target, who, detail) = DONE[name]

    act(team, row)

    [entry] = trail(team.workspace)[length:]
    assert (entry[0], entry[2], entry[3]) == (action, who, detail)
    assert entry[1].startswith(target)
    written = AuditEntry.objects.latest("pk")
    assert (written.by.email, written.at) == (who, NOW)


def tables():
    return [list(model.objects.order_by("pk").values()) for model in (Membership, Invitation, PinterestAccount, ApiKey)]


@pytest.mark.parametrize("name", DONE)
def test_an_action_that_cannot_be_written_down_is_not_done(team, name, monkeypatch):
    row, _ = prepared(team, name)
    before = tables()

    def crash(*args, **kwargs):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(audit, "record", crash)
    with pytest.raises(RuntimeError):
        DONE[name][1](team, row)

    assert tables() == before


@pytest.mark.parametrize("name", DONE)
def test_an_action_that_is_rolled_back_leaves_nothing(team, name):
    row, length = prepared(team, name)

    with pytest.raises(RuntimeError), transaction.atomic():
        DONE[name][1](team, row)
        raise RuntimeError

    assert len(trail(team.workspace)) == length


@pytest.mark.parametrize("name", ["cancel", "accept", "change role", "remove", "leave", "revoke a key", "disconnect"])
def test_doing_it_twice_leaves_no_second_entry(team, name):
    row, length = prepared(team, name)
    act = DONE[name][1]
    act(team, row)

    with suppress(teams.TeamError):
        act(team, row)

    assert len(trail(team.workspace)) == length + 1


def test_joining_where_one_is_a_member_already_is_no_news(team):
    dana = member(team, Role.VIEWER).user

    teams.accept(invitation(team), dana, now=NOW)

    assert trail(team.workspace) == []


def test_invitations_that_go_with_whoever_sent_them_are_told(team):
    dana = member(team, Role.ADMIN)
    InvitationFactory(workspace=team.workspace, email="eve@example.com", invited_by=dana.user)
    InvitationFactory(workspace=team.workspace, email="frank@example.com", invited_by=team.alice)

    teams.change_role(dana, Role.EDITOR, by=team.alice, now=NOW)

    assert trail(team.workspace) == [
        ("invitation_cancelled", "eve@example.com", ALICE, f"{DANA}, who sent it, is no longer an admin."),
        ("role_changed", DANA, ALICE, "admin → editor"),
    ]


def test_a_refused_change_leaves_nothing(team):
    alice = team.workspace.memberships.select_related("user").get(user=team.alice)

    for refused in (
        lambda: teams.leave(alice, now=NOW),
        lambda: teams.change_role(alice, Role.VIEWER, by=team.alice, now=NOW),
        lambda: teams.invite(team.workspace, "bob@example.com", Role.VIEWER, by=team.alice, now=NOW),
    ):
        with pytest.raises(teams.TeamError):
            refused()

    assert trail(team.workspace) == []


def test_a_workspace_begins_its_trail_with_whoever_made_it(team):
    workspace = create_workspace("Tables", "Europe/Paris", team.alice)

    assert trail(workspace) == [("joined", ALICE, ALICE, "As admin and creator of the workspace.")]


def test_signing_up_begins_a_trail(client):
    password = "a long and unusual one"
    form = {"email": DANA, "password1": password, "password2": password}
    client.post("/accounts/signup/", {**form, "workspace_name": "Tables", "time_zone": "Europe/Paris"})

    assert trail(Workspace.objects.get()) == [("joined", DANA, DANA, "As admin and creator of the workspace.")]


# Connecting goes to Pinterest and back.


def test_connecting_is_told_with_what_was_not_granted_and_whether_it_is_the_first_time(team, alice, consent):
    consent()
    dora = Client()
    dora.force_login(member(team, email="dora@example.com").user)
    consent(browser=dora, scopes=[scope for scope in SCOPES if scope != "pins:write"])

    assert trail(team.workspace) == [
        ("connected", "@chairshop", ALICE, ""),
        ("connected", "@chairshop", "dora@example.com", "Again. Not granted: pins:write."),
    ]


def test_an_account_that_another_workspace_holds_leaves_no_entry(team, consent):
    other = Client()
    other.force_login(MembershipFactory().user)
    consent()

    consent(browser=other)

    assert stored().get().workspace == team.workspace
    assert AuditEntry.objects.count() == 1


def test_a_consent_that_was_denied_leaves_no_entry(consent):
    consent(decision="deny")

    assert not AuditEntry.objects.exists()


def test_disconnecting_by_the_page_names_who_pressed_the_button(team, alice):
    for _ in range(2):
        alice.post(f"/connections/{team.account.pk}/disconnect/")

    assert trail(team.workspace) == [("disconnected", str(team.account), ALICE, "")]


# What is written


def test_texts_of_people_become_one_line_without_nul_that_fits_its_column(team):
    hostile = "a\0b\n\tc" + "x" * 1000

    audit.record(team.workspace.pk, AuditAction.DELETED, hostile, by=team.alice, now=NOW, detail=hostile)

    [(_, target, _, detail)] = trail(team.workspace)
    assert target.startswith("ab cxxx")
    assert (len(target), len(detail)) == (TARGET_LENGTH, DETAIL_LENGTH)
    assert target.endswith("…")


def test_what_nobody_has_asked_for_at_that_moment_is_by_the_app(team):
    audit.record(team.workspace.pk, AuditAction.PUBLISHED, "pin “Oak”", by=None, now=NOW)

    assert trail(team.workspace) == [("published", "pin “Oak”", "Postiz Pins", "")]


# Append-only


@pytest.fixture
def entry(team):
    audit.record(team.workspace.pk, AuditAction.DELETED, "pin “Oak”", by=team.alice, now=NOW)
    return AuditEntry.objects.get()


def as_is(entry):
    return {field.attname: getattr(entry, field.attname) for field in entry._meta.concrete_fields}


ATTEMPTS = {
    "save": lambda entry: entry.save(),
    "save a column": lambda entry: entry.save(update_fields=["target"]),
    "save by force": lambda entry: entry.save(force_update=True),
    "save another in its place": lambda entry: AuditEntry(**as_is(entry) | {"target": "nothing"}).save(),
    "create another in its place": lambda entry: AuditEntry.objects.create(**as_is(entry) | {"target": "nothing"}),
    "delete": lambda entry: entry.delete(),
    "update": lambda entry: AuditEntry.objects.update(target="nothing"),
    "update some": lambda entry: AuditEntry.objects.filter(pk=entry.pk).update(target="nothing"),
    "update or create": lambda entry: AuditEntry.objects.update_or_create({"target": "nothing"}, pk=entry.pk),
    "bulk update": lambda entry: AuditEntry.objects.bulk_update([entry], ["target"]),
    "upsert": lambda entry: AuditEntry.objects.bulk_create(
        [entry], update_conflicts=True, unique_fields=["id"], update_fields=["target"]
    ),
    "delete all": lambda entry: AuditEntry.objects.all().delete(),
    "delete the workspace's": lambda entry: entry.workspace.audit_entries.all().delete(),
    "clear the workspace's": lambda entry: entry.workspace.audit_entries.clear(),
    "remove from the workspace": lambda entry: entry.workspace.audit_entries.remove(entry),
    "move to another workspace": lambda entry: Workspace.objects.create(name="B").audit_entries.add(entry),
    "set the workspace's": lambda entry: Workspace.objects.create(name="B").audit_entries.set([entry]),
    "delete by the base manager": lambda entry: AuditEntry._base_manager.all().delete(),
}


@pytest.mark.parametrize("name", ATTEMPTS)
def test_an_entry_is_neither_changed_nor_deleted(entry, name):
    before = AuditEntry.objects.values().get()
    entry.target = "nothing"

    with pytest.raises(AppendOnly), transaction.atomic():
        ATTEMPTS[name](entry)

    assert AuditEntry.objects.values().get() == before


def test_many_entries_may_be_added_at_once(entry):
    more = [AuditEntry(workspace=entry.workspace, action=AuditAction.DELETED, target=f"pin {n}") for n in range(3)]

    AuditEntry.objects.bulk_create(more)

    assert AuditEntry.objects.count() == 4


@pytest.mark.django_db(transaction=True)  # on PostgreSQL a constraint would speak up at the commit
def test_an_entry_outlives_its_person_and_its_workspace():
    membership = MembershipFactory(user=UserFactory(email=DANA))
    workspace, dana = membership.workspace, membership.user
    audit.record(workspace.pk, AuditAction.DELETED, "pin “Oak”", by=dana, now=NOW)

    dana.delete()
    workspace.delete()
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM accounts_auditentry")
        assert cursor.fetchone() == (1,)

    assert not User.objects.exists()
    entry = AuditEntry.objects.get()
    assert (entry.by_name, entry.target) == (DANA, "pin “Oak”")
    assert (entry.by_id, entry.workspace_id) != (None, None)
    connection.check_constraints()


def test_the_trail_says_when_by_the_moment_that_was_decided_by(team):
    later = timezone.now()
    connections.disconnect(team.account, by=team.alice, now=later)

    assert AuditEntry.objects.get().at == later
