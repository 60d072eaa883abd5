import os
import shutil
import signal
import subprocess
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import cache
from types import SimpleNamespace
from urllib.parse import urlsplit
from uuid import uuid4

import hypothesis
import pytest
import time_machine
from django.core.cache import cache as django_cache
from django.core.cache import caches
from django.db import connection, connections, transaction
from django_q.brokers.redis_broker import Redis
from whitenoise.base import WhiteNoise
from xdist.scheduler import LoadScopeScheduling

from accounts.models import Export, Role
from accounts.models.exports import export_storage
from postiz_pins.pinterest import network
from postiz_pins.runtime import stopping

from .deletion_helpers import populate
from .factories import BoardFactory, MembershipFactory, PinterestAccountFactory, UserFactory, WorkspaceFactory
from .process_helpers import ROOT, session_of
from .sandbox_process import SandboxProcess
from .tcp_proxy import TcpProxy

BROWSER = "tests/browser/"
# About half of the time that the tests in the browser take.
HALF_OF_BROWSER = (f"{BROWSER}test_pages.py", f"{BROWSER}test_composer")

# No test asserts wall time: a busy machine is no fault.
hypothesis.settings.register_profile("suite", deadline=None)
hypothesis.settings.load_profile("suite")


# Modules that start processes of the app, on the database that the tests use or on one beside it.
PROCESSES = {"tests.process_helpers", "tests.browser.app_process"}
# Modules that walk a table of addresses.
TABLES = {"tests.visits", "tests.foreign_ids"}


class WholeModules(LoadScopeScheduling):
    """Each worker gets whole modules, and two of them half of the tests in the browser each, which share an app and a
    Chromium.
    """

    def _split_scope(self, nodeid):
        if nodeid.startswith(HALF_OF_BROWSER):
            return "half of tests/browser/"
        return BROWSER if nodeid.startswith(BROWSER) else nodeid.partition("::")[0]


def pytest_xdist_make_scheduler(config, log):
    if config.option.dist != "loadscope":
        return None
    config.option.loadscopereorder = False  # in the order of pytest_collection_modifyitems
    return WholeModules(config, log)


@cache
def uses(module, *names):
    """Whether the test module has imported something from one of the modules with these names."""
    return any(getattr(value, "__module__", getattr(value, "__name__", "")) in names for value in vars(module).values())


def depends_on_the_database(item):
    """Whether the test may query it (pytest-django refuses it to others), or its module starts processes that do."""
    fixtures = {"db", "transactional_db"} & set(item.fixturenames)
    return bool(fixtures) or item.get_closest_marker("django_db") is not None or uses(item.module, *PROCESSES)


def pytest_itemcollected(item):
    if item.nodeid.startswith(BROWSER):
        item.add_marker("browser")
    elif depends_on_the_database(item):
        item.add_marker("database")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """The modules come in random order, but the long ones first, so that no worker has to wait for the other's last."""

    def turn(item):
        return 0 if item.get_closest_marker("browser") else 1 if uses(item.module, *PROCESSES, *TABLES) else 2

    items.sort(key=turn)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix, tmp_path_factory):
    """SQLite's test database is a file, as in real life: other threads and processes have connections of their own."""
    database = connections.settings["default"]
    if database["ENGINE"] == "django.db.backends.sqlite3":
        database["TEST"]["NAME"] = str(tmp_path_factory.getbasetemp() / "test.sqlite3")


@pytest.fixture(scope="session", autouse=True)
def _static_files_are_listed_once():
    """Each test client builds its middleware, for which WhiteNoise lists and stats all static files: more work than a
    page. They don't change while the tests run.
    """
    listed = {}
    list_files = WhiteNoise.update_files_dictionary

    def update_files_dictionary(middleware, root, prefix):
        if (root, prefix) not in listed:
            list_files(middleware, root, prefix)
            listed[root, prefix] = middleware.files
        middleware.files = dict(listed[root, prefix])

    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(WhiteNoise, "update_files_dictionary", update_files_dictionary)
        yield


def true_utcnow():
    hatch = time_machine.escape_hatch
    now = hatch.datetime.datetime.now(UTC) if hatch.is_travelling() else datetime.now(UTC)
    return now.replace(tzinfo=None)


@pytest.fixture(autouse=True)
def _own_folders(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT, settings.EXPORT_ROOT = tmp_path / "media", tmp_path / "exports"
    settings.DATA_DIR = tmp_path / "data"
    if settings.S3_BUCKET:  # by `make test-s3`: a part of the bucket for each test
        settings.S3_PREFIX, settings.UPLOAD_ROOT = f"{uuid4()}/", tmp_path / "uploads"
        media = {**settings.STORAGES["default"], "OPTIONS": {"location": f"{settings.S3_PREFIX}media"}}
        settings.STORAGES = {**settings.STORAGES, "default": media}
        # However far a test has travelled, the server is still here.
        monkeypatch.setattr("botocore.auth.get_current_datetime", true_utcnow)
    # Django asks for a field's storage once.
    monkeypatch.setattr(Export._meta.get_field("file"), "storage", export_storage())
    yield
    shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)
    shutil.rmtree(settings.EXPORT_ROOT, ignore_errors=True)


@pytest.fixture
def line(settings):
    """What leads to the bucket, by `make test-s3`: `with line.away(): …` it is broken."""
    from postiz_pins.storage import bucket

    server = urlsplit(settings.S3_ENDPOINT_URL)
    line = TcpProxy(server.hostname, server.port)
    settings.S3_ENDPOINT_URL = f"http://127.0.0.1:{line.port}"
    bucket.client.cache_clear()
    yield line
    line.close()
    bucket.client.cache_clear()


@pytest.fixture(autouse=True)
def _quick_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _nobody_at_pinterest(settings):
    """Without the fixture `sandbox` nothing answers, not even a sandbox that `make run` has started on this machine."""
    settings.PINTEREST_API_URL = "http://127.0.0.1:9/v5"


@pytest.fixture(autouse=True)
def _online(monkeypatch):
    """For every test this server is online, wherever the tests run."""
    monkeypatch.setattr(network, "NAMES", ("localhost",))


@pytest.fixture
def offline(monkeypatch):
    """Nothing on the internet can be reached."""
    monkeypatch.setattr(network, "NAMES", ("pinterest.invalid", "iana.invalid"))


@pytest.fixture(scope="session")
def sandbox_process(tmp_path_factory):
    process = SandboxProcess()
    process.start(tmp_path_factory.mktemp("sandbox") / "sandbox.sqlite3")
    yield process
    process.stop()


@pytest.fixture
def sandbox(sandbox_process, settings):
    """The bundled sandbox over real HTTP, in its first state, with the app pointed at it."""
    sandbox_process.reset()
    settings.PINTEREST_API_URL = sandbox_process.api_url
    settings.PINTEREST_OAUTH_URL = f"{sandbox_process.url}/oauth/"
    settings.SANDBOX_URL = sandbox_process.url
    return sandbox_process


@pytest.fixture
def fresh_tables(db):
    """For tests that count pages of PostgreSQL: what other tests have rolled back lies in tables and indexes until a
    vacuum, and each page of it would be read and counted.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE accounts_user, accounts_workspace, pins_heartbeat CASCADE")


@pytest.fixture
def team(db):
    """A workspace with alice (admin), bob (viewer), a connected account and a board; charlie is an outsider."""
    workspace = WorkspaceFactory()
    alice = MembershipFactory(workspace=workspace, user=UserFactory(email="alice@example.com")).user
    bob = MembershipFactory(workspace=workspace, user=UserFactory(email="bob@example.com"), role=Role.VIEWER).user
    charlie = MembershipFactory(user=UserFactory(email="charlie@example.com")).user
    account = PinterestAccountFactory(workspace=workspace)
    board = BoardFactory(account=account)
    return SimpleNamespace(workspace=workspace, alice=alice, bob=bob, charlie=charlie, account=account, board=board)


@pytest.fixture
def alice(team, client):
    """A browser in which alice is signed in."""
    client.force_login(team.alice)
    return client


@pytest.fixture(autouse=True)
def empty_cache(settings):
    """No counter of other tests: neither Redis nor the table forgets between them. Call it to empty the cache again."""

    def empty():
        prefix = {"KEY_PREFIX": uuid4().hex}
        settings.CACHES = {name: cache | prefix for name, cache in settings.CACHES.items()}

    empty()
    return empty


@pytest.fixture
def case(db, subtests):
    """`with case(name):` is a test of its own within a walk over a table. It starts from the rows of the test and an
    empty cache, what it writes is rolled back, and if it fails, it is named and the walk goes on.
    """

    @contextmanager
    def one(*names):
        # The cache object's own prefix: settings that are overridden once a row would be nested a hundred times.
        django_cache.key_prefix = caches["rate_limits"].key_prefix = uuid4().hex
        with subtests.test(" ".join(map(str, names))), transaction.atomic():
            yield
            transaction.set_rollback(True)

    return one


@pytest.fixture(autouse=True)
def _messages_of_others_do_not_count(monkeypatch):
    """All tests share Redis' queue, and it keeps what they send; the database's is rolled back with each test."""
    monkeypatch.setattr(Redis, "queue_size", lambda broker: 0)


@pytest.fixture
def neighbours(team):
    """The team with one of everything, and another workspace likewise in which alice is a member, too."""
    populate(team.workspace, team.alice)
    other = MembershipFactory(user=team.alice).workspace
    populate(other, team.alice)
    return other


@pytest.fixture
def asked_to_stop(monkeypatch):
    """`asked_to_stop()` is what a signal does."""
    monkeypatch.setattr(stopping, "_is_requested", False)
    yield stopping.request
    stopping._renew_pipe()


@pytest.fixture
def started():
    """Starts a process in a group of its own; what is left of it is killed."""
    processes = []

    def start(command, **options):
        process = subprocess.Popen(command, cwd=ROOT, start_new_session=True, **options)
        processes.append(process)
        return process

    yield start
    for process in processes:
        for pid in session_of(process):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()
