"""The calendar in a browser: pins are moved by mouse and by keyboard."""

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from playwright.sync_api import Locator, Page, expect

from .page_actions import compose, expect_status, press

WORKSPACE_ZONE = ZoneInfo("Europe/Berlin")


def scheduled(page: Page, chair: Path, title: str, at: datetime) -> None:
    compose(page, chair, title)
    page.get_by_label("Schedule for").fill(f"{at:%Y-%m-%dT%H:%M}")
    press(page, "Schedule")
    expect_status(page, "Scheduled")


def day(page: Page, on: datetime) -> Locator:
    return page.locator(f"td[data-day='{on:%Y-%m-%d}']")


def next_month(day_of_month: int) -> datetime:
    """A day of the month after this one, at 09:30: none of its pins go out during the tests."""
    first = (datetime.now(WORKSPACE_ZONE).replace(day=1) + timedelta(days=32)).replace(day=1)
    return first.replace(day=day_of_month, hour=9, minute=30)


def drag(page: Page, chip: Locator, to: Locator) -> None:
    chip.scroll_into_view_if_needed()
    start, end = chip.bounding_box(), to.bounding_box()
    assert start and end
    page.mouse.move(start["x"] + 20, start["y"] + 8)
    page.mouse.down()
    page.mouse.move(end["x"] + 30, end["y"] + 40, steps=8)
    page.mouse.up()


def test_a_pin_is_dragged_to_another_day_and_keeps_its_time(page: Page, chair: Path) -> None:
    title = "Dragged to another day"
    scheduled(page, chair, title, next_month(10))
    page.goto(f"/calendar/?on={next_month(10):%Y-%m-%d}&q=Dragged")
    chip = day(page, next_month(10)).locator(".chip", has_text=title)

    drag(page, chip, day(page, next_month(12)))

    moved = day(page, next_month(12)).locator(".chip", has_text=title)
    expect(moved).to_contain_text("09:30")
    expect(day(page, next_month(10)).locator(".chip")).to_have_count(0)
    expect(page.get_by_role("status").filter(has_text="is planned for")).to_be_attached()


def test_a_pin_that_is_dropped_on_a_day_that_has_passed_stays_and_says_why(
    page: Page, chair: Path, tolerated: list[str]
) -> None:
    tolerated.append("422")
    title = "Dropped on a day that has passed"
    at = next_month(1)
    scheduled(page, chair, title, at)
    page.goto(f"/calendar/?on={at:%Y-%m-%d}&q=Dropped")
    chip = day(page, at).locator(".chip", has_text=title)
    # What the server thinks of a past day; which days of the page have passed depends on today.
    page.evaluate("cell => cell.dataset.day = '2020-01-01'", day(page, next_month(3)).element_handle())

    drag(page, chip, page.locator("td[data-day='2020-01-01']"))

    expect(page.locator(".message--error")).to_have_text("This time has passed. Choose a later one.")
    expect(day(page, at).locator(".chip", has_text=title)).to_contain_text("09:30")


def test_a_pin_is_moved_by_keyboard(page: Page, chair: Path) -> None:
    title = "Moved by keyboard"
    scheduled(page, chair, title, next_month(15))
    page.goto(f"/calendar/?on={next_month(15):%Y-%m-%d}&q=Moved+by")

    page.get_by_role("link", name=title, exact=True).focus()
    page.keyboard.press("m")
    page.get_by_label("New time").fill(f"{next_month(20):%Y-%m-%dT}18:00")
    page.keyboard.press("Enter")

    expect(day(page, next_month(20)).locator(".chip", has_text=title)).to_contain_text("18:00")
    expect(page.get_by_text("is planned for")).to_be_visible()
