"""The media library: many uploads at once, a crop by keyboard and by pointer, a cover out of a video."""

import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Dialog, Page, Route, expect

from tests.media_bytes import video_bytes

from .accessibility import findings
from .app_process import AppProcess
from .media_files import jpeg
from .page_actions import expect_status, press, sign_in, upload


class HeldUploads:
    """Keeps the page's uploads from being sent until they are released."""

    def __init__(self, page: Page) -> None:
        self.held: list[Route] = []
        self.are_released = False
        page.route("**/media/upload/", self._on_request)

    def _on_request(self, route: Route) -> None:
        if self.are_released:
            route.continue_()
        else:
            self.held.append(route)

    def release(self) -> None:
        self.are_released = True
        for route in self.held:
            route.continue_()


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("videos") / "oak-clip.mp4"
    path.write_bytes(video_bytes(seconds=6, width=180, height=270))
    return path


def add(page: Page, *files: Path) -> None:
    page.goto("/media/")
    page.get_by_label("Add files").set_input_files(files)


def open_file(page: Page, name: str) -> None:
    page.get_by_role("list", name="Files").get_by_role("link", name=name).first.click()
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()


def frame_x(page: Page) -> float:
    return float(page.locator(".media-crop__frame").get_attribute("x") or "nan")


def test_of_many_files_chosen_at_once_one_fails_one_is_cancelled_and_the_others_arrive(
    page: Page, tmp_path: Path, clip: Path, tolerated: list[str]
) -> None:
    tolerated.append("the server responded with a status of 400")
    notes = tmp_path / "notes.png"
    notes.write_text("<html>These are notes.</html>")
    pictures = [jpeg(tmp_path / f"many-{number}.jpg", size=(200, 300)) for number in range(4)]
    page.goto("/media/")
    uploads = HeldUploads(page)

    page.get_by_label("Add files").set_input_files([*pictures, notes, clip])

    expect(page.locator(".upload-summary__text")).to_have_text("Uploading 6 files: 0 done")
    page.locator("#upload-summary > summary").click()
    rows = page.get_by_role("list", name="Uploads").get_by_role("listitem")
    expect(rows).to_have_count(6)
    expect(rows.get_by_role("progressbar")).to_have_count(6)
    # Three at a time: the others wait for their turn, and are not even begun.
    expect(rows.get_by_role("status").filter(has_text="Waiting")).to_have_count(3)
    assert len(uploads.held) == 3
    rows.filter(has_text="many-3.jpg").get_by_role("button", name="Cancel").click()
    expect(rows).to_have_count(5)

    uploads.release()

    failed = rows.filter(has_text="notes.png")
    expect(failed.get_by_role("status")).to_contain_text("Use JPG, PNG, WebP or HEIC for images and MP4 for videos.")
    expect(rows).to_have_count(1)
    expect(page.locator(".upload-summary__text")).to_have_text("1 file not uploaded")
    files = page.get_by_role("list", name="Files")
    for name in ("many-0.jpg", "many-1.jpg", "many-2.jpg", "oak-clip.mp4"):
        expect(files.get_by_role("link", name=name).first).to_be_visible()
    expect(files.get_by_role("link", name="many-3.jpg")).to_have_count(0)
    failed.get_by_role("button", name="Dismiss").click()
    expect(rows).to_have_count(0)
    expect(page.locator("#upload-summary")).to_be_hidden()


def test_a_file_is_dropped_anywhere_on_the_page(page: Page) -> None:
    page.goto("/media/")
    carried = page.evaluate_handle(
        """() => {
          const canvas = Object.assign(document.createElement("canvas"), { width: 20, height: 30 });
          canvas.getContext("2d").fillText("drop", 0, 20);
          const bytes = Uint8Array.from(atob(canvas.toDataURL().split(",")[1]), (each) => each.charCodeAt(0));
          const transfer = new DataTransfer();
          transfer.items.add(new File([bytes], "dropped-anywhere.png", { type: "image/png" }));
          return transfer;
        }"""
    )
    target = page.locator("#media-grid")

    target.dispatch_event("dragenter", {"dataTransfer": carried})
    expect(page.locator("body")).to_have_class("is-dropping")
    target.dispatch_event("drop", {"dataTransfer": carried})

    expect(page.locator("body")).not_to_have_class("is-dropping")
    expect(page.get_by_role("list", name="Files").get_by_role("link", name="dropped-anywhere.png")).to_be_visible()


def test_a_file_that_is_there_already_is_recognised(page: Page, tmp_path: Path) -> None:
    chair = jpeg(tmp_path / "twice.jpg", size=(200, 300))
    add(page, chair)
    files = page.get_by_role("list", name="Files")
    expect(files.get_by_role("link", name="twice.jpg")).to_be_visible()

    page.get_by_label("Add files").set_input_files(chair)

    expect(page.locator("#media-news")).to_have_text("“twice.jpg” is already in your library.")
    expect(files.get_by_role("link", name="twice.jpg")).to_have_count(1)


def test_an_animation_is_said_to_be_kept_as_a_still_image(page: Page, tmp_path: Path) -> None:
    frames = [Image.new("RGB", (200, 300), color) for color in ("red", "blue")]
    frames[0].save(tmp_path / "sale.webp", save_all=True, append_images=frames[1:], duration=100)
    page.goto("/media/")

    page.get_by_label("Add files").set_input_files(
        [tmp_path / "sale.webp", jpeg(tmp_path / "beside.jpg", size=(200, 300))]
    )

    files = page.get_by_role("list", name="Files")
    expect(files.get_by_role("link", name="beside.jpg")).to_be_visible()
    expect(files.get_by_role("link", name="sale.webp")).to_be_visible()
    expect(page.locator("#media-news")).to_have_text(
        "Pinterest doesn't show animations, so only the first frame of “sale.webp” was kept."
    )


def test_an_upload_on_its_way_can_be_cancelled_and_the_next_takes_its_place(page: Page, tmp_path: Path) -> None:
    pictures = [jpeg(tmp_path / f"cancelled-{number}.jpg", size=(200, 300)) for number in range(4)]
    page.goto("/media/")
    HeldUploads(page)
    page.get_by_label("Add files").set_input_files(pictures)
    page.locator("#upload-summary > summary").click()
    rows = page.get_by_role("list", name="Uploads").get_by_role("listitem")
    expect(rows.get_by_role("status").filter(has_text="Waiting")).to_have_count(1)

    rows.filter(has_text="cancelled-0.jpg").get_by_role("button", name="Cancel").click()

    expect(rows.get_by_role("status").filter(has_text="Waiting")).to_have_count(0)
    for _ in range(3):
        rows.first.get_by_role("button", name="Cancel").click()
    expect(rows).to_have_count(0)
    page.unroute_all(behavior="ignoreErrors")


def test_a_picture_is_made_2_to_3_by_keyboard_and_by_pointer(page: Page, tmp_path: Path) -> None:
    add(page, jpeg(tmp_path / "panorama.jpg", size=(1800, 900)))
    open_file(page, "panorama.jpg")
    page.get_by_role("link", name="Crop to 2:3").click()
    slider = page.get_by_label("Position of the frame")
    frame = page.locator(".media-crop__frame")
    expect(frame).to_have_attribute("x", "600")

    slider.press("Home")
    expect(frame).to_have_attribute("x", "0")  # by now the script is here, which the slider does not wait for
    slider.press("End")
    expect(frame).to_have_attribute("x", "1200")
    box = page.locator(".media-crop__picture").bounding_box()
    assert box is not None
    right, middle = box["x"] + box["width"] - 20, box["y"] + box["height"] / 2
    page.mouse.move(right, middle)
    page.mouse.down()
    page.mouse.move(right - box["width"] / 3, middle, steps=4)
    page.mouse.up()
    assert abs(frame_x(page) - 600) < 10
    page.mouse.move(box["x"], middle)  # the frame was let go
    assert abs(frame_x(page) - 600) < 10
    press(page, "Crop to 2:3")

    expect(page.get_by_role("heading", level=1, name="panorama, 1000 × 1500.jpg")).to_be_visible()
    expect(page.get_by_text("1000 × 1500 px,")).to_be_visible()
    expect(page.get_by_role("link", name="Crop to 2:3")).to_have_count(0)
    expect(page.get_by_role("link", name="panorama.jpg")).to_be_visible()


def test_a_frame_of_a_video_becomes_its_cover(page: Page, clip: Path) -> None:
    add(page, clip)
    open_file(page, "oak-clip.mp4")
    page.get_by_role("link", name="Choose a cover frame").click()

    page.get_by_role("list", name="Frames of the video").get_by_role("button").nth(4).click()

    expect(page.get_by_role("heading", level=1, name=re.compile("^oak-clip, frame at"))).to_be_visible()
    expect(page.get_by_text("180 × 270 px,")).to_be_visible()


def test_a_video_plays_and_can_be_moved_along(page: Page, clip: Path) -> None:
    """It can be moved along only because the server hands out parts."""
    add(page, clip)
    open_file(page, "oak-clip.mp4")
    video = page.locator("video")

    moment = video.evaluate(
        """video => new Promise((resolve, reject) => {
          video.addEventListener("seeked", () => resolve(video.currentTime));
          video.addEventListener("error", () => reject(new Error("It cannot be played.")));
          video.src = video.querySelector("source").src;
          video.addEventListener("loadedmetadata", () => { video.currentTime = 4; });
        })"""
    )

    assert moment == 4


def test_without_scripts_a_file_is_uploaded_cropped_found_and_deleted(
    page_without_scripts: Page, tmp_path: Path
) -> None:
    page = page_without_scripts
    add(page, jpeg(tmp_path / "plain-form.jpg", size=(900, 300)))
    press(page, "Upload")
    expect(page.get_by_text("“plain-form.jpg” uploaded.")).to_be_visible()

    open_file(page, "plain-form.jpg")
    page.get_by_role("link", name="Crop to 2:3").click()
    press(page, "Crop to 2:3")
    expect(page.get_by_text("“plain-form.jpg” is still in your library.")).to_be_visible()
    page.get_by_label("Alt text").fill("A form as plain as bread")
    press(page, "Save alt text and tags")
    page.get_by_role("link", name="All media").click()
    page.get_by_label("Search names and alt text").fill("plain as bread")
    press(page, "Search")
    open_file(page, "plain-form, 1000 × 1500.jpg")
    page.locator("summary[aria-label='More actions']").click()
    page.get_by_role("link", name="Delete…").click()
    press(page, "Delete file")

    expect(page.get_by_text("“plain-form, 1000 × 1500.jpg” deleted.")).to_be_visible()


def open_choice(page: Page) -> None:
    """The fragment as it stands in a page: the composer puts it into a dialog."""
    page.evaluate("""() => window.htmx.ajax("GET", "/media/choose/", { target: "#media-grid", swap: "innerHTML" })""")
    expect(page.locator("#media-choice")).to_be_visible()


PAGES = {
    "image": "",
    "crop": "crop/",
    "delete": "delete/",
    "delete refused": "delete/",
    "video": "",
    "frames": "frames/",
    "failed upload": "",
    "choice": "",
}


@pytest.mark.parametrize("name", PAGES)
def test_page_is_accessible_and_fits_every_screen(
    name: str, page: Page, tmp_path: Path, clip: Path, tolerated: list[str]
) -> None:
    is_video = name in ("video", "frames")
    add(page, clip if is_video else jpeg(tmp_path / "accessible.jpg", size=(700, 400)))
    open_file(page, "oak-clip.mp4" if is_video else "accessible.jpg")
    if name == "delete refused":
        file_page = page.url
        page.goto("/pins/new/")
        upload(page, tmp_path / "accessible.jpg")
        page.get_by_label("Title").fill("A walk in the woods, and what to take along when it may rain in the afternoon")
        press(page, "Save draft")
        expect_status(page, "Draft")
        page.goto(file_page)
    if PAGES[name]:
        page.goto(f"{page.url}{PAGES[name]}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
    if name == "choice":
        page.goto("/media/")
        open_choice(page)
    if name == "failed upload":
        tolerated.append("the server responded with a status of 400")
        (tmp_path / "notes.png").write_text("<html>These are notes.</html>")
        add(page, tmp_path / "notes.png")
        expect(page.get_by_role("button", name="Dismiss")).to_be_visible()

    assert findings(page) == []


def test_an_open_page_takes_files_after_signing_in_again_in_another_tab(
    visitor: Page, app: AppProcess, tmp_path: Path
) -> None:
    sign_in(visitor, *app.demo_login)
    visitor.goto("/media/")
    other = visitor.context.new_page()
    visitor.context.clear_cookies()
    sign_in(other, *app.demo_login)

    visitor.get_by_label("Add files").set_input_files(jpeg(tmp_path / "after-signing-in.jpg"))

    expect(visitor.get_by_role("list", name="Files").get_by_role("link", name="after-signing-in.jpg")).to_be_visible()


def test_leaving_during_an_upload_asks_first(page: Page, tmp_path: Path) -> None:
    uploads = HeldUploads(page)
    add(page, jpeg(tmp_path / "on-its-way.jpg"))
    expect(page.get_by_text("Uploading 1 file: 0 done")).to_be_visible()
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.get_by_role("link", name="Analytics").click(no_wait_after=True)
    uploads.release()

    expect(page.get_by_role("list", name="Files").get_by_role("link", name="on-its-way.jpg")).to_be_visible()
    assert asked == ["beforeunload"]
