"""Signing in with an authenticator app and with a passkey, under the policy that forbids inline scripts."""

import re
import time

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Page, expect

from .page_actions import sign_in, sign_up

PASSWORD = "a-long-pass-phrase"


@pytest.fixture
def passkeys(visitor: Page) -> Page:
    """A window whose device has a fingerprint reader that always says yes."""
    device = visitor.context.new_cdp_session(visitor)
    device.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    device.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return visitor


def confirm(page: Page) -> None:
    expect(page.get_by_role("heading", name="Confirm it's you")).to_be_visible()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()


def sign_out(page: Page) -> None:
    page.goto("/accounts/logout/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_passkey_replaces_the_password(passkeys: Page) -> None:
    sign_up(passkeys, "passkey@example.com", "Keys")
    passkeys.goto("/accounts/security/")
    passkeys.get_by_role("link", name="Add a passkey").click()
    confirm(passkeys)
    add = passkeys.get_by_role("button", name="Add passkey")
    expect(add).to_be_visible()
    passkeys.wait_for_load_state()  # the browser is asked for the passkey by a script
    add.click()
    expect(passkeys.get_by_role("list", name="Unused codes").get_by_role("listitem")).to_have_count(10)
    sign_out(passkeys)

    passkeys.goto("/accounts/login/?next=/media/")
    passkeys.get_by_role("button", name="Use a passkey").click()

    expect(passkeys.get_by_role("navigation", name="Main")).to_be_visible()
    expect(passkeys).to_have_url(re.compile("/media/$"))


def test_a_device_without_the_passkey_is_told_so(passkeys: Page) -> None:
    passkeys.goto("/accounts/login/")

    passkeys.get_by_role("button", name="Use a passkey").click()

    expect(passkeys.get_by_role("alert")).to_contain_text("No passkey was used")
    expect(passkeys.get_by_role("button", name="Sign in")).to_be_enabled()


def test_an_authenticator_app_is_set_up_and_asked(visitor: Page) -> None:
    sign_up(visitor, "app@example.com", "Apps")
    visitor.goto("/accounts/security/totp/activate/")
    confirm(visitor)
    expect(visitor.get_by_role("img", name="QR code of the key below")).to_be_visible()
    assert visitor.get_by_role("img", name="QR code of the key below").evaluate("image => image.naturalWidth") > 0
    secret = visitor.get_by_label("Or enter this key in the app").input_value()
    visitor.get_by_label("Authenticator code").fill(code_of(secret))
    visitor.get_by_role("button", name="Turn on").click()
    codes = visitor.get_by_role("list", name="Unused codes").get_by_role("listitem")
    expect(codes).to_have_count(10)
    recovery_code = codes.first.inner_text()
    sign_out(visitor)

    visitor.get_by_label("Email").fill("app@example.com")
    visitor.get_by_label("Password").fill(PASSWORD)
    visitor.get_by_role("button", name="Sign in").click()
    expect(visitor.get_by_role("heading", name="Two-factor authentication")).to_be_visible()
    visitor.get_by_label("Code").fill(recovery_code)
    visitor.get_by_role("button", name="Sign in").click()

    expect(visitor.get_by_role("navigation", name="Main")).to_be_visible()


def test_signing_out_everywhere_else_ends_the_other_browser(open_window) -> None:
    here, there = open_window(), open_window()
    sign_up(here, "two@example.com", "Two")
    sign_in(there, "two@example.com", PASSWORD)

    here.goto("/accounts/sessions/")
    here.get_by_role("button", name="Sign out everywhere else").click()

    expect(here.get_by_text("You aren't signed in anywhere else.")).to_be_visible()
    there.goto("/pins/")
    expect(there.get_by_role("heading", name="Sign in")).to_be_visible()


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))
