"""Every page by axe-core's rules and at every width, light and dark."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from .app_process import AppProcess
from .conftest import OpenWindow
from .pages import PAGES, World, build_world

HEIGHT = 900
NARROW, USUAL, WIDE = 390, 1280, 1600
SEVERE = ("serious", "critical")
# The colours are all that the dark scheme changes.
RULES = {"light": {}, "dark": {"runOnly": ["color-contrast"]}}


@pytest.fixture(scope="module")
def world(
    app: AppProcess, chromium: Browser, signed_in: Path, chair: Path, tmp_path_factory: pytest.TempPathFactory
) -> World:
    return build_world(app, chromium, signed_in, chair, tmp_path_factory.mktemp("world"))


@pytest.mark.parametrize("name", PAGES)
def test_page_is_accessible_and_fits_every_screen(
    name: str, world: World, open_window: OpenWindow, tolerated: list[str]
) -> None:
    tolerated += ["status of 403", "status of 404"]
    who, open_page = PAGES[name]
    cookies = {"demo": world.demo, "newcomer": world.newcomer, "nobody": None}[who]
    page = open_window(storage_state=cookies, reduced_motion="reduce")
    open_page(page, world)
    page.on("dialog", lambda dialog: dialog.accept())
    findings = []

    for width in (NARROW, USUAL, WIDE):
        page.set_viewport_size({"width": width, "height": HEIGHT})
        beyond = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if beyond > 0:
            findings.append(f"{width} px: {beyond} px too wide")
        for scheme in ("light", "dark"):
            if width != WIDE:
                page.emulate_media(color_scheme=scheme)
                findings += [f"{width} px, {scheme}: {violation}" for violation in severe_violations(page, scheme)]

    assert findings == []


def severe_violations(page: Page, scheme: str) -> list[str]:
    """axe comes through the debugger, which the page's strict policy for scripts does not concern."""
    # Another scheme takes a frame to be drawn.
    page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    # Buttons change their colour in steps, and axe would judge a step between.
    page.evaluate("Promise.all(document.getAnimations().map((each) => each.finished.catch(() => null)))")
    violations = Axe().run(page, options={"resultTypes": ["violations"], **RULES[scheme]}).response["violations"]
    return [
        f"{violation['id']}: {', '.join(str(target) for node in violation['nodes'] for target in node['target'])}"
        for violation in violations
        if violation["impact"] in SEVERE
    ]
