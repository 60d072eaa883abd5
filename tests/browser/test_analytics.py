"""The account page of the figures in a real browser: charts, files, ranges, paper, and the weight of it all."""

import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from .accessibility import findings
from .app_process import AppProcess
from .conftest import OpenWindow
from .page_actions import publish

# A disconnected account keeps its history, and no worker fetches anything into it while the tests look.
FILL = """
from datetime import UTC, date, datetime, timedelta
from accounts.models import *
from analytics.models import *
from pins.models import *
workspace = Workspace.objects.get(name="Demo team")
account = PinterestAccount.objects.create(
    workspace=workspace, pinterest_user_id="42", username="archive", account_type="BUSINESS", status="disconnected"
)
now = datetime.now(UTC)
latest = now.date() - timedelta(days=2)
AccountFeed.objects.create(account=account, latest_on=latest, days_fetched_at=now - timedelta(minutes=12))
for back in range(200):
    if back in (8, 9, 11):
        continue
    seen = 1200 + (back * 7919) % 800 - 3 * back
    clicks = 40 + (back * 31) % 25
    AccountDay.objects.create(
        account=account, date=latest - timedelta(days=back), data_status="READY", impressions=seen, pin_clicks=clicks,
        engagement=clicks + 30, saves=12 + back % 9, outbound_clicks=20 + back % 5, pin_click_rate=clicks / seen,
    )
picture = Attachment.objects.filter(pin__title="A pin of the archive").first().media
for number in range(12):
    board = Board.objects.create(account=account, pinterest_id=f"77{number}", name=f"Archive board {number}")
    at = now - timedelta(days=4 + 3 * (number // 2))
    pin = Pin.objects.create(
        workspace=workspace, account=account, board=board, title=f"An oak chair that the archive keeps: {number}",
        status="published", published_at=at, publish_at=at, pinterest_pin_id=f"99{number}",
    )
    Attachment.objects.create(pin=pin, media=picture, position=0)
    for days in (7, 30, 90, 365, 730):
        totals = dict(impressions=9000 - 600 * number, pin_clicks=300 - 20 * number, outbound_clicks=50, saves=90)
        PinPeriod.objects.create(pin=pin, account=account, board=board, days=days, **totals)
        BoardPeriod.objects.create(account=account, board=board, days=days, pins=1, **totals)
"""
ADDRESS = "/analytics/?account=archive"
CHART_OF = {"7": "Impressions", "30": "Impressions", "730": "Impressions by week"}
MOST_BYTES = 60_000


@pytest.fixture(scope="module", autouse=True)
def _history(app: AppProcess, chromium: Browser, signed_in: Path, chair: Path) -> None:
    with chromium.new_context(base_url=app.url, storage_state=signed_in) as context:
        publish(context.new_page(), chair, "A pin of the archive")
    app.python(FILL)


def chart(page: Page, name: str = "Impressions") -> Locator:
    return page.get_by_role("figure", name=name, exact=True)


def test_a_tile_switches_the_one_chart_and_back_leads_to_the_former(page: Page) -> None:
    page.goto(ADDRESS)
    expect(page.get_by_role("figure")).to_have_count(1)
    page.evaluate("window.isSamePage = true")

    page.get_by_role("link", name="Saves").click()
    expect(chart(page, "Saves")).to_be_visible()
    expect(page.get_by_role("link", name="Saves")).to_have_attribute("aria-current", "true")
    expect(page).to_have_url(re.compile("metric=saves"))
    assert page.evaluate("window.isSamePage")

    page.go_back()
    expect(chart(page)).to_be_visible()


def test_the_values_of_a_day_are_shown_under_the_pointer(page: Page) -> None:
    page.goto(ADDRESS)
    plot = chart(page).locator("[data-plot]")
    box = plot.bounding_box()
    assert box

    page.mouse.move(box["x"] + box["width"] - 4, box["y"] + 40)

    tip = plot.locator(".chart__tip")
    expect(tip).to_contain_text("These 30 days: 1,200")
    expect(tip).to_contain_text("The 30 days before:")
    expect(plot.locator(".chart__dot")).to_have_count(2)

    page.mouse.move(0, 0)
    expect(tip).to_be_hidden()

    # Also in a chart that htmx has brought.
    page.get_by_role("link", name="Saves").click()
    plot = chart(page, "Saves").locator("[data-plot]")
    plot.hover()
    expect(plot.locator(".chart__tip")).to_contain_text("These 30 days:")


def test_days_without_data_are_gaps_and_publishing_days_are_marked(page: Page) -> None:
    page.goto(ADDRESS)

    line = chart(page).locator("path.chart__line:not(.chart__line--comparison)")
    # Three days are missing, of which two are beside each other.
    assert (line.get_attribute("d") or "").count("M") == 3
    expect(chart(page).get_by_text("Pins published").first).to_be_visible()
    chart(page).get_by_text("Impressions as a table").click()
    table = chart(page).get_by_role("table")
    expect(table.get_by_role("row").filter(has_text="no data")).to_have_count(3)
    expect(table.get_by_role("row").filter(has_text=re.compile(r"2\s*$"))).not_to_have_count(0)


def test_the_colours_follow_the_scheme(page: Page) -> None:
    def stroke() -> str:
        line = chart(page).locator("path.chart__line:not(.chart__line--comparison)")
        return str(line.evaluate("(line) => getComputedStyle(line).stroke"))

    page.emulate_media(color_scheme="light")
    page.goto(ADDRESS)
    assert stroke() == "rgb(13, 92, 73)"

    page.emulate_media(color_scheme="dark")
    assert stroke() == "rgb(116, 211, 179)"


def test_a_chart_is_saved_as_a_picture_that_stands_alone(page: Page, tmp_path: Path) -> None:
    page.goto(ADDRESS)
    page.get_by_text("Export", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Impressions chart (PNG)").click()

    assert download.value.suggested_filename == "impressions.png"
    download.value.save_as(tmp_path / "chart.png")
    with Image.open(tmp_path / "chart.png") as picture:
        # Twice as wide as on the screen, for slides and paper, where it goes back to its size.
        on_screen = chart(page).locator(".chart__picture").bounding_box()
        assert on_screen and picture.width > 2 * on_screen["width"] > 600
        colours = {colour for _, colour in picture.convert("RGB").getcolors(picture.width * picture.height)}
        assert {(13, 92, 73), (242, 245, 241)} <= colours


def test_files_of_charts_and_tables_are_downloaded(page: Page) -> None:
    page.goto(ADDRESS)
    for link in ("All metrics by day (CSV)", "Impressions by day (CSV)", "Top pins (CSV)", "Boards (CSV)"):
        page.get_by_text("Export", exact=True).click()
        with page.expect_download() as download:
            page.get_by_role("link", name=link).click()
        assert re.fullmatch(r"archive-\w+-[\d-]+-to-[\d-]+\.csv", download.value.suggested_filename)
        page.keyboard.press("Escape")


def test_a_wrong_range_is_told_at_its_field(page: Page) -> None:
    page.goto(ADDRESS)
    page.get_by_text("Custom", exact=True).click()
    page.get_by_label("From", exact=True).fill("2026-05-10")
    page.get_by_label("To", exact=True).fill("2026-05-01")
    page.get_by_role("button", name="Show").click()

    expect(page.get_by_text("Swap the two dates.")).to_be_visible()
    expect(page.get_by_label("From", exact=True)).to_have_value("2026-05-10")
    assert page.get_by_label("To", exact=True).get_attribute("aria-describedby")


def test_a_range_applies_itself(page: Page) -> None:
    page.goto(ADDRESS)
    page.get_by_role("link", name="90 days", exact=True).click()

    expect(chart(page).get_by_text("These 90 days").first).to_be_visible()
    expect(page.get_by_role("link", name="90 days", exact=True)).to_have_attribute("aria-current", "true")


def test_pictures_come_when_they_are_near(page: Page) -> None:
    page.goto(ADDRESS)
    page.set_viewport_size({"width": 390, "height": 700})
    page.goto(ADDRESS)
    pictures = page.get_by_role("region", name="Top pins").locator("img[data-src]")
    expect(pictures).to_have_count(5)
    assert page.get_by_role("region", name="Top pins").locator("img[src]").count() == 0

    pictures.first.locator("xpath=..").scroll_into_view_if_needed()

    expect(pictures.first).to_be_visible()
    assert pictures.first.get_attribute("src")


def test_the_first_load_weighs_at_most_60_kilobytes(open_window: OpenWindow, signed_in: Path) -> None:
    """As the browser counts what comes over the wire, compressed as in production."""
    page = open_window(storage_state=signed_in)
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    addresses: dict[str, str] = {}
    weights: dict[str, float] = {}
    session.on(
        "Network.requestWillBeSent", lambda event: addresses.update({event["requestId"]: event["request"]["url"]})
    )
    session.on(
        "Network.loadingFinished",
        lambda event: weights.update({addresses[event["requestId"]]: event["encodedDataLength"]}),
    )

    page.goto(ADDRESS, wait_until="networkidle")

    # The pictures of the tests are noise, which no format makes small.
    page_weights = [weight for url, weight in weights.items() if "/files/" not in url]
    assert len(page_weights) > 5
    assert sum(page_weights) <= MOST_BYTES, weights


def test_without_scripts_the_numbers_are_tables(page_without_scripts: Page) -> None:
    page = page_without_scripts
    page.goto(ADDRESS)

    expect(chart(page).locator("path.chart__line").first).to_be_attached()
    chart(page).get_by_text("Impressions as a table").click()
    expect(chart(page).get_by_role("row")).to_have_count(31)
    expect(page.get_by_role("region", name="Top pins").locator("img").last).to_be_attached()
    page.get_by_role("link", name="7 days").click()
    chart(page).get_by_text("Impressions as a table").click()
    expect(chart(page).get_by_role("row")).to_have_count(8)


@pytest.mark.parametrize("days", ["7", "30", "730"])
def test_the_report_is_one_page_of_paper(page: Page, days: str) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto(f"/analytics/report/?account=archive&days={days}")
    expect(page.get_by_role("figure")).to_have_count(6)
    # Dark ink on white, whatever the screen likes.
    line = chart(page, CHART_OF[days]).locator("path.chart__line").last
    assert line.evaluate("(line) => getComputedStyle(line).stroke") == "rgb(13, 92, 73)"

    paper = page.pdf(prefer_css_page_size=True, print_background=True)

    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1


@pytest.mark.parametrize("address", [ADDRESS, "/analytics/report/?account=archive"])
def test_the_pages_are_accessible_and_fit_every_screen(page: Page, address: str) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.goto(address)
    expect(page.get_by_role("figure").first).to_be_visible()

    assert findings(page) == []
