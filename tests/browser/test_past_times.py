"""A time that has passed is asked about in the composer, with scripts and without."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .app_process import SandboxControls
from .media_files import jpeg
from .page_actions import A_MONTH_AHEAD, compose, expect_status, pick_time, pins_titled, press, send

QUESTION = "Mon 1 Dec 2025, 09:30"


@pytest.fixture
def chair(tmp_path: Path) -> Path:
    """Another one for each test: the same picture twice in a minute is asked about as well."""
    return jpeg(tmp_path / "oak-chair.jpg")


def test_a_time_that_has_passed_is_asked_about_and_another_one_chosen(
    page: Page, sandbox: SandboxControls, chair: Path
) -> None:
    compose(page, chair, "A year typed wrong")
    pick_time(page, "2025-12-01T09:30")
    send(page)
    expect(page.locator("#questions")).to_contain_text(QUESTION)
    expect(page.locator("#questions")).to_be_focused()
    expect(page.get_by_label("Title", exact=False).first).to_have_value("A year typed wrong")

    page.get_by_role("link", name="Pick another time").click()
    expect(page.locator("#questions")).to_have_count(0)
    expect(page.get_by_label("Schedule for")).to_be_focused()
    pick_time(page, A_MONTH_AHEAD)
    send(page)

    expect_status(page, "Scheduled")
    assert pins_titled(sandbox.pins(), "A year typed wrong") == []


def test_publish_now_answers_the_question(page: Page, sandbox: SandboxControls, chair: Path) -> None:
    compose(page, chair, "Late but now")
    pick_time(page, "2025-12-01T09:30")
    send(page)

    page.locator("#confirm").click()

    expect_status(page, "Published")
    assert len(pins_titled(sandbox.pins(), "Late but now")) == 1


def test_the_same_without_scripts(page: Page, page_without_scripts: Page, chair: Path) -> None:
    compose(page, chair, "Late without scripts")
    press(page, "Save draft")
    expect(page).to_have_url(re.compile(r"/pins/\d+/$"))
    still = page_without_scripts
    still.goto(f"{page.url}edit/")
    pick_time(still, "2025-12-01T09:30")
    send(still)
    expect(still.locator("#questions")).to_contain_text(QUESTION)
    expect(still.get_by_label("Schedule for")).to_have_value("2025-12-01T09:30")

    still.locator("#confirm").click()

    expect(still).to_have_url(re.compile(r"/pins/\d+/$"))
    page.goto(still.url)
    expect_status(page, "Published")


def test_a_time_more_than_a_year_ahead_is_asked_about(page: Page, sandbox: SandboxControls, chair: Path) -> None:
    compose(page, chair, "In a far year")
    pick_time(page, "2062-12-01T09:30")
    send(page)
    expect(page.locator("#questions")).to_contain_text(
        "Fri 1 Dec 2062, 09:30 (Europe/Berlin) is more than a year away."
    )

    press(page, "Schedule anyway")

    expect_status(page, "Scheduled")
