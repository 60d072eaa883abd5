"""The check before publishing: what would go wrong is said while there is time to fix it.

A scheduled pin is checked soon after scheduling, and again ten minutes before it is published, then with a look at its
board at Pinterest. It only warns: publishing checks the rules itself, and waits for nothing here. `preflight_at` is
both the plan and the claim: a worker that checks a pin moves it into the future, and writes only if it still stands
there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from accounts.connections import board_sync
from pins.errors import catalogue as error_catalogue
from pins.errors import lookup as error_lookup
from pins.lifecycle import events
from pins.models import MediaFile, Pin, PinEventKind, PinStatus
from pins.rules import composition, links
from pins.rules.composition import Composition, Problem
from postiz_pins import queueing
from postiz_pins.common.turns import is_taken, turn
from postiz_pins.database.prepared_queries import Prepared
from postiz_pins.pinterest.errors import PinterestClientError, PinterestError, ReconnectNeeded
from postiz_pins.runtime import stopping
from postiz_pins.storage.base import store_of

LookAt = Callable[[str], links.Finding | None]

AHEAD = timedelta(minutes=10)
# If Pinterest does not answer, the board is asked for again in a minute, as long as so much time is left.
RETRY_WAIT = timedelta(minutes=1)
LAST_RETRY_AHEAD = timedelta(minutes=7)
# Longer than a check takes: at most six links and one request.
LEASE = timedelta(minutes=2)
# One worker checks at a time, so that slow sites keep no worker from publishing, and gives way after a turn.
TURN = timedelta(seconds=30)
TURN_KEY = "preflight-turn"
# A board that was there a moment ago is not asked for again: with Trial access, requests are few.
BOARD_KNOWN_SECONDS = 600


def enqueue_checks(now: datetime) -> bool:
    """Ask a worker to check what is due, unless one is at it; the clock calls it every second."""
    if not _TO_CHECK.rows(now, 1) or is_taken(TURN_KEY) or queueing.is_full():
        return False
    queueing.send("pins.tasks.check_due_pins")
    return True


_TO_CHECK = Prepared(lambda now: Pin.objects.to_check(now).values_list("pk"))


def check_due_pins(look_at: LookAt = links.look_at) -> None:
    """Check the due pins, the next to be published first, as long as the turn lasts.

    Nothing if another worker does.
    """
    with turn(TURN_KEY, (TURN + LEASE).total_seconds()) as is_ours:
        ends_at = timezone.now() + TURN
        while is_ours and (now := timezone.now()) < ends_at and not stopping.is_requested():
            pin_id = Pin.objects.to_check(now).order_by("publish_at", "pk").values_list("pk", flat=True).first()
            if pin_id is None:
                return
            check(pin_id, look_at)


def check(pin_id: int, look_at: LookAt = links.look_at) -> None:
    """Check one pin whose check is due, and write down the findings.

    Raises nothing that Pinterest may answer.
    """
    now = timezone.now()
    pin = _claim(pin_id, now)
    if pin is None:
        return
    publish_at = pin.publish_at or now
    if publish_at <= now:  # there was no time for the check: now publishing does it
        _store(pin, pin.warnings, None)
        return
    is_last = publish_at - now <= AHEAD
    next_at = None if is_last else publish_at - AHEAD
    about_board: list[Problem] = []
    if is_last:
        try:
            about_board = _ask_for_board(pin, now)
        except PinterestError:
            next_at = now + RETRY_WAIT if publish_at - now - RETRY_WAIT >= LAST_RETRY_AHEAD else None
    problems = [
        *composition.check(Composition.of(pin)),
        *about_board,
        *(problem for media in pin.media_files for problem in _check_file(media)),
        *_check_links(pin, look_at),
    ]
    _store(pin, [asdict(problem) for problem in problems], next_at)


def _claim(pin_id: int, now: datetime) -> Pin | None:
    """Return the pin, with `preflight_at` at the end of our lease; None if it is not due, or no longer."""
    claimed_at = now + LEASE
    if Pin.objects.to_check(now).filter(pk=pin_id).update(preflight_at=claimed_at) == 0:
        return None
    return Pin.objects.with_content().filter(pk=pin_id, preflight_at=claimed_at).first()


def _ask_for_board(pin: Pin, now: datetime) -> list[Problem]:
    """Look for the board at Pinterest; one that is gone, or back, is marked, and then the rules say so.

    Raises the PinterestErrors that pass by themselves.
    """
    board, account = pin.board, pin.account
    if board is None or account is None or not account.is_active or account.is_posting_paused(now):
        return []
    known_key = f"preflight-board-{board.pk}"
    if cache.get(known_key):
        return []
    board.account = account  # the same row, which has been read once
    try:
        board_sync.check_board(board)
    except ReconnectNeeded:
        return []  # the account is marked, and the rules say so
    except PinterestClientError as error:
        row = error_lookup.explain(error)
        return [Problem(row.code, "board", f"{row.title}. {row.advice}")]
    if board.missing_since is None:
        cache.set(known_key, True, BOARD_KNOWN_SECONDS)
    return []


def _check_file(media: MediaFile) -> list[Problem]:
    if media.deleted_at is not None:  # a rule of its own
        return []
    try:
        is_readable = store_of(media.file).size(str(media.file.name)) > 0
    except OSError:
        is_readable = False
    if is_readable:
        return []
    message = f"“{media}” can't be read on this server anymore. Upload it again and replace it in the pin."
    return [Problem(error_catalogue.MEDIA_MISSING.code, "attachments", message)]


def _check_links(pin: Pin, look_at: LookAt) -> list[Problem]:
    if not settings.CHECK_LINKS:
        look_at = _look_at_the_name_only
    own = {attachment.link: "attachments" for attachment in pin.attachments.all()}
    fields = {link: field for link, field in (own | {pin.link: "link"}).items() if link}
    findings = {link: look_at(link) for link in fields}
    return [Problem(finding[0], fields[link], finding[1]) for link, finding in findings.items() if finding]


def _look_at_the_name_only(link: str) -> links.Finding | None:
    warning = links.warning_for(link)
    return ("link_shortener", warning) if warning else None


def _store(pin: Pin, warnings: list[dict[str, str]], next_at: datetime | None) -> None:
    """Write the findings, unless the pin was rescheduled, canceled or sent meanwhile."""
    with transaction.atomic():
        unchanged = Pin.objects.filter(pk=pin.pk, status=PinStatus.SCHEDULED, preflight_at=pin.preflight_at)
        columns = {"warnings": warnings, "has_warnings": _need_a_person(warnings), "preflight_at": next_at}
        if unchanged.update(**columns) and warnings != pin.warnings:
            summary = " ".join(warning["message"] for warning in warnings) or "All problems are fixed."
            events.note(pin, PinEventKind.CHECKED, by=None, now=timezone.now(), text=summary)


def _need_a_person(warnings: list[dict[str, str]]) -> bool:
    """Return whether a user can fix one of them; a link that this server could not check is none of those."""
    return any(warning["code"] != links.UNCHECKED for warning in warnings)
