"""Deleting what is due: users, workspaces, and what a workspace holds of a Pinterest account.

Each deletion begins with a conditional write after which it cannot be canceled, and which stops what is on its way:
accounts are disconnected, and pins taken from their workers. Then come analytics, pins, files, accounts, and last of
all the row itself. No transaction is long, so that publishing goes on; what a dead process leaves is deleted in the
next turn.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import DatabaseError, transaction

from accounts.deletion import execution as accounts
from accounts.deletion.requests import DeletionError
from accounts.models import PinterestAccount, User, Workspace
from analytics import deletion as figures
from pins import deletion as pins
from pins.models import MediaFile, Pin, PinQuerySet
from postiz_pins import queueing
from postiz_pins.common.turns import turn
from postiz_pins.runtime import stopping

log = logging.getLogger(__name__)

# How long a worker erases before it gives other tasks a turn.
TURN = timedelta(seconds=60)
TURN_KEY = "erasing-turn"
# The turn of a worker that has died ends by itself; far more than one transaction takes.
LEASE = TURN * 5


def erase_due(now: datetime) -> None:
    """Delete what is due at `now`, as long as the turn lasts, and asks for another turn if something is left.

    Nothing if another worker is at it; two at once would do no harm, but be in each other's way.
    """
    is_over = False
    with turn(TURN_KEY, LEASE.total_seconds()) as is_ours:
        ends_at = time.monotonic() + TURN.total_seconds()
        for _ in _steps(now) if is_ours else ():
            is_over = time.monotonic() > ends_at or stopping.is_requested()
            if is_over:
                break
    if is_over:
        queueing.send("postiz_pins.tasks.erase_due")


def delete_workspace(workspace: Workspace, now: datetime) -> None:
    """Delete at once one whose time has come. Raises what stands in the way."""
    for _ in _delete_workspace(workspace, now):
        pass


def _steps(now: datetime) -> Iterator[None]:
    """Yield after each step of all that is due; users first, since workspaces go with them."""
    for user in User.objects.filter(delete_at__lte=now).order_by("delete_at", "pk"):
        yield from _without_stopping(_delete_user(user, now), f"account {user.pk}")
    for workspace in Workspace.objects.filter(delete_at__lte=now).order_by("delete_at", "pk"):
        yield from _without_stopping(_delete_workspace(workspace, now), f"workspace {workspace.pk}")
    for account in PinterestAccount.objects.filter(delete_at__lte=now).order_by("delete_at", "pk"):
        yield from _without_stopping(_delete_account(account, now), f"Pinterest account {account.pk}")


def _without_stopping(steps: Iterator[None], what: str) -> Iterator[None]:
    """Run the steps; what cannot be deleted now must not keep the others from being deleted."""
    try:
        yield from steps
    except DeletionError as error:
        log.warning("The deletion of %s waits: %s", what, error)
    except (DatabaseError, OSError):
        log.exception("The deletion of %s continues in the next run", what)


def _delete_user(user: User, now: datetime) -> Iterator[None]:
    if not accounts.begin_user_deletion(user, now):
        return
    yield from pins.forget_user(user)
    yield from accounts.finish_user_deletion(user, now)
    log.info("Account %s deleted.", user.pk)


def _delete_workspace(workspace: Workspace, now: datetime) -> Iterator[None]:
    if not accounts.begin_workspace_deletion(workspace, now):
        return
    yield from _delete_pins(Pin.objects.in_workspace(workspace), now)
    if Pin.objects.in_workspace(workspace).exists() or accounts.is_exporting(workspace, now):
        return  # a worker is at it, and has ended by the next turn
    yield from pins.delete_media_files(workspace)
    for account in PinterestAccount.objects.in_workspace(workspace):
        yield from _delete_account_row(account, now, is_recorded=False)
    yield from accounts.delete_exports(workspace)
    yield from accounts.delete_notifications(workspace)
    yield from accounts.delete_webhooks(workspace)
    with transaction.atomic():
        Workspace.objects.select_for_update().filter(pk=workspace.pk).first()
        # A request that was let in before the beginning may have written since.
        for rows in (Pin.objects, MediaFile.objects, PinterestAccount.objects):
            if rows.filter(workspace=workspace).exists():
                return
        accounts.finish_workspace_deletion(workspace, now)
    log.info("Workspace %s deleted.", workspace.pk)


def _delete_account(account: PinterestAccount, now: datetime) -> Iterator[None]:
    if not accounts.begin_account_deletion(account, now):
        return
    yield from _delete_pins(Pin.objects.filter(account=account), now)
    if Pin.objects.filter(account=account).exists():
        return
    yield from _delete_account_row(account, now, is_recorded=True)
    log.info("Pinterest account %s deleted.", account.pk)


def _delete_pins(rows: PinQuerySet, now: datetime) -> Iterator[None]:
    """Delete a few pins at a time with all their figures, so that each look for the next finds them at once."""
    pins.take_from_workers(rows)
    yield
    remember_since = pins.remember_since(now)
    while pin_ids := pins.next_pins(rows, now):
        yield from figures.delete_pins(pin_ids)
        pins.delete_pins(pin_ids, remember_since)
        yield


def _delete_account_row(account: PinterestAccount, now: datetime, *, is_recorded: bool) -> Iterator[None]:
    yield from figures.delete_account(account)
    yield from accounts.delete_boards(account)
    accounts.finish_account_deletion(account, now, is_recorded=is_recorded)
    yield
