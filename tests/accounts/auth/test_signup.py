"""Signing up and in with an e-mail address; the workspace that comes with it."""

from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth import get_user
from django.contrib.auth.password_validation import MinimumLengthValidator, get_default_password_validators
from django.urls import reverse

from accounts.auth.sign_in_forms import RULES
from accounts.models import Membership, Role, User, Workspace
from postiz_pins.common.time_zones import time_zone_names
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

FORM = {
    "email": "Dana@Example.com",
    "password1": "a long enough passphrase",
    "workspace_name": "Harbour & Pine",
    "time_zone": "America/New_York",
}


def sign_up(client, **changes):
    return client.post("/accounts/signup/", FORM | changes)


def test_signing_up_creates_the_persons_own_workspace(client):
    response = sign_up(client)

    assert response["Location"] == "/"
    workspace = Workspace.objects.get()
    assert (workspace.name, workspace.time_zone) == ("Harbour & Pine", "America/New_York")
    membership = Membership.objects.get()
    assert (membership.user.email, membership.workspace, membership.role) == (
        "dana@example.com",
        workspace,
        Role.ADMIN,
    )
    assert get_user(client) == membership.user


@pytest.mark.parametrize("name", ["account_signup", "account_change_password"])
def test_the_rules_for_a_password_are_one_sentence(client, name):
    if name == "account_change_password":
        client.force_login(UserFactory())

    help_text = client.get(reverse(name)).context["form"].fields["password1"].help_text

    assert help_text == RULES
    validators = get_default_password_validators()
    assert [each.min_length for each in validators if isinstance(each, MinimumLengthValidator)] == [8]


def test_the_new_person_lands_on_the_dashboard(client):
    page = client.post("/accounts/signup/", FORM, follow=True)

    assert page.status_code == 200
    assert "Harbour &amp; Pine" in page.content.decode()


@pytest.mark.parametrize("time_zone", ["Europe/Atlantis", "localtime", "", "../../etc/passwd", "a\0b"])
def test_a_time_zone_that_is_none_gets_a_sentence_and_nothing_is_created(client, time_zone):
    page = sign_up(client, time_zone=time_zone)

    assert page.status_code == 200
    errors = page.context["form"].errors["time_zone"]
    assert len(errors) == 1
    if time_zone == "Europe/Atlantis":
        assert errors == ["“Europe/Atlantis” isn't a time zone. Choose one from the list, such as Europe/Berlin."]
    assert "Harbour &amp; Pine" in page.content.decode()
    assert not User.objects.exists()
    assert not Workspace.objects.exists()


def test_every_time_zone_on_offer_can_be_used():
    assert len(time_zone_names()) > 400
    for name in time_zone_names():
        ZoneInfo(name)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "no address"),
        ("email", ""),
        ("password1", "12345"),
        ("password1", "password"),
        ("workspace_name", "  "),
        ("workspace_name", "w" * 101),
        ("workspace_name", "a\0b"),
    ],
)
def test_a_field_that_is_wrong_gets_its_sentence(client, field, value):
    page = sign_up(client, **{field: value})

    assert page.status_code == 200
    assert list(page.context["form"].errors) == [field]
    assert not User.objects.exists()


@pytest.mark.parametrize("email", ["dana@example.com", "DANA@example.com", " dana@EXAMPLE.com "])
def test_an_address_signs_up_once_however_it_is_written(client, email):
    UserFactory(email="dana@example.com")

    page = sign_up(client, email=email)

    assert page.status_code == 200
    assert page.context["form"].errors["email"]
    assert User.objects.count() == 1
    assert not Workspace.objects.exists()


def test_a_closed_sign_up_says_whom_to_ask_and_makes_nobody(client, settings):
    settings.SIGNUP_OPEN = False

    for page in (client.get("/accounts/signup/"), sign_up(client)):
        assert page.status_code == 200
        assert "Ask the administrator of this server for an account" in page.content.decode()

    assert not User.objects.exists()


def test_signing_in_with_the_address_in_any_case(client):
    user = UserFactory(email="dana@example.com")

    client.post("/accounts/login/", {"login": "DANA@example.com", "password": "correct horse battery"})

    assert get_user(client) == user


def test_a_wrong_password_signs_nobody_in(client):
    UserFactory(email="dana@example.com")

    page = client.post("/accounts/login/", {"login": "dana@example.com", "password": "wrong"})

    assert page.status_code == 200
    assert page.context["form"].errors
    assert get_user(client).is_anonymous


def test_a_wrong_password_and_an_unknown_address_look_the_same(client):
    UserFactory(email="dana@example.com")

    errors = [
        client.post("/accounts/login/", {"login": f"{who}@example.com", "password": "wrong"}).context["form"].errors
        for who in ("dana", "nobody")
    ]

    assert errors[0] == errors[1] != {}


def test_asking_for_a_new_password_does_not_tell_who_is_registered(client, mailoutbox):
    UserFactory(email="dana@example.com")

    answers = [client.post("/accounts/password/reset/", {"email": f"{who}@example.com"}) for who in ("dana", "nobody")]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert answers[0]["Location"] == answers[1]["Location"]
    assert len(mailoutbox) == 2


def test_signing_out(alice):
    alice.post("/accounts/logout/")

    assert get_user(alice).is_anonymous


@pytest.mark.parametrize(
    "name", ["account_login", "account_signup", "account_reset_password", "account_reset_password_done"]
)
def test_the_pages_for_strangers_can_be_seen(client, name):
    assert client.get(reverse(name)).status_code == 200


@pytest.mark.parametrize("name", ["account_email", "account_change_password", "account_logout"])
def test_the_pages_around_ones_own_account_can_be_seen(alice, name):
    assert alice.get(reverse(name)).status_code == 200


def test_allauths_own_social_pages_are_not_there(alice):
    for path in ("/accounts/3rdparty/", "/accounts/3rdparty/signup/", "/accounts/social/connections/"):
        assert alice.get(path).status_code == 404
