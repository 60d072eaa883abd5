"""Every page by axe-core's rules and at every width, light and dark."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from .accessibility import findings
from .app_process import AppProcess
from .conftest import OpenWindow
from .pages import PAGES, World, build_world


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
