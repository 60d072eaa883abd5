"""From the button at an account in trouble to Pinterest, and back to the page with the button."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.connections import tokens
from accounts.models import AccountStatus, Membership, Role
from pins.errors.catalogue import RECONNECT_NEEDED
from postiz_pins.http.redirects import safe_local_path
from postiz_pins.pinterest.oauth import SCOPES
from tests.accounts.auth.test_signing_in import ELSEWHERE
from tests.accounts.conftest import answer_consent, press, said, start_consent, stored, text_of
from tests.factories import AccountFeedFactory, MembershipFactory, PinFactory

pytestmark = pytest.mark.django_db

SINCE = timezone.now() - timedelta(days=2)
RECONNECT = "Reconnect @chairshop"


# The pages that say that an account is in trouble.
PAGES = {
    "dashboard": lambda pin: reverse("pins:dashboard"),
    "pin page": lambda pin: reverse("pins:pin_detail", args=[pin.pk]),
    "composer": lambda pin: reverse("pins:pin_edit", args=[pin.pk]),
    "connections": lambda pin: reverse("accounts:connection_list"),
    "analytics": lambda pin: f"{reverse('analytics:overview')}?account={pin.account_id}&days=30",
    "analytics of pins": lambda pin: f"{reverse('analytics:pin_list')}?account={pin.account_id}",
    "best times": lambda pin: f"{reverse('analytics:best_times')}?account={pin.account_id}",
}


@pytest.fixture
def held(consent):
    """A pin of an account whose connection was revoked two days ago."""
    consent()
    pin = PinFactory(board=stored().get().boards.get(name="Chairs"), publish_at=timezone.now() - timedelta(hours=1))
    AccountFeedFactory(account=pin.account)
    stored().update(status=AccountStatus.NEEDS_RECONNECT, trouble=tokens.REVOKED, trouble_since=SINCE)
    return pin


def test_a_pin_that_waits_for_its_account_announces_no_next_attempt(alice, held):
    held.error_code, held.next_attempt_at = RECONNECT_NEEDED.code, timezone.now()
    held.save()

    page = text_of(alice, PAGES["pin page"](held))

    assert "Next attempt" not in page
    assert "Was scheduled for" in page


@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_why_and_since_when_and_its_button_leads_to_pinterest_and_back(alice, held, name):
    page = PAGES[name](held)
    assert tokens.REVOKED in text_of(alice, page)
    assert f'Since <time datetime="{SINCE:%Y-%m-%dT%H:%M}' in text_of(alice, page)

    response = alice.get(answer_consent(press(alice, page, RECONNECT)))

    assert (response.status_code, response["Location"]) == (302, page)
    assert stored().get().is_active
    assert RECONNECT not in text_of(alice, page)


@pytest.mark.parametrize("name", PAGES)
def test_a_consent_that_comes_to_nothing_leads_back_too_with_its_sentence(alice, held, name):
    page = PAGES[name](held)

    response = alice.get(answer_consent(press(alice, page, RECONNECT), decision="deny"))

    assert response["Location"] == page
    shown = text_of(alice, page)
    assert "The account wasn't connected. You didn't allow access." in shown
    assert RECONNECT in shown


def test_an_exchange_that_fails_leads_back_too(alice, held, sandbox):
    page = PAGES["pin page"](held)
    sandbox.fault("oauth/token", "server_error")

    response = alice.get(answer_consent(press(alice, page, RECONNECT)))

    assert response["Location"] == page
    assert "Pinterest had a problem" in said(response)[-1][1]


@pytest.mark.parametrize("name", [name for name in PAGES if name != "composer"])
def test_a_viewer_reads_why_and_whom_to_ask_and_gets_no_button(client, team, held, name):
    client.force_login(team.bob)

    page = text_of(client, PAGES[name](held))

    assert tokens.REVOKED in page
    assert "Ask an editor to reconnect it." in page
    assert "/accounts/pinterest/login/" not in page


def test_permissions_that_are_missing_after_the_consent_are_listed_on_that_page(alice, held):
    page = PAGES["pin page"](held)
    granted = [scope for scope in SCOPES if scope not in ("boards:read", "pins:write")]

    alice.get(answer_consent(press(alice, page, RECONNECT), scopes=granted))

    shown = text_of(alice, page)
    assert "Not granted: " in shown
    for scope in ("boards:read", "pins:write"):
        assert f"{scope} ({SCOPES[scope]})" in shown
    assert "user_accounts:read (" not in shown
    assert RECONNECT in shown


def test_the_person_is_told_how_many_pins_go_out_and_how_many_ask_first(alice, held):
    for hours in (2, 25, 26, 27):
        PinFactory(board=held.board, publish_at=timezone.now() - timedelta(hours=hours))
    PinFactory(board=held.board, publish_at=timezone.now() + timedelta(hours=1))

    response = alice.get(answer_consent(press(alice, "/", RECONNECT)))

    assert said(response)[-1] == (
        "info",
        "2 pins on hold will be published now. 3 pins are more than 24 hours late and need your confirmation: see"
        " “Needs attention” on the dashboard.",
    )


def test_one_pin_is_told_as_one(alice, held):
    held.next_attempt_at = held.publish_at = timezone.now() - timedelta(days=3)
    held.save()

    response = alice.get(answer_consent(press(alice, "/", RECONNECT)))

    assert said(response)[-1][1] == (
        "1 pin is more than 24 hours late and needs your confirmation: see “Needs attention” on the dashboard."
    )


def test_where_no_pin_waits_nothing_is_told_about_pins(alice, held):
    held.delete()

    response = alice.get(answer_consent(press(alice, "/", RECONNECT)))

    assert [level for level, _ in said(response)][-1] == "success"


def test_an_account_that_still_cannot_be_used_sends_no_pin(alice, held):
    granted = [scope for scope in SCOPES if scope != "pins:write"]

    response = alice.get(answer_consent(press(alice, "/", RECONNECT), scopes=granted))

    assert "go out now" not in str(said(response))


def test_a_pin_of_another_workspace_than_the_current_one_is_reconnected_there(alice, team, held):
    other = MembershipFactory(user=team.alice).workspace
    alice.post("/workspace/switch/", {"workspace": other.pk})
    page = PAGES["pin page"](held)

    response = alice.get(answer_consent(press(alice, page, RECONNECT)))

    assert response["Location"] == page
    assert stored().get().workspace == team.workspace
    assert f"@chairshop is connected in “{team.workspace}”." in said(response)[-2][1]


def test_an_editor_who_was_made_a_viewer_meanwhile_is_led_back_and_told(alice, team, held):
    page = PAGES["pin page"](held)
    callback = answer_consent(press(alice, page, RECONNECT))
    Membership.objects.filter(user=team.alice).update(role=Role.VIEWER)

    response = alice.get(callback)

    assert response["Location"] == page
    assert "You can no longer connect accounts" in said(response)[-1][1]
    assert not stored().get().is_active


NO_PATHS = [
    "evil.example",
    "pins/",
    "http://testserver/pins/",
    "/\t/evil.example",
    "/" + "a" * 2000,
    "",
    "?x",
    "\0/pins/",
]
STRANGE_PATHS = ["/%5Cevil.example", "/%2F%2Fevil.example", "/pins/?next=//evil.example", "/a\r\nX: y"]


@pytest.mark.parametrize("decision", ["allow", "deny"])
@pytest.mark.parametrize("place", [*ELSEWHERE, *NO_PATHS])
def test_a_consent_leads_to_no_other_place_than_a_path_of_ours(alice, chairshop, place, decision):
    consent_url = start_consent(alice, next=place)

    response = alice.get(answer_consent(consent_url, decision=decision))

    assert response["Location"] == "/connections/"


@pytest.mark.parametrize("place", STRANGE_PATHS)
def test_a_strange_path_stays_on_this_server(alice, chairshop, place):
    response = alice.get(answer_consent(start_consent(alice, next=place)))

    assert response["Location"].startswith(("/%5C", "/%2F", "/pins/", "/a%0D%0A"))


def test_a_path_of_ours_is_kept_as_it_is():
    assert safe_local_path("/pins/5/?a=ü&b=1#c") == "/pins/5/?a=ü&b=1#c"


@pytest.mark.parametrize("pk", ["foreign", "999999", "x", "²", "-1", "9" * 40, "\0"])
def test_an_account_of_others_is_as_unknown_as_one_that_is_not_there(alice, team, sandbox, pk):
    foreign = MembershipFactory(user=team.charlie).workspace
    account = PinFactory(board__account__workspace=foreign).account

    response = alice.post("/accounts/pinterest/login/", {"account": account.pk if pk == "foreign" else pk})

    assert response.status_code == 404
    assert account.username not in response.content.decode()
    assert "socialaccount_states" not in alice.session
