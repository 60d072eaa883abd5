"""The composer in a browser that runs no JavaScript: plain controls, and the same care for what was typed."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .app_process import SandboxControls
from .media_files import jpeg, mp4
from .page_actions import ACCOUNT, BOARD, attached, pick_time, pins_titled, press

BOARD_OPTION = re.compile(rf"^\s*{BOARD} · {ACCOUNT}")


def fill_in(page: Page, picture: Path, title: str) -> None:
    page.goto("/pins/new/")
    page.get_by_label("Add images or a video").set_input_files(picture)
    page.get_by_label("Title").fill(title)
    choose_plain_board(page)


def choose_plain_board(page: Page) -> None:
    board = page.get_by_label("Board", exact=True)
    value = board.locator("option").filter(has_text=BOARD_OPTION).get_attribute("value")
    board.select_option(value)


def test_a_draft_is_saved_and_published_without_scripts(
    page_without_scripts: Page, sandbox: SandboxControls, chair: Path
) -> None:
    page, title = page_without_scripts, "A chair without scripts"
    fill_in(page, chair, title)
    press(page, "Save draft")
    expect(page.locator(".badge")).to_have_text("Draft")

    page.get_by_role("link", name="Edit", exact=True).click()
    expect(page.get_by_role("list", name="Attached files")).to_contain_text(chair.name)
    sandbox.fault("pins/create", "latency", seconds=600)
    press(page, "Publish now")

    expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()
    expect(page.locator(".badge")).to_have_text(re.compile("Scheduled|Publishing"))
    expect(page.locator("meta[http-equiv=refresh]")).to_have_count(0)
    sandbox.clear_faults()
    reload_until_published(page)
    assert len(pins_titled(sandbox.pins(), title)) == 1


def test_refreshing_boards_without_scripts_keeps_fields_and_file(page_without_scripts: Page, chair: Path) -> None:
    page = page_without_scripts
    fill_in(page, chair, "Kept through the refresh")
    pick_time(page, "2031-05-06T07:08")

    press(page, "Refresh boards")

    expect(page.locator(".board-picker__notes")).to_contain_text(ACCOUNT)
    expect(page.get_by_label("Board", exact=True).locator("option:checked")).to_have_text(BOARD_OPTION)
    expect(page.get_by_label("Title")).to_have_value("Kept through the refresh")
    expect(page.get_by_label("Schedule for")).to_have_value("2031-05-06T07:08")
    expect(page.get_by_role("list", name="Attached files")).to_contain_text(chair.name)


def test_errors_without_scripts_keep_the_file_and_removing_it_works(page_without_scripts: Page, chair: Path) -> None:
    page = page_without_scripts
    fill_in(page, chair, "x" * 101)
    press(page, "Publish now")
    expect(page.get_by_role("alert").first).to_contain_text("Nothing is lost")
    expect(page.get_by_role("list", name="Attached files")).to_contain_text(chair.name)

    press(page, f"Remove {chair.name}")
    page.get_by_label("Title").fill("Shorter")
    press(page, "Publish now")

    expect(page.get_by_role("list", name="Attached files").get_by_role("listitem")).to_have_count(0)
    expect(page.get_by_text("Add an image or a video. Every pin needs one.").first).to_be_visible()


def test_a_file_that_is_no_picture_is_refused_without_scripts(page_without_scripts: Page, tmp_path: Path) -> None:
    notes = tmp_path / "notes.png"
    notes.write_text("These are notes.")
    page = page_without_scripts

    fill_in(page, notes, "With a file that is no picture")
    press(page, "Save draft")

    expect(page.get_by_label("Add images or a video")).to_have_accessible_description(re.compile("notes.png"))
    expect(page.get_by_label("Title")).to_have_value("With a file that is no picture")


def reload_until_published(page: Page) -> None:
    for _ in range(100):
        page.reload()
        if page.locator(".badge").inner_text() == "Published":
            return
        page.wait_for_timeout(100)
    pytest.fail("The pin was not published")


def test_a_carousel_without_scripts(page_without_scripts: Page, tmp_path: Path) -> None:
    page = page_without_scripts
    page.goto("/pins/new/")
    sizes = {"ash": (400, 600), "birch": (500, 500)}
    files = [jpeg(tmp_path / f"{name}.jpg", size=size) for name, size in sizes.items()]
    page.get_by_label("Add images or a video").set_input_files(files)
    page.get_by_label("Title").fill("Two kinds of wood")
    press(page, "Refresh boards")
    choose_plain_board(page)
    expect(attached(page).locator(".attachment__name")).to_have_text(["ash.jpg", "birch.jpg"])

    press(page, "Move birch.jpg earlier")
    expect(attached(page).locator(".attachment__name")).to_have_text(["birch.jpg", "ash.jpg"])
    press(page, "Move birch.jpg later")
    press(page, "Crop all to match the first")
    expect(attached(page).nth(1)).to_contain_text("400 × 600 px")
    attached(page).nth(1).locator("summary").click()
    attached(page).nth(1).get_by_label("Title of this image").fill("Birch, the light one")
    press(page, "Save draft")

    expect(page.locator(".badge")).to_have_text("Draft")
    expect(page.get_by_role("heading", level=1, name="Two kinds of wood")).to_be_visible()
    expect(page.locator(".carousel__slide")).to_have_count(2)
    expect(page.get_by_text("Birch, the light one")).to_be_visible()


def test_a_video_without_scripts(page_without_scripts: Page, tmp_path: Path) -> None:
    page = page_without_scripts
    fill_in(page, mp4(tmp_path / "oak.mp4"), "Oak in motion")
    press(page, "Publish now")
    expect(page.get_by_text("A video pin needs a cover image.").first).to_be_visible()

    press(page, "Choose a cover frame")
    page.get_by_role("button", name=re.compile("^Frame at")).nth(4).click()
    expect(attached(page).locator(".attachment__role")).to_have_text(["1: video", "2: cover"])
    press(page, "Move oak.mp4 later")
    expect(page.get_by_text("The cover image comes first.")).to_be_visible()
    press(page, "Swap")
    press(page, "Save draft")

    expect(page.locator(".badge")).to_have_text("Draft")
    expect(page.get_by_role("article", name="Pin", exact=True).locator("video")).to_have_attribute(
        "poster", re.compile("jpg")
    )
