"""Faults are sent to Sentry where SENTRY_DSN is set: which exception came where in the code.

Messages, addresses and values of variables may hold a title, a token or an email address, so they are left out.
"""

from __future__ import annotations

from typing import Any

# What of an event is kept. No request, user, breadcrumbs, extra data or server name.
KEPT = {
    *("event_id", "timestamp", "platform", "level", "logger", "release", "environment", "sdk"),
    *("transaction", "exception", "logentry", "contexts", "tags", "fingerprint"),
}
CONTEXTS = {"runtime", "trace"}
FRAME = {"filename", "module", "function", "lineno", "in_app"}


def init(dsn: str, release: str) -> None:
    """Begin to send faults.

    Raises ImportError if sentry-sdk is not installed, BadDsn for what is no DSN.
    """
    import sentry_sdk

    # Personal data is off by default (send_default_pii, which newer versions no longer want to be told).
    sentry_sdk.init(
        dsn,
        release=release,
        include_local_variables=False,
        include_source_context=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        before_send=scrub,
    )


def scrub(event: Any, hint: Any = None) -> Any:
    """Return the event without anything that was typed or that opens something."""
    kept = {name: value for name, value in event.items() if name in KEPT}
    for exception in (kept.get("exception") or {}).get("values") or ():
        exception.pop("value", None)
        frames = (exception.get("stacktrace") or {}).get("frames") or ()
        for frame in frames:
            for name in set(frame) - FRAME:
                del frame[name]
    if "logentry" in kept:  # the sentence in our code, without what was put in
        kept["logentry"] = {"message": (kept["logentry"] or {}).get("message", "")}
    kept["contexts"] = {name: value for name, value in (kept.get("contexts") or {}).items() if name in CONTEXTS}
    return kept
