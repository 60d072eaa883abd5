"""No file is lost because of its name: programs leave it out, or send one that cannot be used."""

import io

import pytest
from django.urls import reverse
from PIL import Image

from pins.models import MediaFile
from postiz_pins.http.multipart import NamedParts
from tests.api_client import ApiClient, errors
from tests.media_bytes import picture_bytes

BOUNDARY = b"xx"


def part(head, content):
    return b"--xx\r\n" + head + b"\r\n\r\n" + content + b"\r\n"


def form(*parts):
    return b"".join(parts) + b"--xx--\r\n"


def sent(browser, address, body, **options):
    return browser.post(address, body, content_type="multipart/form-data; boundary=xx", **options)


WITHOUT_NAME = {
    "none": b'Content-Disposition: form-data; name="file"\r\nContent-Type: image/png',
    "an empty one": b'Content-Disposition: form-data; name="file"; filename=""\r\nContent-Type: image/png',
    "headers in lower case, type first": b'content-type: image/png\r\ncontent-disposition: form-data; name="file"',
    "bytes of any kind": b'Content-Disposition: form-data; name="file"\r\nContent-Type: application/octet-stream',
    "dots": b'Content-Disposition: form-data; name="file"; filename=".."\r\nContent-Type: image/png',
    "a folder": b'Content-Disposition: form-data; name="file"; filename="a/"\r\nContent-Type: image/png',
}


@pytest.fixture
def program(team):
    return ApiClient(team.workspace, team.alice)


@pytest.mark.django_db
@pytest.mark.parametrize("head", WITHOUT_NAME.values(), ids=WITHOUT_NAME)
def test_a_part_without_a_usable_name_is_a_file(program, head):
    response = sent(program, "/api/media", form(part(head, picture_bytes(image_format="PNG"))))

    assert response.status_code == 201
    assert response.json()["name"] == MediaFile.objects.get().original_name == "upload"
    assert response.json()["content_type"] == "image/png"


@pytest.mark.django_db
def test_a_large_file_without_a_name_is_no_text_that_is_too_long(program):
    noise = io.BytesIO()
    Image.effect_noise((2000, 2000), 200).save(noise, "PNG")
    assert len(noise.getvalue()) > 2_621_440  # Django's limit for the texts of a form

    assert sent(program, "/api/media", form(part(WITHOUT_NAME["none"], noise.getvalue()))).status_code == 201


@pytest.mark.django_db
def test_a_form_without_scripts_that_was_sent_empty_holds_no_file(alice):
    """Browsers send the field without a name and without content."""
    body = form(part(WITHOUT_NAME["an empty one"], b""))

    response = sent(alice, reverse("pins:media_upload"), body, follow=True)

    assert "Choose files first" in response.content.decode()


@pytest.mark.django_db
def test_a_text_is_no_file(program):
    body = form(part(b'Content-Disposition: form-data; name="file"', picture_bytes()))

    assert errors(sent(program, "/api/media", body)) == [("one_file", "file")]


def through(body, size):
    parts = NamedParts(io.BytesIO(body), BOUNDARY)
    return b"".join(iter(lambda: parts.read(size), b""))


TEXT = part(b'Content-Disposition: form-data; name="title"', b"A chair --x --xx\r\n\r\n")
NAMED = part(
    b'Content-Disposition: form-data; name="file"; filename="a.png"\r\nContent-Type: image/png', b"-\r\n--x" * 99
)
LATIN = part(b"Content-Disposition: form-data; name=file; filename*=UTF-8''a.png\r\nContent-Type: image/png", b"-")
EMPTY = part(WITHOUT_NAME["an empty one"], b"")
ODD = [b"", b"--xx", b"no form", b"--xx" * 999, b"--xx\r\n" + b"a" * 9_000, form(TEXT)[:-9], b"--xx\r\n\r\n"]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 65_536])
@pytest.mark.parametrize("body", [form(TEXT, NAMED, LATIN, EMPTY, TEXT), *ODD])
def test_what_has_names_passes_byte_by_byte(body, size):
    assert through(body, size) == body


@pytest.mark.parametrize("size", [1, 5, 100, 65_536])
def test_only_the_part_without_a_name_gets_one(size):
    unnamed = part(WITHOUT_NAME["none"], b"-\r\n--x" * 99)
    named = unnamed.replace(b"form-data;", b'form-data; filename="upload";')

    assert through(form(TEXT, unnamed, NAMED, unnamed), size) == form(TEXT, named, NAMED, named)
