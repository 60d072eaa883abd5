"""Tokens live and die at the sandbox; expiry on our side is a column, on its side a control."""

import threading
from datetime import timedelta

import pytest
import time_machine
from cryptography.fernet import Fernet
from django.db import connection
from django.utils import timezone

from accounts import connections, encryption, tokens
from accounts.models import AccountStatus, PinterestAccount
from postiz_pins.pinterest.errors import (
    AnsweredByProxy,
    PinterestError,
    RateLimited,
    ReconnectNeeded,
    Refused,
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
    with pytest.raises(ReconnectNeeded, match="can no longer be read on this server. Connect the account again"):
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
    assert "Connect the account again" in stored.trouble
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

    with pytest.raises(Refused) as caught:
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
    shop.status, shop.trouble = AccountStatus.NEEDS_RECONNECT, "It was revoked. Connect the account again."
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


def test_the_loser_waits_and_sends_nothing(shop, sandbox):
    let_access_expire(shop, minutes=1)
    lease = {"refresh_claim_token": "0" * 32, "refresh_claimed_until": timezone.now() + timedelta(seconds=20)}
    PinterestAccount.objects.filter(pk=shop.pk).update(**lease)

    with pytest.raises(tokens.RefreshBusy):
        username_of(shop)

    assert sandbox.requests() == []


def test_a_lease_that_nobody_renewed_is_taken_over(shop, sandbox):
    let_access_expire(shop, minutes=1)
    lease = {"refresh_claim_token": "0" * 32, "refresh_claimed_until": timezone.now() - timedelta(seconds=1)}
    PinterestAccount.objects.filter(pk=shop.pk).update(**lease)

    assert username_of(shop) == "chairshop"


def test_whoever_read_the_row_before_a_refresh_uses_the_new_tokens(shop, sandbox):
    let_access_expire(shop, minutes=1)
    earlier = reread(shop)
    username_of(shop)

    assert username_of(earlier) == "chairshop"

    assert refreshes(sandbox) == 1
    assert earlier.access_token == shop.access_token


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_refresh_only_once(shop, sandbox):
    let_access_expire(shop, minutes=1)
    sandbox.fault("oauth/token", "latency", seconds=0.5)
    barrier = threading.Barrier(2)
    outcomes = []

    def work():
        account = reread(shop)
        barrier.wait(timeout=10)
        try:
            outcomes.append(username_of(account))
        except PinterestError as error:
            outcomes.append(type(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    assert sorted(outcomes, key=str) == [tokens.RefreshBusy, "chairshop"]
    assert refreshes(sandbox) == 1
    assert username_of(reread(shop)) == "chairshop"


@pytest.fixture
def during_refresh(monkeypatch):
    """`during_refresh(happening)`: the answer of the next refresh arrives after `happening()`."""

    def arrange(happening):
        def refresh(*args):
            monkeypatch.setattr(tokens, "refresh_tokens", refresh_tokens)
            try:
                return refresh_tokens(*args)
            finally:
                happening()

        monkeypatch.setattr(tokens, "refresh_tokens", refresh)

    return arrange


def test_an_answer_that_outlives_its_lease_is_still_kept(shop, sandbox, during_refresh):
    """Its refresh token is the only one that is alive."""
    let_access_expire(shop, minutes=1)

    def take_over():
        lease = {"refresh_claim_token": "1" * 32, "refresh_claimed_until": timezone.now() + timedelta(seconds=60)}
        PinterestAccount.objects.filter(pk=shop.pk).update(**lease)

    during_refresh(take_over)

    assert username_of(shop) == "chairshop"
    assert username_of(reread(shop)) == "chairshop"
    assert str(reread(shop).refresh_claim_token).replace("-", "") == "1" * 32


def test_a_second_refresher_that_is_refused_does_no_lasting_harm(shop, sandbox, during_refresh):
    """The first one's answer comes late; meanwhile its used-up token has been refused to the second."""
    let_access_expire(shop, minutes=1)
    second = reread(shop)

    def overtaken():
        PinterestAccount.objects.filter(pk=shop.pk).update(refresh_claimed_until=timezone.now())
        with pytest.raises(ReconnectNeeded):
            username_of(second)

    during_refresh(overtaken)

    assert username_of(shop) == "chairshop"
    assert (reread(shop).status, reread(shop).trouble) == (AccountStatus.ACTIVE, "")


def test_an_account_disconnected_during_a_refresh_stays_disconnected(shop, sandbox, during_refresh):
    let_access_expire(shop, minutes=1)
    during_refresh(lambda: connections.disconnect(shop, by=UserFactory(), now=timezone.now()))

    with pytest.raises(ReconnectNeeded):
        username_of(shop)

    stored = reread(shop)
    assert stored.status == AccountStatus.DISCONNECTED
    assert (stored.access_token_encrypted, stored.refresh_token_encrypted) == ("", "")


def test_an_account_disconnected_just_before_a_refresh_stays_disconnected(shop, sandbox, monkeypatch):
    """Between the claim and the look at the row that follows it, and even if there was nothing to refresh with."""
    let_access_expire(shop, minutes=1)
    PinterestAccount.objects.filter(pk=shop.pk).update(refresh_token_encrypted="")
    reread_columns = PinterestAccount.refresh_from_db

    def disconnect_first(account, *args, **kwargs):
        connections.disconnect(account, by=UserFactory(), now=timezone.now())
        reread_columns(account, *args, **kwargs)

    monkeypatch.setattr(PinterestAccount, "refresh_from_db", disconnect_first)

    with pytest.raises(ReconnectNeeded):
        username_of(shop)

    assert reread(shop).status == AccountStatus.DISCONNECTED


def test_an_account_connected_anew_during_a_refused_refresh_goes_on_with_its_new_tokens(shop, sandbox, during_refresh):
    let_access_expire(shop, minutes=1)
    sandbox.revoke(username="chairshop")

    def connect_again():
        issued = sandbox.tokens("chairshop")
        grant = tokens.TokenGrant(
            issued["access_token"],
            issued["refresh_token"],
            timezone.now() + timedelta(days=30),
            timezone.now() + timedelta(days=60),
            shop.scopes,
        )
        PinterestAccount.objects.filter(pk=shop.pk).update(**tokens.token_columns(grant))

    during_refresh(connect_again)

    assert username_of(shop) == "chairshop"
    assert reread(shop).is_active


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
    assert "can no longer be read on this server" in team.account.trouble
