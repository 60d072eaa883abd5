"""Entry points for django-q2 and the clock."""

from django.utils import timezone

from .lifecycle import notifications as pin_notifications
from .models import CLOCK
from .publishing import claims, dispatch, heartbeats, preflight, worker


def advance(pin_id: int) -> None:
    worker.advance(pin_id)


def check_due_pins() -> None:
    preflight.check_due_pins()


def has_stalled() -> bool:
    return dispatch.has_stalled(timezone.now())


def tell_held() -> None:
    pin_notifications.tell_held(timezone.now())


def beat() -> None:
    """The clock lives. What fell due in a silence is looked for first, so this comes before all else."""
    heartbeats.beat(CLOCK, timezone.now())


def free_the_dead() -> None:
    claims.free_the_dead(timezone.now())


def enqueue_due() -> int:
    return dispatch.enqueue_due(timezone.now())


def enqueue_checks() -> bool:
    return preflight.enqueue_checks(timezone.now())
