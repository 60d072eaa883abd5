"""The composer saves by itself: a closed tab, an expired session, a double click and a second person lose nothing."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from .app_process import AppProcess, SandboxControls
from .conftest import OpenWindow
from .page_actions import (
    A_MONTH_AHEAD,
    attached,
    compose,
    expect_saved,
    expect_status,
    pick_time,
    pins_titled,
    press,
    send,
    upload,
)

SAVED_AS_A_DRAFT = re.compile(r"/pins/\d+/edit/$")


def test_what_was_typed_is_there_after_the_tab_was_closed(
    page: Page, open_window: OpenWindow, signed_in: Path, chair: Path
) -> None:
    compose(page, chair, "Saved by itself")
    pick_time(page, A_MONTH_AHEAD)
    expect_saved(page)
    expect(page).to_have_url(SAVED_AS_A_DRAFT)
    address = page.url
    page.close()

    again = open_window(storage_state=signed_in)
    again.goto("/pins/")
    again.get_by_role("link", name="Saved by itself").first.click()
    again.get_by_role("link", name="Edit", exact=True).click()

    assert again.url == address
    expect(again.get_by_label("Title")).to_have_value("Saved by itself")
    expect(again.get_by_label("Schedule for")).to_have_value(A_MONTH_AHEAD)
    expect(attached(again)).to_contain_text(chair.name)


def test_an_empty_form_makes_no_draft(page: Page) -> None:
    page.goto("/pins/new/")
    with page.expect_response("**/pins/autosave/") as answer:
        page.get_by_label("Title").fill("x")
        page.get_by_label("Title").fill("")

    assert answer.value.json()["state"] == "empty"
    assert page.url.endswith("/pins/new/")


def test_the_last_words_before_leaving_are_saved(page: Page) -> None:
    page.goto("/pins/new/")
    page.get_by_label("Title").fill("Typed just")
    expect_saved(page)
    address = page.url
    with page.expect_request("**/autosave/"):
        page.get_by_label("Title").fill("Typed just before leaving")
        page.get_by_role("link", name="Analytics").click()

    expect(page.get_by_role("heading", level=1, name="Analytics")).to_be_visible()
    page.goto(address)
    expect(page.get_by_label("Title")).to_have_value("Typed just before leaving")


def test_double_click_on_publish_after_saving_by_itself_is_one_pin(
    page: Page, sandbox: SandboxControls, chair: Path
) -> None:
    compose(page, chair, "Published by two clicks")
    expect_saved(page)

    page.get_by_role("button", name="Publish now").dblclick()

    expect_status(page, "Published")
    assert len(pins_titled(sandbox.pins(), "Published by two clicks")) == 1
    page.goto("/pins/")
    expect(page.get_by_role("link", name="Published by two clicks")).to_have_count(1)


def test_publishing_at_once_is_one_pin_too(page: Page, sandbox: SandboxControls, chair: Path) -> None:
    compose(page, chair, "Faster than the first save")

    page.get_by_role("button", name="Publish now").dblclick()

    expect_status(page, "Published")
    assert len(pins_titled(sandbox.pins(), "Faster than the first save")) == 1


def test_an_expired_session_loses_nothing(
    open_window: OpenWindow, app: AppProcess, signed_in: Path, tolerated: list[str]
) -> None:
    tolerated.append("status of 401")
    page = open_window(storage_state=signed_in)
    page.goto("/pins/new/")
    page.context.clear_cookies(name="sessionid")
    page.get_by_label("Title").fill("Typed while signed out")
    state = page.locator("#autosave-state")
    expect(state).to_contain_text("Not saved: You've been signed out.")
    expect(state).to_contain_text("Your changes are kept in this browser.")
    press(page, "Save draft")  # waits for the session, too
    expect(page.get_by_label("Title")).to_have_value("Typed while signed out")

    page.get_by_role("link", name="Sign in again").click()
    page.get_by_label("Email").fill(app.demo_login[0])
    page.get_by_label("Password").fill(app.demo_login[1])
    press(page, "Sign in")

    expect(page).to_have_url(SAVED_AS_A_DRAFT)
    expect(page.get_by_label("Title")).to_have_value("Typed while signed out")


def test_signing_in_again_in_another_tab_is_enough(
    open_window: OpenWindow, app: AppProcess, signed_in: Path, tolerated: list[str]
) -> None:
    tolerated.append("status of 401")
    page = open_window(storage_state=signed_in)
    page.goto("/pins/new/")
    page.context.clear_cookies(name="sessionid")
    page.get_by_label("Title").fill("Two tabs")
    expect(page.locator("#autosave-state")).to_contain_text("Not saved")
    other = page.context.new_page()
    other.goto("/accounts/login/")
    other.get_by_label("Email").fill(app.demo_login[0])
    other.get_by_label("Password").fill(app.demo_login[1])
    press(other, "Sign in")
    expect(other.get_by_role("navigation", name="Main")).to_be_visible()

    page.evaluate("window.dispatchEvent(new Event('focus'))")  # the window is looked at again

    expect_saved(page)
    page.get_by_label("Title").fill("Two tabs, and more")
    press(page, "Save draft")
    expect_status(page, "Draft")
    expect(page.get_by_role("heading", level=1, name="Two tabs, and more")).to_be_visible()


def test_a_broken_connection_is_told_and_mended(page: Page, tolerated: list[str]) -> None:
    tolerated.append("net::ERR_INTERNET_DISCONNECTED")
    page.goto("/pins/new/")
    page.context.set_offline(True)
    page.get_by_label("Title").fill("Typed in a tunnel")
    expect(page.locator("#autosave-state")).to_contain_text("Not saved: you're offline.")

    page.context.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('focus'))")

    expect_saved(page)
    page.reload()
    expect(page.get_by_label("Title")).to_have_value("Typed in a tunnel")


def test_a_scheduled_pin_changes_by_a_button_only(page: Page, chair: Path) -> None:
    compose(page, chair, "As it was scheduled")
    pick_time(page, A_MONTH_AHEAD)
    send(page)
    expect_status(page, "Scheduled")
    pin = page.url
    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_label("Title").fill("Changed, but not saved")
    expect_saved(page)

    page.goto(pin)
    expect(page.get_by_role("heading", level=1, name="As it was scheduled")).to_be_visible()
    page.get_by_role("link", name="Edit", exact=True).click()
    expect(page.get_by_text("Your unsaved changes from")).to_be_visible()
    expect(page.get_by_label("Title")).to_have_value("Changed, but not saved")
    press(page, "Discard changes")

    expect(page.get_by_text("Your unsaved changes from")).to_have_count(0)
    expect(page.get_by_label("Title")).to_have_value("As it was scheduled")


def test_two_windows_meet_in_a_conflict_instead_of_a_lost_text(page: Page) -> None:
    page.goto("/pins/new/")
    page.get_by_label("Title").fill("Written by two")
    expect_saved(page)
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_label("Title").fill("From the other window")
    expect_saved(other)

    page.get_by_label("Title").fill("From this window")
    expect(page.locator("#autosave-state")).to_contain_text("Not saved: You changed this pin in another window at")
    press(page, "Save draft")
    conflict = page.get_by_role("alert")
    expect(conflict).to_be_focused()
    expect(conflict).to_contain_text("From the other window")
    expect(page.get_by_label("Title")).to_have_value("From this window")
    press(page, "Save mine instead")

    expect_status(page, "Draft")
    expect(page.get_by_role("heading", level=1, name="From this window")).to_be_visible()


def test_an_hour_that_does_not_exist_becomes_the_next_time_there_is(page: Page) -> None:
    page.goto("/pins/new/")
    pick_time(page, "2031-03-30T02:30")
    page.get_by_label("Title").fill("Summer time")

    expect(page.locator("#autosave-state")).to_contain_text("The clocks skip 02:30 on 30 Mar 2031")
    time = page.locator("#id_publish_at")
    expect(time).to_have_value("2031-03-30T03:00")

    page.reload()
    expect(time).to_have_value("2031-03-30T03:00")
    expect(page.get_by_label("Title")).to_have_value("Summer time")


def test_files_are_part_of_what_is_saved(page: Page, chair: Path) -> None:
    page.goto("/pins/new/")
    upload(page, chair)
    expect_saved(page)
    page.reload()
    expect(attached(page)).to_contain_text(chair.name)

    press(page, f"Remove {chair.name}")
    expect_saved(page)
    page.reload()
    expect(attached(page)).to_have_count(0)
    expect(page.get_by_text("Before you can publish:")).to_be_visible()


def test_boards_that_come_late_leave_the_question_of_the_next_page_as_it_is(page: Page, chair: Path) -> None:
    """Their times are worked out anew after another time was picked, and a slow answer meets the form on its way."""
    compose(page, chair, "Boards that come late")
    pick_time(page, "2031-05-07T09:00")
    page.evaluate(
        """() => document.querySelector("#composer").addEventListener("submit", () =>
        document.querySelector("#more-boards").dispatchEvent(new CustomEvent("htmx:afterSwap", {bubbles: true})))"""
    )
    send(page)
    confirm = page.get_by_role("button", name="Schedule anyway", exact=True)
    expect(confirm).to_be_visible()
    page.wait_for_load_state("networkidle")

    confirm.click()

    expect_status(page, "Scheduled")
