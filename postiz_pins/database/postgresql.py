"""PostgreSQL as the app asks it: many short questions, each answered out of a few pages of an index."""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper


def plan_for_short_questions(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Keep parallel workers and compiling off the new connection: a receiver of `connection_created`.

    Most rows have a status that due pins never have, so PostgreSQL takes a question for hard whose answer is empty:
    starting two workers for it took 20 ms of each second, where the answer took 0.1 ms.
    A statement, not an option of the connection, since PgBouncer refuses those.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET max_parallel_workers_per_gather = 0")
            cursor.execute("SET jit = off")
