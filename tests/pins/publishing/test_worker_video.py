"""Videos on their way: processing, creation, and what can go wrong with Pinterest's API before there is a pin."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AccountStatus
from pins.models import Pin, PinEventKind, PinStatus, PostingSlot
from pins.publishing import outcomes, worker
from pins.publishing.slots import claim_slot
from pins.scheduling import services as scheduling
from postiz_pins.pinterest import http
from tests.pins.worker_helpers import POLL, advance, events, uploaded

pytestmark = pytest.mark.django_db


def test_a_video_is_uploaded_processed_and_created(quick):
    pin = advance(quick.video_pin(title="Oak in a minute"))

    assert (pin.status, pin.uploads, pin.upload_percent) == (PinStatus.PROCESSING, 1, None)
    assert pin.claim_token is None
    assert timedelta(seconds=25) < pin.next_attempt_at - timezone.now() <= timedelta(seconds=30)
    assert not PostingSlot.objects.in_use(timezone.now()).exists()

    advance(pin, after=POLL)

    [live] = quick.live()
    assert (pin.status, pin.pinterest_pin_id, live["media_type"]) == (PinStatus.PUBLISHED, live["id"], "video")
    [create] = quick.sandbox.requests("pins/create")
    source = create["body"]["media_source"]
    assert (source["source_type"], source["media_id"]) == ("video_id", pin.pinterest_media_id)
    assert source["cover_image_content_type"] == "image/jpeg"
    assert events(pin) == [
        PinEventKind.UPLOADING,
        PinEventKind.PROCESSING,
        PinEventKind.SENDING,
        PinEventKind.PUBLISHED,
    ]


def test_while_pinterest_processes_it_is_asked_every_thirty_seconds(shop):
    shop.sandbox.options(processing_seconds=1000)
    pin = uploaded(shop)

    advance(pin)  # a message too many
    assert shop.sandbox.requests("media/get") == []
    for polls in (1, 2):
        advance(pin, after=POLL * polls)
        assert len(shop.sandbox.requests("media/get")) == polls
    assert pin.status == PinStatus.PROCESSING
    assert (pin.claim_token, pin.attempts) == (None, 0)


def test_the_polling_interval_is_a_setting(shop, settings):
    settings.PINTEREST_MEDIA_POLL_SECONDS = 7

    pin = uploaded(shop)

    assert pin.next_attempt_at - pin.processing_since == timedelta(seconds=7)


def test_a_worker_that_hears_that_the_video_is_ready_waits_for_a_slot_all_the_same(quick, settings):
    settings.PINTEREST_MAX_CONCURRENT_POSTS = 1
    pin = uploaded(quick)
    now = timezone.now()
    slot = claim_slot(now + POLL)

    advance(pin, after=POLL)

    assert (pin.status, quick.live()) == (PinStatus.PROCESSING, [])
    assert pin.media_ready_at is not None
    PostingSlot.objects.filter(number=slot.number).update(held_until=None, holder=None)
    assert advance(pin, after=POLL).status == PinStatus.PUBLISHED


def test_processed_videos_and_pictures_are_taken_oldest_first(quick):
    pin = uploaded(quick)
    Pin.objects.filter(pk=pin.pk).update(media_ready_at=timezone.now(), next_attempt_at=timezone.now())
    older = quick.pin(publish_at=timezone.now() - timedelta(minutes=1))
    newer = quick.pin(publish_at=timezone.now() + timedelta(milliseconds=1))

    worker.advance(newer.pk)

    assert [live["title"] for live in quick.live()][1:] == [older.title, pin.title]


def test_a_rule_that_was_broken_meanwhile_fails_before_the_upload_and_before_the_creation(quick):
    late, early = uploaded(quick), quick.video_pin()
    quick.board.missing_since = timezone.now()
    quick.board.save()

    advance(early)
    advance(late, after=POLL)

    assert [(pin.status, pin.error_code) for pin in (early, late)] == [(PinStatus.FAILED, "board_missing")] * 2
    assert len(quick.sandbox.requests("upload")) == 1
    assert quick.sandbox.requests("pins/create") == []


# Faults of the API

PASSING = [
    ("server_error", "pinterest_failed"),
    ("connection_closed", "pinterest_unreachable"),
    ("answer_lost", "pinterest_unreachable"),
]


@pytest.mark.parametrize(("kind", "code"), PASSING)
def test_a_failed_registration_is_tried_again(quick, kind, code):
    quick.sandbox.fault("media/create", kind)
    pin = advance(quick.video_pin())

    assert (pin.status, pin.attempts, pin.error_code) == (PinStatus.SCHEDULED, 1, code)
    assert quick.sandbox.requests("upload") == []
    assert advance(pin, after=timedelta(minutes=2)).status == PinStatus.PROCESSING


def test_a_refused_registration_fails_with_its_explanation(shop):
    shop.sandbox.fault("media/create", "trial")

    pin = advance(shop.video_pin())

    assert (pin.status, pin.error_code) == (PinStatus.FAILED, "trial_access")


def test_a_rate_limit_on_the_registration_pauses_the_account_and_costs_no_attempt(shop):
    shop.sandbox.fault("media/create", "rate_limited", seconds=600)

    pin = advance(shop.video_pin())

    shop.account.refresh_from_db()
    assert shop.account.is_posting_paused(timezone.now())
    assert (pin.status, pin.attempts, pin.error_code) == (PinStatus.SCHEDULED, 0, "rate_limited")


def test_a_rate_limit_on_the_question_waits_without_pausing_the_account(quick):
    pin = uploaded(quick)
    quick.sandbox.fault("media/get", "rate_limited", seconds=600)

    advance(pin, after=POLL)

    quick.account.refresh_from_db()
    assert not quick.account.is_posting_paused(timezone.now() + POLL)
    assert quick.account.reading_paused_until > timezone.now() + timedelta(seconds=500)
    assert (pin.status, pin.attempts) == (PinStatus.PROCESSING, 0)
    assert pin.next_attempt_at - timezone.now() > timedelta(minutes=9)
    assert advance(pin, after=timedelta(minutes=12)).status == PinStatus.PUBLISHED


@pytest.mark.parametrize(("kind", "code"), PASSING)
def test_a_question_that_fails_is_asked_again(quick, kind, code):
    pin = uploaded(quick)
    quick.sandbox.fault("media/get", kind)

    advance(pin, after=POLL)

    assert (pin.status, pin.attempts, pin.error_code) == (PinStatus.PROCESSING, 1, code)
    assert advance(pin, after=timedelta(minutes=3)).status == PinStatus.PUBLISHED
    assert len(quick.sandbox.requests("upload")) == 1


def test_a_timeout_of_each_call_leads_to_one_pin(quick, monkeypatch):
    monkeypatch.setattr(http, "READ_TIMEOUT_SECONDS", 0.3)
    monkeypatch.setattr(outcomes, "BACKOFF", (timedelta(seconds=5),) * 5)  # the sandbox's clock is not moved
    for operation in ("media/create", "upload", "media/get", "pins/create"):
        quick.sandbox.fault(operation, "latency_after", seconds=1.5)
    pin = quick.video_pin()

    after = timedelta(0)
    for _ in range(12):
        advance(pin, after=after)
        if pin.status == PinStatus.PUBLISHED:
            break
        after = pin.next_attempt_at - timezone.now() + timedelta(seconds=1)

    [live] = quick.live()
    assert (pin.status, pin.pinterest_pin_id) == (PinStatus.PUBLISHED, live["id"])


def test_a_video_that_pinterest_forgot_is_uploaded_again(quick):
    pin = uploaded(quick)
    quick.sandbox.fault("media/get", "message", status=404, code=1, message="Media not found.")

    advance(pin, after=POLL)

    assert (pin.status, pin.error_code, pin.pinterest_media_id) == (PinStatus.SCHEDULED, "video_gone", "")
    advance(pin, after=timedelta(minutes=2))
    assert advance(pin, after=timedelta(minutes=3)).status == PinStatus.PUBLISHED


def test_a_video_that_is_gone_when_the_pin_is_created_is_uploaded_again(quick):
    pin = uploaded(quick)
    quick.sandbox.fault("pins/create", "message", status=404, code=1, message="Media 123 not found.")

    advance(pin, after=POLL)

    assert (pin.status, pin.error_code, pin.media_ready_at) == (PinStatus.SCHEDULED, "video_gone", None)
    advance(pin, after=timedelta(minutes=3))
    assert advance(pin, after=timedelta(minutes=4)).status == PinStatus.PUBLISHED
    assert len(quick.sandbox.requests("upload")) == 2


def test_an_account_that_died_holds_its_video_where_it_is(quick):
    pin = uploaded(quick)
    quick.sandbox.revoke(username="chairshop")

    advance(pin, after=POLL)

    quick.account.refresh_from_db()
    assert quick.account.status == AccountStatus.NEEDS_RECONNECT
    assert (pin.status, pin.attempts) == (PinStatus.PROCESSING, 0)
    assert "Reconnect" in scheduling.hold_reason(pin, timezone.now())


# Processing that goes wrong


def test_a_video_that_pinterest_cannot_process_fails_with_the_likely_causes(quick):
    pin = uploaded(quick)
    quick.sandbox.fault("media/get", "video_failed")

    advance(pin, after=POLL)

    assert (pin.status, pin.error_code) == (PinStatus.FAILED, "video_failed")
    assert quick.live() == []


def test_a_cover_in_place_of_the_video_fails(quick):
    pin = uploaded(quick, content=b"\xff\xd8\xff\xe0 no video at all")

    assert advance(pin, after=POLL).error_code == "video_failed"


def test_processing_for_over_thirty_minutes_uploads_once_more_and_then_fails(shop):
    shop.sandbox.options(processing_seconds=100_000)
    pin = uploaded(shop)
    first_media = pin.pinterest_media_id

    advance(pin, after=timedelta(minutes=29))
    assert pin.status == PinStatus.PROCESSING
    publishing_moment = timedelta(minutes=31)
    advance(pin, after=publishing_moment)  # the worker that gives the first upload up begins with nothing else
    assert (pin.status, pin.error_code, pin.uploads) == (PinStatus.SCHEDULED, "video_stuck", 1)
    assert "“processing” after 30 minutes (media ID " in pin.events.last().text
    assert "It's being uploaded again." in pin.events.last().text
    assert pin.attempts == 0

    advance(pin, after=publishing_moment)
    assert (pin.status, pin.uploads) == (PinStatus.PROCESSING, 2)
    assert pin.pinterest_media_id != first_media
    advance(pin, after=timedelta(minutes=63))
    assert (pin.status, pin.error_code) == (PinStatus.FAILED, "video_stuck")
    assert len(shop.sandbox.requests("upload")) == 2


def test_a_second_upload_that_works_publishes(shop):
    shop.sandbox.options(processing_seconds=100_000)
    pin = uploaded(shop)
    advance(pin, after=timedelta(minutes=31))
    shop.sandbox.options(processing_seconds=0)

    advance(pin, after=timedelta(minutes=31))
    advance(pin, after=timedelta(minutes=32))

    assert (pin.status, pin.error_code, len(shop.live())) == (PinStatus.PUBLISHED, "", 1)


def test_retrying_after_a_stuck_video_begins_with_its_upload(shop):
    shop.sandbox.options(processing_seconds=100_000)
    pin = uploaded(shop)
    for minutes in (31, 31, 63):
        advance(pin, after=timedelta(minutes=minutes))
    assert pin.status == PinStatus.FAILED

    assert scheduling.retry(pin, by=shop.team.alice, now=timezone.now())

    pin.refresh_from_db()
    assert (pin.status, pin.uploads, pin.pinterest_media_id, pin.attempts) == (PinStatus.SCHEDULED, 0, "", 0)


# Creation


def test_a_creation_whose_answer_is_lost_is_found_by_its_media_type(quick):
    pin = uploaded(quick)
    quick.sandbox.fault("pins/create", "answer_lost")

    advance(pin, after=POLL)
    assert pin.status == PinStatus.VERIFYING
    advance(pin, after=POLL + timedelta(seconds=16))

    [live] = quick.live()
    assert (pin.status, pin.pinterest_pin_id) == (PinStatus.PUBLISHED, live["id"])


def test_a_creation_that_never_arrived_is_repeated_without_a_second_upload(quick):
    pin = uploaded(quick)
    quick.sandbox.fault("pins/create", "connection_closed")

    for seconds in (31, 50, 80, 160, 240):
        advance(pin, after=timedelta(seconds=seconds))

    assert (pin.status, len(quick.live())) == (PinStatus.PUBLISHED, 1)
    assert len(quick.sandbox.requests("upload")) == 1


def test_retrying_a_pin_in_doubt_keeps_its_video(quick):
    pin = uploaded(quick)
    media_id = pin.pinterest_media_id
    quick.sandbox.fault("pins/create", "answer_lost")
    advance(pin, after=POLL)
    quick.sandbox.fault("boards/list_pins", "message", status=403, code=29, message="No.")
    advance(pin, after=POLL + timedelta(seconds=16))
    assert (pin.status, pin.error_code) == (PinStatus.FAILED, "unverified")

    scheduling.retry(pin, by=quick.team.alice, now=timezone.now() + timedelta(minutes=5))
    pin.refresh_from_db()

    assert (pin.status, pin.pinterest_media_id) == (PinStatus.VERIFYING, media_id)
    assert advance(pin, after=timedelta(minutes=5, seconds=1)).status == PinStatus.PUBLISHED


def test_a_refused_creation_fails_as_for_pictures(quick):
    pin = uploaded(quick)
    quick.sandbox.fault("pins/create", "spam")

    assert advance(pin, after=POLL).error_code == "spam"
    assert pin.status == PinStatus.FAILED
