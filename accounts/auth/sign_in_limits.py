"""How many wrong passwords are answered, with allauth's counters (settings.ACCOUNT_RATE_LIMITS).

A guesser is stopped at an address, at an account from that address, and at an account from wherever. The last would let
strangers lock people out, so a browser in which the person has signed in before has a counter of its own instead.
"""

from __future__ import annotations

from allauth.account import views
from allauth.core.internal import ratelimit
from allauth.core.internal.ratelimit import RateLimitUsage
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from postiz_pins.http.client_address import is_certain

from .known_browsers import is_known, known_as

APP = "allauth.account"


class TooManyAttempts(Exception):
    """No password is looked at for now; `code` is the adapter's name of the sentence."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def consume(request: HttpRequest, email: str) -> RateLimitUsage:
    """Count an attempt to sign in as `email`, and return what undoes that if the password is right.

    Raises TooManyAttempts.
    """
    browser = known_as(request, email)
    limits: list[tuple[str, str | None, str]]
    if browser:
        limits = [("wrong_password_known_browser", f"{email}|{browser}", "too_many_login_attempts")]
    else:
        limits = [
            (_by_address(request, "wrong_password_address"), None, "too_many_login_attempts"),
            ("wrong_password", f"{email}|{ratelimit.get_ip(request)}", "too_many_login_attempts"),
            ("wrong_password_anywhere", email, "account_under_attack"),
        ]
    usage = RateLimitUsage(usage=[])
    for action, key, code in limits:
        used = ratelimit.consume(request, app=APP, action=action, key=key, limit_get=True)
        if used is None:
            raise TooManyAttempts(code)
        usage.usage += used.usage
    return usage


def clear(request: HttpRequest, email: str) -> None:
    """Reset the count of wrong passwords of the account, whose owner has just chosen a new one by email."""
    for action, key in (("wrong_password", f"{email}|{ratelimit.get_ip(request)}"), ("wrong_password_anywhere", email)):
        ratelimit.clear(request, app=APP, action=action, key=key)


@login_not_required
def login(request: HttpRequest) -> HttpResponseBase:
    """Show allauth's page, whose limit on requests of one address leaves out browsers that are known."""
    if not is_known(request):
        refusal = ratelimit.consume_or_429(request, app=APP, action=_by_address(request, "sign_in"))
        if refusal is not None:
            return refusal
    return views.login(request)


def _by_address(request: HttpRequest, action: str) -> str:
    """Return the name of the counter: one for each address, one for all where addresses are not certain."""
    return action if is_certain(request) else f"{action}_together"
