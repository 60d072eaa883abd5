import pytest

from tests.pins.spacing.helpers import add_image


@pytest.fixture
def account(team):
    """The team's account, in Berlin."""
    team.workspace.time_zone = "Europe/Berlin"
    team.workspace.save()
    team.account.workspace = team.board.account.workspace = team.workspace
    return team.account


@pytest.fixture
def image(team):
    return add_image(team.workspace)
