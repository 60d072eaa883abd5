"""The form of a comment."""

from __future__ import annotations

from django import forms

from pins.models.comment import COMMENT_LENGTH


class CommentForm(forms.Form):
    """A comment on a pin."""

    text = forms.CharField(
        max_length=COMMENT_LENGTH,
        label="Add a comment",
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto", "placeholder": "Write to your team"}),
        error_messages={
            "required": "Write something first.",
            "max_length": "The comment has %(show_value)d characters; up to %(limit_value)d are allowed. Shorten it.",
        },
    )
