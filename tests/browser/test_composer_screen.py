"""The composer as a tool: one screen, few clicks and keys, one button that says what it will do."""

import re
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, expect

from .app_process import AppProcess, SandboxControls
from .conftest import OpenWindow
from .media_files import jpeg
from .page_actions import (
    attached,
    choose_board,
    compose,
    copy_of,
    expect_saved,
    expect_status,
    pick_time,
    pins_titled,
    press,
    send,
    slow_down_uploads,
    upload,
)

WORKSPACE_ZONE = ZoneInfo("Europe/Berlin")
NEXT_MONTH = datetime.now(WORKSPACE_ZONE) + timedelta(days=30)
MOMENT = f"{NEXT_MONTH:%Y-%m-%d}T09:30"


def is_within(control: Locator, width: int, height: int) -> bool:
    box = control.bounding_box()
    assert box, control
    return box["x"] >= 0 and box["y"] >= 0 and box["x"] + box["width"] <= width and box["y"] + box["height"] <= height


def test_everything_for_a_pin_is_on_one_screen(page: Page, chair: Path) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    compose(page, chair, "On one screen")
    page.get_by_label("Description").fill("Oak, by hand, for life. " * 8)
    page.get_by_label("Link").fill("https://example.com/oak")
    pick_time(page, MOMENT)
    expect_saved(page)

    assert page.evaluate("scrollY") == 0
    for control in (
        *(page.locator(f"#id_{name}") for name in ("title", "description", "link", "publish_at")),
        *(page.locator(selector) for selector in ("#board-search", "#when", "#id_section", "#send")),
        *(page.get_by_role("complementary", name="Preview"), page.get_by_role("button", name="Save draft")),
    ):
        assert is_within(control, 1280, 720), control


def test_head_and_button_stay_and_hide_nothing_that_has_the_focus(page: Page, tmp_path: Path) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto("/pins/new/")
    for number in range(5):
        upload(page, jpeg(tmp_path / f"stays-{number}.jpg", size=(400, 600)))

    last = attached(page).last.get_by_role("button", name="Remove")
    last.focus()

    assert page.evaluate("scrollY") > 0
    assert is_within(page.locator("#send"), 1280, 720)
    box = last.bounding_box()
    assert box
    assert box["y"] >= 56
    page.locator("#id_title").focus()
    box = page.locator("#id_title").bounding_box()
    assert box
    assert box["y"] >= 56


def test_on_a_phone_the_primary_button_stays_at_the_foot(page: Page, chair: Path) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    compose(page, chair, "On a phone")

    assert page.evaluate("document.documentElement.scrollWidth") == 390
    for place in (0, 400):
        page.evaluate(f"scrollTo(0, {place})")
        assert is_within(page.locator("#send"), 390, 844)
    field = page.locator("#id_description")
    field.focus()
    box, foot = field.bounding_box(), page.locator(".composer__actions").bounding_box()
    assert box
    assert foot
    assert box["y"] + box["height"] <= foot["y"]


def test_on_a_phone_all_buttons_take_one_row(page: Page, chair: Path) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    compose(page, chair, "One row on a phone")
    pick_time(page, MOMENT)
    more, primary = page.locator(".composer__open-others").bounding_box(), page.locator("#send").bounding_box()
    assert more
    assert primary
    assert more["x"] + more["width"] < primary["x"]
    assert abs(more["y"] + more["height"] / 2 - primary["y"] - primary["height"] / 2) < 2
    expect(page.get_by_role("button", name="Save draft")).to_be_hidden()

    press(page, "More actions")
    assert is_within(page.get_by_role("button", name="Schedule and new"), 390, primary["y"])
    press(page, "Save draft")

    expect_status(page, "Draft")


def test_at_the_end_of_the_page_the_other_buttons_come_up_above_the_row(page: Page, chair: Path) -> None:
    """There the row is no longer at the foot of the screen, and they would cover it."""
    page.set_viewport_size({"width": 390, "height": 844})
    compose(page, chair, "At the end of the page")
    page.evaluate("scrollTo(0, document.body.scrollHeight)")

    press(page, "More actions")

    others, row = page.locator("#other-actions").bounding_box(), page.locator("#send").bounding_box()
    assert others
    assert row
    assert others["y"] + others["height"] <= row["y"]


def test_the_button_says_what_it_will_do(page: Page) -> None:
    page.goto("/pins/new/")
    button = page.locator("#send")
    expect(button).to_have_accessible_name("Publish now")

    page.get_by_label("Pick a time").check()
    expect(button).to_have_accessible_name("Schedule")
    page.get_by_label("Schedule for").fill(MOMENT)
    expect(button).to_have_accessible_name(f"Schedule for {NEXT_MONTH:%a} {NEXT_MONTH.day} {NEXT_MONTH:%b %Y}, 09:30")
    page.get_by_label("Now", exact=True).check()
    expect(button).to_have_accessible_name("Publish now")
    expect(page.get_by_label("Schedule for")).to_be_hidden()


def test_the_next_new_pin_is_one_press_away(page: Page, chair: Path) -> None:
    compose(page, chair, "And then another one")
    pick_time(page, MOMENT)

    press(page, "Schedule and new")

    expect(page.get_by_text(re.compile("^Scheduled for"))).to_be_visible()
    expect(page).to_have_url(re.compile(r"/pins/new/$"))
    expect(page.get_by_label("Title")).to_have_value("")
    page.goto("/pins/?status=scheduled")
    expect(page.get_by_role("link", name="And then another one").first).to_be_visible()


def test_control_and_enter_press_the_primary_button(page: Page, chair: Path) -> None:
    compose(page, chair, "By two keys")
    pick_time(page, MOMENT)

    page.get_by_label("Description").press("Control+Enter")

    expect_status(page, "Scheduled")


def test_a_file_on_its_way_does_not_stop_anybody(page: Page, tmp_path: Path) -> None:
    page.goto("/pins/new/")
    slow_down_uploads(page, bytes_per_second=300_000)
    page.get_by_label("Add images or a video").set_input_files(jpeg(tmp_path / "waited-for.jpg"))
    page.get_by_label("Title").fill("Waits for its picture")
    choose_board(page)
    pick_time(page, MOMENT)

    send(page)

    line = page.locator("#upload-wait")
    expect(line).to_have_text(re.compile(r"^Will be scheduled as soon as waited-for\.jpg is here \(\d+%\)\.$"))
    expect_status(page, "Scheduled")
    expect(page.get_by_role("heading", level=1, name="Waits for its picture")).to_be_visible()


def test_waiting_can_be_called_off(page: Page, tmp_path: Path) -> None:
    page.goto("/pins/new/")
    slow_down_uploads(page, bytes_per_second=100_000)
    page.get_by_label("Add images or a video").set_input_files(jpeg(tmp_path / "called-off.jpg"))
    page.get_by_label("Title").fill("Called off")
    choose_board(page)
    send(page)
    expect(page.locator("#upload-wait")).to_contain_text("Will be published as soon as")

    press(page, "Stop waiting")

    expect(page.locator("#upload-wait")).to_be_empty()
    expect(page.locator("#send")).to_be_focused()
    expect(attached(page)).to_have_count(1)
    expect(page).to_have_url(re.compile(r"/pins/(new|\d+/edit)/$"))


def test_a_file_that_fails_stops_what_waits_for_it(page: Page, tmp_path: Path, tolerated: list[str]) -> None:
    tolerated.append("status of 400")
    notes = tmp_path / "no-picture.png"
    notes.write_text("These are notes. " * 20_000)
    page.goto("/pins/new/")
    slow_down_uploads(page, bytes_per_second=100_000)
    page.get_by_label("Add images or a video").set_input_files(notes)
    page.get_by_label("Title").fill("Without its picture")

    send(page)

    expect(page.locator("#upload-wait")).to_have_text("Nothing was sent: “no-picture.png” wasn't uploaded.")
    expect(page.get_by_label("Title")).to_have_value("Without its picture")


class Counted:
    """Presses of mouse and keyboard, as a person would count them."""

    def __init__(self, page: Page) -> None:
        self.page, self.clicks, self.keys = page, 0, 0

    def click(self, target: Locator) -> None:
        self.clicks += 1
        target.click()

    def key(self, key: str) -> None:
        self.keys += 1
        self.page.keyboard.press(key)

    def tab_to(self, selector: str) -> None:
        for _ in range(12):
            if self.page.locator(selector).evaluate("element => element === document.activeElement"):
                return
            self.key("Tab")
        pytest.fail(f"Tab does not reach {selector}")


def test_from_new_pin_to_published_in_six_clicks_and_three_fields(
    page: Page, sandbox: SandboxControls, chair: Path
) -> None:
    page.goto("/pins/")
    hand = Counted(page)

    hand.click(page.get_by_role("link", name="New pin").first)
    with page.expect_file_chooser() as chooser:
        hand.click(page.get_by_text("Add images or a video"))
    chooser.value.set_files(copy_of(chair))
    expect(attached(page)).to_have_count(1)
    fields = {"Title": "Six clicks at most", "Description": "Oak, by hand.", "Link": "https://example.com/six"}
    page.get_by_label("Title").fill(fields["Title"])
    page.keyboard.press("Tab")
    page.keyboard.type(fields["Description"])
    page.keyboard.press("Tab")
    page.keyboard.type(fields["Link"])
    hand.click(page.locator("#board-search"))
    hand.click(page.locator("#board-list li").first)
    hand.click(page.locator("#send"))

    expect_status(page, "Published")
    assert hand.clicks <= 6
    assert len(fields) <= 3
    assert len(pins_titled(sandbox.pins(), fields["Title"])) == 1


def test_a_carousel_of_five_from_the_library_in_eight_clicks(page: Page, tmp_path: Path) -> None:
    page.goto("/media/")
    files = [jpeg(tmp_path / f"eight-clicks-{number}.jpg", size=(400, 600)) for number in range(5)]
    page.get_by_label("Add files").set_input_files(files)
    for file in files:
        expect(page.get_by_role("link", name=file.name)).to_be_visible()
    hand = Counted(page)

    hand.click(page.get_by_role("link", name="New pin").first)
    hand.click(page.get_by_role("button", name="Choose from library"))
    library = page.get_by_role("dialog", name="Choose from library")
    for file in files:
        hand.click(library.get_by_role("button", name=file.name))
    hand.click(library.get_by_role("button", name="Add 5"))

    expect(attached(page).locator(".attachment__name")).to_have_text([file.name for file in files])
    assert hand.clicks <= 8


def test_a_title_is_offered_from_the_file_name_until_somebody_takes_it_out(page: Page, tmp_path: Path) -> None:
    page.goto("/pins/new/")
    title = page.locator("#id_title")

    upload(page, jpeg(tmp_path / "walnut-shelf.jpg", size=(400, 600)))
    expect(title).to_have_value("Walnut shelf")
    expect(page.locator("#preview-title")).to_have_text("Walnut shelf")
    page.get_by_role("button", name="Remove", exact=True).click()

    expect(title).to_have_value("")
    expect(title).to_be_focused()
    upload(page, jpeg(tmp_path / "walnut-shelf-2.jpg", size=(400, 600)))
    expect(title).to_have_value("")


def test_what_somebody_has_typed_is_not_replaced_by_an_offer(page: Page, tmp_path: Path) -> None:
    page.goto("/pins/new/")
    page.get_by_label("Title").fill("My own words")

    upload(page, jpeg(tmp_path / "beech-shelf.jpg", size=(400, 600)))

    expect(page.get_by_label("Title")).to_have_value("My own words")


def test_the_last_board_is_chosen_and_the_last_link_offered(page: Page, chair: Path) -> None:
    compose(page, chair, "The pin before this one")
    page.get_by_label("Link").fill("https://example.com/the-last-one")
    press(page, "Save draft")
    expect_status(page, "Draft")

    page.goto("/pins/new/")

    expect(page.get_by_role("combobox", name="Board")).to_have_value("Autumn tables")
    expect(page.get_by_label("Link")).to_have_value("")
    page.get_by_role("button", name="Use https://example.com/the-last-one").click()
    expect(page.get_by_label("Link")).to_have_value("https://example.com/the-last-one")
    expect(page.get_by_role("button", name="Use https://example.com/the-last-one")).to_be_hidden()


def test_the_list_of_boards_opens_where_there_is_room(page: Page) -> None:
    page.goto("/pins/new/")
    board = page.get_by_role("combobox", name="Board")
    for height, is_above in ((1000, False), (560, True)):
        page.set_viewport_size({"width": 1280, "height": height})
        board.click()

        box, field = page.get_by_role("listbox", name="Boards").bounding_box(), board.bounding_box()

        assert box
        assert field
        assert (box["y"] + box["height"] <= field["y"]) is is_above
        page.keyboard.press("Escape")


def test_from_sign_in_to_a_scheduled_pin_by_fewer_than_twenty_keys_beside_typing(
    open_window: OpenWindow, app: AppProcess, signed_in: Path, chair: Path
) -> None:
    page = open_window()
    # From the start: Playwright turns its listening on in the background, and a key could be faster.
    page.on("filechooser", lambda chooser: chooser.set_files(copy_of(chair)))
    page.goto("/accounts/login/")
    hand = Counted(page)

    hand.tab_to("#id_login")
    page.keyboard.type(app.demo_login[0])
    hand.tab_to("#id_password")
    page.keyboard.type(app.demo_login[1])
    hand.key("Enter")
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    page.wait_for_load_state()  # The keys are a deferred script's.
    hand.key("n")
    # A Tab before that would lead past it.
    expect(page.locator("#id_attachments")).to_be_focused()
    hand.key("Space")
    expect(attached(page)).to_have_count(1)
    hand.tab_to("#id_title")
    page.keyboard.type("Twenty keys at most")
    hand.tab_to("#board-search")
    page.keyboard.type("autumn")
    hand.key("Enter")
    hand.tab_to("[name=when][value=now]")
    # To the last choice, whether or not the account has a free publishing time by now.
    hand.key("ArrowLeft")
    hand.tab_to("#id_publish_at")
    page.keyboard.type(f"{NEXT_MONTH:%m%d%Y}0930AM")
    hand.key("Control+Enter")

    expect_status(page, "Scheduled")
    # A control more on the way is no drama: twenty is the limit.
    assert hand.keys <= 18
