"""SQLite's file can be read where it can make no further files: a full disk, a read-only one."""

import sqlite3

import pytest

from postiz_pins.database.sqlite import Connection


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
