"""The list of pins in the browser: what it weighs, and its filters and views."""

import re
from datetime import timedelta
from pathlib import Path

from django.utils import timezone
from playwright.sync_api import Page, expect

from .app_process import AppProcess, wait_until
from .page_actions import compose, expect_status, pick_time, press, send, sign_up

MOST_BYTES = 120 * 1024
# Thirty pins, each with a picture of its own that is as hard to compress as a photograph.
THIRTY_PINS = """
from io import BytesIO
from django.core.files.base import ContentFile
from PIL import Image
from accounts.models import Workspace
from tests.factories import AttachmentFactory, BoardFactory, MediaFileFactory, PinFactory

workspace = Workspace.objects.get(name="Thirty pins")
board = BoardFactory(account__workspace=workspace, account__pinterest_user_id="30", name="Chairs")
for number in range(30):
    shapes = Image.effect_noise((12, 18), 90).resize((480, 720), Image.Resampling.BICUBIC)
    picture = Image.merge("RGB", [Image.blend(shapes, Image.effect_noise((480, 720), 30), 0.3) for _ in range(3)])
    content = BytesIO()
    picture.save(content, "JPEG", quality=82)
    thumbnail = ContentFile(content.getvalue(), "small.jpg")
    media = MediaFileFactory(workspace=board.account.workspace, thumbnail=thumbnail)
    pin = PinFactory(board=board, title=f"An oak chair of some length, number {number}", status="draft", attachments=0)
    AttachmentFactory(pin=pin, media=media)
"""


def test_thirty_rows_with_their_pictures_weigh_at_most_120_kb(visitor: Page, app: AppProcess) -> None:
    """Of everything that a first visit loads: page, style sheets, scripts, icons and thumbnails."""
    sign_up(visitor, "thirty@example.com", "Thirty pins")
    app.python(THIRTY_PINS)
    page = visitor.context.new_page()
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.send("Network.setCacheDisabled", {"cacheDisabled": True})
    sizes: list[float] = []
    network.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))

    page.goto("/pins/")
    rows = page.get_by_role("list", name="Pins", exact=True).get_by_role("listitem")
    expect(rows).to_have_count(30)
    rows.last.scroll_into_view_if_needed()
    loaded = "images => images.filter((image) => image.naturalWidth).length"
    wait_until(lambda: page.locator(".pin-row img").evaluate_all(loaded) == 30, "All thumbnails are there", 15)

    assert sum(sizes) <= MOST_BYTES, f"{sum(sizes):,.0f} bytes in {len(sizes)} answers"
    for width in (800, 1000, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        box = page.locator(".pin-row__title").first.bounding_box()
        assert box and box["width"] > 180, f"At {width} px, a title has little room: {box}"


def test_filters_apply_and_each_can_be_removed(visitor: Page, app: AppProcess) -> None:
    sign_up(visitor, "filters@example.com", "Filtered pins")
    app.python(
        "from accounts.models import Workspace; from tests.factories import *;"
        " workspace = Workspace.objects.get(name='Filtered pins');"
        " account = PinterestAccountFactory(workspace=workspace, pinterest_user_id='31');"
        " [PinFactory(board=BoardFactory(account=account, name=name), title=f'On {name}', status='draft')"
        " for name in ('Lamps', 'Stools')]"
    )
    visitor.goto("/pins/?status=draft")

    visitor.locator(".list-tools summary", has_text="Filters").click()
    visitor.get_by_label("Board", exact=True).select_option(label="Lamps")
    visitor.get_by_role("button", name="Apply").click()

    titles = visitor.get_by_role("list", name="Pins", exact=True).get_by_role("link", name=re.compile("^On "))
    expect(titles).to_have_text(["On Lamps"])
    expect(visitor.get_by_role("link", name="Drafts 1")).to_have_attribute("aria-current", "page")
    visitor.get_by_role("link", name="Grid").click()
    expect(titles).to_have_text(["On Lamps"])
    visitor.get_by_role("link", name="Lamps Remove filter").click()
    expect(titles).to_have_count(2)


def test_a_pin_is_moved_on_the_list_and_the_move_undone(page: Page, chair: Path) -> None:
    compose(page, chair, "Moved on the list")
    today = timezone.now()
    before, after = (today + timedelta(days=days) for days in (40, 41))
    pick_time(page, f"{before:%Y-%m-%d}T07:08")
    send(page)
    expect_status(page, "Scheduled")
    page.goto("/pins/?status=scheduled&q=moved")

    page.get_by_role("link", name="Move “Moved on the list”…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("New time").fill(f"{after:%Y-%m-%d}T08:09")
    dialog.get_by_role("button", name="Move", exact=True).click()

    row = page.get_by_role("listitem").filter(has_text="Moved on the list")
    expect(page).to_have_url(re.compile(r"/pins/\?status=scheduled&q=moved$"))
    expect(row).to_contain_text(f"{after.day} {after:%b %Y}, 08:09")
    press(page, "Undo")
    expect(page).to_have_url(re.compile(r"/pins/\?status=scheduled&q=moved$"))
    expect(row).to_contain_text(f"{before.day} {before:%b %Y}, 07:08")


def test_what_to_do_is_asked_once_a_pin_is_selected(page: Page, chair: Path) -> None:
    compose(page, chair, "Selected on the list")
    press(page, "Save draft")
    expect_status(page, "Draft")
    page.goto("/pins/")
    choice = page.get_by_label("What to do with the selected pins")
    box = page.locator("input[name=pins]").first

    expect(page.get_by_label("Select this page")).to_be_visible()
    expect(choice).to_be_hidden()
    box.check()
    expect(choice).to_be_visible()
    expect(page.get_by_role("button", name="Continue")).to_be_visible()
    box.uncheck()
    expect(choice).to_be_hidden()
    page.get_by_label("Select all").check()
    expect(choice).to_be_visible()
