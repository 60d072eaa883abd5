"""Uploads in the composer and in the media library."""

import base64
import re
from pathlib import Path

from playwright.sync_api import Page, Route, expect

from .media_files import jpeg
from .page_actions import expect_status, press, slow_down_uploads, upload


def test_a_file_that_is_no_picture_is_refused_where_it_stands(
    page: Page, chair: Path, tmp_path: Path, tolerated: list[str]
) -> None:
    tolerated.append("the server responded with a status of 400")
    notes = tmp_path / "notes.png"
    notes.write_text("<html>These are notes.</html>")
    page.goto("/pins/new/")

    page.get_by_label("Add images or a video").set_input_files(notes)

    row = page.get_by_role("list", name="Uploads").get_by_role("listitem")
    expect(row).to_contain_text("notes.png")
    expect(row.get_by_role("status")).to_contain_text(re.compile("(JPG|PNG)"))
    row.get_by_role("button", name="Dismiss").click()
    expect(row).to_have_count(0)
    upload(page, chair)
    page.get_by_label("Title").fill("After a refused file")
    press(page, "Save draft")
    expect_status(page, "Draft")


def test_a_picture_can_be_dropped_onto_the_form(page: Page, tmp_path: Path) -> None:
    page.goto("/pins/new/")
    transfer = page.evaluate_handle(
        """encoded => {
          const bytes = Uint8Array.from(atob(encoded), (letter) => letter.charCodeAt(0));
          const transfer = new DataTransfer();
          transfer.items.add(new File([bytes], "dropped.jpg", { type: "image/jpeg" }));
          return transfer;
        }""",
        base64.b64encode(jpeg(tmp_path / "dropped.jpg").read_bytes()).decode(),
    )

    page.dispatch_event("#composer", "dragenter", {"dataTransfer": transfer})
    expect(page.locator("#composer")).to_have_class(re.compile("is-dropping"))
    page.dispatch_event("#composer", "drop", {"dataTransfer": transfer})

    expect(page.locator("#composer")).not_to_have_class(re.compile("is-dropping"))
    expect(page.get_by_role("list", name="Attached files").get_by_role("listitem")).to_be_visible()
    expect(page.locator("#preview-media img")).to_be_visible()


def test_an_upload_can_be_cancelled(page: Page, tmp_path: Path) -> None:
    page.goto("/pins/new/")
    slow_down_uploads(page, bytes_per_second=20_000)
    page.get_by_label("Add images or a video").set_input_files(jpeg(tmp_path / "slow.jpg"))
    row = page.get_by_role("list", name="Uploads").get_by_role("listitem")
    expect(row.get_by_role("progressbar")).to_be_visible()

    row.get_by_role("button", name="Cancel").click()

    expect(row).to_have_count(0)
    expect(page.get_by_role("list", name="Attached files").get_by_role("listitem")).to_have_count(0)


def test_an_upload_that_lost_its_connection_can_be_repeated(page: Page, tmp_path: Path, tolerated: list[str]) -> None:
    tolerated.append("net::ERR_CONNECTION_RESET")
    page.goto("/pins/new/")
    page.route("**/media/upload/", lambda route: route.abort("connectionreset"), times=1)
    page.get_by_label("Add images or a video").set_input_files(jpeg(tmp_path / "second-try.jpg"))
    row = page.get_by_role("list", name="Uploads").get_by_role("listitem")
    expect(row.get_by_role("status")).to_have_text("The connection was lost. Check it, then try again.")

    row.get_by_role("button", name="Try again").click()

    expect(page.get_by_role("list", name="Attached files")).to_contain_text("second-try.jpg")
    expect(row).to_have_count(0)


def test_an_attached_picture_can_be_removed(page: Page, chair: Path) -> None:
    page.goto("/pins/new/")
    attachment = upload(page, chair)

    attachment.get_by_role("button", name=f"Remove {chair.name}").click()

    expect(attachment).to_have_count(0)
    expect(page.get_by_label("Add images or a video")).to_be_focused()
    expect(page.locator("#preview-media img")).to_be_hidden()


def test_the_media_library_shows_new_pictures_without_a_reload(page: Page, tmp_path: Path) -> None:
    page.goto("/media/")
    page.evaluate("window.isTheSameDocument = true")

    page.get_by_label("Add files").set_input_files(
        [jpeg(tmp_path / "library-one.jpg"), jpeg(tmp_path / "library-two.jpg")]
    )

    expect(page.get_by_role("link", name="library-one.jpg")).to_be_visible()
    expect(page.get_by_role("link", name="library-two.jpg")).to_be_visible()
    assert page.evaluate("window.isTheSameDocument")


def test_files_that_are_chosen_before_the_scripts_are_here_are_taken(page: Page, tmp_path: Path) -> None:
    held: list[Route] = []
    page.route("**/js/media.*.js", lambda route: held.append(route))
    with page.expect_request("**/js/media.*.js"):
        page.goto("/media/", wait_until="commit")
    page.get_by_label("Add files").set_input_files(jpeg(tmp_path / "early.jpg"))

    held[0].continue_()

    expect(page.get_by_role("link", name="early.jpg")).to_be_visible()
