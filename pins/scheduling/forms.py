"""The form with which a proposed pin is sent back."""

from __future__ import annotations

from django import forms

COMMENT_LENGTH = 1000


class SendBackForm(forms.Form):
    """What is to be changed before a proposed pin can be approved."""

    comment = forms.CharField(
        max_length=COMMENT_LENGTH,
        label="What needs to change?",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": "Enter a comment that says what needs to change.",
            "max_length": "The comment has %(show_value)d characters; up to %(limit_value)d are allowed. Shorten it.",
        },
    )
