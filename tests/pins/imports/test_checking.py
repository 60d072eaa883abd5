"""The dry run: what is wrong with the rows of a file, by the composer's rules and those of files."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import BoardSection
from pins.imports import services
from pins.imports.lookups import media_key
from pins.models import Destination, EmptyDate, PinImportMedia, PinStatus
from tests.factories import (
    BoardFactory,
    MediaFileFactory,
    PinFactory,
    PinterestAccountFactory,
    VideoFileFactory,
    WorkspaceFactory,
)

from .helpers import NOW, PINTEREST, codes, csv_bytes, imported, messages


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(autouse=True)
def chairs(team):
    """A board “Chairs” with a section, and a picture in the library."""
    MediaFileFactory(workspace=team.workspace, original_name="oak-chair.jpg")
    team.board.name, team.board.sections_synced_at = "Chairs", NOW
    team.board.save()
    return BoardSection.objects.create(board=team.board, pinterest_id="1", name="Oak")


def row(**columns):
    named = {key.replace("_", " "): value for key, value in columns.items()}
    return {"Title": "Oak chair", "Library file": "oak-chair.jpg", "Board": "Chairs", **named}


def plans(pin_import):
    return services.check_again(pin_import, NOW)


def test_a_complete_row_has_no_problem(team):
    pin_import = imported(team, row(Publish_date="2027-03-01T10:00:00", Link="https://example.com/chair"))

    (plan,) = plans(pin_import)
    assert codes(pin_import) == {}
    assert plan.publish_at == datetime(2027, 3, 1, 9, tzinfo=UTC)
    assert plan.destination == Destination.SCHEDULE
    assert plan.composition.board == team.board


def test_times_of_pinterests_own_format_are_in_utc(team):
    pin_import = imported(
        team, csv_bytes(PINTEREST, ["Oak", "oak-chair.jpg", "Chairs", "", "", "", "2027-03-01T10:00:00", "oak, wood"])
    )

    (plan,) = plans(pin_import)
    assert codes(pin_import) == {}
    assert plan.publish_at == datetime(2027, 3, 1, 10, tzinfo=UTC)
    assert plan.keywords == "oak, wood"


@pytest.mark.parametrize("board", ["chairs", " Chairs ", "CHAIRS", "Chairs/oak", "Chairs / Oak"])
def test_a_board_is_found_whatever_its_case_and_blanks(team, board, chairs):
    (plan,) = plans(imported(team, row(Board=board)))

    assert plan.composition.board == team.board
    assert plan.composition.section == (chairs if "/" in board else None)


def test_a_board_whose_name_has_a_slash_is_no_section(team):
    other = BoardFactory(account=team.account, name="Chairs/Tables")

    (plan,) = plans(imported(team, row(Board="chairs/tables")))

    assert plan.composition.board == other


WRONG = {
    "board": (row(Board="Cheirs"), ["board_unknown"]),
    "no board": (row(Board=""), ["board_required"]),
    "section": (row(Board="Chairs/Oack"), ["section_unknown"]),
    "account": (row(Account="nobody"), ["account_unknown"]),
    "title": (row(Title="x" * 101), ["title_too_long"]),
    "description": (row(Description="x" * 501), ["description_too_long"]),
    "alt text": (row(Alt_text="x" * 501), ["alt_text_too_long"]),
    "link": (row(Link="example.com"), ["link_invalid"]),
    "color": (row(Color="red"), ["dominant_color_invalid"]),
    "no such day": (row(Publish_date="2027-02-30T10:00:00"), ["date_unreadable"]),
    "two readings": (row(Publish_date="3/4/2027"), ["date_unreadable"]),
    "last week": (row(Publish_date="2027-01-08"), ["date_past"]),
    "far": (row(Publish_date="2028-03-01"), ["publish_at_far?"]),
    "no media": (row(Library_file=""), ["attachment_required"]),
    "no such file": (row(Library_file="table.jpg"), ["library_file_unknown"]),
    "share page": (row(Library_file="", Media_URL="https://drive.google.com/file/d/1/view"), ["media_not_a_file"]),
}


@pytest.mark.parametrize(("cells", "expected"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_has_a_code(team, cells, expected):
    assert codes(imported(team, cells)) == {2: expected}


def test_the_three_nearest_boards_are_offered(team):
    for name in ("Cheese", "Stairs", "Lamps", "Gardens"):
        BoardFactory(account=team.account, name=name)
    pin_import = imported(team, row(Board="Chaires"))

    (problem,) = pin_import.rows.get().problems
    assert [choice["label"] for choice in problem["choices"]][0] == "Chairs"
    assert len(problem["choices"]) == 3


def test_a_misspelt_section_offers_the_right_one_in_its_cell(team):
    (problem,) = imported(team, row(Board="Chairs/Oack")).rows.get().problems

    assert problem["field"] == "board"
    assert problem["choices"][0]["value"] == "Chairs/Oak"


def test_a_board_of_two_accounts_is_ambiguous_until_an_account_is_chosen(team):
    other = PinterestAccountFactory(workspace=team.workspace, username="second")
    BoardFactory(account=other, name="Chairs")
    pin_import = imported(team, row(), row(Title="Ash", Account="@Second"))

    assert codes(pin_import) == {2: ["board_ambiguous"]}
    assert codes(imported(team, row(), account=team.account)) == {}


def test_boards_and_files_of_other_workspaces_do_not_exist(team):
    BoardFactory(account=PinterestAccountFactory(workspace=WorkspaceFactory()), name="Secret")
    MediaFileFactory(workspace=WorkspaceFactory(), original_name="secret.jpg")

    assert codes(imported(team, row(Board="Secret"), row(Library_file="secret.jpg"))) == {
        2: ["board_unknown"],
        3: ["library_file_unknown"],
    }


def test_both_readings_are_offered_for_the_whole_file(team):
    pin_import = imported(team, row(Publish_date="3/4/2027"), row(Title="Ash", Publish_date="25/4/2027"))

    assert codes(pin_import) == {2: ["date_unreadable"]}
    (problem,) = pin_import.rows.get(number=2).problems
    assert [(choice["value"], choice["target"]) for choice in problem["choices"]] == [
        ("dmy", "date_order"),
        ("mdy", "date_order"),
    ]
    assert codes(imported(team, row(Publish_date="3/4/2027"), date_order="dmy")) == {}


def test_a_file_with_several_files_of_a_name_asks_for_an_address(team):
    MediaFileFactory(workspace=team.workspace, original_name="oak-chair.jpg", content=b"another")

    assert codes(imported(team, row())) == {2: ["library_file_ambiguous"]}


def test_a_row_with_an_unquoted_comma_is_told(team):
    text = b"Title,Library file,Board\nOak, the chair,oak-chair.jpg,Chairs\nAsh,oak-chair.jpg,Chairs,,"

    assert codes(imported(team, text)) == {2: ["too_many_cells"]}


def test_the_header_again_in_line_120_is_told(team):
    lines = ["Title,Library file,Board"] + [f"Oak {n},oak-chair.jpg,Chairs" for n in range(118)]

    assert codes(imported(team, "\n".join([*lines, lines[0], "Ash,oak-chair.jpg,Chairs"]).encode())) == {
        120: ["header_repeated"]
    }


def test_rows_that_repeat_each_other_are_told(team):
    pin_import = imported(
        team,
        *(row(Title=f"Chair {n}", Link=f"https://example.com/{n}") for n in range(2)),
        row(Title="Third", Link="https://EXAMPLE.com/0"),
        row(Title="Chair 1", Link="https://example.com/1"),
    )

    assert codes(pin_import) == {4: ["link_repeated?"], 5: ["row_repeated"]}
    assert "Row 2" in messages(pin_import, 4)[0]


def test_a_formula_is_a_title(team):
    (plan,) = plans(imported(team, row(Title='=HYPERLINK("x")')))

    assert plan.composition.title == '=HYPERLINK("x")'


def test_more_pins_a_day_than_wanted_are_told(team):
    team.account.pins_per_day = 2
    team.account.save()
    PinFactory(board=team.board, publish_at=NOW + timedelta(days=1), status=PinStatus.SCHEDULED)

    pin_import = imported(team, *(row(Title=f"Chair {n}", Publish_date="2027-01-16T10:00") for n in range(3)))

    over = [number for number, found in codes(pin_import).items() if "over_day_limit?" in found]
    assert over == [3, 4]


def test_rows_too_near_to_pins_or_to_each_other_are_told(team):
    PinFactory(board=team.board, publish_at=NOW + timedelta(days=1), link_key="https://example.com/oak")
    days = {"oak": "2027-01-16T10:00", "ash": "2027-03-16T10:00", "elm": "2027-03-17T10:00"}
    content = [row(Title=name, Link="https://example.com/oak", Publish_date=at) for name, at in days.items()]

    found = {plan.row.number: plan.problems for plan in plans(imported(team, *content))}

    near = {number: [each for each in problems if each.code == "same_link"] for number, problems in found.items()}
    assert [len(each) for each in near.values()] == [1, 1, 1]
    assert "is planned for Wed 17 Mar 2027" in near[3][0].message
    assert all(problem.is_warning for problems in found.values() for problem in problems)


def test_five_hundred_rows_are_compared_in_three_queries(team):
    def queries(count):
        links = [f"https://example.com/{number}" for number in range(count)]
        pin_import = imported(team, *(row(Title=link, Link=link, Publish_date="2027-03-16") for link in links))
        with CaptureQueriesContext(connection) as captured:
            plans(pin_import)
        return [query["sql"] for query in captured if 'FROM "pins_pin"' in query["sql"]]

    assert len(queries(500)) == len(queries(2)) == 3


def test_a_row_without_a_date_is_what_the_file_says_and_never_now(team):
    content = [row(Publish_date="2027-03-01"), row(Title="Ash")]
    wanted = {
        (Destination.SCHEDULE, EmptyDate.DRAFT): Destination.DRAFT,
        (Destination.SCHEDULE, EmptyDate.QUEUE): Destination.QUEUE,
        (Destination.PROPOSE, EmptyDate.DRAFT): Destination.DRAFT,
        (Destination.QUEUE, EmptyDate.DRAFT): Destination.QUEUE,
    }
    for (destination, empty_date), expected in wanted.items():
        pin_import = imported(team, *content, destination=destination, empty_date=empty_date)
        assert plans(pin_import)[1].destination == expected


def test_a_row_that_says_draft_stays_one(team):
    (plan,) = plans(imported(team, row(Publish_date="2027-03-01", Status="Draft")))

    assert (plan.destination, plan.publish_at.day) == (Destination.DRAFT, 28)


def test_keywords_are_added_where_there_is_room(team):
    rows = [row(Description="A chair.", Keywords="oak"), row(Title="Ash", Description="x" * 499, Keywords="ash")]
    pin_import = imported(team, *rows, appends_keywords=True)

    assert plans(pin_import)[0].composition.description == "A chair.\n\noak"
    assert codes(pin_import) == {3: ["keywords_too_long?"]}


def test_media_of_the_web_wait_until_they_are_fetched_and_equal_addresses_are_one(team):
    address = "https://example.com/oak-chair.jpg"
    pin_import = imported(team, *(row(Title=f"Chair {n}", Library_file="", Media_URL=address) for n in range(3)))

    assert codes(pin_import) == {}
    assert [each.needs_media for each in pin_import.rows.all()] == [True] * 3
    assert pin_import.media.get().address == address


def test_media_that_could_not_be_fetched_are_told_in_each_row(team):
    address = "https://example.com/oak-chair.jpg"
    pin_import = imported(team, *(row(Title=f"Chair {n}", Library_file="", Media_URL=address) for n in range(2)))
    for code, expected in {"link_gone": "media_unreachable", "link_no_file": "media_not_a_file"}.items():
        PinImportMedia.objects.update(code=code, message="It is not there.")
        services.check_again(pin_import, NOW)
        assert codes(pin_import) == {2: [expected], 3: [expected]}


def test_a_video_needs_a_thumbnail_and_a_readable_one(team):
    video = VideoFileFactory(workspace=team.workspace, original_name="oak.mp4")
    frame = MediaFileFactory(workspace=team.workspace, original_name="frame.jpg", content=b"frame")
    rows = [
        row(Library_file="oak.mp4"),
        row(Title="Second", Library_file="oak.mp4", Thumbnail="1:99"),
        row(Title="Third", Library_file="oak.mp4", Thumbnail="0:05"),
        row(Title="Fourth", Library_file="oak.mp4", Cover_URL="frame.jpg"),
    ]
    pin_import = imported(team, *rows)

    assert codes(pin_import) == {2: ["cover_missing"], 3: ["thumbnail_unreadable"]}
    assert [each.needs_media for each in pin_import.rows.all()] == [False, False, True, False]
    PinImportMedia.objects.filter(key=media_key("oak.mp4", 5.0)).update(media=frame)
    third = plans(pin_import)[2]
    assert [each.media for each in third.composition.attachments] == [video, frame]


def test_a_carousel_has_its_images_in_their_order(team):
    other = MediaFileFactory(workspace=team.workspace, original_name="table.jpg", content=b"other")

    (plan,) = plans(imported(team, row(Media_URL="table.jpg", Media_URL_2="oak-chair.jpg")))

    assert [each.media.original_name for each in plan.composition.attachments] == [other.original_name, "oak-chair.jpg"]


def test_the_address_of_a_file_here_is_not_fetched(team, settings):
    media = MediaFileFactory(workspace=team.workspace, original_name="here.jpg", content=b"here")
    address = f"{settings.PUBLIC_URL}{media.file.url}"

    (plan,) = plans(imported(team, row(Library_file="", Media_URL=address)))

    assert [each.media for each in plan.composition.attachments] == [media]


def test_sections_that_were_never_fetched_are_no_problem_yet(team):
    BoardFactory(account=team.account, name="Lamps", sections_synced_at=None)
    pin_import = imported(team, row(Board="Lamps/Desk"))

    assert codes(pin_import) == {}
    assert pin_import.rows.get().needs_media


@pytest.mark.parametrize("count", [3, 500])
def test_a_dry_run_costs_the_same_queries_for_any_number_of_rows(team, count, django_assert_max_num_queries):
    rows = [
        row(Title=f"Chair {n}", Publish_date="2027-03-01", Link=f"https://example.com/{n}", Board=f"Chairs {n % 7}")
        for n in range(count)
    ]

    with django_assert_max_num_queries(15):
        imported(team, *rows)


def test_words_are_kept_whole_when_a_text_is_shortened(team):
    title = "Oak chair with a high back " * 5
    pin_import = imported(team, row(Title=title))

    services.shorten(pin_import, 2, "title", NOW)

    cell = pin_import.rows.get().cells[0]
    assert codes(pin_import) == {}
    assert len(cell) <= 100
    assert title.startswith(cell.rstrip("…") + " ")


def test_a_choice_counts_for_all_rows_with_the_same_cell(team):
    pin_import = imported(team, *(row(Title=f"Chair {n}", Board="Cheirs") for n in range(3)))

    assert services.set_cell(pin_import, 3, "board", "Chairs", NOW, in_all=True) == 3
    assert codes(pin_import) == {}


def test_a_skipped_row_repeats_nothing(team):
    pin_import = imported(team, row(), row())
    assert codes(pin_import) == {3: ["row_repeated"]}

    services.skip(pin_import, 2, NOW, is_skipped=True)

    assert pin_import.rows.get(number=3).problems == []


def test_a_file_without_a_header_is_read_in_pinterests_order(team):
    pin_import = imported(team, csv_bytes(["Oak", "oak-chair.jpg", "Chairs", "", "A chair", "", "2027-03-01", ""]))

    assert pin_import.mapping[:3] == ["title", "media_url", "board"]
    assert "no header" in pin_import.notes[0]
    assert codes(pin_import) == {}
