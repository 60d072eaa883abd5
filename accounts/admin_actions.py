"""Actions on the rows of a list in the administration, with one sentence for each kind of result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils import timezone

from .admin_audit import acting


def act_on_each(
    model_admin: admin.ModelAdmin,
    request: HttpRequest,
    rows: Iterable[Any],
    act: Callable[..., str],
    done: str,
) -> None:
    """Call `act(row, by=…, now=…)` for each row, and say how many were `done`, and how many were not and why.

    `act` returns why it did nothing; empty if it did it."""
    by, now = acting(request), timezone.now()
    outcomes = Counter(act(row, by=by, now=now) for row in rows)
    for reason, count in sorted(outcomes.items()):
        name = model_admin.opts.verbose_name if count == 1 else model_admin.opts.verbose_name_plural
        if reason:
            model_admin.message_user(request, f"{count} {name} not {done}: {reason}.", messages.WARNING)
        else:
            model_admin.message_user(request, f"{count} {name} {done}.", messages.SUCCESS)
