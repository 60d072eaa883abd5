"""Pins as files for Pinterest's own importer, and back again."""

import csv
import gc
import io
import weakref
import zipfile
from datetime import UTC, datetime

import pytest
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pins.exports import parts, selection
from pins.exports.rows import cells_of
from pins.imports import services
from pins.imports.checking import plans_of
from pins.imports.reading.files import read_file
from pins.models import Pin, PinStatus
from pins.rules.texts import clean_text
from tests.factories import AttachmentFactory, MediaFileFactory, PinFactory, VideoFileFactory

NOW = datetime(2027, 1, 15, 11, 0, tzinfo=UTC)
PINTEREST = reverse("pins:export_pinterest")
PAGE = reverse("pins:export_page")
EVERYTHING = reverse("analytics:plan_csv")


@pytest.fixture(autouse=True)
def public(settings):
    settings.PUBLIC_URL = "https://pins.example.com"


def content(response):
    return b"".join(response.streaming_content) if response.streaming else response.content


def rows(text):
    return list(csv.reader(io.StringIO(text.decode(), newline="")))


def test_pinterests_file_has_its_columns_and_times_in_utc(team, alice):
    pin = PinFactory(
        board=team.board,
        status=PinStatus.SCHEDULED,
        title='Oak, "by hand"',
        publish_at=NOW,
        keywords="oak",
        link="https://example.com/1",
    )

    text = content(alice.get(PINTEREST))

    assert text.startswith(b"Title,Media URL,Pinterest board,Thumbnail,Description,Link,Publish date,Keywords\r\n")
    assert b'"Oak, ""by hand""",https://pins.example.com/files/' in text
    (_, row) = rows(text)
    assert (row[2], row[5], row[6], row[7]) == (team.board.name, pin.link, "2027-01-15T11:00:00", "oak")


def test_formulas_do_not_run_in_a_spreadsheet(team, alice):
    PinFactory(board=team.board, title='=HYPERLINK("x")')

    assert rows(content(alice.get(PINTEREST)))[1][0] == '\'=HYPERLINK("x")'
    assert b"'=HYPERLINK" in content(alice.get(EVERYTHING))


def test_what_pinterests_importer_cannot_take_is_listed(team, alice, settings):
    PinFactory(board=team.board, title="Nothing", attachments=0)
    carousel = PinFactory(board=team.board, title="Carousel")
    AttachmentFactory(pin=carousel, media=MediaFileFactory(workspace=team.workspace, content=b"2"), position=1)
    PinFactory(board=team.board, title="One")

    text = alice.get(PAGE).content.decode()
    assert "2 left out" in text
    assert "takes no carousels" in text
    assert len(rows(content(alice.get(PINTEREST)))) == 2
    settings.PUBLIC_URL = "http://localhost:8000"
    assert "3 left out" in alice.get(PAGE).content.decode()


def test_more_rows_than_pinterest_takes_become_a_zip_and_one_link_is_once_in_each_file(team, alice, monkeypatch):
    monkeypatch.setattr(parts, "ROWS_PER_FILE", 3)
    for number in range(5):
        PinFactory(board=team.board, title=f"Same {number}", link="https://example.com/same")
        PinFactory(board=team.board, title=f"Other {number}", link=f"https://example.com/{number}")

    archive = zipfile.ZipFile(io.BytesIO(content(alice.get(PINTEREST))))
    files = [rows(archive.read(name))[1:] for name in archive.namelist()]

    assert sum(map(len, files)) == 10
    assert max(map(len, files)) <= 3
    assert all(len({row[5] for row in file}) == len(file) for file in files)


def test_the_filters_of_the_list_hold(team, alice):
    PinFactory(board=team.board, title="Oak", status=PinStatus.DRAFT)
    PinFactory(board=team.board, title="Ash", status=PinStatus.SCHEDULED)

    assert [row[0] for row in rows(content(alice.get(PINTEREST, {"status": "draft"})))[1:]] == ["Oak"]
    assert [row[0] for row in rows(content(alice.get(PINTEREST, {"q": "ash"})))[1:]] == ["Ash"]


def test_a_video_has_its_cover_as_a_thumbnail(team):
    pin = PinFactory(board=team.board, attachments=0)
    AttachmentFactory(pin=pin, media=VideoFileFactory(workspace=team.workspace), position=0)
    AttachmentFactory(pin=pin, media=MediaFileFactory(workspace=team.workspace), position=1)

    cells = cells_of(Pin.objects.with_content().get())

    assert cells["media_url"].endswith(".mp4")
    assert cells["cover_url"].endswith(".jpg")
    assert cells["media_url_2"] == ""


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=90)
GUARDED = st.sampled_from(
    ["=1+1", "'=1", "''-x", "+", "@home", "-5 %", "'quoted'", "a,b;c\td|e", 'say "x"', "two\nlines"]
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(TEXT | GUARDED, min_size=3, max_size=3), minute=st.integers(1, 500_000))
def test_an_export_that_is_imported_is_the_same(team, alice, texts, minute):
    """Of each text what the composer keeps of it; the moment to the second."""
    Pin.objects.all().delete()
    title, description, keywords = map(clean_text, texts)
    at = datetime.fromtimestamp(NOW.timestamp() + minute * 60, UTC)
    pin = PinFactory(
        board=team.board,
        status=PinStatus.SCHEDULED,
        title=title,
        description=description,
        keywords=keywords,
        publish_at=at,
        link="https://example.com/1",
    )

    for address in (PINTEREST, EVERYTHING):
        exported = content(alice.get(address))
        pin_import = services.take_in(
            read_file(exported), exported, workspace=team.workspace, by=team.alice, now=NOW, file_name="x.csv"
        )
        (plan,) = plans_of(pin_import, list(pin_import.rows.all()), NOW)

        if address == EVERYTHING:
            assert [problem.code for problem in plan.problems] == ["pin_unchanged"]
            continue
        composed = plan.composition
        assert (composed.title, composed.description, plan.keywords) == (title, description, keywords)
        assert (plan.publish_at, composed.link, composed.board) == (at, pin.link, pin.board)
        assert [each.media for each in composed.attachments] == pin.media_files
        assert plan.problems == []


def titles(response):
    return sorted(row[0] for row in rows(content(response))[1:])


def test_ticked_pins_are_exported(team, alice):
    pins = [PinFactory(board=team.board, title=title, link="") for title in ("Ash", "Elm", "Oak")]

    page = alice.post(
        reverse("pins:bulk_start"), {"bulk_action": "export", "pins": [pins[0].pk, pins[2].pk]}, follow=True
    )

    assert page.context["count"] == 2
    assert titles(alice.get(PINTEREST + page.context["query"])) == ["Ash", "Oak"]
    assert titles(alice.get(EVERYTHING + page.context["query"])) == ["Ash", "Oak"]


def test_all_that_match_the_filters_of_the_list_are_exported(team, alice):
    for title in ("Ash", "Oak 1", "Oak 2"):
        PinFactory(board=team.board, title=title, link="")

    body = {"bulk_action": "export", "all": "1", "query": "q=oak&sort=latest"}
    page = alice.post(reverse("pins:bulk_start"), body, follow=True)

    assert titles(alice.get(PINTEREST + page.context["query"])) == ["Oak 1", "Oak 2"]


def test_without_a_tick_nothing_is_exported(team, alice):
    PinFactory(board=team.board)

    page = alice.post(reverse("pins:bulk_start"), {"bulk_action": "export"}, follow=True)

    assert "Select pins first." in page.content.decode()


@pytest.mark.parametrize("keys", ["x", "0", "9" * 30, ",", "1\0"])
def test_keys_that_are_none_export_nothing(team, alice, keys):
    PinFactory(board=team.board)

    assert alice.get(PAGE, {"pins": keys}).context["count"] == 0


def test_pins_of_another_workspace_are_not_exported(team, alice):
    foreign = PinFactory()

    assert alice.get(PAGE, {"pins": foreign.pk}).context["count"] == 0


def test_the_calendar_exports_the_pins_of_its_days_with_its_filters(team, alice):
    for title, day in (("Oak in May", "2027-05-31"), ("Ash in May", "2027-05-01"), ("Oak in July", "2027-07-09")):
        PinFactory(board=team.board, title=title, link="", publish_at=datetime.fromisoformat(f"{day}T12:00:00Z"))

    page = alice.get(reverse("pins:calendar"), {"view": "list", "on": "2027-05-10", "q": "oak"})
    url = page.context["links"]["export"]

    assert url in page.content.decode().replace("&amp;", "&")
    assert titles(alice.get(PINTEREST + url[url.index("?") :])) == ["Oak in May"]


def test_pins_that_are_written_are_let_go_of_without_the_collector(team, monkeypatch):
    monkeypatch.setattr(selection, "BATCH", 2)
    PinFactory.create_batch(5, board=team.board)
    gc.collect()
    gc.disable()
    try:
        seen = [weakref.ref(pin) for batch in selection.in_batches(Pin.objects.all()) for pin in batch]
        kept = [ref for ref in seen if ref() is not None]
    finally:
        gc.enable()

    assert (len(seen), kept) == (5, [])
