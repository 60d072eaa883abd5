"""What a person keeps when the calendar is replaced by a newer one: what is unfolded, the place, and the focus."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .calendar_pages import answer_with, let_a_minute_pass, next_month, scheduled

# Hours that are wider than the page.
WIDE = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(".hours { min-width: 120rem }");
  document.adoptedStyleSheets = [sheet];
}"""


def replaced_whole(calendar: str) -> str:
    return calendar.replace('"calendar__main"', '"calendar__main is-other"')


def test_hours_stay_unfolded_when_a_pin_is_planned_in_them(page: Page) -> None:
    page.clock.install()
    page.goto(f"/calendar/?view=week&on={next_month(20):%Y-%m-%d}&q=None+is+called+so")
    page.get_by_text("no pins").click()
    answer_with(page, lambda text: text.replace("00:00–07:00", "00:00–05:00"))

    let_a_minute_pass(page)

    expect(page.get_by_text("00:00–05:00")).to_be_visible()
    expect(page.locator(".hours__early details")).to_have_attribute("open", "")


def test_a_week_that_is_replaced_whole_stays_scrolled_sideways(page: Page) -> None:
    page.clock.install()
    page.goto(f"/calendar/?view=week&on={next_month(20):%Y-%m-%d}")
    page.evaluate(WIDE)
    hours = page.locator(".hours__scroll")
    hours.evaluate("hours => (hours.scrollLeft = 30)")
    assert hours.evaluate("hours => hours.scrollLeft") == 30
    answer_with(page, replaced_whole)

    let_a_minute_pass(page)

    expect(page.locator(".calendar__main.is-other")).to_be_visible()
    assert hours.evaluate("hours => hours.scrollLeft") == 30


def without(pattern: str) -> Callable[[str], str]:
    return lambda text: replaced_whole(re.sub(pattern, "", text, flags=re.DOTALL))


@pytest.mark.parametrize(
    ("focused", "change", "successor"),
    [
        pytest.param(
            ".chip__move",
            without('<a class="chip__move".*?</a>'),
            ".chip__title",
            id="a pin that can't be moved anymore",
        ),
        pytest.param(
            ".chip__title",
            without("<article.*?</article>"),
            f"td[data-day='{next_month(20):%Y-%m-%d}'] .day-head > a",
            id="a deleted pin",
        ),
        pytest.param(
            "td:has(.chip) .day-head__add",
            lambda text: replaced_whole(text.replace('title="New pin"', 'title="Another pin"')),
            "td:has(.chip) .day-head__add[title='Another pin']",
            id="a link that reads otherwise",
        ),
        pytest.param(
            ".calendar-bar__steps :text('Today')",
            without("<a [^>]*>Today</a>"),
            ".calendar-bar__title",
            id="a link that is gone",
        ),
    ],
)
def test_the_focus_goes_to_what_is_nearest(
    page: Page, chair: Path, focused: str, change: Callable[[str], str], successor: str
) -> None:
    at = next_month(20)
    scheduled(page, chair, "Beside what goes", at)
    page.clock.install()
    page.goto(f"/calendar/?on={at:%Y-%m-%d}&q=Beside+what+goes")
    page.locator(focused).first.focus()
    answer_with(page, change)

    let_a_minute_pass(page)

    expect(page.locator(".calendar__main.is-other")).to_be_visible()
    expect(page.locator(successor).first).to_be_focused()
