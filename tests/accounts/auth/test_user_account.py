"""The overview of one's own account: how the user signs in, and the way to each page that changes it."""

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.test import Client

from tests.factories import UserFactory
from tests.page_text import page_text

pytestmark = pytest.mark.django_db

PAGE = "/account/"


def test_it_leads_to_every_page_of_the_own_account(alice):
    page = page_text(alice.get(PAGE))

    for url in ("email/", "password/change/", "security/", "security/webauthn/", "sessions/"):
        assert f'href="/accounts/{url}"' in page
    assert 'href="/account/delete/"' in page


def test_it_tells_how_one_signs_in(team, alice):
    for name in ("alice@example.com", "alice@example.net"):
        EmailAddress.objects.create(user=team.alice, email=name, verified=True)
    Authenticator.objects.create(user=team.alice, type=Authenticator.Type.TOTP, data={})
    Authenticator.objects.create(user=team.alice, type=Authenticator.Type.WEBAUTHN, data={})

    page = page_text(alice.get(PAGE))

    assert "alice@example.com and 1 more" in page
    assert 'Two-factor authentication <span class="badge badge--active">On' in page
    assert "1 saved" in page
    assert "Workspace · Admin" in page


def test_nothing_of_others_is_told(team, alice):
    EmailAddress.objects.create(user=team.bob, email="bob@example.net", verified=True)
    Authenticator.objects.create(user=team.bob, type=Authenticator.Type.TOTP, data={})

    page = page_text(alice.get(PAGE))

    assert "more" not in page.partition("Email addresses</h2>")[2].partition("Manage")[0]
    assert "Off</span>" in page


def test_someone_without_a_workspace_sees_it_too():
    browser = Client()
    browser.force_login(UserFactory(email="dana@example.com"))

    assert "dana@example.com" in page_text(browser.get(PAGE))


def test_a_visitor_is_asked_to_sign_in(client, db):
    assert client.get(PAGE)["Location"] == "/accounts/login/?next=/account/"


def test_rows_of_lists_are_as_high_as_the_user_likes(team, alice):
    assert 'class="comfortable-rows"' not in alice.get("/pins/").content.decode()

    page = alice.post("/account/rows/", {"rows": "comfortable"}, follow=True)

    assert "Use compact rows" in page_text(page)
    assert '<body class="comfortable-rows">' in alice.get("/pins/").content.decode()
    alice.post("/account/rows/", {"rows": "compact"})
    assert 'class="comfortable-rows"' not in alice.get("/pins/").content.decode()
