import pytest


@pytest.fixture
def token(sandbox):
    """An access token of the business account, with the scopes that the app asks for."""
    return sandbox.token("harbourandpine")


@pytest.fixture
def board_id(sandbox, token):
    return sandbox.api("GET", "/boards", token).json()["items"][2]["id"]
