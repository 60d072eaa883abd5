"""How work reaches the workers: django-q2's queue. No other module calls its functions.

A message only says where to look. If it is lost, the clock or a schedule finds the row."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django_q.brokers import get_broker
from django_q.models import Schedule
from django_q.tasks import async_task

# While so many messages wait, the clock sends no further ones: rows are not forgotten, messages only pile up.
QUEUE_LIMIT = 50


def send(task: str, *args: Any) -> None:
    """Have a worker call `task`, a function by its dotted name. Raises what the broker raises."""
    async_task(task, *args)


def send_on_commit(task: str, *args: Any) -> None:
    """Do so once this transaction is committed. A broker that is down is logged, and costs no request its answer."""

    def send_now() -> None:  # no partial: Django logs its name if it fails
        send(task, *args)

    transaction.on_commit(send_now, robust=True)


def is_full() -> bool:
    """Return whether QUEUE_LIMIT messages wait already."""
    return bool(get_broker().queue_size() >= QUEUE_LIMIT)


def is_scheduled(task: str) -> bool:
    """Return whether a schedule calls `task` from time to time."""
    return Schedule.objects.filter(func=task).exclude(repeats=0).exists()
