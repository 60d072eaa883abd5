"""The time that a row of the list of pins shows, and by which the list is ordered."""

from __future__ import annotations

from django.db.models import Case, DateTimeField, F, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact


def shown_at() -> Case:
    """When a draft was saved, when a published pin was published, when all others are or were to go out; if nobody has
    chosen that, when the pin was changed last.

    The status is written into the statement, since SQLite finds an index on an expression only if no part of it is a
    parameter."""
    is_draft = Exact(F("status"), RawSQL("'draft'", ()))
    return Case(
        When(is_draft, then=F("updated_at")),
        default=Coalesce("published_at", "publish_at", "updated_at"),
        output_field=DateTimeField(),
    )
