"""Postiz Pins as its users start it, for tests: one process tree, with its data in a folder of its own."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psycopg
import requests
from django.conf import settings
from psycopg import sql

from postiz_pins.first_start import write_secrets
from tests.sandbox_process import SandboxProcess

ROOT = Path(__file__).resolve().parents[2]
MARKER = "POSTIZ_PINS_TEST_RUN"
START_SECONDS = 180
STOP_SECONDS = 60
# Nothing else of the environment reaches it, so no setting of a developer's or of CI changes what is tested.
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH")


def wait_until(is_true: Callable[[], bool], what: str, seconds: float) -> None:
    """Returns as soon as `is_true`; fails with `what` if that takes longer than `seconds`."""
    deadline = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < deadline, f"{what}: not within {seconds:g} s"
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class ScratchDatabase:
    """A database for one run, of the kind that the suite uses: a SQLite file, or one beside PostgreSQL's."""

    def __init__(self, folder: Path) -> None:
        self.is_postgres = settings.DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql"
        self.name = f"postiz_pins_browser_{secrets.token_hex(4)}"
        self.url = f"sqlite:///{folder / 'app.sqlite3'}"
        if self.is_postgres:
            self._execute("CREATE DATABASE {}")
            server, _, options = os.environ["DATABASE_URL"].partition("?")
            self.url = f"{server.rpartition('/')[0]}/{self.name}" + (f"?{options}" if options else "")

    def drop(self) -> None:
        if self.is_postgres:
            self._execute("DROP DATABASE {} WITH (FORCE)")

    def _execute(self, statement: str) -> None:
        default = settings.DATABASES["default"]
        with psycopg.connect(
            host=default["HOST"] or None,
            port=default["PORT"] or None,
            user=default["USER"] or None,
            password=default["PASSWORD"] or None,
            dbname="postgres",
            autocommit=True,
        ) as connection:
            connection.execute(sql.SQL(statement).format(sql.Identifier(self.name)))


class SandboxControls(SandboxProcess):
    """Of a sandbox that somebody else has started."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url

    def close(self) -> None:
        self._session.close()


class AppProcess:
    """start() and stop(), as often as one likes: database, media, keys and sandbox stay until close()."""

    demo_login = ("demo@example.com", "pins-demo")

    def __init__(self, folder: Path) -> None:
        self.database = ScratchDatabase(folder)
        self.port, self.sandbox_port = free_port(), free_port()
        self.url = f"http://localhost:{self.port}"
        self.sandbox_url = f"http://localhost:{self.sandbox_port}"
        self.mark = secrets.token_hex(8)
        self.data_dir = folder / "var"
        self.environment = {
            **{name: os.environ[name] for name in INHERITED if name in os.environ},
            MARKER: self.mark,
            "DATA_DIR": str(self.data_dir),
            "DATABASE_URL": self.database.url,
            "PORT": str(self.port),
            "SANDBOX_PORT": str(self.sandbox_port),
            "CHECK_LINKS": "off",  # the tests talk to nobody else
            "PYTHONUNBUFFERED": "1",
        }
        if settings.S3_BUCKET:  # by `make test-s3`
            self.environment |= {name: value for name, value in os.environ.items() if name.startswith("S3_")}
            self.environment["S3_PREFIX"] = f"browser-{self.mark}/"
        self.log_path = folder / "app.log"
        self.process: subprocess.Popen[bytes] | None = None
        # `make` does it with its first target; `manage.py run` alone needs it done.
        write_secrets(self.data_dir / "secrets.env")

    @property
    def output(self) -> str:
        return self.log_path.read_text()

    def run(self, command: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
        """A command that ends by itself."""
        return subprocess.run(
            command,
            cwd=ROOT,
            env=self.environment | environment,
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
        )

    def start(self, command: list[str] | None = None, **environment: str) -> "AppProcess":
        """Returns when the processes of the Procfile serve."""
        with self.log_path.open("wb") as log:
            self.process = subprocess.Popen(
                command or manage("run"),
                cwd=ROOT,
                env=self.environment | environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        wait_until(lambda: self.has_ended() or self.is_serving(), "The app serves", START_SECONDS)
        assert not self.has_ended(), f"The app ended while it started:\n{self.output}"
        return self

    def has_ended(self) -> bool:
        assert self.process is not None
        return self.process.poll() is not None

    def is_serving(self) -> bool:
        return "  Stop:        Ctrl-C" in self.output and "Clock started." in self.output and answers(self.url)

    def workers_are_up(self) -> bool:
        """The cluster runs, with its main process, its guard and at least one worker."""
        return sum("manage.py cluster" in command for command in self.left_processes()) >= 3

    def signal(self, number: int, *, whole_group: bool = False) -> int:
        """Sends the signal, to the started process or as a terminal's Ctrl-C to all in front; the exit status."""
        assert self.process is not None
        (os.killpg if whole_group else os.kill)(self.process.pid, number)
        return self.wait()

    def signal_all(self, number: int) -> None:
        """Sends the signal to every process that was started from here."""
        for pid in self._marked_processes():
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def wait(self) -> int:
        """The exit status of the started process, which is about to end."""
        assert self.process is not None
        return self.process.wait(timeout=STOP_SECONDS)

    def left_processes(self) -> list[str]:
        """Command lines of the living processes that were started from here."""
        return list(self._marked_processes().values())

    def kill_one(self, command: str) -> None:
        """As the kernel does when memory is short."""
        # The first of its kind is the parent of the others.
        os.kill(min(pid for pid, line in self._marked_processes().items() if command in line), signal.SIGKILL)

    def kill_left_processes(self) -> None:
        for pid in self._marked_processes():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _marked_processes(self) -> dict[int, str]:
        """By the mark in their environment."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if f"{MARKER}={self.mark}".encode() in (folder / "environ").read_bytes():
                    found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:  # it ended while we looked, or is somebody else's
                continue
        return found

    def stop(self) -> None:
        if self.process is None or self.has_ended():
            return
        self.signal(signal.SIGTERM)

    def close(self) -> None:
        try:
            self.stop()
        finally:
            self.kill_left_processes()
            self.database.drop()

    def python(self, code: str) -> str:
        """Runs code in the app's shell, for what no page offers; what it prints."""
        done = self.run(manage("shell", "--no-imports", "-c", code))
        assert done.returncode == 0, done.stderr
        return done.stdout


def manage(*arguments: str) -> list[str]:
    return [sys.executable, "manage.py", *arguments]


def answers(url: str) -> bool:
    with requests.Session() as session:
        session.trust_env = False
        try:
            return session.get(url, timeout=5).ok
        except requests.ConnectionError:
            return False
