"""What signing in gives away, keeps and refuses."""

import re
from urllib.parse import urljoin, urlsplit

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.contrib.auth import get_user, hashers
from django.contrib.auth.hashers import identify_hasher, make_password
from django.test import Client

from accounts.models import User
from tests.accounts.mfa_helpers import LOGIN, PASSWORD, type_password
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

RESET, SIGNUP = "/accounts/password/reset/", "/accounts/signup/"
NEWCOMER = {"password1": "a long enough passphrase", "workspace_name": "Harbour", "time_zone": "Europe/Paris"}
ELSEWHERE = [
    "https://evil.example",
    "https://evil.example/pins/",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "http:evil.example",
    "javascript:alert(1)",
    "https://localhost:8000@evil.example/",
    "https://localhost.evil.example/",
    "\thttps://evil.example",
    "data:text/html,x",
    "https:evil.example",
    "https:///evil.example",
    "//user:password@evil.example/",
    "https://user:password@evil.example/",
    "JavaScript:alert(1)//evil.example",
    "java\nscript:alert(1)//evil.example",
    " //evil.example",
]


@pytest.fixture
def real_hashers(settings):
    """Those of the app; tests/conftest.py has a quick one for all other tests."""
    from postiz_pins import settings as ours

    settings.PASSWORD_HASHERS = ours.PASSWORD_HASHERS


@pytest.mark.parametrize("place", ELSEWHERE)
def test_signing_in_leads_to_no_other_site(team, client, place):
    response = client.post(f"{LOGIN}", {"login": team.alice.email, "password": PASSWORD, "next": place})

    assert response["Location"] == "/"


@pytest.mark.parametrize("place", ["https%3A%2F%2Fevil.example", "%2F%2Fevil.example", "%5C%5Cevil.example"])
def test_another_site_in_encoded_letters_is_a_path_of_this_one(team, client, place):
    response = client.post(f"{LOGIN}", {"login": team.alice.email, "password": PASSWORD, "next": place})

    assert urlsplit(urljoin(f"http://testserver{LOGIN}", response["Location"])).netloc == "testserver"


@pytest.mark.parametrize("place", ELSEWHERE)
@pytest.mark.parametrize("path", [LOGIN, SIGNUP, "/accounts/logout/", "/accounts/reauthenticate/"])
def test_no_page_around_signing_in_leads_a_member_elsewhere(team, place, path):
    client = Client()
    type_password(client, team.alice)

    for response in (
        client.get(path, {"next": place}),
        client.post(path, {"next": place, "password": PASSWORD}),
    ):
        led_to = response.get("Location", "").partition("?")[0]
        assert "evil.example" not in led_to
        assert led_to == "" or led_to.startswith("/")


def test_signing_in_leads_back_to_the_own_page(team, client):
    assert type_password(client, team.alice, next="/pins/?status=failed")["Location"] == "/pins/?status=failed"


@pytest.mark.parametrize("host", ["evil.example", "localhost:8000.evil.example", "localhost@evil.example"])
def test_a_host_that_is_not_ours_is_refused(client, settings, host):
    settings.ALLOWED_HOSTS = ["localhost"]

    response = client.get(LOGIN, headers={"host": host})

    assert response.status_code == 400


def test_the_host_that_a_proxy_names_counts_for_nothing(team, client, settings):
    settings.ALLOWED_HOSTS = ["localhost"]
    headers = {"host": "localhost", "x-forwarded-host": "evil.example", "x-forwarded-server": "evil.example"}

    for path in (LOGIN, "/pins/", "/accounts/pinterest/login/"):
        response = client.get(path, headers=headers)
        assert response.status_code in (200, 302)
        assert "evil.example" not in response.get("Location", "") + response.content.decode()
    client.force_login(team.alice)
    consent = client.post("/accounts/pinterest/login/", headers=headers)["Location"]
    assert "evil.example" not in consent


@pytest.mark.parametrize("header", ["host", "x-forwarded-host"])
def test_links_in_emails_start_with_the_public_url_whatever_the_request_says(client, settings, mailoutbox, header):
    settings.ALLOWED_HOSTS, settings.PUBLIC_URL = ["*"], "https://pins.example.com"
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    user = UserFactory(email="dana@example.com")
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    evil = {header: "evil.example"}

    client.post(RESET, {"email": "dana@example.com"}, headers=evil)  # the link to a new password
    client.post(RESET, {"email": "nobody@example.com"}, headers=evil)  # nobody has such an account
    client.post(SIGNUP, {"email": "new@example.com", **NEWCOMER}, headers=evil)  # confirm the address
    Client().post(SIGNUP, {"email": "dana@example.com", **NEWCOMER}, headers=evil)  # has an account already

    assert len(mailoutbox) == 4
    for mail in mailoutbox:
        assert "evil.example" not in f"{mail.subject} {mail.body}"
        links = re.findall(r"https?://\S+", mail.body)
        assert links
        assert {link[: len("https://pins.example.com")] for link in links} == {"https://pins.example.com"}


def test_the_link_to_a_new_password_works_once(client, mailoutbox):
    user = UserFactory(email="dana@example.com")
    client.post(RESET, {"email": "dana@example.com"})
    path = re.search(r"http://localhost:8000(\S+)", mailoutbox[0].body).group(1)
    form = client.get(path, follow=True)
    new = "another long passphrase"
    client.post(form.request["PATH_INFO"], {"password1": new, "password2": new})
    user.refresh_from_db()
    assert user.check_password(new)

    again = Client().get(path, follow=True)

    assert "This link no longer works" in again.content.decode()
    assert "password1" not in again.content.decode()


def test_signing_up_looks_the_same_for_an_address_that_is_taken(client, settings, mailoutbox):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    user = UserFactory(email="dana@example.com")
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)

    answers = [Client().post(SIGNUP, {"email": f"{who}@example.com", **NEWCOMER}) for who in ("dana", "new")]

    assert [(answer.status_code, answer["Location"]) for answer in answers] == [(302, "/accounts/confirm-email/")] * 2
    assert [mail.to for mail in mailoutbox] == [["dana@example.com"], ["new@example.com"]]
    assert "already" in mailoutbox[0].body
    assert User.objects.filter(email="dana@example.com").count() == 1


def test_an_unconfirmed_address_signs_nobody_in(client, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    client.post(SIGNUP, {"email": "new@example.com", **NEWCOMER})

    response = client.post(LOGIN, {"login": "new@example.com", "password": NEWCOMER["password1"]})

    assert response["Location"] == "/accounts/confirm-email/"
    assert get_user(client).is_anonymous


def test_a_wrong_password_costs_as_much_as_an_unknown_address(client, monkeypatch):
    UserFactory(email="dana@example.com")
    made = []
    hasher = hashers.MD5PasswordHasher
    encode = hasher.encode
    monkeypatch.setattr(hasher, "encode", lambda *args: made.append(1) or encode(*args))
    costs = []

    for who in ("dana", "nobody"):
        made.clear()
        client.post(LOGIN, {"login": f"{who}@example.com", "password": "wrong"})
        costs.append(len(made))

    assert costs[0] == costs[1] > 0


@pytest.mark.usefixtures("real_hashers")
def test_new_passwords_are_hashed_with_argon2(client):
    client.post(SIGNUP, {"email": "new@example.com", **NEWCOMER})

    assert User.objects.get().password.startswith("argon2$argon2id$")


@pytest.mark.usefixtures("real_hashers")
def test_an_older_hash_becomes_argon2_when_its_person_signs_in(client):
    user = UserFactory()
    User.objects.filter(pk=user.pk).update(password=make_password(PASSWORD, hasher="pbkdf2_sha256"))
    user.refresh_from_db()
    assert identify_hasher(user.password).algorithm == "pbkdf2_sha256"

    type_password(client, user)

    user.refresh_from_db()
    assert get_user(client) == user
    assert user.password.startswith("argon2$argon2id$")
    assert user.check_password(PASSWORD)


def test_guessing_a_password_ends_after_five_wrong_ones(client):
    user = UserFactory()
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        for _ in range(5):
            type_password(client, user, "wrong")

        page = type_password(client, user)

        assert "Too many failed attempts. Wait five minutes" in page.content.decode()
        assert get_user(client).is_anonymous
        clock.shift(301)
        assert type_password(client, user).status_code == 302


@pytest.mark.parametrize(("path", "limit"), [(LOGIN, 30), (SIGNUP, 20), (RESET, 20)])
def test_brute_force_is_answered_with_429_and_when_to_try_again(client, path, limit):
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        answers = [client.post(path, {"login": "x@example.com", "email": f"x{n}@example.com"}) for n in range(limit)]
        assert 429 not in [answer.status_code for answer in answers]

        body = {"login": "x@example.com", "email": "last@example.com"}
        page = client.post(path, body)

        assert page.status_code == 429
        assert page["Retry-After"] == "60"
        assert "Wait one minute, then try again" in page.content.decode()
        assert "default-src" in page["Content-Security-Policy"]
        assert Client(REMOTE_ADDR="192.0.2.7").post(path, body).status_code != 429
        clock.shift(61)
        assert client.post(path, body).status_code != 429


def test_a_forged_address_does_not_escape_the_limit(client, settings):
    for n in range(30):
        client.post(LOGIN, {"login": "x@example.com"}, headers={"x-forwarded-for": f"192.0.2.{n}"})

    assert client.post(LOGIN, {}, headers={"x-forwarded-for": "192.0.2.99"}).status_code == 429
