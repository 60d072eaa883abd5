"""The page of the audit trail, as admins see it, and its file."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.audit import services as audit
from accounts.audit import views as audit_views
from accounts.audit.forms import GROUPS
from accounts.audit.views import ENTRIES_PER_PAGE
from accounts.models import AuditAction, AuditEntry, Role
from tests.audit_helpers import trail
from tests.factories import MembershipFactory, UserFactory
from tests.page_text import page_text

pytestmark = pytest.mark.django_db

PAGE, FILE = "/workspace/audit/", "/workspace/audit.csv"
NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)


@pytest.fixture
def note(team):
    """Adds an entry: `note("deleted", "pin “Oak”")`."""

    def add(action="deleted", target="pin “Oak”", *, by=team.alice, workspace=team.workspace, at=NOW, detail=""):
        audit.record(workspace.pk, AuditAction(action), target, by=by, now=at, detail=detail)

    return add


def targets(response):
    assert response.status_code == 200
    return [entry.target for entry in response.context["page"].rows]


def rows(response):
    assert response.status_code == 200
    content = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(content)))


def test_the_newest_comes_first_with_who_what_when_and_details(alice, note):
    note(detail="It was: Draft.")
    note("role_changed", "dana@example.com", detail="editor → admin")

    response = alice.get(PAGE)

    page = response.content.decode()
    assert targets(response) == ["dana@example.com", "pin “Oak”"]
    for part in ("Role changed", "editor → admin", "alice@example.com", "pin “Oak”", "It was: Draft."):
        assert part in page
    # In Berlin it is two hours later.
    assert '<time datetime="2026-05-04T09:30:00Z">Mon 4 May 2026, 11:30:00</time>' in page


@pytest.mark.parametrize("role", [Role.EDITOR, Role.VIEWER])
@pytest.mark.parametrize("address", [PAGE, FILE])
def test_only_admins_read_it(team, note, role, address):
    note()
    browser = Client()
    browser.force_login(MembershipFactory(workspace=team.workspace, role=role).user)

    response = browser.get(address)

    assert response.status_code == 403
    assert f"Only admins of “{team.workspace}”" in response.content.decode()
    assert "Oak" not in response.content.decode()
    assert len(trail(team.workspace)) == 1


@pytest.mark.parametrize("filters", [{}, {"q": "Oak"}, {"who": "alice"}, {"what": "deleted"}, {"before": "99999"}])
def test_an_admin_of_another_workspace_sees_nothing_of_it(team, note, filters):
    note()
    note(by=team.charlie, workspace=team.charlie.memberships.get().workspace, target="file “pine.jpg”")
    browser = Client()
    browser.force_login(team.charlie)

    assert "pin “Oak”" not in targets(browser.get(PAGE, filters))
    assert "pin “Oak”" not in str(rows(browser.get(FILE, filters)))
    assert "alice@example.com" not in browser.get(PAGE).content.decode()


def test_what_belongs_to_no_workspace_is_on_no_page(team, alice, note):
    audit.record(None, AuditAction.ERASED, "dana@example.com", by=None, now=NOW)

    assert targets(alice.get(PAGE)) == []


def test_every_action_can_be_looked_for_by_itself_and_in_one_group(alice, note):
    in_groups = [action for actions in GROUPS.values() for action in actions]
    for action in AuditAction:
        note(action, f"to {action}")

    assert sorted(in_groups) == sorted(AuditAction)
    for action in AuditAction:
        assert targets(alice.get(PAGE, {"what": action})) == [f"to {action}"]
    for group, actions in GROUPS.items():
        assert set(targets(alice.get(PAGE, {"what": group}))) == {f"to {action}" for action in actions}


def test_people_are_found_by_a_part_of_their_address_also_when_they_are_gone(alice, note):
    dana = UserFactory(email="dana@example.com")
    note(by=dana, target="by dana")
    note(by=None, target="by the app")
    dana.delete()

    assert targets(alice.get(PAGE, {"who": "DANA"})) == ["by dana"]
    assert targets(alice.get(PAGE, {"who": "Postiz Pins"})) == ["by the app"]


def test_each_word_of_a_search_is_somewhere_in_the_entry(alice, note):
    note(target="pin “Oak chair”", detail="It was: Draft.")
    note(target="pin “Oak table”")

    assert targets(alice.get(PAGE, {"q": "oak draft"})) == ["pin “Oak chair”"]
    assert targets(alice.get(PAGE, {"q": "ALICE table"})) == ["pin “Oak table”"]
    assert targets(alice.get(PAGE, {"q": "oak birch"})) == []
    assert targets(alice.get(PAGE, {"q": "%"})) == []


def test_days_are_the_workspaces_and_both_count(alice, note):
    note(target="before midnight", at=datetime(2026, 5, 4, 21, 59, 59, tzinfo=UTC))
    note(target="after midnight", at=datetime(2026, 5, 4, 22, 0, tzinfo=UTC))

    assert targets(alice.get(PAGE, {"since": "2026-05-05"})) == ["after midnight"]
    assert targets(alice.get(PAGE, {"until": "2026-05-04"})) == ["before midnight"]
    assert len(targets(alice.get(PAGE, {"since": "2026-05-04", "until": "2026-05-05"}))) == 2


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("what", "exploded", "Unknown action"),
        ("since", "yesterday", "This isn't a date"),
        ("until", "9999-12-31", "Choose a day between"),
        ("since", "0001-01-01", "Choose a day between"),
        ("q", "a\0b", "Null characters"),
        ("q", "x" * 201, "at most 200 characters"),
        ("who", "\0", "Null characters"),
    ],
)
def test_what_is_not_understood_narrows_nothing_and_says_so(team, alice, note, field, value, sentence):
    note()

    response = alice.get(PAGE, {field: value})

    assert targets(response) == ["pin “Oak”"]
    assert sentence in page_text(response)
    file = alice.get(FILE, {field: value})
    assert (file.status_code, sentence in file.content.decode()) == (400, True)
    assert len(trail(team.workspace)) == 1


def test_a_reversed_span_says_so(alice):
    assert "Swap the two dates." in alice.get(PAGE, {"since": "2026-05-05", "until": "2026-05-04"}).content.decode()


@pytest.mark.parametrize("before", ["-1", "9" * 40, "²", "x", "1\0"])
def test_a_page_that_nobody_linked_to_is_the_first_one(alice, note, before):
    note()

    assert targets(alice.get(PAGE, {"before": before})) == ["pin “Oak”"]


def test_older_entries_are_pages_that_keep_what_was_chosen(alice, note):
    for number in range(ENTRIES_PER_PAGE + 2):
        note(target=f"pin {number}")
        note("left", "dana@example.com")

    first = alice.get(PAGE, {"what": "deleted"})
    second = alice.get(PAGE + first.context["page"].next_url)

    assert len(targets(first)) == ENTRIES_PER_PAGE
    assert targets(second) == ["pin 1", "pin 0"]
    assert second.context["page"].next_url is None
    assert "what=deleted" in second.context["page"].newest_url
    assert "Older entries" in first.content.decode()
    assert "Back to the newest" in second.content.decode()


def test_an_empty_page_says_why(alice, note):
    assert "No entries yet" in alice.get(PAGE).content.decode()
    note()
    assert "No matching entries" in alice.get(PAGE, {"q": "birch"}).content.decode()
    beyond = alice.get(PAGE, {"before": AuditEntry.objects.get().pk}).content.decode()
    assert "The audit log starts here" in beyond


def test_texts_of_people_are_shown_as_text(alice, note):
    note(target="pin “<script>alert(1)</script>\0\nnext”", detail="<b>" + "x" * 5000)

    page = alice.get(PAGE, {"q": '"><script>'}).content.decode() + alice.get(PAGE).content.decode()

    assert "<script>alert(1)" not in page
    assert '"><script>' not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; next" in page
    assert "&lt;b&gt;xxx" in page


def test_whoever_and_whatever_is_gone_is_still_told(team, alice, note):
    dana = UserFactory(email="dana@example.com")
    note(by=dana)
    dana.delete()

    assert "dana@example.com" in alice.get(PAGE).content.decode()


def test_the_page_costs_two_queries_beside_knowing_who_asks_and_the_side_bar(alice, note, django_assert_num_queries):
    for _ in range(5):
        note(by=UserFactory())

    with django_assert_num_queries(6):
        alice.get(PAGE)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL plans by what the tables hold.")
def test_the_list_is_read_along_its_index(team, alice, note):
    for _ in range(5):
        note()
        note(workspace=team.charlie.memberships.get().workspace)
    with CaptureQueriesContext(connection) as captured:
        alice.get(PAGE, {"before": "99999"})
    [sql] = [query["sql"] for query in captured if "auditentry" in query["sql"]]

    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        plan = str(cursor.fetchall())

    assert "audit_of_workspace" in plan
    assert "TEMP B-TREE" not in plan


# The file


def test_the_file_holds_what_was_chosen_in_the_workspaces_time_and_is_an_entry_itself(team, alice, note):
    note(target="=cmd|'/c calc'!A1", detail="It was: Draft.")
    note("left", "dana@example.com")

    response = alice.get(FILE, {"what": "deleted", "q": "cmd"})

    assert rows(response) == [
        ["When", "Who", "What", "Target", "Detail"],
        ["2026-05-04T11:30:00+02:00", "alice@example.com", "Deleted", "'=cmd|'/c calc'!A1", "It was: Draft."],
    ]
    assert "attachment" in response["Content-Disposition"]
    assert trail(team.workspace)[-1] == ("exported", "audit log", "alice@example.com", "search: cmd, what: deleted")


def test_the_file_has_all_pages(alice, note):
    for number in range(ENTRIES_PER_PAGE * 2):
        note(target=f"pin {number}", at=NOW + timedelta(minutes=number))

    listed = [row[3] for row in rows(alice.get(FILE, {"before": "3"}))]

    # The newest is the export.
    assert listed[1:3] == ["audit log", f"pin {ENTRIES_PER_PAGE * 2 - 1}"]
    assert len(listed) == ENTRIES_PER_PAGE * 2 + 2


def test_the_file_is_read_by_keys_and_no_query_stays_open(alice, note, monkeypatch):
    """A query that is read as slowly as the file is taken would hold a connection, and on SQLite its log."""
    monkeypatch.setattr(audit_views, "ROWS_PER_FETCH", 2)
    for number in range(4):
        note(target=f"pin {number}")

    with CaptureQueriesContext(connection) as captured:
        listed = [row[3] for row in rows(alice.get(FILE))]

    assert listed[2:] == ["pin 3", "pin 2", "pin 1", "pin 0"]
    reads = [query["sql"] for query in captured if query["sql"].startswith("SELECT") and "auditentry" in query["sql"]]
    assert len(reads) == 4
    assert all("LIMIT 2" in sql for sql in reads)
