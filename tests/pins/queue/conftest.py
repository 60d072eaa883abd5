import pytest


@pytest.fixture
def account(team):
    """The team's account, in Berlin; it has no publishing times yet."""
    team.workspace.time_zone = "Europe/Berlin"
    team.workspace.save()
    team.account.workspace = team.board.account.workspace = team.workspace
    return team.account
