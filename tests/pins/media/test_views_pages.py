"""The library, the page of one file, choosing and deleting."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from pins.media import views as media_views
from pins.models import PinStatus
from tests.factories import (
    AttachmentFactory,
    MediaFileFactory,
    PinFactory,
    VideoFileFactory,
    WorkspaceFactory,
)
from tests.page_text import page_text, said

pytestmark = pytest.mark.django_db

LIBRARY = reverse("pins:media_list")


def names(response):
    return [media.original_name for media in response.context["media_files"]]


def test_the_library_shows_what_a_file_is(team, alice):
    video = VideoFileFactory(workspace=team.workspace, original_name="oak.mp4", duration_seconds=42.3)
    AttachmentFactory.create_batch(2, media=video)

    page = page_text(alice.get(LIBRARY))

    assert f'href="/media/{video.pk}/" title="oak.mp4" dir="auto" aria-label="oak.mp4">' in page
    assert "0:42" in page
    assert "1080 × 1920 px" in page
    assert "in 2 pins" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["table.mp4", "Chair.jpg", "lamp.jpg"]),
        ("kind=image", ["Chair.jpg", "lamp.jpg"]),
        ("kind=video", ["table.mp4"]),
        ("kind=unused", ["table.mp4", "lamp.jpg"]),
        ("kind=nonsense", ["table.mp4", "Chair.jpg", "lamp.jpg"]),
        ("q=chair", ["table.mp4", "Chair.jpg"]),
        ("q=chair&kind=unused", ["table.mp4"]),
        ("q=%00", ["table.mp4", "Chair.jpg", "lamp.jpg"]),
        ("q=nothing", []),
    ],
)
@pytest.mark.parametrize("address", ["pins:media_list", "pins:media_choose"])
def test_the_library_is_searched_in_names_and_texts_and_narrowed(team, alice, address, query, found):
    MediaFileFactory(workspace=team.workspace, original_name="lamp.jpg")
    chair = MediaFileFactory(workspace=team.workspace, original_name="Chair.jpg")
    AttachmentFactory(media=chair)
    VideoFileFactory(workspace=team.workspace, original_name="table.mp4", alt_text="A table beside a chair")
    MediaFileFactory(workspace=team.workspace, original_name="deleted chair.jpg", deleted_at=timezone.now())
    MediaFileFactory(original_name="chair of others.jpg")

    response = alice.get(f"{reverse(address)}?{query}")

    assert names(response) == found
    if not found:
        assert "No matching files" in page_text(response)


@pytest.mark.parametrize("query", ["", "kind=image", "kind=video", "use=unused", "use=used", "after=5~5"])
def test_a_part_of_the_library_that_is_empty_says_so(alice, query):
    assert '<div class="empty">' in page_text(alice.get(f"{LIBRARY}?{query}"))


def test_kind_and_use_narrow_the_library_together(team, alice):
    for maker, name, uses in (
        (MediaFileFactory, "used.jpg", 1),
        (MediaFileFactory, "unused.jpg", 0),
        (VideoFileFactory, "used.mp4", 1),
    ):
        AttachmentFactory.create_batch(uses, media=maker(workspace=team.workspace, original_name=name))

    assert names(alice.get(LIBRARY, {"use": "used"})) == ["used.mp4", "used.jpg"]
    assert names(alice.get(LIBRARY, {"use": "used", "kind": "image"})) == ["used.jpg"]
    assert names(alice.get(LIBRARY, {"use": "unused", "kind": "video"})) == []
    assert len(names(alice.get(LIBRARY, {"use": "x", "sort": "x"}))) == 3


@pytest.mark.parametrize(
    ("sort", "order"), [("newest", "cabd"), ("oldest", "dbac"), ("name", "abcd"), ("size", "badc"), ("", "cabd")]
)
def test_the_library_is_sorted_from_page_to_page(team, alice, monkeypatch, sort, order):
    """Also where files are equal in what they are sorted by."""
    monkeypatch.setattr(media_views, "FILES_PER_PAGE", 2)
    for name, size in (("D", 1), ("b", 9), ("A", 9), ("c", 1)):
        MediaFileFactory(workspace=team.workspace, original_name=f"{name}.jpg", size_bytes=size)

    found, query = [], f"?sort={sort}"
    while query:
        response = alice.get(f"{LIBRARY}{query}")
        found += names(response)
        query = response.context["next_url"]

    ties = {"size": ["A.jpg", "b.jpg", "c.jpg", "D.jpg"]}
    assert found == ties.get(sort, [f"{letter.upper() if letter in 'ad' else letter}.jpg" for letter in order])


@pytest.mark.parametrize("after", ["x", "~", "x~5", "5~x", "5", f"{10**40}~5"])
def test_what_is_no_place_in_the_library_is_its_beginning(team, alice, after):
    MediaFileFactory(workspace=team.workspace, original_name="oak.jpg")

    response = alice.get(LIBRARY, {"after": after})

    assert names(response) == ["oak.jpg"]
    assert response.context["newest_url"] is None


def test_the_links_keep_what_else_was_asked_for(alice):
    response = alice.get(LIBRARY, {"kind": "image", "use": "unused", "sort": "size", "q": "oak"})

    assert ("Videos", "?kind=video&use=unused&sort=size&q=oak", False) in response.context["kinds"]
    assert ("All files", "?kind=image&sort=size&q=oak", False) in response.context["uses"]
    assert ("Newest first", "?kind=image&use=unused&q=oak", False) in response.context["sorts"]


def test_a_picture_of_another_shape_is_marked(team, alice):
    MediaFileFactory(workspace=team.workspace, width=1600, height=1067)
    assert page_text(alice.get(LIBRARY)).count("Not 2:3") == 1

    MediaFileFactory(workspace=team.workspace, width=1000, height=1500)
    VideoFileFactory(workspace=team.workspace)

    assert page_text(alice.get(LIBRARY)).count("Not 2:3") == 1


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("autumn-table-final-1.jpg", ("autumn-table-f", "inal-1.jpg")),
        ("oak.jpg", ("", "oak.jpg")),
        ("0123456789", ("", "0123456789")),
    ],
)
def test_the_end_of_a_name_is_always_shown(team, name, parts):
    assert MediaFileFactory(workspace=team.workspace, original_name=name).name_parts == parts


@pytest.mark.parametrize(("address", "rows"), [("media_list", "FILES_PER_PAGE"), ("media_choose", "FILES_PER_CHOICE")])
def test_older_files_are_on_further_pages_that_keep_the_filter(team, alice, monkeypatch, address, rows):
    monkeypatch.setattr(media_views, rows, 2)
    for number in range(3):
        MediaFileFactory(workspace=team.workspace, original_name=f"chair {number}.jpg")
    url = reverse(f"pins:{address}")

    first = alice.get(f"{url}?q=chair")
    second = alice.get(f"{url}{first.context['next_url']}")

    assert names(first) + names(second) == ["chair 2.jpg", "chair 1.jpg", "chair 0.jpg"]
    assert second.context["next_url"] is None
    assert second.context["asked"].text == "chair"


def test_the_composer_chooses_from_the_workspace_that_it_names(team, client):
    other = WorkspaceFactory()
    other.memberships.create(user=team.alice, role="viewer")
    MediaFileFactory(workspace=other, original_name="other.jpg")
    client.force_login(team.alice)
    url = reverse("pins:media_choose")

    assert names(client.get(url, {"workspace": other.pk})) == ["other.jpg"]
    assert names(client.get(url, {"workspace": team.workspace.pk})) == []
    assert client.get(url, {"workspace": WorkspaceFactory().pk}).status_code == 404
    assert client.get(url, {"workspace": "x"}).status_code == 404


def test_a_choice_carries_what_the_composer_needs(team, alice):
    video = VideoFileFactory(workspace=team.workspace, original_name="A “chair”.mp4")

    page = page_text(alice.get(reverse("pins:media_choose")))

    assert "<html" not in page
    assert f'data-media="{video.pk}"' in page
    assert 'data-name="A “chair”.mp4"' in page


def test_a_file_has_a_page_with_its_pins(team, alice):
    media = MediaFileFactory(workspace=team.workspace, original_name="oak.jpg", dominant_color="#AA3311")
    pin = PinFactory(board=team.board, status=PinStatus.PUBLISHED, title="Oak chair", attachments=0)
    AttachmentFactory(media=media, pin=pin)
    made = MediaFileFactory(workspace=team.workspace, original=media, original_name="oak, cropped.jpg")

    page = page_text(alice.get(reverse("pins:media_detail", args=[media.pk])))
    page_of_made = page_text(alice.get(reverse("pins:media_detail", args=[made.pk])))

    assert f'<img class="media-preview" src="{media.file.url}"' in page
    assert f'<a class="card__title" href="/pins/{pin.pk}/" dir="auto">Oak chair</a>' in page
    assert "#AA3311" in page
    assert f'<a href="/media/{made.pk}/" dir="auto">oak, cropped.jpg</a>' in page
    assert f'<a href="/media/{media.pk}/" dir="auto">oak.jpg</a>' in page_of_made


def test_a_video_can_be_played_on_its_page(team, alice):
    video = VideoFileFactory(workspace=team.workspace)

    page = page_text(alice.get(reverse("pins:media_detail", args=[video.pk])))

    assert f'<source src="{video.file.url}" type="video/mp4">' in page
    assert "Choose a cover frame" in page
    assert "Crop to 2:3" not in page


def test_a_deleted_file_has_no_page(team, alice):
    media = MediaFileFactory(workspace=team.workspace, deleted_at=timezone.now())

    for name in ("media_detail", "media_delete", "media_crop"):
        assert alice.get(reverse(f"pins:{name}", args=[media.pk])).status_code == 404


def test_the_alternative_text_is_kept_with_the_file(team, alice):
    media = MediaFileFactory(workspace=team.workspace)
    url = reverse("pins:media_detail", args=[media.pk])

    alice.post(url, {"alt_text": "  An oak chair by a window. "})

    media.refresh_from_db()
    assert media.alt_text == "An oak chair by a window."
    assert "An oak chair by a window.</textarea>" in page_text(alice.get(url))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x" * 501, "The alt text has 501 characters; Pinterest allows 500. Shorten it."),
        ("a\0b", "Null characters are not allowed."),
    ],
)
def test_an_alternative_text_that_is_none_is_refused_and_kept_on_the_page(team, alice, text, message):
    media = MediaFileFactory(workspace=team.workspace)

    response = alice.post(reverse("pins:media_detail", args=[media.pk]), {"alt_text": text})

    assert response.status_code == 200
    assert message in page_text(response)
    assert text in page_text(response)
    media.refresh_from_db()
    assert media.alt_text == ""


def test_a_viewer_is_offered_nothing_that_changes_a_file(team, client):
    media = MediaFileFactory(workspace=team.workspace, alt_text="An oak chair")
    client.force_login(team.bob)

    library = page_text(client.get(LIBRARY))
    page = page_text(client.get(reverse("pins:media_detail", args=[media.pk]))).partition("<main")[2]

    assert "media-form" not in library
    assert "An oak chair" in page
    for offer in ("Delete", "Crop to 2:3", "Save alt text"):
        assert offer not in page


def test_a_file_is_deleted_after_a_question(team, alice, django_capture_on_commit_callbacks):
    media = MediaFileFactory(workspace=team.workspace, original_name="oak.jpg")
    url = reverse("pins:media_delete", args=[media.pk])

    assert "Delete “<bdi>oak.jpg</bdi>”?" in page_text(alice.get(url))
    with django_capture_on_commit_callbacks(execute=True):
        response = alice.post(url)

    assert said(response) == [("success", "“oak.jpg” deleted.")]
    assert names(alice.get(LIBRARY)) == []
    assert not media.file.storage.exists(media.file.name)


def test_a_file_that_is_needed_is_kept_and_the_pins_are_named(team, alice):
    media = MediaFileFactory(workspace=team.workspace)
    for status, title in [(PinStatus.DRAFT, "A draft"), (PinStatus.FAILED, "A failure"), ("published", "Gone out")]:
        AttachmentFactory(media=media, pin=PinFactory(board=team.board, status=status, title=title, attachments=0))
    url = reverse("pins:media_delete", args=[media.pk])

    for response in (alice.get(url), alice.post(url)):
        page = page_text(response)
        assert "is in use" in page
        assert "A draft</a>" in page
        assert "A failure</a>" in page
        assert "Gone out" not in page
        assert "Delete file" not in page
    media.refresh_from_db()
    assert media.deleted_at is None


@pytest.mark.parametrize("name", ["media_detail", "media_delete"])
def test_the_pages_of_a_file_cost_as_many_queries_for_three_pins_as_for_one(
    team, alice, name, django_assert_num_queries
):
    def page_with(pins):
        media = MediaFileFactory(workspace=team.workspace)
        for _ in range(pins):
            AttachmentFactory(media=media, pin=PinFactory(board=team.board, attachments=0))
            MediaFileFactory(workspace=team.workspace, original=media)
        return reverse(f"pins:{name}", args=[media.pk])

    one, three = page_with(1), page_with(3)
    with CaptureQueriesContext(connection) as captured:
        alice.get(one)

    with django_assert_num_queries(len(captured)):
        alice.get(three)
