"""What can be done with many pins or files at once: for each, why one cannot have it, and how it gets it.

Each calls what the page of one pin or file calls, so rules, approval, history and audit log are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.dateparse import parse_datetime

from accounts.models import Board, BoardSection, User
from pins.composer import services as composer
from pins.composer.services import EditOutcome
from pins.media.editing import delete_media
from pins.models import UNSENT_STATUSES, LinkPreset, MediaFile, Pin, PinStatus
from pins.presets.choices import PresetUnknown
from pins.presets.links import placeholder_values, with_preset
from pins.queue import services as queue
from pins.queue.services import QueueFull
from pins.rules.composition import Composition, check
from pins.rules.questions import ConfirmationNeeded
from pins.scheduling import approval, moving
from pins.scheduling import services as scheduling
from pins.scheduling.approval import ReviewError
from pins.scheduling.moving import MoveError
from pins.scheduling.past_times import PUBLISH_AT_FAR
from pins.tags.services import add_tags, names_of

from .subjects import FILES, PINS, Subject

TOO_LATE = "It is being published, or is live already."
NEEDS_APPROVAL = "It is on its way, and a change by you would need approval again."
TIME_PASSED = "Its time has passed."
CHANGED = "It was changed in the meantime. Nothing was done with it."


@dataclass(frozen=True)
class Job:
    """Who does it, when, and with which options, as the action's form has cleaned them."""

    by: User
    now: datetime
    # Whether this user may publish without an approval.
    is_publisher: bool
    options: Mapping[str, Any]


class Refused(Exception):
    """This pin or file does not get it; the sentence says why."""


# Returns why the pin or file cannot have it; empty if it can.
Check = Callable[[Any, Job], str]
Carry = Callable[[Any, Job], None]
# Carries it out for all that can have it; returns those that got it. The others were changed since they were read.
CarryAll = Callable[[Sequence[Any], Job], Sequence[Any]]


@dataclass(frozen=True)
class Action:
    """One thing to do."""

    name: str
    # Of the button that confirms it, before the number. The one that chooses it is in listing/selection.py, or for
    # files in media/library.py.
    verb: str
    check: Check
    carry_out: Carry
    # Whether it can be taken back: the columns that are kept for that.
    kept: tuple[str, ...] = ()
    is_for_publishers: bool = False
    # Whether every image is shown before it is confirmed.
    shows_all_media: bool = False
    is_dangerous: bool = False
    # Whether the pins go out by it; those of a user whose pins need an approval are proposed.
    is_sending: bool = False
    subject: Subject = PINS
    # For what costs as many queries for a batch as for one.
    carry_out_all: CarryAll | None = None

    def verb_of(self, *, is_publisher: bool) -> str:
        """Return what the button says to this user."""
        return self.verb if is_publisher or not self.is_sending else "Propose"


def attempt(action: Action, row: Pin | MediaFile, job: Job) -> str:
    """Carry the action out, and return why it was not; empty if it was. In a transaction that is left by a refusal."""
    reason = action.check(row, job)
    if reason:
        return reason
    with _refusals():
        action.carry_out(row, job)
    return ""


def attempt_all(carry_out_all: CarryAll, action: Action, rows: Sequence[Any], job: Job) -> dict[int, str]:
    """Carry the action out for all rows at once, and return by their keys why it was not; empty for those that got it.

    In a transaction that is left by a refusal, which may be meant for only one of them.
    """
    reasons = {row.pk: action.check(row, job) for row in rows}
    ready = [row for row in rows if not reasons[row.pk]]
    with _refusals():
        done = {row.pk for row in carry_out_all(ready, job)}
    return reasons | {row.pk: CHANGED for row in ready if row.pk not in done}


@contextmanager
def _refusals() -> Iterator[None]:
    """Raise Refused for whatever says that an action is not possible."""
    try:
        yield
    except (MoveError, ReviewError, QueueFull, PermissionDenied) as error:
        raise Refused(str(error)) from error
    except ValidationError as error:
        raise Refused(error.messages[0]) from error
    except ConfirmationNeeded as needed:
        raise Refused(f"{needed.questions[0].message} Open the pin to decide.") from needed


def _why_not_editable(pin: Pin, job: Job) -> str:
    if not pin.is_editable:
        return TOO_LATE
    is_released = pin.status in UNSENT_STATUSES or pin.status == PinStatus.FAILED
    return NEEDS_APPROVAL if is_released and not job.is_publisher else ""


def _first_problem(composition: Composition) -> str:
    problems = check(composition)
    return problems[0].message if problems else ""


def shifted(pin: Pin, options: Mapping[str, Any]) -> datetime | None:
    """Return the time of the pin after the shift, with the same time of day where only days are shifted."""
    if pin.publish_at is None:
        return None
    zone = pin.workspace.zone
    local = pin.publish_at.astimezone(zone).replace(tzinfo=None) + timedelta(days=options.get("days") or 0)
    return (local.replace(tzinfo=zone)).astimezone(pin.publish_at.tzinfo) + timedelta(hours=options.get("hours") or 0)


def _check_shift(pin: Pin, job: Job) -> str:
    if not pin.can_move:
        return TOO_LATE
    at = shifted(pin, job.options)
    if at is None:
        return "It has no date yet."
    if at <= job.now:
        return "Its new time would be in the past."
    if pin.status not in (PinStatus.DRAFT, PinStatus.PROPOSED) and not job.is_publisher:
        return NEEDS_APPROVAL
    return ""


def _shift(pin: Pin, job: Job) -> None:
    at = shifted(pin, job.options)
    if at is not None:
        moving.move_pin(pin, at, version=pin.version, by=job.by, now=job.now)


def _on_board(pin: Pin, board_id: int | None, section_id: int | None) -> Composition:
    board = Board.objects.in_workspace(pin.workspace).select_related("account").filter(pk__in=[board_id]).first()
    section = BoardSection.objects.filter(board=board, pk__in=[section_id]).first() if board and section_id else None
    return replace(Composition.of(pin), board=board, section=section)


def _with_board(pin: Pin, job: Job) -> Composition:
    return _on_board(pin, job.options["board"], job.options.get("section"))


def _check_board(pin: Pin, job: Job) -> str:
    reason = _why_not_editable(pin, job)
    if reason or pin.status in (PinStatus.DRAFT, PinStatus.FAILED):
        return reason
    return _first_problem(_with_board(pin, job))


def _edit(pin: Pin, composition: Composition, job: Job) -> None:
    outcome = composer.edit_pin(
        pin,
        composition,
        publish_at=pin.publish_at,
        is_draft=pin.status == PinStatus.DRAFT,
        by=job.by,
        now=job.now,
        version=pin.version,
    )
    if outcome is not EditOutcome.SAVED:
        raise Refused(TOO_LATE if outcome is EditOutcome.TOO_LATE else CHANGED)


def edit_board(pin: Pin, board_id: int | None, section_id: int | None, job: Job) -> None:
    """Put the pin on this board as its editor does."""
    reason = _why_not_editable(pin, job)
    if reason:
        raise Refused(reason)
    _edit(pin, _on_board(pin, board_id, section_id), job)


def _set_board(pin: Pin, job: Job) -> None:
    _edit(pin, _with_board(pin, job), job)


def _with_parameters(pin: Pin, job: Job) -> Composition:
    preset = LinkPreset.objects.in_workspace(pin.workspace).filter(pk=job.options["preset"]).first()
    if preset is None:
        raise PresetUnknown
    composition = Composition.of(pin)
    values = placeholder_values(
        composition,
        publish_at=pin.publish_at,
        now=job.now,
        workspace=pin.workspace,
        pin_id=pin.pk,
        tags=names_of(pin),
    )
    return with_preset(composition, preset, values)


def _check_preset(pin: Pin, job: Job) -> str:
    reason = _why_not_editable(pin, job)
    if reason:
        return reason
    if not pin.link and not any(each.link for each in pin.attachments.all()):
        return "It has no link."
    try:
        is_same = _with_parameters(pin, job) == Composition.of(pin)
    except ValidationError as error:
        return error.messages[0]
    return "Its link has these parameters already, or leads to another site." if is_same else ""


def _apply_preset(pin: Pin, job: Job) -> None:
    _edit(pin, _with_parameters(pin, job), job)


def _check_queue(pin: Pin, job: Job) -> str:
    reason = _why_not_editable(pin, job)
    return reason or _first_problem(Composition.of(pin))


def _place(pin: Pin, job: Job) -> None:
    if not queue.place(pin, by=job.by, now=job.now):
        raise Refused(CHANGED)


def _place_all(pins: Sequence[Pin], job: Job) -> list[Pin]:
    return queue.place_all(pins, by=job.by, now=job.now)


def moment_of(pin: Pin, options: Mapping[str, Any]) -> datetime | None:
    """Return when the pin is to go out: the minute that a spread has given it, else its own time."""
    if "moments" not in options:
        return pin.publish_at
    return parse_datetime(options["moments"].get(str(pin.pk), ""))


def _check_spread(pin: Pin, job: Job) -> str:
    reason = _check_queue(pin, job)
    if reason or "moments" not in job.options:  # they are given to those that pass
        return reason
    at = moment_of(pin, job.options)
    if at is None:
        return "It could not be scheduled when the times were given out. Spread it on its own."
    return TIME_PASSED if at <= job.now else ""


def _check_times(pin: Pin, job: Job) -> str:
    if pin.publish_at is None:
        return "It has no date yet."
    if pin.status in UNSENT_STATUSES:
        return "It is scheduled already."
    return TIME_PASSED if pin.publish_at <= job.now else _check_queue(pin, job)


def _send_out(pin: Pin, job: Job) -> None:
    at = moment_of(pin, job.options)
    if at is None:
        raise Refused(CHANGED)
    confirmed = [PUBLISH_AT_FAR]  # the preview has shown the time
    if at != pin.publish_at:
        moving.move_pin(pin, at, version=pin.version, by=job.by, now=job.now, confirmed=confirmed)
    if pin.status in UNSENT_STATUSES:
        return
    if not approval.send_out(pin, at, by=job.by, now=job.now, confirmed=confirmed):
        raise Refused(CHANGED)


def _check_draft(pin: Pin, job: Job) -> str:
    if pin.can_cancel:
        return ""
    return "It is a draft already." if pin.status == PinStatus.DRAFT else TOO_LATE


def _make_draft(pin: Pin, job: Job) -> None:
    if not scheduling.cancel(pin, by=job.by):
        raise Refused(CHANGED)


def _check_propose(pin: Pin, job: Job) -> str:
    if pin.is_proposed:
        return "It is waiting for approval already."
    if pin.status in UNSENT_STATUSES:
        return "It is scheduled already."
    if not pin.is_editable:
        return TOO_LATE
    return _first_problem(Composition.of(pin))


def _propose(pin: Pin, job: Job) -> None:
    if not approval.propose(pin, by=job.by, now=job.now):
        raise Refused(CHANGED)


def _check_review(pin: Pin, job: Job) -> str:
    if not job.is_publisher:
        return "Only an admin can approve it."
    return "" if pin.is_proposed else "It isn't waiting for approval."


def _check_approve(pin: Pin, job: Job) -> str:
    return _check_review(pin, job) or _first_problem(Composition.of(pin))


def _approve(pin: Pin, job: Job) -> None:
    approval.approve(pin, version=pin.version, by=job.by, now=job.now)


def _send_back(pin: Pin, job: Job) -> None:
    approval.send_back(pin, job.options["comment"], version=pin.version, by=job.by, now=job.now)


def _check_tags(row: Pin | MediaFile, job: Job) -> str:
    return ""


def _add_tags(row: Pin | MediaFile, job: Job) -> None:
    if not add_tags(row, job.options["tags"]):
        raise Refused("It would have more than 10 tags.")


def _check_delete(pin: Pin, job: Job) -> str:
    if pin.status == PinStatus.PUBLISHED:
        return "It is published. Delete it on its own page."
    return "" if pin.can_delete else TOO_LATE


def _delete(pin: Pin, job: Job) -> None:
    if not composer.delete_pin(pin, by=job.by, now=job.now):
        raise Refused(TOO_LATE)


def _check_delete_file(media: Any, job: Job) -> str:
    count: int = media.used_count  # FILES reads it with the file
    return f"It is used in {count} pin{'s' * (count != 1)}, so it stays." if count else ""


def _delete_file(media: MediaFile, job: Job) -> None:
    if delete_media(media, by=job.by, now=job.now):
        raise Refused("A pin has come to use it, so it stays.")


ACTIONS = {
    action.name: action
    for action in (
        Action("shift", "Shift", _check_shift, _shift, kept=("publish_at", "is_queued")),
        Action("board", "Change board of", _check_board, _set_board, kept=("board_id", "section_id")),
        Action("queue", "Add to the queue:", _check_queue, _place, is_sending=True, carry_out_all=_place_all),
        Action("spread", "Schedule", _check_spread, _send_out, is_sending=True),
        Action("times", "Schedule", _check_times, _send_out, is_sending=True),
        Action("preset", "Change link of", _check_preset, _apply_preset),
        Action("tags", "Tag", _check_tags, _add_tags),
        Action("draft", "Make drafts of", _check_draft, _make_draft),
        Action("propose", "Propose", _check_propose, _propose),
        Action("approve", "Approve", _check_approve, _approve, is_for_publishers=True, shows_all_media=True),
        Action("send_back", "Send back", _check_review, _send_back, is_for_publishers=True),
        Action("delete", "Delete", _check_delete, _delete, is_dangerous=True),
        Action("tag_files", "Tag", _check_tags, _add_tags, subject=FILES),
        Action("delete_files", "Delete", _check_delete_file, _delete_file, is_dangerous=True, subject=FILES),
    )
}
