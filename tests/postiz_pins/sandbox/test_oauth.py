from urllib.parse import parse_qs, urlsplit

import pytest
import requests

CALLBACK = "http://localhost:8000/accounts/pinterest/callback/?next=1"
SCOPES = ("user_accounts:read", "boards:read", "boards:write", "pins:read", "pins:write")
SCOPE = ",".join(SCOPES)
APP = ("sandbox-app", "sandbox-secret")


def consent(sandbox, form=None, **changes):
    asked = {
        "client_id": "sandbox-app",
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "scope": SCOPE,
        "state": "s t&te",
        **changes,
    }
    method = "GET" if form is None else "POST"
    return requests.request(method, sandbox.oauth_url, params=asked, data=form, allow_redirects=False, timeout=10)


def allow(sandbox, username="harbourandpine", scopes=SCOPES):
    answer = consent(sandbox, {"decision": "allow", "account": username, "scope": scopes})
    assert answer.status_code == 302
    return parse_qs(urlsplit(answer.headers["Location"]).query)


def exchange(sandbox, app=APP, **form):
    return requests.post(f"{sandbox.api_url}/oauth/token", data=form, auth=app, timeout=10)


def exchange_code(sandbox, code, redirect_uri=CALLBACK):
    return exchange(sandbox, grant_type="authorization_code", code=code, redirect_uri=redirect_uri)


def refresh(sandbox, token):
    return exchange(sandbox, grant_type="refresh_token", refresh_token=token, continuous_refresh="true")


def test_consent_page_offers_accounts_and_ticked_scopes_and_says_what_it_is(sandbox):
    page = consent(sandbox)

    assert page.status_code == 200
    assert "this is not pinterest.com" in page.text
    assert "Harbour &amp; Pine" in page.text
    assert "mara.keeps.bees" in page.text
    for scope in SCOPES:
        assert f'name="scope" value="{scope}" checked' in page.text


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "other"},
        {"redirect_uri": "javascript:alert(1)"},
        {"response_type": "token"},
        {"scope": ""},
        {"scope": "boards:read pins:read"},
    ],
)
@pytest.mark.parametrize("form", [None, {"decision": "allow", "account": "harbourandpine"}])
def test_wrong_consent_request_ends_on_a_page_and_never_redirects(sandbox, changes, form):
    page = consent(sandbox, form, **changes)

    assert page.status_code == 400
    assert "cannot be allowed" in page.text


def test_allow_returns_code_and_state_to_the_redirect_uri(sandbox):
    answer = allow(sandbox)

    assert answer["state"] == ["s t&te"]
    assert answer["next"] == ["1"]
    assert answer["code"]


def test_deny_returns_access_denied_and_state(sandbox):
    answer = consent(sandbox, {"decision": "deny"})

    assert parse_qs(urlsplit(answer.headers["Location"]).query) == {
        "next": ["1"],
        "error": ["access_denied"],
        "state": ["s t&te"],
    }


def test_code_buys_tokens_once(sandbox):
    [code] = allow(sandbox)["code"]

    first, second = exchange_code(sandbox, code), exchange_code(sandbox, code)

    bought = first.json()
    assert bought["access_token"].startswith("pina_")
    assert bought["refresh_token"].startswith("pinr_")
    assert bought["scope"] == SCOPE.replace(",", " ")
    assert bought["expires_in"] == 2_592_000
    assert bought["refresh_token_expires_in"] == 5_184_000
    assert sandbox.api("GET", "/user_account", bought["access_token"]).json()["username"] == "harbourandpine"
    assert (second.status_code, second.json()["code"]) == (401, 283)
    assert set(second.json()) == {"code", "message"}


def test_code_is_bound_to_its_redirect_uri(sandbox):
    [code] = allow(sandbox)["code"]

    answer = exchange_code(sandbox, code, "http://localhost:8000/elsewhere/")

    assert (answer.status_code, answer.json()["code"]) == (401, 283)


def test_token_endpoint_knows_the_app_by_its_secret(sandbox):
    [code] = allow(sandbox)["code"]

    answer = exchange(sandbox, ("sandbox-app", "wrong"), grant_type="authorization_code", code=code)

    assert answer.status_code == 401
    assert answer.json() == {"code": 2, "message": "Authentication failed."}


def test_unticked_scope_is_neither_granted_nor_usable(sandbox):
    [code] = allow(sandbox, scopes=["user_accounts:read", "boards:read"])["code"]

    bought = exchange_code(sandbox, code).json()

    assert bought["scope"] == "user_accounts:read boards:read"
    refused = sandbox.api("GET", "/pins", bought["access_token"])
    assert refused.status_code == 403
    assert refused.json()["code"] == 29


def test_refresh_rotates_and_leaves_the_old_access_token_alive(sandbox):
    old = sandbox.tokens("harbourandpine")

    new = refresh(sandbox, old["refresh_token"]).json()

    assert new["response_type"] == "refresh_token"
    assert new["refresh_token"] != old["refresh_token"]
    assert sandbox.api("GET", "/user_account", new["access_token"]).status_code == 200
    assert sandbox.api("GET", "/user_account", old["access_token"]).status_code == 200
    assert refresh(sandbox, old["refresh_token"]).status_code == 400
    assert refresh(sandbox, new["refresh_token"]).status_code == 200


def test_expired_access_token_can_still_be_refreshed_and_a_revoked_one_cannot(sandbox):
    tokens = sandbox.tokens("harbourandpine")

    sandbox.expire(username="harbourandpine")
    assert sandbox.api("GET", "/boards", tokens["access_token"]).json()["code"] == 2
    tokens = refresh(sandbox, tokens["refresh_token"]).json()

    sandbox.revoke(access_token=tokens["access_token"])
    assert sandbox.api("GET", "/boards", tokens["access_token"]).status_code == 401
    assert refresh(sandbox, tokens["refresh_token"]).status_code == 400


def test_token_with_a_short_life_is_refused_afterwards(sandbox):
    assert sandbox.api("GET", "/boards", sandbox.token("harbourandpine", expires_in=0)).status_code == 401


@pytest.mark.parametrize("authorization", ["", "Bearer pina_unknown", "Basic abc"])
def test_request_without_a_living_token_is_refused_with_a_request_id(sandbox, authorization):
    answer = sandbox.api("GET", "/boards", headers={"Authorization": authorization})

    assert answer.status_code == 401
    assert answer.json() == {"code": 2, "message": "Authentication failed."}
    assert answer.headers["x-pinterest-rid"].isdecimal()
