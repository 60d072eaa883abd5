"""Several files in the composer: their order by hand and by keyboard, and what one click mends."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from .media_files import jpeg, mp4
from .page_actions import attached, choose_board, expect_saved, expect_status, press, upload


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("carousel")
    return [jpeg(folder / f"{name}.jpg", size=(400, 600)) for name in ("ash", "birch", "cedar")]


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return mp4(tmp_path_factory.mktemp("video") / "oak.mp4")


def attach(page: Page, *files: Path) -> None:
    page.goto("/pins/new/")
    page.get_by_label("Add images or a video").set_input_files(list(files))
    expect(attached(page)).to_have_count(len(files))


def expect_order(page: Page, *names: str) -> None:
    expect(attached(page).locator(".attachment__name")).to_have_text(list(names))


def dialog(page: Page, name: str) -> Locator:
    found = page.get_by_role("dialog", name=name)
    expect(found).to_be_visible()
    return found


def test_files_come_in_the_order_in_which_they_were_chosen(page: Page, pictures: list[Path]) -> None:
    attach(page, *pictures)

    expect_order(page, "ash.jpg", "birch.jpg", "cedar.jpg")
    expect(attached(page).locator(".attachment__role")).to_have_text(["1 of 3", "2 of 3", "3 of 3"])


def test_files_are_put_in_order_by_dragging(page: Page, pictures: list[Path]) -> None:
    attach(page, *pictures)
    handles = attached(page).locator(".attachment__handle")
    start, end = handles.nth(0).bounding_box(), handles.nth(2).bounding_box()
    assert start
    assert end

    page.mouse.move(start["x"] + 8, start["y"] + 8)
    page.mouse.down()
    page.mouse.move(start["x"] + 8, start["y"] + 30, steps=3)
    page.mouse.move(end["x"] + 8, end["y"] + end["height"], steps=8)
    expect(page.locator(".attachment.is-dragged")).to_have_count(1)
    page.mouse.up()

    expect_order(page, "birch.jpg", "cedar.jpg", "ash.jpg")
    expect(page.locator("#attachment-announcement")).to_have_text("ash.jpg is now 3 of 3.")
    expect_saved(page)
    page.reload()
    expect_order(page, "birch.jpg", "cedar.jpg", "ash.jpg")


def test_escape_gives_up_dragging(page: Page, pictures: list[Path]) -> None:
    attach(page, *pictures)
    start, second = (attached(page).locator(".attachment__handle").nth(number).bounding_box() for number in (0, 1))
    assert start
    assert second

    page.mouse.move(start["x"] + 8, start["y"] + 8)
    page.mouse.down()
    page.mouse.move(start["x"] + 8, second["y"] + second["height"], steps=5)
    expect_order(page, "birch.jpg", "ash.jpg", "cedar.jpg")
    page.keyboard.press("Escape")

    expect_order(page, "ash.jpg", "birch.jpg", "cedar.jpg")
    page.mouse.up()


def test_files_are_put_in_order_by_keyboard(page: Page, pictures: list[Path]) -> None:
    attach(page, *pictures)
    earlier = page.get_by_role("button", name="Move cedar.jpg earlier")
    said = page.locator("#attachment-announcement")

    earlier.focus()
    page.keyboard.press("Enter")
    expect_order(page, "ash.jpg", "cedar.jpg", "birch.jpg")
    expect(said).to_have_text("cedar.jpg is now 2 of 3.")
    expect(earlier).to_be_focused()
    page.keyboard.press("Enter")
    expect_order(page, "cedar.jpg", "ash.jpg", "birch.jpg")
    page.keyboard.press("Enter")
    expect(said).to_have_text("cedar.jpg is already first.")
    page.get_by_role("button", name="Remove cedar.jpg").press("Enter")

    expect_order(page, "ash.jpg", "birch.jpg")
    expect(page.get_by_role("button", name="Remove ash.jpg")).to_be_focused()


def hold_answers(page: Page) -> list[Route]:
    """The next request for the list of files, whose answer waits until the test lets it go."""
    held: list[Route] = []
    page.route("**/pins/files/", lambda route: held.append(route), times=1)
    return held


def test_what_is_typed_while_the_list_is_on_its_way_stays_with_its_focus(page: Page, pictures: list[Path]) -> None:
    attach(page, *pictures)
    attached(page).nth(0).locator("summary").click()
    own_title = attached(page).filter(has_text="ash.jpg").get_by_label("Title of this image")
    held = hold_answers(page)
    with page.expect_request("**/pins/files/"):
        page.get_by_role("button", name="Move cedar.jpg earlier").click()
    own_title.press_sequentially("Ash, the ")
    page.locator("#id_title").fill("Three kinds of wood")
    own_title.focus()

    held.pop().continue_()

    expect_order(page, "ash.jpg", "cedar.jpg", "birch.jpg")
    expect(own_title).to_be_focused()
    page.keyboard.type("pale one")
    expect(own_title).to_have_value("Ash, the pale one")
    expect(page.locator("#id_title")).to_have_value("Three kinds of wood")


def test_changes_wait_for_each_other_and_an_upload_that_ends_meanwhile_is_not_lost(
    page: Page, tmp_path: Path, pictures: list[Path]
) -> None:
    attach(page, *pictures)
    held = hold_answers(page)
    with page.expect_request("**/pins/files/"):
        page.get_by_role("button", name="Move cedar.jpg earlier").click()
    page.get_by_role("button", name="Remove ash.jpg").click()
    with page.expect_response("**/media/upload/"):
        page.get_by_label("Add images or a video").set_input_files(jpeg(tmp_path / "dogwood.jpg", size=(400, 600)))

    held.pop().continue_()

    expect_order(page, "cedar.jpg", "birch.jpg", "dogwood.jpg")
    expect_saved(page)
    page.reload()
    expect_order(page, "cedar.jpg", "birch.jpg", "dogwood.jpg")


def test_a_change_that_gets_no_answer_is_told_and_loses_no_file(
    page: Page, pictures: list[Path], tolerated: list[str]
) -> None:
    tolerated.append("net::ERR_FAILED")
    attach(page, *pictures)
    page.route("**/pins/files/", lambda route: route.abort(), times=1)

    page.get_by_role("button", name="Remove ash.jpg").click()

    expect(page.locator("#files-trouble")).not_to_be_empty()
    expect_order(page, "ash.jpg", "birch.jpg", "cedar.jpg")
    page.get_by_role("button", name="Remove ash.jpg").click()
    expect_order(page, "birch.jpg", "cedar.jpg")
    expect(page.locator("#files-trouble")).to_be_empty()


def test_texts_of_an_image_come_back_with_the_carousel(page: Page, pictures: list[Path]) -> None:
    attach(page, *pictures[:2])
    attached(page).nth(0).locator("summary").click()
    attached(page).nth(0).get_by_label("Title of this image").fill("Ash")

    page.get_by_role("button", name="Remove birch.jpg").click()
    expect(page.get_by_label("Title of this image")).to_have_count(0)
    upload(page, pictures[2])

    expect(attached(page).nth(0).get_by_label("Title of this image")).to_have_value("Ash")


def test_several_files_come_from_the_library_in_the_order_of_the_choice(page: Page, tmp_path: Path) -> None:
    page.goto("/pins/new/")
    files = [jpeg(tmp_path / f"choice-{name}.jpg", size=(400, 600)) for name in ("one", "two", "three")]
    page.get_by_label("Add images or a video").set_input_files(files)
    expect(attached(page)).to_have_count(3)
    expect_saved(page)
    page.goto("/pins/new/")
    press(page, "Choose from library")
    library = dialog(page, "Choose from library")
    expect(library.get_by_role("button", name="Add", exact=True)).to_be_disabled()

    for name in ("three", "one", "two", "one"):  # the second press takes the choice back
        library.get_by_role("searchbox").fill(f"choice-{name}")
        page.keyboard.press("Enter")
        expect(library.locator("[data-media]")).to_have_count(1)
        library.get_by_role("button", name=f"choice-{name}.jpg").click()
    library.get_by_role("button", name="Add 2").click()

    expect_order(page, "choice-three.jpg", "choice-two.jpg")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_carousel_is_previewed_with_its_own_texts(page: Page, pictures: list[Path]) -> None:
    attach(page, *pictures)
    page.locator("#id_title").fill("Three kinds of wood")
    choose_board(page)
    attached(page).nth(1).locator("summary").click()
    attached(page).nth(1).get_by_label("Title of this image").fill("Birch, the light one")
    preview = page.get_by_role("complementary", name="Preview")
    expect(preview.get_by_role("group", name="3 images").locator("img")).to_have_count(3)
    expect(preview).to_contain_text("Three kinds of wood")

    preview.get_by_role("button", name="Next image").click()
    expect(preview).to_contain_text("Birch, the light one")
    preview.locator(".carousel__track").focus()
    page.keyboard.press("End")
    expect(preview.get_by_role("button", name="Image 3")).to_have_attribute("aria-current", "")
    expect(preview.get_by_role("button", name="Next image")).to_be_disabled()
    expect_saved(page)
    press(page, "Save draft")

    expect_status(page, "Draft")
    pin = page.get_by_role("article", name="Pin", exact=True)
    expect(pin.locator(".carousel__slide")).to_have_count(3)
    pin.get_by_role("button", name="Image 2").click()
    expect(pin.get_by_role("button", name="Image 2")).to_have_attribute("aria-current", "")
    expect(page.get_by_text("Birch, the light one")).to_be_visible()


def test_images_of_different_sizes_are_cropped_with_one_click(page: Page, tmp_path: Path, pictures: list[Path]) -> None:
    attach(page, pictures[0], jpeg(tmp_path / "square.jpg", size=(500, 500)))
    expect(page.locator("#file-problems")).to_contain_text("“square.jpg” has 500 × 500")
    attached(page).nth(1).locator("summary").click()
    attached(page).nth(1).get_by_label("Link of this image").fill("https://example.com/square")

    press(page, "Crop all to match the first")

    expect_order(page, "ash.jpg", "square, 400 × 600.jpg")
    expect(attached(page).nth(1)).to_contain_text("400 × 600 px")
    expect(attached(page).nth(1).get_by_label("Link of this image")).to_have_value("https://example.com/square")
    expect(page.locator("#file-problems")).to_have_text("")


def test_a_wide_picture_is_made_two_to_three(page: Page, tmp_path: Path) -> None:
    attach(page, jpeg(tmp_path / "wide.jpg", size=(900, 600)))

    page.get_by_role("button", name=re.compile("^Crop to 2:3")).click()
    crop = dialog(page, "Crop to 2:3")
    crop.get_by_label("Position of the frame").fill("100")
    crop.get_by_role("button", name="Crop to 2:3").click()

    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(attached(page)).to_contain_text("1000 × 1500 px")
    expect(page.get_by_role("button", name="Crop to 2:3")).to_have_count(0)


def test_a_video_gets_a_frame_as_its_cover(page: Page, video: Path) -> None:
    attach(page, video)
    expect(page.locator("#file-problems")).to_contain_text("A video pin needs a cover image.")

    press(page, "Choose a cover frame")
    frames = dialog(page, "Choose a cover frame").get_by_role("list", name="Frames of the video").get_by_role("button")
    expect(frames).to_have_count(8)
    frames.nth(5).click()

    expect(attached(page).locator(".attachment__role")).to_have_text(["1: video", "2: cover"])
    expect(page.locator("#file-problems")).to_have_text("")
    expect(attached(page).last.locator(":focus")).to_have_count(1)
    page.locator("#id_title").fill("Oak in motion")
    player = page.get_by_role("complementary", name="Preview").locator("video")
    cover = player.get_attribute("poster")
    assert cover
    page.wait_for_function("() => document.querySelector('#preview-media video').readyState >= 1")
    press(page, "Save draft")

    expect_status(page, "Draft")
    assert page.get_by_role("article", name="Pin", exact=True).locator("video").get_attribute("poster") == cover


def test_a_cover_before_its_video_is_swapped_with_one_click(page: Page, pictures: list[Path], video: Path) -> None:
    attach(page, pictures[0], video)
    expect(page.locator("#file-problems")).to_contain_text("The cover image comes first.")
    expect(attached(page).locator(".attachment__role")).to_have_text(["1: cover", "2: video"])

    press(page, "Swap")

    expect(attached(page).locator(".attachment__role")).to_have_text(["1: video", "2: cover"])
    expect(attached(page).first.locator(":focus")).to_have_count(1)
    expect(page.locator("#file-problems")).to_have_text("")


def test_files_come_from_the_library_and_the_focus_comes_back(page: Page, tmp_path: Path) -> None:
    page.goto("/pins/new/")
    picture = jpeg(tmp_path / "from-the-library.jpg", size=(300, 450))
    upload(page, picture)
    expect_saved(page)
    page.goto("/pins/new/")

    press(page, "Choose from library")
    library = dialog(page, "Choose from library")
    expect(library.get_by_role("searchbox")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Choose from library")).to_be_focused()
    page.keyboard.press("Enter")
    library.get_by_role("searchbox").fill("from-the-lib")
    page.keyboard.press("Enter")
    expect(library.get_by_role("list", name="Files of the library").get_by_role("button")).to_have_count(1)
    library.get_by_role("button", name="from-the-library.jpg").click()
    library.get_by_role("button", name="Add 1").click()

    expect(attached(page)).to_contain_text("from-the-library.jpg")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_the_alternative_text_of_the_library_is_offered(page: Page, tmp_path: Path) -> None:
    page.goto("/pins/new/")
    described = jpeg(tmp_path / "described.jpg", size=(300, 450))
    media = upload(page, described).get_attribute("data-id")
    expect_saved(page)
    page.goto(f"/media/{media}/")
    page.get_by_label("Alt text").fill("A chair of light oak")
    press(page, "Save alt text and tags")
    page.goto("/pins/new/")

    upload(page, described)

    expect(page.get_by_label("Alt text")).to_have_value("A chair of light oak")
    expect(page.get_by_text("Taken from “described.jpg”.")).to_be_visible()
