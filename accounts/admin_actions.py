"""Actions on the rows of a list in the administration, with one sentence for each kind of result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils import timezone

from accounts.audit.admin import acting


def act_on_each(
    model_admin: admin.ModelAdmin,
    request: HttpRequest,
    rows: Iterable[Any],
    act: Callable[..., str],
    done: str,
) -> None:
    """Call `act(row, by=…, now=…)` for each row, and say for how many it was done, and for how many it was not and why.

    `act` returns why it did nothing; empty if it did it. `done` ends a sentence about one row or many, such as
    "will be published now".
    """
    by, now = acting(request), timezone.now()
    outcomes = Counter(act(row, by=by, now=now) for row in rows)
    for reason, count in sorted(outcomes.items()):
        rows_told = counted(model_admin, count)
        if reason:
            model_admin.message_user(request, f"{rows_told} skipped: {reason}.", messages.WARNING)
        else:
            model_admin.message_user(request, f"{rows_told} {done}.", messages.SUCCESS)


def counted(model_admin: admin.ModelAdmin, count: int) -> str:
    """Return the count with the model's name, such as "1 pin" or "2 pins"."""
    return f"{count} {model_admin.opts.verbose_name if count == 1 else model_admin.opts.verbose_name_plural}"
