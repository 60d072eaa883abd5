"""What is still missing before a pin can go out, what another time would mend, and what one click can do about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import AccountStatus, Board, PinterestAccount, User, Workspace
from pins.models import Pin, PinEventKind
from pins.queue.advice import Advice, advice_on
from pins.queue.places import next_free_times
from pins.rules.composition import Composition, Problem, check
from pins.spacing.clearance import LIKE_NONE, Likeness
from pins.spacing.planned import Planned
from postiz_pins.common.dates import format_moment

from .forms import PinForm, When

# By the code of the broken rule: the action of the button that mends it, and its words.
OFFERS = {
    "cover_before_video": ("swap", "Swap"),
    "cover_missing": ("pick_frame", "Choose a cover frame"),
    "carousel_sizes_differ": ("match_size", "Crop all to match the first"),
}
# Of the button that takes the time that is offered; what follows is the time as the field holds it.
USE_TIME = "use_time:"


@dataclass(frozen=True)
class FileProblem:
    """A broken rule of the files; without an action, only a person can mend it."""

    message: str
    action: str = ""
    words: str = ""


@dataclass(frozen=True)
class ComposerFeedback:
    """What the composer says about the pin while it is being made."""

    # Shown beside the files.
    files: list[FileProblem]
    # Sentences about everything else, for the list “Before it can go out”.
    others: list[str]
    # Whether a button was pressed that needs all of it fixed.
    is_refused: bool = False


def feedback_on(composition: Composition) -> ComposerFeedback:
    """Return hints about an unfinished pin, none of which stops the user."""
    problems = check(composition)
    others = [problem for problem in problems if not _is_beside_files(problem)]
    files = [_with_offer(problem.code, problem.message) for problem in problems if _is_beside_files(problem)]
    return ComposerFeedback(files, [problem.message for problem in others])


def feedback_on_refused(form: PinForm) -> ComposerFeedback:
    """Return what stopped a button; the other fields have their errors beside them."""
    errors = form.errors.as_data().get("attachments", [])
    return ComposerFeedback([_with_offer(error.code or "", error.messages[0]) for error in errors], [], is_refused=True)


def _is_beside_files(problem: Problem) -> bool:
    return problem.field == "attachments" and problem.code != "attachment_required"


def _with_offer(code: str, message: str) -> FileProblem:
    return FileProblem(message, *OFFERS.get(code, ()))


def sent_back_by(pin: Pin | None) -> User | None:
    """Return the user who sent the draft back last; None if none did, or the user was deleted."""
    if pin is None or not pin.review_comment:
        return None
    event = pin.events.filter(kind=PinEventKind.SENT_BACK).select_related("by").last()
    return event.by if event else None


def without_boards(workspace: Workspace) -> dict[str, Any]:
    """Return why no board can be chosen, and the accounts whose boards would be there after reconnecting them."""
    accounts = list(PinterestAccount.objects.in_workspace(workspace).exclude(status=AccountStatus.DISCONNECTED))
    lost = [account for account in accounts if not account.is_active]
    problem = "no_board" if len(accounts) > len(lost) else "" if lost else "no_account"
    return {"board_problem": problem, "lost_accounts": lost}


def timing_context(
    form: PinForm, composition: Composition | None, board: Board | None, pin: Pin | None, workspace: Workspace
) -> dict[str, Any]:
    """Return what the page and the fragment show of the time.

    Args:
        form: Whatever it says of the time need not be readable.
        composition: What the form holds; None: nothing yet.
        board: The chosen one, of the workspace, with its account.
        pin: The one that the form is to change.
        workspace: Read already, so that it is not read again.
    """
    now, chosen = timezone.now(), chosen_time(form)
    if board is not None:
        board.account.workspace = workspace
    likeness = Likeness.composed(composition) if composition else LIKE_NONE
    without = [pin.pk] if pin else []
    free = next_free_times(board.account, now=now, without=without, likeness=likeness) if board else []
    when = form["when"].value() or (When.TIME if form["publish_at"].value() else When.NOW)
    at = {When.NOW: now, When.TIME: chosen, When.QUEUE: free[0] if free else None}.get(when)
    return {
        "when": when,
        "chosen_moment": format_moment(chosen, workspace.zone),
        "free_moment": format_moment(free[0], workspace.zone) if free else "",
        "advice": _advice(composition, at, pin, workspace, now),
    }


def _advice(
    composition: Composition | None, at: datetime | None, pin: Pin | None, workspace: Workspace, now: datetime
) -> Advice:
    planned = Planned.composed(composition, at, pin) if composition and at else None
    if planned is None:
        return Advice([])
    planned.account.workspace = workspace
    return advice_on(planned, now)


def chosen_time(form: PinForm) -> datetime | None:
    """Return the time that the form shows; None if there is none, or it cannot be read."""
    field = form.fields["publish_at"]
    try:
        moment: datetime | None = field.clean(field.prepare_value(form["publish_at"].value()))
    except ValidationError:
        return None
    return moment


def use_time(typed: dict[str, Any], action: str) -> None:
    """Put the time of the button into what was typed."""
    typed["publish_at"], typed["when"] = action.removeprefix(USE_TIME), When.TIME
