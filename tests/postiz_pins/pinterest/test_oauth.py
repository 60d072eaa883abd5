from datetime import UTC, datetime, timedelta

import pytest

from postiz_pins.pinterest.client import PinterestClient
from postiz_pins.pinterest.errors import AuthenticationFailed, PinterestClientError, ServerFailed
from postiz_pins.pinterest.oauth import SCOPES, parse_token_grant, refresh_tokens

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ANSWER = {
    "access_token": "pina_1",
    "refresh_token": "pinr_1",
    "expires_in": 2_592_000,
    "refresh_token_expires_in": 5_184_000,
    "scope": "boards:read pins:read",
}
APP = ("sandbox-app", "sandbox-secret")


def test_exactly_the_five_scopes_of_the_specification_in_its_order():
    assert list(SCOPES) == ["boards:read", "boards:write", "pins:read", "pins:write", "user_accounts:read"]


def test_a_grant_holds_both_tokens_and_both_expiries():
    grant = parse_token_grant(ANSWER, NOW)

    assert (grant.access_token, grant.refresh_token) == ("pina_1", "pinr_1")
    assert grant.access_expires_at == NOW + timedelta(days=30)
    assert grant.refresh_expires_at == NOW + timedelta(days=60)


@pytest.mark.parametrize("scope", ["boards:read pins:read", "boards:read,pins:read", "boards:read, pins:read"])
def test_scopes_are_split_at_spaces_and_commas(scope):
    assert parse_token_grant(ANSWER | {"scope": scope}, NOW).scopes == ["boards:read", "pins:read"]


def test_the_earlier_of_two_expiries_counts():
    told = {"refresh_token_expires_at": int((NOW + timedelta(days=10)).timestamp())}

    assert parse_token_grant(ANSWER | told, NOW).refresh_expires_at == NOW + timedelta(days=10)


def test_expiries_that_are_not_told_are_those_of_the_documentation():
    grant = parse_token_grant({"access_token": "a", "refresh_token": "r"}, NOW)

    assert grant.access_expires_at == NOW + timedelta(days=30)
    assert grant.refresh_expires_at == NOW + timedelta(days=60)


@pytest.mark.parametrize("lacking", ["access_token", "refresh_token"])
@pytest.mark.parametrize("value", [None, ""])
def test_an_answer_without_a_token_is_a_failure_of_the_server(lacking, value):
    with pytest.raises(ServerFailed, match="lacks a token"):
        parse_token_grant(ANSWER | {lacking: value}, NOW)


def test_tokens_are_not_in_the_repr():
    shown = repr(parse_token_grant(ANSWER, NOW))

    assert "pina_1" not in shown
    assert "pinr_1" not in shown


def test_a_refresh_gives_a_new_pair_and_kills_the_old_refresh_token(sandbox):
    old = sandbox.tokens("harbourandpine")

    grant = refresh_tokens(sandbox.api_url, *APP, old["refresh_token"], NOW)

    assert PinterestClient(sandbox.api_url, grant.access_token).fetch_user_account().username == "harbourandpine"
    assert grant.refresh_token != old["refresh_token"]
    [request] = sandbox.requests("oauth/token")
    assert request["body"]["continuous_refresh"] == "true"
    with pytest.raises(PinterestClientError):
        refresh_tokens(sandbox.api_url, *APP, old["refresh_token"], NOW)


def test_a_wrong_app_secret_is_an_authentication_failure(sandbox):
    old = sandbox.tokens("harbourandpine")

    with pytest.raises(AuthenticationFailed):
        refresh_tokens(sandbox.api_url, "sandbox-app", "wrong", old["refresh_token"], NOW)
