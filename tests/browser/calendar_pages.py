"""Pins in the calendar, how one is dragged, and how the calendar is fetched anew."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from playwright.sync_api import Locator, Page, Route

from .page_actions import compose, expect_status, pick_time, send

WORKSPACE_ZONE = ZoneInfo("Europe/Berlin")


def scheduled(page: Page, chair: Path, title: str, at: datetime) -> None:
    compose(page, chair, title)
    pick_time(page, f"{at:%Y-%m-%dT%H:%M}")
    send(page)
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


def let_a_minute_pass(page: Page) -> None:
    page.clock.fast_forward("01:00")


def answer_with(page: Page, change: Callable[[str], str]) -> None:
    """Change the calendars that are fetched, and no page."""

    def fulfill(route: Route) -> None:
        if "x-requested-with" not in route.request.headers:
            route.continue_()
            return
        answer = route.fetch()
        route.fulfill(response=answer, body=change(answer.text()))

    page.route(re.compile("/calendar/"), fulfill)
