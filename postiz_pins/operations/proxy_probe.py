"""How requests arrive from outside: `manage.py doctor` sends one through PUBLIC_URL and reads back what arrived."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

import requests
from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse, JsonResponse

from postiz_pins.http.client_address import client_address, has_expected_addresses
from postiz_pins.user_agent import user_agent

PATH = "/probe"
HEADER, SALT = "X-Postiz-Pins-Probe", "postiz_pins.proxy_probe"
LIFETIME_SECONDS = 60
TIMEOUT_SECONDS = 20
BLOCK_BYTES = 64 * 1024


class ProbeFailed(Exception):
    """The request did not arrive as it should; the message says what to do."""


@dataclass(frozen=True)
class Arrived:
    """What the app saw of the request."""

    size_bytes: int
    address: str
    has_address: bool


class ProxyProbe:
    """Tells the doctor what arrived at PATH; for all others, who do not know SECRET_KEY, there is no such page.

    It comes after the checks of host and https, which are what a proxy may fail at, and before that of forged forms.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the doctor's request, or pass the request on."""
        if request.path_info != PATH or request.method != "POST" or not _is_signed(request):
            return self.get_response(request)
        size_bytes = 0
        while block := request.read(BLOCK_BYTES):
            size_bytes += len(block)
        return JsonResponse(
            {
                "size_bytes": size_bytes,
                "address": client_address(request),
                "has_address": has_expected_addresses(request),
            }
        )


def _is_signed(request: HttpRequest) -> bool:
    try:
        signing.loads(request.headers.get(HEADER, ""), salt=SALT, max_age=LIFETIME_SECONDS)
    except signing.BadSignature:
        return False
    return True


def send(size_bytes: int) -> Arrived:
    """Send a body of this size through PUBLIC_URL, and return what arrived. Raises ProbeFailed."""
    headers = {
        HEADER: signing.dumps("probe", salt=SALT),
        "User-Agent": user_agent(settings.PUBLIC_URL, "doctor"),
        "Content-Type": "application/octet-stream",
    }
    try:
        answer = requests.post(
            f"{settings.PUBLIC_URL}{PATH}",
            data=bytes(size_bytes),
            headers=headers,
            timeout=TIMEOUT_SECONDS,
            allow_redirects=False,
        )
    except requests.exceptions.SSLError as error:
        raise ProbeFailed("The certificate is not valid. Check the proxy's certificate and the host name.") from error
    except requests.RequestException as error:
        raise ProbeFailed(
            f"No answer ({type(error).__name__}). Check that the web server and the proxy run, the DNS entry of the"
            " host, and firewalls."
        ) from error
    if answer.is_redirect:
        raise ProbeFailed("Redirected. Let the proxy set X-Forwarded-Proto to https.")
    try:
        return Arrived(**answer.json())
    except (ValueError, TypeError) as error:
        raise ProbeFailed(_advice(answer.status_code)) from error


def _advice(status: int) -> str:
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return (
            "The proxy refuses the body as too large. Raise its limit to 2200 MB (nginx: client_max_body_size 2200m)."
        )
    if status == HTTPStatus.BAD_REQUEST:
        return "The host name is refused. Let the proxy pass Host on, and add the name to ALLOWED_HOSTS."
    if status in (HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT):
        return f"The proxy does not reach the web server (status {status}). Check that it runs, and its address."
    return f"Status {status}: another program answers, or one with another SECRET_KEY. Check PUBLIC_URL and the proxy."
