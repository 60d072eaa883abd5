"""How one comes to the pages of a change of many pins, and of deletions (pages.py)."""

import re

from playwright.sync_api import Page, expect

from .page_actions import press, sign_up
from .world import World


def bulk_options(page: Page, world: World) -> None:
    page.goto("/pins/")
    page.get_by_label("Select this page").check()
    page.get_by_label("What to do with the selected pins").select_option("Shift times…")
    press(page, "Continue")
    expect(page.get_by_label("Days")).to_be_visible()


def bulk_preview(page: Page, world: World) -> None:
    bulk_options(page, world)
    press(page, "Preview")
    expect(page.get_by_text("Nothing has been changed yet.")).to_be_visible()


def files_preview(page: Page, world: World) -> None:
    page.goto("/media/")
    page.get_by_label("Select this page").check()
    page.get_by_label("What to do with the selected files").select_option("Delete")
    press(page, "Continue")
    expect(page.get_by_text("Nothing has been changed yet.")).to_be_visible()


def pins_in_a_table(page: Page, world: World) -> None:
    """A row with a problem, one with a cell that cannot be read, and one that is ready."""
    page.goto("/pins/grid/")
    page.get_by_label("Choose up to 100 images").set_input_files(world.pictures[:3])
    page.get_by_label("Link, row 1", exact=True).fill("example.com")
    page.get_by_label("Board, row 2", exact=True).fill("Autum tables")
    page.get_by_label("Board, row 3", exact=True).fill("Autumn tables")
    page.get_by_label("Title, row 3", exact=True).fill("A title of some length")
    page.get_by_label("Title, row 3", exact=True).press("Enter")
    expect(page.get_by_text("is none of your boards")).to_be_visible()
    expect(page.get_by_text("Saved", exact=False).last).to_be_visible()


def pins_spread(page: Page, world: World) -> None:
    pins_in_a_table(page, world)
    page.get_by_label("Board, row 2", exact=True).fill("Autumn tables")
    page.get_by_label("Link, row 1", exact=True).fill("")
    press(page, "Spread over days…")
    press(page, "Preview")
    expect(page.get_by_text("Nothing has been changed yet.")).to_be_visible()


def confirmed(page: Page, path: str, password: str) -> None:
    """A page before which the password is asked for once more, unless that was done a moment ago."""
    page.goto(path)
    if "reauthenticate" in page.url:
        page.get_by_label("Password").fill(password)
        press(page, "Confirm")
        page.wait_for_url(f"**{path}")


def deletion_of_the_workspace(page: Page, world: World) -> None:
    confirmed(page, "/workspace/delete/", "pins-demo")
    page.get_by_label("Workspace name").fill("Another team")
    page.get_by_role("button", name=re.compile("^Delete on")).click()
    expect(page.get_by_text("Type its name exactly like that.")).to_be_visible()


def deletion_of_the_person(page: Page, world: World) -> None:
    confirmed(page, "/account/delete/", "pins-demo")
    expect(page.get_by_role("heading", name="What stays")).to_be_visible()


def deletion_that_is_announced(page: Page, world: World) -> None:
    sign_up(page, "leaving@example.com", "A workspace with a rather long name, Oak & Ash and Sons")
    confirmed(page, "/workspace/delete/", "a-long-pass-phrase")
    page.get_by_label("Workspace name").fill("A workspace with a rather long name, Oak & Ash and Sons")
    page.get_by_role("button", name=re.compile("^Delete on")).click()
    page.goto("/account/delete/")
    page.get_by_role("button", name=re.compile("^Delete account")).click()
    expect(page.get_by_role("button", name="Cancel deletion")).to_be_visible()
    expect(page.get_by_role("button", name="Keep my account")).to_be_visible()
