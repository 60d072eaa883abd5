"""What succeeded is told in a corner, and covers nothing there for good."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Page, expect

from .page_actions import compose, expect_status, pick_time, send


def test_what_stands_beneath_a_toast_that_stays_can_be_pressed(page: Page, chair: Path) -> None:
    tomorrow = f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%d}"
    compose(page, chair, "A pin beneath a toast")
    pick_time(page, f"{tomorrow}T09:30")
    send(page)
    expect_status(page, "Scheduled")
    page.goto(page.url + "move/")
    page.get_by_label("New time").fill(f"{tomorrow}T10:45")
    page.get_by_role("main").get_by_role("button", name="Move", exact=True).click()
    toast = page.locator(".toast").filter(has=page.get_by_role("button", name="Undo"))
    expect(toast).to_be_visible()

    # As narrow as the toast, so that nothing of the page is beside it.
    for size in ({"width": 1000, "height": 480}, {"width": 390, "height": 700}):
        page.set_viewport_size(size)
        last = page.locator("#main :is(a, button, summary, input):visible").last
        last.click(trial=True)

    expect(toast).to_be_visible()
