"""One worker takes steps by hand; the sandbox is real, time moves with time-machine."""

import errno
from datetime import timedelta

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.utils import timezone

from accounts.models import AccountStatus, PinterestAccount
from pins.lifecycle.transitions import transition
from pins.models import MediaFile, Pin, PinEventKind, PinQuerySet, PinStatus
from pins.publishing import payload, worker
from pins.publishing.claims import WorkerLease, claim_pin, read_claimed
from pins.publishing.slots import LEASE
from pins.scheduling import services as scheduling
from tests.pins.worker_helpers import advance

pytestmark = pytest.mark.django_db


def events(pin):
    return [event.kind for event in pin.events.all()]


def test_a_due_pin_is_published_with_everything_a_person_wrote(shop):
    pin = shop.pin(
        title="Chair 🪑 كرسي",
        description="Line one\nLine two",
        link="https://example.com/chair",
        alt_text="An oak chair",
        dominant_color="#FF5722",
    )

    advance(pin)

    [live] = shop.live()
    assert (pin.status, pin.pinterest_pin_id) == (PinStatus.PUBLISHED, live["id"])
    assert pin.published_at is not None
    assert (live["title"], live["description"]) == ("Chair 🪑 كرسي", "Line one\nLine two")
    assert (live["link"], live["alt_text"]) == ("https://example.com/chair", "An oak chair")
    assert live["dominant_color"].upper() == "#FF5722"
    assert events(pin) == [PinEventKind.SENDING, PinEventKind.PUBLISHED]
    assert (pin.claim_token, pin.next_attempt_at, pin.sent_at) == (None, None, None)


def test_fields_left_empty_are_not_sent(shop):
    pin = shop.pin(title="", description="", link="")

    advance(pin)

    [request] = shop.sandbox.requests("pins/create")
    assert set(request["body"]) == {"board_id", "media_source"}


def test_a_second_message_for_a_published_pin_changes_nothing(shop):
    pin = advance(shop.pin())

    advance(pin)

    assert len(shop.live()) == 1


def test_a_pin_is_not_taken_before_its_minute(shop):
    later = timezone.now() + timedelta(minutes=5)
    pin = shop.pin(publish_at=later)

    assert advance(pin).status == PinStatus.SCHEDULED
    assert shop.live() == []
    assert advance(pin, after=timedelta(minutes=5, seconds=1)).status == PinStatus.PUBLISHED


def test_images_go_as_base64_when_this_server_cannot_be_reached(shop, settings):
    settings.PUBLIC_URL = "http://localhost:8000"

    advance(shop.pin())

    assert shop.sandbox.requests("pins/create")[0]["body"]["media_source"]["source_type"] == "image_base64"


def test_images_go_by_url_when_asked_to(shop, settings, live_server):
    settings.PUBLIC_URL = live_server.url
    settings.PINTEREST_IMAGE_SOURCE = "url"

    pin = advance(shop.pin())

    source = shop.sandbox.requests("pins/create")[0]["body"]["media_source"]
    assert pin.status == PinStatus.PUBLISHED
    file = pin.media_files[0].file
    in_bucket = file.storage.address(file.name, payload.PINTEREST_SECONDS)
    assert source == {"source_type": "image_url", "url": in_bucket or live_server.url + file.url}


@pytest.mark.parametrize("words", ["Unable to reach the URL.", "Sorry we could not fetch the image."])
def test_an_image_that_pinterest_cannot_fetch_is_sent_along_the_next_time(shop, settings, words):
    settings.PUBLIC_URL = settings.S3_PUBLIC_URL = "https://pins.example.com"
    shop.sandbox.fault("pins/create", "message", status=400, code=1, message=words)
    pin = advance(shop.pin())
    assert (pin.status, pin.error_code, pin.attempts) == (PinStatus.SCHEDULED, "unreachable_url", 1)

    advance(pin, after=timedelta(minutes=2))

    assert pin.status == PinStatus.PUBLISHED
    assert shop.sandbox.requests("pins/create")[1]["body"]["media_source"]["source_type"] == "image_base64"


@pytest.mark.parametrize("kind", ["carousel", "video_pin"])
def test_images_of_carousels_and_covers_that_cannot_be_fetched_are_sent_along(quick, settings, kind):
    """The sandbox really fetches them, and nobody is at this address."""
    settings.PUBLIC_URL = settings.S3_PUBLIC_URL = "http://127.0.0.1:9"
    settings.PINTEREST_IMAGE_SOURCE = "url"
    pin = getattr(quick, kind)()
    for minutes in range(4):
        advance(pin, after=timedelta(minutes=2 * minutes))

    by_url, with_bytes = (request["body"]["media_source"] for request in quick.sandbox.requests("pins/create"))
    assert pin.status == PinStatus.PUBLISHED
    assert len(quick.live()) == 1
    if kind == "carousel":
        assert by_url["source_type"] == "multiple_image_urls"
        assert with_bytes["source_type"] == "multiple_image_base64"
    else:
        assert "cover_image_url" in by_url
        assert "cover_image_data" in with_bytes


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (("trial", {}), "trial_access"),
        (("board_not_found", {}), "board_not_found"),
        (("spam", {}), "spam"),
        (("message", {"status": 400, "code": 1, "message": "'x' does not match '^\\d+$'"}), "board_not_found"),
        (("message", {"status": 400, "code": 1, "message": "Sorry, we blocked this link."}), "link_blocked"),
        (("message", {"status": 403, "code": 9, "message": "Sorry! We blocked this link because it may lead to spam."}),
         "link_blocked"),
        (("message", {"status": 429, "code": 9, "message": "Sorry! We blocked this link because it may lead to spam."}),
         "link_blocked"),
        (("message", {"status": 403, "code": 29, "message": "You are not permitted to access that resource."}),
         "not_permitted"),
    ],
)  # fmt: skip
def test_a_refusal_fails_with_its_explanation_and_pinterests_words(shop, fault, code):
    kind, options = fault
    shop.sandbox.fault("pins/create", kind, **options)

    pin = advance(shop.pin())

    assert (pin.status, pin.error_code, pin.next_attempt_at) == (PinStatus.FAILED, code, None)
    assert options.get("message", "") in pin.error_text
    assert "request" in pin.error_text
    assert shop.live() == []


def test_a_rule_broken_since_scheduling_fails_before_anything_is_sent(shop):
    pin = shop.pin()
    shop.board.missing_since = timezone.now()
    shop.board.save()

    advance(pin)

    assert (pin.status, pin.error_code) == (PinStatus.FAILED, "board_missing")
    assert "is no longer on Pinterest" in pin.error_text
    assert shop.sandbox.requests("pins/create") == []


@pytest.mark.parametrize("make", ["pin", "video_pin"])
def test_a_file_that_cannot_be_read_for_three_minutes_is_published_afterwards(quick, monkeypatch, make):
    pin = getattr(quick, make)()
    began_at = moment = timezone.now()

    def out_of_reach(store, name, start=0):
        raise OSError(errno.EIO, "Input/output error", name)

    while pin.is_on_its_way and moment - began_at < timedelta(minutes=30):
        monkeypatch.undo()
        if moment - began_at < timedelta(minutes=3):
            monkeypatch.setattr(default_storage.__class__, "stream", out_of_reach)
        advance(pin, after=moment - timezone.now())
        if pin.attempts == 1 and pin.status == PinStatus.SCHEDULED:
            assert (pin.error_code, pin.error_text) == ("media_unreadable", "Input/output error")
        moment = (pin.next_attempt_at or moment) + timedelta(seconds=1)

    assert (pin.status, pin.attempts) == (PinStatus.PUBLISHED, 2)
    assert len(quick.live()) == 1


@pytest.mark.parametrize("make", ["pin", "video_pin"])
def test_a_file_that_stays_away_fails_after_an_hour_and_one_that_was_deleted_at_once(quick, make):
    pin, deleted = getattr(quick, make)(), getattr(quick, make)()
    for each in (pin, deleted):
        each.media_files[0].file.storage.delete(each.media_files[0].file.name)
    MediaFile.objects.filter(pk=deleted.media_files[0].pk).update(deleted_at=timezone.now())
    moment = timezone.now()

    assert advance(deleted).error_code == "attachment_deleted"
    while pin.status != PinStatus.FAILED:
        advance(pin, after=moment - timezone.now())
        moment = (pin.next_attempt_at or moment) + timedelta(seconds=1)

    assert (pin.error_code, pin.attempts, pin.sent_at) == ("media_unreadable", 5, None)
    assert quick.sandbox.requests("pins/create") == []


def test_a_rate_limit_pauses_the_account_and_costs_no_attempt(shop):
    shop.sandbox.fault("pins/create", "rate_limited", seconds=67_150)
    first, second = shop.pin(), shop.pin()

    advance(first)

    shop.account.refresh_from_db()
    wait = first.next_attempt_at - timezone.now()
    assert timedelta(seconds=67_100) < wait <= timedelta(seconds=67_150)
    assert (first.status, first.attempts, first.error_code) == (PinStatus.SCHEDULED, 0, "rate_limited")
    assert "rate limit" in scheduling.hold_reason(first, timezone.now())
    assert not Pin.objects.due(timezone.now()).exists()
    for pin in (second, second, first, first):  # so late, they are looked for first
        advance(pin, after=timedelta(seconds=67_151 + 1))
    assert len(shop.live()) == 2
    assert (first.status, second.status) == (PinStatus.PUBLISHED, PinStatus.PUBLISHED)


def test_an_account_that_needs_reconnecting_holds_its_pins(shop):
    shop.sandbox.revoke(username="chairshop")
    pin = advance(shop.pin())
    shop.account.refresh_from_db()

    assert shop.account.status == AccountStatus.NEEDS_RECONNECT
    assert (pin.status, pin.attempts) == (PinStatus.SCHEDULED, 0)
    assert "Reconnect" in scheduling.hold_reason(pin, timezone.now())
    assert advance(pin, after=timedelta(hours=1)).status == PinStatus.SCHEDULED


def test_an_expired_token_is_refreshed_on_the_way(shop):
    shop.sandbox.expire(username="chairshop")

    assert advance(shop.pin()).status == PinStatus.PUBLISHED
    assert len(shop.live()) == 1


def test_a_refresh_that_another_worker_does_costs_no_attempt(shop):
    shop.account.access_expires_at = timezone.now()
    shop.account.refresh_claim_token = "8f14e45f-ceea-4f7e-9b5c-0d2f3c4b5a69"
    shop.account.refresh_claimed_until = timezone.now() + timedelta(seconds=50)
    shop.account.save()

    pin = advance(shop.pin())

    assert (pin.status, pin.attempts) == (PinStatus.SCHEDULED, 0)
    assert pin.next_attempt_at - timezone.now() < timedelta(seconds=6)
    assert advance(pin, after=timedelta(seconds=55)).status == PinStatus.PUBLISHED


def test_a_connection_that_never_stood_is_retried_five_times_and_then_fails(shop, settings):
    settings.PINTEREST_API_URL = "http://127.0.0.1:9"  # nothing listens there
    pin = shop.pin()
    waited = timedelta(0)
    for attempt in range(1, 6):
        advance(pin, after=waited)
        assert (pin.status, pin.attempts) == (PinStatus.SCHEDULED, attempt)
        waited = pin.next_attempt_at - timezone.now() + timedelta(seconds=1)

    assert timedelta(minutes=50) < waited < timedelta(minutes=70)
    assert advance(pin, after=waited).status == PinStatus.FAILED
    assert pin.error_code == "pinterest_unreachable"
    assert pin.sent_at is None


def test_a_late_worker_cannot_overwrite_its_successor(shop):
    pin = shop.pin()
    late = claim_pin(pin.pk, PinQuerySet.to_post).pin
    with time_machine.travel(timezone.now() + LEASE + timedelta(seconds=1), tick=True):
        worker.advance(pin.pk)

    assert not transition(late, PinStatus.CREATING, PinEventKind.SENDING, sent_at=timezone.now())
    pin.refresh_from_db()
    assert pin.status == PinStatus.PUBLISHED


def test_a_cancelled_pin_is_not_sent_even_when_a_worker_has_it(shop):
    pin = shop.pin()
    taken = claim_pin(pin.pk, PinQuerySet.to_post)
    pin.refresh_from_db()

    assert scheduling.cancel(pin, by=shop.team.alice)
    worker._post(taken, WorkerLease(None, pin=taken.pin))

    pin.refresh_from_db()
    assert pin.status == PinStatus.DRAFT
    assert shop.live() == []


def test_cancelling_is_too_late_once_pinterest_creates(shop):
    pin = shop.pin()
    taken = claim_pin(pin.pk, PinQuerySet.to_post)
    transition(taken.pin, PinStatus.CREATING, PinEventKind.SENDING, sent_at=timezone.now())

    assert not scheduling.cancel(pin, by=shop.team.alice)
    pin.refresh_from_db()
    assert not scheduling.cancel(pin, by=shop.team.alice)


def test_a_move_that_is_not_legal_raises(shop):
    pin = shop.pin(status=PinStatus.PUBLISHED)

    with pytest.raises(ValueError, match="cannot go from published to draft"):
        transition(pin, PinStatus.DRAFT, PinEventKind.CANCELLED)


def test_an_account_that_died_after_the_claim_holds_the_pin(shop):
    pin = shop.pin()
    taken = claim_pin(pin.pk, PinQuerySet.to_post)
    taken.account.status = AccountStatus.NEEDS_RECONNECT

    worker._post(taken, WorkerLease(None, pin=taken.pin))

    pin.refresh_from_db()
    assert (pin.status, pin.error_code, pin.attempts) == (PinStatus.SCHEDULED, "reconnect_needed", 0)


def test_an_operator_who_pauses_the_account_after_the_claim_holds_the_pin(shop):
    pin = shop.pin()
    PinterestAccount.objects.update(publishing_paused_at=timezone.now())
    taken = claim_anyway(pin)

    worker._post(taken, WorkerLease(None, pin=taken.pin))

    pin.refresh_from_db()
    assert (pin.status, pin.attempts, pin.sent_at) == (PinStatus.SCHEDULED, 0, None)
    assert shop.live() == []


def claim_anyway(pin):
    """The pin as a worker has it that claimed it just before the pause."""
    now = timezone.now()
    return read_claimed(Pin.objects.all(), pin.pk, Pin.objects.filter(pk=pin.pk).claim(now, now + LEASE))


def test_a_shorter_pause_does_not_end_a_longer_one(shop):
    longer = timezone.now() + timedelta(hours=5)
    pin = shop.pin()
    taken = claim_pin(pin.pk, PinQuerySet.to_post)
    type(shop.account).objects.update(posting_paused_until=longer)
    shop.sandbox.fault("pins/create", "rate_limited", seconds=60)

    worker._post(taken, WorkerLease(None, pin=taken.pin))

    shop.account.refresh_from_db()
    assert shop.account.posting_paused_until == longer
