"""`make run`: everything on this machine, in one terminal."""

import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from accounts.auth import demo_login
from pins.media import folder as media_folder
from postiz_pins.runtime import readiness, stopping
from postiz_pins.runtime.supervisor import supervise

LOCAL = "127.0.0.1"


class Command(BaseCommand):
    help = "Prepare the database and start web, clock, cluster and, without a Pinterest app, the sandbox."

    def handle(self, *args: Any, **options: Any) -> None:
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
        # Ctrl-C ends this at once, as SIGTERM does, without a traceback; what is begun of a migration is rolled back.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        self.is_prepared, self.failure = False, ""
        self.prepare_if_possible()
        threading.Thread(target=self.announce_when_ready, daemon=True).start()
        status = start_processes()
        if self.failure:
            raise CommandError(self.failure)
        sys.exit(status)

    def prepare_if_possible(self) -> None:
        """Migrates the database, and so on. If it or a disk is away, that is only told: the programs start and wait."""
        try:
            readiness.check_database()
            self.prepare()
        except readiness.NotReady as missing:
            self.stderr.write(f"{missing} Retrying every second; until then, /readyz reports it.")

    def prepare(self) -> None:
        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
        try:
            media_folder.require()
        except media_folder.WrongFolder as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise readiness.NotReady(readiness.media_folder_fails(error)) from error
        self.demo_password = demo_login.prepare() if settings.PINTEREST_SANDBOX else ""
        self.is_prepared = True

    def prepare_when_possible(self) -> bool:
        """Waits for the database and prepares it. False: that failed, and everything ends."""
        while not self.is_prepared:
            try:
                readiness.check_database()
                self.prepare()
            except readiness.NotReady:
                time.sleep(readiness.TRY_AGAIN_SECONDS)
            except (CommandError, DatabaseError) as error:
                self.failure = str(error)
                stopping.request()
                return False
        return True

    def announce_when_ready(self) -> None:
        """Prints address and login below the noise of the start, when both answer."""
        if not self.prepare_when_possible():
            return
        addresses = [(settings.HOST, settings.PORT)]
        if settings.PINTEREST_SANDBOX:
            addresses.append((LOCAL, settings.SANDBOX_PORT))
        while not all(answers(host, port) for host, port in addresses):
            time.sleep(0.1)
        self.stdout.write(self.welcome())
        self.stdout.flush()

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


def answers(host: str, port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((host, port)) == 0


def require_free_port(variable: str, host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"Port {port} is in use. Stop the program that uses it, or choose another by {variable}, such as:"
                f" make run {variable}={port + 1 if port < 65535 else port - 1}"
            ) from error


def start_processes() -> int:
    """Runs the processes of the Procfile until one of them ends or a signal comes; answers the exit status."""
    procfile = (settings.BASE_DIR / "Procfile").read_text()
    commands: dict[str, str] = dict(line.split(": ", 1) for line in procfile.splitlines())
    sandbox = commands.pop("sandbox")
    # What it answers is a pin that a worker is finishing, so it ends after the others.
    servers = {"sandbox": f"{sandbox} --with-parent"} if settings.PINTEREST_SANDBOX else {}
    # The Procfile's programs are those of this virtual environment, and all of them see the same origin.
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "HOST": settings.HOST,
        "PORT": str(settings.PORT),
        "SANDBOX_PORT": str(settings.SANDBOX_PORT),
        "PUBLIC_URL": settings.PUBLIC_URL,
        "DATA_DIR": str(settings.DATA_DIR),
        # All on one machine, so the host of PUBLIC_URL will do where nobody has chosen.
        "ALLOWED_HOSTS": ",".join(settings.ALLOWED_HOSTS),
    }
    return supervise(commands, environment, settings.BASE_DIR, servers=servers)
