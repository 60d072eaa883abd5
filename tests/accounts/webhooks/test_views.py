import uuid
from functools import partial

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditAction, AuditEntry, DeliveryStatus, WebhookDelivery, WebhookEndpoint, WebhookEvent
from accounts.webhooks import forms, services
from tests.webhook_factories import WebhookDeliveryFactory, WebhookEndpointFactory

pytestmark = pytest.mark.django_db

URL = reverse("accounts:webhook_list")
BODY = {"url": "https://example.com/hooks", "events": ["pin.failed", "pin.published"]}


@pytest.fixture
def endpoint(team):
    return WebhookEndpointFactory(workspace=team.workspace, url=BODY["url"])


def errors(response):
    return response.context["form"].errors


def test_the_secret_of_a_new_webhook_is_shown_once_and_stored_encrypted(team, alice):
    response = alice.post(URL, BODY)

    endpoint = WebhookEndpoint.objects.get()
    (secret,) = endpoint.secrets(timezone.now())
    assert secret.startswith("whsec_")
    assert secret in response.content.decode()
    assert secret not in endpoint.secret_encrypted
    assert endpoint.events == ["pin.published", "pin.failed"]
    assert endpoint.created_by == team.alice
    assert secret not in alice.get(reverse("accounts:webhook_detail", args=[endpoint.pk])).content.decode()
    entry = AuditEntry.objects.get(action=AuditAction.WEBHOOK_ADDED)
    assert (entry.by, entry.target, entry.detail) == (team.alice, BODY["url"], "Events: pin.published, pin.failed.")


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("", "required"),
        ("example.com/hooks", "url_invalid"),
        ("ftp://example.com/", "url_invalid"),
        ("https://", "url_invalid"),
        ("https://[::1/", "url_invalid"),
        ("http://example.com/", "url_not_https"),
        ("https://me:secret@example.com/", "url_credentials"),
        ("https://example.com/#part", "url_fragment"),
        ("https://127.0.0.1/", "url_private"),
        ("https://[::1]/", "url_private"),
        ("https://169.254.169.254/latest", "url_private"),
        ("https://10.0.0.7:8443/", "url_private"),
        ("https://localhost/", "url_private"),
        (f"https://example.com/{'x' * 500}", "max_length"),
    ],
)
def test_a_url_that_events_cannot_be_sent_to_is_refused_at_its_field(alice, url, code):
    response = alice.post(URL, BODY | {"url": url})

    assert [each.code for each in errors(response).as_data()["url"]] == [code]
    assert not WebhookEndpoint.objects.exists()


def test_private_addresses_and_http_are_taken_where_the_operator_allows_them(alice, settings):
    settings.ALLOW_PRIVATE_WEBHOOKS = True

    alice.post(URL, BODY | {"url": "http://n8n.internal:5678/webhook/7"})
    alice.post(URL, BODY | {"url": "http://127.0.0.1:5678/webhook/7"})

    assert WebhookEndpoint.objects.count() == 2


@pytest.mark.parametrize("events", [[], ["pin.burnt"], ["test"]])
def test_events_are_chosen_from_the_list(alice, events):
    assert "events" in errors(alice.post(URL, BODY | {"events": events}))


def test_a_second_webhook_with_the_same_url_and_one_too_many_are_refused(team, alice, endpoint, monkeypatch):
    assert [each.code for each in errors(alice.post(URL, BODY)).as_data()["url"]] == ["url_taken"]
    monkeypatch.setattr(forms, "MOST_ENDPOINTS", 1)
    response = alice.post(URL, BODY | {"url": "https://example.com/other"})

    assert [each.code for each in errors(response).as_data()["__all__"]] == ["too_many_webhooks"]
    assert WebhookEndpoint.objects.count() == 1


def test_a_second_click_adds_no_second_webhook_and_shows_the_same_secret(alice, monkeypatch):
    monkeypatch.setattr(forms, "MOST_ENDPOINTS", 1)
    token = alice.get(URL).context["form"]["form_token"].value()

    first, second = (alice.post(URL, BODY | {"form_token": token}) for _ in range(2))

    assert first.context["secret"] == second.context["secret"]
    assert first.context["endpoint"] == second.context["endpoint"] == WebhookEndpoint.objects.get()
    assert AuditEntry.objects.filter(action=AuditAction.WEBHOOK_ADDED).count() == 1


def test_a_second_click_at_the_same_moment_finds_the_first_by_the_database(team):
    token = uuid.uuid4()
    add = partial(services.create, team.workspace, BODY["url"], BODY["events"], by=team.alice, now=timezone.now())

    assert add(form_token=token) == add(form_token=token)
    assert WebhookEndpoint.objects.count() == 1


def test_the_same_form_with_other_events_changes_those_of_its_webhook(alice):
    body = BODY | {"form_token": uuid.uuid4()}

    first, second = (alice.post(URL, body | {"events": events}) for events in (["pin.failed"], BODY["events"]))

    assert first.context["secret"] == second.context["secret"]
    assert WebhookEndpoint.objects.get().events == ["pin.published", "pin.failed"]
    entry = AuditEntry.objects.get(action=AuditAction.WEBHOOK_CHANGED)
    assert entry.detail == "Events: pin.published, pin.failed."


def test_the_same_form_with_another_url_adds_another_webhook(alice):
    token = uuid.uuid4()

    for url in (BODY["url"], "https://example.com/other"):
        alice.post(URL, BODY | {"form_token": token, "url": url})

    assert WebhookEndpoint.objects.count() == 2


def test_another_workspace_may_have_the_same_url(team, alice):
    WebhookEndpointFactory(url=BODY["url"])

    alice.post(URL, BODY)

    assert WebhookEndpoint.objects.in_workspace(team.workspace).count() == 1


def test_url_and_events_are_changed(team, alice, endpoint):
    alice.post(
        reverse("accounts:webhook_detail", args=[endpoint.pk]),
        {"url": "https://example.com/new", "events": "pin.failed"},
    )

    endpoint.refresh_from_db()
    assert (endpoint.url, endpoint.events) == ("https://example.com/new", ["pin.failed"])
    entry = AuditEntry.objects.get(action=AuditAction.WEBHOOK_CHANGED)
    assert entry.detail == f"It was {BODY['url']}. Events: pin.failed."


def test_a_rotated_secret_is_shown_once_and_the_old_one_stays_for_a_day(alice, endpoint):
    now = timezone.now()
    (old,) = endpoint.secrets(now)

    response = alice.post(reverse("accounts:webhook_rotate", args=[endpoint.pk]))

    endpoint.refresh_from_db()
    new, previous = endpoint.secrets(now)
    assert previous == old != new
    assert new in response.content.decode()
    assert old not in response.content.decode()
    assert endpoint.secrets(endpoint.previous_secret_until) == [new]


def test_a_second_click_rotates_no_second_time_and_shows_the_same_secret(alice, endpoint):
    now, url = timezone.now(), reverse("accounts:webhook_rotate", args=[endpoint.pk])
    (old,) = endpoint.secrets(now)
    page = alice.get(reverse("accounts:webhook_detail", args=[endpoint.pk]))
    token = page.context["rotate_form"]["form_token"].value()

    first, second = (alice.post(url, {"form_token": token}) for _ in range(2))
    endpoint.refresh_from_db()
    assert first.context["secret"] == second.context["secret"]
    assert endpoint.secrets(now) == [first.context["secret"], old]
    later = alice.post(url, {"form_token": uuid.uuid4()})

    endpoint.refresh_from_db()
    assert endpoint.secrets(now) == [later.context["secret"], first.context["secret"]]
    assert AuditEntry.objects.filter(detail="Secret rotated.").count() == 2


def test_a_test_event_is_sent_whatever_was_chosen_but_not_while_it_is_off(alice, endpoint):
    WebhookEndpoint.objects.update(events=["pin.failed"])
    url = reverse("accounts:webhook_test", args=[endpoint.pk])
    alice.post(url)
    WebhookEndpoint.objects.update(switched_off_at=timezone.now())
    response = alice.post(url, follow=True)

    delivery = WebhookDelivery.objects.get()
    assert delivery.event == WebhookEvent.TEST
    assert "This webhook is off." in response.content.decode()


def test_switching_off_and_on_is_recorded_and_forgets_the_trouble(team, alice, endpoint):
    url = reverse("accounts:webhook_switch", args=[endpoint.pk])
    WebhookEndpoint.objects.update(failing_since=timezone.now())
    for state in ("off", "off", "on"):
        alice.post(url, {"state": state})

    endpoint.refresh_from_db()
    assert (endpoint.is_on, endpoint.failing_since, endpoint.trouble) == (True, None, "")
    details = AuditEntry.objects.filter(action=AuditAction.WEBHOOK_CHANGED).order_by("pk")
    assert list(details.values_list("detail", flat=True)) == ["Switched off.", "Switched on."]


def test_deleting_asks_first_and_takes_the_deliveries_along(alice, endpoint):
    WebhookDeliveryFactory(endpoint=endpoint)
    url = reverse("accounts:webhook_delete", args=[endpoint.pk])

    assert "Delete this webhook?" in alice.get(url).content.decode()
    assert WebhookEndpoint.objects.exists()
    alice.post(url)

    assert not WebhookEndpoint.objects.exists()
    assert not WebhookDelivery.objects.exists()
    assert AuditEntry.objects.filter(action=AuditAction.WEBHOOK_DELETED).count() == 1


def test_a_delivery_is_shown_with_its_payload_and_answer(alice, endpoint):
    delivery = WebhookDeliveryFactory(
        endpoint=endpoint, attempts=2, response_status=500, response_excerpt="<b>no</b>", last_attempt_at=timezone.now()
    )

    page = alice.get(reverse("accounts:webhook_delivery", args=[delivery.pk])).content.decode()

    assert "Status 500" in page
    assert "&lt;b&gt;no&lt;/b&gt;" in page
    assert "{\n  &quot;type&quot;: &quot;pin.published&quot;" in page
    assert delivery.event_id in page


def test_send_again_begins_anew_with_the_same_id(alice, endpoint):
    failed = {"status": DeliveryStatus.FAILED, "attempts": 8, "next_attempt_at": None}
    delivery = WebhookDeliveryFactory(endpoint=endpoint, **failed)
    before = delivery.event_id

    alice.post(reverse("accounts:webhook_resend", args=[delivery.pk]))

    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts, delivery.event_id) == (DeliveryStatus.PENDING, 0, before)
    assert WebhookDelivery.objects.due(timezone.now()).exists()


def test_nothing_is_sent_again_while_it_is_being_sent_or_the_webhook_is_off(alice, endpoint):
    now = timezone.now()
    delivery = WebhookDeliveryFactory(endpoint=endpoint, attempts=3, claimed_until=now + services.KEEP)
    url = reverse("accounts:webhook_resend", args=[delivery.pk])
    assert "being sent right now" in alice.post(url, follow=True).content.decode()
    WebhookDelivery.objects.update(claimed_until=None)
    WebhookEndpoint.objects.update(switched_off_at=now)
    assert "This webhook is off." in alice.post(url, follow=True).content.decode()

    delivery.refresh_from_db()
    assert delivery.attempts == 3


def test_pages_of_deliveries_cost_equally_many_queries(alice, endpoint, django_assert_num_queries):
    WebhookDeliveryFactory.create_batch(1, endpoint=endpoint)
    url = reverse("accounts:webhook_detail", args=[endpoint.pk])
    alice.get(url)
    with django_assert_num_queries(6):
        alice.get(url)
    WebhookDeliveryFactory.create_batch(30, endpoint=endpoint)
    with django_assert_num_queries(6):
        page = alice.get(url).content.decode()

    assert page.count('id="delivery-') == 25
    assert "Older deliveries" in page
