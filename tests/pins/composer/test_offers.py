"""What the composer offers for empty fields: a title, the last board, the last link."""

import pytest
from django.urls import reverse
from django.utils import timezone

from pins.composer.offers import title_from
from pins.models import Pin
from tests.factories import BoardFactory, MediaFileFactory, PinFactory, UserFactory, VideoFileFactory
from tests.page_text import page_text

pytestmark = pytest.mark.django_db

NEW = reverse("pins:pin_create")


@pytest.mark.parametrize(
    ("file_name", "title"),
    [
        ("oak-chair.jpg", "Oak chair"),
        ("autumn_table setting 2.png", "Autumn table setting 2"),
        ("Möbel für den Herbst.heic", "Möbel für den Herbst"),
        ("oak chair, 1000 × 1500.jpg", "Oak chair"),
        ("oak, frame at 1.5 s.jpg", "Oak"),
        ("IMG_2041.jpg", ""),
        ("DSC00012.JPG", ""),
        ("PXL_20260101_101112.jpg", ""),
        ("Screenshot 2026-01-01 at 10.11.12.png", ""),
        ("3f2c9a7e-ceea-4f7e-9b5c-0d2f3c4b5a69.jpg", ""),
        ("20260101_101112.jpg", ""),
        ("image (3).jpg", ""),
        ("picture 4.png", ""),
        ("picnic-table.jpg", "Picnic table"),
        ("....jpg", ""),
        ("", ""),
    ],
)
def test_words_of_a_file_name_are_a_title_and_those_of_a_camera_are_none(file_name, title):
    assert title_from(file_name) == title


def test_a_title_from_a_long_name_is_no_longer_than_allowed():
    assert len(title_from("oak " * 60)) == 100


def test_files_of_the_library_offer_a_title(team, alice):
    media = MediaFileFactory(workspace=team.workspace, original_name="oak-chair.jpg")

    assert alice.get(NEW, {"media": media.pk}).context["form"]["title"].value() == "Oak chair"


def test_the_title_of_a_video_comes_from_the_video(team, alice):
    video = VideoFileFactory(workspace=team.workspace, original_name="oak-in-motion.mp4")
    cover = MediaFileFactory(workspace=team.workspace, original_name="IMG_1.jpg")

    page = page_text(alice.post(reverse("pins:pin_files"), {"attachments": [video.pk, cover.pk]}))

    assert 'data-title="Oak in motion"' in page


def test_the_board_of_the_latest_pin_is_chosen_and_its_link_only_offered(team, alice):
    other = BoardFactory(account=team.account)
    PinFactory(board=team.board, created_by=team.alice, link="https://example.com/old")
    PinFactory(board=other, created_by=team.alice, link="")
    PinFactory(board=team.board, created_by=UserFactory(), link="https://example.com/of-another")

    response = alice.get(NEW)

    assert response.context["board"] == other
    assert not response.context["form"]["link"].value()
    assert 'data-value="https://example.com/old"' in page_text(response)


def test_a_board_that_is_gone_is_not_chosen(team, alice):
    gone = BoardFactory(account=team.account, missing_since=timezone.now())
    PinFactory(board=gone, created_by=team.alice)

    assert alice.get(NEW).context["board"] is None


def test_a_board_alone_makes_no_draft(team, alice):
    answer = alice.post(reverse("pins:pin_autosave_new"), {"board": team.board.pk})

    assert answer.json()["state"] == "empty"
    assert not Pin.objects.exists()
    assert "Before you can publish" not in page_text(
        alice.post(reverse("pins:pin_checklist"), {"board": team.board.pk})
    )
