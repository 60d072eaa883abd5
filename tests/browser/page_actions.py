"""Steps that people take, in the words of the pages."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp
from uuid import uuid4

from playwright.sync_api import Locator, Page, expect

# A time to be picked, as fields write it.
A_MONTH_AHEAD = f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%d}T07:08"
BOARD = "Autumn tables"
ACCOUNT = "@harbourandpine"


def sign_in(page: Page, email: str, password: str) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()


def sign_up(page: Page, email: str, workspace: str) -> None:
    page.goto("/accounts/signup/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill("a-long-pass-phrase")
    page.get_by_label("Workspace").fill(workspace)
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("heading", level=1, name=workspace)).to_be_visible()


def invite(page: Page, email: str, role: str = "Editor") -> str:
    """By an admin; the link of the new invitation."""
    page.goto("/team/")
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Role", exact=True).select_option(role)
    page.get_by_role("button", name="Send invitation").click()
    return page.get_by_label(f"Link for {email}").input_value()


def open_consent(page: Page) -> None:
    page.goto("/connections/")
    page.get_by_role("button", name=re.compile("^Connect (Pinterest|another account)$")).click()
    expect(page.get_by_role("heading", name="Connect an account")).to_be_visible()


def connect_pinterest(page: Page) -> None:
    open_consent(page)
    page.get_by_role("button", name="Allow").click()
    expect(page.get_by_role("list", name="Pinterest accounts")).to_contain_text("Connected")


def choose_board(page: Page, typed: str = "autumn", name: str = BOARD) -> None:
    """By typing and the keyboard only."""
    picker = page.get_by_role("combobox", name="Board")
    picker.focus()
    picker.press_sequentially(typed)
    expect(page.get_by_role("option", name=re.compile(f"^{re.escape(name)}"))).to_be_visible()
    picker.press("Enter")
    expect(picker).to_have_value(name)


def upload(page: Page, picture: Path) -> Locator:
    """The attachment, when it is there."""
    page.get_by_label("Add images or a video").set_input_files(picture)
    attachment = attached(page).filter(has_text=picture.name)
    expect(attachment).to_be_visible()
    return attachment


def attached(page: Page) -> Locator:
    """The files of the pin in the composer, in their order."""
    return page.get_by_role("list", name="Attached files").locator("> .attachment")


def compose(page: Page, picture: Path, title: str) -> None:
    """A new pin, ready to be saved, scheduled or published. Its picture looks like `picture`, and no other pin has it:
    the same one twice within a minute would be asked about.
    """
    page.goto("/pins/new/")
    upload(page, copy_of(picture))
    page.get_by_label("Title").fill(title)
    choose_board(page)


def pick_time(page: Page, time: str) -> None:
    """The composer's “When”: a time as fields write it, such as 2027-03-28T09:30."""
    page.get_by_label("Pick a time").check()
    page.get_by_label("Schedule for").fill(time)


def send(page: Page) -> None:
    """By the composer's primary button, whatever it says it will do."""
    page.locator("#send").click()


def open_more(page: Page) -> None:
    """Alt text and color."""
    more = page.locator(".composer__more")
    if more.get_attribute("open") is None:
        more.locator("summary").click()


def copy_of(picture: Path) -> Path:
    """A file of the same name with other bytes: a JPEG with a comment of its own."""
    comment = uuid4().hex.encode()
    content = picture.read_bytes()
    copy = Path(mkdtemp()) / picture.name
    copy.write_bytes(content[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2) + comment + content[2:])
    return copy


def expect_saved(page: Page) -> None:
    """All that was typed has been saved by itself."""
    expect(page.locator("#autosave-state")).to_have_text(re.compile(r"^(Saved|Kept) "))
    expect(page.locator("#composer")).to_have_attribute("data-saving", "done")


def press(page: Page, button: str) -> None:
    page.get_by_role("button", name=button, exact=True).click()


def expect_status(page: Page, status: str, *, seconds: float = 20) -> None:
    badge = page.get_by_role("region", name="Status").locator(".badge")
    expect(badge).to_have_text(status, timeout=seconds * 1000)


def publish(page: Page, picture: Path, title: str, *, outcome: str = "Published") -> None:
    compose(page, picture, title)
    press(page, "Publish now")
    expect_status(page, outcome)


def pins_titled(pins: list[dict], title: str) -> list[dict]:
    return [pin for pin in pins if pin["title"] == title]


def slow_down_uploads(page: Page, bytes_per_second: int = 1_000_000) -> None:
    """So that there is something to see of an upload."""
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes_per_second},
    )
