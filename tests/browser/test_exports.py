"""Asking for an export in the browser, and opening the zip."""

import zipfile
from pathlib import Path

from playwright.sync_api import Page, expect

from .app_process import wait_until
from .page_actions import compose, expect_saved, press


def open_exports(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Settings").click()
    page.get_by_role("link", name="Export", exact=True).click()
    expect(page.get_by_role("heading", level=1, name="Export")).to_be_visible()


def download(page: Page, folder: Path) -> zipfile.ZipFile:
    with page.expect_download() as started:
        page.get_by_role("link", name="Download").click()
    assert started.value.suggested_filename.startswith("demo-team-20")
    started.value.save_as(folder / "export.zip")
    return zipfile.ZipFile(folder / "export.zip")


def test_an_export_is_asked_for_appears_by_itself_and_holds_the_pins(page: Page, chair: Path, tmp_path: Path) -> None:
    compose(page, chair, "To be taken along")
    expect_saved(page)
    open_exports(page)

    press(page, "Export the workspace")

    expect(page.get_by_role("listitem").filter(has_text="Ready").first).to_be_visible()
    expect(page.locator("#export-announcement")).to_have_text("The export is ready.")
    expect(page.get_by_role("button", name="Export the workspace")).to_be_visible()
    with download(page, tmp_path) as archive:
        assert archive.testzip() is None
        assert '"title": "To be taken along"' in archive.read("pins.json").decode()
        assert any(name.endswith(f"-{chair.stem}.jpg") for name in archive.namelist())


def test_without_scripts_the_page_is_reloaded(page_without_scripts: Page, tmp_path: Path) -> None:
    page = page_without_scripts
    page.goto("/workspace/exports/")
    press(page, "Export the workspace")

    def is_ready() -> bool:
        page.reload()
        return page.get_by_role("button", name="Export the workspace").is_visible()

    wait_until(is_ready, "The export is ready", 20)
    with download(page, tmp_path) as archive:
        assert "README.txt" in archive.namelist()
