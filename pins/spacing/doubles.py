"""Exact doubles: pins that are too much alike to follow each other by intention."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import Q

from accounts.workspaces.locks import locked
from pins.models import Pin, PinStatus
from pins.rules import addresses
from pins.rules.composition import Problem
from pins.rules.questions import ask
from postiz_pins.common.dates import format_moment

EXACT_DOUBLE = "exact_double"
MINUTE = timedelta(minutes=1)


def ask_about_double(pin: Pin, moments: Collection[datetime | None], confirmed: Collection[str]) -> str:
    """Ask, if the pin at one of the `moments` is an exact double of another one that goes out or has gone out.

    Return what its history tells of a confirmed double, empty if there is none. Belongs into the transaction that
    sends the pin out: until its end no other pin of the workspace is asked about, so of two tabs the later one finds
    the pin of the other. Raises ConfirmationNeeded.
    """
    # An edit that publishes a pin locks its row before the workspace's, so all lock them in this order.
    Pin.objects.select_for_update(no_key=True).only("pk").filter(pk=pin.pk).first()
    with locked(pin.workspace):
        double = _double_of(pin, [moment for moment in moments if moment is not None])
    if double is None:
        return ""
    ask([_question(pin, double)], confirmed)
    return f"Confirmed as a duplicate of “{double}” (pin {double.pk}) in the same minute."


def _double_of(pin: Pin, moments: list[datetime]) -> Pin | None:
    """Return another pin for the same account, board, files, link and minute."""
    if pin.board_id is None or not moments:
        return None
    minutes = Q()
    for moment in moments:
        minute = moment.replace(second=0, microsecond=0)
        minutes |= Q(publish_at__gte=minute, publish_at__lt=minute + MINUTE)
    # By the index on workspace and time: few pins of a team share a minute, and of these the files are compared.
    others = (
        Pin.objects.filter(minutes, workspace=pin.workspace_id, account=pin.account_id, board=pin.board_id)
        .exclude(Q(pk=pin.pk) | Q(status__in=[PinStatus.DRAFT, PinStatus.FAILED]))
        .with_content()
        .order_by("pk")
    )
    pictures = _pictures(pin)
    return next((o for o in others if _pictures(o) == pictures and addresses.is_same(o.link, pin.link)), None)


def _pictures(pin: Pin) -> list[str]:
    """Return the files by their content: one that was deleted and uploaded again is the same."""
    return [media.sha256 for media in pin.media_files]


def _question(pin: Pin, double: Pin) -> Problem:
    at = format_moment(double.publish_at, pin.workspace.zone)
    went = "was published at" if double.status == PinStatus.PUBLISHED else "is already scheduled for"
    message = (
        f"“{double}” (pin {double.pk}) {went} the same minute, {at}, on the same board, “{pin.board}”, with the same"
        " media and link. Publish both?"
    )
    return Problem(EXACT_DOUBLE, "publish_at", message)
