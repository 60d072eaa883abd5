"""Lists and pages of rows that operators only look at."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows that only the app itself writes: to be found, read and, with the permission, deleted."""

    list_per_page = 50
    # Counting all rows beside the ones that were found doubles the cost of a search.
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return False: the app writes the rows."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False: the pages only show."""
        return False
