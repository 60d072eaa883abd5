"""Callbacks that arrive crossed, twice, or at somebody else: between two tabs, two workspaces and two people."""

import threading
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.contrib.auth import get_user
from django.db import connection
from django.test import Client

from accounts.models import Role
from tests.accounts.conftest import CALLBACK, answer_consent, press, said, start_consent, stored
from tests.accounts.mfa_helpers import type_password
from tests.factories import MembershipFactory, PinterestAccountFactory
from tests.page_text import page_text

pytestmark = pytest.mark.django_db

TOO_LATE = "expired or was already used"


@pytest.fixture
def second(team):
    """Another workspace that alice administers."""
    return MembershipFactory(user=team.alice, workspace__name="Tides").workspace


@pytest.fixture
def tidal(sandbox):
    """Another account at Pinterest."""
    return sandbox.create_account("tidal", boards=["Sea"])


def switch(browser, workspace):
    browser.post("/workspace/switch/", {"workspace": workspace.pk})


def parts(callback):
    query = parse_qs(urlsplit(callback).query)
    return query["code"][0], query["state"][0]


# Two tabs of one person


def test_two_consents_that_come_back_in_the_other_order_each_land_where_they_began(
    alice, team, second, chairshop, tidal
):
    first_tab = start_consent(alice)
    switch(alice, second)
    second_tab = start_consent(alice)

    for consent_url, account in ((second_tab, "tidal"), (first_tab, "chairshop")):
        assert "is connected" in said(alice.get(answer_consent(consent_url, account=account)))[-1][1]

    assert stored("chairshop").get().workspace == team.workspace
    assert stored("tidal").get().workspace == second


def test_a_page_that_was_opened_before_switching_connects_to_its_own_workspace(alice, team, second, chairshop):
    switch(alice, team.workspace)
    response = alice.get("/connections/")
    switch(alice, second)

    # The first tab still shows what it has loaded: its form names the workspace.
    assert f'name="workspace" value="{team.workspace.pk}"' in page_text(response)
    alice.get(answer_consent(start_consent(alice, workspace=team.workspace.pk)))

    assert stored().get().workspace == team.workspace


def test_the_button_of_a_page_names_the_workspace_of_the_page(alice, second, chairshop):
    switch(alice, second)

    alice.get(answer_consent(press(alice, "/connections/", "Connect Pinterest")))

    assert stored().get().workspace == second


@pytest.mark.parametrize("workspace", ["foreign", "999999", "x", "-1", "\0"])
def test_a_workspace_of_others_is_as_unknown_as_one_that_is_not_there(alice, team, workspace):
    foreign = team.charlie.memberships.get().workspace_id

    response = alice.post("/accounts/pinterest/login/", {"workspace": foreign if workspace == "foreign" else workspace})

    assert response.status_code == 404
    assert "socialaccount_states" not in alice.session


def test_an_editor_here_who_is_a_viewer_there_begins_nothing_there(alice, team):
    there = MembershipFactory(user=team.alice, role=Role.VIEWER).workspace

    response = alice.post("/accounts/pinterest/login/", {"workspace": there.pk})

    assert response.status_code == 403
    assert "socialaccount_states" not in alice.session


def test_a_code_with_the_state_of_the_other_tab_counts_once_and_for_the_state(alice, team, second, chairshop, tidal):
    """A code is bound to the app and its address, not to a state: what the state's consent began is what counts."""
    first_tab = start_consent(alice)
    switch(alice, second)
    second_tab = start_consent(alice)
    first_code, first_state = parts(answer_consent(first_tab))
    second_code, second_state = parts(answer_consent(second_tab, account="tidal"))

    alice.get(f"{CALLBACK}?{urlencode({'code': first_code, 'state': second_state})}")
    again = alice.get(f"{CALLBACK}?{urlencode({'code': first_code, 'state': first_state})}")

    assert "it was already used" in said(again)[-1][1]
    assert not stored("tidal").exists()
    assert stored("chairshop").get().workspace == second
    assert TOO_LATE in said(alice.get(f"{CALLBACK}?{urlencode({'code': second_code, 'state': second_state})}"))[-1][1]


def test_the_same_account_in_two_tabs_goes_to_the_workspace_that_was_first(alice, team, second, chairshop):
    first_tab = start_consent(alice)
    switch(alice, second)
    second_tab = start_consent(alice)
    alice.get(answer_consent(first_tab))
    before = stored().values().get()

    response = alice.get(answer_consent(second_tab))

    assert "@chairshop is connected to another workspace." in said(response)[-1][1]
    assert stored().values().get() == before


def test_one_of_two_callbacks_that_arrives_twice_changes_nothing_the_second_time(alice, chairshop, tidal, sandbox):
    first, second = (answer_consent(start_consent(alice), account=account) for account in ("chairshop", "tidal"))
    alice.get(first)
    before = stored().values().get()

    again = alice.get(first)
    alice.get(second)

    assert TOO_LATE in said(again)[-1][1]
    assert stored().values().get() == before
    assert stored("tidal").get().is_active
    assert len(sandbox.requests("oauth/token")) == 2


@pytest.mark.django_db(transaction=True)
def test_the_same_callback_twice_at_the_same_moment_connects_once(alice, chairshop, sandbox):
    callback = answer_consent(start_consent(alice))
    sandbox.fault("oauth/token", "latency", times=None, seconds=0.3)
    barrier = threading.Barrier(2)
    answers = []

    def arrive():
        tab = Client()
        tab.cookies["sessionid"] = alice.cookies["sessionid"].value
        barrier.wait(timeout=10)
        try:
            answers.append(tab.get(callback).status_code)
        finally:
            connection.close()

    tabs = [threading.Thread(target=arrive) for _ in range(2)]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join(timeout=30)

    assert answers == [302, 302]
    assert stored().get().is_active
    assert sandbox.api("GET", "/user_account", stored().get().access_token).status_code == 200


# Two people


def test_two_people_with_each_others_callback_connect_nothing(alice, team, chairshop, tidal, sandbox):
    charlie = Client()
    charlie.force_login(team.charlie)
    of_alice = answer_consent(start_consent(alice))
    of_charlie = answer_consent(start_consent(charlie), account="tidal")

    for browser, callback in ((alice, of_charlie), (charlie, of_alice)):
        response = browser.get(callback)
        assert response["Location"] == "/connections/"
        assert TOO_LATE in said(response)[-1][1]

    assert not stored("chairshop").exists()
    assert not stored("tidal").exists()
    assert sandbox.requests("oauth/token") == []


def test_two_people_of_one_workspace_cannot_finish_each_others_consent_either(alice, team, chairshop):
    dora = Client()
    dora.force_login(MembershipFactory(workspace=team.workspace).user)

    response = dora.get(answer_consent(start_consent(alice)))

    assert TOO_LATE in said(response)[-1][1]
    assert not stored().exists()


def test_the_own_consent_still_works_after_somebody_elses_callback(alice, team, chairshop, tidal):
    charlie = Client()
    charlie.force_login(team.charlie)
    own = answer_consent(start_consent(alice))

    alice.get(answer_consent(start_consent(charlie), account="tidal"))
    alice.get(own)

    assert stored().get().workspace == team.workspace


# Somebody who signs out on the way


def test_a_callback_after_signing_out_asks_to_sign_in_and_then_connects_nothing(alice, team, chairshop, sandbox):
    callback = answer_consent(start_consent(alice))
    alice.post("/accounts/logout/")

    response = alice.get(callback)
    assert response["Location"].startswith("/accounts/login/?next=/accounts/pinterest/login/callback/")
    type_password(alice, team.alice)

    assert TOO_LATE in said(alice.get(callback))[-1][1]
    assert not stored().exists()
    assert sandbox.requests("oauth/token") == []


@pytest.mark.parametrize("signs_out", [True, False])
def test_whoever_signs_in_next_in_the_same_browser_does_not_get_the_account(alice, team, chairshop, signs_out):
    callback = answer_consent(start_consent(alice))
    if signs_out:
        alice.post("/accounts/logout/")
    alice.force_login(team.charlie)  # flushes what the session of another person holds, as every sign-in does

    response = alice.get(callback)

    assert get_user(alice) == team.charlie
    assert TOO_LATE in said(response)[-1][1]
    assert not stored().exists()


def test_an_account_that_is_taken_away_meanwhile_is_connected_as_a_new_one(alice, team, chairshop):
    gone = PinterestAccountFactory(workspace=team.workspace)
    callback = answer_consent(start_consent(alice, account=gone.pk))
    gone.delete()

    response = alice.get(callback)

    assert said(response)[-1][0] == "success"
    assert stored().get().workspace == team.workspace
