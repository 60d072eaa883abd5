from types import SimpleNamespace

import pytest
from django.utils import timezone

from accounts import encryption
from accounts.models import Board
from tests.factories import BoardFactory, MediaFileFactory, PinFactory
from tests.programs import Program


@pytest.fixture
def shop(sandbox, team):
    """The team's account, connected to an account of the sandbox; `pin()` makes a pin for its board."""
    profile = sandbox.create_account("chairshop", account_type="BUSINESS", boards=["Chairs", "Tables"])
    tokens = sandbox.tokens("chairshop")
    team.account.username = "chairshop"
    team.account.access_token_encrypted = encryption.encrypt(tokens["access_token"])
    team.account.refresh_token_encrypted = encryption.encrypt(tokens["refresh_token"])
    team.account.save()
    board_id = profile["boards"][0]["id"]
    board = BoardFactory(account=team.account, pinterest_id=board_id, name="Chairs")

    def pin(**fields):
        return PinFactory(**({"board": board} | fields))

    return SimpleNamespace(
        account=team.account, board=board, pin=pin, live=lambda: sandbox.pins(board_id), sandbox=sandbox, team=team
    )


@pytest.fixture
def program(team):
    return Program(team.workspace, team.alice)


@pytest.fixture
def picture(team):
    return MediaFileFactory(workspace=team.workspace)


@pytest.fixture
def content(team, picture):
    """What a complete pin needs; the board has no sections."""
    Board.objects.filter(pk=team.board.pk).update(sections_synced_at=timezone.now())
    return {"board": team.board.pinterest_id, "attachments": [picture.pk]}
