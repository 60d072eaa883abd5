"""What a team uses again and again in its pins: tags, link presets, snippets and templates."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from accounts.models import Board, ScopedQuerySet, Workspace

from .. import limits


class Tag(models.Model):
    """A word that a team puts on pins and media files, such as a campaign, a season or a client."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="tags")
    name = models.CharField(max_length=limits.TAG_LENGTH)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(F("workspace"), Lower("name"), name="tag_once_per_workspace")]

    def __str__(self) -> str:
        return self.name


class LinkPreset(models.Model):
    """What is added to the links of pins for web analytics, with placeholders (presets/links.py)."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="link_presets")
    name = models.CharField(max_length=limits.NAME_LENGTH)
    # Values of the parameters of these names with utm_ before them. Empty: it is not added.
    source = models.CharField(max_length=limits.UTM_LENGTH, blank=True, default="pinterest")
    medium = models.CharField(max_length=limits.UTM_LENGTH, blank=True, default="social")
    campaign = models.CharField(max_length=limits.UTM_LENGTH, blank=True, default="")
    content = models.CharField(max_length=limits.UTM_LENGTH, blank=True, default="")
    term = models.CharField(max_length=limits.UTM_LENGTH, blank=True, default="")
    # One a line, subdomains included. Empty: links to any site.
    hosts = models.TextField(blank=True, default="")
    # Whether it is offered for boards that no preset names.
    is_default = models.BooleanField(default=False)
    # For these boards it goes before the default.
    boards = models.ManyToManyField(Board, related_name="link_presets", blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(F("workspace"), Lower("name"), name="link_preset_name_unique"),
            models.UniqueConstraint(
                fields=["workspace"], condition=Q(is_default=True), name="link_preset_only_one_default"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def parameters(self) -> dict[str, str]:
        """Return the parameters by their names in a link, without empty ones."""
        values: dict[str, Any] = {
            f"utm_{part}": getattr(self, part) for part in ("source", "medium", "campaign", "content", "term")
        }
        return {name: value for name, value in values.items() if value}


class SnippetKind(models.TextChoices):
    """What a snippet is for."""

    TEXT = "text", "Text"
    HASHTAGS = "hashtags", "Hashtags"
    CALL_TO_ACTION = "call", "Call to action"


class Snippet(models.Model):
    """A text to insert into descriptions."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="snippets")
    name = models.CharField(max_length=limits.NAME_LENGTH)
    kind = models.CharField(max_length=10, choices=SnippetKind, default=SnippetKind.TEXT)
    text = models.TextField()

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(F("workspace"), Lower("name"), name="snippet_name_unique"),
            models.CheckConstraint(condition=Q(kind__in=SnippetKind.values), name="snippet_kind_known"),
        ]

    def __str__(self) -> str:
        return self.name


class PinTemplate(models.Model):
    """Content that fills the empty fields of a pin. An empty text fills nothing."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="pin_templates")
    name = models.CharField(max_length=limits.NAME_LENGTH)
    title = models.TextField(blank=True, default="")
    description = models.TextField(blank=True, default="")
    link = models.TextField(blank=True, default="")
    alt_text = models.TextField(blank=True, default="")
    tags = models.ManyToManyField(Tag, related_name="pin_templates", blank=True)
    # Of new pins for these boards it fills the fields by itself.
    boards = models.ManyToManyField(Board, related_name="pin_templates", blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(F("workspace"), Lower("name"), name="pin_template_name_unique")]

    def __str__(self) -> str:
        return self.name
