"""Pins that go out when an admin has approved them: proposing, approving, sending back.

What a person may not send out becomes a proposal. Who may is asked of the database when it matters
(`accounts.permissions.may_publish`): the role, or the workspace's setting, may have changed since the page was sent.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils.text import Truncator

from accounts.models import NotificationKind, Role, User
from accounts.notifications.services import notify
from accounts.permissions import may_publish, require_publisher
from pins.lifecycle import notifications as pin_notifications
from pins.lifecycle.transitions import Departure, transition
from pins.models import UNSENT_STATUSES, Pin, PinEventKind, PinStatus
from pins.rules.composition import Composition, check
from pins.spacing import doubles
from postiz_pins.common.dates import format_moment_and_zone

from . import past_times
from . import services as scheduling

# How much of a comment is told in a notification; all of it is on the pin's page.
TOLD_LENGTH = 300


class ReviewError(Exception):
    """It can be neither approved nor sent back; the sentence says why, and what to do."""


def send_out(
    pin: Pin, publish_at: datetime, *, by: User, now: datetime, text: str = "", confirmed: Collection[str] = ()
) -> bool:
    """Publish the pin at `publish_at`, at once if that is past, if the user may; else propose it.

    The pin's content must have been checked. A proposed pin is approved by it. `text` goes to its history.

    Returns False if it is too late (scheduling.schedule). Raises ConfirmationNeeded, as all ways out do.
    """
    if not may_publish(by, pin.workspace):
        return propose(pin, by=by, now=now, text=text, confirmed=confirmed)
    return _schedule(pin, publish_at, by=by, now=now, text=text, confirmed=confirmed)


def _schedule(
    pin: Pin, publish_at: datetime, *, by: User, now: datetime, text: str = "", confirmed: Collection[str] = ()
) -> bool:
    """Schedule the pin; if it was proposed, notify its people that it is approved."""
    with transaction.atomic():
        was_proposed = pin.is_proposed
        is_sent = scheduling.schedule(pin, publish_at, by=by, now=now, text=text, confirmed=confirmed)
        if is_sent and was_proposed:
            _tell_approved(pin, by=by, now=now)
    return is_sent


def send_out_placed(
    departures: Sequence[Departure], *, by: User, now: datetime, confirmed: Collection[str] = ()
) -> list[Pin]:
    """Send out pins of one workspace for places that the queue has given them, as `send_out` does for one.

    They are locked and as they were read (transitions.lock_unchanged). Returns those that were sent out. Raises
    PermissionDenied for one that is on its way, if the user's pins need an approval, and ConfirmationNeeded.
    """
    if not departures:
        return []
    workspace = departures[0].pin.workspace
    if may_publish(by, workspace):
        approved = [each.pin for each in departures if each.pin.is_proposed]
        scheduling.schedule_placed(departures, by=by, now=now, confirmed=confirmed)
        for pin in approved:
            _tell_approved(pin, by=by, now=now)
        return [each.pin for each in departures]
    if any(each.pin.status in UNSENT_STATUSES for each in departures):
        require_publisher(by, workspace)
    sent = []
    for each in departures:
        Pin.objects.filter(pk=each.pin.pk).update(publish_at=each.at, is_queued=True)
        each.pin.publish_at, each.pin.is_queued = each.at, True
        if propose(each.pin, by=by, now=now, text=each.text, confirmed=confirmed):
            sent.append(each.pin)
    return sent


def propose(pin: Pin, *, by: User, now: datetime, text: str = "", confirmed: Collection[str] = ()) -> bool:
    """Ask the admins to approve the pin for its `publish_at`; without one, for the time of their approval.

    They are notified once, however often a proposed pin changes before they answer. The pin's content must have been
    checked.

    Returns False if the pin is already being sent, or is published, or its outcome is unknown.
    """
    if not pin.is_editable:
        return False
    # On its way: approved since the same form was sent first; an edit would have made a draft of it
    # (composer/services.py).
    if pin.is_proposed or pin.status in UNSENT_STATUSES:
        return True
    columns: dict[str, Any] = {"proposed_by": by, "review_comment": "", "error_code": "", "error_text": ""}
    with transaction.atomic():
        past = past_times.ask_about_past(pin, pin.publish_at, now, confirmed, is_proposal=True)
        far = past_times.ask_about_far(pin, pin.publish_at, now, confirmed)
        double = doubles.ask_about_double(pin, [pin.publish_at], confirmed)
        text = " ".join(filter(None, [text, past, far, double]))
        if not transition(pin, PinStatus.PROPOSED, PinEventKind.PROPOSED, text=text, by=by, **columns):
            return False
        sentence = (
            f"{by} requested approval of “{pin}”, to be published {_at(pin, now) or 'as soon as it is approved'}."
        )
        _tell(pin, NotificationKind.APPROVAL_ASKED, sentence, now=now, roles=[Role.ADMIN], except_for=by)
    return True


def ask_at_once(pins: Sequence[Pin], *, by: User, now: datetime) -> None:
    """Let one question stand for those of pins of a family that were proposed together; it leads to their page.

    In the transaction that has proposed them.
    """
    proposed = [pin for pin in pins if pin.is_proposed]
    if len(proposed) < 2:
        return
    pin_notifications.forget_questions(proposed)
    first = proposed[0]
    sentence = f"{by} requested approval of {len(proposed)} pins that were made together with “{first}”."
    path = reverse("pins:pin_family", args=[first.family_id])
    kind = NotificationKind.APPROVAL_ASKED
    notify(first.workspace_id, kind, sentence, path=path, now=now, roles=[Role.ADMIN], except_for=by)


def approve(pin: Pin, *, version: int, by: User, now: datetime, confirmed: Collection[str] = ()) -> None:
    """Approve a proposed pin for its time, at once if that is past.

    Args:
        version: The one that the user saw.

    Raises PermissionDenied, ConfirmationNeeded, and ReviewError if it no longer waits for an approval, was edited
    since, or breaks a rule by now.
    """
    require_publisher(by, pin.workspace)
    problems = check(Composition.of(pin))
    with transaction.atomic():
        _take(pin, version)
        if problems:
            raise ReviewError(f"This pin can't be published yet: {problems[0].message} Edit it or send it back.")
        _schedule(pin, pin.publish_at or now, by=by, now=now, confirmed=confirmed)


def send_back(pin: Pin, comment: str, *, version: int, by: User, now: datetime) -> None:
    """Make a draft of a proposed pin, with a comment on what is to be changed.

    Raises PermissionDenied and ReviewError as `approve` does.
    """
    require_publisher(by, pin.workspace)
    with transaction.atomic():
        _take(pin, version)
        transition(pin, PinStatus.DRAFT, PinEventKind.SENT_BACK, text=comment, by=by, review_comment=comment)
        text = f"{by} sent “{pin}” back: {Truncator(comment).chars(TOLD_LENGTH)}"
        _tell(pin, NotificationKind.REVIEWED, text, now=now, users=_its_people(pin), except_for=by)


def take_back(pin: Pin, *, version: int, by: User, now: datetime) -> None:
    """Let a pin that was sent back wait for its approval again, as if it had not been: with its time and its proposer.

    Args:
        version: The one that it was sent back with.

    Raises PermissionDenied, and ReviewError if the pin has changed since; not if it waits by now (a second click).
    """
    require_publisher(by, pin.workspace)
    is_sent_back = pin.status == PinStatus.DRAFT and pin.review_comment and pin.version == version
    text = "Sending it back was undone."
    with transaction.atomic():
        is_undone = is_sent_back and transition(
            pin, PinStatus.PROPOSED, PinEventKind.PROPOSED, text=text, by=by, review_comment=""
        )
        if not is_undone:
            if Pin.objects.proposed().filter(pk=pin.pk, version=version).exists():
                return
            raise ReviewError("The pin has changed since. Its current status is below.")
        sentence = f"{by} undid sending back “{pin}”. It's waiting for approval again."
        _tell(pin, NotificationKind.REVIEWED, sentence, now=now, users=_its_people(pin), except_for=by)
        # Sending it back has settled what asked them before.
        _tell(pin, NotificationKind.APPROVAL_ASKED, sentence, now=now, roles=[Role.ADMIN], except_for=by)


def _take(pin: Pin, version: int) -> None:
    """Lock the row until the end of the transaction; forms opened on it are out of date from here on."""
    rows = Pin.objects.filter(pk=pin.pk, status=PinStatus.PROPOSED, version=version)
    if rows.update(version=F("version") + 1) == 1:
        pin.status, pin.version = PinStatus.PROPOSED, version + 1
        return
    if Pin.objects.proposed().filter(pk=pin.pk).exists():
        raise ReviewError("This pin was edited after you opened it. Review it again. Nothing was published.")
    raise ReviewError("This pin is no longer waiting for approval. Its current status is below.")


def _at(pin: Pin, now: datetime) -> str:
    """Return the chosen time in the workspace's zone; empty if there is none that is still to come."""
    if pin.publish_at is None or pin.publish_at <= now:
        return ""
    return f"on {format_moment_and_zone(pin.publish_at, pin.workspace.zone)}"


def _tell_approved(pin: Pin, *, by: User, now: datetime) -> None:
    sentence = f"{by} approved “{pin}”. It will be published {_at(pin, now) or 'now'}."
    _tell(pin, NotificationKind.REVIEWED, sentence, now=now, users=_its_people(pin), except_for=by)


def _its_people(pin: Pin) -> list[int | None]:
    return [pin.proposed_by_id, pin.created_by_id]


def _tell(pin: Pin, kind: NotificationKind, text: str, *, now: datetime, **whom: Any) -> None:
    notify(pin.workspace_id, kind, text, path=reverse("pins:pin_detail", args=[pin.pk]), now=now, **whom)
