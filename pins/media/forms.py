"""The forms of the media library."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms

from pins import limits
from pins.fields import CleanTextField
from pins.models import MediaFile
from pins.tags.fields import TagsField
from pins.tags.services import names_of, set_tags


class MediaForm(forms.ModelForm):
    """The tags of a file, and the alt text that is offered when it is put into a pin."""

    alt_text = CleanTextField(
        label="Alt text",
        required=False,
        max_length=limits.ALT_TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "max_length": "The alt text has %(show_value)s characters; Pinterest allows %(limit_value)s. Shorten it."
        },
        help_text="Describe the image for people who can't see it. It's filled in whenever you add the file to a pin.",
    )

    tag_names = TagsField()

    class Meta:
        model = MediaFile
        fields: ClassVar = ["alt_text"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["tag_names"] = names_of(self.instance)

    def save(self, commit: bool = True) -> MediaFile:
        media: MediaFile = super().save(commit)
        if "tag_names" in self.data:
            set_tags(media, self.cleaned_data["tag_names"])
        return media


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
        help_text=f"The public link to an image, or to an MP4 video of up to {limits.LINK_VIDEO_BYTES // 1024**2} MB."
        " Make sure you have the right to use it.",
        error_messages={
            "required": "Paste the link to an image or an MP4 video.",
            "max_length": "The link has %(show_value)s characters; up to %(limit_value)s are allowed.",
        },
    )


class CropForm(forms.Form):
    """Where the frame stands, in percent of its way."""

    position = forms.FloatField(min_value=0, max_value=100)


class FrameForm(forms.Form):
    """The moment of the frame. Beyond the end it is the last one."""

    at_seconds = forms.FloatField(min_value=0, max_value=limits.VIDEO_SECONDS[1])
