"""`make run`: everything on this machine, in one terminal."""

import fcntl
import os
import signal
import socket
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from accounts.auth import demo_login
from pins.media import folder as media_folder
from postiz_pins.runtime import readiness
from postiz_pins.runtime.supervisor import Plan, answers, become

LOCAL = "127.0.0.1"


class Command(BaseCommand):
    help = "Prepare the database and start web, clock, cluster and, without a Pinterest app, the sandbox."
    # They are about the code, and take a second.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--late", action="store_true", help="only prepare and say so, beside what runs already")

    def handle(self, *, late: bool, **options: Any) -> None:
        # Ctrl-C ends this at once, as SIGTERM does, without a traceback; what is begun of a migration is rolled back.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        if late:
            self.prepare_when_possible()
            while not all(answers(*address) for address in addresses()):
                time.sleep(0.1)
            self.stdout.write(self.welcome())
            return
        require_unused_folder(settings.DATA_DIR)
        if settings.PINTEREST_SANDBOX and urlsplit(settings.PUBLIC_URL).hostname not in demo_login.LOOPBACK:
            raise CommandError(
                "Sandbox mode, with its public demo login, works on this machine only. Set PINTEREST_APP_ID and"
                " PINTEREST_APP_SECRET, or leave PUBLIC_URL unset."
            )
        if settings.PINTEREST_SANDBOX and settings.PORT == settings.SANDBOX_PORT:
            raise CommandError(f"PORT and SANDBOX_PORT are both {settings.PORT}. Choose two different ports.")
        require_free_port("PORT", settings.HOST, settings.PORT)
        if settings.PINTEREST_SANDBOX:
            require_free_port("SANDBOX_PORT", LOCAL, settings.SANDBOX_PORT)
        is_prepared = self.prepare_if_possible()
        become(
            plan("" if is_prepared else "exec python manage.py run --late", self.welcome() if is_prepared else ""),
            environment(),
        )

    def prepare_if_possible(self) -> bool:
        """Prepare the database, or say that it or a disk is away and return False: the programs start and wait."""
        try:
            self.prepare()
        except readiness.NotReady as missing:
            self.stderr.write(f"{missing} Retrying every second; until then, /readyz reports it.")
            return False
        return True

    def prepare(self) -> None:
        """Prepare what web, clock and cluster need.

        Raises NotReady, or CommandError if waiting would not help.
        """
        readiness.check_database()
        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
        try:
            media_folder.require()
        except media_folder.WrongFolder as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise readiness.NotReady(readiness.media_folder_fails(error)) from error
        self.demo_password = demo_login.prepare() if settings.PINTEREST_SANDBOX else ""

    def prepare_when_possible(self) -> None:
        """Wait for the database and prepare it. Raises CommandError if that failed, and everything ends."""
        while True:
            try:
                return self.prepare()
            except readiness.NotReady:
                time.sleep(readiness.TRY_AGAIN_SECONDS)
            except DatabaseError as error:
                raise CommandError(str(error)) from error

    def welcome(self) -> str:
        lines = ["", f"  Postiz Pins: {settings.PUBLIC_URL}/"]
        if settings.PINTEREST_SANDBOX:
            lines += [
                f"  Sign in:     {demo_login.EMAIL} with {self.tell_password()}",
                f"  Sandbox:     {settings.SANDBOX_URL}/ stands in for Pinterest (PINTEREST_APP_ID is not set)",
            ]
        else:
            lines.append("  Sign in, or sign up; `.venv/bin/python manage.py createsuperuser` makes an admin.")
        return "\n".join([*lines, "  Stop:        Ctrl-C", ""])

    def tell_password(self) -> str:
        if self.demo_password:
            return f"the password {self.demo_password}"
        return (
            "the password that was set for it; to set another one: .venv/bin/python manage.py changepassword"
            f" {demo_login.EMAIL}"
        )


def addresses() -> list[tuple[str, int]]:
    """Return where the servers listen."""
    sandbox = [(LOCAL, settings.SANDBOX_PORT)] if settings.PINTEREST_SANDBOX else []
    return [(settings.HOST, settings.PORT), *sandbox]


def require_unused_folder(folder: Path) -> None:
    """Raise CommandError if another `make run` works with the folder, and keep it for this one.

    The lock is handed on to the supervisor, and ends with it. A folder that cannot be written is said later.
    """
    try:
        lock = os.open(folder / "run.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise CommandError(
            f"Postiz Pins already runs with the data in {folder}. Stop it first, or set DATA_DIR to another folder."
        ) from error
    os.set_inheritable(lock, True)


def require_free_port(variable: str, host: str, port: int) -> None:
    """Raise CommandError if another program uses the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"Port {port} is in use. Stop the program that uses it, or choose another by {variable}, such as:"
                f" make run {variable}={port + 1 if port < 65535 else port - 1}"
            ) from error


def plan(job: str, welcome: str) -> Plan:
    """Return what is to run: the processes of the Procfile and, if it is not empty, a job."""
    procfile = (settings.BASE_DIR / "Procfile").read_text()
    commands: dict[str, str] = dict(line.split(": ", 1) for line in procfile.splitlines())
    sandbox = commands.pop("sandbox")
    return Plan(
        commands,
        # What it answers is a pin that a worker is finishing, so it ends after the others.
        servers={"sandbox": f"{sandbox} --with-parent"} if settings.PINTEREST_SANDBOX else {},
        jobs={"preparation": job} if job else {},
        folder=str(settings.BASE_DIR),
        welcome=welcome,
        addresses=addresses(),
    )


def environment() -> dict[str, str]:
    """Return the environment of the programs: they are those of this virtual environment, and see the same origin."""
    return {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "HOST": settings.HOST,
        "PORT": str(settings.PORT),
        "SANDBOX_PORT": str(settings.SANDBOX_PORT),
        "PUBLIC_URL": settings.PUBLIC_URL,
        "DATA_DIR": str(settings.DATA_DIR),
        # All on one machine, so the host of PUBLIC_URL will do where none was chosen.
        "ALLOWED_HOSTS": ",".join(settings.ALLOWED_HOSTS),
    }
