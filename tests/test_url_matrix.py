"""Every address of the application as each kind of visitor meets it; url_matrix.py is the table of them."""

from pathlib import Path

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse
from django.utils import timezone

from accounts.api_keys import services as api_keys
from accounts.connections import board_sync
from accounts.connections.sync import Changes
from accounts.models import AccountStatus, ApiKey, Export, Invitation, Membership, PinterestAccount, Role, Workspace
from pins.media import remote
from pins.models import MediaFile, Pin, PinStatus
from tests.factories import (
    BoardFactory,
    ExportFactory,
    InvitationFactory,
    MediaFileFactory,
    MembershipFactory,
    NotificationFactory,
    PinFactory,
    PinterestAccountFactory,
    PlayableVideoFactory,
    UserFactory,
    picture_bytes,
)
from tests.url_matrix import ADDRESSES, FOR_EVERY_MEMBER, OTHERS, OTHERS_EXACTLY

pytestmark = pytest.mark.django_db

WITH_ROW = [name for name, address in ADDRESSES.items() if address.row]
WITHOUT_ROW = [name for name in ADDRESSES if name not in WITH_ROW]
METHODS = [(name, method) for name, address in ADDRESSES.items() for method in address.answers]


def patterns(resolver=None, namespace=""):
    for pattern in (resolver or get_resolver()).url_patterns:
        if hasattr(pattern, "url_patterns"):
            yield from patterns(pattern, f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace)
        else:
            yield f"{namespace}{pattern.name}", pattern


@pytest.fixture(autouse=True)
def _no_pinterest(monkeypatch):
    monkeypatch.setattr(board_sync, "sync_account", lambda account: board_sync.SyncOutcome(account, Changes()))


@pytest.fixture(autouse=True)
def _no_web(monkeypatch):
    def fetch(address, path):
        Path(path).write_bytes(picture_bytes())
        return "chair.jpg"

    monkeypatch.setattr(remote, "_fetch", fetch)


class Visits:
    """Opens addresses with rows of the team: `visit(user, name)`."""

    def __init__(self, team, client):
        self.team, self.client = team, client

    def url_of(self, name, user=None):
        """The address, of a new row if it names one."""
        team, address = self.team, ADDRESSES[name]
        kwargs = {}
        if address.row == "pin":
            pin = PinFactory(board=team.board, status=address.status, title="The team's chair")
            kwargs["pk"] = pin.pk
        elif address.row == "account":
            kwargs["pk"] = team.account.pk
        elif address.row in ("disconnected", "leaving"):
            erase_at = timezone.now() if address.row == "leaving" else None
            status = AccountStatus.DISCONNECTED
            kwargs["pk"] = PinterestAccountFactory(workspace=team.workspace, status=status, erase_at=erase_at).pk
        elif address.row == "image":
            kwargs["pk"] = MediaFileFactory(workspace=team.workspace, original_name="the-teams.jpg").pk
        elif address.row == "video":
            kwargs["pk"] = PlayableVideoFactory(workspace=team.workspace).pk
        elif address.row == "api_key":
            kwargs["pk"] = api_keys.create(team.workspace, "Spreadsheet", by=team.alice, now=timezone.now())[0].pk
        elif address.row == "member":
            kwargs["pk"] = member(team, Role.EDITOR).memberships.get().pk
        elif address.row == "notification":
            mine = user and user.memberships.filter(workspace=team.workspace).first()
            kwargs["pk"] = NotificationFactory(membership=mine or team.alice.memberships.get()).pk
        elif address.row == "invitation":
            kwargs["pk"] = InvitationFactory(workspace=team.workspace, invited_by=team.alice).pk
        elif address.row == "export":
            kwargs["pk"] = ExportFactory(workspace=team.workspace, asked_by=team.alice).pk
        return reverse(name, kwargs=kwargs)

    def __call__(self, user, name, method="GET", browser=None):
        team, address, browser = self.team, ADDRESSES[name], browser or self.client
        if user is not None:
            browser.force_login(user)
        url = self.url_of(name, user)
        body = dict(address.body)
        if body.get("workspace") == "own":
            body["workspace"] = user.memberships.get().workspace_id if user else team.workspace.pk
        if body.get("attachments") == "own":
            body["attachments"] = MediaFileFactory(workspace=team.workspace).pk
        if "file" in body:
            body["file"] = SimpleUploadedFile("chair.jpg", body["file"])
        before = rows()
        response = browser.get(url) if method == "GET" else browser.post(url, body)
        if response.streaming:
            response.getvalue()  # else its file stays open
        response.changed = rows() != before
        return response


@pytest.fixture
def visit(team, client):
    return Visits(team, client)


def rows():
    """All that the addresses of the table could change."""
    tables = (Pin, MediaFile, PinterestAccount, ApiKey, Membership, Invitation, Export, Workspace)
    return [list(model.objects.order_by("pk").values()) for model in tables]


def member(team, role):
    return MembershipFactory(workspace=team.workspace, user=UserFactory(), role=role).user


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
        "pins:media_content",
        "admin:login",
        "mfa_authenticate",
        "mfa_login_webauthn",
    }


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("name", ADDRESSES)
def test_anonymous_people_are_sent_to_sign_in(visit, name, method):
    response = visit(None, name, method, browser=Client(headers={"accept": "text/html"}))

    assert response.status_code == 302
    assert response["Location"].startswith(f"{reverse('account_login')}?next=/")
    assert not response.changed


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("name", WITH_ROW)
def test_an_outsider_finds_nothing(team, visit, name, method):
    response = visit(team.charlie, name, method)

    assert response.status_code == (404 if method in ADDRESSES[name].answers else 405)
    assert not response.changed


@pytest.mark.parametrize("name", [name for name in WITHOUT_ROW if ADDRESSES[name].answers.get("GET", [302])[-1] == 200])
def test_an_outsider_sees_nothing_of_the_team_on_pages_of_the_own_workspace(team, visit, name):
    populate(team)
    traces = {"The team's chair", team.account.username, team.board.name, team.workspace.name, "the-teams.jpg"}

    page = visit(team.charlie, name).content.decode()
    seen = visit(team.alice, name, browser=Client()).content.decode()

    assert not {trace for trace in traces if trace in page}
    assert {trace for trace in traces if trace in seen}, "the traces are not on the page at all"


@pytest.mark.parametrize(("name", "method"), METHODS)
def test_a_viewer_may_look_but_not_change(team, visit, name, method):
    response = visit(team.bob, name, method)

    expected = ADDRESSES[name].answer(method, Role.VIEWER)
    assert response.status_code == expected
    # What is for every member, such as leaving, concerns nobody but the person.
    assert not response.changed or ADDRESSES[name].answers == FOR_EVERY_MEMBER
    if expected == 403:
        assert ADDRESSES[name].refusal in response.content.decode()


@pytest.mark.parametrize("role", [Role.EDITOR, Role.ADMIN])
@pytest.mark.parametrize(("name", "method"), METHODS)
def test_an_editor_may_change_and_an_admin_may_do_all(team, visit, name, method, role):
    response = visit(member(team, role), name, method)

    expected = ADDRESSES[name].answer(method, role)
    assert response.status_code == expected
    if expected == 403:
        assert not response.changed
        assert ADDRESSES[name].refusal in response.content.decode()
    elif method == "POST":
        assert [str(said) for said in get_messages(response.wsgi_request) if said.level_tag == "error"] == []


@pytest.mark.parametrize("name", [name for name, address in ADDRESSES.items() if len(address.answers) == 1])
def test_a_method_that_an_address_does_not_know_is_refused(team, visit, name):
    method = "POST" if "GET" in ADDRESSES[name].answers else "GET"

    assert visit(team.alice, name, method).status_code == 405


@pytest.mark.parametrize("name", [name for name, method in METHODS if method == "POST"])
def test_a_form_of_another_site_is_refused(team, visit, name):
    response = visit(team.alice, name, "POST", browser=Client(enforce_csrf_checks=True))

    assert response.status_code == 403
    assert not response.changed


@pytest.mark.parametrize("pk", [0, 99_999_999, 2**63, 10**40])
def test_a_number_that_nothing_has_is_a_404(alice, pk):
    for name in WITH_ROW:
        method = alice.post if "POST" in ADDRESSES[name].answers else alice.get

        assert method(reverse(name, kwargs={"pk": pk})).status_code == 404


@pytest.mark.parametrize("name", [name for name in WITH_ROW if "POST" in ADDRESSES[name].answers])
def test_a_viewer_of_one_workspace_who_edits_another_still_only_looks_here(team, visit, name):
    own = MembershipFactory(user=team.bob, role=Role.ADMIN).workspace
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
        assert "This board is not one of your workspace&#x27;s." in page
        assert "Secret plans" not in page
    assert not Pin.objects.exists()


def test_media_of_another_workspace_are_left_out(team, alice):
    foreign = MediaFileFactory(original_name="secret.jpg")

    response = alice.post(
        reverse("pins:pin_create"), {"board": team.board.pk, "attachments": foreign.pk, "action": "publish"}
    )

    assert "Add a picture" in str(response.context["form"].errors["attachments"])
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


def populate(team):
    """One more row of everything that the team's pages list."""
    account = PinterestAccountFactory(workspace=team.workspace)
    board = BoardFactory(account=account)
    for status in PinStatus:
        PinFactory(board=team.board if status == PinStatus.DRAFT else board, status=status, title="The team's chair")
    MediaFileFactory(workspace=team.workspace, original_name="the-teams.jpg")
    api_keys.create(team.workspace, "The team's chair", by=UserFactory(), now=timezone.now())
    member(team, Role.EDITOR)
    InvitationFactory(workspace=team.workspace, invited_by=UserFactory())
    NotificationFactory(membership=team.alice.memberships.get(), text="The team's chair")


@pytest.mark.parametrize(
    "name",
    [
        *("pins:dashboard", "pins:pin_list", "pins:pin_create", "pins:media_list", "pins:media_choose"),
        *("accounts:connection_list", "accounts:board_list", "accounts:api_key_list", "analytics:overview"),
        *("accounts:team", "accounts:audit_trail", "accounts:notification_list", "accounts:notification_settings"),
    ],
)
def test_a_list_costs_as_many_queries_for_three_rows_as_for_one(team, alice, name):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert alice.get(reverse(name)).status_code == 200
        return len(captured)

    populate(team)
    with_one = queries()
    populate(team)
    populate(team)

    assert queries() == with_one
