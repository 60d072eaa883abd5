"""Messages about what succeeded that carry a button to undo it.

The button posts a form, so it works without scripts and the address decides, as ever, who may do what.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple

from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest

LABEL = "Undo"


class Undo(NamedTuple):
    """The form of the button: where it is posted, its hidden fields, and its label."""

    url: str
    fields: Mapping[str, str]
    label: str


def success_with_undo(
    request: HttpRequest, text: str, url: str, fields: Mapping[str, object], *, label: str = LABEL
) -> None:
    """Add a success message with a button that posts `fields` to `url`.

    Args:
        request: The request whose user did what can be undone.
        text: What was done, as a sentence.
        url: The path of a view that takes a POST, does the opposite and redirects.
        fields: The form's hidden fields, such as the version and the time as they were before.
        label: What the button says.
    """
    typed = {name: str(value) for name, value in fields.items()}
    # A message has no place for more than texts; of those, only the extra tags are not shown.
    messages.success(request, text, extra_tags=json.dumps([url, typed, label]))


def undo_of(message: Message) -> Undo | None:
    """Return the button of a message, or None if it was added without one."""
    return Undo(*json.loads(message.extra_tags)) if message.extra_tags else None
