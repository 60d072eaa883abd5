"""An account in trouble, from the pin that waits for it to Pinterest and back."""

import re
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from .app_process import SandboxControls
from .media_files import jpeg
from .page_actions import ACCOUNT, compose, expect_status, pins_titled, press


def test_a_pin_that_waits_for_its_account_goes_out_after_reconnecting_on_its_page(
    page: Page, sandbox: SandboxControls, tmp_path: Path
) -> None:
    # The sections of the board come from Pinterest, too: the connection ends after that.
    compose(page, jpeg(tmp_path / "waits.jpg"), "Waits for its account")
    expect(page.locator("#section-picker[hx-trigger]")).to_have_count(0)
    expect(page.locator(".htmx-request")).to_have_count(0)
    sandbox.revoke(username=ACCOUNT.removeprefix("@"))
    press(page, "Publish now")
    trouble = page.locator(".account-warning")
    expect(trouble).to_contain_text(f"Reconnect {ACCOUNT}. The pin will then be published automatically.")
    expect(trouble).to_contain_text("Since")
    expect(page.locator(".explanation")).to_have_count(0)  # it would say the same again
    place = urlsplit(page.url).path
    button = page.get_by_role("button", name=f"Reconnect {ACCOUNT}")

    button.click()
    page.get_by_role("button", name="Deny").click()

    expect(page).to_have_url(re.compile(f"{place}$"))
    expect(page.get_by_text("The account wasn't connected. You didn't allow access.")).to_be_visible()

    button.click()
    page.get_by_role("button", name="Allow").click()

    expect(page).to_have_url(re.compile(f"{place}$"))
    expect(page.get_by_text(f"{ACCOUNT} is connected.")).to_be_visible()
    expect(page.get_by_text("1 pin on hold will be published now.")).to_be_visible()
    expect_status(page, "Published")
    expect(trouble).to_have_count(0)
    assert len(pins_titled(sandbox.pins(), "Waits for its account")) == 1


def test_the_composer_names_the_account_to_reconnect_and_keeps_what_was_typed(
    page: Page, sandbox: SandboxControls
) -> None:
    sandbox.revoke(username=ACCOUNT.removeprefix("@"))
    page.goto("/connections/")
    page.get_by_role("button", name=f"Refresh boards of {ACCOUNT}").click()
    expect(page.get_by_role("button", name=f"Reconnect {ACCOUNT}").first).to_be_visible()
    page.goto("/pins/new/")
    expect(page.locator("#board-picker")).to_contain_text(f"Reconnect {ACCOUNT} to see its boards.")
    page.get_by_label("Title", exact=False).first.fill("Typed before")

    page.get_by_role("button", name=f"Reconnect {ACCOUNT}").click()
    page.get_by_role("button", name="Allow").click()

    expect(page).to_have_url(re.compile(r"/pins/\d+/edit/$"))
    expect(page.get_by_label("Title", exact=False).first).to_have_value("Typed before")
    expect(page.locator("#board-picker .account-warning")).to_have_count(0)
