"""Every page by axe-core's rules and at every width, light and dark."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from .accessibility import findings
from .app_process import AppProcess
from .conftest import OpenWindow
from .pages import PAGES
from .world import World, build_world


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

    assert findings(page) == []


def test_a_page_is_measured_with_its_sheets_also_when_they_come_late(world: World, open_window: OpenWindow) -> None:
    page = open_window(storage_state=world.demo, reduced_motion="reduce")
    page.route("**/css/analytics*.css", lambda sheet: (page.wait_for_timeout(1000), sheet.continue_()))
    _, open_page = PAGES["pins made together"]
    open_page(page, world)

    assert findings(page) == []


def test_nothing_changes_in_steps_for_users_who_want_less_motion(open_window: OpenWindow, signed_in: Path) -> None:
    page = open_window(storage_state=signed_in, reduced_motion="reduce")
    page.goto("/")

    moving = "[...document.querySelectorAll('*')].filter((each) => getComputedStyle(each).transitionDuration !== '0s')"
    assert page.evaluate(f"{moving}.length") == 0
