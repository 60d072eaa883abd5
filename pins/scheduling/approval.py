"""Pins that go out when an admin has approved them: proposing, approving, sending back.

What a person may not send out becomes a proposal. Who may is asked of the database when it matters
(`accounts.permissions.may_publish`): the role, or the workspace's setting, may have changed since the page was sent."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils.text import Truncator

from accounts.models import NotificationKind, Role, User
from accounts.notifications.services import notify
from accounts.permissions import may_publish, require_publisher
from pins.lifecycle.transitions import transition
from pins.models import UNSENT_STATUSES, Pin, PinEventKind, PinStatus
from pins.rules import spacing
from pins.rules.composition import Composition, check
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
    """Sends the pin out at `publish_at`, at once if that is past, where the person may; that approves a proposed one.
    Else proposes it. The pin's content must have been checked. False: it is too late (scheduling.schedule).
    `text` goes to its history. Raises ConfirmationNeeded, as all ways out do."""
    if not may_publish(by, pin.workspace):
        return propose(pin, by=by, now=now, text=text, confirmed=confirmed)
    return _schedule(pin, publish_at, by=by, now=now, text=text, confirmed=confirmed)


def _schedule(
    pin: Pin, publish_at: datetime, *, by: User, now: datetime, text: str = "", confirmed: Collection[str] = ()
) -> bool:
    """And tells the people of a proposed pin that it is approved."""
    with transaction.atomic():
        was_proposed = pin.is_proposed
        is_sent = scheduling.schedule(pin, publish_at, by=by, now=now, text=text, confirmed=confirmed)
        if is_sent and was_proposed:
            sentence = f"{by} approved “{pin}”. It will be published {_at(pin, now) or 'now'}."
            _tell(pin, NotificationKind.REVIEWED, sentence, now=now, users=_its_people(pin), except_for=by)
    return is_sent


def propose(pin: Pin, *, by: User, now: datetime, text: str = "", confirmed: Collection[str] = ()) -> bool:
    """Asks the admins to let the pin go out at its `publish_at`; if it has none, as soon as they do. They are told
    once, however often a proposed pin changes before they answer. The pin's content must have been checked.

    False: the pin is already being sent, or is published, or nobody knows whether it is."""
    if not pin.is_editable:
        return False
    # On its way: approved since the same form was sent first; an edit would have made a draft of it
    # (composer/services.py).
    if pin.is_proposed or pin.status in UNSENT_STATUSES:
        return True
    columns: dict[str, Any] = {"proposed_by": by, "review_comment": "", "error_code": "", "error_text": ""}
    with transaction.atomic():
        past = past_times.ask_about_past(pin, pin.publish_at, now, confirmed, is_proposal=True)
        double = spacing.ask_about_double(pin, [pin.publish_at], confirmed)
        text = " ".join(filter(None, [text, past, double]))
        if not transition(pin, PinStatus.PROPOSED, PinEventKind.PROPOSED, text=text, by=by, **columns):
            return False
        sentence = (
            f"{by} requested approval of “{pin}”, to be published {_at(pin, now) or 'as soon as it is approved'}."
        )
        _tell(pin, NotificationKind.APPROVAL_ASKED, sentence, now=now, roles=[Role.ADMIN], except_for=by)
    return True


def approve(pin: Pin, *, version: int, by: User, now: datetime, confirmed: Collection[str] = ()) -> None:
    """Lets a proposed pin go out at its moment, at once if that is past. `version` is the one that the person saw.

    Raises PermissionDenied, ConfirmationNeeded, and ReviewError if it does not wait for an approval any more, has been
    edited since, or breaks a rule by now."""
    require_publisher(by, pin.workspace)
    problems = check(Composition.of(pin))
    with transaction.atomic():
        _take(pin, version)
        if problems:
            raise ReviewError(f"This pin can't be published yet: {problems[0].message} Edit it or send it back.")
        _schedule(pin, pin.publish_at or now, by=by, now=now, confirmed=confirmed)


def send_back(pin: Pin, comment: str, *, version: int, by: User, now: datetime) -> None:
    """Makes a draft of a proposed pin, with what is to be changed. Raises PermissionDenied and ReviewError likewise."""
    require_publisher(by, pin.workspace)
    with transaction.atomic():
        _take(pin, version)
        transition(pin, PinStatus.DRAFT, PinEventKind.SENT_BACK, text=comment, by=by, review_comment=comment)
        text = f"{by} sent “{pin}” back: {Truncator(comment).chars(TOLD_LENGTH)}"
        _tell(pin, NotificationKind.REVIEWED, text, now=now, users=_its_people(pin), except_for=by)


def _take(pin: Pin, version: int) -> None:
    """From here on the row is ours until the end of the transaction, and forms opened on it are out of date."""
    rows = Pin.objects.filter(pk=pin.pk, status=PinStatus.PROPOSED, version=version)
    if rows.update(version=F("version") + 1) == 1:
        pin.status, pin.version = PinStatus.PROPOSED, version + 1
        return
    if Pin.objects.proposed().filter(pk=pin.pk).exists():
        raise ReviewError("This pin was edited after you opened it. Review it again. Nothing was published.")
    raise ReviewError("This pin is no longer waiting for approval. Its current status is below.")


def _at(pin: Pin, now: datetime) -> str:
    """The chosen moment in the workspace's zone; empty if there is none that is still to come."""
    if pin.publish_at is None or pin.publish_at <= now:
        return ""
    return f"on {format_moment_and_zone(pin.publish_at, pin.workspace.zone)}"


def _its_people(pin: Pin) -> list[int | None]:
    return [pin.proposed_by_id, pin.created_by_id]


def _tell(pin: Pin, kind: NotificationKind, text: str, *, now: datetime, **whom: Any) -> None:
    notify(pin.workspace_id, kind, text, path=reverse("pins:pin_detail", args=[pin.pk]), now=now, **whom)
