from types import SimpleNamespace

import pytest

from accounts import encryption
from tests.factories import (
    AttachmentFactory,
    BoardFactory,
    MediaFileFactory,
    PinFactory,
    VideoFileFactory,
    mp4_bytes,
)
from tests.programs import Program


@pytest.fixture
def shop(sandbox, team):
    """The team's account, connected to an account of the sandbox; `pin()`, `video_pin()` and `carousel()` make pins for
    its board."""
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

    def video_pin(content=None, **fields):
        made = pin(attachments=0, **fields)
        add(made, VideoFileFactory, content=mp4_bytes() if content is None else content)
        add(made, MediaFileFactory)
        return made

    def carousel(*texts, **fields):
        made = pin(attachments=0, **fields)
        for its_texts in texts or ({}, {}, {}):
            add(made, MediaFileFactory, its_texts)
        return made

    def add(made, factory, texts=None, **columns):
        media = factory(workspace=made.workspace, **columns)
        AttachmentFactory(pin=made, media=media, position=made.attachments.count(), **texts or {})

    return SimpleNamespace(
        account=team.account,
        board=board,
        pin=pin,
        video_pin=video_pin,
        carousel=carousel,
        live=lambda: sandbox.pins(board_id),
        sandbox=sandbox,
        team=team,
    )


@pytest.fixture
def quick(shop):
    """A shop whose videos are processed as soon as they are uploaded."""
    shop.sandbox.options(processing_seconds=0)
    return shop


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
