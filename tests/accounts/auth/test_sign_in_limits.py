"""Attacks on passwords: whoever guesses is stopped, and nobody else is."""

import logging
import re

import pytest
import time_machine
from django.contrib.auth import get_user
from django.test import Client

from accounts.auth.known_browsers import COOKIE
from accounts.models import User
from tests.accounts.mfa_helpers import LOGIN, PASSWORD, type_password
from tests.factories import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_still")]

RESET = "/accounts/password/reset/"
WAIT, UNDER_ATTACK = "Too many failed attempts.", "Too many wrong passwords for this account."


@pytest.fixture
def _still():
    with time_machine.travel(1_800_000_000, tick=False):
        yield


@pytest.fixture
def dana():
    return UserFactory(email="dana@example.com")


@pytest.fixture
def behind_proxy(settings):
    """As with an https PUBLIC_URL: the proxy says so, and the app believes one address of its."""
    settings.TRUSTED_PROXY_COUNT = 1
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")


@pytest.mark.parametrize("typed", ["ſam@example.com", "sam@example.com ", "", None])
def test_an_address_that_a_database_takes_for_another_is_nobodys(typed):
    """Each spelling has counters of its own. Only PostgreSQL finds Sam by the first one."""
    UserFactory(email="sam@example.com")

    with pytest.raises(User.DoesNotExist):
        User.objects.get_by_natural_key(typed)


@pytest.mark.parametrize("typed", ["sam@example.com", "SAM@Example.com"])
def test_an_address_is_found_in_capitals_and_small_letters(typed):
    sam = UserFactory(email="sam@example.com")

    assert User.objects.get_by_natural_key(typed) == sam


def at(address, **headers):
    return Client(REMOTE_ADDR=address, headers=headers)


def through_proxy(forwarded=None, peer="127.0.0.1"):
    headers = {"x-forwarded-proto": "https"}
    return Client(REMOTE_ADDR=peer, headers=headers | ({"x-forwarded-for": forwarded} if forwarded else {}))


def guess(browser, user, times=1):
    for number in range(times):
        response = type_password(browser, user, f"wrong {number}")
    return response.content.decode()


def gets_in(browser, user):
    type_password(browser, user)
    return get_user(browser) == user


def known_browser_of(user, address="198.51.100.1"):
    """In which the person has signed in, and out again."""
    browser = at(address)
    assert gets_in(browser, user)
    browser.post("/accounts/logout/")
    assert get_user(browser).is_anonymous
    return browser


# Strangers lock nobody out


def test_five_wrong_passwords_of_a_stranger_do_not_lock_the_owner_out(dana):
    stranger = at("192.0.2.1")

    assert WAIT in guess(stranger, dana, 6)

    assert not gets_in(stranger, dana)
    assert gets_in(at("198.51.100.1"), dana)


def test_a_known_browser_gets_through_whatever_strangers_do_at_the_same_address(dana):
    browser = known_browser_of(dana, "192.0.2.1")
    for number in range(40):
        type_password(at("192.0.2.1"), UserFactory.build(email=f"x{number}@example.com"), "wrong")
    guess(at("192.0.2.1"), dana, 6)

    assert at("192.0.2.1").post(LOGIN, {}).status_code == 429
    assert gets_in(browser, dana)


def test_one_account_guessed_from_many_addresses_ends_and_its_known_browser_gets_through(dana, mailoutbox):
    browser = known_browser_of(dana)

    pages = [guess(at(f"192.0.2.{number}"), dana) for number in range(51)]

    assert not any(UNDER_ATTACK in page for page in pages[:50])
    assert UNDER_ATTACK in pages[50]
    newcomer = at("203.0.113.9")
    assert not gets_in(newcomer, dana)
    assert gets_in(browser, dana)
    # The other way out is the one that the sentence names.
    newcomer.post(RESET, {"email": dana.email})
    path = re.search(r"http://localhost:8000(\S+)", mailoutbox[0].body).group(1)
    form = newcomer.get(path, follow=True)
    new = "another long passphrase"
    newcomer.post(form.request["PATH_INFO"], {"password1": new, "password2": new})
    type_password(newcomer, dana, new)
    assert get_user(newcomer) == dana


def test_right_passwords_do_not_count(dana):
    for _ in range(12):
        assert gets_in(at("192.0.2.1"), dana)


# The guesser is stopped


def test_many_accounts_guessed_from_one_address_end_after_ten(dana):
    strangers = [UserFactory() for _ in range(10)]
    for user in strangers:
        assert WAIT not in guess(at("192.0.2.1"), user)

    assert not gets_in(at("192.0.2.1"), dana)
    assert gets_in(at("192.0.2.2"), dana)


def test_addresses_of_one_ipv6_network_are_one(dana):
    for number in range(5):
        guess(at(f"2001:db8:0:1::{number:x}"), dana)

    assert not gets_in(at("2001:db8:0:1:ffff::1"), dana)
    assert gets_in(at("2001:db8:0:2::1"), dana)


def test_an_ipv4_address_in_ipv6_notation_is_itself(dana):
    guess(at("::ffff:192.0.2.1"), dana, 5)

    assert not gets_in(at("192.0.2.1"), dana)
    assert gets_in(at("::ffff:192.0.2.2"), dana)


def test_a_known_browser_cannot_guess_for_ever(dana):
    browser = known_browser_of(dana)

    assert WAIT in guess(browser, dana, 11)
    assert not gets_in(browser, dana)


# What a browser is known by


def test_the_cookie_is_for_the_server_only(client, dana, settings):
    settings.SESSION_COOKIE_SECURE = True

    cookie = type_password(client, dana).cookies[COOKIE]

    assert (cookie["httponly"], cookie["secure"], cookie["samesite"]) == (True, True, "Lax")
    assert (cookie["path"], cookie["max-age"]) == ("/accounts/", 365 * 24 * 3600)
    assert str(dana.email) not in cookie.value


def test_a_known_browser_is_known_for_its_own_person_only(dana):
    browser = known_browser_of(UserFactory())
    guess(browser, dana, 5)

    assert not gets_in(browser, dana)


def test_two_people_share_a_browser(dana):
    other = UserFactory()
    browser = known_browser_of(dana)
    assert gets_in(browser, other)
    browser.post("/accounts/logout/")
    for user in (dana, other):
        guess(at("198.51.100.1"), user, 6)

    assert gets_in(browser, dana)
    browser.post("/accounts/logout/")
    assert gets_in(browser, other)


def test_another_password_makes_known_browsers_unknown(dana):
    browser = known_browser_of(dana)
    guess(at("198.51.100.1"), dana, 5)

    dana.set_password("another long passphrase")
    dana.save()

    type_password(browser, dana, "another long passphrase")
    assert get_user(browser).is_anonymous


@pytest.mark.parametrize("value", ["", "x", "W10:x:y", "a\0b", "é"])
def test_a_cookie_that_we_did_not_sign_is_none(dana, value):
    browser = at("192.0.2.1")
    browser.cookies[COOKIE] = value
    guess(browser, dana, 5)

    assert not gets_in(browser, dana)


def test_a_cookie_ends_after_a_year(dana):
    browser = known_browser_of(dana)
    with time_machine.travel(1_800_000_000 + 366 * 24 * 3600, tick=False):
        guess(browser, dana, 5)

        assert not gets_in(browser, dana)


# Behind proxies


def test_without_a_proxy_of_ours_the_header_counts_for_nothing(dana, settings):
    settings.TRUSTED_PROXY_COUNT = 0
    for number in range(5):
        guess(at("192.0.2.1", **{"x-forwarded-for": f"203.0.113.{number}"}), dana)

    assert not gets_in(at("192.0.2.1", **{"x-forwarded-for": "203.0.113.99"}), dana)


@pytest.mark.usefixtures("behind_proxy")
def test_only_what_the_proxy_added_counts(dana):
    for number in range(5):
        guess(through_proxy(f"203.0.113.{number}, 192.0.2.1"), dana)

    assert not gets_in(through_proxy("203.0.113.99, 192.0.2.1"), dana)
    assert gets_in(through_proxy("192.0.2.2"), dana)


def test_of_two_proxies_the_outer_one_has_seen_the_visitor(dana, settings, behind_proxy):
    settings.TRUSTED_PROXY_COUNT = 2
    for number in range(5):
        guess(through_proxy(f"203.0.113.{number}, 192.0.2.1, 10.0.0.1"), dana)

    assert not gets_in(through_proxy("192.0.2.1, 10.0.0.2"), dana)
    assert gets_in(through_proxy("192.0.2.2, 10.0.0.1"), dana)


@pytest.mark.usefixtures("behind_proxy")
@pytest.mark.parametrize("forwarded", [None, "nonsense", "192.0.2.1, unknown", ",", "192.0.2.300"])
def test_people_behind_a_proxy_that_tells_no_address_do_not_lock_each_other_out(forwarded):
    others = [UserFactory() for _ in range(12)]
    guess(through_proxy(forwarded), UserFactory(), 10)

    assert [gets_in(through_proxy(forwarded), user) for user in others] == [True] * 12


@pytest.mark.usefixtures("behind_proxy")
def test_a_header_of_ones_own_passes_no_limit_where_the_proxy_tells_no_address(dana, caplog):
    visitor = through_proxy()
    visitor.cookies["sessionid"] = "x"
    with caplog.at_level(logging.WARNING, "postiz_pins.http.client_address"):
        visitor.get(LOGIN)
        visitor.get(LOGIN)
    assert len([each for each in caplog.messages if "TRUSTED_PROXY_COUNT" in each]) == 1

    for number in range(5):
        guess(through_proxy(f"203.0.113.{number}"), dana)

    assert not gets_in(through_proxy("203.0.113.99"), dana)


@pytest.mark.usefixtures("behind_proxy")
def test_a_monitor_that_asks_directly_is_no_sign_of_a_wrong_proxy(dana, caplog):
    with caplog.at_level(logging.WARNING, "postiz_pins.http.client_address"):
        through_proxy().get(LOGIN)

    assert caplog.messages == []
    guess(through_proxy("192.0.2.1"), dana, 5)
    assert gets_in(through_proxy("192.0.2.2"), dana)


def test_a_connection_without_an_address_can_sign_in(dana):
    assert gets_in(Client(REMOTE_ADDR=""), dana)


def test_the_right_password_is_not_looked_at_after_five_wrong_ones(dana):
    browser = at("192.0.2.1")
    guess(browser, dana, 5)

    assert WAIT in type_password(browser, dana, PASSWORD).content.decode()
