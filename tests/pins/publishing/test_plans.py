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
from pins.models import CLOCK, Heartbeat, PinQuerySet, PinStatus, PostingSlot
from pins.publishing import dispatch, due, preflight
from pins.publishing.claims import take
from pins.rules import spacing
from tests.bulk_pins import copy, fill
from tests.factories import BoardFactory, PinFactory

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite plans without knowing what its tables hold."),
]

MOST_BUFFERS = 50
# 31 keys, then 30 rows with their board, section and account by their keys.
MOST_BUFFERS_OF_A_LIST = 400
QUESTIONS = {
    "tick": lambda now: (dispatch.enqueue_due(now), preflight.enqueue_checks(now)),
    "next to post": due.next_to_post,
    "next to ask about": due.next_to_ask_about,
    "claim": lambda now: [take(pin_id, PinQuerySet.to_post) for pin_id in due.next_to_post(now)[:1]],
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
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE pins_pin CASCADE")  # what other tests have rolled back would still have to be passed
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


def costs_of(ask, now):
    """The pages that PostgreSQL touches for each statement of the question."""
    with CaptureQueriesContext(connection) as queries:
        ask(now)
    return [(buffers(query["sql"]), query["sql"]) for query in queries if '"pins_pin"' in query["sql"]]


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
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE pins_pin CASCADE")
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

    assert [cost for cost in costs if cost[0] > MOST_BUFFERS] == []


@pytest.mark.parametrize("status", ["", *PinStatus])
def test_a_page_of_the_list_reads_few_pages(alice, team, status):
    """Also one in the middle, of one status or of all, in whichever direction it is read."""
    now = timezone.now()
    board = BoardFactory(account__workspace=team.workspace)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE pins_pin CASCADE")
    fill([board], published=20_000, scheduled=20_000, due=100)
    for other in set(PinStatus) - {PinStatus.PUBLISHED, PinStatus.SCHEDULED}:
        copy(PinFactory(board=board, status=other), [board], 3_000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")

    for after in ("", f"{now.isoformat()}~1000000"):
        query = {"status": status, "after": after}
        costs = costs_of(lambda _, query=query: alice.get(reverse("pins:pin_list"), query), now)
        assert [cost for cost in costs if cost[0] > MOST_BUFFERS_OF_A_LIST] == []


def test_asking_for_an_exact_double_reads_few_pages(team):
    """By the index of the calendar, also where “Try again” asks for two minutes."""
    now = timezone.now()
    board = BoardFactory(account__workspace=team.workspace)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE pins_pin CASCADE")
    fill([board], published=20_000, scheduled=20_000, due=100)
    pin = PinFactory(board=board, publish_at=now + timedelta(days=1))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")

    costs = costs_of(lambda _: spacing.ask_about_double(pin, [pin.publish_at, now + timedelta(days=400)], []), now)

    assert costs
    assert [cost for cost in costs if cost[0] > MOST_BUFFERS] == []
