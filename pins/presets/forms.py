"""The forms of what a team uses again."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.html import format_html

from accounts.models import Board, Workspace
from pins import limits
from pins.fields import CleanTextField, LinkField, TextField
from pins.models import LinkPreset, PinImport, PinTemplate, Snippet, Tag
from pins.rules.texts import clean_link
from pins.tags.fields import TagsField
from pins.tags.services import names_of, tags_named
from postiz_pins.common.text import collapse_whitespace

from .links import PLACEHOLDERS, check_placeholders

HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")


class PresetForm(forms.ModelForm):
    """One row of a workspace. Its name is on one line, and no other one of its kind has it."""

    name = CleanTextField(label="Name", max_length=limits.NAME_LENGTH)

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.workspace = workspace
        self.instance.workspace = workspace
        if "boards" in self.fields:
            offered = Board.objects.in_workspace(workspace).offered().select_related("account").order_by("name", "pk")
            boards: forms.ModelMultipleChoiceField = self.fields["boards"]  # type: ignore[assignment]  # it is one
            boards.queryset = offered

    def clean_name(self) -> str:
        name = collapse_whitespace(self.cleaned_data["name"])
        model: type[models.Model] = self._meta.model
        others = model._default_manager.filter(workspace=self.workspace, name__iexact=name)
        if others.exclude(pk=self.instance.pk).exists():
            raise ValidationError(f"“{name}” already exists. Choose another name.", code="name_taken")
        return name

    def validate_constraints(self) -> None:
        """Check none: names are checked above, and saving takes the default from the preset that has it."""

    def take_boards_from_others(self) -> None:
        """Leave a board to one row of a kind: the one that was saved last."""
        boards = self.cleaned_data.get("boards")
        if boards:
            model: Any = self._meta.model
            through = model.boards.through.objects.filter(board__in=boards)
            through.exclude(**{model._meta.model_name: self.instance}).delete()


class BoardsField(forms.ModelMultipleChoiceField):
    """Boards to tick."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Board.objects.none(), required=False, widget=forms.CheckboxSelectMultiple, **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        """Return the board's name with its account, each in the direction of its own writing."""
        return format_html("<bdi>{}</bdi> · <bdi>{}</bdi>", obj.name, obj.account)


class TagForm(PresetForm):
    """A tag's name."""

    name = CleanTextField(label="Name", max_length=limits.TAG_LENGTH)

    class Meta:
        model = Tag
        fields: ClassVar = ["name"]

    def clean_name(self) -> str:
        name = super().clean_name().lstrip("#").strip()
        if "," in name or ";" in name or not name:
            raise ValidationError("A tag has no comma and no semicolon. Remove it.", code="tag_separator")
        return name


class LinkPresetForm(PresetForm):
    """The parameters of a link preset, and what it is for."""

    boards = BoardsField(label="Boards", help_text="New pins for these boards use it instead of the default.")

    class Meta:
        model = LinkPreset
        fields: ClassVar = [
            *("name", "source", "medium", "campaign", "content", "term", "hosts", "is_default", "boards"),
        ]
        labels: ClassVar = {
            **{part: f"utm_{part}" for part in ("source", "medium", "campaign", "content", "term")},
            "hosts": "Only for these sites",
            "is_default": "Use it for all boards without a preset of their own",
        }
        help_texts: ClassVar = {
            "campaign": f"Placeholders: {', '.join(f'{{{name}}}' for name in PLACEHOLDERS)}.",
            "hosts": "One per line, such as example.com. Subdomains are included. Leave it empty for every site.",
        }
        widgets: ClassVar = {"hosts": forms.Textarea({"rows": 2, "placeholder": "example.com"})}

    def clean_hosts(self) -> str:
        hosts = []
        for typed in re.split(r"[\s,;]+", clean_link(self.cleaned_data["hosts"]).lower()):
            host = re.sub(r"^https?://", "", typed).partition("/")[0].removeprefix("www.")
            if host and not HOST.fullmatch(host):
                raise ValidationError(f"“{typed}” is not a site. Write it like example.com.", code="host_invalid")
            hosts.append(host)
        return "\n".join(dict.fromkeys(filter(None, hosts)))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        parts = ("source", "medium", "campaign", "content", "term")
        for part in parts:
            cleaned[part] = collapse_whitespace(cleaned.get(part, ""))
            try:
                check_placeholders(cleaned[part])
            except ValidationError as error:
                self.add_error(part, error)
        if not self.errors and not any(cleaned[part] for part in parts):
            self.add_error("source", "Fill in at least one parameter.")
        return cleaned

    def save(self, commit: bool = True) -> Any:
        """Write the preset. Imports that use it know its name, in case it is deleted before their pins are created."""
        row = super().save(commit)
        PinImport.objects.filter(link_preset=row).update(link_preset_name=row.name)
        return row


class SnippetForm(PresetForm):
    """A text to insert."""

    text = CleanTextField(label="Text", widget=forms.Textarea({"rows": 4, "dir": "auto"}))

    class Meta:
        model = Snippet
        fields: ClassVar = ["name", "kind", "text"]

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        if len(text) > limits.DESCRIPTION_LENGTH:
            raise ValidationError(
                f"The text has {len(text)} characters; a description holds {limits.DESCRIPTION_LENGTH}. Shorten it.",
                code="snippet_too_long",
            )
        return text


class PinTemplateForm(PresetForm):
    """What a template fills."""

    title = TextField(label="Title")
    description = TextField(label="Description", widget=forms.Textarea({"rows": 4, "dir": "auto"}))
    link = LinkField(label="Link", widget=forms.URLInput({"placeholder": "https://", "inputmode": "url"}))
    alt_text = TextField(label="Alt text", widget=forms.Textarea({"rows": 2, "dir": "auto"}))
    tag_names = TagsField()
    boards = BoardsField(label="Boards", help_text="It fills new pins for these boards by itself.")

    class Meta:
        model = PinTemplate
        fields: ClassVar = ["name", "title", "description", "link", "alt_text", "boards"]

    field_order = ["name", "title", "description", "link", "alt_text", "tag_names", "boards"]
    TEXTS: ClassVar = {
        "title": limits.TITLE_LENGTH,
        "description": limits.DESCRIPTION_LENGTH,
        "link": limits.LINK_LENGTH,
        "alt_text": limits.ALT_TEXT_LENGTH,
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["tag_names"] = names_of(self.instance)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for name, limit in self.TEXTS.items():
            length = len(cleaned.get(name, ""))
            if length > limit:
                message = f"{length:,} characters; Pinterest allows {limit:,}. Shorten it."
                self.add_error(name, ValidationError(message, code="text_too_long"))
        if not self.errors and not any(cleaned.get(name) for name in (*self.TEXTS, "tag_names")):
            self.add_error("description", "Fill in at least one field.")
        return cleaned

    def save(self, commit: bool = True) -> Any:
        template = super().save(commit)
        template.tags.set(tags_named(self.cleaned_data["tag_names"], self.workspace))
        return template
