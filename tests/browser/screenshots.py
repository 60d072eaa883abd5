"""`make screenshots`: the README's pictures, made anew, and every page to look at.

`python -m tests.browser.screenshots --only composer` draws the pages whose names begin so.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from django.utils.text import slugify
from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "postiz_pins.settings")
django.setup()

from postiz_pins.sandbox.pictures import gradient  # noqa: E402  # after the settings
from tests.browser import full_world  # noqa: E402
from tests.browser.app_process import ROOT, AppProcess, manage  # noqa: E402
from tests.browser.conftest import CHROMIUM, CHROMIUM_ARGUMENTS, EXPECT_TIMEOUT_MS  # noqa: E402
from tests.browser.media_files import jpeg  # noqa: E402
from tests.browser.page_actions import (  # noqa: E402
    choose_board,
    connect_pinterest,
    expect_saved,
    sign_in,
    upload,
)
from tests.browser.pages import PAGES  # noqa: E402
from tests.browser.world import build_world  # noqa: E402

README = ROOT / "docs" / "screenshots"
EVERY_PAGE = ROOT / "var" / "screenshots"
WIDTHS = (1440, 1280, 390)
SCHEMES = ("light", "dark")
README_SIZE = (1280, 900)
DESCRIPTION = "Pears, candles and a pine runner: an autumn table for six that you can set in one afternoon."


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.browser.screenshots", description=__doc__)
    parser.add_argument("--only", metavar="NAME", help="pages whose names begin so, and not the README's pictures")
    parser.add_argument("--readme", action="store_true", help="the README's pictures only")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, running_app(Path(folder)) as (app, browser):
        cookies = Path(folder) / "demo.json"
        with browser.new_context(base_url=app.url, timezone_id="Europe/Berlin") as context:
            page = context.new_page()
            sign_in(page, *app.demo_login)
            connect_pinterest(page)
            context.storage_state(path=cookies)
        make_full_world(app)
        if wanted.only is None:
            draw_readme(app, browser, cookies, Path(folder))
        if not wanted.readme:
            draw_pages(app, browser, cookies, Path(folder), wanted.only or "")
            draw_full_pages(app, browser, cookies, wanted.only or "")


@contextmanager
def running_app(folder: Path) -> Iterator[tuple[AppProcess, Browser]]:
    expect.set_options(timeout=EXPECT_TIMEOUT_MS)
    app = AppProcess(folder)
    try:
        app.start()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
            yield app, browser
            browser.close()
    finally:
        app.close()


def draw_readme(app: AppProcess, browser: Browser, cookies: Path, folder: Path) -> None:
    """The composer, the calendar and the analytics, with what a team would have in them."""
    width, height = README_SIZE
    with browser.new_context(
        base_url=app.url,
        storage_state=cookies,
        viewport={"width": width, "height": height},
        color_scheme="light",
        reduced_motion="reduce",
        timezone_id="Europe/Berlin",
    ) as context:
        page = context.new_page()
        draw_composer(page, picture(folder, "Autumn table"))
        switch_to(page, full_world.NAME)
        page.goto("/calendar/")
        save(page, README / "calendar.png")
        page.goto("/analytics/")
        expect(page.locator(".chart svg").first).to_be_visible()
        save(page, README / "analytics.png")
        switch_to(page, "Demo team")


def make_full_world(app: AppProcess) -> None:
    made = app.run(manage("demo_history", "--pins", str(full_world.PINS), "--days", str(full_world.DAYS)))
    assert made.returncode == 0, made.stderr
    app.python("from tests.browser import full_world; full_world.plan()")


def switch_to(page: Page, workspace: str) -> None:
    page.goto("/")
    page.locator(".workspace-menu summary").click()
    page.get_by_role("button", name=workspace).click()
    expect(page.locator(".workspace-menu summary")).to_contain_text(workspace)


def draw_composer(page: Page, file: Path) -> None:
    page.goto("/pins/new/")
    upload(page, file)
    page.get_by_label("Title").fill("An autumn table for six")
    page.get_by_label("Description").fill(DESCRIPTION)
    page.get_by_label("Link").fill("https://example.com/autumn-table")
    choose_board(page)
    expect_saved(page)
    page.mouse.click(5, 5)
    save(page, README / "composer.png")


def picture(folder: Path, title: str) -> Path:
    path = folder / f"{slugify(title)}.jpg"
    path.write_bytes(gradient(title, 1000, 1500).content)
    return path


def save(page: Page, path: Path) -> None:
    """Save what the window shows from its top."""
    path.parent.mkdir(parents=True, exist_ok=True)
    page.evaluate("window.scrollTo(0, 0)")
    settle(page)
    page.screenshot(path=path)
    with Image.open(path) as image:
        image.convert("RGB").save(path, optimize=True)


def settle(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    page.evaluate("Promise.all(document.getAnimations().map((each) => each.finished.catch(() => null)))")


def draw_pages(app: AppProcess, browser: Browser, cookies: Path, folder: Path, only: str) -> None:
    world = build_world(app, browser, cookies, jpeg(folder / "oak-chair.jpg"), folder)
    visitors = {"demo": world.demo, "newcomer": world.newcomer, "nobody": None}
    EVERY_PAGE.mkdir(parents=True, exist_ok=True)
    for name, (who, open_page) in PAGES.items():
        if not name.startswith(only):
            continue
        with browser.new_context(base_url=app.url, storage_state=visitors[who], reduced_motion="reduce") as context:
            page = context.new_page()
            open_page(page, world)
            page.on("dialog", lambda dialog: dialog.accept())
            draw_each_width(page, name)


def draw_full_pages(app: AppProcess, browser: Browser, cookies: Path, only: str) -> None:
    with browser.new_context(base_url=app.url, storage_state=cookies, reduced_motion="reduce") as context:
        page = context.new_page()
        switch_to(page, full_world.NAME)
        for name, path in full_world.FULL_PAGES.items():
            if name.startswith(only):
                page.goto(path)
                settle(page)
                draw_each_width(page, name)


def draw_each_width(page: Page, name: str) -> None:
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            page.screenshot(path=EVERY_PAGE / f"{slugify(name)}-{width}-{scheme}.png")
    sys.stdout.write(f"{name}\n")


if __name__ == "__main__":
    main()
