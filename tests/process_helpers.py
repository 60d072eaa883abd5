"""A Python process beside the tests that works on their database and files, to be killed at some moment."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parents[1]


def environment(**more: str) -> dict[str, str]:
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        url = f"sqlite:///{database['NAME']}"
    else:
        url = f"postgres://{database['USER']}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "postiz_pins.settings",
        "DATABASE_URL": url,
        "DATA_DIR": str(settings.DATA_DIR),
        "MEDIA_ROOT": str(settings.MEDIA_ROOT),
        "EXPORT_ROOT": str(settings.EXPORT_ROOT),
        "PINTEREST_API_URL": settings.PINTEREST_API_URL,
        "S3_PREFIX": settings.S3_PREFIX,
        "UPLOAD_ROOT": str(settings.UPLOAD_ROOT),
        **more,
    }


def start(module: str, *arguments: object) -> subprocess.Popen[bytes]:
    """Runs a module of the tests, such as `pins.crashing_worker`."""
    command = [sys.executable, "-m", f"tests.{module}", *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, env=environment())


def session_of(process):
    listed = subprocess.run(["ps", "-o", "pid=,stat=", "-s", str(process.pid)], capture_output=True, text=True).stdout
    return [int(line.split()[0]) for line in listed.splitlines() if "Z" not in line]


def children_of(pid):
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True).stdout
    return [int(line) for line in listed.split()]


def is_running(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(") ")[2][0] != "Z"
    except FileNotFoundError:
        return False


class Program:
    """A process of the app in a group of its own, started again whenever it ends, as by systemd."""

    def __init__(self, name, command, environment, output, folder=ROOT):
        self.name, self._command, self._environment, self._output = name, command, environment, output
        self._folder = folder
        self.starts = 0
        self.start()

    def start(self):
        self.starts += 1
        self.process = subprocess.Popen(
            self._command,
            cwd=self._folder,
            env=self._environment,
            stdout=self._output,
            stderr=self._output,
            start_new_session=True,
        )

    def watch(self):
        if self.process.poll() is not None:
            self.kill_group()
            self.start()

    def kill_group(self):
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def children(self):
        """The processes of the group but its founder, such as a cluster's guard and workers."""
        return sorted(pid for pid in session_of(self.process) if pid != self.process.pid)
