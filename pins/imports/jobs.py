"""What workers do for imports: fetch media, then create pins in batches.

The row of the import is the job: a worker claims it for a lease that it renews as it gets on, and each batch of pins is
one transaction that also writes which rows they were created from. So whatever kills a worker, each row becomes a pin
once.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import DatabaseError, DataError, IntegrityError, transaction
from django.utils import timezone

from accounts.models import EDITING_ROLES, Membership, User
from pins.composer import services as composer
from pins.composer.services import EditOutcome, Submission
from pins.lifecycle.signals import import_finished
from pins.models import Destination, ImportStatus, Pin, PinImport, PinImportRow, RowStatus
from pins.models.pin_import import PinImportQuerySet
from pins.queue.services import QueueFull
from pins.rules.questions import ConfirmationNeeded
from pins.scheduling.past_times import PUBLISH_AT_FAR
from postiz_pins import queueing
from postiz_pins.common.leases import LeaseLost
from postiz_pins.database.full_disk import is_full_disk
from postiz_pins.runtime import stopping

from . import fetching, services, updates
from .checking import Plan, plans_of
from .problems import RowProblem

log = logging.getLogger(__name__)

# Longer than any step: a file is fetched for a minute at most, and read for another.
LEASE = timedelta(minutes=4)
RENEW_EVERY_SECONDS = 20.0
# After so long a worker gives others a turn.
TURN_SECONDS = 60.0
BATCH = 50
FULL_DISK = (
    "The server's disk is full, so the import has stopped. Nothing is lost. Ask your administrator, then continue."
)
CHANGED = "The pin has been changed since this was shown. Choose “Check again” above to see the difference now."
NOT_CREATED = "This row couldn't be created. Check its texts, then create the remaining pins again."
NO_USER = "The person who started this import can no longer edit here. Start it again."


class ImportLease:
    """A worker's hold on one import."""

    def __init__(self, pin_import: PinImport) -> None:
        self.pin_import = pin_import
        self._renewed_at = time.monotonic()
        self._ends_at = self._renewed_at + TURN_SECONDS

    @property
    def is_over(self) -> bool:
        """Return whether this worker should end after what is at hand."""
        return stopping.is_requested() or time.monotonic() >= self._ends_at

    def keep(self) -> None:
        """Renew the lease if that is due. Raises LeaseLost."""
        if time.monotonic() - self._renewed_at >= RENEW_EVERY_SECONDS:
            self.renew()

    def renew(self) -> None:
        """Renew the lease; within a transaction, its row stays locked until the end. Raises LeaseLost."""
        PinImport.objects.write_claimed(self.pin_import, claimed_until=timezone.now() + LEASE)
        self._renewed_at = time.monotonic()

    def finish(self, **columns_: object) -> None:
        """Give the import back to its people. Raises LeaseLost."""
        was_creating = self.pin_import.status == ImportStatus.CREATING
        columns_ = {"status": ImportStatus.REVIEW, **columns_, **PinImportQuerySet.UNCLAIMED}
        with transaction.atomic():
            PinImport.objects.write_claimed(self.pin_import, **columns_)
            if was_creating:
                import_finished.send(PinImport, pin_import=self.pin_import, now=timezone.now())

    def pause(self) -> None:
        """Leave the rest to another turn."""
        PinImport.objects.as_claimed(self.pin_import).release()


def continue_imports(now: datetime) -> None:
    """Send messages for imports that no worker is at: theirs was lost, or their worker has died."""
    for pk in PinImport.objects.under_way().unclaimed(now).order_by("pk").values_list("pk", flat=True)[:10]:
        queueing.send(services.TASK, pk)


def work_on(import_id: int, now: datetime) -> None:
    """Take an import further, for a turn."""
    token = PinImport.objects.under_way().filter(pk=import_id).claim(now, now + LEASE)
    if token is None:
        return
    pin_import = _read(import_id, token)
    if pin_import is None:
        return
    lease = ImportLease(pin_import)
    try:
        if _work(lease):
            return
        lease.pause()
    except LeaseLost:
        return
    except (OSError, DatabaseError) as error:
        if not is_full_disk(error):
            raise
        log.exception("Import %s has stopped", import_id)
        lease.finish(error=FULL_DISK)
        return
    queueing.send(services.TASK, import_id)


def _read(import_id: int, token: UUID) -> PinImport | None:
    imports = PinImport.objects.with_token(import_id, token)
    return imports.select_related("workspace", "account", "board__account", "started_by").first()


def _work(lease: ImportLease) -> bool:
    """Return whether the import is done, or stopped; False: another turn is needed."""
    pin_import = lease.pin_import
    by = pin_import.started_by
    if by is None or not _may_edit(by, pin_import):
        lease.finish(error=NO_USER)
        return True
    if pin_import.status == ImportStatus.FETCHING:
        if not fetching.fetch(lease, by=by):
            return False
        services.check_again(pin_import, timezone.now())
        if not pin_import.creates_at_once:
            lease.finish()
            return True
        PinImport.objects.write_claimed(pin_import, status=ImportStatus.CREATING)
    while True:
        if lease.is_over:
            return False
        if not create_batch(lease, by=by, now=timezone.now()):
            lease.finish()  # and no check: it would forget what only the creation has found
            return True


def _may_edit(user: User, pin_import: PinImport) -> bool:
    members = Membership.objects.filter(user=user, workspace=pin_import.workspace_id, role__in=EDITING_ROLES)
    return user.is_active and members.exists()


def create_batch(lease: ImportLease, *, by: User, now: datetime) -> bool:
    """Create pins from the next rows without problems; return whether there were any.

    Pins and rows are written in one transaction, which first makes sure that the lease is still this worker's.
    """
    pin_import = lease.pin_import
    with transaction.atomic():
        lease.renew()
        ready = pin_import.rows.open().filter(has_problems=False, needs_media=False)
        rows = list(ready.order_by("number")[:BATCH])
        if not rows:
            return False
        plans = plans_of(pin_import, rows, now)
        for plan in plans:
            _create(plan, pin_import, by=by, now=now)
        PinImportRow.objects.bulk_update(rows, ["status", "pin", "problems", "has_problems", "needs_media"])
        PinImport.objects.filter(pk=pin_import.pk).update(pins_created_at=now)
    return True


def _create(plan: Plan, pin_import: PinImport, *, by: User, now: datetime) -> None:
    """Create the pin of a row, or note why it cannot be created by now."""
    row = plan.row
    if not plan.has_problems and not plan.needs_media:
        try:
            if plan.pin is not None:
                _update(plan, plan.pin, pin_import, by=by, now=now)
                return
            row.pin = _new_pin(plan, pin_import, by=by, now=now)
            row.status = RowStatus.CREATED
            row.problems = [problem.as_json() for problem in plan.problems]
            return
        except ConfirmationNeeded as needed:
            plan.problems += [RowProblem(each.code, each.field, each.message) for each in needed.questions]
        except ValidationError as error:
            plan.add(error.code or "", "link", error.messages[0])
        except QueueFull as full:
            plan.add(full.code, "publish_at", str(full))
        except (DataError, IntegrityError):
            log.exception("Row %s of import %s could not be created", row.number, pin_import.pk)
            plan.add("not_created", "", NOT_CREATED)
    row.problems = [problem.as_json() for problem in plan.problems]
    row.has_problems, row.needs_media = plan.has_problems, plan.needs_media


@transaction.atomic
def _new_pin(plan: Plan, pin_import: PinImport, *, by: User, now: datetime) -> Pin:
    """Create the pin of a row; one with its number in its link is a draft first, as in the composer.

    Raises ConfirmationNeeded, QueueFull and ValidationError; then nothing was written.
    """
    workspace = pin_import.workspace
    submission = submission_of(plan, by=by, now=now, text=f"From “{pin_import}”, row {plan.row.number}.")
    if plan.with_number is None:
        return composer.create(submission, workspace=workspace).pin
    draft = replace(submission, goes_out_at=None, to_queue=False, is_proposal=False)
    pin = composer.create(draft, workspace=workspace).pin
    content = plan.with_number(pin_id=pin.pk)
    return composer.save(replace(submission, composition=content), pin, workspace=workspace).pin


def _update(plan: Plan, pin: Pin, pin_import: PinImport, *, by: User, now: datetime) -> None:
    """Change the pin that a row names, unless it is another by now than the one that was shown."""
    row = plan.row
    shown = [problem["message"] for problem in row.problems if problem["code"] == updates.UPDATED]
    if shown == [problem.message for problem in plan.problems if problem.code == updates.UPDATED]:
        submission = submission_of(plan, by=by, now=now, text=f"From “{pin_import}”, row {row.number}.")
        result = composer.save(submission, pin, workspace=pin_import.workspace, version=pin.version)
        if result.outcome is EditOutcome.SAVED:
            Pin.objects.filter(pk=pin.pk).update(keywords=plan.keywords)
            row.status = RowStatus.UPDATED
            return
    plan.add("pin_changed", "", CHANGED)
    row.problems = [problem.as_json() for problem in plan.problems]
    row.has_problems = True


def submission_of(plan: Plan, *, by: User, now: datetime, text: str) -> Submission:
    """Return what the composer would be sent for a row."""
    is_scheduled = plan.destination == Destination.SCHEDULE
    return Submission(
        composition=plan.composition,
        by=by,
        now=now,
        publish_at=plan.publish_at,
        goes_out_at=plan.publish_at if is_scheduled else None,
        to_queue=plan.destination == Destination.QUEUE,
        is_proposal=plan.destination == Destination.PROPOSE,
        # The dry run has shown it.
        confirmed=[PUBLISH_AT_FAR],
        text=text,
        keywords=plan.keywords,
        tags=plan.tags if "tags" in plan.texts else None,
    )


def ready_count(rows: Sequence[PinImportRow]) -> int:
    """Return how many of the rows can become pins now."""
    return sum(row.status == RowStatus.OPEN and not row.has_problems and not row.needs_media for row in rows)
