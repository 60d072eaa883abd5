"""The ways to the states of the composer, for pages.py."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from .page_actions import attached, compose, expect_saved, open_more, press, send, upload
from .world import World


def composer_with_errors(page: Page, world: World) -> None:
    page.goto("/pins/new/")
    upload(page, world.chair)
    page.get_by_label("Title").fill("x" * 101)
    page.get_by_label("Link").fill("example.com")
    open_more(page)
    page.get_by_label("Dominant color").fill("red")
    send(page)
    expect(page.get_by_role("alert")).to_contain_text("isn't ready yet")


def composer_filled(page: Page, world: World) -> None:
    compose(page, world.chair, "A title")
    page.get_by_label("Description").fill("A description of some length, with keywords. " * 8)
    page.get_by_label("Link").fill("https://example.com/" + "a-long-address-without-a-space" * 5)
    open_more(page)
    page.get_by_label("Dominant color").fill("#FF5722")
    page.get_by_role("combobox", name="Board").click()
    expect(page.get_by_role("listbox")).to_be_visible()


def attach(page: Page, *files: Path) -> None:
    page.goto("/pins/new/")
    page.get_by_label("Add images or a video").set_input_files(list(files))
    expect(attached(page)).to_have_count(len(files))


def composer_with_carousel(page: Page, world: World) -> None:
    """Five images, one with its own texts, of which one has another size."""
    attach(page, *world.pictures)
    attached(page).nth(1).locator("summary").click()
    attached(page).nth(1).get_by_label("Title of this image").fill("x" * 101)
    expect(page.locator("#file-problems")).to_contain_text("must be the same size")


def composer_with_video(page: Page, world: World) -> None:
    attach(page, world.video, world.chair)
    expect(page.get_by_role("complementary", name="Preview").locator("video")).to_be_visible()
    expect_saved(page)


def composer_with_library(page: Page, world: World) -> None:
    attach(page, world.chair)
    press(page, "Choose from library")
    expect(page.get_by_role("list", name="Files of the library")).to_be_visible()


def composer_with_frames(page: Page, world: World) -> None:
    attach(page, world.video)
    press(page, "Choose a cover frame")
    expect(page.get_by_role("list", name="Frames of the video")).to_be_visible()


def composer_with_crop(page: Page, world: World) -> None:
    attach(page, world.pictures[-1])
    page.get_by_role("button", name=re.compile("^Crop to 2:3")).click()
    expect(page.get_by_label("Position of the frame")).to_be_visible()


def composer_with_conflict(page: Page, world: World) -> None:
    attach(page, world.chair)
    expect_saved(page)
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_label("Description").fill("From the other window. " * 20)
    expect_saved(other)
    other.close()
    page.get_by_label("Title").fill("From this window")
    press(page, "Save draft")
    expect(page.get_by_role("button", name="Save mine instead")).to_be_visible()


def composer_kept_aside(page: Page, world: World) -> None:
    page.goto(f"{world.failed}edit/")
    page.get_by_label("Title").fill("Not saved yet")
    expect_saved(page)
    page.reload()
    expect(page.get_by_text("Your unsaved changes from")).to_be_visible()


def pin_with_carousel(page: Page, world: World) -> None:
    composer_with_carousel(page, world)
    press(page, "Save draft")
    expect(page.get_by_role("article", name="Pin", exact=True).get_by_role("group", name="5 images")).to_be_visible()


def add_board(page: Page, pin: int) -> None:
    """As the pin with this number: the next one of the list that is not chosen yet."""
    press(page, "Add another board")
    page.get_by_label(f"Board of pin {pin}").select_option(index=pin)
    expect(page.get_by_text("days later")).to_have_count(pin - 1)


def composer_with_boards(page: Page, world: World) -> None:
    """Two more of them, at the same time of day; one has a time of its own."""
    compose(page, world.chair, "One of several")
    press(page, "Add another board")
    page.get_by_label("Time of day").select_option("same")
    page.get_by_label("Board of pin 2").select_option(index=3)
    expect(page.get_by_text("7 days later")).to_be_visible()
    press(page, "Add another board")
    page.get_by_label("Board of pin 3").select_option(index=3)
    expect(page.get_by_text("is already in the list")).to_be_visible()
