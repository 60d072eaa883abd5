"""Every page, and how one comes to it: what the tests measure and `make screenshots` draws."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from .app_process import AppProcess, SandboxControls
from .media_files import jpeg, mp4
from .page_actions import attached, compose, expect_saved, expect_status, invite, press, publish, sign_up, upload


@dataclass
class World:
    """A team with pins of all sorts, and a person who may only look at it and whose own workspace is empty."""

    demo: Path
    newcomer: Path
    chair: Path
    pictures: list[Path]
    video: Path
    published: str
    failed: str
    proposed: str
    sent_back: str


def build_world(app: AppProcess, chromium: Browser, signed_in: Path, chair: Path, folder: Path) -> World:
    """Make what the pages show; the files go to `folder`."""
    newcomer = folder / "newcomer.json"
    sandbox = SandboxControls(app.sandbox_url)
    with chromium.new_context(base_url=app.url, storage_state=signed_in) as context:
        page = context.new_page()
        publish(page, chair, "Published for all to see")
        published = page.url
        sandbox.fault("pins/create", "board_not_found")
        publish(
            page,
            chair,
            "Refused by Pinterest, and with a title that runs over several lines on a telephone",
            outcome="Failed",
        )
        failed = page.url
        compose(page, chair, "One of these days")
        page.get_by_label("Schedule for").fill("2031-05-06T07:08")
        press(page, "Schedule")
        expect_status(page, "Scheduled")
    sandbox.close()
    with chromium.new_context(base_url=app.url) as context:
        sign_up(context.new_page(), "newcomer@example.com", "An empty workspace")
        context.storage_state(path=newcomer)
    app.python(
        "from accounts.models import *; Membership.objects.create(role=Role.VIEWER,"
        " user=User.objects.get(email='newcomer@example.com'), workspace=Workspace.objects.get(name='Demo team'))"
    )
    proposed, sent_back = reviewed_pins(app)
    app.python(
        "from accounts.models import *; member = Membership.objects.get(user__email='demo@example.com',"
        " workspace__name='Demo team'); Notification.objects.bulk_create(Notification(user=member.user,"
        " workspace=member.workspace, kind='failed', text=f'“Chair {number}” failed: The board is gone.', path='/')"
        " for number in range(50))"
    )
    sizes = [(400, 600)] * 4 + [(600, 600)]
    pictures = [jpeg(folder / f"{number}.jpg", size=size) for number, size in enumerate(sizes)]
    return World(signed_in, newcomer, chair, pictures, mp4(folder / "oak.mp4"), published, failed, proposed, sent_back)


def reviewed_pins(app: AppProcess) -> tuple[str, str]:
    """The addresses of a pin that waits for an approval, and of one that was sent back."""
    ids = app.python(
        "from pins.scheduling import approval; from pins.composer import services as composing;"
        " from pins.models import *; from django.utils import timezone;"
        " pin = Pin.objects.get(title='One of these days'); by = pin.created_by; now = timezone.now();"
        " made = [composing.duplicate_pin(pin, by=by, now=now) for _ in range(2)];"
        " [approval.propose(each, by=by, now=now) for each in made];"
        " approval.send_back(made[1], 'A warmer title, please.', version=1, by=by, now=now);"
        " print(*(each.pk for each in made))"
    )
    proposed, sent_back = (f"/pins/{pk}/" for pk in ids.split()[-2:])
    return proposed, sent_back


def composer_with_errors(page: Page, world: World) -> None:
    page.goto("/pins/new/")
    upload(page, world.chair)
    page.get_by_label("Title").fill("x" * 101)
    page.get_by_label("Link").fill("example.com")
    page.get_by_label("Dominant color").fill("red")
    press(page, "Schedule")
    expect(page.get_by_role("alert")).to_contain_text("isn't ready yet")


def composer_filled(page: Page, world: World) -> None:
    compose(page, world.chair, "A title")
    page.get_by_label("Description").fill("A description of some length, with keywords. " * 8)
    page.get_by_label("Link").fill("https://example.com/" + "a-long-address-without-a-space" * 5)
    page.get_by_label("Dominant color").fill("#FF5722")
    page.get_by_role("combobox", name="Board").click()
    expect(page.get_by_role("listbox")).to_be_visible()


def attach(page: Page, *files: Path) -> None:
    page.goto("/pins/new/")
    page.get_by_label("Add images or a video").set_input_files(list(files))
    expect(attached(page)).to_have_count(len(files))


def composer_with_carousel(page: Page, world: World) -> None:
    """Five images, one with its own texts, of which one has another size."""
    attach(page, *world.pictures)
    attached(page).nth(1).locator("summary").click()
    attached(page).nth(1).get_by_label("Title of this image").fill("x" * 101)
    expect(page.locator("#file-problems")).to_contain_text("must be the same size")


def composer_with_video(page: Page, world: World) -> None:
    attach(page, world.video, world.chair)
    expect(page.get_by_role("complementary", name="Preview").locator("video")).to_be_visible()
    expect_saved(page)


def composer_with_library(page: Page, world: World) -> None:
    attach(page, world.chair)
    press(page, "Choose from library")
    expect(page.get_by_role("list", name="Files of the library")).to_be_visible()


def composer_with_frames(page: Page, world: World) -> None:
    attach(page, world.video)
    press(page, "Choose a cover frame")
    expect(page.get_by_role("list", name="Frames of the video")).to_be_visible()


def composer_with_crop(page: Page, world: World) -> None:
    attach(page, world.pictures[-1])
    page.get_by_role("button", name=re.compile("^Crop to 2:3")).click()
    expect(page.get_by_label("Position of the frame")).to_be_visible()


def composer_with_conflict(page: Page, world: World) -> None:
    attach(page, world.chair)
    expect_saved(page)
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_label("Description").fill("From the other window. " * 20)
    expect_saved(other)
    other.close()
    page.get_by_label("Title").fill("From this window")
    press(page, "Save draft")
    expect(page.get_by_role("button", name="Save mine instead")).to_be_visible()


def composer_kept_aside(page: Page, world: World) -> None:
    page.goto(f"{world.failed}edit/")
    page.get_by_label("Title").fill("Not saved yet")
    expect_saved(page)
    page.reload()
    expect(page.get_by_text("Your unsaved changes from")).to_be_visible()


def pin_with_carousel(page: Page, world: World) -> None:
    composer_with_carousel(page, world)
    press(page, "Save draft")
    expect(page.get_by_role("article", name="Pin", exact=True).get_by_role("group", name="5 images")).to_be_visible()


def expired_form(page: Page, world: World) -> None:
    page.goto("/accounts/login/")
    page.context.clear_cookies()
    page.get_by_label("Email").fill("demo@example.com")
    page.get_by_label("Password").fill("pins-demo")
    press(page, "Sign in")
    expect(page.get_by_role("heading", name="This form has expired")).to_be_visible()


def wrong_password(page: Page, world: World) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill("nobody@example.com")
    page.get_by_label("Password").fill("wrong")
    press(page, "Sign in")
    expect(page.locator(".errorlist")).to_be_visible()


def moving(page: Page, world: World) -> None:
    page.goto("/calendar/?on=2031-05-06")
    page.get_by_role("link", name="Move “One of these days”").first.press("Enter")
    expect(page.get_by_label("New time")).to_be_visible()


def account_menu(page: Page, world: World) -> None:
    page.goto("/")
    page.locator(".account-menu summary").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def notifications_with_a_flood(page: Page, world: World) -> None:
    page.goto("/notifications/")
    page.locator("summary", has_text="pins failed").click()
    expect(page.get_by_role("link", name="“Chair 1” failed: The board is gone.", exact=True)).to_be_visible()


def api_key_made(page: Page, world: World) -> None:
    page.goto("/api-keys/")
    page.get_by_label("Name").fill("A spreadsheet with a rather long name")
    press(page, "Create key")
    expect(page.get_by_label("Key", exact=True)).to_be_visible()


def exported(page: Page, world: World) -> None:
    page.goto("/workspace/exports/")
    press(page, "Export the workspace")
    expect(page.get_by_role("link", name="Download").first).to_be_visible()


def invited(page: Page, world: World) -> None:
    invite(page, "somebody-with-a-long-name@a-company-with-a-rather-long-name.example.com")


def invitation_for_another(page: Page, world: World) -> None:
    page.goto(invite(page, "a-guest@example.com"))
    expect(page.get_by_text("This invitation is for a-guest@example.com")).to_be_visible()


def invitation_for_a_newcomer(page: Page, world: World) -> None:
    link = invite(page, "another-guest@example.com")
    page.context.clear_cookies()
    page.goto(link)
    expect(page.get_by_role("link", name="Create an account")).to_be_visible()


def invited_sign_up(page: Page, world: World) -> None:
    link = invite(page, "a-third-guest@example.com")
    page.context.clear_cookies()
    page.goto(link)
    page.get_by_role("link", name="Create an account").click()
    expect(page.get_by_label("Email")).to_be_disabled()


def confirmed(page: Page, path: str, password: str) -> None:
    """A page before which the password is asked for once more, unless that was done a moment ago."""
    page.goto(path)
    if "reauthenticate" in page.url:
        page.get_by_label("Password").fill(password)
        press(page, "Confirm")
        page.wait_for_url(f"**{path}")


def deletion_of_the_workspace(page: Page, world: World) -> None:
    confirmed(page, "/workspace/delete/", "pins-demo")
    page.get_by_label("Workspace name").fill("Another team")
    page.get_by_role("button", name=re.compile("^Delete on")).click()
    expect(page.get_by_text("Type its name exactly like that.")).to_be_visible()


def deletion_of_the_person(page: Page, world: World) -> None:
    confirmed(page, "/account/delete/", "pins-demo")
    expect(page.get_by_role("heading", name="What stays")).to_be_visible()


def deletion_that_is_announced(page: Page, world: World) -> None:
    sign_up(page, "leaving@example.com", "A workspace with a rather long name, Oak & Ash and Sons")
    confirmed(page, "/workspace/delete/", "a-long-pass-phrase")
    page.get_by_label("Workspace name").fill("A workspace with a rather long name, Oak & Ash and Sons")
    page.get_by_role("button", name=re.compile("^Delete on")).click()
    page.goto("/account/delete/")
    page.get_by_role("button", name=re.compile("^Delete account")).click()
    expect(page.get_by_role("button", name="Cancel deletion")).to_be_visible()
    expect(page.get_by_role("button", name="Keep my account")).to_be_visible()


def address(path: str) -> Callable[[Page, World], None]:
    def open_address(page: Page, world: World) -> None:
        page.goto(path.format(**vars(world)))
        expect(page.get_by_role("heading", level=1)).to_be_visible()

    return open_address


# Who looks, and the way to the page.
PAGES = {
    "login": ("nobody", address("/accounts/login/")),
    "login refused": ("nobody", wrong_password),
    "sign-up": ("nobody", address("/accounts/signup/")),
    "password reset": ("nobody", address("/accounts/password/reset/")),
    "expired form": ("nobody", expired_form),
    "dashboard, empty": ("newcomer", address("/")),
    "dashboard, filled": ("demo", address("/")),
    "account menu": ("demo", account_menu),
    "privacy": ("nobody", address("/privacy/")),
    "calendar, empty": ("newcomer", address("/calendar/")),
    "calendar": ("demo", address("/calendar/?on=2031-05-06")),
    "calendar, a week": ("demo", address("/calendar/?on=2031-05-06&view=week")),
    "calendar, a day": ("demo", address("/calendar/?on=2031-05-06&view=day")),
    "calendar, a list": ("demo", address("/calendar/?view=list")),
    "a pin is moved": ("demo", moving),
    "pins, empty": ("newcomer", address("/pins/")),
    "pins": ("demo", address("/pins/")),
    "composer, empty": ("demo", address("/pins/new/")),
    "composer, nothing connected": ("newcomer", address("/pins/new/")),
    "composer, filled": ("demo", composer_filled),
    "composer, errors": ("demo", composer_with_errors),
    "composer, carousel": ("demo", composer_with_carousel),
    "composer, video": ("demo", composer_with_video),
    "composer, library": ("demo", composer_with_library),
    "composer, frames": ("demo", composer_with_frames),
    "composer, crop": ("demo", composer_with_crop),
    "composer, conflict": ("demo", composer_with_conflict),
    "composer, kept aside": ("demo", composer_kept_aside),
    "pin, carousel": ("demo", pin_with_carousel),
    "pin, published": ("demo", address("{published}")),
    "pin, failed": ("demo", address("{failed}")),
    "pin, for a viewer": ("newcomer", address("{failed}")),
    "delete a pin": ("demo", address("{failed}delete/")),
    "media, empty": ("newcomer", address("/media/")),
    "media": ("demo", address("/media/")),
    "analytics": ("demo", address("/analytics/")),
    "analytics, nothing connected": ("newcomer", address("/analytics/")),
    "analytics, pins": ("demo", address("/analytics/pins/")),
    "analytics, best times": ("demo", address("/analytics/best-times/")),
    "analytics, weekly summary": ("demo", address("/analytics/weekly-summary/")),
    "analytics, report": ("demo", address("/analytics/report/")),
    "help": ("demo", address("/help/")),
    "help, from a message": ("demo", address("/help/#board-not-found")),
    "connections, empty": ("newcomer", address("/connections/")),
    "connections": ("demo", address("/connections/")),
    "API keys, empty": ("newcomer", address("/api-keys/")),
    "API key, made": ("demo", api_key_made),
    "API keys": ("demo", address("/api-keys/")),
    "notifications, empty": ("newcomer", address("/notifications/")),
    "notifications": ("demo", notifications_with_a_flood),
    "notifications, by e-mail": ("demo", address("/notifications/settings/")),
    "export, none yet": ("newcomer", address("/workspace/exports/")),
    "export": ("demo", exported),
    "team": ("demo", address("/team/")),
    "team, for a viewer": ("newcomer", address("/team/")),
    "team, invited": ("demo", invited),
    "invitation, wrong address": ("demo", invitation_for_another),
    "invitation, newcomer": ("demo", invitation_for_a_newcomer),
    "invitation, sign-up": ("demo", invited_sign_up),
    "invitation, unknown": ("nobody", address("/invitation/")),
    "audit trail": ("demo", address("/workspace/audit/")),
    "audit trail, nothing fits": ("demo", address("/workspace/audit/?q=none&since=2026-01-02&until=2026-01-01")),
    "audit trail, not for a viewer": ("newcomer", address("/workspace/audit/")),
    "workspace": ("demo", address("/workspace/")),
    "workspace, for a viewer": ("newcomer", address("/workspace/")),
    "pins, proposed": ("demo", address("/pins/?status=proposed")),
    "pin, proposed": ("demo", address("{proposed}")),
    "composer, proposed": ("demo", address("{proposed}edit/")),
    "composer, sent back": ("demo", address("{sent_back}edit/")),
    "leave the team": ("demo", address("/team/leave/")),
    "delete the workspace": ("demo", deletion_of_the_workspace),
    "delete the account": ("demo", deletion_of_the_person),
    "deletions, announced": ("nobody", deletion_that_is_announced),
    "new workspace": ("demo", address("/workspace/new/")),
    "not found": ("demo", address("/no/such/page/")),
    "not allowed": ("newcomer", address("{failed}edit/")),
}
