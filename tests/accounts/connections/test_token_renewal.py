"""Tokens that are renewed ahead of their end, and keys that are replaced; both against the sandbox."""

from datetime import timedelta
from importlib import import_module

import pytest
from cryptography.fernet import Fernet
from django.apps import apps
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.models import Schedule

from accounts.connections import token_renewal, tokens
from accounts.models import AccountStatus, PinterestAccount
from tests.accounts.conftest import connected
from tests.factories import PinterestAccountFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(shop, team):
    """The only account: the team's other one has made-up tokens."""
    team.account.delete()
    return shop


def reread(account):
    return PinterestAccount.objects.get(pk=account.pk)


def refreshes(sandbox):
    return len(sandbox.requests("oauth/token"))


def make_due(*accounts):
    keys = [account.pk for account in accounts]
    PinterestAccount.objects.filter(pk__in=keys).update(renew_at=timezone.now() - timedelta(minutes=1))


def test_a_due_account_gets_new_tokens_with_their_ends_and_the_next_plan(shop, sandbox):
    before = shop.refresh_token
    make_due(shop)

    assert token_renewal.renew_due() == 1

    stored = reread(shop)
    now = timezone.now()
    assert stored.refresh_token != before
    assert abs(stored.access_expires_at - now - timedelta(days=30)) < timedelta(minutes=1)
    assert abs(stored.refresh_expires_at - now - timedelta(days=60)) < timedelta(minutes=1)
    assert abs(stored.renew_at - now - timedelta(days=25)) < timedelta(minutes=1)


def test_what_is_not_due_is_left_alone(shop, sandbox):
    PinterestAccount.objects.filter(pk=shop.pk).update(renew_at=timezone.now() + timedelta(minutes=1))

    assert token_renewal.renew_due() == 0
    assert refreshes(sandbox) == 0


def test_an_account_that_nobody_has_planned_is_due(shop, sandbox):
    assert reread(shop).renew_at is None

    assert token_renewal.renew_due() == 1


def test_an_idle_account_stays_connected_for_a_year(shop, monkeypatch, time_machine):
    """The sandbox's clock cannot be moved with ours, so Pinterest's answer is made here."""
    renewals = []

    def refresh(api_url, app_id, app_secret, refresh_token, now):
        renewals.append(refresh_token)
        number = len(renewals)
        return tokens.TokenGrant(
            f"pina_{number}", f"pinr_{number}", now + timedelta(days=30), now + timedelta(days=60), []
        )

    monkeypatch.setattr(tokens, "refresh_tokens", refresh)
    start, left = timezone.now(), []
    for day in range(365):
        time_machine.move_to(start + timedelta(days=day), tick=False)
        token_renewal.renew_due()
        left.append(reread(shop).refresh_expires_at - timezone.now())

    assert reread(shop).is_active
    assert min(left) >= timedelta(days=30)
    assert len(renewals) == len(set(renewals)) == 15


def test_an_account_that_fails_does_not_stop_the_others_and_is_tried_again_in_an_hour(shop, sandbox, team):
    other = connected(sandbox, "tableshop", workspace=team.workspace)
    make_due(shop, other)
    sandbox.fault("oauth/token", "server_error")

    assert token_renewal.renew_due() == 1

    failed = reread(shop)
    assert failed.is_active
    assert abs(failed.renew_at - timezone.now() - timedelta(hours=1)) < timedelta(minutes=1)
    assert reread(other).renew_at > timezone.now() + timedelta(days=20)


def test_a_revoked_account_is_marked_once_and_not_asked_about_again(shop, sandbox):
    make_due(shop)
    sandbox.revoke(username="chairshop")

    assert token_renewal.renew_due() == 0
    assert token_renewal.renew_due() == 0

    assert reread(shop).status == AccountStatus.NEEDS_RECONNECT
    assert refreshes(sandbox) == 1


def test_a_429_stops_the_sweep_and_the_account_waits_as_long_as_pinterest_says(shop, sandbox, team):
    other = connected(sandbox, "tableshop", workspace=team.workspace)
    make_due(shop, other)
    sandbox.fault("oauth/token", "rate_limited", seconds=7200)

    assert token_renewal.renew_due() == 0

    assert refreshes(sandbox) == 1
    assert reread(shop).renew_at > timezone.now() + timedelta(minutes=119)
    assert reread(other).renew_at < timezone.now(), "the others are still due"


def test_an_account_that_is_not_connected_is_left_alone(shop, sandbox):
    PinterestAccount.objects.filter(pk=shop.pk).update(status=AccountStatus.NEEDS_RECONNECT)

    assert token_renewal.renew_due() == 0
    assert refreshes(sandbox) == 0


def test_one_sweep_at_a_time(shop, sandbox):
    make_due(shop)
    cache.add(token_renewal.TURN_KEY, True, 60)

    assert token_renewal.renew_due() == 0
    assert refreshes(sandbox) == 0


def test_accounts_are_read_in_batches(monkeypatch):
    PinterestAccountFactory.create_batch(7)
    monkeypatch.setattr(token_renewal, "BATCH", 3)
    seen = []
    monkeypatch.setattr(tokens, "renew", lambda account: seen.append(account.pk))

    with CaptureQueriesContext(connection) as captured:
        token_renewal.renew_due()

    assert seen == sorted(PinterestAccount.objects.values_list("pk", flat=True))
    reads = [query["sql"] for query in captured if "accounts_pinterestaccount" in query["sql"]]
    assert len(reads) == 4


def test_the_schedule_is_made_and_names_a_function_that_is_there():
    migration = import_module("accounts.migrations.0003_schedules")
    Schedule.objects.all().delete()

    migration.add_schedule(apps, None)
    migration.add_schedule(apps, None)

    schedule = Schedule.objects.get()
    assert callable(import_string(schedule.func))
    assert (schedule.schedule_type, schedule.minutes, schedule.repeats) == ("I", 10, -1)


def test_after_rotating_the_old_key_can_be_taken_out(shop, sandbox, settings, capsys):
    new, old = Fernet.generate_key().decode(), settings.TOKEN_ENCRYPTION_KEYS
    before = shop.refresh_token
    settings.TOKEN_ENCRYPTION_KEYS = [new, *old]

    call_command("rotate_token_keys")

    settings.TOKEN_ENCRYPTION_KEYS = [new]
    assert "Tokens of 1 accounts" in capsys.readouterr().out
    assert reread(shop).refresh_token == before
    assert tokens.call(reread(shop), lambda client: client.fetch_user_account()).username == "chairshop"


def test_tokens_that_are_being_refreshed_are_not_rotated(shop, sandbox):
    PinterestAccount.objects.filter(pk=shop.pk).update(refresh_claimed_until=timezone.now() + timedelta(seconds=30))

    assert token_renewal.rotate_keys() == 0
    assert reread(shop).refresh_token_encrypted == shop.refresh_token_encrypted


def test_tokens_that_no_key_opens_are_left_and_logged(shop, team, settings, caplog):
    new = Fernet.generate_key().decode()
    settings.TOKEN_ENCRYPTION_KEYS = [new]

    assert token_renewal.rotate_keys() == 0

    assert f"account {shop.pk}" in caplog.text
    assert reread(shop).refresh_token_encrypted == shop.refresh_token_encrypted


def test_a_worker_whose_token_dies_while_the_key_is_rotated_still_refreshes_it(shop, sandbox):
    worker = reread(shop)
    sandbox.expire(username="chairshop")
    assert token_renewal.rotate_keys() == 1

    assert tokens.call(worker, lambda client: client.fetch_user_account()).username == "chairshop"

    assert refreshes(sandbox) == 1
    assert reread(shop).is_active
