"""Thumbnails in the sizes that pages show."""

from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from pins.models import MediaFile
from tests.factories import MediaFileFactory
from tests.media_bytes import picture_bytes

pytestmark = pytest.mark.django_db


def stored(width, height, **fields):
    """A file whose thumbnail has this size."""
    return MediaFileFactory(thumbnail=ContentFile(picture_bytes(width, height), "small.jpg"), **fields)


def shown(response):
    return Image.open(BytesIO(response.content))


@pytest.mark.parametrize(
    ("stored_size", "size", "pixels"),
    [
        ((480, 720), "row", (64, 96)),
        ((480, 320), "row", (64, 96)),
        ((480, 720), "card", (320, 480)),
        ((480, 320), "card", (320, 213)),
        ((200, 300), "card", (200, 300)),
    ],
)
def test_a_row_is_filled_and_a_card_shows_the_whole_picture(client, stored_size, size, pixels):
    response = client.get(stored(*stored_size).thumbnail_urls[size])

    assert response["Content-Type"] == "image/webp"
    assert shown(response).format == "WEBP"
    assert shown(response).size == pixels


def test_a_photograph_in_a_row_takes_at_most_3_kb(client):
    """The noise of a sensor is what is hard to compress: 30 rows of it still leave room for a page of 120 KB."""
    noise = Image.merge("RGB", [Image.effect_noise((480, 720), 60) for _ in range(3)])
    content = BytesIO()
    noise.save(content, "JPEG", quality=82)
    media = MediaFileFactory(thumbnail=ContentFile(content.getvalue(), "small.jpg"))

    assert len(client.get(media.thumbnail_urls["row"]).content) <= 3_000


def test_browsers_keep_it_and_it_never_runs_as_a_page(client):
    response = client.get(stored(480, 720).thumbnail_urls["row"])

    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "Set-Cookie" not in response


def test_it_costs_one_query(client):
    url = stored(480, 720).thumbnail_urls["row"]

    with CaptureQueriesContext(connection) as captured:
        client.get(url)

    assert len(captured) == 1


def test_a_deleted_files_thumbnail_stays(client, team):
    media = stored(480, 720)
    MediaFile.objects.update(deleted_at=media.uploaded_at)

    assert client.get(media.thumbnail_urls["row"]).status_code == 200


def test_nothing_but_a_thumbnail_in_one_of_the_sizes_is_found(client, settings):
    media = stored(480, 720)
    name = media.thumbnail.name
    for size, path in (
        ("huge", name),
        ("row", "x.jpg"),
        ("row", media.file.name),
        ("row", f"{name}%00"),
        ("row", "../db.sqlite3"),
    ):
        assert client.get(f"/thumbnails/{size}/{path}").status_code == 404


def test_a_thumbnail_whose_bytes_are_gone_or_no_picture_is_a_404(client):
    gone, broken = stored(480, 720), MediaFileFactory(thumbnail=ContentFile(b"no picture", "small.jpg"))
    gone.thumbnail.storage.delete(gone.thumbnail.name)

    for media in (gone, broken):
        assert client.get(media.thumbnail_urls["row"]).status_code == 404
