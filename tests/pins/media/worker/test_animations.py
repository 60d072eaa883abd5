"""Pinterest shows still images: of an animation the first frame is kept, and whoever uploads it is told so."""

import io
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from pins.media.file_types import is_sequence
from pins.models import MediaFile
from tests.api_client import ApiClient
from tests.media_bytes import picture_bytes

pytestmark = pytest.mark.django_db

NOTICE = "Pinterest doesn't show animations, so only the first frame of “sale.webp” was kept."
SCRIPT = {"X-Requested-With": "XMLHttpRequest"}
LIBRARY, UPLOAD = reverse("pins:media_list"), reverse("pins:media_upload")


def animation(image_format="WEBP", colors=("red", "blue", "green"), **options):
    first, *others = (Image.new("RGB", (200, 300), color) for color in colors)
    content = io.BytesIO()
    first.save(content, image_format, save_all=True, append_images=others, duration=100, **options)
    return content.getvalue()


def upload(content=None):
    return SimpleUploadedFile("sale.webp", animation() if content is None else content)


def page(response):
    return unescape(response.content.decode())


@pytest.mark.parametrize("image_format", ["WEBP", "PNG"])
def test_the_script_gets_the_sentence_with_the_file(team, alice, image_format):
    response = alice.post(UPLOAD, {"file": upload(animation(image_format))}, headers=SCRIPT)

    media = MediaFile.objects.get()
    assert response.json()["notice"] == NOTICE
    assert media.dominant_color[1:3] in ("FE", "FF")
    with media.file.open("rb") as file:
        kept = Image.open(io.BytesIO(file.read()))
        assert getattr(kept, "n_frames", 1) == 1


def test_an_opaque_animation_becomes_a_jpeg(team, alice):
    alice.post(UPLOAD, {"file": upload()}, headers=SCRIPT)

    assert MediaFile.objects.get().content_type == "image/jpeg"


def test_without_scripts_the_next_page_says_it(team, alice):
    response = alice.post(UPLOAD, {"file": upload()}, follow=True)

    assert NOTICE in page(response)


def test_who_uploads_it_again_is_told_again(team, alice):
    content = animation()
    alice.post(UPLOAD, {"file": upload(content)}, headers=SCRIPT)

    assert alice.post(UPLOAD, {"file": upload(content)}, headers=SCRIPT).json()["notice"] == NOTICE
    assert MediaFile.objects.count() == 1


def test_the_file_has_it_on_its_page(team, alice):
    alice.post(UPLOAD, {"file": upload()}, headers=SCRIPT)

    assert NOTICE in page(alice.get(reverse("pins:media_detail", args=[MediaFile.objects.get().pk])))


@pytest.mark.parametrize("action", ["draft", "upload"])
def test_the_composer_says_it_without_scripts(team, alice, action):
    sent = {"workspace": team.workspace.pk, "attachments": upload(), "title": "Sale", "action": action}

    assert NOTICE in page(alice.post(reverse("pins:pin_create"), sent, follow=True))


def test_a_program_is_told_in_the_answer(team):
    program = ApiClient(team.workspace, team.alice)

    assert program.upload(animation(), "sale.webp").json()["notice"] == NOTICE
    assert program.upload().json()["notice"] is None


@pytest.mark.parametrize(
    "build",
    [
        lambda: animation(colors=["red"]),
        lambda: picture_bytes(image_format="WEBP"),
        lambda: picture_bytes(image_format="PNG"),
    ],
    ids=["an animation of one frame", "WebP", "PNG"],
)
def test_a_still_image_is_no_animation(team, alice, build):
    alice.post(UPLOAD, {"file": upload(build())}, headers=SCRIPT)

    assert MediaFile.objects.get().notice == ""


def test_a_heif_with_a_sequence_is_an_animation():
    head = b"\0\0\0\x1cftyp"

    assert is_sequence(head + b"hevc\0\0\0\0" + b"mif1heicmsf1")
    assert is_sequence(head + b"heic\0\0\0\0" + b"mif1heicmsf1")
    assert not is_sequence(head + b"heic\0\0\0\0" + b"mif1heicmiaf")
