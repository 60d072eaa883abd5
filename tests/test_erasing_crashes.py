"""A real process that erases is killed at each step; whoever comes next erases the rest, and nothing else."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.utils import timezone

from accounts.models import AuditEntry, Workspace
from postiz_pins import erasing
from tests.erasable import due, everything_of, files, populate, rows_of
from tests.factories import MembershipFactory

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("own_cache"),
]

ROOT = Path(__file__).resolve().parents[1]
STEPS = [
    *("beginning", "begun", "stopped", "figures", "pins", "file", "media"),
    *("account", "boards", "exports", "finishing", "finished"),
]


def start_eraser(step, data_dir):
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        url = f"sqlite:///{database['NAME']}"
    else:
        url = f"postgres://{database['USER']}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "postiz_pins.settings",
        "DATABASE_URL": url,
        "MEDIA_ROOT": str(django_settings.MEDIA_ROOT),
        "DATA_DIR": str(data_dir),
    }
    return subprocess.Popen([sys.executable, "-m", "tests.crashing_eraser", step], cwd=ROOT, env=environment)


@pytest.mark.parametrize("step", STEPS)
def test_whatever_dies_the_next_one_erases_the_rest(team, settings, tmp_path, step):
    populate(team.workspace, team.alice)
    other = MembershipFactory(user=team.alice).workspace
    populate(other, team.alice)
    rows_before, files_before = everything_of(other), files(settings, other)
    due(team.workspace)

    assert start_eraser(step, tmp_path).wait(timeout=60) == -signal.SIGKILL
    assert Workspace.objects.filter(pk=team.workspace.pk).exists() == (step != "finished")
    erasing.erase_due(timezone.now())

    assert not Workspace.objects.filter(pk=team.workspace.pk).exists()
    assert rows_of(Workspace, team.workspace.pk) == {}
    assert files(settings) == files_before
    assert everything_of(other) == rows_before
    assert AuditEntry.objects.filter(action="erased").count() == 1
