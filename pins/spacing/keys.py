"""What makes two links the same, and two pins' images: short texts that are compared and indexed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from pins.rules.addresses import normalized

# An index of PostgreSQL holds 2,704 bytes a row, and a link may be longer.
KEY_LENGTH = 255
TRACKING = re.compile(r"(utm_[^=]*|gclid)(=|$)", re.IGNORECASE)
WEB_ADDRESS = re.compile(r"https?://[^\s/?#]\S*", re.IGNORECASE)


def link_key(link: str) -> str:
    """Return what all spellings of a link have in common; empty for no link.

    Scheme and host are in lower case; `utm_…`, `gclid`, the fragment and slashes at the end of the path are left out.
    What is no web address is compared as it is, and by its hash what is longer than KEY_LENGTH.
    """
    link = link.strip()
    key = _without_decoration(link) if WEB_ADDRESS.fullmatch(link) else link
    return key if len(key) <= KEY_LENGTH else f"sha256:{hashlib.sha256(key.encode()).hexdigest()}"


def picture_key(sha256s: Iterable[str]) -> str:
    """Return what pins with the same files in the same order have in common; empty for no files."""
    files = list(sha256s)
    if len(files) < 2:
        return "".join(files)
    return hashlib.sha256(" ".join(files).encode()).hexdigest()


def keys_of(link: str, sha256s: Iterable[str]) -> dict[str, str]:
    """Return the columns of a pin with this link and these files."""
    return {"link_key": link_key(link), "picture_key": picture_key(sha256s)}


def _without_decoration(link: str) -> str:
    address, _, _ = normalized(link).partition("#")
    path, _, query = address.partition("?")
    kept = [part for part in query.split("&") if part and not TRACKING.match(part)]
    return "?".join([path.rstrip("/"), *filter(None, ["&".join(kept)])])
