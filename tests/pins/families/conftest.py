"""All tests of families take place on a Monday at noon in Berlin."""

import pytest
import time_machine

from tests.pins.families.helpers import NOW


@pytest.fixture(autouse=True)
def _monday_in_berlin(team):
    team.workspace.time_zone = "Europe/Berlin"
    team.workspace.save()
    team.account.workspace = team.board.account.workspace = team.workspace
    with time_machine.travel(NOW, tick=False):
        yield
