"""An editor proposes a pin, an admin sends it back and then approves it, and it goes out."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from .app_process import AppProcess, SandboxControls
from .conftest import OpenWindow
from .page_actions import compose, expect_saved, expect_status, invite, pins_titled, press

SWITCH = "Require approval for editors' pins"
COMMENT = "Please say that the oak is from here."


@pytest.fixture
def approval_needed(page: Page) -> Iterator[None]:
    def switch(*, on: bool) -> None:
        page.goto("/workspace/")
        page.get_by_label(SWITCH).set_checked(on)
        press(page, "Save")
        expect(page.get_by_role("status").first).to_contain_text("Saved.")

    switch(on=True)
    yield
    switch(on=False)


@pytest.fixture
def editor(page: Page, open_window: OpenWindow) -> Page:
    """A window of a colleague who may edit."""
    link = invite(page, "eve-who-edits@example.com")
    window = open_window()
    window.goto(link)
    window.get_by_role("link", name="Create an account").click()
    window.get_by_label("Password").fill("a-long-pass-phrase")
    press(window, "Create account")
    press(window, "Join workspace")
    expect(window.get_by_role("heading", level=1, name="Demo team")).to_be_visible()
    return window


def opened(page: Page, kind: str) -> Locator:
    """What needs attention of one kind, which is closed if other tests have left many pins."""
    found = page.get_by_role("region", name="Needs attention").locator("details", has_text=kind)
    if found.get_attribute("open") is None:
        found.locator("summary").click()
    return found


def test_a_proposed_pin_is_sent_back_mended_approved_and_goes_out(
    page: Page, approval_needed: None, editor: Page, app: AppProcess, sandbox: SandboxControls, chair: Path
) -> None:
    title = "A chair that somebody approves"
    compose(editor, chair, title)
    expect(editor.get_by_role("button", name="Publish now")).to_have_count(0)
    press(editor, "Request approval")
    expect_status(editor, "Proposed")
    pin_address = editor.url

    page.goto("/")
    waiting = opened(page, "waiting for your approval")
    waiting.get_by_role("link", name=title, exact=True).click()
    expect(page.get_by_text("eve-who-edits@example.com requested approval.")).to_be_visible()
    page.locator("summary", has_text="Send back…").click()
    page.get_by_label("What needs to change?").fill(COMMENT)
    press(page, "Send back")
    expect_status(page, "Draft")
    assert pins_titled(sandbox.pins(), title) == []

    editor.goto("/")
    back = opened(editor, "sent back to you")
    expect(back).to_contain_text(COMMENT)
    back.get_by_role("link", name=title, exact=True).click()
    editor.get_by_role("link", name="Edit").click()
    expect(editor.locator("#sent-back")).to_contain_text(COMMENT)
    editor.get_by_label("Description").fill("Oak from here.")
    expect_saved(editor)
    press(editor, "Request approval")
    expect_status(editor, "Proposed")

    page.goto(pin_address)
    expect(page.get_by_role("article", name="Pin", exact=True)).to_contain_text("Oak from here.")
    press(page, "Approve and publish now")
    expect_status(page, "Published")
    page.locator("summary", has_text="History").click()
    history = page.locator("#pin-history").get_by_role("listitem")
    expect(history.filter(has_text=re.compile("^\\s*Approved by "))).to_have_count(1)
    assert len(pins_titled(sandbox.pins(), title)) == 1
