"""The forms of the media library."""

from __future__ import annotations

from typing import ClassVar

from django import forms

from pins import limits
from pins.fields import CleanTextField
from pins.models import MediaFile


class AltTextForm(forms.ModelForm):
    """The alternative text that is offered when the file is put into a pin."""

    alt_text = CleanTextField(
        label="Alternative text",
        required=False,
        max_length=limits.ALT_TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "max_length": "The text has %(show_value)s characters; Pinterest allows %(limit_value)s. Shorten it."
        },
        help_text="What it shows, for people who cannot see it. Offered whenever you put the file into a pin.",
    )

    class Meta:
        model = MediaFile
        fields: ClassVar = ["alt_text"]


class LinkForm(forms.Form):
    """The address of a file on the web. Whether it is one is found out by remote.py, with its sentences."""

    address = forms.CharField(
        label="Add from link",
        max_length=limits.LINK_LENGTH,
        widget=forms.TextInput(
            attrs={
                "inputmode": "url",
                "autocomplete": "off",
                "spellcheck": "false",
                "placeholder": "https://example.com/chair.jpg",
            }
        ),
        help_text="The public address of a picture, or of an MP4 video of up to"
        f" {limits.LINK_VIDEO_BYTES // 1024**2} MB. Make sure that you may use it.",
        error_messages={
            "required": "Paste the address of a picture or an MP4 video.",
            "max_length": "The address has %(show_value)s characters; %(limit_value)s are possible.",
        },
    )


class CropForm(forms.Form):
    """Where the frame stands, in percent of its way."""

    position = forms.FloatField(min_value=0, max_value=100)


class FrameForm(forms.Form):
    """The moment of the frame. Beyond the end it is the last one."""

    at_seconds = forms.FloatField(min_value=0, max_value=limits.VIDEO_SECONDS[1])
