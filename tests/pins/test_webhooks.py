"""What happens to pins, accounts and imports is told to webhooks, in the transaction that writes it."""

import json
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.connections import services as connections
from accounts.connections import tokens
from accounts.models import AccountStatus, PinterestAccount, WebhookDelivery, WebhookEndpoint
from pins import deletion
from pins.composer import services as composer
from pins.composer.services import Submission
from pins.imports import jobs, services
from pins.lifecycle import notifications
from pins.lifecycle.transitions import transition
from pins.models import ImportStatus, Pin, PinEventKind, PinStatus
from pins.rules.composition import Composition
from pins.scheduling import approval
from pins.scheduling import services as scheduling
from postiz_pins.pinterest.client import UserAccount
from postiz_pins.pinterest.oauth import SCOPES, TokenGrant
from tests.api_client import ApiClient
from tests.factories import MediaFileFactory, PinFactory
from tests.pins.imports.helpers import NOW, imported
from tests.webhook_factories import WebhookEndpointFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def endpoint(team):
    return WebhookEndpointFactory(workspace=team.workspace)


def told():
    """The events since the last call, with what their pin, account or import is said to be."""
    bodies = [json.loads(body) for body in WebhookDelivery.objects.order_by("pk").values_list("body", flat=True)]
    WebhookDelivery.objects.all().delete()
    return [(body["type"], next(iter(body["data"].values()))) for body in bodies]


def events():
    return [event for event, _ in told()]


def content_of(team):
    pin = PinFactory(board=team.board, status=PinStatus.DRAFT, title="Stühle & ‮more", attachments=2)
    return Composition.of(Pin.objects.with_content().get(pk=pin.pk))


def test_a_new_pin_is_told_as_the_api_shows_it(team):
    submission = Submission(composition=content_of(team), by=team.alice, now=timezone.now())

    pin = composer.create(submission, workspace=team.workspace).pin

    shown = ApiClient(team.workspace, team.alice).get("/api/pins").json()["pins"][0]
    assert shown["id"] == pin.pk
    assert len(shown["attachments"]) == 2
    assert told() == [("pin.created", shown)]


def test_what_people_decide_is_told_with_the_status_that_it_leads_to(team):
    now = timezone.now()
    pin = PinFactory(board=team.board, status=PinStatus.DRAFT, publish_at=None)

    approval.propose(pin, by=team.alice, now=now)
    pin.refresh_from_db()
    approval.send_back(pin, "Not yet.", version=pin.version, by=team.alice, now=now)
    pin.refresh_from_db()
    approval.propose(pin, by=team.alice, now=now)
    pin.refresh_from_db()
    approval.approve(pin, version=pin.version, by=team.alice, now=now)
    assert [(event, pin["status"]) for event, pin in told()] == [
        ("pin.proposed", "proposed"),
        ("pin.sent_back", "draft"),
        ("pin.proposed", "proposed"),
        ("pin.approved", "scheduled"),
    ]

    pin.refresh_from_db()
    scheduling.cancel(pin, by=team.alice)
    assert events() == []
    pin.refresh_from_db()
    at = now.replace(microsecond=0) + timedelta(days=1)
    approval.send_out(pin, at, by=team.alice, now=now)
    ((event, shown),) = told()
    assert (event, shown["publish_at"]) == ("pin.scheduled", at.isoformat().replace("+00:00", "Z"))


def test_what_workers_do_is_told(team):
    pin = PinFactory(board=team.board, status=PinStatus.CREATING)
    columns = {"pinterest_pin_id": "812", "published_at": timezone.now()}
    transition(pin, PinStatus.PUBLISHED, PinEventKind.PUBLISHED, **columns)
    failing = PinFactory(board=team.board, status=PinStatus.CREATING)
    transition(failing, PinStatus.FAILED, PinEventKind.FAILED, error_code="board_not_found", error_text="Board gone")

    (published, shown), (failed, trouble) = told()
    assert (published, shown["pinterest_pin_id"], shown["status"]) == ("pin.published", "812", "published")
    assert (failed, trouble["error"]["code"]) == ("pin.failed", "board_not_found")


def test_what_is_rolled_back_is_not_told(team):
    pin = PinFactory(board=team.board, status=PinStatus.DRAFT)

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        approval.propose(pin, by=team.alice, now=timezone.now())
        raise ZeroDivisionError

    assert events() == []


def test_pins_on_hold_are_told_once(team):
    now = timezone.now()
    PinterestAccount.objects.update(status=AccountStatus.NEEDS_RECONNECT)
    pins = [PinFactory(board=team.board, status=PinStatus.SCHEDULED, publish_at=now) for _ in range(2)]

    for _ in range(2):
        notifications.tell_held(now + timedelta(minutes=1))

    assert [(event, shown["id"]) for event, shown in told()] == [("pin.on_hold", pin.pk) for pin in pins]


def test_a_deleted_pin_is_told_as_it_was(team):
    pin = PinFactory(board=team.board, status=PinStatus.DRAFT, title="Oak")
    other = PinFactory(board=team.board, status=PinStatus.PUBLISHED, title="Ash")

    composer.delete_pin(pin, by=team.alice, now=timezone.now())
    deletion.delete_pins([other.pk], timezone.now())

    assert [(event, shown["title"]) for event, shown in told()] == [("pin.removed", "Oak"), ("pin.removed", "Ash")]


def test_an_account_that_is_lost_and_connected_again_is_told_once_each(team):
    account = team.account
    tokens._mark_dead(account)
    tokens._mark_dead(account)
    profile = UserAccount(id=account.pinterest_user_id, username="oak", account_type="BUSINESS", avatar_url="")
    now = timezone.now()
    grant = TokenGrant("pina_new", "pinr_new", now + timedelta(days=30), now + timedelta(days=60), list(SCOPES))
    for _ in range(2):
        connections.connect(team.workspace, profile, grant, by=team.alice, now=now)

    lost, again = told()
    assert lost == (
        "account.reconnect_needed",
        {"username": account.username, "status": "needs_reconnect", "trouble": tokens.REVOKED},
    )
    assert again == ("account.reconnected", {"username": "oak", "status": "active", "trouble": None})


def test_an_import_is_told_when_its_pins_are_there(team):
    team.board.name = "Chairs"
    team.board.save()
    MediaFileFactory(workspace=team.workspace, original_name="oak.jpg")
    row = {"Title": "Oak", "Library file": "oak.jpg", "Board": "Chairs", "Link": "https://example.com/"}
    pin_import = imported(team, row, row | {"Board": "None such"})
    services.begin(pin_import, ImportStatus.CREATING, by=team.alice, now=NOW)
    WebhookEndpoint.objects.update(events=["import.finished"])

    jobs.work_on(pin_import.pk, timezone.now())

    ((event, shown),) = told()
    assert event == "import.finished"
    assert (shown["id"], shown["status"], shown["rows"], shown["created"]) == (pin_import.pk, "review", 2, 1)
    assert "problems" not in shown
