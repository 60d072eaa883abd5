"""Texts of people, as a database and one line of a page can hold them."""

from __future__ import annotations

from django.utils.text import Truncator


def strip_nul(text: str) -> str:
    """Return the text without NUL, which no database holds."""
    return text.replace("\0", "")


def collapse_whitespace(text: str, length: int | None = None) -> str:
    """Return the text on one line with single spaces and without NUL; shortened if it has more characters.

    A forged form can put line breaks into a title or a name.
    """
    line = " ".join(strip_nul(text).split())
    return line if length is None else Truncator(line).chars(length)
