"""What is still missing before a pin can go out, and what one click can do about it."""

from __future__ import annotations

from dataclasses import dataclass

from pins.rules.composition import Composition, Problem, check

from .forms import PinForm

# By the code of the broken rule: the action of the button that mends it, and its words.
OFFERS = {
    "cover_before_video": ("swap", "Swap"),
    "cover_missing": ("pick_frame", "Choose a cover frame"),
    "carousel_sizes_differ": ("match_size", "Crop all to match the first"),
}


@dataclass(frozen=True)
class FileProblem:
    """A broken rule of the files; without an action, only a person can mend it."""

    message: str
    action: str = ""
    words: str = ""


@dataclass(frozen=True)
class ComposerFeedback:
    # Shown beside the files.
    files: list[FileProblem]
    # Sentences about everything else, for the list “Before it can go out”.
    others: list[str]
    # Whether somebody has pressed a button that needs all of it mended.
    is_refused: bool = False


def feedback_on(composition: Composition) -> ComposerFeedback:
    """While the pin is being made: hints, nobody is stopped."""
    problems = check(composition)
    others = [problem for problem in problems if not _is_beside_files(problem)]
    files = [_with_offer(problem.code, problem.message) for problem in problems if _is_beside_files(problem)]
    return ComposerFeedback(files, [problem.message for problem in others])


def feedback_on_refused(form: PinForm) -> ComposerFeedback:
    """After a button was pressed in vain. The other fields have their errors beside them."""
    errors = form.errors.as_data().get("attachments", [])
    return ComposerFeedback([_with_offer(error.code or "", error.messages[0]) for error in errors], [], is_refused=True)


def _is_beside_files(problem: Problem) -> bool:
    return problem.field == "attachments" and problem.code != "attachment_required"


def _with_offer(code: str, message: str) -> FileProblem:
    return FileProblem(message, *OFFERS.get(code, ()))
