"""Entry points for django-q2 and the clock."""

from django.utils import timezone

from .bulk import services as bulk
from .imports import jobs as import_jobs
from .lifecycle import notifications as pin_notifications
from .models import CLOCK
from .publishing import claims, dispatch, heartbeats, preflight, worker
from .queue import notifications as queue_notifications


def advance(pin_id: int) -> None:
    """Take the pin a step further, and others that are due."""
    worker.advance(pin_id)


def check_due_pins() -> None:
    """Check scheduled pins whose check is due."""
    preflight.check_due_pins()


def has_stalled() -> bool:
    """Return whether due pins have waited too long, so that the cluster is to be restarted."""
    return dispatch.has_stalled(timezone.now())


def tell_held() -> None:
    """Notify members of pins on hold."""
    pin_notifications.tell_held(timezone.now())


def tell_low_queues() -> None:
    """Notify members of queues that run dry soon."""
    queue_notifications.tell_low_queues(timezone.now())


def beat() -> None:
    """Record that the clock lives, before all else: what fell due in a silence is looked for first."""
    heartbeats.beat(CLOCK, timezone.now())


def free_the_dead() -> None:
    """End the leases of this machine's processes that have died."""
    claims.free_the_dead(timezone.now())


def enqueue_due() -> int:
    """Send messages for due pins, and return how many."""
    return dispatch.enqueue_due(timezone.now())


def enqueue_checks() -> bool:
    """Send a message if a check is due, and return whether it was."""
    return preflight.enqueue_checks(timezone.now())


def work_on_import(import_id: int) -> None:
    """Take an import further."""
    import_jobs.work_on(import_id, timezone.now())


def continue_imports() -> None:
    """Send messages for imports that no worker is at."""
    import_jobs.continue_imports(timezone.now())


def work_on_bulk_change(change_id: int) -> None:
    """Take a change of many pins further."""
    bulk.work_on(change_id, timezone.now())


def continue_bulk_changes() -> None:
    """Send messages for changes of many pins that no worker is at."""
    bulk.continue_changes(timezone.now())
