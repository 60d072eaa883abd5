"""The bucket's own rules: who may call it from a page (CORS), and what it removes by itself (lifecycle)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings

from .base import MediaUnavailable
from .bucket import ask

# Of our rules; those with other names are another application's, and stay.
NAME = "postiz-pins"
# An upload may take a day, and the sweep removes what is left of it after two.
DAYS = 3


def apply() -> Iterator[str]:
    """Set both, and yield a line for each. A server that knows no such rules is said to be one."""
    for what, change in (("CORS rule", _allow_uploads), ("lifecycle rules", _remove_left_over)):
        try:
            change()
        except MediaUnavailable as error:
            yield f"The {what} could not be set: {error.strerror}."
        else:
            yield f"The {what} of the bucket {'is' if what.endswith('rule') else 'are'} set."


def _allow_uploads() -> None:
    ours = {
        "ID": NAME,
        "AllowedOrigins": [settings.PUBLIC_URL],
        "AllowedMethods": ["GET", "HEAD", "PUT"],
        "AllowedHeaders": ["*"],
        "ExposeHeaders": ["ETag"],
        "MaxAgeSeconds": 3600,
    }
    others = [rule for rule in _rules("get_bucket_cors", "CORSRules") if not _is_ours(rule)]
    ask("put_bucket_cors", Bucket=settings.S3_BUCKET, CORSConfiguration={"CORSRules": [*others, ours]})


def _is_ours(rule: dict[str, Any]) -> bool:
    """Return whether it is ours; some servers keep no names of CORS rules."""
    return str(rule.get("ID", "")).startswith(NAME) or rule.get("AllowedOrigins") == [settings.PUBLIC_URL]


def _remove_left_over() -> None:
    ours = [
        {
            "ID": f"{NAME}-parts",
            "Status": "Enabled",
            "Filter": {"Prefix": settings.S3_PREFIX},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": DAYS},
        },
        {
            "ID": f"{NAME}-incoming",
            "Status": "Enabled",
            "Filter": {"Prefix": f"{settings.S3_PREFIX}incoming/"},
            "Expiration": {"Days": DAYS},
        },
    ]
    found = _rules("get_bucket_lifecycle_configuration", "Rules")
    others = [rule for rule in found if not str(rule.get("ID", "")).startswith(NAME)]
    rules = {"Rules": [*others, *ours]}
    ask("put_bucket_lifecycle_configuration", Bucket=settings.S3_BUCKET, LifecycleConfiguration=rules)


def _rules(operation: str, name: str) -> list[dict[str, Any]]:
    try:
        return list(ask(operation, Bucket=settings.S3_BUCKET).get(name, []))
    except FileNotFoundError:
        return []
