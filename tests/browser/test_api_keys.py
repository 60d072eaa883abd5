"""Making an API key in the browser, and using it."""

import re
from pathlib import Path

import requests
from playwright.sync_api import Page, expect

from .app_process import AppProcess
from .conftest import OpenWindow
from .page_actions import press

A_KEY = re.compile(r"^ppk_[\w-]{43}$")


def test_a_new_key_is_copied_with_one_click_works_and_is_not_shown_again(
    app: AppProcess, signed_in: Path, open_window: OpenWindow
) -> None:
    page = open_window(storage_state=signed_in, permissions=["clipboard-read", "clipboard-write"])
    page.goto("/")
    page.get_by_role("link", name="Settings").click()
    page.get_by_role("link", name="API keys").click()
    page.get_by_label("Name").fill("Shop import")
    press(page, "Create key")
    expect(page.get_by_label("Key", exact=True)).to_have_value(A_KEY)

    page.get_by_role("button", name="Copy").click()

    expect(page.get_by_text("Copied.")).to_be_visible()
    key = page.evaluate("navigator.clipboard.readText()")
    answer = requests.get(f"{app.url}/api/boards", headers={"Authorization": f"Bearer {key}"}, timeout=10)
    assert answer.status_code == 200
    assert "Autumn tables" in [board["name"] for board in answer.json()]
    page.goto("/api-keys/")
    expect(page.get_by_text(key[:12])).to_be_visible()
    assert key not in page.content()


def test_without_scripts_the_key_stands_there_to_be_selected(page_without_scripts: Page) -> None:
    page = page_without_scripts
    page.goto("/api-keys/")
    page.get_by_label("Name").fill("Without scripts")

    press(page, "Create key")

    expect(page.get_by_label("Key", exact=True)).to_have_value(A_KEY)
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)
