"""Which of the pins on a board is the one whose answer was lost: looks at the sandbox's lists."""

from datetime import timedelta
from email.utils import formatdate

import pytest
import time_machine
from django.utils import timezone

from pins.models import VERIFICATION_DELAYS, Pin, PinStatus
from pins.scheduling import services as scheduling
from postiz_pins.pinterest import server_clock
from tests.factories import BoardFactory, PinFactory
from tests.pins.worker_helpers import advance

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _pinterests_clock():
    """Known by an answer of a moment ago, whatever is done to ours."""
    server_clock.note(formatdate(usegmt=True))
    yield
    server_clock.forget()


@pytest.fixture
def by_hand(shop):
    """`by_hand(pin, seconds)` is what somebody made with its words so long after it was sent, or before (negative)."""

    def make(pin, seconds, **different):
        words = {"title": pin.title, "description": pin.description, "link": pin.link} | different
        created_at = pin.sent_at.timestamp() + seconds
        return shop.sandbox.create_pin(shop.board.pinterest_id, created_at=created_at, **words)["id"]

    return make


def look(pin):
    return advance(pin, after=pin.next_attempt_at + timedelta(seconds=1) - timezone.now())


def settle(pin):
    while pin.status == PinStatus.VERIFYING:
        look(pin)
    return pin


def lose_answer(shop, **fields):
    shop.sandbox.fault("pins/create", "answer_lost")
    pin = advance(shop.pin(**fields))
    return pin, shop.live()[-1]["id"]


def never_arrive(shop, **fields):
    shop.sandbox.fault("pins/create", "connection_closed")
    return advance(shop.pin(**fields))


def test_the_order_of_the_list_does_not_matter(shop, by_hand):
    pin, made = lose_answer(shop)
    for number in range(8):
        by_hand(pin, -(10**6) * number - 10**5, title=f"An old chair {number}")
    shop.sandbox.options(shuffled_lists=True)

    assert look(pin).pinterest_pin_id == made


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("HTTPS://Shop.Example.COM", "https://shop.example.com/"),
        ("https://Shop.example.com/Chair?a=B", "https://shop.example.com/Chair?a=B"),
        ("https://Möbel.example/", "https://möbel.example/"),
    ],
)
def test_a_link_that_pinterest_writes_differently_is_recognised(shop, typed, kept):
    """Also by what tells it from another row with the same words."""
    other = never_arrive(shop, title="Oak", link="https://example.com/other")
    shop.sandbox.options(rewritten_links=True)
    pin, made = lose_answer(shop, title="Oak", link=typed)

    assert look(pin).pinterest_pin_id == made
    assert settle(other).status == PinStatus.PUBLISHED
    assert sorted(live["link"] for live in shop.live()) == sorted([other.link, typed])
    assert kept


def test_another_link_is_no_reason_to_send_again(shop, by_hand):
    pin = never_arrive(shop, link="https://example.com/chair")
    made = by_hand(pin, 1, link="https://example.com/chair?utm_source=pinterest")

    assert look(pin).pinterest_pin_id == made


def test_another_link_with_words_that_are_empty_is_another_pin(shop, by_hand):
    pin = never_arrive(shop, title="", description="")
    by_hand(pin, 1, link="https://example.com/else")

    assert settle(pin).status == PinStatus.PUBLISHED
    assert len(shop.live()) == 2


def test_another_link_may_be_that_of_another_row_that_waits_as_well(shop, by_hand):
    first = never_arrive(shop, title="Oak", link="https://example.com/1")
    second = never_arrive(shop, title="Oak", link="https://example.com/2")
    made = by_hand(second, 1, link="https://example.com/3")

    assert [look(pin).status for pin in (first, second)] == [PinStatus.VERIFYING] * 2
    Pin.objects.filter(pk=first.pk).update(status=PinStatus.FAILED)
    assert look(second).pinterest_pin_id == made


def test_of_two_links_the_one_that_agrees_is_ours(shop, by_hand):
    pin = never_arrive(shop, link="https://example.com/chair")
    by_hand(pin, 1, link="https://example.com/else")
    made = by_hand(pin, 20)

    assert look(pin).pinterest_pin_id == made


@pytest.mark.parametrize("link", ["https://example.com/chair", "https://example.com/else"])
@pytest.mark.parametrize("seconds", [-600, -10])
def test_a_look_alike_made_before_is_never_ours(shop, by_hand, seconds, link):
    pin, made = lose_answer(shop)
    by_hand(pin, seconds, link=link)
    lost = never_arrive(shop, title="Ash")
    by_hand(lost, seconds, link=link)

    assert look(pin).pinterest_pin_id == made
    assert settle(lost).status == PinStatus.PUBLISHED
    assert len(shop.sandbox.requests("pins/create")) == 3


def test_of_several_the_one_made_soonest_after_the_sending_is_ours(shop, by_hand):
    pin, made = lose_answer(shop)
    for seconds in (9, 4, 6):
        by_hand(pin, seconds)

    assert look(pin).pinterest_pin_id == made


@pytest.mark.parametrize("minutes", [-30, 30])
def test_a_clock_that_is_wrong_finds_the_pin_and_no_older_one(shop, minutes):
    """The first answer that the process hears is that to the look."""
    server_clock.forget()
    with time_machine.travel(timezone.now() + timedelta(minutes=minutes), tick=True):
        before = shop.sandbox.create_pin(
            shop.board.pinterest_id, title="Oak", description="Oak, by hand.", days_ago=10 / 86_400
        )
        pin, made = lose_answer(shop, title="Oak")
        assert pin.created_since is None

        look(pin)

    assert (pin.pinterest_pin_id, made != before["id"]) == (made, True)


@pytest.mark.parametrize("minutes", [-30, 30])
def test_a_clock_that_is_put_right_between_sending_and_looking_loses_no_pin(shop, minutes):
    with time_machine.travel(timezone.now() + timedelta(minutes=minutes), tick=True):
        pin, made = lose_answer(shop)
    Pin.objects.filter(pk=pin.pk).update(next_attempt_at=timezone.now() - timedelta(seconds=1))
    pin.refresh_from_db()

    look(pin)

    assert pin.pinterest_pin_id == made


def test_twins_each_find_the_pin_that_was_made_for_them(shop, by_hand):
    """Also the first, whose pin was made after the second was sent."""
    twins = [never_arrive(shop, title="Oak") for _ in range(3)]
    for seconds, pin in zip((-60, -50, -20), twins, strict=True):
        Pin.objects.filter(pk=pin.pk).update(created_since=pin.created_since + timedelta(seconds=seconds))
    made = [by_hand(pin, seconds) for seconds, pin in zip((-45, -44, -10), twins, strict=True)]

    assert [look(pin).pinterest_pin_id for pin in reversed(twins)] == made[::-1]


def test_twins_that_were_sent_within_a_second_have_a_pin_each(shop):
    twins = [lose_answer(shop, title="Oak")[0] for _ in range(3)]

    assert {look(pin).pinterest_pin_id for pin in reversed(twins)} == {live["id"] for live in shop.live()}
    assert len(shop.live()) == 3


def test_of_twins_the_one_sent_last_before_a_pin_was_made_has_it(shop, by_hand):
    first, second = (never_arrive(shop, title="Oak") for _ in range(2))
    made = by_hand(second, 2)
    Pin.objects.filter(pk=first.pk).update(created_since=second.created_since - timedelta(seconds=30))

    assert look(first).status == PinStatus.VERIFYING
    assert look(second).pinterest_pin_id == made
    assert settle(Pin.objects.get(pk=first.pk)).status == PinStatus.PUBLISHED
    assert len(shop.live()) == 2


def test_a_twin_that_was_sent_after_a_pin_was_made_does_not_wait_for_it(shop):
    pin, made = lose_answer(shop, title="Oak")
    shared = BoardFactory(pinterest_id=shop.board.pinterest_id)
    later = timezone.now() + timedelta(seconds=10)
    PinFactory(board=shared, title="Oak", status=PinStatus.CREATING, sent_at=later, created_since=later)

    assert look(pin).pinterest_pin_id == made


def test_a_pause_that_pinterest_asked_for_holds_what_is_to_be_sent_again(shop):
    pin = never_arrive(shop)
    for _ in VERIFICATION_DELAYS:
        look(pin)
    assert pin.looks == len(VERIFICATION_DELAYS)
    shop.sandbox.fault("pins/create", "rate_limited", seconds=900)
    look(pin)

    assert (pin.status, pin.error_code) == (PinStatus.VERIFYING, "rate_limited")
    creates = len(shop.sandbox.requests("pins/create"))
    advance(pin, after=pin.next_attempt_at - timezone.now() - timedelta(seconds=5))
    assert len(shop.sandbox.requests("pins/create")) == creates
    assert look(pin).status == PinStatus.PUBLISHED


def test_what_is_sent_again_and_refused_stays_in_doubt_about_the_first_request(shop):
    pin = never_arrive(shop)
    for _ in VERIFICATION_DELAYS:
        look(pin)
    shop.sandbox.fault("pins/create", "message", status=400, code=1, message="Sorry, we blocked this link.")

    assert (look(pin).status, pin.is_editable) == (PinStatus.FAILED, False)
    assert pin.sent_at is not None


def test_trying_again_long_after_looks_once_and_sends(shop):
    pin = never_arrive(shop)
    Pin.objects.filter(pk=pin.pk).update(
        status=PinStatus.FAILED, next_attempt_at=None, sent_at=timezone.now() - timedelta(hours=3)
    )
    pin.refresh_from_db()

    assert scheduling.retry(pin, by=shop.team.alice, now=timezone.now())
    assert advance(pin, after=timedelta(seconds=1)).status == PinStatus.PUBLISHED
    assert len(shop.sandbox.requests("boards/list_pins")) == 1
