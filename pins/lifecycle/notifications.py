"""What people are told about pins: they are published, have failed, or wait for something that only a person can do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.urls import reverse

from accounts.models import (
    Notification,
    NotificationKind,
    NotificationQuerySet,
    PinterestAccount,
    Role,
    WebhookEvent,
)
from accounts.notifications.services import mark_read, notify
from pins.errors import lookup as error_lookup
from pins.models import HELD_BY_QUEUE, Pin, PinQuerySet, PinStatus

from .signals import pins_changed

# What `Pin.held_notice` remembers.
ACCOUNT, LATE, UNANSWERED = "account", "late", "unanswered"
# Accounts at a look; the next one, a minute later, goes on.
MOST_ACCOUNTS = 50


def tell_outcome(pin: Pin, outcome: str, *, code: str, now: datetime) -> None:
    """Tell the pin's people if a worker's `outcome` is final; `code` is the failure's. In the caller's transaction."""
    roles: tuple[Role, ...] = ()
    if outcome == PinStatus.PUBLISHED:
        kind, text = NotificationKind.PUBLISHED, f"“{pin}” is on Pinterest."
    elif outcome == PinStatus.FAILED:
        row = error_lookup.explanation_for(code)
        reason = row.title if row else error_lookup.NEEDS_CHANGE
        kind, text, roles = NotificationKind.FAILED, f"“{pin}” failed: {reason}.", (Role.ADMIN,)
    else:
        return
    people = (pin.created_by_id, pin.proposed_by_id)
    notify(pin.workspace_id, kind, text, path=_page_of(pin), now=now, roles=roles, users=people)


def settle_question(pin: Pin, now: datetime) -> None:
    """Mark as read what asked for the pin's approval, since it was given or is no longer needed.

    What asked for all pins of its family stays until none of the others waits for an answer.
    """
    paths = [_page_of(pin)]
    others = Pin.objects.filter(family=pin.family_id, status=PinStatus.PROPOSED).exclude(pk=pin.pk)
    if pin.family_id is not None and not others.exists():
        paths.append(reverse("pins:pin_family", args=[pin.family_id]))
    mark_read(_questions(pin.workspace_id).filter(path__in=paths), now)


def forget_questions(pins: Sequence[Pin]) -> None:
    """Delete what asked for the approval of each of the pins a moment ago, since one question asks for them all."""
    _questions(pins[0].workspace_id).unread().filter(path__in=[_page_of(pin) for pin in pins]).delete()


def _questions(workspace_id: int) -> NotificationQuerySet:
    return Notification.objects.filter(workspace=workspace_id, kind=NotificationKind.APPROVAL_ASKED)


def forget_page(pin: Pin) -> None:
    """Let notifications about a deleted pin lead to the list of pins."""
    about_it = Notification.objects.filter(workspace=pin.workspace_id, path=_page_of(pin))
    about_it.update(path=reverse("pins:pin_list"))


def _page_of(pin: Pin) -> str:
    return reverse("pins:pin_detail", args=[pin.pk])


def tell_held(now: datetime) -> int:
    """Tell about pins whose time has come and that do not go out, proposed ones among them; for how many pins.

    Each is told once for each reason, until it moves on or a person schedules it anew.
    """
    count = 0
    # A pin that its queue holds is where a person wants it.
    late = Pin.objects.late(now).exclude(claimed_until__gt=now).exclude(HELD_BY_QUEUE)
    connected = late.filter(account__in=PinterestAccount.objects.active().values("pk"))
    unanswered = Pin.objects.proposed().filter(publish_at__lte=now)
    for reason, pins in ((ACCOUNT, Pin.objects.held_by_account(now)), (LATE, connected), (UNANSWERED, unanswered)):
        untold = pins.exclude(held_notice=reason)
        of_accounts = untold.order_by().values_list("account", flat=True).distinct()[:MOST_ACCOUNTS]
        for account in PinterestAccount.objects.filter(pk__in=list(of_accounts)).order_by("pk"):
            count += _tell_held(account, reason, untold.filter(account=account), now)
    return count


def _tell_held(account: PinterestAccount, reason: str, pins: PinQuerySet, now: datetime) -> int:
    """Send one notification for all of them."""
    with transaction.atomic():
        held = list(pins.order_by("pk").only("title", "workspace", "created_by"))
        count = pins.update(held_notice=reason)
        if count and held:
            pins_changed.send(Pin, happened=[(WebhookEvent.PIN_ON_HOLD, pin) for pin in held], now=now)
            text, path = _about_held(account, reason, held[0], count)
            notify(
                account.workspace_id,
                NotificationKind.HELD,
                text,
                path=path,
                now=now,
                roles=[Role.ADMIN],
                users={pin.created_by_id for pin in held},
            )
    return count


def _about_held(account: PinterestAccount, reason: str, first: Pin, count: int) -> tuple[str, str]:
    """Return a sentence about pins on hold, and the page where a user can do something about it."""
    what = f"“{first}”" if count == 1 else f"{count} pins of {account}"
    if reason == ACCOUNT:
        verb = "waits" if count == 1 else "wait"
        return f"{what} {verb} until {account} is reconnected.", reverse("accounts:connection_list")
    path = _page_of(first) if count == 1 else reverse("pins:dashboard")
    if reason == UNANSWERED:
        verbs = "is due but still waiting" if count == 1 else "are due but still waiting"
        return f"{what} {verbs} for approval.", path
    them = "it" if count == 1 else "them"
    return f"{what} couldn't be published for more than 24 hours. Decide whether to publish {them} now.", path
