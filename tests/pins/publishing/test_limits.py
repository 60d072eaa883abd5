"""At most so many pins at once for one account, and so many videos, over all workers."""

import threading
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from pins.models import Pin, PinQuerySet, PinStatus, PostingSlot
from pins.publishing import dispatch, next_pins, worker
from pins.publishing.slots import LimitReached, claim_slot
from postiz_pins import queueing
from tests.factories import BoardFactory, PinFactory, PinterestAccountFactory

pytestmark = pytest.mark.django_db
GUARD_SECONDS = 60


@pytest.fixture(autouse=True)
def _limits(settings):
    settings.PINTEREST_MAX_CONCURRENT_POSTS = 6
    settings.PINTEREST_MAX_CONCURRENT_POSTS_PER_ACCOUNT = 2


@pytest.fixture
def now():
    return timezone.now()


def serving(account, now, count=1, **options):
    slots = [claim_slot(now) for _ in range(count)]
    for slot in slots:
        assert slot.serve(account.pk, now, **options)
    return slots


def test_an_account_gets_no_more_slots_than_it_may_have(now):
    account, other = PinterestAccountFactory(), PinterestAccountFactory()
    first, _ = serving(account, now, 2)
    third = claim_slot(now)

    with pytest.raises(LimitReached):
        third.serve(account.pk, now)
    assert third.serve(other.pk, now)
    assert PostingSlot.objects.get(number=third.number).account == other
    first.release()
    assert third.serve(account.pk, now)


def test_a_slot_goes_on_with_its_own_account(now):
    account = PinterestAccountFactory()
    first, _ = serving(account, now, 2)

    assert first.serve(account.pk, now + timedelta(seconds=30))


def test_the_account_that_the_fewest_slots_serve_comes_first(now, settings):
    """Else its pins would be left to the end, when it may have no more slots than any other."""
    settings.PINTEREST_MAX_CONCURRENT_POSTS_PER_ACCOUNT = 3
    older, later = (PinFactory(publish_at=now - timedelta(minutes=minutes)) for minutes in (2, 1))
    of_older, _ = serving(older.account, now, 2)
    (of_later,) = serving(later.account, now)

    assert next_pins.next_to_post(now) == [later.pk, older.pk]
    assert next_pins.next_to_post(now, own=of_later) == [later.pk, older.pk]
    assert next_pins.next_to_post(now, own=of_older) == [later.pk, older.pk], "one slot more would leave it with one"


def test_what_is_claimed_ahead_counts_as_served(now):
    """Else all workers would look at the account with the fewest slots, and claim more of its pins than may be sent."""
    claimed = {"publish_at": now, "claimed_until": now + timedelta(minutes=1)}
    first, second = BoardFactory(), BoardFactory()
    for board in (first, second):
        serving(board.account, now)
        PinFactory(board=board, **claimed, status=PinStatus.CREATING)
    PinFactory(board=first, **claimed)
    pins = [PinFactory(board=board, publish_at=now - timedelta(minutes=1)) for board in (first, second)]

    assert next_pins.next_to_post(now) == [pins[1].pk, pins[0].pk]


def test_pins_that_pinterest_is_asked_about_do_not_count_as_served(now, settings):
    """They need no slot: else an account with many videos would wait until all of them are processed."""
    settings.PINTEREST_MAX_CONCURRENT_POSTS = 1
    with_videos, other = BoardFactory(), BoardFactory()
    asked = {"board": with_videos, "publish_at": now, "claimed_until": now + timedelta(minutes=1)}
    PinFactory(**asked, status=PinStatus.PROCESSING)
    PinFactory(**asked, status=PinStatus.VERIFYING, sent_at=now)
    PinFactory(board=other, publish_at=now - timedelta(minutes=1))
    picture = PinFactory(board=with_videos, publish_at=now - timedelta(minutes=2))

    assert next_pins.next_to_post(now)[0] == picture.pk


def test_accounts_whose_pins_are_due_together_take_turns(now, settings):
    settings.PINTEREST_MAX_CONCURRENT_POSTS_PER_ACCOUNT = 3
    boards = [BoardFactory() for _ in range(3)]
    pins = [PinFactory(board=board, publish_at=now).pk for board in boards]
    older = PinFactory(board=BoardFactory(), publish_at=now - timedelta(minutes=1)).pk
    assert next_pins.next_to_post(now) == [older, *pins]

    second, _ = serving(boards[1].account, now, 2)
    serving(boards[0].account, now)
    serving(boards[2].account, now)
    at_hand = PinFactory(board=boards[1], publish_at=now, claimed_until=now + timedelta(minutes=1))

    assert next_pins.next_to_post(now, second) == [older, pins[2], pins[0], pins[1]]
    ahead = next_pins.next_ahead(now, next_pins.slots_in_use(now), second, at_hand)
    assert ahead == [older, pins[2], pins[0], pins[1]]


def test_at_the_end_the_account_with_the_most_left_comes_first(now, settings):
    """Else its last pins would go out one after the other while other slots have nothing to do."""
    settings.PINTEREST_MAX_CONCURRENT_POSTS = 10
    few, many = BoardFactory(), BoardFactory()
    pin = PinFactory(board=few, publish_at=now)
    first, *_ = PinFactory.create_batch(3, board=many, publish_at=now)
    older = PinFactory(board=BoardFactory(), publish_at=now - timedelta(minutes=1))

    assert next_pins.next_to_post(now)[:3] == [older.pk, first.pk, pin.pk]
    settings.PINTEREST_MAX_CONCURRENT_POSTS = 2
    PinFactory.create_batch(next_pins.FIRST_LOOK, board=many, publish_at=now)
    assert next_pins.next_to_post(now)[:2] == [older.pk, pin.pk], "as long as there is more than is looked at"


def test_one_slot_serves_accounts_in_turn_to_the_end(now, settings):
    """It posts one after the other in any order, so the account with one pin doesn't wait for those with more."""
    settings.PINTEREST_MAX_CONCURRENT_POSTS = 1
    boards = [BoardFactory() for _ in range(3)]
    counts = dict(zip(boards, (1, 3, 2), strict=True))
    firsts = [PinFactory.create_batch(count, board=board, publish_at=now)[0].pk for board, count in counts.items()]

    assert next_pins.next_to_post(now)[:3] == firsts


def test_who_finds_a_pin_taken_goes_on_with_another_account(now):
    """Workers that look at the same moment see the same, and all but one find the first pin taken."""
    boards = [BoardFactory() for _ in range(3)]
    pins = [[PinFactory(board=board, publish_at=now).pk for _ in range(2)] for board in boards]

    firsts, seconds = zip(*pins, strict=True)
    assert next_pins.next_to_post(now) == [*firsts, *seconds]
    assert next_pins.next_for_free_slots(now, 4, next_pins.SlotsInUse()) == [*firsts, seconds[0]]


def test_each_free_slot_gets_a_message_when_more_pins_are_due(now, settings):
    """Also of an account whose pins come after the first look."""
    settings.PINTEREST_MAX_CONCURRENT_POSTS_PER_ACCOUNT = 3
    first, second = BoardFactory(), BoardFactory()
    for minutes, board, count in ((2, first, next_pins.FIRST_LOOK + 6), (1, second, 2)):
        PinFactory.create_batch(count, board=board, publish_at=now - timedelta(minutes=minutes))

    pin_ids = next_pins.next_for_free_slots(now, 6, next_pins.slots_in_use(now))

    of_accounts = Counter(Pin.objects.get(pk=pin_id).account_id for pin_id in pin_ids)
    assert of_accounts == {first.account_id: 3, second.account_id: 3}


def test_few_due_pins_get_a_message_each(now):
    pins = PinFactory.create_batch(2, publish_at=now - timedelta(minutes=1))

    assert next_pins.next_for_free_slots(now, 6, next_pins.slots_in_use(now)) == [pin.pk for pin in pins]


def test_videos_get_no_more_slots_than_they_may_have(now, settings):
    settings.PINTEREST_MAX_CONCURRENT_UPLOADS = 1
    account, other = PinterestAccountFactory(), PinterestAccountFactory()
    (uploading,) = serving(account, now, is_uploading=True)
    second = claim_slot(now)

    with pytest.raises(LimitReached):
        second.serve(other.pk, now, is_uploading=True)
    assert second.serve(other.pk, now)
    assert uploading.serve(account.pk, now)  # the video is done, a picture comes next
    assert second.serve(other.pk, now, is_uploading=True)


def test_a_released_slot_uploads_nothing(now, settings):
    settings.PINTEREST_MAX_CONCURRENT_UPLOADS = 1
    (slot,) = serving(PinterestAccountFactory(), now, is_uploading=True)

    slot.release()

    assert next_pins.slots_in_use(now) == next_pins.SlotsInUse()
    assert not PostingSlot.objects.filter(is_uploading=True).exists()


def test_pins_of_an_account_without_room_are_not_next(now):
    board, other = BoardFactory(), BoardFactory()
    for _ in range(next_pins.FIRST_LOOK + 4):
        PinFactory(board=board, publish_at=now - timedelta(minutes=2), attachments=0)
    behind = PinFactory(board=other, publish_at=now - timedelta(minutes=1), attachments=0)
    first, _ = serving(board.account, now, 2)

    assert next_pins.next_to_post(now) == [behind.pk]
    assert next_pins.next_to_post(now, own=first)[0] == behind.pk, "it is served by no slot"
    assert len(next_pins.next_to_post(now, own=first)) > 1
    behind.delete()
    assert next_pins.next_to_post(now) == []


def test_videos_without_room_keep_no_picture_of_their_account_waiting(now, settings):
    settings.PINTEREST_MAX_CONCURRENT_UPLOADS = 1
    board = BoardFactory()
    for _ in range(next_pins.FIRST_LOOK + 4):
        PinFactory(board=board, publish_at=now - timedelta(minutes=2), attachments=0, has_video=True)
    picture = PinFactory(board=board, publish_at=now - timedelta(minutes=1), attachments=0)
    assert picture.pk not in next_pins.next_to_post(now)
    (uploading,) = serving(PinterestAccountFactory(), now, is_uploading=True)

    assert next_pins.next_to_post(now) == [picture.pk]
    assert next_pins.next_to_post(now, own=uploading)[0] != picture.pk


def test_the_clock_wakes_no_more_workers_than_an_account_may_have(now, monkeypatch):
    sent = []
    monkeypatch.setattr(queueing, "send", lambda task, pin_id: sent.append(pin_id))
    boards = [BoardFactory() for _ in range(3)]
    for board in boards:
        for _ in range(20):
            PinFactory(board=board, publish_at=now - timedelta(minutes=2), attachments=0)

    dispatch.enqueue_due(now)

    accounts = Counter(Pin.objects.filter(pk__in=sent).values_list("account", flat=True))
    assert len(sent) >= 3
    assert set(accounts) == {board.account_id for board in boards}
    assert max(accounts.values()) <= 2


def test_a_worker_gives_a_pin_back_that_may_not_be_posted_now_and_takes_another(shop):
    now = timezone.now()
    mine = shop.pin()
    serving(shop.account, now, 2)
    other_account = PinterestAccountFactory(
        workspace=shop.team.workspace,
        access_token_encrypted=shop.account.access_token_encrypted,
        refresh_token_encrypted=shop.account.refresh_token_encrypted,
    )
    other = shop.pin(board=BoardFactory(account=other_account, pinterest_id=mine.board.pinterest_id))

    worker.advance(mine.pk)

    mine.refresh_from_db()
    other.refresh_from_db()
    assert (mine.status, mine.claim_token) == (PinStatus.SCHEDULED, None)
    assert other.status == PinStatus.PUBLISHED


def test_a_message_about_a_pin_that_another_worker_is_at_is_about_others_that_are_due(shop):
    """The clock knows the first pin of each account only, and may have sent it for several slots."""
    until = timezone.now() + timedelta(minutes=1)
    at_another = shop.pin(status=PinStatus.CREATING, claimed_until=until)
    due = shop.pin()

    worker.advance(at_another.pk)

    due.refresh_from_db()
    assert due.status == PinStatus.PUBLISHED


def test_a_worker_looks_again_when_others_were_faster_with_all_that_it_saw(shop, monkeypatch):
    pins = [shop.pin(publish_at=timezone.now() - timedelta(minutes=3 - number)) for number in range(3)]
    Pin.objects.filter(pk=pins[0].pk).claim(timezone.now(), timezone.now() + timedelta(minutes=1))
    real_look, others = worker.next_to_post, iter(pins[1:2])

    def look(now, own):
        seen = real_look(now, own)[:1]
        if taken := next(others, None):
            Pin.objects.filter(pk=taken.pk).claim(now, now + timedelta(minutes=1))
        return seen

    monkeypatch.setattr(worker, "next_to_post", look)

    worker.advance(pins[0].pk)

    pins[2].refresh_from_db()
    assert pins[2].status == PinStatus.PUBLISHED


def test_a_worker_tries_each_pin_once_that_others_have_locked(now, monkeypatch):
    """In whatever order the looks show them."""
    pins, tried = [1, 2, 3], []
    monkeypatch.setattr(worker, "next_to_post", lambda now, own: pins.reverse() or pins[: len(tried) + 1])
    monkeypatch.setattr(worker, "claim_pin", lambda pin_id, step: tried.append(pin_id))

    assert worker._claim_next(now, None) is None
    assert sorted(tried) == [1, 2, 3]


def test_without_limits_below_the_slots_nothing_more_is_asked(now, settings, django_assert_num_queries):
    settings.PINTEREST_MAX_CONCURRENT_POSTS = 2
    account = PinterestAccountFactory()
    slot = claim_slot(now)

    with django_assert_num_queries(1):
        slot.serve(account.pk, now)


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_never_pass_a_limit_and_leave_no_pin_behind(settings, monkeypatch):
    """Six slots, two for an account, one video: many threads on real transactions."""
    settings.PINTEREST_MAX_CONCURRENT_UPLOADS = 1
    boards = [BoardFactory() for _ in range(4)]
    now = timezone.now()
    for board in boards:
        for number in range(6):
            PinFactory(board=board, publish_at=now, attachments=0, has_video=number == 0)
    lock, in_flight, most = threading.Lock(), Counter(), Counter()
    everyone_waits = threading.Event()

    def post(claim, lease):
        keys = ["all", claim.pin.account_id] + (["video"] if claim.pin.has_video else [])
        with lock:
            in_flight.update(keys)
            for key in keys:
                most[key] = max(most[key], in_flight[key])
        everyone_waits.wait(0.02)  # Pinterest takes its time
        Pin.objects.filter(pk=claim.pin.pk).update(
            status=PinStatus.PUBLISHED,
            next_attempt_at=None,
            published_at=now,
            pinterest_pin_id=str(claim.pin.pk),
            **PinQuerySet.UNCLAIMED,
        )
        with lock:
            in_flight.subtract(keys)

    monkeypatch.setattr(worker, "_post", post)

    def work():
        try:
            while pin_ids := [*next_pins.next_to_post(timezone.now())] or list(
                Pin.objects.filter(status=PinStatus.SCHEDULED).values_list("pk", flat=True)[:1]
            ):
                worker.advance(pin_ids[0])
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(GUARD_SECONDS)

    assert Pin.objects.published().count() == 24
    assert most["video"] == 1
    assert most["all"] <= 6
    assert max(most[board.account_id] for board in boards) <= 2
    assert max(most[board.account_id] for board in boards) == 2, "they have met"
