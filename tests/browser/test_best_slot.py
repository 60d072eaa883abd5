"""The composer offers the best free time, and taking it is like typing it."""

import re

from playwright.sync_api import Page, expect

from .app_process import AppProcess
from .conftest import OpenWindow
from .page_actions import expect_saved, sign_up

# Five weeks of pins, of which those of Tuesdays at 18:00 did three times as well.
FILL = """
from datetime import datetime, time, timedelta
from django.utils import timezone
from accounts.models import Workspace
from pins.models import PinStatus
from tests.factories import BoardFactory, PinFactory, PinSummaryFactory, PinterestAccountFactory

# Every run of this begins to count anew, and Pinterest's ids are unique.
for factory in (PinterestAccountFactory, BoardFactory, PinFactory):
    factory.reset_sequence({first}, force=True)
workspace = Workspace.objects.get(name="{name}")
# Made up, so that no worker asks the sandbox about it and marks it as in need of reconnecting meanwhile.
board = BoardFactory(account__workspace=workspace, account__is_made_up=True)
today = timezone.now().date()
monday = today - timedelta(days=today.weekday() + 14)
for week in range(5):
    for day in range(6):
        at = datetime.combine(monday + timedelta(days=day - 7 * week), time(18, 5), workspace.zone)
        pin = PinFactory(board=board, status=PinStatus.PUBLISHED, publish_at=at, attachments=0)
        PinSummaryFactory(pin=pin, first_week_engagement=30 if day == 1 else 10)
"""
OFFER = "Tuesdays at 18:00: 1.6 times your average engagement, from 5 pins."


def test_the_offered_time_is_filled_in_and_saved_by_itself(app: AppProcess, visitor: Page) -> None:
    sign_up(visitor, "best-slot@example.com", "Best slot")
    app.python(FILL.format(name="Best slot", first=10_000))

    visitor.goto("/pins/new/")
    expect(visitor.get_by_text(OFFER)).to_be_visible()
    visitor.get_by_role("button", name="Use this time").click()

    expect(visitor.get_by_label("Schedule for")).to_have_value(re.compile(r"^\d{4}-\d\d-\d\dT18:[03]0$"))
    expect(visitor.locator("#best-slot [role=status]")).to_have_text(re.compile(r"^Set to Tue "))
    chosen = visitor.get_by_label("Schedule for").input_value()
    expect_saved(visitor)
    visitor.reload()
    expect(visitor).to_have_url(re.compile(r"/pins/\d+/edit/$"))
    expect(visitor.get_by_label("Schedule for")).to_have_value(chosen)


def test_the_best_times_can_be_read_on_a_telephone(app: AppProcess, open_window: OpenWindow) -> None:
    page = open_window(viewport={"width": 390, "height": 800})
    sign_up(page, "best-times@example.com", "Best times")
    app.python(FILL.format(name="Best times", first=20_000))

    page.goto("/analytics/best-times/")

    expect(page.get_by_text("'s pins do best")).to_be_visible()
    expect(page.get_by_role("link", name="New pin on Tuesday at 18:00: 22")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_a_new_team_is_offered_nothing(visitor: Page) -> None:
    sign_up(visitor, "no-slot@example.com", "No slot")

    with visitor.expect_response("**/analytics/best-slot/**") as answer:
        visitor.goto("/pins/new/")

    assert answer.value.ok
    expect(visitor.get_by_label("Pick a time")).to_be_visible()
    expect(visitor.get_by_role("button", name="Use this time")).to_have_count(0)


def test_the_offer_follows_the_board(app: AppProcess, visitor: Page) -> None:
    """Another account of the workspace has pins of its own, too few for an offer."""
    sign_up(visitor, "two-accounts@example.com", "Two accounts")
    app.python(FILL.format(name="Two accounts", first=30_000))
    app.python(FILL.format(name="Two accounts", first=40_000).replace("range(5)", "range(1)"))
    visitor.goto("/pins/new/")
    expect(visitor.locator("#best-slot")).to_contain_text("Choose a board to see its account's best times.")
    board, other = (
        visitor.locator("#id_board option").nth(number).get_attribute("data-name") or "" for number in (1, 2)
    )

    def choose(name: str) -> None:
        visitor.locator("#board-search").fill(name)
        with visitor.expect_response(re.compile("/analytics/best-slot/")):
            visitor.locator("#board-list li").first.click()

    choose(board)
    expect(visitor.get_by_role("button", name="Use this time")).to_be_visible()
    choose(other)
    expect(visitor.get_by_role("button", name="Use this time")).to_have_count(0)
