"""The form with which a proposed pin is sent back."""

from __future__ import annotations

from django import forms

COMMENT_LENGTH = 1000


class SendBackForm(forms.Form):
    """What is to be changed before a proposed pin can be approved."""

    comment = forms.CharField(
        max_length=COMMENT_LENGTH,
        label="What should be changed?",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": "Write what should be changed: the pin goes back with your comment.",
            "max_length": "The comment has %(show_value)d characters; %(limit_value)d are possible. Shorten it.",
        },
    )
