"""The `media_source` of every kind of pin, in the words of POST /pins."""

import base64

import pytest

from pins.models import Pin, PinStatus
from pins.publishing.payload import build_pin_payload, is_public_address
from tests.pins.worker_helpers import advance

pytestmark = pytest.mark.django_db


def source_of(pin):
    return build_pin_payload(Pin.objects.with_content().get(pk=pin.pk))["media_source"]


@pytest.fixture
def by_url(settings):
    settings.PUBLIC_URL = "https://pins.example.com"
    settings.PINTEREST_IMAGE_SOURCE = "url"


def address(media):
    """Where Pinterest fetches it: from the bucket, or from here."""
    stored = media.file.storage.address(media.file.name, 24 * 60 * 60)
    return stored or f"https://pins.example.com{media.file.url}"


def content(media):
    with media.file.open("rb") as file:
        return base64.b64encode(file.read()).decode()


def test_a_carousel_by_url_has_its_images_in_order_and_only_the_texts_that_were_given(shop, by_url):
    pin = shop.carousel(
        {}, {"title": "Oak", "description": "By hand", "link": "https://example.com/oak"}, {"title": "Ash"}
    )

    first, second, third = pin.media_files
    assert source_of(pin) == {
        "source_type": "multiple_image_urls",
        "items": [
            {"url": address(first)},
            {"url": address(second), "title": "Oak", "description": "By hand", "link": "https://example.com/oak"},
            {"url": address(third), "title": "Ash"},
        ],
    }


def test_a_carousel_can_carry_its_images(shop):
    pin = shop.carousel({}, {"title": "Oak"})

    first, second = pin.media_files
    assert source_of(pin) == {
        "source_type": "multiple_image_base64",
        "items": [
            {"content_type": "image/jpeg", "data": content(first)},
            {"content_type": "image/jpeg", "data": content(second), "title": "Oak"},
        ],
    }


def test_a_video_names_its_media_and_where_its_cover_is(shop, by_url):
    pin = shop.video_pin(pinterest_media_id="5212")

    assert source_of(pin) == {
        "source_type": "video_id",
        "media_id": "5212",
        "cover_image_url": address(pin.media_files[1]),
    }


def test_a_video_can_carry_its_cover(shop):
    pin = shop.video_pin(pinterest_media_id="5212")

    assert source_of(pin) == {
        "source_type": "video_id",
        "media_id": "5212",
        "cover_image_content_type": "image/jpeg",
        "cover_image_data": content(pin.media_files[1]),
    }


def test_a_carousel_is_published_as_one_pin(shop):
    pin = advance(shop.carousel({}, {"title": "Oak"}, {}, {}, {"link": "https://example.com/ash"}))

    [live] = shop.live()
    assert (pin.status, live["media_type"]) == (PinStatus.PUBLISHED, "multiple_images")
    assert [item["title"] for item in live["items"]] == [None, "Oak", None, None, None]
    assert live["items"][4]["link"] == "https://example.com/ash"


def test_a_pin_goes_into_its_section(shop):
    shop.sandbox.change_board(shop.board.pinterest_id, sections=["Sofas"])
    [listed] = shop.sandbox.api(
        "GET", f"/boards/{shop.board.pinterest_id}/sections", shop.sandbox.token("chairshop")
    ).json()["items"]
    section = shop.board.sections.create(pinterest_id=listed["id"], name="Sofas")

    advance(shop.pin(section=section))

    assert shop.live()[0]["section_id"] == listed["id"]


def test_only_an_address_of_the_internet_is_one_that_pinterest_can_fetch_from(case):
    reachable = {
        "https://pins.example.com": True,
        "https://8.8.8.8": True,
        "https://10.0.0.7": False,
        # Global by Python's tables, but no machine of the internet.
        "https://224.0.0.1": False,
        "https://[5f00::1]": False,
        "https://localhost": False,
        "https://pins.local": False,
    }
    for url, is_reachable in reachable.items():
        with case(url):
            assert is_public_address(url) is is_reachable
