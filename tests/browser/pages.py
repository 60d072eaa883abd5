"""Every page, and how one comes to it: what the tests measure and `make screenshots` draws."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from .composer_pages import (
    composer_filled,
    composer_kept_aside,
    composer_with_boards,
    composer_with_carousel,
    composer_with_conflict,
    composer_with_crop,
    composer_with_errors,
    composer_with_frames,
    composer_with_library,
    composer_with_video,
    pin_with_carousel,
)
from .import_pages import columns_of_import, dry_run, import_to_delete, row_of_import
from .long_ways import (
    bulk_options,
    bulk_preview,
    deletion_of_the_person,
    deletion_of_the_workspace,
    deletion_that_is_announced,
    files_preview,
    pins_in_a_table,
    pins_spread,
)
from .page_actions import invite, pick_time, press, send
from .world import World


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


def pins_filtered(page: Page, world: World) -> None:
    page.goto("/pins/?since=2026-01-01&until=2999-12-31&q=for")
    page.locator(".list-tools summary", has_text="Filters").click()
    expect(page.get_by_label("Author")).to_be_visible()


def family(page: Page, world: World) -> None:
    """Of two pins, which are made again each time: from the composer with its boards."""
    composer_with_boards(page, world)
    press(page, "Remove pin 3")
    expect(page.get_by_label("Board of pin 3")).to_have_count(0)
    pick_time(page, "2031-05-07T09:00")
    send(page)
    press(page, "Schedule anyway")
    expect(page.get_by_role("table", name="Pins made together")).to_be_visible()


def publishing_times(page: Page, world: World) -> None:
    page.goto("/publishing-times/")
    expect(page.get_by_role("heading", name="Publishing times")).to_be_visible()


def spacing(page: Page, world: World) -> None:
    """With a limit that is refused."""
    publishing_times(page, world)
    page.get_by_role("link", name="Spacing").click()
    page.get_by_label("Hint above this many pins a day").fill("60")
    press(page, "Save")
    expect(page.get_by_text("The hint comes before the warning")).to_be_visible()


def queue(page: Page, world: World) -> None:
    """With publishing times and a pin."""
    publishing_times(page, world)
    press(page, "Add 3 a day")
    page.goto("/queue/")
    expect(page.get_by_role("heading", name="Coming up")).to_be_visible()


def paused_queue(page: Page, world: World) -> None:
    queue(page, world)
    if page.get_by_role("button", name="Pause").is_visible():
        press(page, "Pause")
    expect(page.get_by_role("link", name="Resume")).to_be_visible()


def resuming(page: Page, world: World) -> None:
    paused_queue(page, world)
    page.get_by_role("link", name="Resume").click()
    expect(page.get_by_role("heading", name="Resume")).to_be_visible()


def first_in_queue(page: Page, world: World) -> None:
    queue(page, world)
    page.goto("/calendar/?on=2031-05-06")
    page.get_by_role("link", name="One of these days", exact=True).first.click()
    page.goto(f"{page.url}first/")
    expect(page.get_by_role("heading", name="First in queue")).to_be_visible()


def account_menu(page: Page, world: World) -> None:
    page.goto("/")
    page.locator(".account-menu summary").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def workspace_menu(page: Page, world: World) -> None:
    page.goto("/")
    page.locator(".workspace-menu summary").click()
    expect(page.get_by_role("link", name="New workspace")).to_be_visible()


def search_dialog(page: Page, world: World) -> None:
    page.goto("/")
    page.keyboard.press("/")
    page.get_by_role("dialog", name="Search").get_by_role("searchbox").press_sequentially("published")
    expect(page.get_by_role("dialog", name="Search").get_by_role("link").first).to_be_visible()


def keys_dialog(page: Page, world: World) -> None:
    page.goto("/")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()


def sheet_of_the_rest(page: Page, world: World) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/")
    page.get_by_role("button", name="More").click()
    expect(page.get_by_role("link", name="Settings")).to_be_visible()


def notifications_with_a_flood(page: Page, world: World) -> None:
    page.goto("/notifications/")
    page.locator("summary", has_text="pins failed").click()
    expect(page.get_by_role("link", name="“Chair 1” failed: The board is gone.", exact=True)).to_be_visible()


def api_key_made(page: Page, world: World) -> None:
    page.goto("/api-keys/")
    page.get_by_label("Name").fill("A spreadsheet with a rather long name")
    press(page, "Create key")
    expect(page.get_by_label("Key", exact=True)).to_be_visible()


def calendar_feed_made(page: Page, world: World) -> None:
    page.goto("/calendar/feeds/")
    press(page, "Create feed")
    expect(page.get_by_role("heading", name="Your feed is ready")).to_be_visible()


def webhook_made(page: Page, world: World) -> None:
    page.goto("/workspace/webhooks/")
    page.get_by_label("URL").fill("https://automation.example.com/hooks/with/a/rather/long/path/of/many/parts")
    page.get_by_label("Pin failed").check()
    page.get_by_label("Account needs reconnecting").check()
    press(page, "Add webhook")
    secret, twin = page.get_by_label("Secret", exact=True), page.get_by_text("There is already a webhook")
    expect(secret.or_(twin)).to_be_visible()
    if twin.is_visible():  # of an earlier visit: its secret is rotated
        open_webhook(page)
        press(page, "Rotate secret")
    expect(secret).to_be_visible()


def open_webhook(page: Page) -> None:
    page.goto("/workspace/webhooks/")
    page.locator(".entry h2 a").first.click()
    expect(page.get_by_role("heading", name="Deliveries")).to_be_visible()


def webhook(page: Page, world: World) -> None:
    webhook_made(page, world)
    open_webhook(page)


def webhook_list(page: Page, world: World) -> None:
    webhook_made(page, world)
    page.goto("/workspace/webhooks/")
    expect(page.locator(".entry h2 a").first).to_be_visible()


def webhook_delivery(page: Page, world: World) -> None:
    webhook(page, world)
    press(page, "Send test event")
    page.locator(".entry h3 a").first.click()
    expect(page.get_by_role("heading", name="Payload")).to_be_visible()


def webhook_to_delete(page: Page, world: World) -> None:
    webhook(page, world)
    page.get_by_role("link", name="Delete", exact=True).click()
    expect(page.get_by_role("heading", name="Delete this webhook?")).to_be_visible()


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
    "workspace menu": ("demo", workspace_menu),
    "search": ("demo", address("/search/?q=published")),
    "search, nothing found": ("newcomer", address("/search/?q=nothing-like-it")),
    "search, in a dialog": ("demo", search_dialog),
    "keyboard shortcuts": ("demo", keys_dialog),
    "the sheet of the rest": ("demo", sheet_of_the_rest),
    "my account": ("demo", address("/account/")),
    "privacy": ("nobody", address("/privacy/")),
    "calendar, empty": ("newcomer", address("/calendar/")),
    "calendar": ("demo", address("/calendar/?on=2031-05-06")),
    "calendar, a week": ("demo", address("/calendar/?on=2031-05-06&view=week")),
    "calendar, a day": ("demo", address("/calendar/?on=2031-05-06&view=day")),
    "calendar, new pin on a day": ("demo", address("/calendar/new/?on=2031-05-06")),
    "queue": ("demo", queue),
    "queue, paused": ("demo", paused_queue),
    "queue, resumed": ("demo", resuming),
    "queue, empty": ("newcomer", address("/queue/")),
    "publishing times": ("demo", publishing_times),
    "spacing": ("demo", spacing),
    "publishing times, nothing connected": ("newcomer", address("/publishing-times/")),
    "first in queue": ("demo", first_in_queue),
    "calendar feeds, empty": ("newcomer", address("/calendar/feeds/")),
    "calendar feeds, made": ("demo", calendar_feed_made),
    "calendar, a list": ("demo", address("/calendar/?view=list")),
    "a pin is moved": ("demo", moving),
    "pins, empty": ("newcomer", address("/pins/")),
    "pins": ("demo", address("/pins/")),
    "pins, grid": ("demo", address("/pins/?view=grid")),
    "pins, many are changed": ("demo", bulk_options),
    "pins, a change of many": ("demo", bulk_preview),
    "media, files are deleted": ("demo", files_preview),
    "new pins from images": ("demo", address("/pins/grid/")),
    "pins in a table": ("demo", pins_in_a_table),
    "pins, spread over days": ("demo", pins_spread),
    "pins, filters": ("demo", pins_filtered),
    "export of pins": ("demo", address("/pins/export/")),
    "import": ("demo", address("/pins/import/")),
    "import, a dry run": ("demo", dry_run),
    "import, its columns": ("demo", columns_of_import),
    "import, a row": ("demo", row_of_import),
    "import, to be deleted": ("demo", import_to_delete),
    "composer, empty": ("demo", address("/pins/new/")),
    "composer, nothing connected": ("newcomer", address("/pins/new/")),
    "composer, filled": ("demo", composer_filled),
    "composer, errors": ("demo", composer_with_errors),
    "composer, carousel": ("demo", composer_with_carousel),
    "composer, video": ("demo", composer_with_video),
    "composer, library": ("demo", composer_with_library),
    "composer, frames": ("demo", composer_with_frames),
    "composer, crop": ("demo", composer_with_crop),
    "composer, several boards": ("demo", composer_with_boards),
    "pins made together": ("demo", family),
    "composer, conflict": ("demo", composer_with_conflict),
    "composer, kept aside": ("demo", composer_kept_aside),
    "pin, carousel": ("demo", pin_with_carousel),
    "pin, published": ("demo", address("{published}")),
    "pin, failed": ("demo", address("{failed}")),
    "pin, for a viewer": ("newcomer", address("{failed}")),
    "delete a pin": ("demo", address("{failed}delete/")),
    "tags and presets, empty": ("newcomer", address("/presets/")),
    "tags and presets": ("demo", address("/presets/")),
    "link preset, new": ("demo", address("/presets/link-presets/new/")),
    "template, new": ("demo", address("/presets/templates/new/")),
    "media, empty": ("newcomer", address("/media/")),
    "media": ("demo", address("/media/")),
    "analytics": ("demo", address("/analytics/")),
    "analytics, nothing connected": ("newcomer", address("/analytics/")),
    "analytics, pins": ("demo", address("/analytics/pins/")),
    "analytics, tags": ("demo", address("/analytics/tags/")),
    "analytics, tags, nothing connected": ("newcomer", address("/analytics/tags/")),
    "analytics, best times": ("demo", address("/analytics/best-times/")),
    "analytics, weekly summary": ("demo", address("/analytics/weekly-summary/")),
    "analytics, best times, of a new team": ("newcomer", address("/analytics/best-times/")),
    "analytics, report": ("demo", address("/analytics/report/")),
    "help": ("demo", address("/help/")),
    "help, from a message": ("demo", address("/help/#board-not-found")),
    "connections, empty": ("newcomer", address("/connections/")),
    "connections": ("demo", address("/connections/")),
    "API keys, empty": ("newcomer", address("/api-keys/")),
    "API key, made": ("demo", api_key_made),
    "API keys": ("demo", address("/api-keys/")),
    "webhooks, empty": ("newcomer", address("/workspace/webhooks/")),
    "webhook, made": ("demo", webhook_made),
    "webhook": ("demo", webhook),
    "webhook, delivery": ("demo", webhook_delivery),
    "webhook, to delete": ("demo", webhook_to_delete),
    "webhooks": ("demo", webhook_list),
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
