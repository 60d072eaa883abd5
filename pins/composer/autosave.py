"""Saving what is typed in the composer without a button.

A draft is written in place. A pin that is on its way, or has failed, stays as it is: the input is kept aside for the
user (`UnsavedEdit`) and offered when the form is opened again.
"""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from django.db import transaction
from django.http import QueryDict

from accounts.models import User, Workspace
from pins import limits
from pins.families import services as families
from pins.models import Pin, PinStatus, UnsavedEdit
from pins.rules.composition import Composition
from postiz_pins.common.params import parse_number

from . import services as composer
from .forms import PinForm
from .services import EditOutcome

# Of the posted form, what is no part of the pin.
NOT_KEPT = ("csrfmiddlewaretoken", "action", "workspace")
# No field of a draft is longer.
LONGEST_KEPT = limits.LINK_LENGTH * limits.DRAFT_TEXTS


class AutosaveState(Enum):
    """What became of an autosave; the script is told its value."""

    # Nothing has been typed, so there is no draft.
    EMPTY = "empty"
    SAVED = "saved"
    ASIDE = "aside"
    CONFLICT = "conflict"
    TOO_LATE = "too_late"


def autosave(
    form: PinForm, posted: QueryDict, pin: Pin | None, *, workspace: Workspace, by: User, now: datetime
) -> tuple[AutosaveState, Pin | None]:
    """Save the input, and return how that went, and for which pin.

    `form` has been cleaned; a field that cannot be read keeps what the pin has.
    """
    if pin is None:
        pin = composer.made_by_form(form.cleaned_data.get("form_token"), workspace)
        if pin is not None and not composer.is_still_meant(pin, form.composition):
            return AutosaveState.TOO_LATE, None  # it has gone out, and another one is made by a button only
    if pin is None:
        return _first_save(form, workspace=workspace, by=by, now=now)
    if pin.status != PinStatus.DRAFT:
        return _put_aside(form, posted, pin, by=by, now=now), pin
    with transaction.atomic():
        outcome = composer.edit_pin(
            pin,
            form.composition_over(Composition.of(pin)),
            publish_at=form.publish_at_over(pin.publish_at),
            is_draft=True,
            by=by,
            now=now,
            version=form.cleaned_data.get("version"),
            tags=form.tag_names,
        )
        if outcome is EditOutcome.SAVED and form.typed_series is not None:
            families.keep_plan(pin, form.typed_series, by=by, now=now)
    if outcome is EditOutcome.SAVED:
        return AutosaveState.SAVED, pin
    if outcome is EditOutcome.GONE:
        return AutosaveState.TOO_LATE, None
    keep_aside(posted, pin, by=by, now=now)
    return (AutosaveState.CONFLICT if outcome is EditOutcome.CONFLICT else AutosaveState.TOO_LATE), pin


def _first_save(form: PinForm, *, workspace: Workspace, by: User, now: datetime) -> tuple[AutosaveState, Pin | None]:
    if form.is_empty:
        return AutosaveState.EMPTY, None
    content = composer.Submission(
        composition=form.composition_over(Composition()),
        tags=form.tag_names,
        publish_at=form.publish_at_over(None),
        typed_series=form.typed_series,
        by=by,
        now=now,
    )
    created = composer.create(content, workspace=workspace, form_token=form.cleaned_data.get("form_token"))
    return AutosaveState.SAVED, created.pin


def _put_aside(form: PinForm, posted: QueryDict, pin: Pin, *, by: User, now: datetime) -> AutosaveState:
    if not pin.is_editable:
        return AutosaveState.TOO_LATE
    has_series = form.typed_series is not None and form.typed_series.rows
    is_same = form.composition == Composition.of(pin) and form.has_tags_of(pin)
    is_unchanged = not form.errors and not has_series and is_same
    if is_unchanged and form.cleaned_data["publish_at"] == _to_the_minute(pin.publish_at):
        discard(pin, by=by)
    else:
        keep_aside(posted, pin, by=by, now=now)
    return AutosaveState.ASIDE


def _to_the_minute(moment: datetime | None) -> datetime | None:
    """Return the moment as the form shows it."""
    return moment.replace(second=0, microsecond=0) if moment else None


def keep_aside(posted: QueryDict, pin: Pin, *, by: User, now: datetime) -> None:
    """Store the posted form as this user's unsaved edit of the pin."""
    form = posted.copy()
    too_long = [name for name, text in posted.items() if len(text) > LONGEST_KEPT]
    for name in (*NOT_KEPT, *too_long):
        form.pop(name, None)
    version = parse_number(posted.get("version", ""))
    UnsavedEdit.objects.update_or_create(
        pin=pin,
        user=by,
        defaults={
            # Percent-encoded, and so without NUL, for which PostgreSQL has no text.
            "form": form.urlencode(),
            "version": pin.version if version is None else version,
            "saved_at": now,
        },
    )


def discard(pin: Pin, *, by: User) -> None:
    """Delete this user's unsaved edit of the pin."""
    UnsavedEdit.objects.filter(pin=pin, user=by).delete()


def kept_form(pin: Pin, *, by: User) -> tuple[UnsavedEdit, QueryDict] | None:
    """Return this user's unsaved edit, and the form as it was posted; None if there is none."""
    edit = UnsavedEdit.objects.filter(pin=pin, user=by).first()
    return (edit, QueryDict(edit.form)) if edit else None
