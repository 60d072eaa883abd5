"""Every address of the application as each kind of visitor meets it; url_matrix.py is the table of them."""

from itertools import product
from pathlib import Path

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.connections import board_sync
from accounts.connections.sync import Changes
from accounts.models import Role
from pins.media import remote
from pins.models import Pin, PinStatus
from tests.factories import BoardFactory, MediaFileFactory, MembershipFactory, PinFactory
from tests.media_bytes import picture_bytes
from tests.url_matrix import ADDRESSES, FOR_EVERY_MEMBER, OTHERS, OTHERS_EXACTLY, WITH_ROW, WITHOUT_ROW
from tests.visits import Visits, member, patterns, populate

pytestmark = pytest.mark.django_db

METHODS = [(name, method) for name, address in ADDRESSES.items() for method in address.answers]


@pytest.fixture(autouse=True)
def _no_pinterest(monkeypatch):
    monkeypatch.setattr(board_sync, "sync_account", lambda account: board_sync.SyncOutcome(account, Changes()))


@pytest.fixture(autouse=True)
def _no_web(monkeypatch):
    def fetch(address, path):
        Path(path).write_bytes(picture_bytes())
        return "chair.jpg"

    monkeypatch.setattr(remote, "_fetch", fetch)


@pytest.fixture
def visit(team):
    return Visits(team)


def test_every_address_is_in_the_table_or_has_a_reason_not_to_be():
    names = {name for name, _ in patterns() if not name.startswith(tuple(OTHERS))}

    assert names == set(ADDRESSES) | set(OTHERS_EXACTLY)


def test_every_reason_still_belongs_to_an_address():
    names = [name for name, _ in patterns()]

    assert [start for start in OTHERS if not any(name.startswith(start) for name in names)] == []


def test_nothing_else_is_open_to_people_who_are_not_signed_in():
    is_open = {name for name, pattern in patterns() if not getattr(pattern.callback, "login_required", True)}

    # The sign-in page of the administration only leads to allauth's; the other two are steps of signing in.
    assert {name for name in is_open if not name.startswith(("account_", "api:"))} == {
        "accounts:invitation",
        "accounts:invitation_open",
        "accounts:privacy",
        "pins:feed_ics",
        "pins:media_content",
        "pins:media_thumbnail",
        "admin:login",
        "mcp",
        "mfa_authenticate",
        "mfa_login_webauthn",
    }


def test_anonymous_people_are_sent_to_sign_in(case, visit):
    for name, method in product(ADDRESSES, ("GET", "POST")):
        with case(method, name):
            response = visit(None, name, method, browser=Client(headers={"accept": "text/html"}))

            assert response.status_code == 302
            assert response["Location"].startswith(f"{reverse('account_login')}?next=/")
            assert not response.changed


def test_an_outsider_finds_nothing(case, team, visit):
    for name, method in product(WITH_ROW, ("GET", "POST")):
        with case(method, name):
            response = visit(team.charlie, name, method)

            assert response.status_code == (404 if method in ADDRESSES[name].answers else 405)
            assert not response.changed


def test_an_outsider_sees_nothing_of_the_team_on_pages_of_the_own_workspace(case, team, visit):
    populate(team)
    traces = {"The team's chair", team.account.username, team.board.name, team.workspace.name, "the-teams.jpg"}
    for name in [name for name in WITHOUT_ROW if ADDRESSES[name].answers.get("GET", [302])[-1] == 200]:
        with case(name):
            page = visit(team.charlie, name).content.decode()
            seen = visit(team.alice, name).content.decode()

            assert not {trace for trace in traces if trace in page}
            assert {trace for trace in traces if trace in seen}, "the traces are not on the page at all"


def test_a_viewer_may_look_but_not_change(case, team, visit):
    for name, method in METHODS:
        with case(method, name):
            response = visit(team.bob, name, method)

            expected = ADDRESSES[name].answer(method, Role.VIEWER)
            assert response.status_code == expected
            # What is for every member, such as leaving, concerns nobody but the person.
            assert not response.changed or ADDRESSES[name].answers == FOR_EVERY_MEMBER
            if expected == 403:
                assert ADDRESSES[name].refusal in response.content.decode()


@pytest.mark.parametrize("role", [Role.EDITOR, Role.ADMIN])
def test_an_editor_may_change_and_an_admin_may_do_all(case, team, visit, role):
    person = member(team, role)
    for name, method in METHODS:
        with case(method, name):
            response = visit(person, name, method)

            expected = ADDRESSES[name].answer(method, role)
            assert response.status_code == expected
            if expected == 403:
                assert not response.changed
                assert ADDRESSES[name].refusal in response.content.decode()
            elif method == "POST":
                assert [str(said) for said in get_messages(response.wsgi_request) if said.level_tag == "error"] == []


def test_a_method_that_an_address_does_not_know_is_refused(case, team, visit):
    for name, address in ADDRESSES.items():
        for method in {"GET", "POST"} - set(address.answers):
            with case(method, name):
                assert visit(team.alice, name, method).status_code == 405


def test_a_form_of_another_site_is_refused(case, team, visit):
    for name in [name for name, method in METHODS if method == "POST"]:
        with case(name):
            response = visit(team.alice, name, "POST", browser=Client(enforce_csrf_checks=True))

            assert response.status_code == 403
            assert not response.changed


@pytest.mark.parametrize("pk", [0, 99_999_999, 2**63, 10**40])
def test_a_number_that_nothing_has_is_a_404(alice, pk):
    for name in WITH_ROW:
        method = alice.post if "POST" in ADDRESSES[name].answers else alice.get

        assert (
            method(reverse(name, kwargs={"pk": pk} | ({"number": 2} if name == "pins:import_row" else {}))).status_code
            == 404
        )


def test_a_viewer_of_one_workspace_who_edits_another_still_only_looks_here(case, team, visit):
    own = MembershipFactory(user=team.bob, role=Role.ADMIN).workspace
    for name in [name for name, method in METHODS if method == "POST" and name in WITH_ROW]:
        if ADDRESSES[name].answer("POST", Role.VIEWER) != 403:
            continue  # a viewer may comment
        with case(name):
            client = Client()
            client.force_login(team.bob)
            client.post(reverse("accounts:workspace_switch"), {"workspace": own.pk})

            response = visit(None, name, "POST", browser=client)

            assert response.status_code == 403
            assert not response.changed


def test_a_board_of_another_workspace_is_refused(team, alice):
    foreign = BoardFactory(name="Secret plans")
    media = MediaFileFactory(workspace=team.workspace)

    for value in (foreign.pk, foreign.pinterest_id):
        response = alice.post(
            reverse("pins:pin_create"), {"board": value, "attachments": media.pk, "action": "publish"}
        )

        page = response.content.decode()
        assert "This board isn&#x27;t in your workspace." in page
        assert "Secret plans" not in page
    assert not Pin.objects.exists()


def test_media_of_another_workspace_are_left_out(team, alice):
    foreign = MediaFileFactory(original_name="secret.jpg")

    response = alice.post(
        reverse("pins:pin_create"), {"board": team.board.pk, "attachments": foreign.pk, "action": "publish"}
    )

    assert "Add an image" in str(response.context["form"].errors["attachments"])
    assert "secret.jpg" not in response.content.decode()
    assert not Pin.objects.exists()


def test_an_edit_takes_no_board_and_no_media_of_another_workspace(team, alice):
    pin = PinFactory(board=team.board, status=PinStatus.DRAFT)
    foreign = {"board": BoardFactory().pk, "attachments": MediaFileFactory().pk}

    for name, value in foreign.items():
        alice.post(reverse("pins:pin_edit", args=[pin.pk]), {name: value, "action": "draft"})

    pin.refresh_from_db()
    assert pin.board in (team.board, None)
    assert {media.workspace for media in pin.media.all()} <= {team.workspace}


@pytest.mark.parametrize("value", ["foreign", "", "nonsense", "-1", "9" * 40, "²"])
def test_nobody_switches_to_a_workspace_of_others(team, alice, value):
    before = dict(alice.session)

    value = team.charlie.memberships.get().workspace_id if value == "foreign" else value
    response = alice.post(reverse("accounts:workspace_switch"), {"workspace": value})

    assert response.status_code == 404
    assert dict(alice.session) == before


def test_boards_of_an_account_of_others_are_not_listed(team, alice):
    foreign = BoardFactory().account

    assert [board["id"] for board in alice.get("/boards").json()] == [team.board.pinterest_id]
    for value in (foreign.pk, foreign.username, f"@{foreign.username}"):
        assert alice.get("/boards", {"account": value}).status_code == 404


LISTS = (
    *("pins:dashboard", "pins:pin_list", "pins:pin_create", "pins:media_list", "pins:media_choose"),
    *("accounts:connection_list", "accounts:board_list", "accounts:api_key_list", "analytics:overview"),
    *("accounts:team", "accounts:audit_trail", "accounts:notification_list", "accounts:notification_settings"),
)


def test_a_list_costs_as_many_queries_for_three_rows_as_for_one(case, team, alice):
    def queries_of_each_list():
        queries = {}
        for name in LISTS:
            with case(name), CaptureQueriesContext(connection) as captured:
                assert alice.get(reverse(name)).status_code == 200
            queries[name] = len(captured)
        return queries

    populate(team)
    with_one = queries_of_each_list()
    populate(team)
    populate(team)

    assert queries_of_each_list() == with_one
