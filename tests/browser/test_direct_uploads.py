"""Large files go to the bucket in parts, and survive a broken line: `make test-s3`."""

from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Page, Route, expect

from tests.stored_files import only_buckets

from .app_process import AppProcess, manage
from .media_files import mp4

pytestmark = only_buckets


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """A video of three parts."""
    path = mp4(tmp_path / "large.mp4")
    free = 2 * 16 * 1024**2
    with path.open("ab") as file:
        file.write(free.to_bytes(4, "big") + b"free" + bytes(free - 8))
    return path


@pytest.fixture(autouse=True)
def _rules(app: AppProcess) -> None:
    """Browsers may send to the bucket what pages of the app tell them to."""
    done = app.run(manage("setup_s3"))
    assert done.returncode == 0, done.stdout + done.stderr


def test_an_upload_survives_a_line_that_breaks_again_and_again(page: Page, video: Path, tolerated: list[str]) -> None:
    tolerated.extend(["net::ERR_CONNECTION_RESET", "net::ERR_INTERNET_DISCONNECTED"])
    page.goto("/media/")
    sent: list[str] = []

    def break_line(route: Route) -> None:
        number = route.request.url.partition("partNumber=")[2].partition("&")[0]
        sent.append(number)
        if sent.count(number) == 1 and number in ("1", "3"):
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route(f"{settings.S3_ENDPOINT_URL}/**", break_line)
    page.locator("#id_file").set_input_files(video)

    expect(page.locator("#media-grid")).to_contain_text("large.mp4", timeout=60_000)
    assert sent == ["1", "1", "2", "3", "3"]


def test_an_upload_that_is_canceled_leaves_the_row_empty(page: Page, video: Path, tolerated: list[str]) -> None:
    tolerated.append("net::ERR_FAILED")
    page.goto("/media/")
    page.route(f"{settings.S3_ENDPOINT_URL}/**", lambda route: None)  # never answered
    page.locator("#id_file").set_input_files(video)
    row = page.locator("#uploads .upload")
    expect(row).to_have_count(1)
    page.locator("#upload-summary summary").click()

    with page.expect_response("**/cancel/") as answer:
        row.get_by_role("button", name="Cancel").click()

    assert answer.value.status == 204
    expect(row).to_have_count(0)
