"""The browsers in which somebody is signed in, and signing them out."""

from html import unescape

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.auth import get_user
from django.test import Client

from tests.accounts.mfa_helpers import PASSWORD, SECOND_STEP, code_of, protect, type_password

pytestmark = pytest.mark.django_db

SESSIONS = "/accounts/sessions/"


def browser(user, name="Firefox"):
    client = Client(headers={"user-agent": name})
    assert type_password(client, user).status_code == 302
    return client


def with_session(key):
    """A browser that has been given the cookie."""
    client = Client()
    client.cookies["sessionid"] = key
    return client


def test_every_browser_is_listed_and_the_own_one_is_named(team):
    browser(team.alice, "Mozilla/5.0 (iPhone) Safari/604.1")
    browser(team.bob, "Bob's browser")

    page = unescape(browser(team.alice).get(SESSIONS).content.decode())

    assert "Safari on an iPhone" in page
    assert "Bob's browser" not in page
    assert page.count("This browser") == 1


def test_signing_out_everywhere_else_ends_the_other_browser_and_keeps_this_one(team):
    other, own, bobs = browser(team.alice), browser(team.alice), browser(team.bob)

    response = own.post(SESSIONS, follow=True)

    assert "signed out everywhere else" in response.content.decode()
    assert other.get("/pins/").status_code == 302
    assert get_user(other).is_anonymous
    assert get_user(own) == team.alice
    assert get_user(bobs) == team.bob
    assert UserSession.objects.filter(user=team.alice).count() == 1


def test_a_new_password_ends_every_session(team):
    other, own = browser(team.alice), browser(team.alice)
    new = "another long passphrase"

    own.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})

    assert get_user(other).is_anonymous
    assert get_user(own).is_anonymous
    team.alice.refresh_from_db()
    assert team.alice.check_password(new)


def test_a_reset_password_ends_the_sessions_of_whoever_knew_the_old_one(team, mailoutbox):
    thief, own = browser(team.alice), Client()
    own.post("/accounts/password/reset/", {"email": team.alice.email})
    link = next(word for word in mailoutbox[0].body.split() if "/password/reset/key/" in word)
    form = own.get(link.partition("localhost:8000")[2], follow=True)
    new = "another long passphrase"

    own.post(form.request["PATH_INFO"], {"password1": new, "password2": new})

    team.alice.refresh_from_db()
    assert team.alice.check_password(new)
    assert get_user(thief).is_anonymous


def test_signing_in_takes_a_new_session_key(team, client):
    client.get("/accounts/login/")
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    client.cookies["sessionid"] = planted = session.session_key

    type_password(client, team.alice)

    assert client.cookies["sessionid"].value != planted
    thief = Client()
    thief.cookies["sessionid"] = planted
    assert get_user(thief).is_anonymous


def test_the_second_step_takes_a_new_session_key_too(team, client):
    protect(team.alice)
    type_password(client, team.alice)
    before = client.cookies["sessionid"].value
    assert get_user(client).is_anonymous

    client.post(SECOND_STEP, {"code": code_of()})

    assert get_user(client) == team.alice
    assert client.cookies["sessionid"].value != before
    assert get_user(with_session(before)).is_anonymous


def test_whoever_planted_a_session_before_the_password_is_not_in_after_the_second_step(team, client):
    protect(team.alice)
    client.get("/accounts/login/")
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    client.cookies["sessionid"] = planted = session.session_key

    type_password(client, team.alice)
    client.post(SECOND_STEP, {"code": code_of()})

    assert get_user(client) == team.alice
    assert get_user(with_session(planted)).is_anonymous


def test_after_signing_out_the_cookie_from_before_is_worth_nothing(team):
    own = browser(team.alice)
    before = own.cookies["sessionid"].value
    assert get_user(with_session(before)) == team.alice

    own.post("/accounts/logout/")

    assert get_user(with_session(before)).is_anonymous
    assert with_session(before).get("/pins/")["Location"] == "/accounts/login/?next=/pins/"
    assert own.cookies["sessionid"].value != before


def test_somebody_who_signs_in_next_gets_nothing_of_the_session_before(team):
    own = browser(team.alice)
    own.post("/workspace/switch/", {"workspace": team.workspace.pk})
    before = own.cookies["sessionid"].value

    type_password(own, team.charlie)  # signed in already: nothing happens
    assert get_user(own) == team.alice
    own.post("/accounts/logout/")
    type_password(own, team.charlie)

    assert get_user(own) == team.charlie
    assert "workspace_id" not in own.session
    assert own.cookies["sessionid"].value != before


def test_a_made_up_session_key_is_not_taken_over(client, team):
    client.cookies["sessionid"] = "a" * 32

    type_password(client, team.alice)

    assert client.cookies["sessionid"].value != "a" * 32


def test_listing_costs_a_person_who_never_looks_nothing(team, django_assert_max_num_queries):
    alice = browser(team.alice)

    # Session, user, memberships, accounts of the sidebar: what a page may ask before it asks anything of its own.
    with django_assert_max_num_queries(4):
        alice.get("/workspace/new/")
