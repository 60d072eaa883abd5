"""Valid rows of webhooks from no arguments, like those of factories.py."""

import factory
from django.utils import timezone

from accounts.models import WebhookDelivery, WebhookEndpoint, WebhookEvent
from postiz_pins.common import encryption
from tests.factories import WorkspaceFactory


class WebhookEndpointFactory(factory.django.DjangoModelFactory):
    """An endpoint that is sent every event."""

    class Meta:
        model = WebhookEndpoint

    workspace = factory.SubFactory(WorkspaceFactory)
    url = factory.Sequence(lambda n: f"https://example.com/hooks/{n}")
    events = WebhookEvent.values
    secret_encrypted = factory.LazyFunction(lambda: encryption.encrypt("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))


class WebhookDeliveryFactory(factory.django.DjangoModelFactory):
    """A delivery that waits for its first attempt."""

    class Meta:
        model = WebhookDelivery

    endpoint = factory.SubFactory(WebhookEndpointFactory)
    event_id = factory.Sequence(lambda n: f"msg_{n}")
    event = WebhookEvent.PIN_PUBLISHED
    body = '{"type": "pin.published", "data": {}}'
    next_attempt_at = factory.LazyFunction(timezone.now)
