"""What a person waits for in Chromium: bytes and first paint of a first visit, over a slow line too, and interactions.

The app runs as in production: gunicorn, with static files that WhiteNoise compresses when they are collected.
"""

from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.app_process import AppProcess, manage
from tests.browser.conftest import CHROMIUM, CHROMIUM_ARGUMENTS
from tests.browser.page_actions import sign_in

ROUNDS = 5
MOST_BYTES = 120 * 1024
# As WebPageTest has it: 400 kbit/s and 400 ms for each request.
SLOW_3G = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
MOST_PAINT_MS, MOST_INTERACTION_MS = 2000, 100
# The demo's person then sees nothing but the workspace with the history.
LEAVE_DEMO_TEAM = (
    "from accounts.models import Membership; Membership.objects.exclude(workspace__name='Demo history').delete()"
)
FIRST_PAINT = """
  new Promise((resolve) => {
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (entry.name === "first-contentful-paint") resolve(entry.startTime);
    }).observe({ type: "paint", buffered: true });
  })
"""
# Of each interaction, from the key or the press until the next frame, rounded to 8 ms by the browser.
WATCH_INTERACTIONS = """
  window.interactions = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (entry.interactionId) window.interactions.push(entry.duration);
  }).observe({ type: "event", durationThreshold: 16, buffered: true });
"""


def compose(page: Page) -> None:
    page.get_by_label("Title").press_sequentially("An oak chair")
    page.get_by_label("Description").press_sequentially("Made by hand.")
    page.get_by_text("Pick a time").click()
    page.get_by_text("More: alt text and color").click()


def look_through_pins(page: Page) -> None:
    page.locator(".list-tools summary", has_text="Filters").click()
    page.keyboard.press("Escape")
    for key in ("j", "j", "k", "?"):
        page.keyboard.press(key)


def search(page: Page) -> None:
    page.keyboard.press("/")
    page.get_by_role("dialog", name="Search").get_by_role("searchbox").press_sequentially("oak")


def open_menus(page: Page) -> None:
    for menu in page.locator("main details.menu > summary").all()[:3]:
        menu.click()


PAGES: dict[str, Callable[[Page], None]] = {
    "/": search,
    "/pins/": look_through_pins,
    "/pins/new/": compose,
    "/calendar/": search,
    "/analytics/": open_menus,
    "/analytics/pins/": open_menus,
}


def run(folder: Path) -> None:
    if not CHROMIUM.exists():
        print(f"transfer: skipped, {CHROMIUM} is missing")
        return
    app = AppProcess(folder)
    try:
        app.start()
        done = app.run(manage("demo_history", "--pins", "300"))
        assert done.returncode == 0, done.stderr
        app.python(LEAVE_DEMO_TEAM)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
            report(browser, app)
            browser.close()
    finally:
        app.close()


def report(browser: Browser, app: AppProcess) -> None:
    with browser.new_context(base_url=app.url) as context:
        page = context.new_page()
        sign_in(page, *app.demo_login)
        cookies: Any = context.storage_state()
    print(
        "first visits in Chromium, medians; bytes with images, first paint as it is and over slow 3G, and the slowest"
    )
    print(f"interaction (at most {MOST_BYTES // 1024} KB, {MOST_PAINT_MS} ms over slow 3G, {MOST_INTERACTION_MS} ms):")
    for address, interact in PAGES.items():
        size, paint = first_visit(browser, app.url, cookies, address, {})
        _, slow_paint = first_visit(browser, app.url, cookies, address, SLOW_3G)
        slowest = slowest_interaction(browser, app.url, cookies, address, interact)
        print(f"  {address:<18} {size / 1024:4.0f} KB {paint:6.0f} ms {slow_paint:6.0f} ms {slowest:6.0f} ms")


def first_visit(browser: Browser, url: str, cookies: Any, address: str, line: dict[str, Any]) -> tuple[float, float]:
    """Return the bytes and the first paint in milliseconds, with an empty cache, since each context has its own."""
    visits = [one_visit(browser, url, cookies, address, line) for _ in range(ROUNDS)]
    return median(size for size, _ in visits), median(paint for _, paint in visits)


def one_visit(browser: Browser, url: str, cookies: Any, address: str, line: dict[str, Any]) -> tuple[float, float]:
    sizes: list[float] = []
    with browser.new_context(base_url=url, storage_state=cookies) as context:
        page = context.new_page()
        network = context.new_cdp_session(page)
        network.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
        network.send("Network.enable")
        if line:
            network.send("Network.emulateNetworkConditions", line)
        page.goto(address, wait_until="networkidle")
        return sum(sizes), page.evaluate(FIRST_PAINT)


def slowest_interaction(
    browser: Browser, url: str, cookies: Any, address: str, interact: Callable[[Page], None]
) -> float:
    """Return the milliseconds of the slowest of the page's interactions; 0 if none took two frames."""
    slowest = []
    for _ in range(ROUNDS):
        with browser.new_context(base_url=url, storage_state=cookies) as context:
            page = context.new_page()
            page.add_init_script(WATCH_INTERACTIONS)
            page.goto(address, wait_until="networkidle")
            interact(page)
            page.wait_for_load_state("networkidle")
            slowest.append(page.evaluate("Math.max(0, ...window.interactions)"))
    return median(slowest)
