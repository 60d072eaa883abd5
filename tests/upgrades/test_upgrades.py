"""Installations of every landed version can be upgraded: a fixture of each is migrated, and landed migrations stay."""

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import process_helpers
from tests.browser.app_process import ScratchDatabase

from . import landed

FOLDER = Path(__file__).parent
# Rows that come and go with the schema itself.
OF_THE_SCHEMA = ("contenttypes.contenttype", "auth.permission", "django_q.schedule")


@pytest.fixture
def empty_database(tmp_path):
    database = ScratchDatabase(tmp_path)
    yield database
    database.drop()


@pytest.mark.parametrize("fixture", sorted(FOLDER.glob("*.json.gz")), ids=lambda path: path.name.partition(".")[0])
def test_database_of_an_earlier_version_is_migrated_without_losing_a_row(fixture, empty_database, tmp_path):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.upgrades.upgrade", str(fixture)],
        cwd=process_helpers.ROOT,
        env=os.environ | {"DATABASE_URL": empty_database.url, "DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr
    counts = json.loads(done.stdout)
    with gzip.open(fixture) as file:
        before = {name: len(table["rows"]) for name, table in json.load(file)["tables"].items()}
    kept = {name: count for name, count in counts.items() if name in before and name not in OF_THE_SCHEMA}
    assert kept == {name: count for name, count in before.items() if name not in OF_THE_SCHEMA}
    assert all(counts[name] >= before[name] for name in OF_THE_SCHEMA)


def test_landed_migrations_are_never_rewritten():
    """Those that have applied a migration never see a change of it: write another one instead."""
    listed, present = landed.listed(), landed.present()

    assert listed == {name: present.get(name) for name in listed}
    assert present.keys() == listed.keys(), "Add the new migrations to the list: python -m tests.upgrades.landed"
