"""The time that a row of the list of pins shows, and its title, by which the list is ordered."""

from __future__ import annotations

from django.db.models import Case, DateTimeField, F, Func, TextField, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact


def shown_at() -> Case:
    """Return the moment by which a pin is listed, as an expression.

    When a draft was saved, a published pin was published, and any other is or was to be published; without such a time,
    when the pin was changed last.

    The status is written into the statement, since SQLite finds an index on an expression only if no part of it is a
    parameter.
    """
    is_draft = Exact(F("status"), RawSQL("'draft'", ()))
    return Case(
        When(is_draft, then=F("updated_at")),
        default=Coalesce("published_at", "publish_at", "updated_at"),
        output_field=DateTimeField(),
    )


def title_key() -> Func:
    """Return the beginning of a pin's title in small letters, as an expression: a draft's may be of any length.

    The numbers are written into the statement for the same reason.
    """
    return Func(F("title"), template="LOWER(SUBSTR(%(expressions)s, 1, 60))", output_field=TextField())
