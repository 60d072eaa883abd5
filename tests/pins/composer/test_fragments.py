"""What the composer's scripts swap into the page: the files after a change, and what is still missing."""

import pytest
from django.urls import reverse

from pins.models import Pin
from tests.factories import MediaFileFactory, PlayableVideoFactory, VideoFileFactory
from tests.media_bytes import picture_bytes
from tests.page_text import page_text

pytestmark = pytest.mark.django_db

FILES, CHECKLIST = reverse("pins:pin_files"), reverse("pins:pin_checklist")


@pytest.fixture
def pictures(team):
    return [MediaFileFactory(workspace=team.workspace, original_name=f"{name}.jpg") for name in ("ash", "oak", "elm")]


@pytest.fixture
def change(alice):
    """The fragment after a button `action` of a form with these files."""

    def change(action, *media, **fields):
        response = alice.post(FILES, {"attachments": [each.pk for each in media], "action": action} | fields)
        assert response.status_code == 200
        assert not Pin.objects.exists()
        return response

    return change


def announced(response):
    return response.context["announcement"]


def names(response):
    return [str(media) for media in response.context["media"]]


@pytest.mark.parametrize(
    ("action", "expected", "sentence"),
    [
        ("earlier:1", ["oak.jpg", "ash.jpg", "elm.jpg"], "oak.jpg is now 1 of 3."),
        ("later:1", ["ash.jpg", "elm.jpg", "oak.jpg"], "oak.jpg is now 3 of 3."),
        ("earlier:0", ["ash.jpg", "oak.jpg", "elm.jpg"], "ash.jpg is already first."),
        ("later:2", ["ash.jpg", "oak.jpg", "elm.jpg"], "elm.jpg is already last."),
        ("remove:1", ["ash.jpg", "elm.jpg"], "oak.jpg was removed. It stays in your library."),
        ("moved:2", ["ash.jpg", "oak.jpg", "elm.jpg"], "elm.jpg is now 3 of 3."),
        ("added:2", ["ash.jpg", "oak.jpg", "elm.jpg"], "elm.jpg was added."),
        ("swap", ["elm.jpg", "oak.jpg", "ash.jpg"], "elm.jpg is now first."),
        ("", ["ash.jpg", "oak.jpg", "elm.jpg"], ""),
        ("fly:1", ["ash.jpg", "oak.jpg", "elm.jpg"], ""),
    ],
)
def test_a_change_of_the_files_is_shown_and_told(change, pictures, action, expected, sentence):
    name, colon, index = action.partition(":")

    response = change(f"{name}{colon}{pictures[int(index)].pk if index else ''}", *pictures)

    assert names(response) == expected
    assert announced(response) == sentence
    page = page_text(response)
    assert [page.index(f'<p class="attachment__name" dir="auto">{name}') for name in expected] == sorted(
        page.index(f'<p class="attachment__name" dir="auto">{name}') for name in expected
    )


def test_the_preview_keeps_its_name_as_long_as_the_files_are_the_same(change, pictures):
    ash, oak, _ = pictures

    assert f'id="preview-of-{ash.pk}-{oak.pk}" hx-preserve' in page_text(change("", ash, oak))
    assert f'id="preview-of-{oak.pk}-{ash.pk}" hx-preserve' in page_text(change("swap", ash, oak))


def test_only_the_images_of_a_carousel_have_texts_of_their_own(change, pictures):
    ash, oak, _ = pictures

    carousel, single = page_text(change("", ash, oak)), page_text(change(f"remove:{oak.pk}", ash, oak))

    assert f'id="own-texts-{ash.pk}" hx-preserve' in carousel
    assert "own-texts" not in single


def test_the_first_image_offers_its_texts_and_its_color(team, change):
    video = VideoFileFactory(workspace=team.workspace, dominant_color="#000000")
    cover = MediaFileFactory(
        workspace=team.workspace, original_name="oak.jpg", alt_text="An “oak”", dominant_color="#AA5522"
    )

    page = page_text(change("", video, cover))

    assert 'data-alt-text="An “oak”" data-color="#AA5522" data-source="oak.jpg"' in page


@pytest.mark.parametrize(
    ("sizes", "is_advised"),
    [([], True), ([(1000, 1500)], False), ([(2000, 3000)], False), ([(400, 600)], True), ([(2000, 2000)], True)],
)
def test_a_better_size_is_advised_where_there_is_one(team, change, sizes, is_advised):
    media = [MediaFileFactory(workspace=team.workspace, width=width, height=height) for width, height in sizes]

    assert change("", *media).context["is_better_size_advised"] is is_advised


def test_nothing_is_said_about_the_size_of_a_cover(team, change):
    video, cover = VideoFileFactory(workspace=team.workspace), MediaFileFactory(workspace=team.workspace)

    assert change("", video, cover).context["is_better_size_advised"] is False


def test_a_file_that_cannot_be_read_is_a_sentence_and_changes_nothing(team, alice):
    gone = MediaFileFactory(workspace=team.workspace, original_name="gone.jpg", width=400, height=400)
    gone.file.storage.delete(gone.file.name)
    first = MediaFileFactory(workspace=team.workspace)

    response = alice.post(FILES, {"attachments": [first.pk, gone.pk], "action": "match_size"})

    assert response.status_code == 400
    assert response.content.decode() == "“gone.jpg” is no longer on the server. Upload it again."


def test_all_images_get_the_size_of_the_first(team, change):
    first = MediaFileFactory(workspace=team.workspace)
    other = MediaFileFactory(workspace=team.workspace, content=picture_bytes(400, 400), width=400, height=400)

    response = change("match_size", first, other, **{f"attachment_title-{other.pk}": "The second"})

    assert [(media.width, media.height) for media in response.context["media"]] == [(200, 300), (200, 300)]
    assert 'value="The second"' in page_text(response)
    assert announced(response) == "All images now have the size of the first one."


def test_a_video_says_what_each_of_its_files_is(team, change):
    video, cover = PlayableVideoFactory(workspace=team.workspace), MediaFileFactory(workspace=team.workspace)

    response = change("", video, cover)

    assert [role for _, role in response.context["attachments"]] == ["1: video", "2: cover"]
    assert "<video controls" in page_text(response)


@pytest.mark.parametrize("address", [FILES, CHECKLIST])
def test_five_images_cost_as_many_queries_as_one(alice, team, django_assert_max_num_queries, address):
    media = [MediaFileFactory(workspace=team.workspace).pk for _ in range(5)]

    # Who asks and where (3), the files, the board, its publishing times, other pins that are near (2).
    with django_assert_max_num_queries(8):
        assert alice.post(address, {"attachments": media, "board": team.board.pk}).status_code == 200


# What is still missing.


def missing(alice, **fields):
    response = alice.post(CHECKLIST, fields)
    assert response.status_code == 200
    return page_text(response)


def test_what_is_missing_is_told_of_the_form_as_it_is(team, alice):
    page = missing(alice, title="a" * 112)

    for sentence in ("Choose a board", "The title has 112 characters", "Add an image or a video"):
        assert sentence in page
    assert not Pin.objects.exists()


def test_an_untouched_or_a_complete_form_misses_nothing(team, alice):
    media = MediaFileFactory(workspace=team.workspace)

    for fields in ({}, {"board": team.board.pk, "attachments": media.pk}):
        assert "Before you can publish" not in missing(alice, **fields)


def test_what_is_wrong_with_the_files_stands_beside_them(team, alice):
    other = MediaFileFactory(workspace=team.workspace, width=100, height=100)

    page = missing(alice, attachments=[MediaFileFactory(workspace=team.workspace).pk, other.pk])

    beside, _, below = page.partition('<div id="publish-checklist"')
    assert "All images in a carousel must be the same size" in beside
    assert 'value="match_size"' in beside
    assert "must be the same size" not in below
