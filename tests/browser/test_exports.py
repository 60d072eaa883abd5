"""Asking for an export in the browser, and opening the zip."""

import zipfile
from pathlib import Path

from playwright.sync_api import Page, expect

from .app_process import AppProcess, wait_until
from .page_actions import compose, expect_saved, press, sign_up


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
    expect(page.get_by_role("button", name="Export the workspace")).to_be_visible()
    with download(page, tmp_path) as archive:
        assert archive.testzip() is None
        assert '"title": "To be taken along"' in archive.read("pins.json").decode()
        assert any(name.endswith(f"-{chair.stem}.jpg") for name in archive.namelist())


WAITS = """
from datetime import timedelta
from uuid import uuid4
from django.utils import timezone
from accounts.models import Export, Workspace
workspace, now = Workspace.objects.get(name="Exported aloud"), timezone.now()
claim = {"claim_token": uuid4(), "claimed_until": now + timedelta(hours=1)}
Export.objects.create(workspace=workspace, asked_by=workspace.memberships.get().user, asked_at=now, **claim)
"""
BUILD = """
from accounts.models import Export
from postiz_pins.tasks import build_exports
Export.objects.filter(workspace__name="Exported aloud").update(claim_token=None, claimed_until=None)
build_exports()
"""


def test_the_page_says_that_an_export_is_ready(visitor: Page, app: AppProcess) -> None:
    sign_up(visitor, "aloud@example.com", "Exported aloud")
    app.python(WAITS)
    open_exports(visitor)
    expect(visitor.get_by_text("Your export is in the queue.")).to_be_visible()
    expect(visitor.locator("#export-announcement")).to_have_text("")

    app.python(BUILD)

    expect(visitor.locator("#export-announcement")).to_have_text("The export is ready.")


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
