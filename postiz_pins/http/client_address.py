"""The client's address, for the limits on signing in, also behind proxies."""

from __future__ import annotations

import ipaddress
import logging
import time
from collections.abc import Callable

from allauth.core.internal.httpkit import clean_client_ip
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

logger = logging.getLogger(__name__)

# Of a connection through a Unix socket, which has no address. The table of sessions wants one.
UNKNOWN = "0.0.0.0"  # noqa: S104  # nothing is bound to it
# How long a proxy that left the address out is not believed, and how often that is looked at and logged.
DISTRUST_SECONDS = 3600
NOTED_EVERY_SECONDS = 600


def client_address(request: HttpRequest) -> str:
    """Return the visitor's IP address: the one that the outermost proxy of ours has seen (`TRUSTED_PROXY_COUNT`).

    Only what our own proxies wrote counts, from the right; what stands left of it, the client may have made up. Where
    that is missing, it is the address that has opened the connection.
    """
    peer = _clean(request.META.get("REMOTE_ADDR", ""))
    return (_forwarded(request) if is_certain(request) else "") or peer or UNKNOWN


def is_certain(request: HttpRequest) -> bool:
    """Return whether each visitor has an address of their own here.

    False behind a proxy that does not pass it on: then all visitors look like one, and the header of a request would be
    the client's own.
    """
    if not settings.TRUSTED_PROXY_COUNT:
        return True
    return bool(_forwarded(request)) and not cache.get(_cache_key(request))


def has_expected_addresses(request: HttpRequest) -> bool:
    """Return whether our proxies have told the visitor's address, as TRUSTED_PROXY_COUNT says, in this request."""
    return not settings.TRUSTED_PROXY_COUNT or bool(_forwarded(request))


class ProxyWatch:
    """Notices a proxy that speaks https with a browser and does not tell us the browser's address.

    A monitor without cookies is no browser: it may well ask this server directly.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.next_note = 0.0

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Note a request that shows that the proxy passes on no address."""
        if settings.TRUSTED_PROXY_COUNT and request.is_secure() and request.COOKIES and not _forwarded(request):
            self._note(request)
        return self.get_response(request)

    def _note(self, request: HttpRequest) -> None:
        if time.monotonic() < self.next_note:
            return
        self.next_note = time.monotonic() + NOTED_EVERY_SECONDS
        cache.set(_cache_key(request), True, DISTRUST_SECONDS)
        logger.warning(
            "The proxy at %s does not send X-Forwarded-For with %d address(es), so all visitors look like one to the"
            " limits on signing in. Let it set that header, or correct TRUSTED_PROXY_COUNT.",
            request.META.get("REMOTE_ADDR", "?"),
            settings.TRUSTED_PROXY_COUNT,
        )


def _forwarded(request: HttpRequest) -> str:
    """Return the address that the outermost trusted proxy has seen; empty if it did not pass it on."""
    listed = request.headers.get("X-Forwarded-For", "").split(",")
    count = settings.TRUSTED_PROXY_COUNT
    return _clean(listed[-count]) if count and len(listed) >= count else ""


def _clean(address: str) -> str:
    """Return the address without a port, and IPv4 mapped to IPv6 as IPv4, or all of it would be one /64."""
    text = (clean_client_ip(address) or "").partition("%")[0]
    mapped = ipaddress.IPv6Address(text).ipv4_mapped if ":" in text else None
    return str(mapped or text)


def _cache_key(request: HttpRequest) -> str:
    return f"proxy-without-addresses:{_clean(request.META.get('REMOTE_ADDR', ''))}"
