"""Entry points for django-q2 and the clock."""

from django.utils import timezone

from . import publishing, scheduling


def advance(pin_id: int) -> None:
    publishing.advance(pin_id)


def has_stalled() -> bool:
    return scheduling.has_stalled(timezone.now())


def enqueue_due() -> int:
    return scheduling.enqueue_due(timezone.now())
