"""A calendar that others change meanwhile: it is fetched anew each minute, and when its tab is shown again."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from .calendar_pages import answer_with, day, drag, let_a_minute_pass, next_month, scheduled
from .page_actions import compose, expect_status, press


def show_again(page: Page) -> None:
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def fetches_of(page: Page) -> list[str]:
    """The calendars that the page fetches from now on."""
    fetched: list[str] = []
    page.on("request", lambda request: "/calendar/" in request.url and fetched.append(request.url))
    return fetched


def expect_fetched(page: Page, fetched: list[str], count: int) -> None:
    page.evaluate("fetch('/livez')")  # what was asked before is known by now
    assert len(fetched) == count


def moved_by_another(page: Page, title: str) -> None:
    """Move the pin from the 20th to the 22nd in another tab."""
    other = page.context.new_page()
    other.goto(page.url)
    drag(other, day(other, next_month(20)).locator(".chip", has_text=title), day(other, next_month(22)))
    expect(day(other, next_month(22)).locator(".chip", has_text=title)).to_be_visible()
    other.close()


def test_each_minute_a_calendar_shows_where_pins_are_now_and_keeps_focus_and_place(page: Page, chair: Path) -> None:
    title, at = "Moved while the tab was looked at", next_month(20)
    scheduled(page, chair, title, at)
    page.set_viewport_size({"width": 1280, "height": 400})
    page.clock.install()
    page.goto(f"/calendar/?on={at:%Y-%m-%d}&q=Moved+while+the+tab+was+looked")
    day(page, at).locator(".chip__title").focus()
    page.evaluate("scrollTo(0, 40)")
    day(page, next_month(7)).evaluate("cell => (cell.isTheOldOne = true)")
    moved_by_another(page, title)
    expect(day(page, at).locator(".chip")).to_have_count(1)

    let_a_minute_pass(page)

    expect(day(page, at).locator(".chip")).to_have_count(0)
    expect(day(page, next_month(22)).locator(".chip__title", has_text=title)).to_be_focused()
    assert page.evaluate("scrollY") == 40
    assert day(page, next_month(7)).evaluate("cell => cell.isTheOldOne")


def test_a_link_that_has_the_focus_keeps_it_where_its_day_changes(page: Page, chair: Path) -> None:
    title, at = "Moved beside a link", next_month(20)
    scheduled(page, chair, title, at)
    page.clock.install()
    page.goto(f"/calendar/?on={at:%Y-%m-%d}&q=Moved+beside+a+link")
    link = day(page, next_month(22)).get_by_role("link", name="New pin")
    link.focus()
    moved_by_another(page, title)

    let_a_minute_pass(page)

    expect(day(page, next_month(22)).locator(".chip")).to_have_count(1)
    expect(link).to_be_focused()


def test_hours_stay_unfolded_beside_a_tray_that_comes(page: Page, chair: Path) -> None:
    title = "Comes into the tray"
    page.clock.install()
    page.goto(f"/calendar/?view=week&on={next_month(20):%Y-%m-%d}&q=Comes+into")
    page.get_by_text("no pins").click()
    other = page.context.new_page()
    compose(other, chair, title)
    press(other, "Save draft")
    expect_status(other, "Draft")
    other.close()

    let_a_minute_pass(page)

    expect(page.locator(".tray .chip", has_text=title)).to_be_visible()
    expect(page.locator(".hours__early details")).to_have_attribute("open", "")


def test_back_shows_the_whole_page_after_its_calendar_was_fetched(page: Page) -> None:
    page.goto("/calendar/")
    with page.expect_event("requestfinished", lambda request: request.url.endswith("/calendar/")):
        show_again(page)
    page.goto("/pins/")

    page.go_back()

    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    expect(page.locator("#calendar")).to_be_visible()


def hide(page: Page) -> None:
    page.evaluate("Object.defineProperty(document, 'hidden', { get: () => true, configurable: true })")


def type_and_leave(page: Page) -> None:
    page.get_by_label("Search titles").fill("Half of a ti")
    page.get_by_label("Search titles").blur()


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        pytest.param(hide, lambda page: page.evaluate("delete document.hidden"), id="hidden"),
        pytest.param(
            lambda page: page.keyboard.press("?"), lambda page: page.keyboard.press("Escape"), id="a dialog is open"
        ),
        pytest.param(
            lambda page: page.get_by_text("Filters", exact=True).click(),
            lambda page: page.keyboard.press("Escape"),
            id="a menu is open",
        ),
        pytest.param(
            lambda page: page.get_by_label("Search titles").focus(),
            lambda page: page.get_by_label("Search titles").blur(),
            id="a field has the focus",
        ),
        pytest.param(type_and_leave, lambda page: page.get_by_label("Search titles").fill(""), id="text is typed"),
    ],
)
def test_nothing_is_fetched_while(page: Page, begin: Callable[[Page], object], end: Callable[[Page], object]) -> None:
    page.clock.install()
    page.goto("/calendar/")
    fetched = fetches_of(page)

    begin(page)
    let_a_minute_pass(page)
    expect_fetched(page, fetched, 0)

    end(page)
    page.get_by_label("Search titles").blur()
    let_a_minute_pass(page)
    expect_fetched(page, fetched, 1)


def test_nothing_is_fetched_while_a_pin_is_dragged(page: Page, chair: Path) -> None:
    title, at = "Held for a minute", next_month(20)
    scheduled(page, chair, title, at)
    page.clock.install()
    page.goto(f"/calendar/?on={at:%Y-%m-%d}&q=Held+for+a+minute")
    fetched = fetches_of(page)
    day(page, at).locator(".chip__title").hover()

    page.mouse.down()
    let_a_minute_pass(page)
    page.mouse.move(300, 300, steps=4)
    let_a_minute_pass(page)

    expect_fetched(page, fetched, 0)
    expect(page.locator(".chip-ghost")).to_be_visible()
    page.keyboard.press("Escape")
    let_a_minute_pass(page)
    expect_fetched(page, fetched, 1)


@pytest.mark.parametrize("is_dropped", [True, False])
def test_an_answer_that_comes_during_or_after_a_move_is_not_shown(page: Page, chair: Path, is_dropped: bool) -> None:
    """It would take the pin from below the pointer, or show it where it was."""
    title, at = f"Moved before the answer: {is_dropped}", next_month(20)
    scheduled(page, chair, title, at)
    page.clock.install()
    page.goto(f"/calendar/?on={at:%Y-%m-%d}&q=answer:+{is_dropped}")
    answer, held = page.content().replace(title, "Of the answer"), list[Route]()
    page.route("**/calendar/?*", lambda route: held.append(route))
    let_a_minute_pass(page)
    page.evaluate("fetch('/livez')")

    if is_dropped:
        drag(page, day(page, at).locator(".chip"), day(page, next_month(22)))
        expect(day(page, next_month(22)).locator(".chip")).to_be_visible()
    else:
        day(page, at).locator(".chip__title").hover()
        page.mouse.down()
    with page.expect_event("requestfinished", lambda request: request == held[0].request):
        held[0].fulfill(body=answer, content_type="text/html")

    page.evaluate("fetch('/livez')")
    expect(page.get_by_text("Of the answer")).to_have_count(0)
    expect(day(page, next_month(22) if is_dropped else at).locator(".chip")).to_contain_text(title)


@pytest.mark.parametrize("status", [None, 503])
def test_a_minute_without_an_answer_changes_nothing_and_the_next_one_is_tried(
    page: Page, tolerated: list[str], status: int | None
) -> None:
    tolerated += ["ERR_FAILED", "503"]
    page.clock.install()
    page.goto("/calendar/")
    shown = page.locator("main").inner_html()
    fetched = fetches_of(page)
    page.route("**/calendar/", lambda route: route.fulfill(status=status) if status else route.abort())

    let_a_minute_pass(page)
    page.evaluate("fetch('/livez')")
    assert page.locator("main").inner_html() == shown

    let_a_minute_pass(page)
    expect_fetched(page, fetched, 2)


def test_the_calendar_stays_when_the_session_has_ended_and_says_so_once(page: Page, tolerated: list[str]) -> None:
    tolerated.append("401")
    page.clock.install()
    page.goto("/calendar/")
    shown, cookies = page.locator("#calendar").inner_html(), page.context.cookies()
    page.context.clear_cookies()
    notice = page.locator("[role=status][data-calendar-notice]")

    let_a_minute_pass(page)

    expect(notice).to_have_text("You've been signed out. Sign in again in another tab, then try again here.")
    assert page.locator("#calendar").inner_html() == shown
    sentence, calendar = notice.locator("p").bounding_box(), page.locator("#calendar").bounding_box()
    assert sentence
    assert calendar
    assert sentence["y"] + sentence["height"] + 8 <= calendar["y"]

    notice.locator("p").evaluate("sentence => (sentence.isTheOldOne = true)")
    with page.expect_response(lambda response: response.status == 401):
        let_a_minute_pass(page)
    page.evaluate("fetch('/livez')")
    assert notice.locator("p").evaluate("sentence => sentence.isTheOldOne")

    page.context.add_cookies(cookies)  # type: ignore[arg-type]  # as they were read
    let_a_minute_pass(page)
    expect(notice).to_be_empty()


def test_an_answer_without_a_calendar_is_told(page: Page) -> None:
    page.clock.install()
    page.goto("/calendar/")
    answer_with(page, lambda _: "<h1>Create a workspace</h1>")

    let_a_minute_pass(page)

    expect(page.get_by_text("This calendar can't be updated anymore. Reload the page.")).to_be_visible()
    expect(page.locator("#calendar")).to_be_visible()


def test_what_went_wrong_with_a_move_can_be_read_for_longer_than_a_minute(
    page: Page, chair: Path, tolerated: list[str]
) -> None:
    tolerated.append("422")
    title, at = "Refused, and read slowly", next_month(20)
    scheduled(page, chair, title, at)
    page.clock.install()
    page.goto(f"/calendar/?on={at:%Y-%m-%d}&q=read+slowly")
    day(page, next_month(3)).evaluate("cell => (cell.dataset.day = '2020-01-01')")
    drag(page, day(page, at).locator(".chip", has_text=title), page.locator("td[data-day='2020-01-01']"))
    expect(page.locator(".message--error")).to_be_visible()

    let_a_minute_pass(page)

    expect(day(page, next_month(3))).to_be_visible()  # as the server has it
    expect(page.locator(".message--error")).to_have_text("This time has passed. Choose a later one.")


def test_a_tab_that_is_shown_again_shows_where_pins_are_now(page: Page, chair: Path) -> None:
    title = "Moved while the tab was hidden"
    at = next_month(20)
    scheduled(page, chair, title, at)
    page.goto(f"/calendar/?on={at:%Y-%m-%d}&q=Moved+while")
    day(page, at).locator(".chip__title").focus()
    moved_by_another(page, title)

    show_again(page)

    expect(day(page, at).locator(".chip")).to_have_count(0)
    expect(day(page, next_month(22)).locator(".chip__title", has_text=title)).to_be_focused()


def test_a_tab_that_is_shown_again_keeps_what_is_typed_although_nothing_has_the_focus(page: Page) -> None:
    """The page is told that it is shown before its window has the focus again."""
    page.goto("/calendar/")
    search = page.get_by_label("Search titles")
    search.fill("Half of a ti")
    search.blur()
    fetched = fetches_of(page)

    show_again(page)

    expect_fetched(page, fetched, 0)
    expect(search).to_have_value("Half of a ti")


def test_a_tab_that_is_shown_again_without_a_connection_stays_as_it_is(page: Page, tolerated: list[str]) -> None:
    tolerated.append("ERR_FAILED")
    page.goto("/calendar/")
    page.route("**/calendar/", lambda route: route.abort())

    with page.expect_event("requestfailed"):
        show_again(page)

    page.evaluate("fetch('/livez')")
    expect(page.get_by_label("Search titles")).to_be_visible()


def test_a_tab_that_is_shown_again_after_the_workspace_was_switched_is_loaded_whole(page: Page) -> None:
    """Or the pins of one workspace would stand below the name of another."""
    page.goto("/calendar/")
    answer_with(page, lambda text: text.replace('data-workspace="', 'data-workspace="9'))

    with page.expect_request(lambda request: request.is_navigation_request()):
        show_again(page)
