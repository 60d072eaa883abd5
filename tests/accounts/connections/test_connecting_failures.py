"""Consents that come to nothing: each ends on the connections page with a sentence, and never with a stack trace."""

import re
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import Membership, Role
from postiz_pins.pinterest.client import PinterestClient
from postiz_pins.pinterest.errors import Unreachable
from tests.accounts.conftest import CALLBACK, TRY_AGAIN, answer_consent, said, start_consent, stored
from tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db

TOO_LATE = "expired or was already used"


def state_of(consent_url):
    return parse_qs(urlsplit(consent_url).query)["state"][0]


def test_denying_connects_nothing_and_says_so(sandbox, consent):
    outcome = consent(decision="deny")

    assert outcome.level == "error"
    assert "didn't allow access" in outcome.sentence
    assert TRY_AGAIN in outcome.sentence
    assert not stored().exists()
    assert sandbox.requests() == []


def test_the_connections_page_shows_the_sentence_and_a_button_to_try_again(alice, consent):
    sentence = consent(decision="deny").sentence

    page = alice.get("/connections/").content.decode()

    assert sentence in unescape(page)
    assert 'action="/accounts/pinterest/login/"' in page


@pytest.mark.parametrize("answer", [{"error": "server_error"}, {}])
def test_an_end_that_is_no_denial_has_its_own_sentence(alice, answer):
    response = alice.get(CALLBACK, {"state": state_of(start_consent(alice)), **answer})

    [(level, sentence)] = said(response)
    assert (response["Location"], level) == ("/connections/", "error")
    assert "without giving a reason" in sentence
    assert TRY_AGAIN in sentence


def test_a_replayed_consent_is_refused_and_the_account_stays(alice, sandbox, consent):
    callback = consent().callback
    before = stored().values().get()

    response = alice.get(callback)

    level, sentence = said(response)[-1]
    assert (response["Location"], level) == ("/connections/", "error")
    assert TOO_LATE in sentence
    assert TRY_AGAIN in sentence
    assert stored().values().get() == before
    assert len(sandbox.requests("oauth/token")) == 1


@pytest.mark.parametrize("state", ["", "x" * 16, "\0"])
def test_a_state_that_we_never_gave_is_refused(alice, sandbox, state):
    response = alice.get(CALLBACK, {"code": "1", "state": state})

    [(level, sentence)] = said(response)
    assert (response["Location"], level) == ("/connections/", "error")
    assert TOO_LATE in sentence
    assert sandbox.requests() == []


def test_somebody_elses_consent_cannot_be_slipped_to_alice(alice, team, chairshop):
    """The state is kept in the browser that began, so a foreign callback address connects nothing."""
    mallory = Client()
    mallory.force_login(team.charlie)

    response = alice.get(answer_consent(start_consent(mallory)))

    assert TOO_LATE in said(response)[0][1]
    assert not stored().exists()


def test_a_consent_that_took_too_long_is_refused(alice, chairshop):
    callback = answer_consent(start_consent(alice))

    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        response = alice.get(callback)

    assert TOO_LATE in said(response)[0][1]
    assert not stored().exists()


def test_a_replayed_code_is_refused_with_its_own_sentence(alice, consent):
    used_code = parse_qs(urlsplit(consent().callback).query)["code"][0]

    response = alice.get(CALLBACK, {"code": used_code, "state": state_of(start_consent(alice))})

    level, sentence = said(response)[-1]
    assert level == "error"
    assert "it was already used" in sentence
    assert TRY_AGAIN in sentence
    assert stored().get().is_active


EXCHANGE_FAULTS = [
    ("server_error", {}, "had a problem.*onnect again"),
    ("connection_closed", {}, "couldn't be reached.*onnect again"),
    ("rate_limited", {"seconds": 30}, "rate limit.*onnect again"),
    ("spam", {}, "onnect again"),
    ("message", {"status": 400, "code": 1, "message": "invalid_grant"}, "it was already used.*onnect again"),
    ("unauthorized", {}, "app ID and secret. Ask your administrator to check the Pinterest app."),
    ("message", {"status": 401, "code": 283, "message": "The authorization grant is invalid."}, "already used.*onnect"),
    ("proxy", {"status": 401}, "A proxy or firewall answered.*Connect again"),
]


@pytest.mark.parametrize(("kind", "keys", "sentence"), EXCHANGE_FAULTS, ids=[kind for kind, _, _ in EXCHANGE_FAULTS])
def test_a_failed_exchange_of_the_code_says_what_went_wrong(sandbox, consent, kind, keys, sentence):
    sandbox.fault("oauth/token", kind, **keys)

    outcome = consent()

    assert outcome.level == "error"
    assert re.search(sentence, outcome.sentence), outcome.sentence
    assert not stored().exists()


def test_names_of_settings_are_for_operators_only(alice, team, sandbox, consent):
    team.alice.is_staff = True
    team.alice.save()
    sandbox.fault("oauth/token", "unauthorized")

    assert "Check PINTEREST_APP_ID and PINTEREST_APP_SECRET." in consent().sentence


def test_a_server_that_is_offline_is_a_sentence(alice, settings, chairshop, offline):
    callback = answer_consent(start_consent(alice))
    settings.PINTEREST_API_URL = "http://pinterest.invalid/v5"

    response = alice.get(callback)

    assert "This server is offline. Connect again" in said(response)[0][1]


def test_a_server_that_is_not_there_is_a_sentence(alice, settings, chairshop):
    callback = answer_consent(start_consent(alice))
    settings.PINTEREST_API_URL = "http://pinterest.invalid/v5"

    response = alice.get(callback)

    assert "couldn't be reached" in said(response)[0][1]


PROFILE_FAULTS = [
    ("unauthorized", {}, "withdrew access"),
    ("proxy", {"status": 401}, "A proxy or firewall answered with status 401"),
    ("server_error", {}, "had a problem"),
    ("answer_lost", {}, "couldn't be reached"),
    ("rate_limited", {"seconds": 9}, "rate limit"),
    ("message", {"status": 403, "code": 29, "message": "Not you."}, "Not you."),
]


@pytest.mark.parametrize(("kind", "keys", "words"), PROFILE_FAULTS, ids=[kind for kind, _, _ in PROFILE_FAULTS])
def test_a_profile_that_cannot_be_read_is_a_sentence_and_no_500(sandbox, consent, kind, keys, words):
    sandbox.fault("user_account/get", kind, **keys)

    outcome = consent()

    assert outcome.level == "error"
    assert words in outcome.sentence
    assert TRY_AGAIN in outcome.sentence
    assert not stored().exists()


def test_no_sentence_shows_code_or_token(sandbox, consent, monkeypatch):
    seen = []

    def fetch(client):
        seen.append(client._headers["Authorization"].removeprefix("Bearer "))
        raise Unreachable("The connection to Pinterest failed.", was_sent=True)

    monkeypatch.setattr(PinterestClient, "fetch_user_account", fetch)

    outcome = consent()

    [token] = seen
    assert token.startswith("pina_")
    assert token not in outcome.sentence
    assert parse_qs(urlsplit(outcome.callback).query)["code"][0] not in outcome.sentence


@pytest.mark.parametrize("change", ["made a viewer", "removed"])
def test_whoever_lost_the_right_meanwhile_connects_nothing(alice, team, change, chairshop):
    MembershipFactory(user=team.alice)
    callback = answer_consent(start_consent(alice))
    membership = Membership.objects.filter(user=team.alice, workspace=team.workspace)
    if change == "removed":
        membership.delete()
    else:
        membership.update(role=Role.VIEWER)

    response = alice.get(callback)

    [(level, sentence)] = said(response)
    assert (response["Location"], level) == ("/connections/", "error")
    assert "admin" in sentence
    assert not stored().exists()
