"""Two refreshers of one account, and people who connect or disconnect it meanwhile."""

import json
import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.connections import services as connections
from accounts.connections import tokens
from accounts.models import AccountStatus, PinterestAccount, WebhookDelivery
from postiz_pins.pinterest.errors import (
    PinterestError,
    ReconnectNeeded,
)
from postiz_pins.pinterest.oauth import refresh_tokens
from tests.factories import UserFactory
from tests.webhook_factories import WebhookEndpointFactory

from .test_tokens import let_access_expire, refreshes, reread, username_of

pytestmark = pytest.mark.django_db


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

    WebhookEndpointFactory(workspace=shop.workspace)
    during_refresh(overtaken)

    assert username_of(shop) == "chairshop"
    assert (reread(shop).status, reread(shop).trouble) == (AccountStatus.ACTIVE, "")
    told = WebhookDelivery.objects.order_by("pk")
    assert [each.event for each in told] == ["account.reconnect_needed", "account.reconnected"]
    assert json.loads(told.last().body)["data"]["account"]["status"] == "active"


def test_a_refresh_of_an_account_that_is_active_tells_no_webhook(shop, sandbox):
    let_access_expire(shop, minutes=1)
    WebhookEndpointFactory(workspace=shop.workspace)

    assert username_of(shop) == "chairshop"

    assert not WebhookDelivery.objects.exists()


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
