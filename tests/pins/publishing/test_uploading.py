"""A video's upload: what can go wrong with it, people who change their mind, and workers that die or come late."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from pins.composer import services as composer
from pins.lifecycle.transitions import transition
from pins.models import Pin, PinEventKind, PinQuerySet, PinStatus
from pins.publishing import claims, video_upload, worker
from pins.publishing.claims import WorkerLease, claim_pin
from pins.publishing.slots import LEASE, claim_slot
from pins.rules.composition import Composition
from pins.scheduling import services as scheduling
from pins.scheduling.moving import move_pin
from postiz_pins.pinterest import http
from tests.pins.worker_helpers import advance, events, uploaded

pytestmark = pytest.mark.django_db

MEGABYTE = 1024 * 1024


@pytest.fixture(autouse=True)
def _every_block_is_noted(monkeypatch):
    monkeypatch.setattr(video_upload, "PROGRESS_EVERY_SECONDS", 0)


@pytest.mark.parametrize("percent", [10, 50, 99])
def test_an_upload_that_is_cut_is_repeated_with_a_new_registration(quick, percent):
    quick.sandbox.fault("upload", "connection_cut", percent=percent)
    content = b"\0\0\0\x18ftypmp42" + bytes(20 * MEGABYTE)
    pin = advance(quick.video_pin(content=content))

    assert (pin.status, pin.attempts, pin.error_code) == (PinStatus.SCHEDULED, 1, "upload_broken")
    assert (pin.pinterest_media_id, pin.upload_percent, pin.uploads) == ("", None, 0)

    advance(pin, after=timedelta(minutes=2))
    assert (pin.status, pin.error_code) == (PinStatus.PROCESSING, "")
    assert len(quick.sandbox.requests("media/create")) == 2
    assert advance(pin, after=timedelta(minutes=3)).status == PinStatus.PUBLISHED
    assert len(quick.live()) == 1


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (("upload_denied", {}), "upload_refused"),
        (("length_required", {}), "upload_refused"),
        (("server_error", {}), "storage_busy"),
        (("answer_lost", {}), "upload_broken"),
        (("connection_closed", {}), "upload_broken"),
    ],
)
def test_a_failed_upload_is_tried_again(quick, fault, code):
    kind, options = fault
    quick.sandbox.fault("upload", kind, **options)
    pin = advance(quick.video_pin())

    assert (pin.status, pin.attempts, pin.error_code) == (PinStatus.SCHEDULED, 1, code)
    advance(pin, after=timedelta(minutes=2))
    assert advance(pin, after=timedelta(minutes=3)).status == PinStatus.PUBLISHED
    assert len(quick.live()) == 1


def test_a_refused_upload_tells_the_word_and_the_request_of_the_target(quick):
    quick.sandbox.fault("upload", "upload_denied")

    pin = advance(quick.video_pin())

    assert pin.error_text.startswith("AccessDenied: ")
    assert "(request " in pin.error_text


def test_uploads_that_never_get_through_fail_after_five_retries(shop):
    shop.sandbox.fault("upload", "connection_closed", times=None)
    pin = shop.video_pin()
    waited = timedelta(0)
    for attempt in range(1, 6):
        advance(pin, after=waited)
        assert (pin.status, pin.attempts) == (PinStatus.SCHEDULED, attempt)
        waited = pin.next_attempt_at - timezone.now() + timedelta(seconds=1)

    assert advance(pin, after=waited).status == PinStatus.FAILED
    assert pin.error_code == "upload_broken"
    assert pin.events.last().kind == PinEventKind.FAILED


def test_a_video_that_is_too_large_for_the_target_fails_at_once(shop):
    shop.sandbox.fault("upload", "too_large")

    pin = advance(shop.video_pin())

    assert (pin.status, pin.error_code, pin.attempts) == (PinStatus.FAILED, "upload_too_large", 0)


def test_an_upload_whose_target_does_not_answer_in_time_is_tried_again(quick, monkeypatch):
    monkeypatch.setattr(http, "READ_TIMEOUT_SECONDS", 0.2)
    quick.sandbox.fault("upload", "latency_after", seconds=2)

    pin = advance(quick.video_pin())

    assert (pin.status, pin.error_code) == (PinStatus.SCHEDULED, "upload_broken")
    assert "time limit" in pin.error_text


# People in between


def interrupt(monkeypatch, act):
    """Calls `act` once, after the second block of the upload was handed over."""
    note = video_upload.Progress.__call__
    done = []

    def note_and_act(progress, sent_bytes):
        if sent_bytes >= 2 * MEGABYTE and not done:
            done.append(True)
            act()
        note(progress, sent_bytes)

    monkeypatch.setattr(video_upload.Progress, "__call__", note_and_act)


def test_cancelling_stops_the_upload_at_the_next_block(shop, monkeypatch):
    pin = shop.video_pin(content=bytes(50 * MEGABYTE))
    interrupt(monkeypatch, lambda: scheduling.cancel(Pin.objects.get(pk=pin.pk), by=shop.team.alice))

    advance(pin)

    assert (pin.status, pin.upload_percent, pin.pinterest_media_id, pin.next_attempt_at) == (
        PinStatus.DRAFT,
        None,
        "",
        None,
    )
    assert events(pin) == [PinEventKind.UPLOADING, PinEventKind.CANCELLED]
    [entry] = shop.sandbox.requests("upload")
    assert entry["status"] != 204


def test_the_upload_tells_its_percentage(shop, monkeypatch):
    seen = []
    pin = shop.video_pin(content=bytes(4 * MEGABYTE))
    interrupt(monkeypatch, lambda: seen.append(Pin.objects.get(pk=pin.pk)))

    advance(pin)

    assert [(row.status, row.upload_percent) for row in seen] == [(PinStatus.UPLOADING, 25)]
    assert seen[0].pinterest_media_id == pin.pinterest_media_id


def edit(shop, pin, **changes):

    pin = Pin.objects.with_content().get(pk=pin.pk)
    changed = replace(Composition.of(pin), **changes)
    now = timezone.now()
    outcome = composer.edit_pin(pin, changed, publish_at=now, is_draft=False, by=shop.team.alice, now=now)
    assert outcome is composer.EditOutcome.SAVED
    assert scheduling.schedule(pin, now, by=shop.team.alice, now=now)


def test_editing_during_the_upload_begins_anew_with_the_new_content(quick, monkeypatch):
    pin = quick.video_pin(content=b"\0\0\0\x18ftypmp42" + bytes(9 * MEGABYTE))
    interrupt(monkeypatch, lambda: edit(quick, pin, title="Better"))

    advance(pin)  # stops the first upload, and then finds the pin due again
    assert (pin.status, pin.uploads) == (PinStatus.PROCESSING, 1)
    assert len(quick.sandbox.requests("upload")) == 2
    advance(pin, after=timedelta(minutes=1))

    assert [live["title"] for live in quick.live()] == ["Better"]


def move_later(shop, pin):
    row, now = Pin.objects.with_content().get(pk=pin.pk), timezone.now()
    move_pin(row, now + timedelta(days=3), version=row.version, by=shop.team.alice, now=now)


@pytest.mark.parametrize("percent", [50, 99])
def test_an_upload_that_breaks_after_the_pin_was_moved_is_repeated_at_its_new_time(quick, monkeypatch, percent):
    quick.sandbox.fault("upload", "connection_cut", percent=percent)
    pin = quick.video_pin(content=b"\0\0\0\x18ftypmp42" + bytes(20 * MEGABYTE))
    interrupt(monkeypatch, lambda: move_later(quick, pin))

    advance(pin)

    assert (pin.status, pin.attempts, pin.error_code) == (PinStatus.SCHEDULED, 1, "upload_broken")
    assert pin.next_attempt_at == pin.publish_at
    advance(pin, after=timedelta(hours=1))
    assert len(quick.sandbox.requests("media/create")) == 1
    assert advance(pin, after=timedelta(days=3, minutes=1)).status == PinStatus.PROCESSING


def test_an_upload_whose_worker_died_after_the_pin_was_moved_is_repeated_at_its_new_time(quick):
    pin = quick.video_pin()
    taken = claim_pin(pin.pk, PinQuerySet.to_post).pin
    transition(taken, PinStatus.UPLOADING, PinEventKind.UPLOADING)
    move_later(quick, pin)

    advance(pin, after=LEASE + timedelta(seconds=1))

    assert (pin.status, pin.next_attempt_at) == (PinStatus.SCHEDULED, pin.publish_at)


def test_a_moved_video_that_pinterest_forgot_is_uploaded_again_at_its_new_time(quick):
    pin = uploaded(quick)
    move_later(quick, pin)
    quick.sandbox.fault("media/get", "message", status=404, code=1, message="Media not found.")

    advance(pin, after=timedelta(minutes=1))

    assert (pin.status, pin.error_code, pin.next_attempt_at) == (PinStatus.SCHEDULED, "video_gone", pin.publish_at)


def test_editing_during_processing_uploads_again(quick):
    pin = uploaded(quick)

    edit(quick, pin, title="Better")

    pin.refresh_from_db()
    assert (pin.status, pin.pinterest_media_id, pin.uploads) == (PinStatus.SCHEDULED, "", 0)
    advance(pin, after=timedelta(seconds=1))
    advance(pin, after=timedelta(minutes=1))
    assert [live["title"] for live in quick.live()] == ["Better"]


def test_cancelling_during_processing_makes_a_draft_of_which_nothing_is_uploaded(quick):
    pin = uploaded(quick)

    assert scheduling.cancel(pin, by=quick.team.alice)

    pin.refresh_from_db()
    assert (pin.status, pin.pinterest_media_id, pin.processing_since, pin.uploads) == (PinStatus.DRAFT, "", None, 0)
    assert advance(pin, after=timedelta(minutes=5)).status == PinStatus.DRAFT


def test_editing_into_a_draft_during_processing_leaves_nothing_of_the_upload(quick):
    pin = Pin.objects.with_content().get(pk=uploaded(quick).pk)
    content = {"publish_at": None, "is_draft": True, "by": quick.team.alice, "now": timezone.now()}

    composer.edit_pin(pin, Composition.of(pin), **content)

    pin.refresh_from_db()
    assert (pin.status, pin.pinterest_media_id, pin.processing_since, pin.uploads) == (PinStatus.DRAFT, "", None, 0)


# Workers that die or come late


def test_an_upload_whose_worker_died_costs_an_attempt(quick):
    pin = quick.video_pin()
    taken = claim_pin(pin.pk, PinQuerySet.to_post).pin
    transition(taken, PinStatus.UPLOADING, PinEventKind.UPLOADING, upload_percent=40)

    advance(pin)
    assert (pin.status, pin.upload_percent) == (PinStatus.UPLOADING, 40)  # its worker may be alive
    advance(pin, after=LEASE + timedelta(seconds=1))

    assert (pin.status, pin.attempts, pin.error_code) == (PinStatus.SCHEDULED, 1, "upload_broken")
    assert pin.upload_percent is None


def test_a_file_that_always_kills_its_worker_ends_in_failed(shop):
    pin = shop.video_pin()
    for _ in range(6):
        Pin.objects.filter(pk=pin.pk).update(status=PinStatus.UPLOADING, next_attempt_at=timezone.now())
        advance(pin)

    assert (pin.status, pin.error_code) == (PinStatus.FAILED, "upload_broken")


def test_a_worker_whose_claim_was_lost_stops_uploading(shop, monkeypatch):
    pin = shop.video_pin(content=bytes(9 * MEGABYTE))
    other = "8f14e45f-ceea-4f7e-9b5c-0d2f3c4b5a69"
    interrupt(monkeypatch, lambda: Pin.objects.filter(pk=pin.pk).update(claim_token=other))

    advance(pin)

    assert (pin.status, str(pin.claim_token)) == (PinStatus.UPLOADING, other)
    assert events(pin) == [PinEventKind.UPLOADING]


def test_a_long_upload_keeps_its_leases_as_long_as_bytes_move(shop, monkeypatch):
    ended = []
    monkeypatch.setattr(claims, "end_this_worker", lambda: ended.append(True))
    turn = WorkerLease(claim_slot(timezone.now()), pin=claim_pin(shop.video_pin().pk, PinQuerySet.to_post).pin)
    clock = [turn.progressed_at]
    monkeypatch.setattr(claims.time, "monotonic", lambda: clock[0])

    for _ in range(10):  # two hours
        clock[0] += 720
        assert turn.renew(timezone.now())
        turn.note_progress()
    clock[0] += claims.LONGEST_SILENCE.total_seconds() + 1

    assert not ended
    assert not turn.renew(timezone.now())
    assert ended


def test_duplicate_messages_do_not_upload_twice(quick):
    pin = quick.video_pin()

    for _ in range(3):
        worker.advance(pin.pk)

    assert len(quick.sandbox.requests("upload")) == 1
