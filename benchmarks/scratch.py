"""A PostgreSQL database for one benchmark."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

SERVER_URL = "postgres://postgres@127.0.0.1:5432/postgres"


@contextmanager
def postgres_database() -> Iterator[str | None]:
    """Yield the address of a new database, dropped at the end; None where no server answers."""
    server = os.environ.get("POSTGRES_BENCH_URL", SERVER_URL)
    name = f"postiz_pins_bench_{secrets.token_hex(4)}"
    try:
        connection = psycopg.connect(server, autocommit=True, connect_timeout=5)
    except psycopg.OperationalError:
        yield None
        return
    with connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield f"{server.rpartition('/')[0]}/{name}"
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
