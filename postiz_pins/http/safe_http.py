"""Requests to servers whose address somebody typed. They must not be a way to look around in our own network.

requests-hardened resolves the name, refuses an address that is not public, and connects to the address that it has
checked: a name that leads elsewhere a moment later (DNS rebinding) gains nothing."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

from requests_hardened import Config, HTTPSession
from requests_hardened.ip_filter import InvalidIPAddress
from requests_hardened.ip_filter_adapter import IPFilterAdapter

__all__ = ["InvalidIPAddress", "public_session"]


class PublicAddressAdapter(IPFilterAdapter):
    """Refuses what requests-hardened 1.3 lets pass: site-local addresses (fec0::/10), IPv4 addresses written as
    IPv6 (::/96), and everything that is not given out to anybody."""

    def build_connection_pool_key_attributes(self, *args: Any, **kwargs: Any) -> Any:
        host_params, pool_kwargs = super().build_connection_pool_key_attributes(*args, **kwargs)
        address = ip_address(host_params["host"].strip("[]"))
        is_allowed_loopback = self._allow_loopback and address.is_loopback
        if not (is_allowed_loopback or _is_public(address)):
            raise InvalidIPAddress(address)
        return host_params, pool_kwargs


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    """`is_global` alone believes in multicast, and in IPv6 addresses of ranges that nobody has been given."""
    is_site_local = isinstance(address, IPv6Address) and address.is_site_local
    return address.is_global and not (address.is_reserved or address.is_multicast or is_site_local)


class PublicSession(HTTPSession):
    def get_redirect_target(self, resp: Any) -> None:
        """None: requests would read the whole body of a redirect, however long, to prepare a request that we never
        send. Callers look at the header `Location` themselves, and check where it leads."""


def public_session(user_agent: str, *, timeout: tuple[float, float], allow_loopback: bool = False) -> HTTPSession:
    """A session that reaches public addresses only and follows no redirect. `timeout` is in seconds, to connect and
    between two bytes; it is no limit for the whole. `allow_loopback` is for tests, whose server is this machine."""
    session = PublicSession(
        Config(
            ip_filter_enable=True,
            ip_filter_allow_loopback_ips=allow_loopback,
            never_redirect=True,
            default_timeout=timeout,
            user_agent_override=user_agent,
        )
    )
    for is_https, scheme in ((False, "http://"), (True, "https://")):
        session.mount(scheme, PublicAddressAdapter(is_https_proto=is_https, allow_loopback=allow_loopback))
    # No proxy of the environment, which would resolve names behind the filter's back, and no password of ~/.netrc.
    session.trust_env = False
    return session
