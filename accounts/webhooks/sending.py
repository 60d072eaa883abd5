"""One request to a receiver, signed by Standard Webhooks (https://www.standardwebhooks.com).

The address was typed by a user, so postiz_pins/http/safe_http.py keeps it out of our network. Nothing here uses the
database: it runs in threads.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

import requests
import urllib3
from django.conf import settings
from requests_hardened import HTTPSession
from standardwebhooks.webhooks import Webhook

from accounts.models.webhooks import EXCERPT_LENGTH
from postiz_pins.common.text import collapse_whitespace
from postiz_pins.http.deadlines import end_in_time
from postiz_pins.http.safe_http import InvalidIPAddress, any_address_session, public_session
from postiz_pins.user_agent import user_agent

# For all of a request but its name's address, which only the system can end; delivery.py waits no longer than this.
TIMEOUT_SECONDS = 10
CONNECT_SECONDS = 5
PURPOSE = "sends the webhooks of its workspaces"


@dataclass(frozen=True)
class Answer:
    """What became of a request."""

    # None: there was no answer, and `excerpt` says why.
    status: int | None
    excerpt: str = ""

    @property
    def is_success(self) -> bool:
        """Return whether the receiver has the event."""
        return self.status is not None and HTTPStatus(200) <= self.status < HTTPStatus(300)

    @property
    def is_gone(self) -> bool:
        """Return whether the receiver wants no more events, which is what Standard Webhooks lets a 410 mean."""
        return self.status == HTTPStatus.GONE


def session() -> HTTPSession:
    """Return a session for one endpoint, which keeps its connection between two requests."""
    agent, timeout = user_agent(settings.PUBLIC_URL, PURPOSE), (CONNECT_SECONDS, TIMEOUT_SECONDS)
    if settings.ALLOW_PRIVATE_WEBHOOKS:
        made = any_address_session(agent, timeout=timeout)
    else:
        made = public_session(agent, timeout=timeout)
    end_in_time(made)
    return made


def send(session: HTTPSession, url: str, headers: dict[str, str], body: str) -> Answer:
    """Send the request and return what became of it; no redirect is followed."""
    timeout = urllib3.Timeout(connect=CONNECT_SECONDS, total=TIMEOUT_SECONDS)
    try:
        with session.post(url, data=body.encode(), headers=headers, stream=True, timeout=timeout) as response:
            answer = Answer(response.status_code)
            if answer.is_success:
                _read_short(response)
                return answer
            return Answer(response.status_code, _excerpt(response))
    except InvalidIPAddress:
        return Answer(None, "The address leads to a private network, and this server sends to public ones only.")
    except requests.exceptions.SSLError:
        return Answer(None, "The receiver's certificate isn't valid.")
    except requests.Timeout:
        return no_answer()
    except (requests.RequestException, ValueError, OSError):
        return Answer(None, "The receiver couldn't be reached.")


def headers_of(event_id: str, body: str, secrets: Sequence[str], now: datetime) -> dict[str, str]:
    """Return the headers of the request, with a signature by each of the secrets."""
    return {
        "Content-Type": "application/json",
        # An excerpt of what comes back is shown as it is.
        "Accept-Encoding": "identity",
        "webhook-id": event_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(Webhook(secret).sign(event_id, now, body) for secret in secrets),
    }


def no_answer() -> Answer:
    """Return what became of a request whose time is over."""
    return Answer(None, f"The receiver didn't answer within {TIMEOUT_SECONDS} seconds.")


def _read_short(response: requests.Response) -> None:
    """Read an answer that is short, so that its connection serves the next request, too."""
    length = response.raw.length_remaining
    if length is not None and length <= EXCERPT_LENGTH:
        with suppress(urllib3.exceptions.HTTPError, OSError):  # the event has arrived, whatever comes of this
            response.raw.read(EXCERPT_LENGTH)


def _excerpt(response: requests.Response) -> str:
    """Return the beginning of an answer, as far as it came at once."""
    if response.is_redirect:
        return "The receiver redirects, and redirects aren't followed."
    try:
        received = response.raw.read1(EXCERPT_LENGTH)
    except (urllib3.exceptions.HTTPError, OSError):
        return ""  # the status says enough
    return collapse_whitespace(received.decode(errors="replace"), EXCERPT_LENGTH)
