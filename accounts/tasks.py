"""Entry points for django-q2 and the clock; the schedules of migrations 0003, 0006 and 0027 name them."""

from django.utils import timezone

from .connections import expiry_alerts, token_renewal
from .notifications import digests
from .notifications import services as notifications
from .webhooks import delivery as webhook_delivery
from .webhooks import services as webhooks


def renew_due_tokens() -> None:
    """Renew the tokens that are due."""
    token_renewal.renew_due()


def send_notifications() -> None:
    """Send alerts and emails that are due, and delete old notifications."""
    now = timezone.now()
    expiry_alerts.tell_due(now)
    digests.send_due(now)
    notifications.delete_old(now)


def enqueue_webhooks() -> bool:
    """Send a message if deliveries of webhooks are due, and return whether it was."""
    return webhook_delivery.enqueue_due(timezone.now())


def deliver_webhooks() -> None:
    """Send the deliveries of webhooks that are due."""
    webhook_delivery.deliver_due()


def delete_old_webhook_deliveries() -> None:
    """Delete deliveries of webhooks that are no longer kept."""
    webhooks.delete_old(timezone.now())
