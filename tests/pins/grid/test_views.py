"""The table of drafts, as its pages work."""

from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.models import BoardSection, Role
from pins.grid.views import path_of
from pins.models import BulkChange, Pin, PinStatus
from tests.factories import (
    BoardFactory,
    MediaFileFactory,
    MembershipFactory,
    PinFactory,
    PinterestAccountFactory,
    UserFactory,
    VideoFileFactory,
)
from tests.media_bytes import picture_bytes
from tests.page_text import page_text

pytestmark = pytest.mark.django_db

GRID = reverse("pins:grid")
NOW = datetime(2027, 3, 1, 11, 0, tzinfo=UTC)


@pytest.fixture
def drafts(team):
    def make(count=3, **fields):
        fields = {"board": None, "status": PinStatus.DRAFT, "publish_at": None, "workspace": team.workspace} | fields
        return [PinFactory(title=f"Chair {number}", **fields) for number in range(1, count + 1)]

    return make


def fresh(pin):
    return Pin.objects.with_content().get(pk=pin.pk)


def path(*pins):
    return path_of([pin.pk for pin in pins])


def cells(*pins, **typed):
    """What the form posts of these rows, all cells of a column alike."""
    posted = {}
    for pin in map(fresh, pins):
        row = {
            "title": pin.title,
            "description": pin.description,
            "board": pin.board.name if pin.board else "",
            "link": pin.link,
            "alt_text": pin.alt_text,
            "publish_at": f"{pin.publish_at:%Y-%m-%dT%H:%M}" if pin.publish_at else "",
            "version": pin.version,
        } | typed
        posted |= {f"row-{pin.pk}-{name}": value for name, value in row.items()}
    return posted


def test_each_file_becomes_a_draft_with_the_title_that_it_offers(team, alice):
    files = [
        MediaFileFactory(workspace=team.workspace, original_name="oak-chair.jpg", alt_text="A chair of oak"),
        MediaFileFactory(workspace=team.workspace, original_name="IMG_2041.jpg"),
    ]

    response = alice.post(GRID, {"media": [files[1].pk, files[0].pk]})

    pins = list(Pin.objects.order_by("pk").with_content())
    assert response.headers["Location"] == path(*pins)
    assert [(pin.title, pin.alt_text, pin.status) for pin in pins] == [
        ("", "", "draft"),
        ("Oak chair", "A chair of oak", "draft"),
    ]
    assert [pin.media_files for pin in pins] == [[files[1]], [files[0]]]
    assert [pin.picture_key for pin in pins] == [files[1].sha256, files[0].sha256]
    assert [pin.events.get().by for pin in pins] == [team.alice, team.alice]


def test_without_scripts_the_files_come_with_the_form(team, alice):
    uploads = [SimpleUploadedFile(f"{name}.jpg", picture_bytes(300 + n, 450)) for n, name in enumerate(["oak", "elm"])]

    page = alice.post(GRID, {"file": [*uploads, SimpleUploadedFile("notes.txt", b"words")]}, follow=True)

    assert [str(row.pin) for row in page.context["rows"]] == ["Oak", "Elm"]
    assert "notes.txt" in page_text(page)


def test_no_files_make_nothing(alice):
    page = alice.post(GRID, {"next": reverse("pins:media_list")}, follow=True)

    assert "Choose images first." in page_text(page)
    assert page.request["PATH_INFO"] == reverse("pins:media_list")


def test_too_many_files_make_nothing(team, alice, monkeypatch):
    monkeypatch.setattr("pins.grid.services.MOST_ROWS", 2)
    files = [MediaFileFactory(workspace=team.workspace) for _ in range(3)]

    page = alice.post(GRID, {"media": [media.pk for media in files]}, follow=True)

    assert "You chose more than 2 files" in page_text(page)
    assert not Pin.objects.exists()


def test_many_drafts_are_made_in_few_queries(team, alice, django_assert_max_num_queries):
    files = [MediaFileFactory(workspace=team.workspace) for _ in range(30)]

    with django_assert_max_num_queries(16):
        alice.post(GRID, {"media": [media.pk for media in files]})

    assert Pin.objects.count() == 30


def test_the_page_needs_few_queries_however_many_rows_it_has(team, alice, drafts, django_assert_max_num_queries):
    account = PinterestAccountFactory(workspace=team.workspace)
    pins = [pin for board in (None, team.board, BoardFactory(account=account)) for pin in drafts(10, board=board)]

    with django_assert_max_num_queries(15):
        page = alice.get(path(*pins))

    assert len(page.context["rows"]) == 30


def test_a_row_says_what_is_missing(alice, drafts):
    [pin] = drafts(1, link="example.com")

    text = page_text(alice.get(path(pin)))

    assert "Choose a board for the pin." in text
    assert "should be a web address" in text


def test_a_row_is_saved_as_a_draft_with_its_version(team, alice, drafts):
    [pin] = drafts(1, dominant_color="#aabbcc")
    typed = {"title": "Oak", "board": "CHAIRS", "link": "https://example.com/oak", "publish_at": "2027-04-01T08:30"}
    team.board.name = "Chairs"
    team.board.save()

    response = alice.post(reverse("pins:grid_row", args=[pin.pk]), cells(pin, **typed))

    saved = fresh(pin)
    assert (saved.title, saved.board, saved.link, saved.dominant_color) == (
        "Oak",
        team.board,
        "https://example.com/oak",
        "#aabbcc",
    )
    local = saved.publish_at.astimezone(team.workspace.zone)
    assert (local.hour, local.minute, saved.status, saved.version) == (8, 30, "draft", 2)
    assert "Saved" in page_text(response)
    assert f'name="row-{pin.pk}-version" value="2"' in response.content.decode()


def test_a_row_without_changes_is_not_written(alice, drafts):
    [pin] = drafts(1, publish_at=datetime(2027, 4, 1, 8, 0, 42, tzinfo=UTC))
    form = alice.get(path(pin)).context["rows"][0].form

    alice.post(
        reverse("pins:grid_row", args=[pin.pk]),
        {form.add_prefix(name): form[name].value() or "" for name in form.fields},
    )

    assert (fresh(pin).version, fresh(pin).publish_at) == (1, pin.publish_at)


def test_a_cell_that_is_not_sent_stays_as_it_is(alice, drafts):
    [pin] = drafts(1, description="By hand", link="https://example.com/")

    alice.post(reverse("pins:grid_row", args=[pin.pk]), {f"row-{pin.pk}-title": "Oak", f"row-{pin.pk}-version": "1"})

    assert (fresh(pin).title, fresh(pin).description, fresh(pin).link) == ("Oak", "By hand", "https://example.com/")


def test_what_cannot_be_read_stops_no_other_cell(team, alice, drafts):
    [pin] = drafts(1, board=team.board)

    page = alice.post(path(pin), cells(pin, title="Oak", board="Chars", publish_at="tomorrow") | {"step": "save"})

    assert (fresh(pin).title, fresh(pin).board, fresh(pin).publish_at) == ("Oak", team.board, None)
    text = page_text(page)
    assert f"“Chars” is none of your boards. The nearest names are “{team.board.name}”." in text
    assert "Enter the date and time like this" in text
    assert 'value="Chars"' in page.content.decode()


def test_a_row_that_was_saved_but_for_a_cell_is_not_called_refused(team, alice, drafts):
    [pin] = drafts(1)

    text = page_text(
        alice.post(reverse("pins:grid_row", args=[pin.pk]), cells(pin, title="Oak", board="No such board"))
    )

    assert '<p class="grid__saved" role="status">Saved' in text
    assert "is none of your boards" in text


def test_a_board_may_be_named_with_its_section(team, alice, drafts):
    [pin] = drafts(1)
    section = BoardSection.objects.create(board=team.board, name="Oak", pinterest_id="1")

    alice.post(reverse("pins:grid_row", args=[pin.pk]), cells(pin, board=f"{team.board.name}/ oak"))

    assert (fresh(pin).board, fresh(pin).section) == (team.board, section)
    assert alice.get(path(pin)).context["rows"][0].form["board"].value() == f"{team.board.name} / Oak"


def test_boards_of_one_name_are_told_apart_by_their_accounts(team, alice, drafts):
    [pin] = drafts(1)
    other = BoardFactory(account=PinterestAccountFactory(workspace=team.workspace, username="other"), name="Chairs")
    team.board.name = "Chairs"
    team.board.save()

    refused = alice.post(reverse("pins:grid_row", args=[pin.pk]), cells(pin, board="Chairs"))
    alice.post(reverse("pins:grid_row", args=[pin.pk]), cells(pin, board="Chairs (@other)"))

    assert "More than one board is called “Chairs”." in page_text(refused)
    assert fresh(pin).board == other


def test_a_change_of_another_user_is_not_overwritten_unless_that_is_asked(alice, drafts, team):
    [pin] = drafts(1)
    typed = cells(pin, title="Mine")
    Pin.objects.filter(pk=pin.pk).update(title="Theirs", version=2)
    url = reverse("pins:grid_row", args=[pin.pk])

    response = alice.post(url, typed)
    again = alice.post(url, typed)

    assert fresh(pin).title == "Theirs"
    assert "Not saved:" in page_text(response) and "Title: Theirs" in page_text(response)
    # What was typed on top of the old version stays a conflict until it is settled.
    assert f'name="row-{pin.pk}-version" value="1"' in again.content.decode()
    alice.post(url, typed | {f"row-{pin.pk}-replaces": "2"})
    assert fresh(pin).title == "Mine"


def test_a_pin_that_is_no_draft_anymore_is_left_alone(team, alice, drafts):
    [pin] = drafts(1)
    typed = cells(pin, title="Mine")
    place = {"board": team.board, "account": team.account, "publish_at": NOW, "next_attempt_at": NOW}
    Pin.objects.filter(pk=pin.pk).update(status=PinStatus.SCHEDULED, **place)

    response = alice.post(reverse("pins:grid_row", args=[pin.pk]), typed)
    page = alice.get(path(pin))

    assert (fresh(pin).title, fresh(pin).status) == ("Chair 1", "scheduled")
    assert "no longer a draft" in page_text(response)
    assert f"row-{pin.pk}-title" not in page.content.decode()


def test_filling_down_gives_empty_cells_what_stands_above(team, alice, drafts):
    pins = drafts(5)
    typed = cells(*pins)
    for number, board in ((1, "Chairs"), (3, "Tables")):
        BoardFactory(account=team.account, name=board)
        typed[f"row-{pins[number].pk}-board"] = board

    response = alice.post(path(*pins), typed | {"step": "fill:board"})

    assert response.headers["Location"] == path(*pins)
    assert [str(fresh(pin).board or "") for pin in pins] == ["", "Chairs", "Chairs", "Tables", "Tables"]


def test_filling_all_gives_every_row_what_the_first_one_has(alice, drafts):
    pins = drafts(3)

    alice.post(path(*pins), cells(*pins) | {"step": "fill_all:title"})

    assert [fresh(pin).title for pin in pins] == ["Chair 1"] * 3


def test_an_unknown_column_is_filled_with_nothing(alice, drafts):
    pins = drafts(2)

    assert alice.post(path(*pins), cells(*pins) | {"step": "fill:version"}).status_code == 302
    assert [fresh(pin).version for pin in pins] == [1, 1]


def test_without_scripts_there_are_twenty_rows_a_page(alice, drafts):
    pins = drafts(23)

    all_rows = alice.get(path(*pins))
    page = alice.get(f"{path(*pins)}&page=2")

    assert '<noscript><meta http-equiv="refresh"' in all_rows.content.decode()
    assert len(all_rows.context["rows"]) == 23
    assert [(row.number, row.pin) for row in page.context["rows"]] == list(zip([21, 22, 23], pins[20:], strict=True))
    alice.post(f"{path(*pins)}&page=2", cells(*pins[20:], description="By hand") | {"step": "save"})
    assert [fresh(pin).description for pin in (pins[19], pins[20], pins[22])] == [
        pins[19].description,
        *["By hand"] * 2,
    ]
    refused = alice.post(f"{path(*pins)}&page=2", cells(*pins[20:], board="No such board") | {"step": "save"})
    assert [row.number for row in refused.context["rows"]] == [21, 22, 23]


@pytest.mark.parametrize("step", ["queue", "spread", "times"])
def test_the_rows_are_handed_over_in_their_order_after_they_are_saved(alice, drafts, step):
    pins = drafts(3)[::-1]

    response = alice.post(path(*pins), cells(*pins, description="By hand") | {"step": step})

    change = BulkChange.objects.get()
    assert response.headers["Location"] == reverse("pins:bulk_change", args=[change.pk])
    assert (change.action, change.keys) == (step, [pin.pk for pin in pins])
    assert {fresh(pin).description for pin in pins} == {"By hand"}


def test_only_the_ticked_rows_are_handed_over(alice, drafts):
    pins = drafts(3)

    alice.post(path(*pins), cells(*pins) | {"step": "queue", "ticked": [pins[2].pk, pins[0].pk]})

    assert BulkChange.objects.get().keys == [pins[0].pk, pins[2].pk]


def test_nothing_is_handed_over_while_a_row_is_not_saved(alice, drafts):
    pins = drafts(2)

    page = alice.post(path(*pins), cells(*pins, board="Nowhere") | {"step": "queue"})

    assert page.status_code == 200
    assert not BulkChange.objects.exists()


def test_ticked_rows_become_a_carousel_whose_images_keep_their_texts(alice, drafts):
    first, second, third = drafts(3)
    Pin.objects.filter(pk=second.pk).update(link="https://example.com/2")
    files = [fresh(pin).media_files[0] for pin in (first, second)]

    ticked = {"step": "carousel", "ticked": [first.pk, second.pk]}
    response = alice.post(path(first, second, third), cells(first, second, third) | ticked)

    assert response.headers["Location"] == path(first, third)
    made = fresh(first)
    assert made.media_files == files
    assert [(each.title, each.link) for each in made.attachments.all()] == [
        ("", ""),
        ("Chair 2", "https://example.com/2"),
    ]
    assert not Pin.objects.filter(pk=second.pk).exists()
    assert "2 rows are one carousel now." in page_text(alice.get(path(first, third)))


@pytest.mark.parametrize(
    ("count", "video", "sentence"),
    [
        (1, False, "Tick 2 to 5 rows"),
        (6, False, "up to 5 images; the ticked rows have 6"),
        (2, True, "one of the ticked rows has a video"),
    ],
)
def test_what_makes_no_carousel_stays_as_it_is(team, alice, drafts, count, video, sentence):
    pins = drafts(count)
    if video:
        pins[1].attachments.update(media=VideoFileFactory(workspace=team.workspace))

    ticked = {"step": "carousel", "ticked": [pin.pk for pin in pins]}
    page = alice.post(path(*pins), cells(*pins) | ticked, follow=True)

    assert sentence in page_text(page)
    assert Pin.objects.count() == count


def test_the_same_image_is_once_in_a_carousel(team, alice, drafts):
    pins = drafts(2)
    pins[1].attachments.update(media=pins[0].media_files[0])

    ticked = {"step": "carousel", "ticked": [pin.pk for pin in pins]}
    page = alice.post(path(*pins), cells(*pins) | ticked, follow=True)

    assert "have the same image" in page_text(page)


def test_pins_of_other_workspaces_are_not_among_the_rows(team, alice, drafts):
    [pin] = drafts(1)
    foreign = PinFactory(status=PinStatus.DRAFT)

    assert [row.pin for row in alice.get(path(foreign, pin)).context["rows"]] == [pin]
    assert alice.get(path(foreign)).status_code == 404
    assert alice.get(f"{GRID}?pins=").status_code == 404


def test_an_editor_whose_pins_need_an_approval_is_told_so(team, client, drafts):
    team.workspace.requires_approval = True
    team.workspace.save()
    editor = MembershipFactory(workspace=team.workspace, user=UserFactory(), role=Role.EDITOR).user
    client.force_login(editor)

    text = page_text(client.get(path(*drafts(1))))

    assert "An admin approves the pins before they're published." in text
