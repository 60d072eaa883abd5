from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.utils import timezone

from accounts import tasks
from accounts.deletion import execution
from accounts.models import AccountStatus, PinterestAccount, WebhookDelivery, WebhookEndpoint, WebhookEvent
from accounts.webhooks import outbox, services
from tests.webhook_factories import WebhookDeliveryFactory, WebhookEndpointFactory

pytestmark = pytest.mark.django_db

FAILED = WebhookEvent.PIN_FAILED


def test_an_event_goes_to_each_endpoint_of_the_workspace_that_has_chosen_it(team):
    one, two = WebhookEndpointFactory.create_batch(2, workspace=team.workspace, events=["pin.failed"])
    WebhookEndpointFactory(workspace=team.workspace, events=["pin.published"])
    WebhookEndpointFactory(workspace=team.workspace, switched_off_at=timezone.now())
    WebhookEndpointFactory()
    asked = []

    def describe(keys):
        asked.extend(keys)
        return {key: {"pin": {"id": key}} for key in keys}

    happened = [(FAILED, 1), (WebhookEvent.PIN_ON_HOLD, 2), (FAILED, 3)]
    outbox.tell(team.workspace.pk, happened, describe, now=timezone.now())

    deliveries = WebhookDelivery.objects.order_by("pk")
    assert [each.endpoint for each in deliveries] == [one, two, one, two]
    assert sorted(asked) == [1, 3]
    first, again, other, _ = deliveries
    assert first.event_id == again.event_id != other.event_id


def test_where_no_endpoint_listens_an_event_costs_one_query(team, django_assert_num_queries):
    WebhookEndpointFactory(workspace=team.workspace, events=["pin.published"])

    with django_assert_num_queries(1):
        outbox.tell(team.workspace.pk, [(FAILED, 1)] * 50, lambda keys: pytest.fail("asked"), now=timezone.now())


def test_deliveries_are_deleted_after_14_days(team):
    now = timezone.now()
    old = WebhookDeliveryFactory(created_at=now - services.KEEP - timedelta(minutes=1))
    kept = WebhookDeliveryFactory(created_at=now - services.KEEP + timedelta(minutes=1))

    tasks.delete_old_webhook_deliveries()

    assert list(WebhookDelivery.objects.all()) == [kept]
    assert old.pk != kept.pk


def test_old_deliveries_are_deleted_batch_by_batch(monkeypatch):
    monkeypatch.setattr(services, "BATCH", 2)
    now = timezone.now()
    WebhookDeliveryFactory.create_batch(5, created_at=now - services.KEEP - timedelta(minutes=1))

    assert services.delete_old(now) == 5


def test_keys_are_rotated_of_both_secrets(settings, team, capsys):
    now = timezone.now()
    endpoint, old = services.create(team.workspace, "https://example.com/", ["pin.failed"], by=team.alice, now=now)
    new = services.rotate_secret(endpoint, by=team.alice, now=now)
    settings.TOKEN_ENCRYPTION_KEYS = [Fernet.generate_key().decode(), *settings.TOKEN_ENCRYPTION_KEYS]

    call_command("rotate_token_keys")

    settings.TOKEN_ENCRYPTION_KEYS = settings.TOKEN_ENCRYPTION_KEYS[:1]
    assert WebhookEndpoint.objects.get().secrets(now) == [new, old]
    assert "Secrets of 1 webhooks" in capsys.readouterr().out


def test_an_account_event_tells_name_status_and_trouble_and_no_token(team):
    WebhookEndpointFactory(workspace=team.workspace)
    PinterestAccount.objects.update(status=AccountStatus.NEEDS_RECONNECT, trouble="It was revoked.")
    team.account.refresh_from_db()

    outbox.tell_account(team.account, WebhookEvent.ACCOUNT_RECONNECT_NEEDED, now=timezone.now())

    body = WebhookDelivery.objects.get().body
    assert f'"username": "{team.account.username}", "status": "needs_reconnect", "trouble": "It was revoked."' in body
    assert "pina_" not in body
    assert "token" not in body


def test_the_deletion_of_a_workspace_switches_its_webhooks_off_at_once(team):
    now = timezone.now()
    endpoint = WebhookDeliveryFactory(endpoint__workspace=team.workspace).endpoint
    other = WebhookDeliveryFactory()
    team.workspace.delete_at = now
    team.workspace.save()

    assert execution.begin_workspace_deletion(team.workspace, now)

    endpoint.refresh_from_db()
    assert not endpoint.is_on
    assert list(WebhookDelivery.objects.due(timezone.now())) == [other]
