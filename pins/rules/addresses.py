"""Two spellings of one web address, compared as browsers compare them (WHATWG URL; RFC 3986, section 6.2)."""

from __future__ import annotations

import re

from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

# A colon before a number is that of a port: https://https:8080/ is a machine in a private network.
SCHEMES = re.compile(r"(?:(https?)(?::(?!\d)/*|//+))+", re.IGNORECASE)
DEFAULT_PORTS = {"http": 80, "https": 443}


def normalized(address: str) -> str:
    """Return the address in the one spelling that browsers send.

    Scheme and host are in lower case, the host in Punycode and without a last dot, escapes in upper case, dots in the
    path resolved, a default port left out, and an empty path is "/". What is no address is returned as it is.
    """
    try:
        url = parse_url(address)
    except (LocationParseError, UnicodeError):
        return address
    host = (url.host or "").rstrip(".")
    port = None if url.port == DEFAULT_PORTS.get(url.scheme or "") else url.port
    return url._replace(host=host, port=port, path=url.path or "/").url


def with_one_scheme(address: str) -> str:
    """Return the address with its scheme written once and whole.

    “https://https://…”, “https://http//…” and “https:/…” come of typos, and of pasting into a field that has a scheme
    already. The last one is what was pasted.
    """
    match = SCHEMES.match(address)
    rest = address[match.end() :] if match else ""
    return f"{match[1].lower()}://{rest}" if match and rest else address


def is_same(one: str, other: str) -> bool:
    """Return whether both lead to the same page, letter by letter of what is sent."""
    return normalized(one) == normalized(other)
