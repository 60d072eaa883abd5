"""Changes of many files of the library at once."""

import pytest
from django.urls import reverse

from pins.bulk.actions import ACTIONS
from pins.bulk.subjects import FILES
from pins.media.library import SELECTION_ACTIONS
from pins.models import BulkChange, MediaFile, Tag
from pins.tags.services import names_of
from tests.factories import AttachmentFactory, MediaFileFactory, PinFactory
from tests.page_text import page_text
from tests.pins.bulk.confirming import confirm, form_of

pytestmark = pytest.mark.django_db

START = reverse("pins:bulk_start")
LIBRARY = reverse("pins:media_list")
GRID = reverse("pins:grid")


@pytest.fixture
def file_of(team):
    """A file of the team's library by its name."""

    def make(name, **fields):
        return MediaFileFactory(workspace=team.workspace, original_name=name, **fields)

    return make


@pytest.fixture
def choose(alice):
    """Choose files for an action; returns the address of the change."""

    def do(action, *files, **more):
        body = {"bulk_action": action, "media": [media.pk for media in files], **more}
        return alice.post(START, body).headers["Location"]

    return do


def use(media, team):
    AttachmentFactory(pin=PinFactory(board=team.board, attachments=0), media=media)


def is_there(media):
    return MediaFile.objects.in_library().filter(pk=media.pk).exists()


def test_the_library_offers_exactly_what_can_be_done_with_files():
    assert list(SELECTION_ACTIONS) == [action.name for action in ACTIONS.values() if action.subject is FILES]


def test_the_preview_says_which_files_stay_and_why(team, alice, file_of, choose):
    unused, used = file_of("ash.jpg"), file_of("oak.jpg")
    use(used, team)
    url = choose("delete_files", unused, used)

    page = alice.get(url)
    text = page_text(page)

    assert "Delete 1 of 2 files" in text
    assert "It is used in 1 pin, so it stays." in text
    assert [str(media) for media, _ in page.context["found"].cannot] == ["oak.jpg"]
    assert is_there(unused)


def test_only_unused_files_are_deleted(team, alice, file_of, choose):
    unused, used = file_of("ash.jpg"), file_of("oak.jpg")
    use(used, team)
    url = choose("delete_files", unused, used)

    text = page_text(confirm(alice, url, follow=True))

    assert "Done with 1 file" in text
    assert "Not changed: 1" in text
    assert (is_there(unused), is_there(used)) == (False, True)


def test_a_file_that_a_pin_came_to_use_changes_nothing_before_it_is_confirmed_again(team, alice, file_of, choose):
    media = file_of("ash.jpg")
    url = choose("delete_files", media)
    seen = form_of(alice, url)
    use(media, team)

    text = page_text(alice.post(url, seen))

    assert "The files have changed since you looked at them, so nothing was done." in text
    assert is_there(media)


def test_all_files_that_match_get_tags(team, alice, file_of, choose):
    oaks, ash = [file_of("oak 1.jpg"), file_of("oak 2.jpg")], file_of("ash.jpg")
    url = choose("tag_files", all="1", query="q=oak&sort=name")

    alice.post(url, {"step": "options", "tags": "Spring"})
    confirm(alice, url)

    assert [names_of(media) for media in (*oaks, ash)] == [["Spring"], ["Spring"], []]


@pytest.mark.parametrize("query", ["kind=films", "tag=123456", "use=often", "kind=image&sort=random"])
def test_a_filter_that_means_nothing_any_more_selects_no_file(alice, file_of, query):
    file_of("ash.jpg")

    response = alice.post(START, {"bulk_action": "delete_files", "all": "1", "query": query}, follow=True)

    assert "A filter of the list has changed. Check it, then select the files again." in page_text(response)
    assert response.request["PATH_INFO"] == LIBRARY
    assert not BulkChange.objects.exists()


def test_the_library_brings_its_own_filter_along(team, alice, file_of):
    tag = Tag.objects.create(workspace=team.workspace, name="Spring")
    file_of("oak.jpg").tags.add(tag)
    file_of("ash.jpg")

    page = alice.get(LIBRARY, {"tag": tag.pk, "kind": "films"})

    assert "Select all that match" in page_text(page)
    assert page.context["list_query"] == f"tag={tag.pk}&sort=newest"


def test_files_of_another_workspace_are_not_touched(file_of, choose, alice):
    foreign, own = MediaFileFactory(), file_of("ash.jpg")
    url = choose("delete_files", foreign, own)

    confirm(alice, url)

    assert (is_there(foreign), is_there(own)) == (True, False)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"bulk_action": "delete_files"}, "Select files first."),
        ({"bulk_action": "", "media": "1"}, "Choose what to do with the selected files."),
    ],
)
def test_a_bar_of_the_library_that_was_not_filled_in_says_so(alice, body, sentence):
    response = alice.post(START, body, follow=True)

    assert sentence in page_text(response)
    assert response.request["PATH_INFO"] == LIBRARY


def test_a_viewer_selects_no_files(team, file_of, client):
    file_of("ash.jpg")
    client.force_login(team.bob)

    assert "With selected" not in page_text(client.get(LIBRARY))


def test_a_preview_costs_as_many_queries_for_one_file_as_for_ten(alice, file_of, choose, django_assert_max_num_queries):
    urls = [choose("delete_files", *[file_of(f"{n}.jpg") for n in range(count)]) for count in (1, 10)]

    for url in urls:
        with django_assert_max_num_queries(16):
            alice.get(url)


def test_the_library_hands_the_ticked_files_to_the_table_of_drafts(alice, file_of):
    files = [file_of("ash.jpg"), file_of("oak.jpg"), file_of("elm.jpg")]
    assert f'formaction="{GRID}"' in alice.get(LIBRARY).content.decode()

    alice.post(GRID, {"media": [media.pk for media in files[:2]], "query": "sort=newest", "bulk_action": ""})

    assert set(MediaFile.objects.filter(pins__isnull=False)) == set(files[:2])


def test_all_files_that_match_become_drafts(alice, file_of):
    oaks = [file_of("oak 1.jpg"), file_of("oak 2.jpg")]
    file_of("ash.jpg")

    alice.post(GRID, {"all": "1", "query": "q=oak", "media": oaks[0].pk})

    assert set(MediaFile.objects.filter(pins__isnull=False)) == set(oaks)


def test_more_files_than_rows_fit_become_no_drafts(alice, file_of, monkeypatch):
    monkeypatch.setattr("pins.grid.services.MOST_ROWS", 2)
    for number in range(3):
        file_of(f"{number}.jpg")

    text = page_text(alice.post(GRID, {"all": "1", "query": ""}, follow=True))

    assert "You chose more than 2 files" in text
    assert not MediaFile.objects.filter(pins__isnull=False).exists()
