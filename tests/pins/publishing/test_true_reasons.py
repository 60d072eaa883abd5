"""What a pin says when all attempts have failed: who was to blame, in whose words, and under which request's number."""

from datetime import timedelta

import pytest
from django.utils import timezone

from pins.errors.lookup import explanation_of
from pins.models import PinStatus
from tests.pins.worker_helpers import advance

pytestmark = pytest.mark.django_db

# More steps than any pin takes: six attempts with a few looks after each.
MOST_STEPS = 60
OURS = "Something went wrong on our end. Sorry about that. (request "
PROXY = "A proxy or firewall answered with status 404 instead of Pinterest."


def exhaust(pin):
    """The pin once nothing is tried any more."""
    for _ in range(MOST_STEPS):
        if pin.next_attempt_at is None:
            break
        advance(pin, after=max(pin.next_attempt_at - timezone.now(), timedelta(0)) + timedelta(seconds=1))
    assert pin.status == PinStatus.FAILED
    return pin


@pytest.mark.parametrize("operation", ["pins/create", "media/create", "media/get", "oauth/token"])
@pytest.mark.parametrize(
    ("kind", "keys", "code", "words"),
    [
        ("server_error", {"status": 503}, "pinterest_failed", OURS),
        ("proxy", {"status": 404}, "answered_by_proxy", PROXY),
        ("connection_closed", {}, "pinterest_unreachable", "The connection to Pinterest failed."),
    ],
)
def test_the_reason_of_the_last_attempt_is_the_true_one(shop, operation, kind, keys, code, words):
    shop.sandbox.fault(operation, kind, times=None, **keys)
    if operation == "oauth/token":
        shop.sandbox.expire(username="chairshop")
    pin = exhaust(shop.video_pin() if operation.startswith("media") else shop.pin())

    assert pin.error_code == code
    assert pin.error_text.startswith(words)
    assert explanation_of(pin).pinterest_words == pin.error_text
    assert shop.live() == []


@pytest.mark.parametrize(
    ("kind", "keys", "code", "words"),
    [
        ("server_error", {"status": 503}, "storage_busy", "SlowDown: "),
        ("server_error", {"status": 500}, "storage_busy", "InternalError: "),
        ("proxy", {"status": 404}, "answered_by_proxy", PROXY),
        ("connection_cut", {}, "upload_broken", "The connection to Pinterest failed."),
    ],
)
def test_the_reason_of_a_failed_upload_is_the_true_one(shop, kind, keys, code, words):
    shop.sandbox.fault("upload", kind, times=None, **keys)

    pin = exhaust(shop.video_pin())

    assert pin.error_code == code
    assert pin.error_text.startswith(words)


def test_a_pin_that_was_told_to_wait_by_a_403_goes_out_by_itself(shop):
    words = "You have exceeded your rate limit. Try again later."
    shop.sandbox.fault("pins/create", "message", status=403, code=8, message=words)

    pin = advance(shop.pin())

    assert (pin.status, pin.error_code, pin.attempts) == (PinStatus.SCHEDULED, "rate_limited", 0)
    assert advance(pin, after=timedelta(minutes=16)).status == PinStatus.PUBLISHED
