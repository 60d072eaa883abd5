"""The calendar in a browser: pins are moved by mouse and by keyboard."""

import re
from datetime import datetime
from pathlib import Path

from playwright.sync_api import Locator, Page, Route, expect

from .calendar_pages import WORKSPACE_ZONE, day, drag, next_month, scheduled
from .conftest import OpenWindow
from .page_actions import choose_board, compose, copy_of, expect_status, pick_time, press, send, upload


def spoken(day: datetime) -> str:
    year = f" {day.year}" if day.year != datetime.now(WORKSPACE_ZONE).year else ""
    return f"{day:%A} {day.day} {day:%B}{year}"


def test_a_pin_is_dragged_to_another_day_and_keeps_its_time(page: Page, chair: Path) -> None:
    title = "Dragged to another day"
    scheduled(page, chair, title, next_month(10))
    page.goto(f"/calendar/?on={next_month(10):%Y-%m-%d}&q=Dragged")
    chip = day(page, next_month(10)).locator(".chip", has_text=title)
    day(page, next_month(20)).evaluate("cell => cell.append('Not fetched again')")

    drag(page, chip, day(page, next_month(12)))

    moved = day(page, next_month(12)).locator(".chip", has_text=title)
    expect(moved).to_contain_text("09:30")
    expect(moved.locator(".chip__title")).to_be_focused()
    expect(day(page, next_month(10)).locator(".chip")).to_have_count(0)
    expect(page.locator("[data-calendar-status]")).to_have_text(f"“{title}” moved to {spoken(next_month(12))}, 09:30.")
    # The cells that came know the new version, so the pin moves on.
    drag(page, moved, day(page, next_month(13)))
    expect(day(page, next_month(13)).locator(".chip", has_text=title)).to_be_visible()
    expect(day(page, next_month(20))).to_contain_text("Not fetched again")

    page.get_by_role("button", name="Undo").click()
    expect(day(page, next_month(12)).locator(".chip", has_text=title)).to_be_visible()


def test_a_pin_is_dragged_to_another_half_hour(page: Page, chair: Path) -> None:
    title = "Dragged within a day"
    scheduled(page, chair, title, next_month(11))
    page.goto(f"/calendar/?view=day&on={next_month(11):%Y-%m-%d}&q=Dragged+within")
    target = page.locator("td[data-time='13:00']")
    target.evaluate("cell => (cell.style.height = '4rem')")
    chip = page.locator(".chip", has_text=title)

    drag(page, chip, target)

    expect(target.locator(".chip", has_text=title)).to_contain_text("13:30")
    expect(page.locator("td[data-time='09:00'] .chip")).to_have_count(0)
    expect(page.locator("td[data-time='09:00'] .hours__add")).to_be_attached()


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


def test_a_time_that_has_passed_today_opens_a_dialog_with_what_may_be_meant(page: Page, chair: Path) -> None:
    title = "Too late for today"
    at = next_month(5)
    scheduled(page, chair, title, at)
    page.goto(f"/calendar/?on={at:%Y-%m-%d}&q=Too+late")
    chip = day(page, at).locator(".chip", has_text=title)
    today = f"{datetime.now(WORKSPACE_ZONE):%Y-%m-%d}"
    page.evaluate("([cell, today]) => cell.dataset.day = today", [day(page, next_month(7)).element_handle(), today])
    chip.evaluate("chip => chip.dataset.at = '00:00'")

    drag(page, chip, page.locator(f"td[data-day='{today}']").last)

    dialog = page.get_by_role("dialog", name=f"Move “{title}”")
    expect(dialog).to_contain_text("00:00 has already passed today. Choose another time.")
    expect(dialog.get_by_role("button", name="Publish now")).to_be_visible()
    dialog.get_by_label("New time").fill(f"{next_month(8):%Y-%m-%dT}11:00")
    dialog.get_by_role("button", name="Move").click()
    expect(day(page, next_month(8)).locator(".chip", has_text=title)).to_contain_text("11:00")


def test_a_double_is_asked_about_in_a_dialog_and_one_click_moves_it_anyway(page: Page, chair: Path) -> None:
    same = copy_of(chair)
    for title, at in (("Twice, at first", next_month(17)), ("Twice, and again", next_month(18))):
        page.goto("/pins/new/")
        upload(page, same)
        page.get_by_label("Title").fill(title)
        choose_board(page)
        pick_time(page, f"{at:%Y-%m-%dT%H:%M}")
        send(page)
        expect_status(page, "Scheduled")
    page.goto(f"/calendar/?on={next_month(1):%Y-%m-%d}&q=Twice")
    drag(page, day(page, next_month(18)).locator(".chip", has_text="again"), day(page, next_month(17)))
    dialog = page.get_by_role("dialog", name="Move “Twice, and again”")
    expect(dialog).to_contain_text("Publish both?")
    expect(dialog.get_by_label("New time")).to_have_value(f"{next_month(17):%Y-%m-%dT%H:%M}")

    dialog.get_by_role("button", name="Move anyway").click()

    expect(day(page, next_month(17)).locator(".chip")).to_have_count(2)
    expect(page).to_have_url(re.compile(r"/calendar/\?on=.*&q=Twice$"))


def test_the_dialog_has_the_form_of_the_move_and_not_the_undo_of_another(page: Page, chair: Path) -> None:
    """The page of a move has the toasts that no other page has shown yet."""
    scheduled(page, chair, "Asked for below a toast", next_month(19))
    toast = '<main id="main"><form action="/undo/"><button>Undo</button></form>'

    def add_toast(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=re.sub(r"<main[^>]*>", toast, answer.text()))

    page.goto(f"/calendar/?on={next_month(1):%Y-%m-%d}&q=below+a+toast")
    page.route("**/move/**", add_toast)

    day(page, next_month(19)).locator(".chip__title").press("m")

    expect(page.get_by_role("dialog").get_by_label("New time")).to_be_visible()


def test_a_draft_that_is_dropped_on_a_day_goes_back_to_the_tray(page: Page, chair: Path) -> None:
    title = "From the tray and back"
    compose(page, chair, title)
    press(page, "Save draft")
    expect_status(page, "Draft")
    page.goto(f"/calendar/?on={next_month(1):%Y-%m-%d}&q=From+the+tray")
    drag(page, page.locator(".tray .chip", has_text=title), day(page, next_month(16)))
    page.get_by_role("dialog").get_by_role("button", name="Move", exact=True).click()
    expect(day(page, next_month(16)).locator(".chip", has_text=title)).to_contain_text("09:00")

    page.get_by_role("button", name="Undo").click()

    expect(page.locator(".tray .chip", has_text=title)).to_be_visible()
    expect(page.locator("[data-toast]")).to_contain_text(f"“{title}” moved to “No date yet”.")


def test_of_two_windows_the_slower_one_is_told_and_shows_the_pin_where_it_is(
    page: Page, chair: Path, tolerated: list[str]
) -> None:
    tolerated.append("409")
    title = "Moved in two windows"
    at = next_month(10)
    scheduled(page, chair, title, at)
    page.goto(f"/calendar/?on={at:%Y-%m-%d}&q=Moved+in+two")
    other = page.context.new_page()
    other.goto(page.url)
    drag(other, day(other, at).locator(".chip", has_text=title), day(other, next_month(12)))
    expect(day(other, next_month(12)).locator(".chip", has_text=title)).to_be_visible()

    drag(page, day(page, at).locator(".chip", has_text=title), day(page, next_month(14)))

    there = f"{next_month(12):%a} {next_month(12).day} {next_month(12):%b %Y}, 09:30"
    expect(page.locator(".message--error")).to_have_text(
        f"You moved this pin to {there} a moment ago. Your move wasn't saved."
    )
    expect(day(page, next_month(12)).locator(".chip", has_text=title)).to_contain_text("09:30")


def test_a_finger_that_holds_a_pin_drags_it_and_one_that_wipes_scrolls(
    open_window: OpenWindow, signed_in: Path, chair: Path
) -> None:
    page = open_window(storage_state=signed_in, has_touch=True)
    title = "Dragged by a finger"
    at = next_month(10)
    scheduled(page, chair, title, at)
    page.goto(f"/calendar/?on={at:%Y-%m-%d}&q=by+a+finger")
    chip = day(page, at).locator(".chip", has_text=title)
    finger = page.context.new_cdp_session(page)
    target = day(page, next_month(12))

    def touch(kind: str, place: Locator | None = None, beside: int = 0) -> None:
        box = place.bounding_box() if place else None
        points = [{"x": box["x"] + 20 + beside, "y": box["y"] + 10 + beside}] if box else []
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    chip.scroll_into_view_if_needed()
    touch("touchStart", chip)
    touch("touchMove", chip, 40)
    touch("touchEnd")
    expect(page.locator(".chip-ghost")).to_have_count(0)
    expect(page).to_have_url(re.compile("/calendar/"))

    touch("touchStart", chip)
    expect(page.locator(".chip-ghost")).to_have_count(1)  # once it is held long enough
    touch("touchMove", target)
    expect(target).to_have_class(re.compile("is-target"))
    touch("touchEnd")

    expect(target.locator(".chip", has_text=title)).to_contain_text("09:30")
    expect(page.locator("[data-calendar-status]")).to_contain_text(f"moved to {spoken(next_month(12))}, 09:30.")


def test_arrow_keys_walk_from_pin_to_pin(page: Page, chair: Path) -> None:
    titles = [f"Walked to by arrows {number}" for number in (1, 2)]
    for number, title in enumerate(titles):
        scheduled(page, chair, title, next_month(20 + number))
    page.goto(f"/calendar/?on={next_month(20):%Y-%m-%d}&q=Walked+to")
    first, second = (page.get_by_role("link", name=title, exact=True) for title in titles)

    first.focus()
    page.keyboard.press("ArrowRight")
    expect(second).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(first).to_be_focused()


def test_a_pin_is_moved_by_keyboard(page: Page, chair: Path) -> None:
    title = "Moved by keyboard"
    scheduled(page, chair, title, next_month(15))
    page.goto(f"/calendar/?on={next_month(15):%Y-%m-%d}&q=Moved+by")

    page.get_by_role("link", name=title, exact=True).focus()
    page.keyboard.press("m")
    dialog = page.get_by_role("dialog", name=f"Move “{title}”")
    expect(dialog.get_by_label("New time")).to_be_focused()
    dialog.get_by_label("New time").fill(f"{next_month(20):%Y-%m-%dT}18:00")
    page.keyboard.press("Enter")

    expect(day(page, next_month(20)).locator(".chip", has_text=title)).to_contain_text("18:00")
    expect(page.get_by_text("moved to")).to_be_visible()


def test_a_phone_opens_the_calendar_as_a_list(page: Page, chair: Path) -> None:
    compose(page, chair, "In a list on a phone")
    pick_time(page, "2031-05-06T07:08")
    press(page, "Save draft")
    expect_status(page, "Draft")
    page.set_viewport_size({"width": 390, "height": 844})

    page.goto("/calendar/?on=2031-05-01")

    days = page.locator(".month__day:visible")
    expect(days.filter(has_text="In a list on a phone")).to_contain_text("Tue 6 May")
    expect(page.locator(".month__day:visible:not(:has(.chip))")).to_have_count(0)
    expect(page.get_by_role("link", name="List", exact=True)).to_have_attribute("aria-current", "page")
    page.get_by_role("link", name="Month", exact=True).click()
    expect(page.locator(".month__day:visible")).to_have_count(35)


def test_early_hours_open_and_a_phone_shows_a_week_as_a_list_of_its_days(page: Page, chair: Path) -> None:
    at = next_month(16)
    scheduled(page, chair, "In a week on a phone", at)
    page.goto(f"/calendar/?view=week&on={at:%Y-%m-%d}&q=week+on")
    six = page.locator(f"td[data-day='{at:%Y-%m-%d}'][data-time='06:00']")

    expect(six).to_be_hidden()
    page.get_by_text("00:00–07:00").click()
    expect(six).to_be_visible()

    page.set_viewport_size({"width": 390, "height": 844})
    cells = page.locator(".hours__cell:visible")
    expect(cells).to_have_count(1)
    expect(cells).to_contain_text("In a week on a phone")
    heads = page.locator(".hours .day-head")
    tops = [box["y"] for box in (head.bounding_box() for head in heads.all()) if box]
    assert len(tops) == 7
    assert tops == sorted(set(tops))
    day_head, cell = heads.nth(at.weekday()).bounding_box(), cells.bounding_box()
    assert day_head
    assert cell
    assert day_head["y"] < cell["y"] < [*tops, float("inf")][at.weekday() + 1]
    assert page.evaluate("document.documentElement.scrollWidth") == 390
