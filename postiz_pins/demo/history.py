"""A workspace with years of made-up history, as ingestion would have kept it: for demos and benchmarks.

The figures are those of the sandbox's audience (sandbox/figures.py), but the accounts exist nowhere. They count as
connected, so that the pages show what they show of a living account, and are marked as made up, so that Pinterest is
never asked about them. While it is being filled, the workspace has no member and a date of deletion that moves along:
if the process dies, the app deletes what was made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from accounts.models import Board, Membership, PinterestAccount, Role, User, Workspace
from analytics.ingestion import rollups
from analytics.models import AccountDay, AccountFeed, BoardPeriod, PinDay, PinKind, PinLifetime, PinPeriod, PinSummary
from pins.media.storage import store_upload
from pins.models import Attachment, MediaFile, Pin, PinStatus
from postiz_pins.common import encryption
from postiz_pins.data import deletion as data_deletion
from postiz_pins.sandbox import figures
from postiz_pins.sandbox.pictures import gradient

from .bulk_rows import refresh_statistics, write_rows

Progress = Callable[[str], None]

SCOPES = ["boards:read", "boards:write", "pins:read", "pins:write", "user_accounts:read"]
NEVER = timedelta(days=3_650)
# Far longer than the longest step, after each of which the erasing of the unfinished is put off again.
UNFINISHED_LIFE = timedelta(hours=1)
PICTURES = 12
PINS_AT_ONCE = 500
SNAPSHOT_DAYS = 7
FIRST_WEEK = 7
BOARDS = (
    "Living rooms by the sea",
    "Autumn tables",
    "Kitchen gardens",
    "Hallways and entrances",
    "Colors we mix ourselves",
    "Gifts under 50",
    "Small balconies",
    "Reading corners",
)
WHAT = (
    "Linen curtains",
    "A bench of oak",
    "Candles",
    "Limewash",
    "A table for six",
    "Clay pots",
    "Wool rugs",
    "Shelves",
)
WHERE = ("by the window", "for long evenings", "in a small flat", "after the rain", "with pine and pears", "in one day")
HOW = ("in three ways", "without the fuss", "from what is there", "for beginners", "that lasts")


@dataclass(frozen=True)
class Wanted:
    """How much is to be made.

    `pin_days` is the most rows of PinDay in all: with fewer than the pins' ages come to, the newest days of each are
    kept. `snapshots` is the most lifetime snapshots of a pin.
    """

    accounts: int = 1
    pins: int = 5_000
    days: int = 730
    pin_days: int | None = None
    snapshots: int = 105

    @property
    def days_of_pin(self) -> int:
        """Return how many of the newest days of a pin get a row each."""
        return self.days + figures.NEWEST_DAYS if self.pin_days is None else max(1, self.pin_days // self.pins)


@dataclass
class Rows:
    """What some pins come to. Dates are ISO texts here."""

    days: list[tuple[int, str, str, int | None, int | None, int | None, int | None]] = field(default_factory=list)
    lifetimes: list[tuple[int, str, int, int, int, int, int, int]] = field(default_factory=list)
    summaries: list[PinSummary] = field(default_factory=list)


class NewPin(NamedTuple):
    """A pin before its figures are made."""

    row: Pin
    board: Board
    published_at: datetime
    kind: PinKind


class Clock(NamedTuple):
    """The moment of the whole filling: figures are what Pinterest would tell then."""

    now: datetime

    @property
    def today(self) -> date:
        """Return the day in UTC, as Pinterest counts."""
        return self.now.astimezone(UTC).date()

    @property
    def latest_on(self) -> date:
        """Return the newest day with figures."""
        return self.today - timedelta(days=figures.NEWEST_DAYS)


def make(name: str, user: User | None, wanted: Wanted, now: datetime, say: Progress) -> Workspace:
    """Return the new workspace, full of history, with the user as its admin; after an error nothing is left."""
    workspace = Workspace.objects.create(name=name, time_zone="Europe/Berlin", delete_at=now + UNFINISHED_LIFE)
    try:
        fill(workspace, user, wanted, now, say)
        with transaction.atomic():
            if Workspace.objects.filter(pk=workspace.pk).update(delete_at=None) == 0:
                raise RuntimeError("The unfinished workspace was deleted meanwhile.")
            if user is not None:
                Membership.objects.create(user=user, workspace=workspace, role=Role.ADMIN)
    except BaseException:
        _erase(workspace)
        raise
    workspace.refresh_from_db()
    return workspace


def _erase(workspace: Workspace) -> None:
    now = timezone.now()
    Workspace.objects.filter(pk=workspace.pk).update(delete_at=now)
    data_deletion.delete_workspace(workspace, now)


def _postpone_deletion(workspace: Workspace) -> None:
    Workspace.objects.filter(pk=workspace.pk).update(delete_at=timezone.now() + UNFINISHED_LIFE)


def fill(workspace: Workspace, user: User | None, wanted: Wanted, now: datetime, say: Progress) -> None:
    """Add accounts, boards, published pins and their figures to a workspace that has none of them."""
    clock = Clock(now)
    media = [draw_picture(workspace, user, number) for number in range(PICTURES)]
    for number in range(wanted.accounts):
        pins_of_account = wanted.pins // wanted.accounts + (number < wanted.pins % wanted.accounts)
        account = create_account(workspace, number, clock)
        say(f"@{account.username}: {pins_of_account:,} pins and their days …")
        fill_account(account, media, pins_of_account, wanted, clock)
    refresh_statistics(Pin, Attachment, AccountDay, PinDay, PinLifetime, PinSummary)
    for account in PinterestAccount.objects.filter(workspace=workspace).order_by("pk"):
        say(f"@{account.username}: totals …")
        rollups.refresh(account)
        _postpone_deletion(workspace)
    refresh_statistics(PinPeriod, BoardPeriod)


def draw_picture(workspace: Workspace, user: User | None, number: int) -> MediaFile:
    """Return a made-up image in the workspace's library."""
    title = WHAT[number % len(WHAT)]
    picture = gradient(f"{title} {number}", 400, 600)
    return store_upload(
        ContentFile(picture.content, f"{title.lower().replace(' ', '-')}-{number}.jpg"), workspace=workspace, by=user
    )


def create_account(workspace: Workspace, number: int, clock: Clock) -> PinterestAccount:
    """Create an account that exists nowhere, and whose tokens are never renewed."""
    later = clock.now + NEVER
    return PinterestAccount.objects.create(
        workspace=workspace,
        pinterest_user_id=str(6 * 10**17 + workspace.pk * 10**6 + number),
        username=f"history{workspace.pk}" + (f".{number + 1}" if number else ""),
        account_type="BUSINESS",
        scopes=SCOPES,
        connected_at=clock.now - timedelta(days=731),
        access_token_encrypted=encryption.encrypt("made up"),
        refresh_token_encrypted=encryption.encrypt("made up"),
        access_expires_at=later,
        refresh_expires_at=later,
        renew_at=later,
        is_made_up=True,
        boards_synced_at=clock.now,
    )


def fill_account(account: PinterestAccount, media: list[MediaFile], count: int, wanted: Wanted, clock: Clock) -> None:
    """Fill an account with boards, pins and all figures."""
    boards = Board.objects.bulk_create(
        Board(account=account, pinterest_id=str(5 * 10**17 + account.pk * 10**6 + number), name=name)
        for number, name in enumerate(BOARDS)
    )
    start_on = clock.latest_on - timedelta(days=wanted.days - 1)
    of_pins = [figures.NO_COUNTS] * (wanted.days + figures.NEWEST_DAYS)
    # The last are of yesterday: too new for figures.
    step = (wanted.days + 1) / count
    for first in range(0, count, PINS_AT_ONCE):
        numbers = range(first, min(first + PINS_AT_ONCE, count))
        pins = create_pins(boards, media, numbers, start_on, step)
        rows = Rows()
        for pin in pins:
            add_pin_rows(rows, pin, wanted, clock, start_on, of_pins)
        store(rows)
        _postpone_deletion(account.workspace)
    AccountDay.objects.bulk_create(account_days(account, start_on, of_pins, clock), batch_size=500)
    create_feed(account, clock)


def create_pins(
    boards: list[Board], media: list[MediaFile], numbers: range, start_on: date, step: float
) -> list[NewPin]:
    """Create published pins with their files, `step` days apart."""
    pins = [new_pin(boards, number, start_on + timedelta(days=int(number * step))) for number in numbers]
    Pin.objects.bulk_create((pin.row for pin in pins), batch_size=500)
    Attachment.objects.bulk_create(
        (
            Attachment(pin=pin.row, media=media[(number + position) % len(media)], position=position)
            for number, pin in zip(numbers, pins, strict=True)
            for position in range(2 if pin.kind == PinKind.CAROUSEL else 1)
        ),
        batch_size=1_000,
    )
    return pins


def new_pin(boards: list[Board], number: int, day: date) -> NewPin:
    """Return a published pin of this day, not stored yet."""
    account = boards[0].account
    pin_id = str(4 * 10**17 + account.pk * 10**7 + number)
    board = boards[figures.seed_of(pin_id) % len(boards)]
    published_at = moment_of(pin_id, day)
    row = Pin(
        workspace_id=account.workspace_id,
        account=account,
        board=board,
        title=title_of(number),
        status=PinStatus.PUBLISHED,
        publish_at=published_at,
        published_at=published_at,
        created_at=published_at,
        pinterest_pin_id=pin_id,
    )
    return NewPin(row, board, published_at, PinKind.CAROUSEL if number % 10 == 9 else PinKind.IMAGE)


def title_of(number: int) -> str:
    """Return a made-up title, each number's its own."""
    place, rest = number % len(WHAT), number // len(WHAT)
    return f"{WHAT[place]} {WHERE[rest % len(WHERE)]}, {HOW[rest // len(WHERE) % len(HOW)]}"


def moment_of(pin_id: str, day: date) -> datetime:
    """Return when a pin was published, in UTC.

    Pins that reach many were published in the evening, so that the best times have something to find.
    """
    audience = figures.audience_of_pin(pin_id)
    hour = 6 + audience.reach / 560 * 12 + audience.seed % 256 / 256 * 4
    return datetime.combine(day, time(int(hour), (audience.seed >> 8) % 12 * 5), UTC)


def add_pin_rows(
    rows: Rows, pin: NewPin, wanted: Wanted, clock: Clock, start_on: date, of_pins: list[figures.Counts]
) -> None:
    """Add the rows of one pin to `rows`, and its days to those of its account, which begin with `start_on`."""
    created, today, latest = pin.published_at.date().toordinal(), clock.today.toordinal(), clock.latest_on.toordinal()
    first_kept = today - wanted.days_of_pin + 1
    first_snapshot = latest - wanted.snapshots * SNAPSHOT_DAYS
    offset = start_on.toordinal()
    audience = figures.audience_of_pin(pin.row.pinterest_pin_id)
    impressions = pin_clicks = outbound = saves = 0
    first_week = None
    for day in range(created, latest + 1):
        final = figures.final_pin_day(audience, created, day)
        told = figures.revised(final, audience.seed, day, today)
        before = of_pins[day - offset]
        of_pins[day - offset] = (before[0] + told[0], before[1] + told[1], before[2] + told[2], before[3] + told[3])
        impressions, pin_clicks = impressions + final[0], pin_clicks + final[1]
        outbound, saves = outbound + final[2], saves + final[3]
        if day >= first_kept:
            rows.days.append((pin.row.pk, date.fromordinal(day).isoformat(), status_of(day, latest), *told))
        age = day - created + 1
        if age == FIRST_WEEK:
            first_week = pin_clicks + outbound + saves
        if day == latest or (age % SNAPSHOT_DAYS == 0 and day > first_snapshot):
            seen_on = date.fromordinal(day + figures.NEWEST_DAYS).isoformat()
            values = (impressions, pin_clicks, outbound, saves, saves // 3, saves // 9)
            rows.lifetimes.append((pin.row.pk, seen_on, *values))
    for day in range(max(created, latest + 1), today + 1):
        rows.days.append((pin.row.pk, date.fromordinal(day).isoformat(), "PROCESSING", None, None, None, None))
    totals = (impressions, pin_clicks, outbound, saves) if created <= latest else None
    rows.summaries.append(summary_of(pin, totals, first_week, clock))


def status_of(day: int, latest: int) -> str:
    """Return Pinterest's status of a day's figures."""
    return "ESTIMATE" if day == latest else "READY"


def summary_of(pin: NewPin, totals: figures.Counts | None, first_week: int | None, clock: Clock) -> PinSummary:
    """Return the summary of a pin, as ingestion would have left it."""
    summary = PinSummary(
        pin=pin.row,
        workspace_id=pin.row.workspace_id,
        account_id=pin.board.account_id,
        board=pin.board,
        kind=pin.kind,
        published_at=pin.published_at,
        days_next_at=None,
        days_fetched_at=clock.now,
        latest_status="PROCESSING",
    )
    if totals is not None:
        summary.lifetime_at = clock.now
        summary.latest_on = clock.latest_on
        summary.impressions, summary.pin_clicks, summary.outbound_clicks, summary.saves = totals
        summary.reactions, summary.comments = totals[3] // 3, totals[3] // 9
        summary.save_rate = totals[3] / totals[0] if totals[0] else None
        summary.first_week_engagement = first_week
    return summary


def store(rows: Rows) -> None:
    """Write the collected rows to the database."""
    metrics = ("impressions", "pin_clicks", "outbound_clicks", "saves")
    write_rows(PinDay, ("pin_id", "date", "data_status", *metrics), rows.days)
    write_rows(PinLifetime, ("pin_id", "date", *metrics, "reactions", "comments"), rows.lifetimes)
    PinSummary.objects.bulk_create(rows.summaries, batch_size=500)


def account_days(
    account: PinterestAccount, start_on: date, of_pins: list[figures.Counts], clock: Clock
) -> Iterator[AccountDay]:
    """Yield the account's days: those of its pins, and the views of its profile; the newest are not ready."""
    today, latest = clock.today.toordinal(), clock.latest_on.toordinal()
    founded = start_on.toordinal() - 200
    monthly_views = 60_000 + figures.seed_of(account.username) % 200_000
    for offset, pins in enumerate(of_pins):
        day = start_on.toordinal() + offset
        row = AccountDay(account=account, date=date.fromordinal(day), data_status="PROCESSING")
        if day <= latest:
            alone = figures.final_account_day(account.pinterest_user_id, monthly_views, founded, day)
            counts = figures.revised(alone, figures.seed_of(account.pinterest_user_id), day, today)
            row.data_status = status_of(day, latest)
            row.impressions, row.pin_clicks, row.outbound_clicks, row.saves = (
                own + shown for own, shown in zip(counts, pins, strict=True)
            )
            row.engagement = row.pin_clicks + row.outbound_clicks + row.saves
            row.pin_click_rate = row.pin_clicks / row.impressions if row.impressions else None
        yield row


def create_feed(account: PinterestAccount, clock: Clock) -> AccountFeed:
    """Create the account's feed, with nothing due for years."""
    later = clock.now + NEVER
    return AccountFeed.objects.create(
        account=account,
        days_next_at=later,
        lifetime_next_at=later,
        pins_next_at=later,
        days_fetched_at=clock.now,
        lifetime_fetched_at=clock.now,
        pins_fetched_at=clock.now,
        # "Refresh now" would find out that Pinterest does not know the account.
        refreshed_at=later,
        revised_at=clock.now,
        latest_on=clock.latest_on,
    )
