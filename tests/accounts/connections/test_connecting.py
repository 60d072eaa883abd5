"""From "Connect Pinterest" over the sandbox's consent page and back to the connections page."""

from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
import requests
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.utils import timezone

from accounts.models import AccountStatus, Board, PinterestAccount
from postiz_pins.pinterest.oauth import SCOPES
from tests.accounts.conftest import TRY_AGAIN, answer_consent, start_consent, stored
from tests.factories import MembershipFactory, PinterestAccountFactory, UserFactory, WorkspaceFactory

pytestmark = pytest.mark.django_db


def test_the_consent_asks_for_exactly_the_five_scopes_joined_with_commas_in_order(sandbox, alice):
    url = urlsplit(start_consent(alice))
    asked = dict(parse_qsl(url.query))

    assert f"{url.scheme}://{url.netloc}{url.path}" == sandbox.oauth_url
    assert asked["scope"] == "boards:read,boards:write,pins:read,pins:write,user_accounts:read"
    assert (asked["response_type"], asked["client_id"]) == ("code", "sandbox-app")
    assert len(asked["state"]) >= 16


def test_the_sandboxs_consent_page_accepts_our_request(alice, chairshop):
    page = requests.get(start_consent(alice), timeout=10)

    assert page.status_code == 200
    assert "chairshop" in page.text


def test_parameters_of_the_address_neither_widen_the_consent_nor_make_it_a_login(alice, chairshop):
    wishes = {"process": "login", "scope": "ads:write", "auth_params": "scope=ads:write", "next": "https://evil.test/"}

    consent_url = alice.post(f"/accounts/pinterest/login/?{urlencode(wishes)}")["Location"]
    response = alice.get(answer_consent(consent_url))

    assert parse_qs(urlsplit(consent_url).query)["scope"] == [",".join(SCOPES)]
    assert response["Location"] == "/connections/"
    assert stored().get().is_active


@pytest.mark.parametrize(
    ("public_url", "host", "origin"),
    [
        ("https://pins.example.com", "pins.example.com", "https://pins.example.com"),
        ("https://pins.example.com", "localhost", "https://pins.example.com"),
        ("http://localhost:8000", "localhost:8000", "http://localhost:8000"),
        ("http://localhost:8000", "127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://localhost:8000", "[::1]:8000", "http://[::1]:8000"),
        ("http://localhost:8000", "pins.example.com", "http://localhost:8000"),
    ],
)
def test_the_way_back_leads_to_the_public_url_or_to_the_loopback_name_in_use(alice, settings, public_url, host, origin):
    settings.PUBLIC_URL = public_url
    settings.ALLOWED_HOSTS = ["*"]

    location = alice.post("/accounts/pinterest/login/", headers={"host": host})["Location"]

    assert parse_qs(urlsplit(location).query)["redirect_uri"] == [f"{origin}/accounts/pinterest/login/callback/"]


def test_a_get_shows_a_button_and_starts_nothing(alice):
    page = alice.get("/accounts/pinterest/login/")

    assert page.status_code == 200
    assert 'method="post"' in page.content.decode()
    assert "Connect Pinterest" in page.content.decode()


def test_pinterest_is_no_way_to_log_in(client, sandbox, team):
    for path in ("/accounts/pinterest/login/", "/accounts/pinterest/login/callback/?code=1&state=2"):
        assert client.get(path)["Location"].startswith("/accounts/login/")
    assert client.post("/accounts/pinterest/login/")["Location"].startswith("/accounts/login/")

    assert "/accounts/pinterest/" not in client.get("/accounts/login/").content.decode()
    assert sandbox.requests() == []


def test_a_viewer_cannot_connect(client, team):
    client.force_login(team.bob)

    page = client.post("/accounts/pinterest/login/")

    assert page.status_code == 403
    assert "editor" in page.content.decode()


def test_somebody_without_a_workspace_makes_one_first(client, db):
    client.force_login(UserFactory())

    assert client.post("/accounts/pinterest/login/")["Location"] == "/workspace/new/"
    assert client.get("/accounts/pinterest/login/callback/?code=1&state=2")["Location"] == "/workspace/new/"


def test_allowing_stores_the_account_with_scopes_tokens_expiries_and_boards(sandbox, consent, team, chairshop):
    outcome = consent()

    account = stored().get()
    assert (account.workspace, account.status, account.trouble) == (team.workspace, AccountStatus.ACTIVE, "")
    assert (account.pinterest_user_id, account.account_type) == (chairshop["id"], "BUSINESS")
    assert account.avatar_url.startswith("http")
    assert account.scopes == list(SCOPES)
    assert (account.access_expires_at - timezone.now()).days == 29
    assert (account.refresh_expires_at - timezone.now()).days == 59
    assert sandbox.api("GET", "/user_account", account.access_token).json()["username"] == "chairshop"
    assert sorted(account.boards.values_list("name", flat=True)) == ["Chairs", "Tables"]
    assert account.boards_synced_at is not None
    assert outcome.level == "success"
    assert "@chairshop" in outcome.sentence
    assert "2 boards" in outcome.sentence


def test_the_code_is_exchanged_with_continuous_refresh(sandbox, consent):
    consent()

    [request] = sandbox.requests("oauth/token")
    assert request["body"]["grant_type"] == "authorization_code"
    assert request["body"]["continuous_refresh"] == "true"


def test_allauth_stores_nothing_of_its_own_and_the_person_stays_signed_in(alice, consent, team):
    consent()

    assert not SocialAccount.objects.exists()
    assert not SocialToken.objects.exists()
    assert alice.get("/connections/").wsgi_request.user == team.alice


def test_boards_that_cannot_be_read_leave_the_connection_standing(sandbox, consent):
    sandbox.fault("boards/list", "server_error")

    outcome = consent()

    assert stored().get().is_active
    assert outcome.level == "warning"
    assert "Refresh boards" in outcome.sentence


def test_an_account_without_boards_is_told_what_to_do(sandbox, consent):
    sandbox.create_account("newcomer", boards=[])

    outcome = consent(account="newcomer")

    assert stored("newcomer").get().is_active
    assert "Create a board on Pinterest" in outcome.sentence


@pytest.mark.parametrize("missing", [scope for scope in SCOPES if scope != "user_accounts:read"])
def test_a_permission_that_is_missing_is_named_with_its_purpose(consent, missing):
    outcome = consent(scopes=[scope for scope in SCOPES if scope != missing])

    account = stored().get()
    assert account.status == AccountStatus.NEEDS_RECONNECT
    assert missing not in account.scopes
    assert missing in account.trouble
    assert SCOPES[missing] in account.trouble
    assert outcome.level == "warning"
    assert missing in outcome.sentence
    assert TRY_AGAIN in outcome.sentence


def test_all_missing_permissions_fit_into_the_trouble_column(consent):
    consent(scopes=["user_accounts:read"])

    account = stored().get()
    account.full_clean()
    assert all(scope in account.trouble for scope in SCOPES if scope != "user_accounts:read")


def test_without_the_profile_permission_nothing_is_stored_and_nobody_asked(sandbox, consent):
    outcome = consent(scopes=[scope for scope in SCOPES if scope != "user_accounts:read"])

    assert not stored().exists()
    assert outcome.level == "error"
    assert f"user_accounts:read ({SCOPES['user_accounts:read']})" in outcome.sentence
    assert sandbox.requests("user_account/get") == []
    assert TRY_AGAIN in outcome.sentence


def test_granting_the_rest_heals_the_account(consent):
    consent(scopes=["user_accounts:read"])

    consent()

    account = stored().get()
    assert (account.status, account.trouble, account.scopes) == (AccountStatus.ACTIVE, "", list(SCOPES))


def test_connecting_the_same_account_again_updates_it(consent):
    consent()
    first = stored().get()
    board = first.boards.first()

    consent()

    second = stored().get()
    assert second.pk == first.pk
    assert second.access_token != first.access_token
    assert Board.objects.get(pk=board.pk).account == second


def test_a_renamed_account_is_still_the_same(consent, chairshop):
    consent()
    stored().update(username="oldname")

    consent()

    assert stored().get().pinterest_user_id == chairshop["id"]
    assert not stored("oldname").exists()


def test_several_accounts_in_one_workspace(sandbox, consent, team):
    sandbox.create_account("tablestore", boards=["Oak"])

    consent()
    consent(account="tablestore")

    usernames = PinterestAccount.objects.in_workspace(team.workspace).values_list("username", flat=True)
    assert {"chairshop", "tablestore"} <= set(usernames)


def test_an_account_that_another_workspace_holds_is_refused_without_saying_whose(consent, chairshop):
    rivals = WorkspaceFactory(name="Secret rivals")
    PinterestAccountFactory(pinterest_user_id=chairshop["id"], username="chairshop", workspace=rivals)
    before = stored().values().get()

    outcome = consent()

    assert outcome.level == "error"
    assert "another workspace" in outcome.sentence
    assert "Secret rivals" not in outcome.sentence
    assert stored().values().get() == before


def test_an_account_that_another_workspace_has_let_go_can_be_connected(consent, team, chairshop):
    PinterestAccountFactory(
        pinterest_user_id=chairshop["id"],
        status=AccountStatus.DISCONNECTED,
        access_token_encrypted="",
        refresh_token_encrypted="",
    )

    assert consent().level == "success"

    assert stored().filter(workspace=team.workspace).get().is_active


def test_the_account_goes_to_the_workspace_in_which_the_consent_began(alice, team, chairshop):
    second = MembershipFactory(user=team.alice).workspace
    alice.post("/workspace/switch/", {"workspace": second.pk})
    consent_url = start_consent(alice)
    alice.post("/workspace/switch/", {"workspace": team.workspace.pk})

    alice.get(answer_consent(consent_url))

    assert stored().get().workspace == second
