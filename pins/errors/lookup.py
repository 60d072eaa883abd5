"""Looking up what an answer of Pinterest means for the pin and for the person; catalogue.py has the table.

The status counts first, then the code, then the text, because codes repeat (docs/pinterest.md, "Errors").
"""

from __future__ import annotations

from dataclasses import dataclass

from accounts.connections.tokens import RefreshFailed
from accounts.models import PinterestAccount
from pins.models import Pin
from postiz_pins.common.dates import format_moment_and_zone
from postiz_pins.pinterest.errors import (
    AnsweredByProxy,
    AuthenticationFailed,
    PinterestError,
    ReconnectNeeded,
    ServerFailed,
    Unreachable,
    UploadRefused,
)

from .catalogue import (
    ANSWERED_BY_PROXY,
    CATALOGUE,
    MEDIA_MISSING,
    OFFLINE,
    PINTEREST_FAILED,
    RECONNECT_NEEDED,
    REFUSED,
    STORAGE_BUSY,
    UNREACHABLE,
    UPLOAD_BROKEN,
    UPLOAD_REFUSED,
    UPLOAD_TOO_LARGE,
    Explanation,
    Remedy,
)

# What to do about a pin that has failed while it is in doubt, whatever it has failed by.
IN_DOUBT = (
    "We didn't get a reply from Pinterest, so the pin may be live. “Try again” checks the board first and publishes the"
    " pin only if it isn't there. To change the pin or choose another board, duplicate it."
)
# The title where a rule of rules/composition.py is broken, whose sentence says the rest.
NEEDS_CHANGE = "The pin needs a change"

_BY_CODE = {row.code: row for row in CATALOGUE}

# S3's words for refusals that are not about the request (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html).
_BY_UPLOAD_WORD = {
    "EntityTooLarge": UPLOAD_TOO_LARGE,
    "IncompleteBody": UPLOAD_BROKEN,
    "RequestTimeout": UPLOAD_BROKEN,
    "SlowDown": STORAGE_BUSY,
    "OperationAborted": STORAGE_BUSY,
}

# Where the help page explains the rules of rules/composition.py; for all the others it is "rules".
_RULE_ANCHORS = {
    "account_not_connected": RECONNECT_NEEDED.anchor,
    "board_missing": "board-not-found",
    "section_missing": "section-gone",
    "attachment_deleted": MEDIA_MISSING.anchor,
    "cover_before_video": "video-pins",
    "too_many_videos": "video-pins",
    "too_many_attachments": "video-pins",
}
_ANCHORS_BY_BEGINNING = {"video_": "video-pins", "link_": "links"}


def explain(error: PinterestError) -> Explanation:
    """Return the row for Pinterest's response.

    `REFUSED`, which shows Pinterest's own words, where none fits better.
    """
    if isinstance(error, ReconnectNeeded | AuthenticationFailed):
        return RECONNECT_NEEDED
    if isinstance(error, RefreshFailed):  # whatever it was, it passes; why it failed stands behind it
        cause = error.__cause__
        return explain(cause) if isinstance(cause, Unreachable | ServerFailed) else PINTEREST_FAILED
    if isinstance(error, Unreachable):
        return OFFLINE if error.is_offline else UNREACHABLE
    if isinstance(error, AnsweredByProxy):
        return ANSWERED_BY_PROXY
    if isinstance(error, ServerFailed):
        return PINTEREST_FAILED
    return next((row for row in CATALOGUE if any(answer.fits(error) for answer in row.answers)), REFUSED)


def explain_upload(error: PinterestError) -> Explanation:
    """Return the row for a failure of the upload target, whose statuses differ from those of Pinterest's API."""
    if isinstance(error, UploadRefused):
        return _BY_UPLOAD_WORD.get(error.word, UPLOAD_REFUSED)
    row = explain(error)
    return {PINTEREST_FAILED: STORAGE_BUSY, UNREACHABLE: UPLOAD_BROKEN}.get(row, row)


def explanation_for(code: str) -> Explanation | None:
    """Return the row with this code; None for a rule of rules/composition.py, whose sentence says it all."""
    return _BY_CODE.get(code)


def help_anchor(code: str) -> str:
    """Return the place on the help page about a code.

    The code is one of the table, of rules/composition.py or of rules/links.py.
    """
    row = explanation_for(code)
    if row is not None:
        return row.anchor
    by_beginning = (anchor for beginning, anchor in _ANCHORS_BY_BEGINNING.items() if code.startswith(beginning))
    return _RULE_ANCHORS.get(code) or next(by_beginning, "rules")


@dataclass(frozen=True)
class Trouble:
    """What went wrong with a pin last, for people; `anchor` is the place on the help page that tells more."""

    title: str
    advice: str
    pinterest_words: str
    anchor: str
    is_for_a_person_to_fix: bool
    # What an operator can do about it; it means nothing to marketers.
    operator_advice: str = ""


def explanation_of(pin: Pin) -> Trouble | None:
    """Return what to say about the pin's last error; None if there was none."""
    if not pin.error_code:
        return None
    row, anchor = explanation_for(pin.error_code), help_anchor(pin.error_code)
    if pin.has_failed_in_doubt:
        title = row.title if row else NEEDS_CHANGE
        return Trouble(title, IN_DOUBT, pin.error_text, anchor, is_for_a_person_to_fix=False)
    if row is None:
        return Trouble(NEEDS_CHANGE, pin.error_text, "", anchor, is_for_a_person_to_fix=True)
    is_retried = pin.is_on_its_way and row.remedy is Remedy.RETRY
    return Trouble(
        row.title,
        "It's retried automatically." if is_retried else str(row.advice),
        pin.error_text,
        anchor,
        is_for_a_person_to_fix=row.remedy is Remedy.FIX,
        operator_advice=row.operator_advice,
    )


def failure_in_short(pin: Pin) -> str:
    """Return in a few words why a failed pin wasn't published."""
    row = explanation_for(pin.error_code)
    return row.title if row else pin.error_text or NEEDS_CHANGE


def rate_limit_reached(pin: Pin, account: PinterestAccount) -> str:
    """Return a sentence: Pinterest accepts no pins of the account for a while, and until when."""
    until = format_moment_and_zone(account.posting_paused_until, pin.workspace.zone)
    return f"Pinterest's rate limit for {account} was reached. We'll try again at {until}."
