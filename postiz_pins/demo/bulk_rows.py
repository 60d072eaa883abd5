"""Millions of rows at once, past Django's own bulk_create: it would spend most of the time on objects and SQL."""

from collections.abc import Sequence
from typing import Any

from django.db import connection, models, transaction


def write_rows(model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows with these columns of the table; the others must have a default or be NULL.

    Values are what the database's own driver accepts: dates as ISO texts. No constraint is relaxed.
    """
    names = ", ".join(connection.ops.quote_name(column) for column in columns)
    table = connection.ops.quote_name(model._meta.db_table)
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            return
        places = ", ".join(["%s"] * len(columns))
        cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", rows)  # noqa: S608  names of our models


def refresh_statistics(*tables: type[models.Model]) -> None:
    """Tell PostgreSQL's planner about the new rows at once, which autovacuum would do in a minute."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for model in tables:
                cursor.execute(f"ANALYZE {connection.ops.quote_name(model._meta.db_table)}")
