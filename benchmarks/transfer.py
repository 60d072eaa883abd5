"""The first visit of the account page in Chromium: what goes over the network, and when the first chart stands.

The app runs as in production: gunicorn, with static files that WhiteNoise compresses when they are collected."""

from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from tests.browser.app_process import AppProcess, manage
from tests.browser.conftest import CHROMIUM, CHROMIUM_ARGUMENTS
from tests.browser.page_actions import sign_in

WANTED_BYTES = 180 * 1024
ROUNDS = 7
# The demo's person then sees nothing but the workspace with the history.
LEAVE_DEMO_TEAM = (
    "from accounts.models import Membership; Membership.objects.exclude(workspace__name='Demo history').delete()"
)
# When the first canvas has anything but transparency, in milliseconds since the navigation began.
WATCH_CANVASES = """
  const look = () => {
    for (const canvas of document.querySelectorAll("canvas")) {
      if (!canvas.width || !canvas.height || !canvas.offsetParent) continue;
      const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
      if (pixels.some((value) => value > 0)) {
        window.firstChartMs = performance.now();
        return;
      }
    }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
"""


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
            report(*visits(browser, app))
            browser.close()
    finally:
        app.close()


def visits(browser: Browser, app: AppProcess) -> tuple[dict[str, float], list[float]]:
    """Bytes by address of a first visit, and the milliseconds until the first chart of each."""
    with browser.new_context(base_url=app.url) as context:
        page = context.new_page()
        sign_in(page, *app.demo_login)
        cookies: Any = context.storage_state()
    sizes: dict[str, float] = {}
    moments = []
    for _ in range(ROUNDS):
        sizes, moment = first_visit(browser, app.url, cookies)
        moments.append(moment)
    return sizes, moments


def first_visit(browser: Browser, url: str, cookies: Any) -> tuple[dict[str, float], float]:
    """With an empty cache, since each context has its own."""
    addresses: dict[str, str] = {}
    sizes: dict[str, float] = {}
    with browser.new_context(base_url=url, storage_state=cookies) as context:
        page = context.new_page()
        page.add_init_script(WATCH_CANVASES)
        network = context.new_cdp_session(page)
        network.on(
            "Network.requestWillBeSent", lambda event: addresses.update({event["requestId"]: event["request"]["url"]})
        )
        network.on(
            "Network.loadingFinished",
            lambda event: sizes.update({addresses[event["requestId"]]: event["encodedDataLength"]}),
        )
        network.send("Network.enable")
        page.goto("/analytics/", wait_until="networkidle")
        page.wait_for_function("window.firstChartMs")
        return sizes, page.evaluate("window.firstChartMs")


def report(sizes: dict[str, float], moments: list[float]) -> None:
    total = sum(sizes.values())
    print("the account page, visited for the first time:")
    print(f"  over the network, {len(sizes)} requests: {total / 1024:.0f} KB (at most {WANTED_BYTES // 1024})")
    for address, size in sorted(sizes.items(), key=lambda item: -item[1])[:6]:
        print(f"    {size / 1024:6.1f} KB  {address.partition('://')[2].partition('/')[2].partition('?')[0]}")
    typical, slowest = median(moments) / 1000, max(moments) / 1000
    print(f"  first chart drawn, median / 1 s: {typical:.2f} (at most 1), slowest {slowest:.2f}")
