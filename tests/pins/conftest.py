from datetime import timedelta
from types import SimpleNamespace

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import Board, Notification, Role
from pins.models import PinStatus
from pins.scheduling import services as scheduling
from postiz_pins.common import encryption
from tests.api_client import ApiClient
from tests.factories import (
    AttachmentFactory,
    BoardFactory,
    MediaFileFactory,
    MembershipFactory,
    PinFactory,
    UserFactory,
    VideoFileFactory,
)
from tests.media_bytes import mp4_bytes
from tests.pins.approval_helpers import propose


@pytest.fixture
def may_2031():
    """The day before the moments that tests type: none has passed, and none is so far ahead that it is asked about."""
    with time_machine.travel("2031-05-05T12:00Z"):
        yield


@pytest.fixture
def shop(sandbox, team):
    """The team's account, connected to an account of the sandbox; `pin()`, `video_pin()` and `carousel()` make pins for
    its board.
    """
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
    return ApiClient(team.workspace, team.alice)


@pytest.fixture
def picture(team):
    return MediaFileFactory(workspace=team.workspace)


@pytest.fixture
def content(team, picture):
    """What a complete pin needs; the board has no sections."""
    Board.objects.filter(pk=team.board.pk).update(sections_synced_at=timezone.now())
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


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def people(team):
    """The team with approval switched on, and the editors erin and frank; `…_browser` is where each is signed in."""
    team.workspace.requires_approval = True
    team.workspace.save()

    def editor(name):
        user = UserFactory(email=f"{name}@example.com")
        return MembershipFactory(workspace=team.workspace, user=user, role=Role.EDITOR).user

    erin, frank = editor("erin"), editor("frank")
    browsers = {}
    for name, user in {"alice": team.alice, "erin": erin, "frank": frank, "bob": team.bob}.items():
        browsers[f"{name}_browser"] = Client()
        browsers[f"{name}_browser"].force_login(user)
    return SimpleNamespace(**vars(team), erin=erin, frank=frank, **browsers)


@pytest.fixture
def draft(people):
    return PinFactory(board=people.board, status=PinStatus.DRAFT, publish_at=None, title="Oak", created_by=people.erin)


@pytest.fixture
def proposed(people, draft, now):
    propose(draft, now + timedelta(days=1), by=people.erin, now=now)
    Notification.objects.all().delete()
    return draft
