"""What the calendar shows of a pin."""

from datetime import UTC, datetime
from html import escape

import pytest

from pins.models import Pin, PinStatus
from tests.factories import AttachmentFactory, BoardFactory, MediaFileFactory, PinFactory, PinFamilyFactory

AT = datetime(2027, 3, 5, 8, 30, tzinfo=UTC)
URL = "/calendar/?on=2027-03-05"


@pytest.fixture
def alice(team, client):
    client.force_login(team.alice)
    return client


def chip(client, pin):
    """The markup of the pin in the month, with single blanks."""
    text = client.get(URL).content.decode()
    _, _, rest = text.partition(f'id="chip-{pin.pk}"')
    return " ".join(rest.partition("</article>")[0].split())


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", '"><img src=x>', "Tom & 'Jerry'", "{pk} {url.pk} %s"])
def test_what_people_typed_is_escaped_wherever_it_stands(team, alice, name):
    board = BoardFactory(account=team.account, name=name)
    first = PinFactory(board=board, title=name, publish_at=AT, link_key="https://example.com/chair")
    second = PinFactory(board=board, title="Chair", publish_at=AT, link_key="https://example.com/chair")

    markup = chip(alice, first)
    assert f'dir="auto">{escape(name)}</a>' in markup
    assert f"<bdi>{escape(name)}</bdi>" in markup
    assert f"“{escape(name)}” ({escape(name)})" in chip(alice, second)  # the guard names the other pin
    assert markup.count("<img") == 1


def test_a_chip_says_time_status_title_and_board(team, alice):
    pin = PinFactory(board=team.board, title="Oak chair", publish_at=AT, status=PinStatus.FAILED)

    markup = chip(alice, pin)

    assert '<time class="chip__time" datetime="2027-03-05T08:30:00Z">09:30</time>' in markup
    assert '<span class="chip__status">Failed</span>' in markup
    assert f'href="/pins/{pin.pk}/" dir="auto">Oak chair</a>' in markup
    assert f"<bdi>{team.board.name}</bdi>" in markup
    assert f'data-move-url="/pins/{pin.pk}/move/" data-version="{pin.version}" data-at="09:30"' in markup
    assert f'href="/pins/{pin.pk}/move/?next=%2Fcalendar%2F%3Fon%3D2027-03-05"' in markup


def test_without_a_title_it_has_the_name_of_its_file(team, alice):
    pin = PinFactory(board=team.board, title="", publish_at=AT, attachments=0)
    AttachmentFactory(pin=pin, media=MediaFileFactory(workspace=team.workspace, original_name="oak.jpg"))
    empty = PinFactory(
        board=None, workspace=team.workspace, title="", attachments=0, status=PinStatus.DRAFT, publish_at=None
    )

    assert ">oak.jpg</a>" in chip(alice, pin)
    assert ">Untitled pin</a>" in chip(alice, empty)
    assert "<bdi>No board yet</bdi>" in chip(alice, empty)
    assert "#media" in chip(alice, empty)


def test_the_cover_stands_for_a_video_and_the_first_image_for_a_carousel(team, alice):
    video, carousel = (PinFactory(board=team.board, publish_at=AT, attachments=0) for _ in range(2))
    cover, first = (MediaFileFactory(workspace=team.workspace) for _ in range(2))
    film = MediaFileFactory(workspace=team.workspace, kind="video", content_type="video/mp4")
    for position, media in enumerate((film, cover)):
        AttachmentFactory(pin=video, media=media, position=position)
    Pin.objects.filter(pk=video.pk).update(has_video=True)
    for position, media in enumerate((first, cover)):
        AttachmentFactory(pin=carousel, media=media, position=position)

    assert f'src="{cover.thumbnail_urls["row"]}"' in chip(alice, video)
    assert '<span class="chip__mark">Video</span>' in chip(alice, video)
    assert f'src="{first.thumbnail_urls["row"]}"' in chip(alice, carousel)
    assert '<span class="chip__mark">Carousel</span>' in chip(alice, carousel)


def test_a_member_of_a_family_says_which_one_it_is(team, alice):
    pins = [PinFactory(board=team.board, publish_at=AT) for _ in range(3)]
    PinFamilyFactory(workspace=team.workspace, pins=pins)

    assert "2 of 3</span>" in chip(alice, pins[1])


@pytest.mark.parametrize(
    ("status", "has_warnings", "is_warned"),
    [(PinStatus.SCHEDULED, True, True), (PinStatus.SCHEDULED, False, False), (PinStatus.FAILED, True, False)],
)
def test_what_the_last_check_found_is_marked_while_it_can_be_mended(team, alice, status, has_warnings, is_warned):
    pin = PinFactory(board=team.board, publish_at=AT, status=status, has_warnings=has_warnings)

    assert (">Warning</span>" in chip(alice, pin)) is is_warned


@pytest.mark.parametrize(
    ("status", "sent_at", "has_move"),
    [
        (PinStatus.SCHEDULED, None, True),
        (PinStatus.PROCESSING, None, True),
        (PinStatus.CREATING, AT, False),
        (PinStatus.VERIFYING, AT, False),
    ],
)
def test_only_what_can_be_moved_has_a_handle(team, alice, status, sent_at, has_move):
    pin = PinFactory(board=team.board, publish_at=AT, status=status, sent_at=sent_at)

    assert ("data-move" in chip(alice, pin)) is pin.can_move is has_move
