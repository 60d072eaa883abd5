"""Accounts that are connected to the sandbox, and a person who answers its consent page."""

import re
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
import requests
from django.contrib.messages import get_messages

from accounts.models import PinterestAccount
from postiz_pins.common import encryption
from postiz_pins.pinterest.oauth import SCOPES
from tests.factories import PinterestAccountFactory
from tests.page_text import page_text

CALLBACK = "/accounts/pinterest/login/callback/"
CONSENT_FORM = r'<form method="post" action="/accounts/pinterest/login/">.*?</form>'
TRY_AGAIN = "onnect again"


def connected(sandbox, username="chairshop", boards=("Chairs", "Tables"), **fields):
    """An account of ours whose tokens the sandbox knows."""
    profile = sandbox.create_account(username, boards=list(boards))
    tokens = sandbox.tokens(username)
    return PinterestAccountFactory(
        pinterest_user_id=profile["id"],
        username=username,
        access_token_encrypted=encryption.encrypt(tokens["access_token"]),
        refresh_token_encrypted=encryption.encrypt(tokens["refresh_token"]),
        **fields,
    )


@pytest.fixture
def shop(sandbox, team):
    """The team's account "chairshop", with two boards at the sandbox and none synced yet."""
    return connected(sandbox, workspace=team.workspace)


@pytest.fixture
def chairshop(sandbox):
    """The account at the sandbox that people choose on the consent page."""
    return sandbox.create_account("chairshop", account_type="BUSINESS", boards=["Chairs", "Tables"])


def stored(username="chairshop"):
    return PinterestAccount.objects.filter(username=username)


def start_consent(browser, account="", **fields):
    """Presses "Connect Pinterest", or "Reconnect" at an account; the address of the consent page."""
    response = browser.post("/accounts/pinterest/login/", {"account": account, **fields})
    assert response.status_code == 302
    return response["Location"]


def press(browser, page, words):
    """Presses the button of a form for Pinterest's consent, as the page has it; the address of the consent page."""
    forms = re.findall(
        r'<form method="post" action="/accounts/pinterest/login/">.*?</form>', text_of(browser, page), re.S
    )
    [form] = [form for form in forms if f"{words}</button>" in form]
    return start_consent(browser, **dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form)))


def text_of(browser, page):
    return page_text(browser.get(page))


def answer_consent(consent_url, decision="allow", account="chairshop", scopes=tuple(SCOPES)):
    """Presses a button on the sandbox's consent page; the callback's path and query."""
    form = {"decision": decision, "account": account, "scope": list(scopes)}
    answer = requests.post(consent_url, data=form, allow_redirects=False, timeout=10)
    assert answer.status_code == 302, answer.text
    callback = urlsplit(answer.headers["Location"])
    return f"{callback.path}?{callback.query}"


def said(response):
    """The messages that the next page will show, as (level, sentence)."""
    return [(message.level_tag, str(message)) for message in get_messages(response.wsgi_request)]


@pytest.fixture
def consent(sandbox, chairshop, alice):
    """Alice's browser goes to Pinterest and back: `consent(decision="deny")`. What was said in the end."""

    def go(browser=alice, **answer):
        callback = answer_consent(start_consent(browser), **answer)
        response = browser.get(callback)
        assert (response.status_code, response["Location"]) == (302, "/connections/")
        level, sentence = said(response)[-1]
        return SimpleNamespace(response=response, callback=callback, level=level, sentence=sentence)

    return go
