"""The field in which tags are typed."""

from __future__ import annotations

from typing import Any

from django import forms

from pins import limits

from .services import check_names, parse_names


class TagsField(forms.CharField):
    """Names separated by commas, cleaned to a list."""

    def __init__(self, **kwargs: Any) -> None:
        names = {"label": "Tags", "required": False, **kwargs}
        # tags.js completes the last name from the list that the page brings; without scripts it offers the first.
        attrs = {"list": "tag-names", "autocomplete": "off", "dir": "auto", "data-tags": ""}
        help_text = f"Separate tags with commas, up to {limits.TAGS_PER_PIN}. Only your team sees them."
        super().__init__(widget=forms.TextInput(attrs), help_text=help_text, **names)

    def clean(self, value: Any) -> Any:
        """Return the names. Raises ValidationError."""
        names = parse_names(super().clean(value))
        check_names(names)
        return names

    def prepare_value(self, value: Any) -> Any:
        """Return the names as they are typed."""
        return ", ".join(value) if isinstance(value, list) else value
