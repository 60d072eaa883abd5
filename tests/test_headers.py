"""What every answer tells the browser to forbid: on a page, a file, an error, and under https."""

import re

import pytest
from django.conf import settings as ours
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.api_keys import services as api_keys
from tests.factories import MediaFileFactory
from tests.postiz_pins.test_settings import run

pytestmark = pytest.mark.django_db


def directives(response):
    parts = (part.split() for part in response["Content-Security-Policy"].split(";"))
    return {name: sources for name, *sources in parts}


@pytest.fixture
def answers(team, settings):
    """One answer of each kind, by name."""
    alice = Client()
    alice.force_login(team.alice)
    file = Client().get(MediaFileFactory(workspace=team.workspace).file.url)
    assert b"".join(file.streaming_content)
    angry = Client(enforce_csrf_checks=True)
    angry.force_login(team.alice)
    return {
        "page": alice.get("/"),
        "sign-in page": Client().get("/accounts/login/"),
        "redirect to it": Client().get("/pins/"),
        "file": file,
        "JSON": alice.get("/boards"),
        "JSON API": Client().get("/api/boards"),
        "not found": alice.get("/nothing/"),
        "forbidden": angry.post("/accounts/logout/"),
        "wrong host": Client().get("/", headers={"host": "evil.example"}),
        "administration": Client().get("/admin/", follow=True),
    }


def test_no_answer_lets_itself_be_framed_sniffed_or_filled_with_scripts(answers):
    for kind, response in answers.items():
        assert response["X-Content-Type-Options"] == "nosniff", kind
        assert response["X-Frame-Options"] == "DENY", kind
        assert response["Referrer-Policy"] == "strict-origin-when-cross-origin", kind
        assert response["Cross-Origin-Opener-Policy"] == "same-origin", kind
        policy = directives(response)
        if kind == "file":  # it is no page of ours, and must not become one
            assert policy == {"default-src": ["'none'"], "sandbox": []}
            continue
        assert policy["default-src"] == ["'self'"], kind
        assert policy["object-src"] == ["'none'"], kind
        assert policy["frame-ancestors"] == ["'none'"], kind
        assert policy["base-uri"] == ["'self'"], kind
        assert "script-src" not in policy, kind
        assert "style-src" not in policy, kind
        assert "unsafe" not in response["Content-Security-Policy"], kind


def test_a_server_error_has_the_headers_too(team, monkeypatch):
    monkeypatch.setattr("pins.media.views.library_page", lambda *arguments: 1 / 0)
    alice = Client(raise_request_exception=False)
    alice.force_login(team.alice)

    response = alice.get(reverse("pins:media_list"))

    assert response.status_code == 500
    assert response["X-Frame-Options"] == "DENY"
    assert directives(response)["default-src"] == ["'self'"]


def test_no_page_around_signing_in_has_what_the_policy_forbids(team, client):
    client.force_login(team.alice)
    for browser, names in (
        (Client(), ("account_login", "account_signup", "account_reset_password")),
        (client, ("mfa_index", "mfa_list_webauthn", "usersessions_list", "account_reauthenticate", "account_email")),
    ):
        for name in names:
            page = browser.get(reverse(name)).content.decode()
            assert " style=" not in page, name
            assert not re.search(r"<[^>]+\son\w+=", page), name
            for script in page.split("<script")[1:]:
                opening = script.partition(">")[0]
                assert " src=" in opening or 'type="application/json"' in opening, name


def test_cookies_are_closed_to_scripts_and_to_other_sites(team, client):
    response = client.post("/accounts/login/", {"login": team.alice.email, "password": "correct horse battery"})

    session = response.cookies["sessionid"]
    assert session["httponly"]
    assert session["samesite"] == "Lax"
    assert ours.CSRF_COOKIE_SAMESITE == "Lax"


def test_https_brings_secure_cookies_and_hsts():
    code = (
        "from django.conf import settings as s; from django.test import Client; import django; django.setup();"
        "r = Client(headers={'host': 'pins.example.com', 'x-forwarded-proto': 'https'}).get('/nothing.css');"
        "print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, r.headers['Strict-Transport-Security'])"
    )

    done = run(["-c", code], PUBLIC_URL="https://pins.example.com", DJANGO_SETTINGS_MODULE="postiz_pins.settings")

    assert done.stdout.split("\n")[-2] == "True True max-age=31536000; includeSubDomains; preload", done.stderr


def test_http_is_led_to_https_when_the_public_url_is(settings, client):
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

    response = client.get("/accounts/login/", headers={"host": "localhost"})

    assert (response.status_code, response["Location"]) == (301, "https://localhost/accounts/login/")
    assert client.get("/accounts/login/", headers={"x-forwarded-proto": "https"}).status_code == 200


def test_no_shared_cache_keeps_what_is_for_one_person(answers, team, program_key):
    """And browsers may keep it for “Back”: no-store would lose what was typed into a form."""
    alice = Client()
    alice.force_login(team.alice)
    answers |= {
        "composer": alice.get(reverse("pins:pin_create")),
        "autosave": alice.post(reverse("pins:pin_autosave_new"), {"title": "Oak"}),
        "CSV": alice.get(reverse("analytics:pin_list_csv")),
        "answer to a program": Client().get("/api/boards", headers={"Authorization": f"Bearer {program_key}"}),
        "JSON for a program": Client().get("/boards", headers={"Authorization": f"Bearer {program_key}"}),
    }

    for kind, response in answers.items():
        kept_by = {part.strip() for part in response["Cache-Control"].split(",")}
        if kind == "file":
            assert kept_by == {"public", "max-age=31536000", "immutable"}
        else:
            assert "private" in kept_by, kind
            assert ("no-store" in kept_by) == (kind in ("sign-in page", "administration")), kind


@pytest.fixture
def program_key(team):
    return api_keys.create(team.workspace, "Shop import", by=team.alice, now=timezone.now())[1]


def test_static_files_keep_their_own_caching(settings, client):
    """WhiteNoise answers before any view, and before what makes views private."""
    order = settings.MIDDLEWARE

    assert order.index("whitenoise.middleware.WhiteNoiseMiddleware") < order.index(
        "postiz_pins.http.cache_control.private_by_default"
    )
