"""How this program introduces itself to other servers. Plain Python, for processes without Django, too."""

from __future__ import annotations

from urllib.parse import urlsplit

# That of pyproject.toml, which is not there once the program is installed elsewhere; a test compares them.
VERSION = "0.2.0"
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def user_agent(origin: str, purpose: str = "") -> str:
    """Return the header User-Agent: name, version, the installation's address, and what the request is for.

    Args:
        origin: PUBLIC_URL; one that only this machine can open is left out.
    """
    address = "" if urlsplit(origin).hostname in (None, *LOOPBACK) else f"+{origin}"
    about = "; ".join(filter(None, [address, purpose]))
    return f"Postiz-Pins/{VERSION} ({about})" if about else f"Postiz-Pins/{VERSION}"
