"""Tokens live and die at the sandbox; expiry on our side is a column, on its side a control."""

from datetime import timedelta

import pytest
import time_machine
from cryptography.fernet import Fernet
from django.db import connection
from django.utils import timezone

from accounts.connections import services as connections
from accounts.connections import tokens
from accounts.models import AccountStatus, PinterestAccount
from postiz_pins.common import encryption
from postiz_pins.pinterest.errors import (
    AnsweredByProxy,
    PinterestClientError,
    RateLimited,
    ReconnectNeeded,
)
from postiz_pins.pinterest.oauth import refresh_tokens
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

# Longer than any that the sandbox asks for here.
AFTER_THE_PAUSE = timedelta(seconds=61)


def username_of(account):
    return tokens.call(account, lambda client: client.fetch_user_account()).username


def refreshes(sandbox):
    return len(sandbox.requests("oauth/token"))


def let_access_expire(account, **ago):
    account.access_expires_at = timezone.now() - timedelta(**ago)
    account.save(update_fields=["access_expires_at"])


def reread(account):
    return PinterestAccount.objects.get(pk=account.pk)


def test_the_columns_do_not_contain_the_tokens(shop, sandbox):
    issued = sandbox.tokens("chairshop")
    grant = tokens.TokenGrant(
        issued["access_token"], issued["refresh_token"], timezone.now(), timezone.now(), ["pins:read"]
    )
    PinterestAccount.objects.filter(pk=shop.pk).update(**tokens.token_columns(grant))

    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_pinterestaccount")
        row = repr(cursor.fetchall())
    assert issued["access_token"] not in row
    assert issued["refresh_token"] not in row
    assert reread(shop).access_token == issued["access_token"]
    assert reread(shop).refresh_token == issued["refresh_token"]


def test_a_key_that_was_replaced_still_opens_what_it_encrypted(shop, sandbox, settings, caplog):
    old_keys = settings.TOKEN_ENCRYPTION_KEYS
    settings.TOKEN_ENCRYPTION_KEYS = ["MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=", *old_keys]
    assert username_of(shop) == "chairshop"

    settings.TOKEN_ENCRYPTION_KEYS = settings.TOKEN_ENCRYPTION_KEYS[:1]
    with pytest.raises(ReconnectNeeded, match="can't be read on this server anymore. Reconnect the account"):
        username_of(shop)
    # What the operator can do is in the log; the marketer's page has no names of settings.
    assert "Add the key that encrypted it to TOKEN_ENCRYPTION_KEYS" in caplog.text
    assert "TOKEN_ENCRYPTION_KEYS" not in reread(shop).trouble


def test_a_living_token_is_used_as_it_is(shop, sandbox):
    assert username_of(shop) == "chairshop"

    assert refreshes(sandbox) == 0


@pytest.mark.parametrize("left", [timedelta(minutes=4), timedelta(0), timedelta(days=-3)])
def test_a_token_that_ends_within_five_minutes_is_refreshed_before_it_is_used(shop, sandbox, left):
    before = shop.access_token, shop.refresh_token
    let_access_expire(shop, seconds=-left.total_seconds())

    assert username_of(shop) == "chairshop"

    stored = reread(shop)
    assert refreshes(sandbox) == 1
    assert stored.access_token != before[0]
    assert stored.refresh_token != before[1]
    assert abs(stored.access_expires_at - timezone.now() - timedelta(days=30)) < timedelta(minutes=1)
    assert abs(stored.refresh_expires_at - timezone.now() - timedelta(days=60)) < timedelta(minutes=1)
    assert (stored.refresh_claim_token, stored.refresh_claimed_until) == (None, None)
    assert stored.scopes == shop.scopes


def test_the_refreshed_pair_can_be_refreshed_again(shop, sandbox):
    for _ in range(3):
        let_access_expire(shop, minutes=1)
        username_of(shop)

    assert refreshes(sandbox) == 3
    assert reread(shop).is_active


def test_a_401_is_answered_by_one_refresh_and_one_repetition(shop, sandbox):
    sandbox.expire(username="chairshop")

    assert username_of(shop) == "chairshop"

    assert refreshes(sandbox) == 1
    assert [request["status"] for request in sandbox.requests("user_account/get")] == [401, 200]


def test_a_revoked_account_needs_reconnecting_and_says_so(shop, sandbox):
    sandbox.revoke(username="chairshop")

    with pytest.raises(ReconnectNeeded):
        username_of(shop)

    stored = reread(shop)
    assert stored.status == AccountStatus.NEEDS_RECONNECT
    assert "Reconnect the account" in stored.trouble
    assert (stored.refresh_claim_token, stored.refresh_claimed_until) == (None, None)


@pytest.mark.parametrize("status", [400, 401])
def test_a_refused_refresh_needs_reconnecting(shop, sandbox, status):
    let_access_expire(shop, minutes=1)
    sandbox.fault("oauth/token", "message", status=status, code=1, message="invalid_grant")

    with pytest.raises(ReconnectNeeded) as caught:
        username_of(shop)

    assert caught.value.message == "invalid_grant"
    assert reread(shop).status == AccountStatus.NEEDS_RECONNECT


def test_a_401_right_after_a_refresh_needs_reconnecting(shop, sandbox):
    sandbox.fault("user_account/get", "unauthorized", times=None)

    with pytest.raises(ReconnectNeeded):
        username_of(shop)

    assert refreshes(sandbox) == 1
    assert len(sandbox.requests("user_account/get")) == 2
    assert reread(shop).status == AccountStatus.NEEDS_RECONNECT


NO_REVOCATION = [
    ("server_error", {}, tokens.RefreshFailed),
    ("connection_closed", {}, tokens.RefreshFailed),
    ("rate_limited", {"seconds": 30}, RateLimited),
    ("spam", {}, tokens.RefreshFailed),
    ("message", {"status": 403, "code": 29, "message": "Not now."}, tokens.RefreshFailed),
    ("message", {"status": 404, "code": 1, "message": "Not here."}, tokens.RefreshFailed),
    *(("proxy", {"status": status, "body": "html"}, tokens.RefreshFailed) for status in (400, 401, 403, 404, 407)),
    ("proxy", {"status": 400, "body": "json"}, tokens.RefreshFailed),
    ("proxy", {"status": 401, "body": "empty"}, tokens.RefreshFailed),
    ("proxy", {"status": 429, "seconds": 30}, RateLimited),
]


@pytest.mark.parametrize(("kind", "keys", "error"), NO_REVOCATION, ids=[f"{kind} {k}" for kind, k, _ in NO_REVOCATION])
def test_a_refresh_that_fails_for_another_reason_is_no_revocation(shop, sandbox, kind, keys, error):
    let_access_expire(shop, minutes=1)
    sandbox.fault("oauth/token", kind, **keys)

    with pytest.raises(error):
        username_of(shop)

    assert (reread(shop).status, reread(shop).trouble) == (AccountStatus.ACTIVE, "")
    with time_machine.travel(timezone.now() + AFTER_THE_PAUSE):
        assert username_of(reread(shop)) == "chairshop"


@pytest.mark.parametrize("kind", ["server_error", "proxy", "rate_limited"])
def test_a_token_that_is_known_to_be_dead_is_not_sent_again_while_its_refresh_fails(shop, sandbox, kind):
    sandbox.expire(username="chairshop")
    sandbox.fault("oauth/token", kind, times=3)

    for _ in range(3):
        with pytest.raises((tokens.RefreshFailed, RateLimited)):
            username_of(reread(shop))
    assert [request["status"] for request in sandbox.requests("user_account/get")] == [401]

    sandbox.clear_faults()
    with time_machine.travel(timezone.now() + AFTER_THE_PAUSE):
        assert username_of(reread(shop)) == "chairshop"
    assert [request["status"] for request in sandbox.requests("user_account/get")] == [401, 200]


def test_a_401_of_a_proxy_neither_refreshes_nor_ends_the_connection(shop, sandbox):
    sandbox.fault("user_account/get", "proxy", status=401, times=2)

    with pytest.raises(AnsweredByProxy):
        username_of(shop)

    assert refreshes(sandbox) == 0
    assert reread(shop).is_active
    assert reread(shop).access_expires_at == shop.access_expires_at


def test_a_refresh_without_a_new_refresh_token_keeps_the_old_one_and_its_end(shop, sandbox):
    sandbox.options(legacy_refresh=True)
    ends_at = timezone.now() + timedelta(days=20)
    PinterestAccount.objects.filter(pk=shop.pk).update(refresh_expires_at=ends_at)
    for _ in range(2):
        let_access_expire(shop, minutes=1)
        assert username_of(shop) == "chairshop"

    stored = reread(shop)
    assert refreshes(sandbox) == 2
    assert (stored.refresh_token, stored.refresh_expires_at) == (shop.refresh_token, ends_at)
    # Renewing does not make it live longer, so it is done for the access token only.
    assert stored.renew_at > timezone.now() + timedelta(days=24)
    assert stored.is_active


def test_a_missing_scope_is_no_reason_to_reconnect(shop, sandbox):
    shop.access_token_encrypted = encryption.encrypt(sandbox.token("chairshop", scopes=["pins:read"]))
    shop.save(update_fields=["access_token_encrypted"])

    with pytest.raises(PinterestClientError) as caught:
        username_of(shop)

    assert caught.value.status == 403
    assert refreshes(sandbox) == 0
    assert reread(shop).is_active


def test_a_disconnected_account_has_no_tokens_to_use(shop, sandbox):
    connections.disconnect(shop, by=UserFactory(), now=timezone.now())

    with pytest.raises(ReconnectNeeded):
        username_of(reread(shop))

    assert sandbox.requests() == []


def test_an_account_that_needs_reconnecting_sends_nothing(shop, sandbox):
    shop.status, shop.trouble = AccountStatus.NEEDS_RECONNECT, "It was revoked. Reconnect the account."
    shop.save()

    with pytest.raises(ReconnectNeeded, match="It was revoked"):
        username_of(shop)

    assert sandbox.requests() == []


def test_an_account_without_a_refresh_token_needs_reconnecting_once_its_access_ends(shop, sandbox):
    shop.refresh_token_encrypted = ""
    shop.save(update_fields=["refresh_token_encrypted"])
    assert username_of(shop) == "chairshop"
    let_access_expire(shop, minutes=1)

    with pytest.raises(ReconnectNeeded):
        username_of(shop)

    assert refreshes(sandbox) == 0
    assert reread(shop).status == AccountStatus.NEEDS_RECONNECT


def test_no_transaction_is_open_while_pinterest_is_asked(shop, sandbox, monkeypatch, django_assert_num_queries):
    let_access_expire(shop, minutes=1)
    depth = []
    outer = len(connection.savepoint_ids)

    def refresh(*args):
        depth.append(len(connection.savepoint_ids) - outer)
        return refresh_tokens(*args)

    monkeypatch.setattr(tokens, "refresh_tokens", refresh)

    username_of(shop)

    assert depth == [0]


def test_tokens_that_no_key_opens_need_a_reconnection(team, settings):
    settings.TOKEN_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]

    with pytest.raises(ReconnectNeeded):
        tokens.call(team.account, lambda client: client.fetch_boards())

    team.account.refresh_from_db()
    assert team.account.status == AccountStatus.NEEDS_RECONNECT
    assert "can't be read on this server anymore" in team.account.trouble
