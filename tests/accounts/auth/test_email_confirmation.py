"""Where e-mail is sent (EMAIL_URL): who has to confirm an address, and what is said when the mail server is down."""

import re

import pytest
from allauth.account import app_settings
from allauth.account.models import EmailAddress
from django.contrib.auth import get_user
from django.core import mail
from django.core.management import call_command
from django.test import Client

from accounts.auth import demo_login
from accounts.models import User
from tests.accounts.mfa_helpers import LOGIN, PASSWORD
from tests.browser.app_process import free_port
from tests.factories import MembershipFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("confirmed_only")]

FORM = {
    "email": "dana@example.com",
    "password1": "a long enough passphrase",
    "workspace_name": "Harbour",
    "time_zone": "Europe/Paris",
}
RESET, EMAIL = "/accounts/password/reset/", "/accounts/email/"
NO_MEMBERSHIPS = {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}


@pytest.fixture
def confirmed_only(settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    assert app_settings.EMAIL_VERIFICATION == "mandatory"


@pytest.fixture
def mail_server_down(settings):
    """The mail server is down; `mail_server_down(False)` brings it back."""

    def switch(is_down):
        name = "smtp" if is_down else "locmem"
        settings.EMAIL_BACKEND = f"django.core.mail.backends.{name}.EmailBackend"

    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    switch(True)
    return switch


def signs_in(email, password=PASSWORD):
    browser = Client()
    browser.post(LOGIN, {"login": email, "password": password})
    return get_user(browser).is_authenticated


def test_demo_login_counts_as_confirmed():
    assert signs_in(demo_login.EMAIL, demo_login.prepare())
    assert mail.outbox == []


def test_superuser_of_the_shell_counts_as_confirmed(monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command("createsuperuser", "--noinput", email="root@example.com")

    assert signs_in("root@example.com")


def test_person_added_in_the_administration_counts_as_confirmed(client):
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    passwords = {"usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}
    client.post("/admin/accounts/user/add/", {"email": "new@example.com", **passwords, **NO_MEMBERSHIPS})

    assert User.objects.filter(email="new@example.com").exists()
    assert signs_in("new@example.com")


def test_who_signs_up_has_to_confirm(client):
    client.post("/accounts/signup/", FORM)

    assert not signs_in(FORM["email"], FORM["password1"])
    assert "confirm" in mail.outbox[0].body


def test_nobody_gets_an_address_that_somebody_else_has_confirmed():
    owner = UserFactory(email="owner@example.com")
    EmailAddress.objects.create(user=owner, email="second@example.com", verified=True)
    UserFactory(email="second@example.com")

    assert not signs_in("second@example.com")
    assert EmailAddress.objects.get(email="second@example.com", verified=True).user == owner


def test_mail_server_that_is_down_is_told_at_signing_up_and_signing_in_sends_again(client, mail_server_down):
    page = client.post("/accounts/signup/", FORM, follow=True)

    assert page.status_code == 503
    assert "The email wasn't sent" in page.text
    assert "We sent" not in page.text
    assert User.objects.filter(email=FORM["email"]).exists(), "nothing is lost"
    assert client.post(LOGIN, {"login": FORM["email"], "password": FORM["password1"]}).status_code == 503

    mail_server_down(False)
    client.post(LOGIN, {"login": FORM["email"], "password": FORM["password1"]})

    [message] = mail.outbox
    path = re.search(r"https?://[^/]+(/accounts/confirm-email/[^\s]+)", message.body)[1]
    client.post(path)
    assert signs_in(FORM["email"], FORM["password1"])


def test_mail_server_that_is_down_is_told_at_a_forgotten_password(client, mail_server_down):
    EmailAddress.objects.create(user=UserFactory(email="dana@example.com"), email="dana@example.com", verified=True)

    known = client.post(RESET, {"email": "dana@example.com"}, follow=True)
    unknown = client.post(RESET, {"email": "nobody@example.com"}, follow=True)

    assert known.status_code == unknown.status_code == 503, "it does not tell who has an account"
    assert f'href="{RESET}"' in known.text
    mail_server_down(False)
    client.post(RESET, {"email": "dana@example.com"})
    assert mail.outbox[0].to == ["dana@example.com"]


def test_send_confirmation_again_works_after_the_mail_server_was_down(client, mail_server_down):
    person = MembershipFactory().user
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    EmailAddress.objects.create(user=person, email="second@example.com", verified=False)
    client.force_login(person)
    again = {"email": "second@example.com", "action_send": ""}

    assert client.post(EMAIL, again).status_code == 503
    mail_server_down(False)
    client.post(EMAIL, again)

    assert [message.to for message in mail.outbox] == [["second@example.com"]]
