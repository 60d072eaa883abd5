"""The keys of every page, the search as a dialog, and what succeeded in a corner."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .page_actions import compose, expect_saved, press


@pytest.fixture
def pins(page: Page, chair: Path) -> Page:
    """The list of pins, with a draft that no other test has."""
    compose(page, chair, "A stool found by keyboard")
    expect_saved(page)
    page.goto("/pins/")
    return page


def test_single_keys_lead_to_the_composer_and_the_calendar(page: Page) -> None:
    page.goto("/pins/")
    page.keyboard.press("c")
    page.wait_for_url("**/calendar/")  # with its scripts

    page.keyboard.press("n")

    expect(page).to_have_url(re.compile("/pins/new/$"))


def test_keys_do_nothing_while_somebody_types_or_after_they_were_turned_off(page: Page) -> None:
    page.goto("/search/")
    page.get_by_role("searchbox").press_sequentially("no cushion?")
    expect(page.get_by_role("searchbox")).to_have_value("no cushion?")
    expect(page).to_have_url(re.compile("/search/$"))

    page.goto("/pins/")
    page.keyboard.press("?")
    page.get_by_label("Use the single-key shortcuts in this browser").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("c")
    page.keyboard.press("/")
    expect(page.get_by_role("dialog")).to_have_count(0)

    page.keyboard.press("Control+k")

    expect(page.get_by_role("dialog", name="Search")).to_be_visible()


def test_a_pin_is_found_and_opened_by_keys_alone(pins: Page) -> None:
    pins.keyboard.press("/")
    pins.keyboard.type("stool keyboard")
    found = pins.get_by_role("dialog").get_by_role("link", name="A stool found by keyboard")
    expect(found.first).to_be_visible()
    pins.keyboard.press("ArrowDown")
    pins.keyboard.press("Enter")

    expect(pins.get_by_role("heading", level=1, name="A stool found by keyboard")).to_be_visible()


def test_escape_closes_the_search_and_gives_the_focus_back(page: Page) -> None:
    page.goto("/pins/")
    opener = page.get_by_role("banner").get_by_role("link", name="Search")
    opener.press("Enter")
    expect(page.get_by_role("dialog", name="Search").get_by_role("searchbox")).to_be_focused()

    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(opener).to_be_focused()


def test_j_and_k_walk_the_rows_of_a_list(pins: Page) -> None:
    rows = pins.locator("main [data-row]")
    pins.keyboard.press("j")
    expect(rows.first.get_by_role("link").first).to_be_focused()
    if rows.count() > 1:
        pins.keyboard.press("j")
        expect(rows.nth(1).get_by_role("link").first).to_be_focused()
        pins.keyboard.press("k")

    expect(rows.first.get_by_role("link").first).to_be_focused()


def test_control_and_enter_press_the_main_button_and_the_toast_can_be_closed(page: Page) -> None:
    page.goto("/notifications/settings/")
    page.get_by_label("Published").first.focus()
    page.keyboard.press("Control+Enter")
    toast = page.locator("[data-toast]")
    expect(toast).to_contain_text("Email notifications saved.")

    toast.get_by_role("button", name="Dismiss").click()

    expect(toast).to_have_count(0)


def test_without_scripts_search_and_keys_are_pages_and_a_success_is_a_message(page_without_scripts: Page) -> None:
    page = page_without_scripts
    page.goto("/")
    page.get_by_role("banner").get_by_role("link", name="Search").click()
    page.get_by_role("searchbox").fill("nothing-that-there-is")
    press(page, "Search")
    expect(page.get_by_text("Nothing matches")).to_be_visible()

    page.locator(".account-menu summary").click()
    page.get_by_role("link", name="Keyboard shortcuts").click()
    expect(page.get_by_role("heading", name="Keyboard shortcuts")).to_be_in_viewport()

    page.goto("/notifications/settings/")
    press(page, "Save")
    toast = page.locator("[data-toast]")
    expect(toast).to_be_visible()
    expect(toast.locator("..")).to_have_css("position", "static")
