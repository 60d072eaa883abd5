"""Is this installation well? Asked by `manage.py health`, the status page, metrics and the ping of a monitor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import Error as DatabaseError
from django.db.models import Count, Min, Q
from redis.exceptions import RedisError

from accounts.models import AccountStatus, PinterestAccount
from pins.models import HELD_BY_QUEUE, Pin, PostingSlot, ProcessKind, RunningProcess
from pins.publishing import dispatch
from postiz_pins.runtime import readiness

from .heartbeats import SILENT_AFTER

# What is later than this is shown apart: workers take a due pin within two seconds.
LATE_AFTER = timedelta(minutes=5)
ACCOUNTS_SHOWN = 50


@dataclass(frozen=True)
class Processes:
    """The processes of all machines that have reported within the last day."""

    running: Sequence[RunningProcess]
    # Of which nothing has been heard for SILENT_AFTER: they were killed, or hang.
    silent: Sequence[RunningProcess]

    def missing_kinds(self) -> list[ProcessKind]:
        """Return the kinds of which no process runs."""
        kinds = {process.kind for process in self.running}
        return [kind for kind in ProcessKind if kind not in kinds]

    def disagreements(self) -> list[str]:
        """Return a sentence for each limit on posting that is not the same in all running processes."""
        names = sorted({name for process in self.running for name in process.limits})
        values = {name: sorted({process.limits.get(name) for process in self.running} - {None}) for name in names}
        return [
            f"{name} differs between processes ({', '.join(map(str, found))}). Set it to the same value everywhere and"
            " restart them."
            for name, found in values.items()
            if len(found) > 1
        ]


def processes(now: datetime) -> Processes:
    """Return the processes that run, and those that have fallen silent."""
    rows = list(RunningProcess.objects.all())
    silent = [process for process in rows if process.beat_at <= now - SILENT_AFTER]
    return Processes([process for process in rows if process not in silent], silent)


def problems(now: datetime) -> list[str]:
    """Return a sentence for each thing that keeps the installation from working. Empty: all is well."""
    found = not_ready()
    if found:
        return found
    try:
        missing = processes(now).missing_kinds()
        found = [f"No {kind} has reported for {SILENT_AFTER.seconds} seconds." for kind in missing]
        if dispatch.has_stalled(now):
            found.append("Pins are due, but no worker publishes them.")
    except (DatabaseError, RedisError, OSError) as error:
        found = [f"The database does not answer ({type(error).__name__})."]
    return found


def problems_of(kind: ProcessKind, host: str, now: datetime) -> list[str]:
    """Return a sentence if no process of this kind has been heard of on this machine."""
    try:
        is_running = RunningProcess.objects.filter(kind=kind, host=host, beat_at__gt=now - SILENT_AFTER).exists()
    except DatabaseError as error:
        return [f"The database does not answer ({type(error).__name__})."]
    return [] if is_running else [f"No {kind} on {host} has reported for {SILENT_AFTER.seconds} seconds."]


def not_ready() -> list[str]:
    """Return what /readyz would report."""
    found = []
    for check in readiness.CHECKS.values():
        try:
            check()
        except readiness.NotReady as missing:
            found.append(str(missing))
    return list(dict.fromkeys(found))


@dataclass(frozen=True)
class DuePins:
    """The due pins of one account."""

    account: PinterestAccount
    due: int
    late: int
    oldest_at: datetime

    def why_on_hold(self, now: datetime) -> str:
        """Return why the account's pins are not published. Empty: they are."""
        account = self.account
        if account.status != AccountStatus.ACTIVE:
            return AccountStatus(account.status).label
        if account.publishing_paused_at is not None:
            return "Paused by an administrator"
        if account.posting_paused_until is not None and account.posting_paused_until > now:
            return "Rate limit"
        return ""


def due_by_account(now: datetime) -> list[DuePins]:
    """Return the accounts that have due pins, those that have waited longest first, at most ACCOUNTS_SHOWN.

    Pins of a paused queue are as people want them.
    """
    late = Count("pk", filter=Q(next_attempt_at__lte=now - LATE_AFTER))
    counted = (
        Pin.objects.ripe(now)
        .exclude(HELD_BY_QUEUE)
        .values_list("account")
        .annotate(due=Count("pk"), late=late, oldest=Min("next_attempt_at"))
    )
    rows = list(counted.order_by("oldest", "account")[:ACCOUNTS_SHOWN])
    accounts = PinterestAccount.objects.select_related("workspace").in_bulk([account_id for account_id, *_ in rows])
    return [DuePins(accounts[account_id], *counts) for account_id, *counts in rows]


def slots_in_use(now: datetime) -> list[PostingSlot]:
    """Return the posting slots that are held at `now`."""
    return list(PostingSlot.objects.in_use(now).select_related("account").order_by("number"))
