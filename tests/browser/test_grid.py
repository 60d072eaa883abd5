"""Many pins at once in the browser: in few clicks, with the keys of a spreadsheet, and without scripts."""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import APIResponse, Locator, Page, Route, expect

from .app_process import wait_until
from .media_files import jpeg
from .page_actions import press

MOST_STEPS = 40


class Hand:
    """A person whose clicks and typed fields are counted."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.steps = 0

    def click(self, target: Locator) -> None:
        self.steps += 1
        target.click()

    def type(self, label: str, text: str) -> None:
        self.steps += 1
        self.page.get_by_label(label, exact=True).fill(text)


def pictures(folder: Path, count: int) -> list[Path]:
    return [jpeg(folder / f"handmade-chair-{chr(97 + number)}.jpg", size=(400, 600)) for number in range(count)]


# A dozen images take their time where other tests run beside.
UPLOAD_MS = 60_000


def drafts(page: Page, files: list[Path]) -> None:
    page.goto("/pins/grid/")
    page.get_by_label("Choose up to 100 images").set_input_files(files)
    expect(cell(page, "Title", len(files))).to_be_visible(timeout=UPLOAD_MS)
    page.wait_for_load_state()  # scripts run after the table is there


def cell(page: Page, column: str, row: int) -> Locator:
    return page.get_by_label(f"{column}, row {row}", exact=True)


@contextmanager
def saving(page: Page, *rows: int) -> Iterator[None]:
    """Wait until what is done saves these rows."""
    keys = [cell(page, "Title", row).evaluate("cell => cell.name.split('-')[1]") for row in rows]
    with ExitStack() as stack:
        for key in keys:
            stack.enter_context(page.expect_response(re.compile(rf"/pins/grid/{key}/\?row=")))
        yield


def test_twelve_images_are_twelve_scheduled_pins_on_three_boards_within_forty_steps(page: Page, tmp_path: Path) -> None:
    files = pictures(tmp_path, 12)
    hand = Hand(page)
    page.goto("/pins/")

    hand.click(page.locator("main summary[aria-label='More actions']"))
    hand.click(page.get_by_role("link", name="New pins from images…"))
    hand.steps += 2  # to the files, and those that are chosen there
    page.get_by_label("Choose up to 100 images").set_input_files(files)
    expect(cell(page, "Title", 12)).to_have_value("Handmade chair l", timeout=UPLOAD_MS)
    for row, board in ((1, "Autumn tables"), (5, "Kitchen gardens"), (9, "Gifts under 50")):
        hand.type(f"Board, row {row}", board)
    hand.click(page.get_by_role("button", name="Fill down board: empty cells only"))
    expect(cell(page, "Board", 12)).to_have_value("Gifts under 50")
    hand.click(page.get_by_role("button", name="Spread over days…"))
    hand.click(page.get_by_role("button", name="Preview"))
    hand.click(page.get_by_role("button", name="Schedule 12 pins"))

    expect(page.get_by_role("heading", level=1, name="Done with 12 pins")).to_be_visible()
    assert hand.steps <= MOST_STEPS
    page.goto("/pins/?status=scheduled&q=handmade")
    expect(page.get_by_role("list", name="Pins", exact=True).get_by_role("listitem")).to_have_count(12)


def test_rows_are_saved_as_one_goes_and_enter_goes_down(page: Page, tmp_path: Path) -> None:
    drafts(page, pictures(tmp_path, 2))

    with saving(page, 1):
        cell(page, "Link", 1).fill("example.com")
        cell(page, "Link", 1).press("Enter")

    expect(cell(page, "Link", 2)).to_be_focused()
    expect(page.get_by_text("The link should be a web address")).to_be_visible()
    expect(page.get_by_text(re.compile(r"^Saved \d\d:\d\d$"))).to_have_count(1)
    page.reload()
    expect(cell(page, "Link", 1)).to_have_value("example.com")
    cell(page, "Link", 1).fill("https://example.com/")
    cell(page, "Link", 1).press("Tab")
    expect(cell(page, "Alt text", 1)).to_be_focused()
    expect(page.get_by_text("The link should be a web address")).to_have_count(0)


PASTE = """text => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  const paste = { clipboardData: data, bubbles: true, cancelable: true };
  document.activeElement.dispatchEvent(new ClipboardEvent("paste", paste));
}"""


def test_a_column_of_a_spreadsheet_is_pasted_downwards(page: Page, tmp_path: Path) -> None:
    drafts(page, pictures(tmp_path, 3))

    cell(page, "Title", 2).focus()
    with saving(page, 2, 3):
        page.evaluate(PASTE, 'Oak\t"Two\nlines"\r\n"Elm ""wych"""\t\r\nToo many\r\n')
    expect(page.locator("#grid-news")).to_have_text("4 cells pasted.")
    with saving(page, 1):
        cell(page, "Alt text", 1).press_sequentially("An oak chair")
        cell(page, "Alt text", 1).press("Tab")
    expect(page.locator("#grid-news")).to_have_text("")
    cell(page, "Time", 1).focus()
    with saving(page, 1, 2, 3):
        page.evaluate(PASTE, "2031-05-06 07:08\nsoon\n2031-05-08T09:10:00\n")

    expect(page.locator("#grid-news")).to_contain_text("3 cells pasted. 1 couldn't be read as a time.")
    page.reload()
    assert [cell(page, "Title", row).input_value() for row in (2, 3)] == ["Oak", 'Elm "wych"']
    assert cell(page, "Description", 2).input_value() == "Two\nlines"
    times = [cell(page, "Time", row).input_value() for row in (1, 2, 3)]
    assert times == ["2031-05-06T07:08", "", "2031-05-08T09:10"]


def test_a_row_shows_its_link_with_the_preset_that_is_chosen_below(page: Page, tmp_path: Path) -> None:
    page.goto("/presets/link-presets/new/")
    page.get_by_label("Name", exact=True).fill("Standard")
    press(page, "Create link preset")
    drafts(page, pictures(tmp_path, 1))
    link, preset = cell(page, "Link", 1), page.get_by_label("Link preset")

    with saving(page, 1):
        link.fill("https://example.com/chair")
        link.press("Tab")
    preset.select_option("Standard")
    expect(page.get_by_text("Will be saved as https://example.com/chair?utm_source=pinterest")).to_be_visible()
    preset.select_option("No preset")
    expect(page.get_by_text("Will be saved as")).to_have_count(0)
    preset.select_option("Standard")
    press(page, "Save")
    expect(link).to_have_value(re.compile("utm_source=pinterest"))

    page.goto("/presets/")
    page.get_by_role("link", name="Standard").click()
    page.get_by_role("link", name="Delete…").click()
    page.get_by_role("main").get_by_role("button", name=re.compile("Delete")).click()


def test_a_change_in_another_window_is_not_overwritten_unseen(page: Page, tmp_path: Path) -> None:
    drafts(page, pictures(tmp_path, 1))
    other = page.context.new_page()
    other.goto(page.url)
    cell(other, "Title", 1).fill("From the other window")
    cell(other, "Title", 1).press("Tab")
    expect(other.get_by_text(re.compile("^Saved"))).to_be_visible()

    cell(page, "Title", 1).fill("Mine")
    cell(page, "Title", 1).press("Tab")
    expect(page.get_by_text("It now has: Title: From the other window.")).to_be_visible()
    press(page, "Save mine instead")

    expect(page.get_by_text(re.compile("^Saved"))).to_be_visible()
    with saving(page, 1):
        cell(page, "Title", 1).fill("Mine again")
        cell(page, "Title", 1).press("Tab")
    expect(page.get_by_text("Not saved")).to_have_count(0)
    other.reload()
    expect(cell(other, "Title", 1)).to_have_value("Mine again")


# As a key does it: no cell loses its focus.
RELOAD = "setTimeout(() => location.reload())"


def stay_when_asked(page: Page) -> None:
    """Try to leave; fails where that isn't asked about."""
    with page.expect_event("dialog") as asked:
        page.evaluate(RELOAD)
    assert asked.value.type == "beforeunload"
    asked.value.dismiss()


def test_leaving_with_a_cell_that_is_not_saved_is_asked_about(page: Page, tmp_path: Path) -> None:
    drafts(page, pictures(tmp_path, 1))
    held: list[Route] = []  # it is saved two seconds after the last key, which a slow machine may need
    page.route(re.compile(r"/pins/grid/\d+/\?row="), lambda route: held.append(route), times=1)
    cell(page, "Title", 1).press_sequentially("Half a ti")
    stay_when_asked(page)
    wait_until(lambda: page.evaluate("true") and bool(held), "The row is sent", 15)
    held[0].continue_()

    expect(page.get_by_text(re.compile("^Saved"))).to_be_visible()
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    with page.expect_navigation():
        page.evaluate(RELOAD)
    expect(cell(page, "Title", 1)).to_have_value(re.compile("Half a ti"))
    assert asked == []


def test_a_button_waits_for_the_row_that_is_being_saved(page: Page, tmp_path: Path) -> None:
    """Else the form has a version from before that, and its own user's changes are in its way."""
    drafts(page, pictures(tmp_path, 6))  # the button is a screen below the table's head
    held: list[tuple[Route, APIResponse]] = []
    page.route(re.compile(r"/pins/grid/\d+/\?row="), lambda route: held.append((route, route.fetch())), times=1)
    cell(page, "Title", 1).fill("Saved at once")
    cell(page, "Title", 1).press("Tab")
    wait_until(lambda: page.evaluate("true") and bool(held), "The row is saved", 15)
    cell(page, "Description", 1).fill("Typed meanwhile")

    press(page, "Save")
    expect(page.get_by_text("Saving your changes first…")).to_be_in_viewport(ratio=1)
    [(route, answer)] = held
    route.fulfill(response=answer)

    expect(page.get_by_text("Saved.", exact=True)).to_be_visible()
    expect(cell(page, "Title", 1)).to_have_value("Saved at once")
    expect(cell(page, "Description", 1)).to_have_value("Typed meanwhile")


def test_what_the_server_does_not_get_stays_and_is_said(page: Page, tmp_path: Path, tolerated: list[str]) -> None:
    tolerated += ["ERR_INTERNET_DISCONNECTED", "htmx:sendError"]
    drafts(page, pictures(tmp_path, 1))
    page.context.set_offline(True)

    cell(page, "Title", 1).fill("Typed in a tunnel")
    cell(page, "Title", 1).press("Tab")
    expect(page.locator("#grid-news")).to_contain_text("What you typed is still here")
    page.context.set_offline(False)
    stay_when_asked(page)
    press(page, "Save")

    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(cell(page, "Title", 1)).to_have_value("Typed in a tunnel")


@pytest.mark.parametrize("count", [22])
def test_without_scripts_twenty_rows_are_written_at_a_time(
    page_without_scripts: Page, tmp_path: Path, count: int
) -> None:
    page = page_without_scripts
    page.goto("/pins/grid/")
    page.get_by_label("Choose up to 100 images").set_input_files(pictures(tmp_path, count))
    press(page, "Make drafts")
    page.wait_for_url(re.compile("page=1"))
    expect(cell(page, "Title", 20)).to_be_visible()
    expect(cell(page, "Title", 21)).to_have_count(0)

    page.get_by_role("link", name="Next rows").click()
    cell(page, "Board", 21).fill("Autumn tables")
    press(page, "Fill down board: empty cells only")

    expect(cell(page, "Board", 22)).to_have_value("Autumn tables")
