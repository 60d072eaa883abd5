"""Every address there is, allauth's and the administration's too, refuses a POST that another site could have made."""

import re
from itertools import product

import pytest
from django.test import Client
from django.urls import get_resolver, reverse
from django.urls.resolvers import RoutePattern

pytestmark = pytest.mark.django_db

# Addresses that take a POST without a token: how their names begin, and why.
EXEMPT = {
    "api:": "a key opens them and a session counts for nothing, so no other site has anything to abuse",
    "mcp": "likewise",
    **dict.fromkeys(
        ("accounts:board_list", "analytics:account_json", "analytics:pin_json", "analytics:best_times_json"),
        "they can only be read, by keys as well; tests/test_api_url_matrix.py shows that a POST is refused",
    ),
    "accounts:invitation_open": "whatever the method, it only moves the token of a link into the session and leads on",
}


def addresses(resolver=None, before="/", namespace=""):
    """Name and path of every pattern, with a 1 for each of its parameters."""
    for pattern in (resolver or get_resolver()).url_patterns:
        path = before + path_of(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from addresses(pattern, path, f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace)
        else:
            yield f"{namespace}{pattern.name}", path


def path_of(pattern):
    if isinstance(pattern, RoutePattern):
        return re.sub(r"<[^>]+>", "1", str(pattern))
    return re.sub(r"\(\?P<\w+>[^)]*\)", "1", str(pattern)).strip("^$")


ADDRESSES = sorted(set(addresses()))
GUARDED = [(name, path) for name, path in ADDRESSES if not name.startswith(tuple(EXEMPT))]


def is_refused(response):
    return response.status_code == 403 and "403_csrf.html" in [template.name for template in response.templates]


def test_the_walk_finds_what_there_is():
    found = dict(ADDRESSES)

    for name in ("pins:pin_create", "account_login", "mfa_activate_totp", "admin:accounts_user_changelist"):
        assert found[name] == reverse(name)
    assert found["pins:pin_edit"] == reverse("pins:pin_edit", args=[1])
    assert found["account_confirm_email"] == reverse("account_confirm_email", args=["1"])


def test_a_post_without_a_token_is_refused_whoever_sends_it(case, team):
    alice = Client(enforce_csrf_checks=True)
    team.alice.is_staff = team.alice.is_superuser = True
    team.alice.save()
    alice.force_login(team.alice)
    for (name, path), browser in product(GUARDED, (alice, Client(enforce_csrf_checks=True))):
        with case(name, "by alice" if browser is alice else "by a stranger"):
            assert is_refused(browser.post(path))
            assert is_refused(browser.post(path, "{}", content_type="application/json"))
            assert is_refused(browser.post(path, headers={"hx-request": "true"}))


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_no_other_method_goes_round_it(team, method):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(team.alice)

    assert is_refused(getattr(browser, method)("/pins/new/"))


@pytest.mark.parametrize("start", EXEMPT)
def test_every_exemption_still_belongs_to_an_address_that_needs_it(start):
    paths = [path for name, path in ADDRESSES if name.startswith(start)]

    assert paths
    assert not any(is_refused(Client(enforce_csrf_checks=True).post(path)) for path in paths)


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://testserver.evil.example"])
def test_the_right_token_from_another_origin_is_refused(team, origin):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(team.alice)
    browser.get("/pins/new/")
    token = browser.cookies["csrftoken"].value
    switch = {"workspace": team.workspace.pk, "csrfmiddlewaretoken": token}

    assert is_refused(browser.post("/workspace/switch/", switch, headers={"origin": origin}))
    assert browser.post("/workspace/switch/", switch, headers={"origin": "http://testserver"}).status_code == 302


def test_the_token_of_somebody_else_is_refused(team):
    browsers = []
    for user in (team.alice, team.charlie):
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(user)
        browser.get("/pins/new/")
        browsers.append(browser)
    alice, charlie = browsers

    foreign = {"workspace": team.workspace.pk, "csrfmiddlewaretoken": charlie.cookies["csrftoken"].value}

    assert is_refused(alice.post("/workspace/switch/", foreign))
