"""The pages of imports, from the file to its pins."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from pins.imports import jobs
from pins.models import ImportStatus, Pin, PinImport, PinStatus, RowStatus
from tests.factories import MediaFileFactory, PinFactory
from tests.media_bytes import picture_bytes

from .helpers import imported, table

LIST = reverse("pins:import_list")


@pytest.fixture(autouse=True)
def library(team):
    team.board.name = "Chairs"
    team.board.save()
    return MediaFileFactory(workspace=team.workspace, original_name="oak.jpg")


def rows(count, **columns):
    named = {key.replace("_", " "): value for key, value in columns.items()}
    return [
        {
            "Title": f"Chair {n}",
            "Library file": "oak.jpg",
            "Board": "Chairs",
            "Link": f"https://example.com/{n}",
            **named,
        }
        for n in range(count)
    ]


def page(pin_import):
    return reverse("pins:import_detail", args=[pin_import.pk])


def row_url(pin_import, number=2):
    return reverse("pins:import_row", args=[pin_import.pk, number])


def start(alice, pin_import, **fields):
    return alice.post(reverse("pins:import_start", args=[pin_import.pk]), {"action": "create", **fields}, follow=True)


def created(team, alice, count=2, **columns):
    pin_import = imported(team, *rows(count, **columns))
    start(alice, pin_import)
    jobs.work_on(pin_import.pk, timezone.now())
    return pin_import


def upload(alice, content, name="plan.csv"):
    return alice.post(LIST, {"file": SimpleUploadedFile(name, content)}, follow=True)


def test_a_file_is_shown_row_by_row_before_anything_is_created(team, alice):
    response = upload(alice, table(*rows(2), *rows(1, Title="x" * 101)))

    text = response.content.decode()
    assert response.redirect_chain[0][0] == page(PinImport.objects.get())
    assert "Chair 0" in text
    assert "1 row has problems" in text
    assert "Create 2 pins" in text
    assert not Pin.objects.exists()


def test_rows_are_pasted(team, alice):
    response = alice.post(LIST, {"text": "Title\tLibrary file\tBoard\nOak\toak.jpg\tChairs"}, follow=True)

    assert "Create 1 pin" in response.content.decode()
    assert PinImport.objects.get().file_name == "Pasted rows"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (picture_bytes(), "This is not a table."),
        (b"Title,title\nOak,Ash", "is there twice"),
        (b"Title,Board", "a header but no rows"),
        (b"x" * (5 * 1024**2 + 1), "5 MB are allowed"),
    ],
    ids=["empty", "picture", "twice", "no rows", "large"],
)
def test_what_is_refused_is_said_at_the_file_and_nothing_is_written(team, alice, content, sentence):
    response = upload(alice, content)

    assert sentence in response.content.decode()
    assert not PinImport.objects.exists()


def test_pasted_rows_stay_when_they_are_refused(team, alice):
    response = alice.post(LIST, {"text": 'Title,Board\n"Oak,Chairs'})

    assert "is never closed" in response.content.decode()
    assert "Oak,Chairs" in response.content.decode()


def test_columns_and_defaults_can_be_chosen(team, alice):
    pin_import = imported(team, {"What": "Oak", "File": "oak.jpg"})

    response = alice.post(
        page(pin_import),
        {
            "destination": "draft",
            "empty_date": "draft",
            "time_zone": "UTC",
            "board": team.board.pk,
            "column-0": "title",
            "column-1": "library_file",
        },
        follow=True,
    )

    assert "Create 1 pin" in response.content.decode()
    assert pin_import.rows.get().problems == []


def test_a_column_cannot_be_chosen_twice(team, alice):
    pin_import = imported(team, {"What": "Oak", "File": "oak.jpg"})
    settings = {"destination": "draft", "empty_date": "draft", "time_zone": "UTC"}

    response = alice.post(page(pin_import), {**settings, "column-0": "title", "column-1": "title"})

    assert "chosen for two columns" in response.content.decode()


def test_a_cell_is_corrected_in_its_row(team, alice):
    pin_import = imported(team, *rows(2, Board="Cheirs"))

    alice.post(row_url(pin_import), {"action": "cell", "key": "board", "value": "Chairs"})

    assert [row.has_problems for row in pin_import.rows.all()] == [False, True]


def test_a_row_that_is_corrected_in_place_comes_back_with_the_counts(team, alice):
    pin_import = imported(team, *rows(2, Board="Cheirs"))

    body = {"action": "cell", "key": "board", "value": "Chairs", "show": "problems"}
    response = alice.post(row_url(pin_import), body, headers={"HX-Request": "true"})

    text = response.content.decode()
    assert 'id="row-2"' in text
    assert "Create 1 pin" in text
    assert "Problems 1" in text


def test_one_click_on_a_board_corrects_all_equal_rows(team, alice):
    pin_import = imported(team, *rows(3, Board="Cheirs"))

    response = alice.post(
        row_url(pin_import, 3), {"action": "all", "key": "board", "value": "Chairs"}, headers={"HX-Request": "true"}
    )

    assert response.headers["HX-Refresh"] == "true"
    assert not pin_import.rows.filter(has_problems=True).exists()


def test_a_reading_of_dates_counts_for_the_whole_file(team, alice):
    year = timezone.now().year + 1
    pin_import = imported(team, *rows(2, Publish_date=f"3/4/{year}"))

    alice.post(row_url(pin_import), {"action": "date_order", "key": "publish_at", "value": "dmy"})

    pin_import.refresh_from_db()
    assert pin_import.date_order == "dmy"
    assert "date_unreadable" not in str(list(pin_import.rows.values_list("problems", flat=True)))


def test_all_cells_of_a_row_can_be_changed_and_those_beyond_the_header_go(team, alice):
    pin_import = imported(team, b"Title,Library file,Board\nOak, the chair,oak.jpg,Chairs")

    alice.post(
        row_url(pin_import), {"action": "row", "title": "Oak, the chair", "library_file": "oak.jpg", "board": "Chairs"}
    )

    assert pin_import.rows.get().cells[:3] == ["Oak, the chair", "oak.jpg", "Chairs"]
    assert pin_import.rows.get().problems == []


def test_pins_are_created_by_the_workers_and_the_page_follows(team, alice):
    pin_import = imported(team, *rows(2))
    assert "Creating pins: 0 done, 2 left" in start(alice, pin_import).content.decode()

    jobs.work_on(pin_import.pk, timezone.now())

    poll = alice.get(page(pin_import), {"state": "creating 0"}, headers={"HX-Request": "true"})
    assert poll.headers["HX-Refresh"] == "true"
    assert "2 pins created." in alice.get(page(pin_import)).content.decode()


def test_polling_an_import_that_has_not_moved_answers_nothing(team, alice):
    pin_import = imported(team, *rows(2))
    start(alice, pin_import)

    response = alice.get(page(pin_import), {"state": "creating 0"}, headers={"HX-Request": "true"})

    assert response.status_code == 204


def test_the_same_file_asks_before_it_makes_pins_again(team, alice):
    created(team, alice)
    again = imported(team, *rows(2))
    assert "created from the same file" in alice.get(page(again)).content.decode()

    assert "Tick the box" in start(alice, again).content.decode()
    again.refresh_from_db()
    assert again.status == ImportStatus.REVIEW
    start(alice, again, again="1")
    again.refresh_from_db()
    assert again.status == ImportStatus.CREATING


def test_corrected_rows_continue_their_import(team, alice):
    pin_import = imported(team, *rows(1), *rows(2, Board="Cheirs"), name="Our plan.csv")
    start(alice, pin_import)
    jobs.work_on(pin_import.pk, timezone.now())
    response = alice.get(reverse("pins:import_problems", args=[pin_import.pk]))
    text = response.content.decode()
    assert text.count("There is no board") == 2
    assert "our-plan-problems.csv" in response["Content-Disposition"]

    upload(alice, text.replace("Cheirs", "Chairs").encode(), "our-plan-problems.csv")

    assert PinImport.objects.count() == 1
    assert [row.has_problems for row in pin_import.rows.all()] == [False, False, False]
    assert [row.status for row in pin_import.rows.all()] == [RowStatus.CREATED, RowStatus.OPEN, RowStatus.OPEN]
    start(alice, pin_import)
    jobs.work_on(pin_import.pk, timezone.now())
    assert Pin.objects.count() == 3


def test_corrected_rows_of_an_import_that_is_gone_are_an_import_of_their_own(team, alice):
    pin_import = imported(team, *rows(1, Board="Cheirs"))
    text = alice.get(reverse("pins:import_problems", args=[pin_import.pk])).content
    pin_import.delete()

    upload(alice, text)

    assert "Problem" not in PinImport.objects.get().header


def test_unsent_pins_of_an_import_are_deleted_and_others_stay(team, alice):
    pin_import = created(team, alice, 3)
    sent = Pin.objects.first()
    Pin.objects.filter(pk=sent.pk).update(
        status=PinStatus.PUBLISHED, pinterest_pin_id="81", published_at=timezone.now()
    )
    other = PinFactory(board=team.board, status=PinStatus.DRAFT)
    url = reverse("pins:import_delete", args=[pin_import.pk])
    assert "Delete the 2 unpublished pins" in alice.get(url).content.decode()

    alice.post(url, {"what": "pins"})

    assert set(Pin.objects.all()) == {sent, other}
    assert set(pin_import.rows.values_list("status", flat=True)) == {RowStatus.CREATED}


def test_pins_of_an_import_cannot_be_deleted_at_once_after_a_week(team, alice):
    pin_import = created(team, alice)
    PinImport.objects.update(pins_created_at=timezone.now() - timedelta(days=8))

    alice.post(reverse("pins:import_delete", args=[pin_import.pk]), {"what": "pins"})

    assert Pin.objects.count() == 2


def test_an_import_that_is_worked_on_cannot_be_changed_or_deleted(team, alice):
    pin_import = imported(team, *rows(2))
    start(alice, pin_import)

    said = [
        alice.post(row_url(pin_import), {"action": "skip"}, follow=True),
        alice.post(reverse("pins:import_delete", args=[pin_import.pk]), {"what": "import"}, follow=True),
    ]

    assert all("being worked on" in response.content.decode() for response in said)
    assert PinImport.objects.exists()


@pytest.mark.parametrize("count", [2, 30])
def test_a_page_of_rows_costs_the_same_queries(team, alice, count, django_assert_max_num_queries):
    pin_import = imported(team, *rows(count, Board="Cheirs"))

    with django_assert_max_num_queries(25):
        alice.get(page(pin_import))
