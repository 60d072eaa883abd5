"""One app, one Chromium and one sign-in for all browser tests; a fresh window for each.

Package scope, not session: while Playwright runs, its event loop makes Django refuse database access in this thread,
and the tests after this package need the database.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from .app_process import AppProcess, SandboxControls, wait_until
from .media_files import jpeg
from .page_actions import connect_pinterest, sign_in

CHROMIUM = Path("/usr/bin/chromium")
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
# The machine may be busy with the other half of the suite.
EXPECT_TIMEOUT_MS = 15_000

# A request that a newer one replaces, or that ends with its page, is no fault; one that fails says sendError as well.
ABORTED = ("htmx:sendAbort", "htmx:afterRequest")

OpenWindow = Callable[..., Page]


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        reason = f"{CHROMIUM} is missing: apt-get install chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    expect.set_options(timeout=EXPECT_TIMEOUT_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


# After `chromium`, so that nothing is started where there is no browser.
@pytest.fixture(scope="package")
def app(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppProcess]:
    process = AppProcess(tmp_path_factory.mktemp("app"))
    try:
        yield process.start()
        assert not process.has_ended(), f"The app ended in the middle of the tests:\n{process.output}"
        process.stop()
        wait_until(lambda: not process.left_processes(), f"No process is left of {process.left_processes()}", 5)
    finally:
        process.close()


@pytest.fixture(scope="package")
def signed_in(app: AppProcess, chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cookies of the demo user, whose workspace has a connected account."""
    path = tmp_path_factory.mktemp("cookies") / "demo.json"
    # The demo's workspace takes the zone of the browser in which its person signs in first.
    with chromium.new_context(base_url=app.url, timezone_id="Europe/Berlin") as context:
        page = context.new_page()
        sign_in(page, *app.demo_login)
        connect_pinterest(page)
        context.storage_state(path=path)
    return path


@pytest.fixture
def sandbox(app: AppProcess) -> Iterator[SandboxControls]:
    controls = SandboxControls(app.sandbox_url)
    yield controls
    controls.clear_faults()
    controls.close()


@pytest.fixture(scope="package")
def chair(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A JPEG of the ideal size, with as many bytes as a photograph has."""
    return jpeg(tmp_path_factory.mktemp("pictures") / "oak-chair.jpg")


@pytest.fixture
def tolerated() -> list[str]:
    """Parts of console messages that a test provokes, such as the 400 of a refused upload. All others fail it."""
    return []


@pytest.fixture
def open_window(app: AppProcess, chromium: Browser, tolerated: list[str]) -> Iterator[OpenWindow]:
    """Opens a page in a context of its own; Playwright's options apply. Complaints of the browser fail the test."""
    contexts = []
    complaints: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        is_tolerated = any(part in message.text for part in (*tolerated, *ABORTED))
        if message.type in ("error", "warning") and not is_tolerated:
            complaints.append(f"{message.page.url if message.page else ''}: {message.text}")

    def open_one(**options: object) -> Page:
        context = chromium.new_context(**{"base_url": app.url, "viewport": {"width": 1280, "height": 900}, **options})
        contexts.append(context)
        context.on("console", on_console)
        context.on(
            "weberror", lambda error: complaints.append(f"{error.page.url if error.page else ''}: {error.error}")
        )
        page = context.new_page()
        page.set_default_timeout(EXPECT_TIMEOUT_MS)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def visitor(open_window: OpenWindow) -> Page:
    """A window in which nobody is signed in."""
    return open_window()


@pytest.fixture
def page(open_window: OpenWindow, signed_in: Path) -> Page:
    """A window of the demo user."""
    return open_window(storage_state=signed_in)


@pytest.fixture
def page_without_scripts(open_window: OpenWindow, signed_in: Path) -> Page:
    return open_window(storage_state=signed_in, java_script_enabled=False)
