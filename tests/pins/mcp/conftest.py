import pytest
from django.utils import timezone

from accounts.api_keys import services as api_keys
from accounts.models import Scope

from .client import HANDSHAKE, STATELESS, McpClient


@pytest.fixture(params=[HANDSHAKE, STATELESS])
def assistant(team, request):
    """An assistant with a key that may do everything, in each kind of version."""
    client = McpClient(team.workspace, team.alice)
    client.version = request.param
    return client


@pytest.fixture
def agent(team):
    """The same in one version."""
    return McpClient(team.workspace, team.alice)


@pytest.fixture
def narrow(team, agent):
    """Give the agent a key with these scopes."""

    def give(*scopes: Scope, by=None):
        row, agent.key = api_keys.create(
            team.workspace, "Narrow", by=by or team.alice, now=timezone.now(), scopes=scopes
        )
        return row

    return give
