"""Writing what a person composed: new pins, edits, copies and deletions."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import User, Workspace

from .composition import Composition
from .models import EDITABLE_STATUSES, Attachment, Pin, PinEvent, PinEventKind, PinStatus
from .moves import FREE, move


def create_pin(
    composition: Composition,
    *,
    workspace: Workspace,
    publish_at: datetime | None,
    by: User,
    now: datetime,
    form_token: uuid.UUID | None = None,
) -> Pin:
    """A new draft; the same form sent again with the same content answers the pin that it made the first time."""
    if form_token is not None:
        made_before = Pin.objects.in_workspace(workspace).with_content().filter(form_token=form_token).first()
        if made_before is not None and Composition.of(made_before) == composition:
            return made_before
        if made_before is not None:  # the person went back and changed it: this is another pin
            form_token = None
    try:
        with transaction.atomic():
            pin = Pin.objects.create(
                workspace=workspace,
                publish_at=publish_at,
                created_by=by,
                created_at=now,
                form_token=form_token,
                **_columns(composition),
            )
            _attach(pin, composition)
            PinEvent.objects.create(pin=pin, kind=PinEventKind.DRAFTED, at=now, by=by)
    except IntegrityError:
        if form_token is None:
            raise
        return Pin.objects.in_workspace(workspace).get(form_token=form_token)  # a double click, both at this moment
    return pin


def edit_pin(
    pin: Pin, composition: Composition, *, publish_at: datetime | None, is_draft: bool, by: User, now: datetime
) -> bool:
    """Writes new content, taking the pin from a worker that has not begun to create it; `is_draft` makes it a draft.

    False: Pinterest is creating the pin, or holds it already, and nothing was written."""
    with transaction.atomic():
        editable = Pin.objects.select_for_update().filter(status__in=EDITABLE_STATUSES, sent_at=None)
        locked = editable.filter(pk=pin.pk).first()
        if locked is None:
            return False
        if is_draft and locked.status != PinStatus.DRAFT:  # before its board may go
            clean: dict[str, Any] = {"next_attempt_at": None, "error_code": "", "error_text": ""}
            move(locked, PinStatus.DRAFT, PinEventKind.CANCELLED, by=by, **clean)
        columns = {**_columns(composition), **FREE, "publish_at": publish_at, "updated_at": now}
        Pin.objects.filter(pk=pin.pk).update(**columns)
        pin.attachments.all().delete()
        _attach(pin, composition)
        PinEvent.objects.create(pin=pin, kind=PinEventKind.EDITED, at=now, by=by)
    pin.refresh_from_db()
    return True


def duplicate_pin(pin: Pin, *, by: User, now: datetime) -> Pin:
    """A draft with the same content."""
    return create_pin(Composition.of(pin), workspace=pin.workspace, publish_at=None, by=by, now=now)


def delete_pin(pin: Pin) -> bool:
    """Deletes our row; a published pin stays on Pinterest. False: Pinterest is creating it, or nobody knows."""
    with transaction.atomic():
        # The lock: Django reads the row first and deletes it by its key, and a worker must not take it in between.
        locked = Pin.objects.select_for_update().filter(pk=pin.pk).first()
        if locked is None or not locked.can_delete:
            return False
        locked.delete()
    return True


def _columns(composition: Composition) -> dict[str, object]:
    return {
        "board": composition.board,
        "section": composition.section if composition.board else None,
        "account": composition.board.account if composition.board else None,
        "title": composition.title,
        "description": composition.description,
        "link": composition.link,
        "alt_text": composition.alt_text,
        "dominant_color": composition.dominant_color,
    }


def _attach(pin: Pin, composition: Composition) -> None:
    Attachment.objects.bulk_create(
        Attachment(
            pin=pin,
            media=attached.media,
            position=position,
            title=attached.title,
            description=attached.description,
            link=attached.link,
        )
        for position, attached in enumerate(composition.attachments)
    )
