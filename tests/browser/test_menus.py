"""Menus go away by Escape, and by a press or the focus elsewhere."""

import pytest
from playwright.sync_api import Page, expect


@pytest.fixture
def menu(page: Page) -> Page:
    page.goto("/")
    page.locator(".account-menu summary").click()
    expect(page.get_by_role("link", name="My account")).to_be_visible()
    return page


def test_escape_closes_the_menu_and_gives_the_focus_back(menu: Page) -> None:
    menu.keyboard.press("Tab")
    menu.keyboard.press("Escape")

    expect(menu.get_by_role("link", name="My account")).to_be_hidden()
    expect(menu.locator(".account-menu summary")).to_be_focused()


def test_a_press_outside_closes_the_menu_and_one_inside_does_not(menu: Page) -> None:
    menu.locator(".account-menu__who").click()
    expect(menu.get_by_role("link", name="My account")).to_be_visible()

    menu.locator("h1").click()

    expect(menu.get_by_role("link", name="My account")).to_be_hidden()


def test_the_focus_elsewhere_closes_the_menu(menu: Page) -> None:
    menu.locator("main").focus()

    expect(menu.get_by_role("link", name="My account")).to_be_hidden()


def test_escape_elsewhere_takes_no_focus(page: Page) -> None:
    page.goto("/search/")  # its field is there without any pins
    page.get_by_role("searchbox").focus()

    page.keyboard.press("Escape")

    expect(page.get_by_role("searchbox")).to_be_focused()
