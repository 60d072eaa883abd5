"""The table of pins and the page of one pin, with figures that the tests put into a workspace of their own."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from .accessibility import findings
from .app_process import AppProcess
from .conftest import OpenWindow
from .page_actions import sign_up

VIRAL = "880000000001"
# Of an account that is disconnected, so that no worker changes them: 40 pins, one of them with two months of days (but
# three) and dated totals, and one that is too new for figures.
FIGURES = f"""
from datetime import timedelta
from django.utils import timezone
from accounts.models import AccountStatus, Board, PinterestAccount, Workspace
from analytics.models import AccountFeed, PinDay, PinKind, PinLifetime, PinSummary
from pins.models import Pin, PinStatus

now = timezone.now()
workspace = Workspace.objects.get(name="Readers of figures")
account = PinterestAccount.objects.create(
    workspace=workspace, pinterest_user_id="990000000001", username="figures", status=AccountStatus.DISCONNECTED
)
AccountFeed.objects.create(account=account, latest_on=now.date() - timedelta(days=2), days_fetched_at=now)
boards = [Board.objects.create(account=account, pinterest_id=f"99000000001{{n}}", name=f"Board {{n}}") for n in (0, 1)]
for number in range(41):
    at = now - (timedelta(hours=3) if number == 40 else timedelta(days=60, hours=number))
    pin = Pin.objects.create(
        workspace=workspace, account=account, board=boards[number % 2], title=f"Chair {{number}}", description="Oak.",
        status=PinStatus.PUBLISHED, publish_at=at, published_at=at, pinterest_pin_id=str({VIRAL} + number),
    )
    figures = {{}} if number == 40 else {{
        "impressions": 90_000 - number, "pin_clicks": 900, "outbound_clicks": 90, "saves": 100 + number,
        "save_rate": (100 + number) / (90_000 - number), "reactions": 5, "comments": 0, "lifetime_at": now,
    }}
    PinSummary.objects.create(
        pin=pin, workspace=workspace, account=account, board=pin.board, kind=PinKind.IMAGE, published_at=at,
        days_fetched_at=now, days_next_at=None, **figures,
    )
pin = Pin.objects.get(pinterest_pin_id="{VIRAL}")
PinDay.objects.bulk_create(
    PinDay(
        pin=pin, date=now.date() - timedelta(days=days), data_status="READY", impressions=1500 - 9 * days,
        pin_clicks=15, outbound_clicks=2, saves=days,
    )
    for days in range(2, 60) if days not in (20, 21, 22)
)
PinLifetime.objects.bulk_create(
    PinLifetime(pin=pin, date=now.date() - timedelta(days=days), impressions=90_000 - days * 1000, saves=100 - days)
    for days in range(0, 50, 5)
)
"""


@pytest.fixture(scope="module")
def reader(app: AppProcess, chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cookies of a person whose workspace has the figures above."""
    path = tmp_path_factory.mktemp("cookies") / "reader.json"
    with chromium.new_context(base_url=app.url) as context:
        sign_up(context.new_page(), "reader@example.com", "Readers of figures")
        context.storage_state(path=path)
    app.python(FIGURES)
    return path


def _day(days: int) -> str:
    return (datetime.now(UTC).date() - timedelta(days=days)).isoformat()


def titles(page: Page) -> list[str]:
    return (
        page.get_by_role("table", name="Published pins").get_by_role("rowheader").get_by_role("link").all_inner_texts()
    )


@pytest.mark.parametrize("scripts", [True, False])
def test_the_table_is_sorted_narrowed_and_paged_with_links_and_a_form(
    open_window: OpenWindow, reader: Path, scripts: bool
) -> None:
    page = open_window(storage_state=reader, java_script_enabled=scripts)
    page.goto("/analytics/pins/")
    assert titles(page)[:2] == ["Chair 0", "Chair 1"]

    page.get_by_role("link", name="Saves", exact=True).click()
    expect(page.get_by_role("columnheader", name="Saves")).to_have_attribute("aria-sort", "descending")
    assert titles(page)[:2] == ["Chair 39", "Chair 38"]

    page.get_by_text("Filter", exact=True).click()
    page.get_by_label("Board", exact=True).select_option(label="Board 1 · @figures")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_label("Board", exact=True)).to_have_value(re.compile(r"\d+"))
    assert titles(page) == [f"Chair {number}" for number in range(39, 0, -2)]

    page.goto("/analytics/pins/?q=chair&sort=-saves")
    page.get_by_role("link", name="Next pins").click()
    expect(page.get_by_role("link", name="Back to the start")).to_be_visible()
    assert titles(page) == [f"Chair {number}" for number in [*range(9, -1, -1), 40]]
    expect(page.get_by_label("Title", exact=True)).to_have_value("chair")
    expect(page.get_by_role("row").filter(has_text="Chair 40")).to_contain_text("New pins need 24 to 48 hours for data")


def test_a_pin_of_the_table_leads_to_its_charts(open_window: OpenWindow, reader: Path) -> None:
    page = open_window(storage_state=reader)
    page.goto("/analytics/pins/")
    page.get_by_role("link", name="Chair 0", exact=True).click()

    expect(page.get_by_role("heading", level=1, name="Chair 0")).to_be_visible()
    expect(page.get_by_role("region", name="Lifetime")).to_contain_text("90k")
    expect(page.get_by_role("figure", name="Impressions by week")).to_be_visible()

    page.get_by_role("link", name="Saves").click()
    expect(page.get_by_role("figure", name="Saves by week")).to_be_visible()
    page.get_by_role("link", name="Growth").click()
    expect(page.get_by_role("figure", name=re.compile("Saves since"))).to_be_visible()

    page.get_by_role("link", name="7 days").click()
    expect(page.get_by_role("link", name="7 days")).to_have_attribute("aria-current", "true")
    expect(page).to_have_url(re.compile("days=7"))


def test_the_numbers_of_the_charts_can_be_read_without_scripts(open_window: OpenWindow, reader: Path) -> None:
    page = open_window(storage_state=reader, java_script_enabled=False)
    page.goto(f"/analytics/pins/{VIRAL}/?days=custom&start={_day(30)}&end={_day(2)}")

    figure = page.get_by_role("figure", name="Impressions", exact=True)
    figure.locator("summary").click()

    expect(figure.get_by_role("row").filter(has_text="no data")).to_have_count(3)
    expect(figure.get_by_role("row").last).to_contain_text("1,482")


@pytest.mark.parametrize("address", ["", "?q=zebra", f"{VIRAL}/", f"{int(VIRAL) + 40}/"])
def test_the_pages_fit_and_keep_the_rules_of_axe(open_window: OpenWindow, reader: Path, address: str) -> None:
    page = open_window(storage_state=reader, reduced_motion="reduce")
    page.goto(f"/analytics/pins/{address}")

    assert findings(page) == []


def test_on_a_phone_thirty_pins_with_their_rates_are_short_to_scroll(open_window: OpenWindow, reader: Path) -> None:
    page = open_window(storage_state=reader, viewport={"width": 390, "height": 844})
    page.goto("/analytics/pins/")

    row = page.get_by_role("row").filter(has_text=re.compile(r"Chair 0\b"))
    expect(row.get_by_role("cell")).to_have_text(
        ["90,000", "900", "90", "100", "0.11%", "1.00%", re.compile("Pin again")]
    )
    assert page.evaluate("document.documentElement.scrollHeight") < 3000
    page.get_by_role("row").last.scroll_into_view_if_needed()
    expect(page.get_by_role("link", name="Saves", exact=True)).to_be_in_viewport()
