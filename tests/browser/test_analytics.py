"""The account page of the figures in a real browser: charts, files, ranges, paper, and the weight of it all."""

import re
from pathlib import Path

import pytest
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
MOST_BYTES = 180_000


@pytest.fixture(scope="module", autouse=True)
def _history(app: AppProcess, chromium: Browser, signed_in: Path, chair: Path) -> None:
    with chromium.new_context(base_url=app.url, storage_state=signed_in) as context:
        publish(context.new_page(), chair, "A pin of the archive")
    app.python(FILL)


def chart(page: Page, name: str = "Impressions") -> Locator:
    return page.get_by_role("figure", name=name, exact=True)


def pixels(page: Page, name: str = "Impressions") -> dict[str, int]:
    """How many pixels of the chart have each of its colours."""
    return (
        chart(page, name)
        .locator("canvas")
        .evaluate(
            """(canvas) => {
          const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", {willReadFrequently: true});
          copy.drawImage(canvas, 0, 0);
          const {data} = copy.getImageData(0, 0, canvas.width, canvas.height);
          const counts = {};
          for (let at = 0; at < data.length; at += 4)
            if (data[at + 3] === 255) {
              const colour = `${data[at]},${data[at + 1]},${data[at + 2]}`;
              counts[colour] = (counts[colour] ?? 0) + 1;
            }
          return counts;
        }"""
        )
    )


def colour_of(page: Page, token: str) -> str:
    value = page.evaluate(f"getComputedStyle(document.documentElement).getPropertyValue('--{token}').trim()")
    return ",".join(str(int(value[at : at + 2], 16)) for at in (1, 3, 5))


def test_every_metric_has_its_chart(page: Page) -> None:
    page.goto(ADDRESS)
    expect(page.locator("figure.chart[data-drawn]")).to_have_count(6)

    for name in ("Pin click rate", "Impressions", "Pin clicks", "Engagement", "Saves", "Outbound clicks"):
        assert pixels(page, name).get(colour_of(page, "accent"), 0) > 100, name


def test_a_line_can_be_hidden_and_shown(page: Page) -> None:
    page.goto(ADDRESS)
    button = chart(page).get_by_role("button", name="These 30 days")
    expect(button).to_have_attribute("aria-pressed", "true")
    accent = colour_of(page, "accent")
    before = pixels(page)[accent]

    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    assert pixels(page).get(accent, 0) == 0

    button.press("Enter")
    assert pixels(page)[accent] == before


def test_days_without_data_are_gaps_and_publishing_days_are_marked(page: Page) -> None:
    page.goto(ADDRESS)
    expect(page.locator("figure.chart[data-drawn]")).to_have_count(6)

    assert pixels(page)[colour_of(page, "pin-head")] > 20
    chart(page).get_by_text("Impressions as a table").click()
    table = chart(page).get_by_role("table")
    expect(table.get_by_role("row").filter(has_text="no data")).to_have_count(3)
    expect(table.get_by_role("row").filter(has_text=re.compile(r"2\s*$"))).not_to_have_count(0)


def test_the_colours_follow_the_scheme(page: Page) -> None:
    page.emulate_media(color_scheme="light")
    page.goto(ADDRESS)
    expect(page.locator("figure.chart[data-drawn]")).to_have_count(6)
    light = colour_of(page, "accent")
    assert pixels(page).get(light, 0) > 100

    page.emulate_media(color_scheme="dark")

    # The scheme, and the drawing that follows it, come with one of the next frames.
    page.wait_for_function("matchMedia('(prefers-color-scheme: dark)').matches")
    page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    dark = colour_of(page, "accent")
    assert dark != light
    assert pixels(page).get(dark, 0) > 100


def test_a_chart_is_saved_as_a_picture_that_stands_alone(page: Page, tmp_path: Path) -> None:
    page.goto(ADDRESS)
    with page.expect_download() as download:
        page.get_by_role("button", name="Impressions as a PNG image").click()

    assert download.value.suggested_filename.startswith("impressions-20")
    download.value.save_as(tmp_path / "chart.png")
    content = (tmp_path / "chart.png").read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    # Twice as wide as on the screen, for slides and paper, where it goes back to its size.
    on_screen = chart(page).locator("canvas").evaluate("(canvas) => canvas.width")
    assert int.from_bytes(content[16:20]) > 2 * on_screen > 600


def test_files_of_charts_and_tables_are_downloaded(page: Page) -> None:
    page.goto(ADDRESS)
    for link in ("Impressions as a CSV file", "Export days as CSV", "Export pins as CSV", "Export boards as CSV"):
        with page.expect_download() as download:
            page.get_by_role("link", name=link).click()
        assert re.fullmatch(r"archive-\w+-[\d-]+-to-[\d-]+\.csv", download.value.suggested_filename)


def test_a_wrong_range_is_told_at_its_field(page: Page) -> None:
    page.goto(ADDRESS)
    page.get_by_label("Range", exact=True).select_option("custom")
    page.get_by_label("From", exact=True).fill("2026-05-10")
    page.get_by_label("To", exact=True).fill("2026-05-01")
    page.get_by_role("button", name="Show").click()

    expect(page.get_by_text("Swap the two dates.")).to_be_visible()
    expect(page.get_by_label("From", exact=True)).to_have_value("2026-05-10")
    assert page.get_by_label("To", exact=True).get_attribute("aria-describedby")


def test_a_range_is_chosen(page: Page) -> None:
    page.goto(ADDRESS)
    expect(page.get_by_label("From", exact=True)).to_be_hidden()
    page.get_by_label("Range", exact=True).select_option("90 days")
    page.get_by_role("button", name="Show").click()

    expect(chart(page).get_by_role("button", name="These 90 days")).to_be_visible()


def test_pictures_come_when_they_are_near(page: Page) -> None:
    page.goto(ADDRESS)
    pictures = page.get_by_role("region", name="Top pins").locator("img[data-src]")
    expect(pictures).to_have_count(10)
    assert page.get_by_role("region", name="Top pins").locator("img[src]").count() == 0

    pictures.first.locator("xpath=..").scroll_into_view_if_needed()

    expect(pictures.first).to_be_visible()
    assert pictures.first.get_attribute("src")


def test_the_first_load_weighs_at_most_180_kilobytes(open_window: OpenWindow, signed_in: Path) -> None:
    """As the browser counts what comes over the wire, compressed as in production."""
    page = open_window(storage_state=signed_in)
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    weights: list[float] = []
    session.on("Network.loadingFinished", lambda event: weights.append(event["encodedDataLength"]))

    page.goto(ADDRESS, wait_until="networkidle")

    assert len(weights) > 10
    assert sum(weights) <= MOST_BYTES, f"{sum(weights):,.0f} bytes"


def test_without_scripts_the_numbers_are_tables(page_without_scripts: Page) -> None:
    page = page_without_scripts
    page.goto(ADDRESS)

    expect(page.locator("canvas").first).to_be_hidden()
    chart(page).get_by_text("Impressions as a table").click()
    expect(chart(page).get_by_role("row")).to_have_count(31)
    expect(page.get_by_role("region", name="Top pins").locator("img").last).to_be_attached()
    page.get_by_label("Range", exact=True).select_option("7 days")
    page.get_by_role("button", name="Show").click()
    chart(page).get_by_text("Impressions as a table").click()
    expect(chart(page).get_by_role("row")).to_have_count(8)


@pytest.mark.parametrize("days", ["7", "30", "730"])
def test_the_report_is_one_page_of_paper(page: Page, days: str) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto(f"/analytics/report/?account=archive&days={days}")
    expect(page.locator("figure.chart[data-drawn]")).to_have_count(6)
    # Dark ink on white, whatever the screen likes.
    assert pixels(page).get("13,92,73", 0) > 50

    paper = page.pdf(prefer_css_page_size=True, print_background=True)

    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1


@pytest.mark.parametrize("address", [ADDRESS, "/analytics/report/?account=archive"])
def test_the_pages_are_accessible_and_fit_every_screen(page: Page, address: str) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.goto(address)
    expect(page.locator("figure.chart[data-drawn]")).to_have_count(6)

    assert findings(page) == []
