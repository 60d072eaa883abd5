"""Others on the machine read neither the database nor the keys."""

import os
import stat
import subprocess
import sys

import pytest

from postiz_pins.first_start import write_secrets
from tests.browser.app_process import ROOT


@pytest.fixture
def data_dir(tmp_path):
    return tmp_path / "var"


def manage(data_dir, *arguments):
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(data_dir)}
    subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment, check=True, umask=0o022)


def modes(data_dir):
    paths = [data_dir, *data_dir.glob("postiz-pins.sqlite3*"), data_dir / "secrets.env"]
    return {path.name: oct(stat.S_IMODE(path.stat().st_mode)) for path in paths}


WHILE_OPEN = """
from django.db import connection
connection.cursor().execute("CREATE TABLE written (id int)")
import os, stat
from django.conf import settings
for path in settings.DATA_DIR.glob("postiz-pins.sqlite3*"):
    print(path.name, oct(stat.S_IMODE(path.stat().st_mode)))
"""


def test_new_installation_is_for_its_owner_only(data_dir):
    write_secrets(data_dir / "secrets.env")

    manage(data_dir, "migrate", "accounts", "0001", "-v0")

    assert modes(data_dir) == {"var": "0o700", "postiz-pins.sqlite3": "0o600", "secrets.env": "0o600"}


def test_journals_of_the_database_are_private_while_it_is_open(data_dir):
    write_secrets(data_dir / "secrets.env")
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(data_dir)}

    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", WHILE_OPEN],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        umask=0o022,
    )

    assert sorted(done.stdout.splitlines()) == [
        f"postiz-pins.sqlite3{suffix} 0o600" for suffix in ("", "-shm", "-wal")
    ], done.stderr


def test_existing_installation_is_tightened_at_the_next_start(data_dir):
    write_secrets(data_dir / "secrets.env")
    data_dir.chmod(0o755)
    for name in ("secrets.env", "postiz-pins.sqlite3"):
        (data_dir / name).touch()
        (data_dir / name).chmod(0o644)

    manage(data_dir, "check")

    assert modes(data_dir) == {"var": "0o700", "postiz-pins.sqlite3": "0o600", "secrets.env": "0o600"}
