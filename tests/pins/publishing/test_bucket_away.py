"""S3 is away while pins are posted, and for a worker that is killed: `make test-s3`."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from pins.models import Pin, PinStatus
from pins.publishing import worker
from tests.media_bytes import mp4_bytes
from tests.stored_files import only_buckets

pytestmark = [pytest.mark.django_db(transaction=True), only_buckets]
POSTS = 20
RETRIES = (1, 5, 15)


def advance_all(moment):
    with time_machine.travel(moment, tick=True):
        for pin in Pin.objects.exclude(status=PinStatus.PUBLISHED):
            worker.advance(pin.pk)


def test_posts_that_meet_a_bucket_that_is_away_are_given_back_at_once_and_go_out_later(quick, line):
    pins = [quick.video_pin() if number % 4 == 0 else quick.pin() for number in range(POSTS)]
    now = timezone.now()

    with line.away():
        advance_all(now)
        waiting = list(Pin.objects.values_list("status", "error_code", "attempts", "claim_token").distinct())
        assert waiting == [(PinStatus.SCHEDULED, "media_unreadable", 1, None)]
        assert not quick.live()

    for minutes in RETRIES:
        advance_all(now + timedelta(minutes=minutes, seconds=30))

    assert {pin.status for pin in Pin.objects.all()} == {PinStatus.PUBLISHED}
    assert sorted(pin["title"] for pin in quick.live()) == sorted(pin.title for pin in pins)


def test_a_video_whose_line_breaks_in_the_middle_is_not_lost(quick, line, monkeypatch):
    pin = quick.video_pin(content=mp4_bytes(30_000_000))
    broken = []

    class Breaking(worker.video_upload.Progress):
        def __call__(self, sent_bytes):
            super().__call__(sent_bytes)
            if not broken:
                broken.append(sent_bytes)
                line.close()
                line.open()

    monkeypatch.setattr(worker.video_upload, "Progress", Breaking)
    now = timezone.now()
    for minutes in (0, *RETRIES):
        advance_all(now + timedelta(minutes=minutes, seconds=30 * bool(minutes)))

    pin.refresh_from_db()
    assert (bool(broken), pin.status, pin.attempts) == (True, PinStatus.PUBLISHED, 0)
    assert len(quick.live()) == 1
