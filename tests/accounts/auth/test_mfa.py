"""The second step at sign-in: authenticator app, recovery codes, and what guards them."""

import json
from html import unescape

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.contrib.auth import get_user
from django.core.management import call_command
from django.test import Client
from django.urls import get_resolver, reverse

from accounts.auth import mfa
from tests.accounts.mfa_helpers import (
    PASSWORD,
    SECOND_STEP,
    SECRET,
    code_of,
    protect,
    type_password,
    unused_codes,
)
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

SECURITY = "/accounts/security/"
ACTIVATE = f"{SECURITY}totp/activate/"
_ID = "eHh4eHh4eHh4eHh4eHh4eA"
MADE_UP = [
    *("", "nonsense", "{}", "[]", "1", "null", '{"id": "x", "response": {}}', '{"id": 1, "rawId": 1}'),
    json.dumps({"id": _ID, "rawId": _ID, "type": "public-key", "response": {}}),
    json.dumps(
        {
            "id": _ID,
            "rawId": _ID,
            "type": "public-key",
            "response": dict.fromkeys(
                ("clientDataJSON", "authenticatorData", "signature", "attestationObject", "userHandle"), _ID
            ),
        }
    ),
]


def text(response):
    return unescape(response.content.decode())


@pytest.fixture
def alice(team, client):
    """A browser in which alice has just confirmed that it is her, so that no page asks her again."""
    assert type_password(client, team.alice).status_code == 302
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def test_an_app_is_set_up_and_asked_at_the_next_sign_in(team, alice):
    page = alice.get(ACTIVATE)
    secret = page.context["form"].secret
    assert secret in text(page)
    assert 'src="data:image/svg+xml;base64,' in text(page)

    done = alice.post(ACTIVATE, {"code": code_of(secret)}, follow=True)

    assert len(unused_codes(team.alice)) == 10
    assert all(code in text(done) for code in unused_codes(team.alice))
    other = Client()
    assert type_password(other, team.alice)["Location"] == SECOND_STEP
    assert get_user(other).is_anonymous
    with time_machine.travel(_half_a_minute_later()):
        assert other.post(SECOND_STEP, {"code": code_of(secret)})["Location"] == "/"
    assert get_user(other) == team.alice


def _half_a_minute_later():
    import time

    return time.time() + 60


def test_a_wrong_code_switches_nothing_on(team, alice):
    alice.get(ACTIVATE)

    page = alice.post(ACTIVATE, {"code": "000000"})

    assert "That code is incorrect" in text(page)
    assert not Authenticator.objects.exists()


def test_no_page_opens_between_password_and_code(team, client):
    protect(team.alice)

    type_password(client, team.alice)

    for path in ("/", "/pins/", SECURITY, "/accounts/sessions/", "/accounts/password/change/", "/admin/"):
        assert client.get(path).status_code == 302, path
    assert get_user(client).is_anonymous


def test_the_step_without_the_password_before_it_leads_to_the_beginning(client, team):
    protect(team.alice)

    assert client.post(SECOND_STEP, {"code": code_of()})["Location"] == "/accounts/login/"


def test_a_code_of_the_app_opens_once(team, client):
    protect(team.alice)
    code = code_of()
    type_password(client, team.alice)
    assert client.post(SECOND_STEP, {"code": code}).status_code == 302

    thief = Client()
    type_password(thief, team.alice)
    page = thief.post(SECOND_STEP, {"code": code})

    assert page.status_code == 200
    assert "was already used" in text(page)
    assert get_user(thief).is_anonymous


def test_a_recovery_code_opens_once(team, client):
    code = protect(team.alice)[3]
    type_password(client, team.alice)

    assert client.post(SECOND_STEP, {"code": code})["Location"] == "/"

    assert get_user(client) == team.alice
    assert code not in unused_codes(team.alice)
    thief = Client()
    type_password(thief, team.alice)
    assert thief.post(SECOND_STEP, {"code": code}).status_code == 200
    assert get_user(thief).is_anonymous


def test_codes_cannot_be_guessed_for_long(team, client):
    protect(team.alice)
    type_password(client, team.alice)

    for guess in range(5):
        client.post(SECOND_STEP, {"code": f"{guess:06}"})
    page = client.post(SECOND_STEP, {"code": code_of()})

    assert "Too many failed attempts. Wait five minutes" in text(page)
    assert get_user(client).is_anonymous


def test_the_administration_asks_for_the_second_step_too(client):
    root = UserFactory(is_staff=True, is_superuser=True)
    protect(root)

    response = client.get("/admin/login/?next=/admin/")

    assert response["Location"].startswith("/accounts/login/")
    assert type_password(client, root)["Location"] == SECOND_STEP
    assert client.get("/admin/").status_code == 302


def test_changing_the_second_step_asks_for_the_password_again(team, client):
    client.force_login(team.alice)

    for name in ("mfa_activate_totp", "mfa_add_webauthn"):
        assert client.get(reverse(name))["Location"].startswith("/accounts/reauthenticate/")
    protect(team.alice)
    for name in ("mfa_deactivate_totp", "mfa_generate_recovery_codes", "mfa_add_webauthn"):
        response = client.post(reverse(name))
        assert response.status_code == 302
        assert "reauthenticate" in response["Location"]
    assert Authenticator.objects.filter(user=team.alice).count() == 2


def test_recovery_codes_are_shown_only_after_asking_again(team, client):
    codes = protect(team.alice)
    client.force_login(team.alice)

    for name in ("mfa_view_recovery_codes", "mfa_download_recovery_codes"):
        response = client.get(reverse(name))
        assert not any(code in text(response) for code in codes)


def test_switching_the_app_off_takes_the_codes_along(team, alice):
    protect(team.alice)

    alice.post(reverse("mfa_deactivate_totp"))

    assert not Authenticator.objects.exists()
    assert type_password(Client(), team.alice)["Location"] == "/"


def test_new_recovery_codes_replace_the_old_ones(team, alice):
    old = protect(team.alice)

    page = alice.post(reverse("mfa_generate_recovery_codes"), follow=True)

    new = unused_codes(team.alice)
    assert not set(old) & set(new)
    assert all(code in text(page) for code in new)


def test_an_unconfirmed_address_is_confirmed_first(team, alice, settings):
    settings.MFA_ALLOW_UNVERIFIED_EMAIL = False
    EmailAddress.objects.update_or_create(user=team.alice, email=team.alice.email, defaults={"verified": False})

    page = alice.get(ACTIVATE, follow=True)

    assert "Confirm your email address before" in text(page)


def test_somebody_elses_passkey_is_not_found(team, alice):
    foreign = Authenticator.objects.create(user=team.charlie, type="webauthn", data={"name": "Key", "credential": {}})

    for name in ("mfa_edit_webauthn", "mfa_remove_webauthn"):
        assert alice.post(reverse(name, args=[foreign.pk]), {"name": "Mine"}).status_code == 404
    assert Authenticator.objects.filter(pk=foreign.pk).exists()


@pytest.mark.parametrize("credential", MADE_UP)
def test_a_made_up_passkey_opens_nothing(client, credential):
    response = client.post("/accounts/security/webauthn/login/", {"credential": credential})

    assert (response.status_code, response["Location"]) == (302, "/accounts/login/")
    assert get_user(client).is_anonymous


@pytest.mark.parametrize("credential", MADE_UP)
def test_a_made_up_passkey_is_neither_stored_nor_a_second_step(team, alice, credential):
    alice.get(reverse("mfa_add_webauthn"))
    assert alice.post(reverse("mfa_add_webauthn"), {"name": "x", "credential": credential}).status_code == 200
    assert not Authenticator.objects.exists()

    protect(team.alice)
    other = Client()
    type_password(other, team.alice)
    assert other.post(SECOND_STEP, {"credential": credential}).status_code == 200
    assert get_user(other).is_anonymous


def test_passkeys_belong_to_the_public_host_whatever_host_was_asked(client, settings):
    settings.PUBLIC_URL, settings.ALLOWED_HOSTS = "https://pins.example.com", ["*"]

    response = client.get(
        "/accounts/security/webauthn/login/", headers={"accept": "application/json", "host": "evil.example"}
    )

    assert response.json()["request_options"]["publicKey"]["rpId"] == "pins.example.com"


def test_secrets_are_stored_encrypted(team):
    codes = protect(team.alice)

    stored = json.dumps(list(Authenticator.objects.values_list("data", flat=True)))

    assert SECRET not in stored
    assert not any(code in stored for code in codes)


def test_a_new_key_replaces_the_old_one_and_every_code_still_works(team, client, settings, capsys):
    codes = protect(team.alice)
    type_password(client, team.alice)
    client.post(SECOND_STEP, {"code": codes[0]})
    new = Fernet.generate_key().decode()
    settings.TOKEN_ENCRYPTION_KEYS = [new, *settings.TOKEN_ENCRYPTION_KEYS]

    call_command("rotate_token_keys")

    assert "Two-factor secrets of 1 people" in capsys.readouterr().out
    settings.TOKEN_ENCRYPTION_KEYS = [new]
    assert unused_codes(team.alice) == codes[1:]
    again = Client()
    type_password(again, team.alice)
    assert again.post(SECOND_STEP, {"code": code_of()})["Location"] == "/"


def test_a_secret_that_no_key_opens_stays_and_does_not_stop_the_others(team, settings, caplog):
    protect(team.alice)
    settings.TOKEN_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    protect(team.bob)

    assert mfa.rotate_keys() == 1
    assert f"two-factor secret of user {team.alice.pk}" in caplog.text


def test_the_administration_shows_no_secret_and_lets_nobody_write_one(team):
    protect(team.alice)
    root = Client()
    root.force_login(UserFactory(is_staff=True, is_superuser=True))
    row = Authenticator.objects.filter(type="totp").get()

    page = root.get(f"/admin/mfa/authenticator/{row.pk}/change/")

    assert page.status_code == 200
    assert row.data["secret"] not in text(page)
    assert root.get("/admin/mfa/authenticator/add/").status_code == 403
    assert root.get("/admin/usersessions/usersession/").status_code == 404


def allauth_addresses():
    for pattern in get_resolver("accounts.auth.urls").url_patterns:
        yield from _names(pattern)


def _names(pattern):
    if hasattr(pattern, "url_patterns"):
        for each in pattern.url_patterns:
            yield from _names(each)
    else:
        yield pattern.name


@pytest.mark.parametrize("signed_in", [False, True])
def test_a_form_of_another_site_is_refused_everywhere_around_signing_in(team, signed_in):
    client = Client(enforce_csrf_checks=True)
    if signed_in:
        client.force_login(team.alice)
    arguments = {
        "mfa_edit_webauthn": [1],
        "mfa_remove_webauthn": [1],
        "account_confirm_email": ["x"],
        "account_reset_password_from_key": ["1", "x"],
    }
    refused = set()
    for name in allauth_addresses():
        response = client.post(reverse(name, args=arguments.get(name, [])), {"password": PASSWORD})
        refused |= {name} if response.status_code == 403 else set()
        # Pages of people who are signed in lead strangers away before anybody reads the form.
        assert response.status_code == 403 or (not signed_in and response.status_code == 302), name

    assert len(refused) > 5
