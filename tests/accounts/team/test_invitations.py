"""What somebody meets who was invited, from the link in the e-mail to the dashboard."""

import logging
import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import get_user
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts.models import Invitation, Membership, User, Workspace
from accounts.team import services as teams
from tests.factories import InvitationFactory, MembershipFactory, UserFactory
from tests.page_text import page_text

pytestmark = pytest.mark.django_db

LINK = "/invitations/the-token/"
PAGE = "/invitation/"
SIGN_UP = {"email": "dana@example.com", "password1": "a long enough passphrase", "next": PAGE}


@pytest.fixture
def invitation(team):
    return InvitationFactory(
        workspace=team.workspace, email="dana@example.com", invited_by=team.alice, token="the-token"
    )


@pytest.fixture
def dana(client):
    """A browser in which somebody with the invited address is signed in."""
    client.force_login(UserFactory(email="dana@example.com"))
    return client


def opened(browser):
    page = browser.get(LINK, follow=True)
    assert page.redirect_chain == [(PAGE, 302)]
    return page


def test_the_page_shows_workspace_role_and_who_invited(team, invitation, client):
    page = opened(client)

    text = page_text(page)
    assert f"Join “<bdi>{team.workspace}</bdi>”" in text
    for part in (
        "alice@example.com invited you",
        "Your role will be editor.",
        "This invitation is for dana@example.com",
    ):
        assert part in text
    assert "/accounts/signup/?next=/invitation/" in text
    assert "/accounts/login/?next=/invitation/" in text


def test_one_button_joins(team, invitation, dana):
    assert "Join workspace" in opened(dana).content.decode()

    response = dana.post(PAGE, follow=True)

    assert response.redirect_chain == [("/", 302)]
    assert "Welcome to “" in response.content.decode()
    assert response.wsgi_request.workspace == team.workspace
    assert Membership.objects.get(user__email="dana@example.com").role == "editor"


def test_joining_leads_into_the_workspace_for_those_who_have_another(team, invitation, dana):
    MembershipFactory(user=get_user(dana))
    opened(dana)

    assert dana.post(PAGE, follow=True).wsgi_request.workspace == team.workspace


def test_looking_does_not_join(team, invitation, dana):
    opened(dana)
    dana.get(PAGE)

    assert not Membership.objects.filter(user__email="dana@example.com").exists()


def test_a_form_of_another_site_does_not_join(team, invitation):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(UserFactory(email="dana@example.com"))
    opened(browser)

    assert browser.post(PAGE).status_code == 403

    assert not Membership.objects.filter(user__email="dana@example.com").exists()


def test_another_address_is_told_which_one_it_is_for_and_never_joins(team, invitation):
    browser = Client()
    browser.force_login(team.charlie)

    pages = [opened(browser), browser.post(PAGE)]

    for page in pages:
        text = page_text(page)
        assert "This invitation is for dana@example.com, but you're signed in as charlie@example.com." in text
        assert "Sign out</button>" in text
        assert "Join workspace" not in text
    assert not team.workspace.memberships.filter(user=team.charlie).exists()
    assert Invitation.objects.pending(timezone.now()).exists()


def test_signing_out_there_keeps_the_invitation(team, invitation):
    browser = Client()
    browser.force_login(team.charlie)
    opened(browser)

    page = browser.post(PAGE, {"action": "sign_out"}, follow=True)

    assert get_user(browser).is_anonymous
    assert page.context["state"] == "anonymous"


def test_a_second_address_joins_once_it_is_confirmed(team, invitation):
    browser = Client()
    browser.force_login(team.charlie)
    address = EmailAddress.objects.create(user=team.charlie, email="dana@example.com", verified=False)
    assert opened(browser).context["state"] == "other_address"

    EmailAddress.objects.filter(pk=address.pk).update(verified=True)

    assert opened(browser).context["state"] == "ready"


# What ends without a membership


@pytest.mark.parametrize("who", ["anonymous", "dana", "charlie"])
@pytest.mark.parametrize(
    ("fields", "state", "sentence"),
    [
        ({"accepted_at": timezone.now()}, "used", "This invitation was already used"),
        ({"cancelled_at": timezone.now()}, "cancelled", "This invitation was canceled"),
        ({"expires_at": timezone.now() - timedelta(seconds=1)}, "expired", "This invitation has expired"),
        ({"token_hash": teams.token_hash("newer")}, "unknown", "This link doesn't work"),
    ],
)
def test_what_is_used_cancelled_expired_or_replaced_says_so_and_never_joins(
    team, invitation, client, who, fields, state, sentence
):
    if who != "anonymous":
        client.force_login(UserFactory(email="dana@example.com") if who == "dana" else team.charlie)
    Invitation.objects.update(**fields)

    for page in (opened(client), client.post(PAGE)):
        assert page.context["state"] == state
        assert sentence in page.content.decode()
        assert page.status_code == (404 if state == "unknown" else 200)
        assert team.workspace.name not in page.content.decode()
    assert team.workspace.memberships.count() == 2


def test_the_end_between_looking_and_joining_gets_its_sentence(team, invitation, dana):
    opened(dana)
    Invitation.objects.update(cancelled_at=timezone.now())

    assert dana.post(PAGE).context["state"] == "cancelled"

    assert not Membership.objects.filter(user__email="dana@example.com").exists()


def test_the_link_works_once(team, invitation, dana):
    opened(dana)
    dana.post(PAGE)

    assert opened(dana).context["state"] == "joined"
    assert dana.post(PAGE).context["state"] == "joined"
    assert Client().get(LINK, follow=True).context["state"] == "used"
    team.workspace.memberships.filter(user__email="dana@example.com").delete()
    assert dana.post(PAGE).context["state"] == "used"
    assert team.workspace.memberships.count() == 2


def test_anonymous_people_cannot_join(team, invitation, client):
    opened(client)

    assert client.post(PAGE).context["state"] == "anonymous"

    assert team.workspace.memberships.count() == 2


@pytest.mark.parametrize("token", ["x", "-", "a b", "%00", "é" * 100, "A" * 5000])
def test_a_link_that_is_none_says_so(client, token):
    page = client.get(f"/invitations/{token}/", follow=True)

    assert page.context["state"] == "unknown"


def test_without_a_link_the_page_says_so(alice, client):
    assert alice.get(PAGE).status_code == 404
    assert client.get(PAGE).context["state"] == "unknown"


# The secret


@pytest.mark.parametrize("method", ["get", "post", "put", "head", "delete"])
def test_no_log_no_session_and_no_next_holds_the_token(team, invitation, caplog, method):
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="django")
    browser = Client(enforce_csrf_checks=True)

    response = getattr(browser, method)(LINK)
    page = browser.get(response["Location"])

    assert (response.status_code, response["Location"]) == (302, PAGE)
    assert "the-token" not in page.content.decode()
    assert "the-token" not in " ".join(record.getMessage() for record in caplog.records)
    assert all("the-token" not in str(session.get_decoded()) for session in Session.objects.all())
    assert response["Referrer-Policy"] == "no-referrer"
    assert "no-store" in response["Cache-Control"]


# Signing in and up


@pytest.mark.parametrize("is_open", [True, False])
def test_an_invited_person_signs_up_with_the_invited_address_and_comes_back(
    team, invitation, client, settings, is_open
):
    settings.SIGNUP_OPEN = is_open
    opened(client)
    form = client.get(f"/accounts/signup/?next={PAGE}")
    assert list(form.context["form"].fields) == ["email", "password1"]
    assert "dana@example.com" in form.content.decode()

    page = client.post("/accounts/signup/", SIGN_UP, follow=True)

    assert page.redirect_chain[-1] == (PAGE, 302)
    assert page.context["state"] == "ready"
    client.post(PAGE)
    assert [str(each) for each in Workspace.objects.for_user(get_user(client))] == [team.workspace.name]


@pytest.mark.parametrize("is_open", [True, False])
def test_whatever_address_is_sent_the_invited_one_signs_up(invitation, client, settings, is_open):
    settings.SIGNUP_OPEN = is_open
    opened(client)

    client.post("/accounts/signup/", SIGN_UP | {"email": "mallory@example.com"})

    assert get_user(client).email == "dana@example.com"
    assert not User.objects.filter(email="mallory@example.com").exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"accepted_at": timezone.now()},
        {"cancelled_at": timezone.now()},
        {"expires_at": timezone.now()},
        {"token_hash": "0" * 64},
    ],
)
def test_a_closed_sign_up_stays_closed_for_invitations_that_have_ended(invitation, client, settings, fields):
    settings.SIGNUP_OPEN = False
    opened(client)
    Invitation.objects.update(**fields)

    page = client.post("/accounts/signup/", SIGN_UP)

    assert "Ask the administrator of this server for an account" in page.content.decode()
    assert not User.objects.filter(email="dana@example.com").exists()


@pytest.mark.parametrize("following", ["", "/", "/invitation", "https://evil.example/invitation/"])
def test_a_closed_sign_up_stays_closed_for_everybody_else(invitation, client, settings, following):
    settings.SIGNUP_OPEN = False
    stranger = Client()
    opened(client)

    for browser, target in ((client, following), (stranger, PAGE)):
        page = browser.post("/accounts/signup/", SIGN_UP | {"next": target})
        assert "Ask the administrator of this server for an account" in page.content.decode()

    assert not User.objects.filter(email="dana@example.com").exists()


def test_an_ordinary_sign_up_in_the_same_browser_makes_a_workspace(invitation, client):
    opened(client)
    own = {"email": "erin@example.com", "workspace_name": "Own", "time_zone": "UTC", "next": ""}

    client.post("/accounts/signup/", SIGN_UP | own)

    assert Membership.objects.get(user__email="erin@example.com").workspace.name == "Own"


def test_an_address_that_has_an_account_signs_in_instead(team, invitation, client):
    UserFactory(email="dana@example.com")
    opened(client)
    refused = client.post("/accounts/signup/", SIGN_UP)
    assert refused.context["form"].errors["email"]

    page = client.post(
        "/accounts/login/",
        {"login": "dana@example.com", "password": "correct horse battery", "next": PAGE},
        follow=True,
    )

    assert page.context["state"] == "ready"


def test_an_invitation_does_not_survive_signing_in_as_somebody_else(team, invitation, client):
    """What one person has opened, the next one at the same computer does not find."""
    client.force_login(UserFactory(email="dana@example.com"))
    opened(client)
    client.post("/accounts/logout/")
    client.force_login(team.charlie)

    assert client.get(PAGE).context["state"] == "unknown"


def test_the_page_asks_few_questions(invitation, dana, django_assert_max_num_queries):
    opened(dana)

    # Session, user, the invitation with its workspace.
    with django_assert_max_num_queries(3):
        dana.get(PAGE)


def test_where_an_address_has_to_be_confirmed_first_the_invitation_waits_in_the_browser(
    team, invitation, client, settings, mailoutbox
):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    opened(client)
    client.post("/accounts/signup/", SIGN_UP)
    assert get_user(client).is_anonymous
    path = re.search(r"/accounts/confirm-email/\S+", mailoutbox[-1].body).group()

    client.post(path)
    page = client.post("/accounts/login/", {"login": SIGN_UP["email"], "password": SIGN_UP["password1"]}, follow=True)

    assert page.redirect_chain[-1] == (PAGE, 302)
    assert page.context["state"] == "ready"


def test_signing_in_leads_to_the_dashboard_where_the_invitation_is_for_somebody_else(team, invitation, client):
    opened(client)

    response = client.post("/accounts/login/", {"login": "charlie@example.com", "password": "correct horse battery"})

    assert response["Location"] == "/"
