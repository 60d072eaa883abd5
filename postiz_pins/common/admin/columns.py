"""Columns of the administration's lists that stay narrow, whatever people have typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.utils.html import format_html
from django.utils.text import Truncator

CHARACTERS_SHOWN = 100


def shortened(name: str, description: str = "") -> Callable[[Any], str]:
    """Return a column with the beginning of a text or of a related row's name; its `title` has all of it."""

    @admin.display(description=description or name.replace("_", " "), ordering=None if name == "__str__" else name)
    def column(row: Any) -> str:
        value = row if name == "__str__" else getattr(row, name)
        if value is None or value == "":
            return "-"
        text = str(value)
        if len(text) <= CHARACTERS_SHOWN:
            return format_html('<span class="shortened">{}</span>', text)
        return format_html(
            '<span class="shortened" title="{}">{}</span>', text, Truncator(text).chars(CHARACTERS_SHOWN)
        )

    # The list names its cells after it.
    column.__name__ = name.strip("_")
    return column
