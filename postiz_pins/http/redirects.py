"""The page to which a person is led back: always one of ours, whatever a parameter says."""

from __future__ import annotations

from django.utils.http import url_has_allowed_host_and_scheme

# With more, no page of ours was meant, and the address would only fill the session.
LONGEST_PATH = 2000


def safe_local_path(place: str) -> str:
    """Return `place` if it is a path on this server, with or without a query; else an empty string."""
    is_path = place.startswith("/") and len(place) <= LONGEST_PATH
    return place if is_path and url_has_allowed_host_and_scheme(place, allowed_hosts=None) else ""
