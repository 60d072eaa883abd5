"""A real process that erases is killed at each step; whoever comes next erases the rest, and nothing else."""

import signal

import pytest
from django.utils import timezone

from accounts.models import AuditEntry, Workspace
from postiz_pins.data import deletion as data_deletion
from tests import process_helpers
from tests.deletion_helpers import due, everything_of, files, rows_of

pytestmark = [
    pytest.mark.django_db(transaction=True),
]

STEPS = [
    *("beginning", "begun", "stopped", "figures", "pins", "file", "media"),
    *("account", "boards", "exports", "finishing", "finished"),
]


@pytest.mark.parametrize("step", STEPS)
def test_whatever_dies_the_next_one_erases_the_rest(team, settings, neighbours, step):
    rows_before, files_before = everything_of(neighbours), files(settings, neighbours)
    due(team.workspace)

    assert process_helpers.start("crashing_eraser", step).wait(timeout=60) == -signal.SIGKILL
    assert Workspace.objects.filter(pk=team.workspace.pk).exists() == (step != "finished")
    data_deletion.erase_due(timezone.now())

    assert not Workspace.objects.filter(pk=team.workspace.pk).exists()
    assert rows_of(Workspace, team.workspace.pk) == {}
    assert files(settings) == files_before
    assert everything_of(neighbours) == rows_before
    assert AuditEntry.objects.filter(action="erased").count() == 1
