"""Requests to servers whose address a user typed. They must not be a way to look around in our own network.

requests-hardened resolves the name, refuses an address that is not public, and connects to the address that it has
checked: a name that leads elsewhere a moment later (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import ssl
from functools import cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from requests_hardened import Config, HTTPSession
from requests_hardened.ip_filter import InvalidIPAddress
from requests_hardened.ip_filter_adapter import IPFilterAdapter
from urllib3.util.ssl_ import create_urllib3_context

__all__ = ["InvalidIPAddress", "any_address_session", "is_public", "public_session"]


@cache
def tls_context() -> ssl.SSLContext:
    """Return the process's one TLS context, which trusts the authorities that requests trusts.

    Reading them takes 25 ms of the processor, which requests spends on each connection.
    """
    context = create_urllib3_context()
    context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)
    return context


class OneContextAdapter(HTTPAdapter):
    """Verifies every certificate by the process's one TLS context."""

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any) -> None:
        super().init_poolmanager(connections, maxsize, block, ssl_context=tls_context(), **pool_kwargs)

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Leave the connection with the context's authorities, rather than have it read them again."""


class PublicAddressAdapter(IPFilterAdapter, OneContextAdapter):
    """Refuses what requests-hardened 1.3 lets pass.

    Site-local addresses (fec0::/10), IPv4 addresses written as IPv6 (::/96), and all ranges that are not assigned.
    """

    def build_connection_pool_key_attributes(self, *args: Any, **kwargs: Any) -> Any:
        host_params, pool_kwargs = super().build_connection_pool_key_attributes(*args, **kwargs)
        address = ip_address(host_params["host"].strip("[]"))
        is_allowed_loopback = self._allow_loopback and address.is_loopback
        if not (is_allowed_loopback or is_public(address)):
            raise InvalidIPAddress(address)
        return host_params, pool_kwargs


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Return whether the address is public; `is_global` alone accepts multicast and unassigned IPv6 ranges."""
    is_site_local = isinstance(address, IPv6Address) and address.is_site_local
    return address.is_global and not (address.is_reserved or address.is_multicast or is_site_local)


class PlainSession(HTTPSession):
    def get_redirect_target(self, resp: Any) -> None:
        """Return None, so that requests prepares no next request.

        It would read the whole body of a redirect for it, however long. Callers look at the header `Location`
        themselves, and check where it leads.
        """


def public_session(user_agent: str, *, timeout: tuple[float, float], allow_loopback: bool = False) -> HTTPSession:
    """Return a session that reaches public addresses only and follows no redirect.

    `timeout` is in seconds, to connect and between two bytes; it is no limit for the whole. `allow_loopback` is for
    tests, whose server is this machine.
    """
    session = any_address_session(user_agent, timeout=timeout)
    for is_https, scheme in ((False, "http://"), (True, "https://")):
        # mypy sees the arguments of HTTPAdapter only: requests-hardened has no annotations.
        adapter = PublicAddressAdapter(is_https_proto=is_https, allow_loopback=allow_loopback)  # type: ignore[call-arg]
        session.mount(scheme, adapter)
    return session


def any_address_session(user_agent: str, *, timeout: tuple[float, float]) -> HTTPSession:
    """Return a session that follows no redirect, and reaches private addresses, too: an operator has allowed that."""
    config = Config(
        # The adapters of `public_session` filter, where they are mounted.
        ip_filter_enable=False,
        ip_filter_allow_loopback_ips=False,
        never_redirect=True,
        default_timeout=timeout,
        user_agent_override=user_agent,
    )
    session = PlainSession(config)
    session.mount("https://", OneContextAdapter())
    # No proxy of the environment, which would resolve names behind the filter's back, and no password of ~/.netrc.
    session.trust_env = False
    return session
