"""How work reaches the workers: django-q2's queue. No other module calls its functions.

A message only says where to look. If it is lost, the clock or a schedule finds the row.
"""

from __future__ import annotations

import uuid
from time import sleep
from typing import Any

from django.db import connection, transaction
from django_q.brokers import get_broker
from django_q.brokers.orm import ORM
from django_q.conf import Conf
from django_q.models import OrmQ, Schedule
from django_q.tasks import async_task

# While so many messages wait, the clock sends no further ones: rows are not forgotten, messages only pile up.
QUEUE_LIMIT = 50

_ANY_MESSAGE = f"SELECT 1 FROM {OrmQ._meta.db_table} LIMIT 1"  # noqa: S608  a table of django-q2's


class DatabaseBroker(ORM):
    """django-q2's broker in the database, which costs less while nothing waits: it is asked five times a second."""

    def dequeue(self) -> list[tuple[int, str]] | None:
        """Return a message of the queue, or None after a moment if there is none."""
        self.get_connection()  # closes a connection that is too old
        with connection.cursor() as cursor:
            cursor.execute(_ANY_MESSAGE)
            if cursor.fetchone() is not None:
                messages: list[tuple[int, str]] | None = super().dequeue()
                return messages
        sleep(Conf.POLL)
        return None


def send(task: str, *args: Any) -> None:
    """Send a message to the workers to call `task`, a function by its dotted name.

    Raises what the broker raises.
    """
    async_task(task, *args)


def send_on_commit(task: str, *args: Any) -> None:
    """Do so once this transaction is committed. A broker that is down is logged, and costs no request its answer."""

    def send_now() -> None:  # no partial: Django logs its name if it fails
        send(task, *args)

    transaction.on_commit(send_now, robust=True)


def is_full() -> bool:
    """Return whether QUEUE_LIMIT messages wait already."""
    return size() >= QUEUE_LIMIT


def size() -> int:
    """Return how many messages wait. Raises what the broker raises."""
    return int(get_broker().queue_size())


def broker_name() -> str:
    """Return what keeps the messages, for operators."""
    return str(get_broker().info())


def makes_a_round_trip() -> bool:
    """Return whether a message comes back by way of a queue of its own.

    Raises what the broker raises.
    """
    broker = get_broker(f"round-trip-{uuid.uuid4()}")
    broker.enqueue("round trip")
    for message_id, _ in broker.dequeue() or ():
        broker.acknowledge(message_id)
        return True
    return False


def is_scheduled(task: str) -> bool:
    """Return whether a schedule calls `task` from time to time."""
    return Schedule.objects.filter(func=task).exclude(repeats=0).exists()
