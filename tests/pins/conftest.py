from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from accounts import encryption
from pins import scheduling
from pins.models import PinStatus
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
    """What a complete pin needs."""
    return {"board": team.board.pinterest_id, "attachments": [picture.pk]}


@pytest.fixture
def scheduled(shop, time_machine):
    """`scheduled(minutes=…)` is a pin that was scheduled so far ahead, as a person does it."""
    time_machine.move_to(timezone.now(), tick=False)

    def make(*, minutes=60, **fields):
        pin = shop.pin(status=PinStatus.DRAFT, publish_at=None, **fields)
        now = timezone.now()
        assert scheduling.schedule(pin, now + timedelta(minutes=minutes), by=shop.team.alice, now=now)
        return pin

    return make
