"""A change of many pins or files: what was chosen, what each would get, and carrying it out in batches.

Up to a hundred are changed in the transaction that confirms them. A worker goes on with more: the row of the change is
the job, claimed for a lease, and each batch is one transaction with the rows that say what became of each.
"""

from __future__ import annotations

import hashlib
import json
import logging
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain, zip_longest
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.models import EDITING_ROLES, Membership, User, Workspace
from accounts.permissions import may_publish
from pins.models import BulkChange, BulkItem, BulkItemStatus, BulkStatus, Pin
from pins.models.bulk import UNDER_WAY
from pins.scheduling import moving
from postiz_pins import queueing
from postiz_pins.common.dates import format_moment
from postiz_pins.common.leases import LeaseLost
from postiz_pins.runtime import stopping

from .actions import ACTIONS, CHANGED, Action, Job, Refused, attempt, attempt_all, edit_board, moment_of, shifted
from .forms import FORMS

log = logging.getLogger(__name__)

TASK = "pins.tasks.work_on_bulk_change"
# More are not changed at once: a person has looked at each.
MOST_PINS = 2_000
AT_ONCE = 100
BATCH = 25
KEPT_FOR = timedelta(days=30)
LEASE = timedelta(minutes=4)
NO_USER = "The person who started this can no longer edit here."
GONE = "It was deleted."


class SelectionChanged(Exception):
    """Something else would be done than the person has seen and confirmed."""


@dataclass
class Preview:
    """The rows that can be changed, and those that cannot, each with the reason."""

    # Of the change, as it was read.
    options: dict[str, Any] | None
    can: list[Any] = field(default_factory=list)
    cannot: list[tuple[Any, str]] = field(default_factory=list)

    @property
    def count(self) -> int:
        """Return how many were chosen."""
        return len(self.can) + len(self.cannot)

    @property
    def digest(self) -> str:
        """Return what stands for all that is confirmed: the options, and the rows as they are."""
        seen = [self.options, [(row.pk, _version(row)) for row in self.can]]
        return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()


def _version(row: Any) -> int | None:
    """Return which edit of a pin it is; files have none."""
    return row.version if isinstance(row, Pin) else None


def start(workspace: Workspace, action: str, *, keys: Sequence[int], query: str | None, by: User) -> BulkChange:
    """Write down what was chosen: rows by their keys, or all that the list finds by `query`."""
    return BulkChange.objects.create(
        workspace=workspace,
        action=action,
        keys=[] if query is not None else list(keys),
        query=query or "",
        is_by_query=query is not None,
        options=None if action in FORMS else {},
        created_by=by,
    )


def chosen(change: BulkChange) -> QuerySet[Any]:
    """Return the chosen rows of the workspace, in the order of their list; of a filter, what it finds now."""
    return ACTIONS[change.action].subject.chosen(change)


def job_of(change: BulkChange, by: User, now: datetime) -> Job:
    """Return what the checks and the action need to know."""
    return Job(by, now, may_publish(by, change.workspace), change.options or {})


def preview(change: BulkChange, *, by: User, now: datetime) -> Preview:
    """Return what would become of each row: as they were chosen, or of a filter in the order of the list."""
    found, job, action = Preview(change.options), job_of(change, by, now), ACTIONS[change.action]
    rows = list(chosen(change)[:MOST_PINS])
    if not change.is_by_query:
        places = {key: place for place, key in enumerate(change.keys)}
        rows.sort(key=lambda row: places[row.pk])
    for row in rows:
        row.workspace = change.workspace
        reason = action.check(row, job)
        if reason:
            found.cannot.append((row, reason))
        else:
            found.can.append(row)
    return found


def confirm(change: BulkChange, digest: str, *, by: User, now: datetime) -> bool:
    """Carry the change out for `by`, or leave it to a worker if it is long; return whether it is done.

    Raises SelectionChanged unless `digest` is that of the preview as it is now. A change that was confirmed before is
    left as it is.
    """
    with transaction.atomic():
        rows = BulkChange.objects.filter(pk=change.pk, status=BulkStatus.PREVIEW)
        if rows.update(status=BulkStatus.RUNNING, created_by=by) == 0:
            change.refresh_from_db()
            return change.status == BulkStatus.DONE
        change.refresh_from_db(fields=["options"])  # from here on they stay
        found = preview(change, by=by, now=now)
        if found.digest != digest:
            raise SelectionChanged
        _write_items(change, found)
        change.status = BulkStatus.RUNNING
        if len(found.can) <= AT_ONCE:
            for pin_batch in _batches(change):
                _carry_out(change, pin_batch, by=by, now=now)
            _finish(change, now)
            return True
        queueing.send_on_commit(TASK, change.pk)
    return False


def _write_items(change: BulkChange, found: Preview) -> None:
    ordered = in_order(found.can, (change.options or {}).get("order", "listed"), seed=change.pk)
    refused = [(row, BulkItemStatus.REFUSED, reason) for row, reason in found.cannot]
    rows = [*((row, BulkItemStatus.WAITING, "") for row in ordered), *refused]
    column = ACTIONS[change.action].subject.column
    BulkItem.objects.bulk_create(
        [
            BulkItem(
                change=change,
                position=position,
                name=str(row),
                status=status,
                reason=reason,
                before={"version": _version(row)},
                **{column: row.pk},
            )
            for position, (row, status, reason) in enumerate(rows)
        ],
        batch_size=500,
    )


def in_order(pins: list[Pin], order: str, *, seed: int) -> Iterable[Pin]:
    """Return the pins in one of forms.ORDERS; the same seed shuffles them alike."""
    if order == "shuffled":
        return random.Random(seed).sample(pins, len(pins))  # noqa: S311  nothing depends on its being unguessable
    if order != "interleaved":
        return pins
    by_board: defaultdict[int | None, list[Pin]] = defaultdict(list)
    for pin in pins:
        by_board[pin.board_id].append(pin)
    return [pin for pin in chain.from_iterable(zip_longest(*by_board.values())) if pin is not None]


def _batches(change: BulkChange, status: BulkItemStatus = BulkItemStatus.WAITING) -> Iterable[list[BulkItem]]:
    """Yield the items that are left, some at a time."""
    is_at_once = status == BulkItemStatus.WAITING and ACTIONS[change.action].carry_out_all is not None
    size = AT_ONCE if is_at_once else BATCH
    while batch := list(change.items.filter(status=status).order_by("position")[:size]):
        yield batch


def _carry_out(change: BulkChange, items: list[BulkItem], *, by: User, now: datetime) -> None:
    """Change these rows within the transaction of the batch."""
    action, job = ACTIONS[change.action], job_of(change, by, now)
    keys = [getattr(item, action.subject.column) for item in items]
    reasons = _changed_all(action, {key: item for key, item in zip(keys, items, strict=True) if key}, job)
    for item, key in zip(items, keys, strict=True):
        item.reason = reasons.get(key, GONE)
        item.status = BulkItemStatus.REFUSED if item.reason else BulkItemStatus.DONE
        if action.name == "delete" and not item.reason:
            item.pin = None
    BulkItem.objects.bulk_update(items, ["status", "reason", "before", "pin"])


def _changed_all(action: Action, items: dict[int, BulkItem], job: Job) -> dict[int, str]:
    """Change the rows of these keys at once, or each in a transaction of its own; return why they were not changed."""
    rows = action.subject.read(items)
    if action.carry_out_all is not None:
        with suppress(Refused), transaction.atomic():
            changed = {key: CHANGED for key, row in rows.items() if _is_other(row, items[key])}
            same = [rows[key] for key in items if key in rows and key not in changed]
            return changed | attempt_all(action.carry_out_all, action, same, job)
        # Each is asked on its own, as it was before the attempt, so that only those are left out that have to be.
        rows = action.subject.read(items)
    return {key: _changed(action, rows[key], job, item) for key, item in items.items() if key in rows}


def _changed(action: Action, row: Any, job: Job, item: BulkItem) -> str:
    if _is_other(row, item):
        return CHANGED
    before = {name: getattr(row, name) for name in action.kept}
    try:
        with transaction.atomic():
            reason = attempt(action, row, job)
    except Refused as refusal:
        return str(refusal)
    if not reason and action.kept:
        row.refresh_from_db(fields=["version"])
        kept = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in before.items()}
        item.before = {**kept, "version": row.version}
    return reason


def _is_other(row: Any, item: BulkItem) -> bool:
    """Return whether the row was edited since it was confirmed."""
    version = _version(row)
    return bool(item.before.get("version", version) != version)


def _finish(change: BulkChange, now: datetime, status: BulkStatus = BulkStatus.DONE) -> None:
    change.status, change.finished_at = status, change.finished_at or now
    change.save(update_fields=["status", "finished_at"])


def told(change: BulkChange, pin: Pin) -> str:
    """Return what the preview says of a pin that can be changed; empty if the action says it."""
    options, zone = change.options or {}, change.workspace.zone
    if change.action == "shift":
        return f"to {format_moment(shifted(pin, options), zone)}"
    if change.action in ("spread", "times"):
        return format_moment(moment_of(pin, options), zone)
    return ""


def begin_undo(change: BulkChange, *, by: User, now: datetime) -> bool:
    """Begin to take the change back; return False if that is no longer possible, or it was begun before."""
    if not ACTIONS[change.action].kept or not change.can_undo(now):
        return False
    with transaction.atomic():
        rows = BulkChange.objects.filter(pk=change.pk, status=BulkStatus.DONE)
        if rows.update(status=BulkStatus.UNDOING, created_by=by) == 0:
            return False
        change.status = BulkStatus.UNDOING
        if change.items.filter(status=BulkItemStatus.DONE).count() > AT_ONCE:
            queueing.send_on_commit(TASK, change.pk)
            return True
        for batch in _batches(change, BulkItemStatus.DONE):
            _take_back(change, batch, by=by, now=now)
        _finish(change, now, BulkStatus.UNDONE)
    return True


def _take_back(change: BulkChange, items: list[BulkItem], *, by: User | None, now: datetime) -> None:
    """Give these pins back what they had, unless they have been changed since."""
    pins = Pin.objects.with_content().in_bulk([item.pin_id for item in items if item.pin_id])
    for item in items:
        pin = pins.get(item.pin_id) if item.pin_id else None
        item.status, item.reason = BulkItemStatus.UNDONE, ""
        if pin is None or by is None:
            item.status, item.reason = BulkItemStatus.REFUSED, GONE if pin is None else NO_USER
        elif pin.version != item.before.get("version"):
            item.status, item.reason = BulkItemStatus.REFUSED, "It was changed since, so it stays as it is."
        else:
            try:
                with transaction.atomic():
                    _restore(change, pin, item.before, job_of(change, by, now))
            except Refused as refusal:
                item.status, item.reason = BulkItemStatus.REFUSED, str(refusal)
    BulkItem.objects.bulk_update(items, ["status", "reason"])


def _restore(change: BulkChange, pin: Pin, before: dict[str, Any], job: Job) -> None:
    at = parse_datetime(before.get("publish_at") or "")
    action = ACTIONS[change.action]

    def carry_out(pin: Pin, job: Job) -> None:
        if change.action == "board":
            edit_board(pin, before["board_id"], before["section_id"], job)
        elif at is None or at <= job.now:
            raise Refused("Its old time has passed, so it stays where it is.")
        else:
            queued = bool(before["is_queued"])
            moving.move_pin(pin, at, version=pin.version, by=job.by, now=job.now, is_queued=queued)

    attempt(Action(action.name, "", lambda pin, job: "", carry_out), pin, job)


def work_on(change_id: int, now: datetime) -> None:
    """Take a change further until it is done, or this process is to stop."""
    token = BulkChange.objects.under_way().filter(pk=change_id).claim(now, now + LEASE)
    if token is None:
        return
    rows = BulkChange.objects.with_token(change_id, token).select_related("workspace", "created_by")
    change = rows.first()
    if change is None:
        return
    is_undone = change.status == BulkStatus.UNDOING
    by = _who_may(change)
    try:
        for batch in _batches(change, BulkItemStatus.DONE if is_undone else BulkItemStatus.WAITING):
            if stopping.is_requested():
                BulkChange.objects.as_claimed(change).release()
                queueing.send(TASK, change.pk)
                return
            with transaction.atomic():
                # Within the transaction: the row stays locked until its end.
                BulkChange.objects.write_claimed(change, claimed_until=timezone.now() + LEASE)
                if by is None:
                    _refuse(batch)
                elif is_undone:
                    _take_back(change, batch, by=by, now=timezone.now())
                else:
                    _carry_out(change, batch, by=by, now=timezone.now())
        with transaction.atomic():
            BulkChange.objects.write_claimed(change, claim_token=None, claimed_until=None)
            _finish(change, timezone.now(), BulkStatus.UNDONE if is_undone else BulkStatus.DONE)
    except LeaseLost:
        log.info("Bulk change %s is another worker's by now", change_id)


def _who_may(change: BulkChange) -> User | None:
    """Return the user for whom it is done, if that user may still edit here."""
    user = change.created_by
    if user is None or not user.is_active:
        return None
    members = Membership.objects.filter(user=user, workspace=change.workspace_id, role__in=EDITING_ROLES)
    return user if members.exists() else None


def _refuse(items: list[BulkItem]) -> None:
    for item in items:
        item.status, item.reason = BulkItemStatus.REFUSED, NO_USER
    BulkItem.objects.bulk_update(items, ["status", "reason"])


def continue_changes(now: datetime) -> None:
    """Send messages for changes that no worker is at, and delete what is too old to be undone or looked up."""
    old = BulkChange.objects.exclude(status__in=UNDER_WAY).filter(created_at__lt=now - KEPT_FOR).order_by("pk")
    BulkChange.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:10])).delete()
    for pk in BulkChange.objects.under_way().unclaimed(now).order_by("pk").values_list("pk", flat=True)[:10]:
        queueing.send(TASK, pk)
