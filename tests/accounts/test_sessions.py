"""The browsers in which somebody is signed in, and signing them out."""

from html import unescape

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.auth import get_user
from django.test import Client

from tests.accounts.second_steps import PASSWORD, type_password

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_cache")]

SESSIONS = "/accounts/sessions/"


def browser(user, name="Firefox"):
    client = Client(headers={"user-agent": name})
    assert type_password(client, user).status_code == 302
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


def test_a_made_up_session_key_is_not_taken_over(client, team):
    client.cookies["sessionid"] = "a" * 32

    type_password(client, team.alice)

    assert client.cookies["sessionid"].value != "a" * 32


def test_listing_costs_a_person_who_never_looks_nothing(team, django_assert_max_num_queries):
    alice = browser(team.alice)

    # Session, user, memberships: what a page may ask before it asks anything of its own.
    with django_assert_max_num_queries(3):
        alice.get("/workspace/new/")
