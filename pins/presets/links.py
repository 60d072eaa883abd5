"""Parameters for web analytics are added to a link, with what the pin has in place of placeholders.

That happens when a pin is saved or imported, never when it is sent: the link that was sent is what a lost pin is
recognized by.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from urllib.parse import quote, unquote_plus, urlsplit

from django.core.exceptions import ValidationError
from django.utils.text import slugify

from accounts.models import Workspace
from pins import limits
from pins.models import LinkPreset
from pins.rules.composition import Composition

PLACEHOLDERS = ("board", "account", "title", "date", "pin", "tag")
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
# Of a value of a parameter, what needs no escape (RFC 3986).
UNESCAPED = "-._~"


class LinkTooLong(ValidationError):
    """With its parameters, the link would be longer than Pinterest allows."""

    def __init__(self, length: int) -> None:
        super().__init__(
            f"With the link preset, this link has {length:,} characters; Pinterest allows {limits.LINK_LENGTH:,}."
            " Shorten the link, or choose another preset.",
            code="link_too_long",
        )


def check_placeholders(text: str) -> None:
    """Raise ValidationError with a sentence if the text has a placeholder that there is not, or a lone brace."""
    unknown = [name for name in PLACEHOLDER.findall(text) if name not in PLACEHOLDERS]
    known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
    if unknown:
        raise ValidationError(f"{{{unknown[0]}}} isn't a placeholder. You can use {known}.", code="placeholder_unknown")
    if re.search(r"[{}]", PLACEHOLDER.sub("", text)):
        raise ValidationError(f"There is a brace without its partner. You can use {known}.", code="brace_alone")


def placeholder_values(
    composition: Composition,
    *,
    publish_at: datetime | None,
    now: datetime,
    workspace: Workspace,
    pin_id: int | None = None,
    tags: Sequence[str] = (),
) -> dict[str, str]:
    """Return what stands for each placeholder in links of this pin, in a-z, 0-9 and hyphens; empty if it has none."""
    board = composition.board
    values = {
        "board": board.name if board else "",
        "account": board.account.username if board else "",
        "title": composition.title,
        "date": f"{(publish_at or now).astimezone(workspace.zone):%Y-%m-%d}",
        "pin": str(pin_id or ""),
        "tag": tags[0] if tags else "",
    }
    return {name: as_word(value) for name, value in values.items()}


def as_word(text: str) -> str:
    """Return the text in a-z, 0-9 and hyphens."""
    return slugify(text).replace("_", "-").strip("-")


def with_parameters(link: str, preset: LinkPreset, values: Mapping[str, str]) -> str:
    """Return the link with the preset's parameters.

    What it has already stays as it is, in its order; so doing it twice changes nothing. Raises LinkTooLong.
    """
    if not applies_to(preset, link):
        return link
    address, hash_sign, fragment = link.partition("#")
    _, question_mark, query = address.partition("?")
    present = {unquote_plus(pair.partition("=")[0]).lower() for pair in query.split("&")}
    added = "&".join(
        f"{name}={quote(text, safe=UNESCAPED)}"
        for name, value in preset.parameters.items()
        if name not in present and (text := _filled(value, values))
    )
    if not added:
        return link
    joint = "?" if not question_mark else "" if not query or query.endswith("&") else "&"
    longer = f"{address}{joint}{added}{hash_sign}{fragment}"
    if len(longer) > limits.LINK_LENGTH:
        raise LinkTooLong(len(longer))
    return longer


def _filled(value: str, values: Mapping[str, str]) -> str:
    """Return the value with what the pin has; a hyphen that is left over where it has nothing is left out."""
    filled = PLACEHOLDER.sub(lambda found: values.get(found[1], ""), value)
    return filled.strip() if filled == value else filled.strip(" -")


def applies_to(preset: LinkPreset, link: str) -> bool:
    """Return whether the preset is for links to this site."""
    try:
        parts = urlsplit(link)
        host = (parts.hostname or "").rstrip(".")
    except ValueError:  # such as an unfinished IPv6 address
        return False
    if parts.scheme.lower() not in ("http", "https") or not host:
        return False
    hosts = preset.hosts.split()
    return not hosts or any(host == each or host.endswith(f".{each}") for each in hosts)


def with_preset(composition: Composition, preset: LinkPreset | None, values: Mapping[str, str]) -> Composition:
    """Return the content with the preset's parameters in its links, those of single images included.

    Raises LinkTooLong.
    """
    if preset is None:
        return composition
    attachments = tuple(
        replace(each, link=with_parameters(each.link, preset, values)) if each.link else each
        for each in composition.attachments
    )
    link = with_parameters(composition.link, preset, values) if composition.link else ""
    return replace(composition, link=link, attachments=attachments)
