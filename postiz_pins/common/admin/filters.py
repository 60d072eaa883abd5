"""Filters of the administration that stay short however many rows there are."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from postiz_pins.common.params import parse_keys

CHOICES_SHOWN = 20


class RecentFilter(admin.RelatedFieldListFilter):
    """Offer the newest workspaces or accounts, not thousands, and always the chosen one.

    Any other is chosen by a link on its own page, or found by its name in the search.
    """

    def field_choices(
        self, field: models.Field[Any, Any], request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> list[Any]:
        """Return the newest rows, and the one that is selected."""
        rows = field.related_model._default_manager.order_by("-pk")  # type: ignore[union-attr]  # it is a relation's
        if hasattr(rows.model, "workspace"):
            rows = rows.select_related("workspace")
        recent = list(rows[:CHOICES_SHOWN])
        chosen_ids = parse_keys(self.lookup_val or [])
        if not {row.pk for row in recent}.issuperset(chosen_ids):
            recent = [*rows.filter(pk__in=chosen_ids), *recent]
        return [(str(row.pk), self._label(row)) for row in recent]

    @staticmethod
    def _label(row: Any) -> str:
        return f"{row} · {row.workspace}" if hasattr(row, "workspace") else str(row)
