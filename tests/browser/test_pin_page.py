"""A pin's page: what can be done with it, and how its status follows."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, Request, Route, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from .app_process import SandboxControls
from .page_actions import compose, expect_status, pick_time, pins_titled, press, publish, send

WORKSPACE_ZONE = ZoneInfo("Europe/Berlin")


def test_a_scheduled_pin_is_cancelled_edited_duplicated_and_deleted(
    page: Page, sandbox: SandboxControls, chair: Path
) -> None:
    tomorrow = datetime.now(WORKSPACE_ZONE) + timedelta(days=1)
    compose(page, chair, "A pin for tomorrow")
    pick_time(page, f"{tomorrow:%Y-%m-%dT}09:30")
    send(page)
    expect_status(page, "Scheduled")
    expect(page.get_by_text(f"Scheduled for {tomorrow:%a %-d %b %Y}, 09:30 (Europe/Berlin).")).to_be_visible()

    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_label("Title").fill("A pin for tomorrow morning")
    page.get_by_label("Title").press("Enter")
    expect(page.get_by_role("heading", level=1, name="A pin for tomorrow morning")).to_be_visible()
    expect_status(page, "Scheduled")

    choose(page, "Unschedule")
    expect_status(page, "Draft")
    page.locator("summary", has_text="History").click()
    expect(page.get_by_role("listitem").filter(has_text="Canceled")).to_be_visible()

    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_label("Title").fill("A pin for some day")
    press(page, "Save draft")
    expect(page.get_by_role("heading", level=1, name="A pin for some day")).to_be_visible()

    choose(page, "Duplicate")
    expect(page.get_by_text("Pin duplicated. You're editing the copy.")).to_be_visible()
    page.get_by_label("Title").fill("The copy")
    press(page, "Save draft")
    expect(page.get_by_role("heading", level=1, name="The copy")).to_be_visible()

    page.locator("summary[aria-label='More actions']").click()
    page.get_by_role("link", name="Delete…").click()
    press(page, "Delete pin")
    expect(page.get_by_text("“The copy” deleted. If it was published, it stays on Pinterest.")).to_be_visible()
    expect(found(page, "The copy")).to_have_count(0)
    expect(found(page, "A pin for some day")).to_have_count(1)
    assert not pins_titled(sandbox.pins(), "A pin for tomorrow")


def found(page: Page, title: str) -> Locator:
    """Look in the list for the title: other tests' pins fill its first page."""
    page.goto(f"/pins/?{urlencode({'q': title})}")
    return page.get_by_role("list", name="Pins", exact=True).get_by_role("link", name=title, exact=True)


def choose(page: Page, name: str) -> None:
    """Press a button of the pin's menu."""
    page.locator("summary[aria-label='More actions']").click()
    press(page, name)


def test_a_pin_is_moved_in_a_dialog(page: Page, chair: Path) -> None:
    compose(page, chair, "Moved in a dialog")
    press(page, "Save draft")
    link = page.get_by_role("link", name="Pick a time")
    expect(link).to_be_visible()
    page.wait_for_load_state()  # else the link leads to a page
    link.click()
    dialog = page.get_by_role("dialog", name="Move “Moved in a dialog”")
    expect(dialog.get_by_label("New time")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(link).to_be_focused()

    link.click()
    dialog.get_by_label("New time").fill("2031-05-06T07:08")
    dialog.get_by_role("button", name="Move").click()

    expect(page.get_by_text("“Moved in a dialog” moved to Tuesday 6 May 2031, 07:08.")).to_be_visible()
    expect(page.get_by_role("heading", level=1, name="Moved in a dialog")).to_be_visible()


def test_a_scheduled_pin_goes_out_at_its_minute(page: Page, sandbox: SandboxControls, chair: Path) -> None:
    compose(page, chair, "Out at its minute")
    due_at = next_minute(at_least_seconds=4)
    pick_time(page, f"{due_at.astimezone(WORKSPACE_ZONE):%Y-%m-%dT%H:%M}")

    send(page)

    expect_status(page, "Scheduled")
    wait = (due_at - datetime.now(UTC)).total_seconds()
    expect_status(page, "Published", seconds=wait + 10)
    assert datetime.now(UTC) >= due_at
    assert len(pins_titled(sandbox.pins(), "Out at its minute")) == 1


def test_a_refused_pin_says_why_and_goes_out_on_the_next_try(page: Page, sandbox: SandboxControls, chair: Path) -> None:
    sandbox.fault("pins/create", "board_not_found")

    publish(page, chair, "Refused at first", outcome="Failed")
    expect(page.get_by_role("heading", name="The board is gone")).to_be_visible()
    expect(page.locator(".explanation")).to_contain_text("Details: “Board not found.")
    press(page, "Try again")

    expect_status(page, "Published")
    assert len(pins_titled(sandbox.pins(), "Refused at first")) == 1


def test_a_double_click_on_publish_makes_one_pin(page: Page, sandbox: SandboxControls, chair: Path) -> None:
    compose(page, chair, "Clicked twice")

    page.get_by_role("button", name="Publish now").dblclick()

    expect_status(page, "Published")
    assert len(pins_titled(sandbox.pins(), "Clicked twice")) == 1
    page.goto("/pins/?q=Clicked+twice")
    expect(page.get_by_role("list", name="Pins").get_by_role("listitem")).to_have_count(1)


def test_two_tabs_that_publish_the_same_draft_make_one_pin(page: Page, sandbox: SandboxControls, chair: Path) -> None:
    compose(page, chair, "In two tabs")
    press(page, "Save draft")
    expect_status(page, "Draft")
    address = page.url
    tabs = [page, page.context.new_page()]
    for tab in tabs:
        tab.goto(f"{address}edit/")

    for tab in tabs:
        tab.evaluate("setTimeout(() => document.querySelector('#send').click())")

    for tab in tabs:
        expect(tab.get_by_role("region", name="Status")).to_be_visible()
        expect_status(tab, "Published")
    assert len(pins_titled(sandbox.pins(), "In two tabs")) == 1


def test_the_page_stops_asking_once_the_pin_is_published(page: Page, chair: Path) -> None:
    def asks(request: Request) -> bool:
        return "hx-request" in request.headers

    compose(page, chair, "Asked for no longer")
    press(page, "Publish now")
    expect_status(page, "Published")

    # The page asked every second until then.
    with pytest.raises(PlaywrightTimeout), page.expect_request(asks, timeout=2500):
        pass


def test_back_from_another_page_shows_the_whole_page(page: Page, sandbox: SandboxControls, chair: Path) -> None:
    sandbox.fault("pins/create", "latency", seconds=1.5)
    publish(page, chair, "There and back")

    page.get_by_role("link", name="Analytics", exact=True).click()
    expect(page.get_by_role("heading", level=1, name="Analytics", exact=True)).to_be_visible()
    page.go_back()

    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    expect(page.get_by_role("heading", level=1, name="There and back")).to_be_visible()
    expect_status(page, "Published")


def next_minute(*, at_least_seconds: float) -> datetime:
    """The next full minute that is far enough to be sent before it comes."""
    earliest = datetime.now(UTC) + timedelta(seconds=at_least_seconds)
    return earliest.replace(second=0, microsecond=0) + timedelta(minutes=1)


def test_the_progress_of_an_upload_moves_without_a_word_and_leaves_the_focus(page: Page, chair: Path) -> None:
    """The server's answer gets a progress bar, as that of a video has; the rest is pin-status.js."""
    tomorrow = datetime.now(WORKSPACE_ZONE) + timedelta(days=1)
    compose(page, chair, "A pin with a progress bar")
    pick_time(page, f"{tomorrow:%Y-%m-%dT}09:30")
    send(page)
    expect_status(page, "Scheduled")
    percent = 10

    def add_progress(route: Route) -> None:
        response = route.fetch()
        bar = f'<div data-live><progress max="100" value="{percent}"></progress> {percent} %</div>'
        actions = '<div class="pin-status__line">'
        html = re.sub(r'data-due="\d+"', 'data-due="0"', response.text()).replace(actions, bar + actions)
        route.fulfill(response=response, body=html)

    page.route(re.compile(r"/pins/\d+/$"), add_progress)
    page.reload()
    edit = page.locator("#edit")
    edit.focus()
    button = edit.element_handle()

    percent = 55

    expect(page.get_by_role("progressbar")).to_have_attribute("value", "55")
    expect(page.get_by_text("55 %")).to_be_visible()
    expect(edit).to_be_focused()
    assert button.evaluate("link => link.isConnected")
    expect(page.locator("#status-announcement")).to_be_empty()
