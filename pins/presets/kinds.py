"""The kinds of what a team uses again: each is listed, made, changed and deleted in the same way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Count, QuerySet
from django.db.models.functions import Lower

from accounts.models import Workspace
from pins.models import LinkPreset, PinTemplate, Snippet, Tag

from .forms import LinkPresetForm, PinTemplateForm, PresetForm, SnippetForm, TagForm


@dataclass(frozen=True)
class Kind:
    """A kind of row, with its form and what its pages say."""

    # Of its addresses: `tag_create`, `tag_edit`, `tag_delete`.
    name: str
    # For one row in sentences, and as the heading of all.
    word: str
    title: str
    lead: str
    model: Any
    form: type[PresetForm]

    def rows(self, workspace: Workspace) -> QuerySet[Any]:
        """Return the workspace's rows in the alphabet's order."""
        rows = self.model.objects.in_workspace(workspace).order_by(Lower("name"), "pk")
        if self.model is Tag:
            return rows.annotate(pin_count=Count("pins", distinct=True), file_count=Count("media_files", distinct=True))
        return rows


KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            "tag",
            "tag",
            "Tags",
            "Words that only your team sees, such as a campaign, a season or a client.",
            Tag,
            TagForm,
        ),
        Kind(
            "link_preset",
            "link preset",
            "Link presets",
            "UTM parameters that are added to links, so that your web analytics can tell pins apart.",
            LinkPreset,
            LinkPresetForm,
        ),
        Kind("snippet", "snippet", "Snippets", "Texts to insert into descriptions.", Snippet, SnippetForm),
        Kind(
            "template",
            "template",
            "Templates",
            "Content that fills the empty fields of a new pin.",
            PinTemplate,
            PinTemplateForm,
        ),
    )
}


@transaction.atomic
def save(form: PresetForm) -> Any:
    """Write a valid form. A new default takes the place of the old one, and a board leaves the preset that had it."""
    if form.cleaned_data.get("is_default"):
        defaults = LinkPreset.objects.in_workspace(form.workspace).filter(is_default=True)
        defaults.exclude(pk=form.instance.pk).update(is_default=False)
    row = form.save()
    form.take_boards_from_others()
    return row
