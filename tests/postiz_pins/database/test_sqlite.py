"""SQLite's file can be read where it can make no further files: a full disk, a read-only one."""

import sqlite3
from types import SimpleNamespace

import pytest
from django.db import connection as django_connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from postiz_pins.database.sqlite import MOST_PARAMETERS, Connection, allow_parameters


@pytest.fixture
def path(tmp_path):
    """A database with a row, that nobody has open."""
    path = tmp_path / "app ñ.sqlite3"
    connection = sqlite3.connect(path, factory=Connection)
    connection.execute("CREATE TABLE pin (title TEXT)")
    connection.execute("INSERT INTO pin VALUES ('Oak')")
    connection.commit()
    connection.close()
    return path


def block_journals(path):
    """Root may write everywhere, but not into a folder as if it were a file."""
    path.with_name(f"{path.name}-shm").mkdir()


def titles(connection):
    return connection.execute("SELECT title FROM pin").fetchall()


def test_database_is_in_wal_mode(path):
    connection = sqlite3.connect(path, factory=Connection)

    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (1,)
    connection.close()


def test_database_is_read_where_no_journal_can_be_made_and_refuses_to_write(path):
    block_journals(path)

    connection = sqlite3.connect(path, factory=Connection)

    assert titles(connection) == [("Oak",)]
    with pytest.raises(sqlite3.OperationalError, match="readonly database"):
        connection.execute("INSERT INTO pin VALUES ('Ash')")
    connection.close()


def test_database_whose_journal_holds_more_than_the_file_is_not_read_without_it(path):
    path.with_name(f"{path.name}-wal").write_bytes(b"committed, but not in the file yet")
    block_journals(path)

    with pytest.raises(sqlite3.OperationalError):
        sqlite3.connect(path, factory=Connection)


@pytest.mark.django_db
@pytest.mark.skipif(django_connection.vendor != "sqlite", reason="Other databases have limits of their own.")
def test_statements_have_as_many_parameters_as_sqlite_takes():
    keys = list(range(1, MOST_PARAMETERS + 1))

    assert django_connection.features.max_query_params == MOST_PARAMETERS
    assert not User.objects.filter(pk__in=keys).exists()
    with CaptureQueriesContext(django_connection) as captured:
        assert User.objects.in_bulk(keys) == {}
    assert len(captured) == 1


def test_an_sqlite_that_takes_fewer_parameters_gets_fewer(path):
    connection = sqlite3.connect(path, factory=Connection)
    connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 500)
    django = SimpleNamespace(vendor="sqlite", connection=connection, features=SimpleNamespace(max_query_params=999))

    allow_parameters(django)

    assert django.features.max_query_params == 500
    connection.close()
