"""One history: a plan is lived through, trouble ends, all comes to rest, people tidy up, and nothing is amiss."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.utils import timezone
from django.utils.module_loading import import_string

from . import boundaries, transport
from .at_pinterest import BoardAtPinterest
from .pinterest import Pinterest
from .plans import SLOTS_JUMP, Plan
from .template import reset_database, template
from .transport import Transport
from .world import Process, World

# How long everything may take to come to rest once trouble has ended: longer than any limit lasts.
LONGEST_REST = 3 * 86400.0
# A pin that is later than that waits for a person.
A_DAY = timedelta(days=1)
# After the last thing that is planned: longer than a pin in doubt is looked for.
TROUBLE_LASTS = 400.0
# Looks of the clock after which nothing has moved: then nothing will.
FRUITLESS_LOOKS = 40


class History:
    """Lives `plan`; afterwards `world.violations` says what was wrong."""

    def __init__(self, plan: Plan, *, is_traced: bool = False) -> None:
        from pins import tasks
        from postiz_pins.management.commands import clock

        self.plan = plan
        options = plan.options
        points = {
            (kind, when, nth): (action, seconds)
            for name, kind, when, nth, action, seconds in (item for item in plan.items if item[0] == "point")
        }
        self.world = World(order=options.get("order", 0), switching=options.get("switching", 0.0), points=points)
        self.world.trace = [] if is_traced else None
        reset_database()
        cache.clear()
        boundaries.enter(self.world)
        self.slots = options.get("slots", 3)
        settings.PINTEREST_MAX_CONCURRENT_POSTS = self.slots
        self.pinterest = Pinterest(self.world, options, slots=self.slots)
        faults = {(item[1], item[2]): item[3:6] for item in plan.items if item[0] == "answer"}
        self.transport = transport.current = Transport(self.world, self.pinterest, faults)
        boundaries.now.lost_messages = {item[1]: item[2] for item in plan.items if item[0] == "message"}
        self.lives: dict[int, Any] = {}
        self.workspace, self.media, self.composed = template.workspace, template.media, template.composed
        self.account_keys, self.board_keys = template.account_keys, template.board_keys
        self.people = dict(template.people)
        self.requires_approval = bool(options.get("approval"))
        self.is_restored = False
        self.is_down = False
        self.ends_at = TROUBLE_LASTS
        self._workers: list[Process | None] = [None] * options.get("workers", 2)
        self._clock_memory: dict[str, Any] = {}
        self._ticking: Process | None = None
        self._is_silent = False
        self._beat_at = 0.0
        self.world.on_time = self._pass_time
        self._fruitless = 0
        self._changes = 0
        self._tick_at = 0.0
        self._clock, self._tasks = clock, tasks
        self._snapshot = b""
        self._fill()

    def _fill(self) -> None:
        """The members at Pinterest, with their tokens in our rows."""
        from accounts.connections import tokens
        from postiz_pins.pinterest.oauth import parse_token_grant

        from . import people

        if self.requires_approval:
            connection.connection.execute("UPDATE accounts_workspace SET requires_approval = 1")
        for number, user_id in enumerate(template.user_ids):
            member = self.pinterest.add_member(user_id, f"shop{number}")
            granted = parse_token_grant(self.pinterest.grant(member), timezone.now())
            columns = tokens.token_columns(granted)
            places = ", ".join(f"{name} = ?" for name in columns)
            connection.connection.execute(
                f"UPDATE accounts_pinterestaccount SET {places} WHERE id = ?",  # noqa: S608  our own names
                [*map(people.as_stored, columns.values()), self.account_keys[number]],
            )
            for board_number in range(2 - number):
                board_id = f"8{number}{board_number}"
                self.pinterest.boards[board_id] = BoardAtPinterest(board_id, member, f"Board {number}{board_number}")
                for age in range(self.plan.options.get("old_pins", 0)):
                    words = {"title": f"Old {age}", "description": "", "link": ""}
                    self.pinterest.add_pin(board_id, words, "image", is_ours=False, age=5000.0 * (age + 1))

    def live(self) -> None:
        """The plan, until trouble ends."""
        from . import invariants

        self.pinterest.on_create = partial(invariants.check_sent, self)
        for item in self.plan.items:
            self._schedule(item)
        self._run(self.ends_at)

    def _schedule(self, item: tuple[Any, ...]) -> None:
        from . import people

        kind, at = item[0], self._at
        if kind == "pin":
            compose = people.find_composed if self.plan.options.get("prepared") else people.compose
            at(item[1], lambda: self._person(compose, item))
            at(item[1] + item[5], lambda: None)
        elif kind == "do":
            at(item[1], lambda: self._person(people.act, item))
        elif kind == "account":
            at(item[1], lambda: self._use_account(item))
        elif kind == "board":
            board = self.pinterest.boards[("800", "801", "810")[item[3]]]
            at(item[1], lambda: setattr(board, "is_dead", True))
            at(item[2], lambda: setattr(board, "is_dead", False)) if item[2] < 10**6 else None
        elif kind == "outage":
            at(item[1], lambda: setattr(self.transport, "outage", item[3:6]))
            at(item[2], lambda: setattr(self.transport, "outage", None))
        elif kind == "jump":
            at(item[1], lambda: self._jump(item[2]))
        elif kind == "standstill":
            at(item[1], lambda: self._stand_still(item[2]))
        elif kind == "crash all":
            at(item[1], self._kill_all)
        elif kind == "restore":
            at(item[1], self._take_snapshot)
            at(item[2], lambda: self._restore(item[3]))
            at(item[2] + item[3], self._start_again)
        elif kind == "media":
            error = {"gone": FileNotFoundError, "broken": OSError}[item[3]]
            at(item[1], lambda: setattr(boundaries.now, "media_fault", error))
            at(item[2], lambda: setattr(boundaries.now, "media_fault", None))
        elif kind == "lookalike":
            at(item[1], lambda: self._look_alike(item[2]))

    def _at(self, moment: float, call: Callable[[], object]) -> None:
        self.ends_at = max(self.ends_at, moment + TROUBLE_LASTS)
        self.world.at(moment, lambda: call() and None)

    def _person(self, function: Callable[..., None], item: tuple[Any, ...]) -> None:
        if not self.is_down:
            self.world.start(f"person {item[2]}", function, self, item)

    def _use_account(self, item: tuple[Any, ...]) -> None:
        from . import people

        if item[2].startswith("revoke"):
            self.world.note(f"{item[2]} of account {item[3]}")
            self.pinterest.revoke(self.pinterest.members[template.user_ids[item[3]]], item[2].removeprefix("revoke "))
        else:
            self._person(people.use_account, item)

    def _jump(self, seconds: float) -> None:
        self.world.note(f"the clock jumps by {seconds} s")
        self._is_silent = True
        self.world.jump += seconds
        self.transport.counts_posts = self.transport.counts_posts and seconds <= SLOTS_JUMP
        self.pinterest.shift_pauses(seconds)
        self.world.move_to(self.world.now)

    def _look_alike(self, number: int) -> None:
        """Somebody makes the same pin by hand, before ours is sent."""
        life = self.lives.get(number)
        if life is None or life.pk is None or life.key in self.pinterest.first_sent:
            return
        row = connection.connection.execute(
            "SELECT p.title, p.description, p.link, b.pinterest_id FROM pins_pin p JOIN accounts_board b"
            " ON b.id = p.board_id WHERE p.id = ? AND p.alt_text = ? AND sent_at IS NULL",
            [life.pk, life.key],
        ).fetchone()
        if row is not None:
            words = dict(zip(("title", "description", "link"), row[:3], strict=True))
            pin = self.pinterest.add_pin(row[3], words, "image", is_ours=False)
            self.world.note(f"somebody makes {pin.id}, which looks like {life.key}")

    def _kill_all(self) -> None:
        self.world.kill_all()
        boundaries.now.messages.clear()

    def _pass_time(self, app_seconds: float) -> None:
        """Set the time, and write the beat the clock would have left, unless it is silent or has a gap to notice."""
        boundaries.set_time(app_seconds)
        if not self._is_silent and not self.is_down and self.world.now - self._beat_at >= 1.0:
            self._beat_at = self.world.now
            beat_at = datetime.fromtimestamp(boundaries.EPOCH + app_seconds, UTC).replace(tzinfo=None)
            connection.connection.execute("UPDATE pins_heartbeat SET beat_at = ?", [beat_at.isoformat(" ")])
            boundaries.now.beats += 1

    def _stand_still(self, seconds: float) -> None:
        self._is_silent = True
        self.world.stand_still(seconds)

    def _take_snapshot(self) -> None:
        self.world.run_ready()
        self._snapshot = connection.connection.serialize()

    def _restore(self, down_seconds: float) -> None:
        """All stops, the database is set back, and after a while all starts again."""
        self.world.note(f"the database is set back; all stands still for {down_seconds} s")
        self.world.kill_all()
        self.world.run_ready()
        boundaries.now.messages.clear()
        cache.clear()
        connection.connection.deserialize(self._snapshot)
        self.is_restored, self.is_down = True, True
        self.pinterest.forget_told()

    def _start_again(self) -> None:
        self.world.note("all starts again")
        self.is_down, self._is_silent = False, True
        self._tick_at = 0.0

    def end_trouble(self) -> None:
        """From now on nothing goes wrong; what is down comes up."""
        self.world.note("trouble ends")
        self.world.points = {}
        self.world.stand_still(0)
        self.transport.faults, self.transport.outage = {}, None
        boundaries.now.media_fault, boundaries.now.lost_messages = None, {}
        self.pinterest.is_healthy = True
        for pin in self.pinterest.pins:
            pin.visible_at = min(pin.visible_at, self.world.now + 5)
        for board in self.pinterest.boards.values():
            board.is_dead = False

    def rest(self) -> None:
        """Until nothing moves any more."""
        self._fruitless = 0
        self._tick_at = 0.0
        self._run(self.world.now + LONGEST_REST)

    def tidy_up(self) -> None:
        """What people do in the end: connect, refresh the boards, say of late pins that they may go, try again."""
        from . import people

        for _ in range(3):  # what is tried again may find out that something else is amiss
            if not self._tidy_up(people):
                return
            self.rest()

    def _tidy_up(self, people: Any) -> bool:
        accounts = connection.connection.execute(
            "SELECT a.status, EXISTS("
            "SELECT 1 FROM accounts_board b WHERE b.account_id = a.id AND b.missing_since NOTNULL)"
            " FROM accounts_pinterestaccount a ORDER BY a.id"
        ).fetchall()
        amiss = False
        for number, (status, misses_boards) in enumerate(accounts):
            if status != "active":
                self._person(people.reconnect_and_sync, (None, None, "reconnect", number))
            elif misses_boards:
                self._person(people.use_account, (None, None, "sync", number))
            amiss = amiss or status != "active" or misses_boards
        if amiss:
            self.rest()
        waiting = connection.connection.execute(
            "SELECT alt_text FROM pins_pin WHERE status NOT IN ('draft', 'proposed', 'published')"
        ).fetchall()
        for number, life in self.lives.items():
            if (life.key,) in waiting:
                self._person(people.act, (None, None, "retry", number, 0))
        return amiss or bool(waiting)

    def _run(self, until: float) -> None:
        world = self.world
        while True:
            moved = world.run_ready()
            if self._take_messages():
                continue
            changes = connection.connection.total_changes - boundaries.now.beats
            if changes != self._changes:
                self._changes, self._fruitless = changes, 0
            if moved:
                self._tick_at = 0.0
            tick_at = self._next_tick()
            event_at = world.next_event_at()
            if min(tick_at, event_at) > until or world.statements > boundaries.MOST_STATEMENTS:
                world.move_to(until) if until < LONGEST_REST else None
                return
            if event_at <= tick_at:
                world.run_next_event()
            else:
                world.move_to(tick_at)
                self._tick_at = 0.0
                self._fruitless += 1
                self._ticking = world.start("clock", self._tick, memory=self._clock_memory)

    def _tick(self) -> None:
        """A look of the clock. Most histories write its messages without it, which saves a quarter of their time."""
        if self._is_silent or not self.plan.options.get("prepared"):
            self._clock.tick()
            self._is_silent = False
            return
        if boundaries.has_dead():
            self._tasks.free_the_dead()
        for pk in due_pins(self.slots):
            boundaries.now.messages.append(("pins.tasks.advance", (pk,)))
        if has_due_check():
            boundaries.now.messages.append(("pins.tasks.check_due_pins", ()))

    def _take_messages(self) -> bool:
        """Idle workers take what is queued."""
        if self.is_down:
            return False
        taken = False
        for number, worker in enumerate(self._workers):
            if not boundaries.now.messages:
                break
            if worker is not None and not all(thread.is_done for thread in worker.threads):
                continue
            name, arguments = boundaries.now.messages.pop(0)
            # The same process as before, unless that has been killed.
            memory = worker.memory if worker is not None and not worker.is_dead else None
            call = import_string(name)
            self._workers[number] = self.world.start(f"worker {number}", call, *arguments, memory=memory)
            taken = True
        return taken

    def _next_tick(self) -> float:
        """When the clock looks next. It looks every second; looks that find nothing are left out."""
        if self.is_down or self._fruitless >= FRUITLESS_LOOKS:
            return float("inf")
        if self._ticking is not None and not all(thread.is_done for thread in self._ticking.threads):
            return float("inf")
        if self._is_silent:
            return self.world.now + 1.0
        if self._tick_at == 0.0:
            due_at = next_due_at()
            if due_at is None:
                self._tick_at = float("inf")
            else:
                due = due_at.timestamp() - boundaries.EPOCH - self.world.jump
                soonest = self.world.now + (1 if self._fruitless < 3 else 2 ** min(self._fruitless - 2, 10))
                self._tick_at = max(due // 1 + 1, soonest)
        return self._tick_at


def next_due_at() -> datetime | None:
    """The earliest moment at which the clock might find something, read past the app so that it costs nothing."""
    rows = connection.connection.execute(
        "SELECT MIN(MAX(p.next_attempt_at, COALESCE(p.claimed_until, ''),"
        " COALESCE(a.posting_paused_until, '')))"
        " FROM pins_pin p JOIN accounts_pinterestaccount a ON a.id = p.account_id WHERE p.next_attempt_at IS NOT NULL"
        " AND (a.status = 'active' OR p.status IN ('creating', 'verifying'))"
        " UNION ALL SELECT MIN(preflight_at) FROM pins_pin WHERE status = 'scheduled'"
    ).fetchall()
    moments = [datetime.fromisoformat(f"{value}+00:00") for (value,) in rows if value]
    return min(moments, default=None)


def _now(ago: timedelta = timedelta(0)) -> str:
    return (timezone.now() - ago).replace(tzinfo=None).isoformat(" ", "microseconds")


def due_pins(most: int) -> list[int]:
    """Return due pins as the clock does: those of an account that is gone would wake workers for ever."""
    sql = (
        "SELECT p.id FROM pins_pin p JOIN accounts_pinterestaccount a ON a.id = p.account_id"
        " WHERE p.next_attempt_at <= ? AND (p.claimed_until IS NULL OR p.claimed_until <= ?)"
        " AND (p.status IN ('creating', 'verifying') OR a.status = 'active' AND p.next_attempt_at > ?)"
        " ORDER BY p.next_attempt_at, p.id LIMIT ?"
    )
    return [pk for (pk,) in connection.connection.execute(sql, [_now(), _now(), _now(A_DAY), most + 2])]


def has_due_check() -> bool:
    sql = "SELECT 1 FROM pins_pin WHERE status = 'scheduled' AND preflight_at <= ?"
    return connection.connection.execute(sql, [_now()]).fetchone() is not None


def simulate(plan: Plan, *, is_traced: bool = False) -> History:
    """Lives the plan, and answers the history with its violations."""
    from . import invariants

    history = History(plan, is_traced=is_traced)
    try:
        history.live()
        history.end_trouble()
        history.rest()
        invariants.check(history, is_tidy=False)
        history.tidy_up()  # which changes nothing if all went well
        invariants.check(history, is_tidy=True)
    finally:
        history.world.end()
        boundaries.now.world = None
    return history
