"""The main job, from the sign-in to the pin on its board."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .app_process import AppProcess, SandboxControls
from .conftest import OpenWindow
from .page_actions import (
    ACCOUNT,
    BOARD,
    choose_board,
    connect_pinterest,
    expect_status,
    open_consent,
    open_more,
    pins_titled,
    press,
    sign_in,
    slow_down_uploads,
)

# The main job through web, clock and workers: what the others show in a browser is no different on another database.
pytestmark = pytest.mark.database


def test_a_marketer_publishes_a_photograph_and_sees_it_on_its_board(
    visitor: Page, app: AppProcess, sandbox: SandboxControls, chair: Path
) -> None:
    page, title = visitor, "An oak chair 🪑 for every autumn table"
    sign_in(page, *app.demo_login)
    connect_pinterest(page)
    press(page, f"Refresh boards of {ACCOUNT}")
    expect(page.get_by_role("status")).to_contain_text(re.compile("board", re.I))

    page.goto("/pins/new/")
    slow_down_uploads(page)
    page.get_by_label("Add images or a video").set_input_files(chair)
    row = page.get_by_role("list", name="Uploads").get_by_role("listitem")
    expect(row.get_by_role("progressbar", name=f"Uploading {chair.name}")).to_be_visible()
    expect(row.get_by_role("status")).to_have_text(re.compile(r"^[1-9]\d?% of [\d.]+ MB$"))
    attachment = page.get_by_role("list", name="Attached files").get_by_role("listitem")
    expect(attachment).to_contain_text("1000 × 1500 px")
    page.get_by_label("Title").fill(title)
    page.get_by_label("Description").fill("Oak, by hand, for life.")
    page.get_by_label("Link").fill("https://www.example.com/chair")
    open_more(page)
    page.get_by_label("Alt text").fill("A chair of light oak before a grey wall")
    choose_board(page)

    expect(page.locator("#title-count")).to_have_text(f"{len(title)} of 100")
    expect(page.locator("#description-count")).to_have_text("23 of 500")
    preview = page.get_by_role("complementary", name="Preview")
    for text in (title, "Oak, by hand, for life.", "example.com", f"{BOARD} · {ACCOUNT}"):
        expect(preview).to_contain_text(text)
    expect(preview.locator("#preview-media img")).to_be_visible()

    sandbox.fault("pins/create", "latency", seconds=2)
    press(page, "Publish now")
    expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()
    page.evaluate("window.isTheSameDocument = true")
    expect_status(page, "Published")
    assert page.evaluate("window.isTheSameDocument"), "the status changed without a reload"
    page.locator("summary", has_text="History").click()
    expect(page.locator("#pin-history").get_by_role("listitem").last).to_contain_text("Published")

    page.get_by_role("link", name="View in the sandbox").click()
    expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()
    assert page.url.startswith(f"{app.sandbox_url}/pin/")
    expect(page.locator("dl")).to_contain_text("A chair of light oak before a grey wall")
    page.get_by_role("link", name=BOARD).click()
    expect(page.get_by_role("link", name=re.compile(re.escape(title)))).to_have_count(1)
    assert len(pins_titled(sandbox.pins(), title)) == 1


def test_denied_consent_is_explained_and_can_be_tried_again(page: Page) -> None:
    open_consent(page)

    page.get_by_role("button", name="Deny").click()

    expect(page.get_by_role("alert")).to_contain_text("You didn't allow access")
    page.get_by_role("button", name=re.compile("^Connect ")).click()
    expect(page.get_by_role("heading", name="Connect an account")).to_be_visible()


def test_partly_granted_consent_says_which_permission_is_missing(page: Page) -> None:
    open_consent(page)
    page.get_by_role("radio", name=re.compile("Tidal Ceramics")).check()
    page.get_by_role("checkbox", name=re.compile("pins:write")).uncheck()

    page.get_by_role("button", name="Allow").click()

    expect(page.locator("#messages")).to_contain_text("pins:write")
    expect(page.get_by_role("button", name=re.compile("^(Rec|C)onnect")).first).to_be_visible()


def test_signing_up_makes_a_workspace_in_the_time_zone_of_the_browser(open_window: OpenWindow) -> None:
    page = open_window(timezone_id="America/New_York")
    page.goto("/accounts/signup/")
    expect(page.get_by_label("Time zone")).to_have_value("America/New_York")
    page.get_by_label("Email").fill("nadia@example.com")
    page.get_by_label("Password").fill("a-long-pass-phrase")
    page.get_by_label("Workspace").fill("Nadia’s bakery")

    page.get_by_role("button", name="Create account").click()

    expect(page.get_by_role("heading", level=1, name="Nadia’s bakery")).to_be_visible()
    expect(page.get_by_role("heading", name="Your first pin in three steps")).to_be_visible()
    page.goto("/pins/new/")
    page.get_by_label("Pick a time").check()
    expect(page.get_by_text("Workspace time zone: America/New_York")).to_be_visible()
    expect(page.get_by_text("Connect Pinterest to see your boards")).to_be_visible()
