"""What workers and the clock ask PostgreSQL costs a few pages, however many pins there are and whoever has them."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccountStatus, PinterestAccount
from pins.lifecycle import notifications as pin_notifications
from pins.media.library import SORTS
from pins.models import CLOCK, Heartbeat, MediaFile, MediaKind, PinQuerySet, PinStatus, PostingSlot
from pins.publishing import dispatch, next_pins, preflight
from pins.publishing.claims import take
from pins.spacing import doubles
from tests.bulk_pins import copy, fill
from tests.factories import BoardFactory, PinFactory

pytestmark = [
    pytest.mark.usefixtures("fresh_tables"),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite plans without knowing what its tables hold."),
]

MOST_BUFFERS = 50
# Two turns of thirty slots, and each pin may lie in a page of its own.
MOST_BUFFERS_OF_THIRTY = 160
# 31 keys, then 30 rows with their board, section and account by their keys.
MOST_BUFFERS_OF_A_LIST = 400
# For each day of the week ahead 104 pins at most, and each may lie in a page of its own.
MOST_BUFFERS_OF_THE_DASHBOARD = 120
# At most 9,999 entries of an index for each tab.
MOST_BUFFERS_OF_COUNTS = 2_000
QUESTIONS = {
    "tick": lambda now: (dispatch.enqueue_due(now), preflight.enqueue_checks(now)),
    "next to post": next_pins.next_to_post,
    "next to ask about": next_pins.next_to_ask_about,
    "claim": lambda now: [take(pin_id, PinQuerySet.to_post) for pin_id in next_pins.next_to_post(now)[:1]],
    "stalled": dispatch.has_stalled,
    "held": pin_notifications.tell_held,
}


CROWD = {"published": 5_000, "scheduled": 50_000, "due": 5_000}
# As in an installation that is some years old: PostgreSQL then takes pins on their way for something rare.
OLD_CROWD = {"published": 100_000, "scheduled": 5_000, "due": 4_000}


@pytest.mark.parametrize(
    ("crowd", "accounts", "served", "paused"),
    [
        (CROWD, 40, 0, 0),
        (OLD_CROWD, 40, 0, 0),
        (CROWD, 40, 3, 0),
        (CROWD, 40, 0, 39),
        (CROWD, 1, 0, 0),
        (CROWD, 1, 1, 0),
    ],
    ids=["many accounts", "many published", "some served", "most paused", "one account", "one that is served"],
)
def test_what_workers_ask_reads_few_pages_whoever_the_pins_belong_to(crowd, accounts, served, paused):
    """While the clock is heard, and after a silence, when all that is due is looked for first."""
    now = timezone.now()
    boards = [BoardFactory() for _ in range(accounts)]
    fill(boards, **crowd)
    until = now + timedelta(minutes=5)
    PostingSlot.objects.bulk_create(
        PostingSlot(number=number, held_until=until, account=board.account)
        for number, board in enumerate(boards[:served])
    )
    of_paused = [board.account_id for board in boards[accounts - paused :]]
    PinterestAccount.objects.filter(pk__in=of_paused).update(posting_paused_until=until)

    in_time = [(name, *cost) for name, ask in QUESTIONS.items() for cost in costs_of(ask, now)]
    Heartbeat.objects.create(name=CLOCK, beat_at=now - timedelta(minutes=1))
    after_a_silence = [(name, *cost) for name, ask in QUESTIONS.items() for cost in costs_of(ask, now)]

    assert [cost for cost in in_time + after_a_silence if cost[1] > MOST_BUFFERS] == []


def test_what_workers_ask_where_limits_are_reached_reads_few_pages(settings):
    """One account may get no further slot, and no further video may be sent."""
    now = timezone.now()
    settings.PINTEREST_MAX_CONCURRENT_POSTS, settings.PINTEREST_MAX_CONCURRENT_POSTS_PER_ACCOUNT = 30, 3
    settings.PINTEREST_MAX_CONCURRENT_UPLOADS = 3
    boards = [BoardFactory() for _ in range(40)]
    fill(boards, **CROWD)
    until, account = now + timedelta(minutes=5), boards[0].account
    PostingSlot.objects.bulk_create(
        PostingSlot(number=number, held_until=until, account=account, is_uploading=True) for number in range(3)
    )

    costs = [(name, *cost) for name, ask in QUESTIONS.items() for cost in costs_of(ask, now)]

    assert len(costs) > len(QUESTIONS)
    look = {"tick", "next to post", "claim"}
    assert [cost for cost in costs if cost[1] > (MOST_BUFFERS_OF_THIRTY if cost[0] in look else MOST_BUFFERS)] == []


@pytest.mark.parametrize("accounts", [1, 40], ids=["of one account", "of all accounts"])
def test_videos_that_wait_for_room_are_not_walked(settings, accounts):
    """No further video may be sent, and thousands of them are due before the first picture."""
    now = timezone.now()
    settings.PINTEREST_MAX_CONCURRENT_POSTS, settings.PINTEREST_MAX_CONCURRENT_UPLOADS = 30, 3
    boards = [BoardFactory() for _ in range(40)]
    fill(boards, published=5_000, scheduled=5_000, due=100)
    long_due = now - timedelta(minutes=12)
    video = PinFactory(board=boards[0], publish_at=long_due, attachments=0, has_video=True)
    copy(video, boards[:accounts], 20_000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    until = now + timedelta(minutes=5)
    PostingSlot.objects.bulk_create(
        PostingSlot(number=number, held_until=until, account=boards[number].account, is_uploading=True)
        for number in range(3)
    )

    assert len(next_pins.next_to_post(now)) >= 1
    costs = [(name, *cost) for name, ask in QUESTIONS.items() for cost in costs_of(ask, now)]

    assert [cost for cost in costs if cost[1] > (MOST_BUFFERS_OF_THIRTY if cost[0] == "tick" else MOST_BUFFERS)] == []


def costs_of(ask, now, table="pins_pin"):
    """The pages that PostgreSQL touches for each statement of the question."""
    with CaptureQueriesContext(connection) as queries:
        ask(now)
    return [(buffers(query["sql"]), query["sql"]) for query in queries if f'"{table}"' in query["sql"]]


def buffers(sql):
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}")
        plan = cursor.fetchone()[0]
    [top] = json.loads(plan) if isinstance(plan, str) else plan
    return top["Plan"]["Shared Hit Blocks"] + top["Plan"]["Shared Read Blocks"]


@pytest.mark.parametrize("with_trouble", [False, True], ids=["quiet", "with trouble"])
def test_the_dashboard_reads_few_pages_whatever_the_workspace_holds(alice, team, with_trouble):
    now = timezone.now()
    board = BoardFactory(account__workspace=team.workspace)
    fill([board], published=20_000, scheduled=20_000, due=100)
    copy(PinFactory(board=board, status=PinStatus.DRAFT, publish_at=None, created_by=team.alice), [board], 5_000)
    if with_trouble:
        PinterestAccount.objects.filter(pk=board.account_id).update(status=AccountStatus.NEEDS_RECONNECT)
        long_ago = {"publish_at": now - timedelta(days=2), "attachments": 0}
        PinFactory(board=board, **long_ago)
        PinFactory(board=board, warnings=[{"code": "x", "field": "link", "message": "Shortened."}])
        PinFactory(board=board, status=PinStatus.DRAFT, review_comment="Shorter.", created_by=team.alice)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")

    costs = costs_of(lambda _: alice.get(reverse("pins:dashboard")), now)

    assert [cost for cost in costs if cost[0] > MOST_BUFFERS_OF_THE_DASHBOARD] == []


@pytest.mark.parametrize("status", ["", *PinStatus])
def test_a_page_of_the_list_reads_few_pages(alice, team, status):
    """Also one in the middle, of one status or of all, by time in whichever direction and by title."""
    now = timezone.now()
    board = BoardFactory(account__workspace=team.workspace)
    fill([board], published=20_000, scheduled=20_000, due=100)
    for other in set(PinStatus) - {PinStatus.PUBLISHED, PinStatus.SCHEDULED}:
        copy(PinFactory(board=board, status=other), [board], 3_000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")

    for sort, after in (("", ""), ("", f"{now.isoformat()}~1000000"), ("title", ""), ("title", "oak~1000000")):
        query = {"status": status, "sort": sort, "after": after}
        costs = costs_of(lambda _, query=query: alice.get(reverse("pins:pin_list"), query), now)
        [counts] = [cost for cost in costs if "AS counted" in cost[1]]
        assert counts[0] <= MOST_BUFFERS_OF_COUNTS
        assert [cost for cost in costs if cost[0] > MOST_BUFFERS_OF_A_LIST and cost != counts] == []


@pytest.mark.parametrize("sort", SORTS)
def test_a_page_of_the_library_reads_few_pages_in_each_order(alice, team, sort):
    MediaFile.objects.bulk_create(
        MediaFile(
            workspace=team.workspace,
            kind=MediaKind.IMAGE,
            file=f"{number}.jpg",
            thumbnail=f"{number}-small.jpg",
            original_name=f"Chair {number * 7919 % 20_000}.jpg",
            content_type="image/jpeg",
            width=1000,
            height=1500,
            size_bytes=number * 104_729 % 1_000_000,
            sha256=f"{number:064}",
        )
        for number in range(20_000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    following = alice.get(reverse("pins:media_list"), {"sort": sort}).context["next_url"]

    for query in (f"?sort={sort}", following):
        costs = costs_of(lambda _, query=query: alice.get(reverse("pins:media_list") + query), None, "pins_mediafile")
        assert costs
        assert [cost for cost in costs if cost[0] > MOST_BUFFERS_OF_A_LIST] == []


def test_asking_for_an_exact_double_reads_few_pages(team):
    """By the index of the calendar, also where “Try again” asks for two minutes."""
    now = timezone.now()
    board = BoardFactory(account__workspace=team.workspace)
    fill([board], published=20_000, scheduled=20_000, due=100)
    pin = PinFactory(board=board, publish_at=now + timedelta(days=1))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")

    costs = costs_of(lambda _: doubles.ask_about_double(pin, [pin.publish_at, now + timedelta(days=400)], []), now)

    assert costs
    assert [cost for cost in costs if cost[0] > MOST_BUFFERS] == []
