"""A disk that is full, or read-only: signing in works, and whatever cannot be saved is said in a sentence."""

import errno
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import get_user
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from accounts.auth import sessions
from accounts.models import Workspace
from postiz_pins.database.full_disk import is_full_disk
from tests.accounts.mfa_helpers import LOGIN, PASSWORD

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL is not on this disk"),
]


def pragma(statement):
    with connection.cursor() as cursor:
        return cursor.execute(f"PRAGMA {statement}").fetchone()


class ReadOnlyDisk:
    """SQLite refuses each write in the words that it has for a file on a read-only disk."""

    def fill(self):
        pragma("query_only = 1")

    def free(self):
        pragma("query_only = 0")


class FullDisk:
    """No page can be added to the database; what has room in the pages that there are may still be written."""

    def fill(self):
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE filler (content BLOB)")
            pragma(f"max_page_count = {pragma('page_count')[0]}")
            with pytest.raises(OperationalError, match="disk is full"):
                while True:
                    cursor.execute("INSERT INTO filler VALUES (zeroblob(100))")

    def free(self):
        pragma("max_page_count = 1000000")
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE filler")


@pytest.fixture
def read_only():
    disk = ReadOnlyDisk()
    yield disk
    disk.free()


@pytest.fixture(params=[ReadOnlyDisk, FullDisk])
def disk(request):
    disk = request.param()
    yield disk
    disk.free()


def sign_in(browser, email, password=PASSWORD):
    return browser.post(LOGIN, {"login": email, "password": password})


def test_signing_in_and_reading_work(team, client, disk):
    client.get(LOGIN)
    disk.fill()

    response = sign_in(client, team.alice.email)

    assert response.status_code == 302
    assert get_user(client) == team.alice
    for path in ("/", "/pins/", "/media/", "/connections/"):
        assert client.get(path).status_code == 200, path


def test_session_of_before_goes_on_and_signing_in_anew_works(team, client, disk):
    sign_in(client, team.alice.email)
    disk.fill()

    assert client.get("/").status_code == 200
    assert sign_in(Client(), team.bob.email).status_code == 302


def test_session_in_the_cookie_moves_to_the_database_when_there_is_room(team, client, read_only):
    read_only.fill()
    sign_in(client, team.alice.email)
    assert client.cookies["sessionid"].value.startswith(sessions.PREFIX)
    read_only.free()

    session = client.session
    session["changed"] = True
    session.save()

    assert Session.objects.filter(session_key=session.session_key).exists()
    assert session["_auth_user_id"] == str(team.alice.pk)


def test_session_in_a_cookie_ends_when_forged_after_an_hour_and_with_the_password(team, read_only):
    client = Client()
    read_only.fill()
    sign_in(client, team.alice.email)
    read_only.free()
    cookie = client.cookies["sessionid"].value
    assert get_user(client).is_authenticated

    client.cookies["sessionid"] = cookie[:-2] + "xx"
    assert get_user(client).is_anonymous
    client.cookies["sessionid"] = cookie
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert get_user(client).is_anonymous
    team.alice.set_password("another one altogether")
    team.alice.save()
    assert get_user(client).is_anonymous


def test_wrong_passwords_are_counted_all_the_same(team, client, disk):
    disk.fill()
    for _ in range(6):
        page = sign_in(client, team.alice.email, "wrong")

    # By the limit on an account, or by allauth's on an address, whichever is first.
    assert "Too many" in page.text
    assert get_user(client).is_anonymous


def test_what_cannot_be_saved_is_said_in_a_sentence(team, client, read_only):
    client.force_login(team.alice)
    read_only.fill()
    client.raise_request_exception = False

    page = client.post("/workspace/new/", {"name": "Another", "time_zone": "UTC"})

    assert page.status_code == 507
    assert "disk is full or read-only" in page.text
    assert Workspace.objects.filter(name="Another").count() == 0


def test_cache_remembers_in_this_process_until_it_can_write_again(read_only):
    cache.set("kept", 1)
    read_only.fill()

    cache.set("kept", 2)
    assert cache.add("lock", True)
    assert not cache.add("lock", True)
    assert cache.get("kept") == 2
    cache.delete("lock")
    assert cache.add("lock", True)

    read_only.free()
    cache.set("kept", 3)
    assert cache.get("kept") == 3


def test_what_has_no_room_is_added_in_this_process_though_something_else_has_room(request):
    disk = FullDisk()
    cache.set("small", 1)
    disk.fill()
    request.addfinalizer(disk.free)

    cache.set("small", 2)

    large = "x" * 100_000
    assert cache.add("large", large)
    assert not cache.add("large", large)
    assert cache.get("large") == large


def test_cache_gives_a_lock_to_one_only():
    assert cache.add("turn", True)
    assert not cache.add("turn", True)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), True),
        (OSError(errno.EROFS, "Read-only file system"), True),
        (OSError(errno.ENOENT, "No such file"), False),
        (OperationalError("database is locked"), False),
    ],
)
def test_only_a_disk_that_takes_nothing_counts(error, expected):
    assert is_full_disk(error) is expected
