"""An admin invites a colleague, who signs up by the link and works in the same workspace."""

import re

from playwright.sync_api import Page, expect

from .conftest import OpenWindow
from .page_actions import invite, press


def test_a_colleague_signs_up_by_the_link_and_lands_in_the_workspace(page: Page, open_window: OpenWindow) -> None:
    link = invite(page, "colleague@example.com")
    expect(page.get_by_role("region", name="Invitations")).to_contain_text("colleague@example.com")

    guest = open_window()
    guest.goto(link)
    expect(guest).to_have_url(re.compile("/invitation/$"))
    expect(guest.get_by_role("heading", level=1)).to_have_text("Join “Demo team”")
    guest.get_by_role("link", name="Create an account").click()
    expect(guest.get_by_label("Email")).to_have_value("colleague@example.com")
    expect(guest.get_by_label("Workspace")).to_have_count(0)
    guest.get_by_label("Password").fill("a-long-pass-phrase")
    press(guest, "Create account")
    press(guest, "Join workspace")

    expect(guest.get_by_role("heading", level=1, name="Demo team")).to_be_visible()
    expect(guest.get_by_text("Welcome to “Demo team”. Your role is editor.")).to_be_visible()
    guest.goto("/team/")
    members = guest.get_by_role("region", name="Members")
    expect(members.get_by_role("listitem").filter(has_text="You")).to_contain_text("colleague@example.com")
    expect(guest.get_by_role("button", name="Send invitation")).to_have_count(0)

    page.reload()
    page.goto("/team/")
    row = page.get_by_role("region", name="Members").get_by_role("listitem").filter(has_text="colleague@example.com")
    row.get_by_label("Role of colleague@example.com").select_option("Viewer")
    row.get_by_role("button", name="Change").click()
    expect(page.get_by_role("status").first).to_contain_text("colleague@example.com is now a viewer")
    row.get_by_role("link", name="Remove").click()
    press(page, "Remove from the team")
    expect(page.get_by_role("region", name="Members")).not_to_contain_text("colleague@example.com")
    guest.goto("/pins/")
    expect(guest).to_have_url(re.compile("/workspace/new/$"))


def test_the_link_is_copied_with_one_click(signed_in: str, open_window: OpenWindow) -> None:
    page = open_window(storage_state=signed_in, permissions=["clipboard-read", "clipboard-write"])
    link = invite(page, "copied@example.com", role="Viewer")

    press(page, "Copy")

    expect(page.get_by_text("Copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == link
