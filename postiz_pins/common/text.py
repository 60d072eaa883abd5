"""Texts of people where there is room for one line: a forged form can put line breaks into a title or a name."""

from __future__ import annotations

from django.utils.text import Truncator


def one_line(text: str, length: int | None = None) -> str:
    """The text with single spaces and without NUL, which no database holds; shortened if it has more characters."""
    line = " ".join(text.replace("\0", "").split())
    return line if length is None else Truncator(line).chars(length)
