"""The rows of a pin and its attachments, written from a composition."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import chain
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import User, Workspace
from pins.lifecycle import events
from pins.models import Attachment, Pin, PinEventKind
from pins.rules.composition import Composition
from pins.spacing.keys import keys_of


def insert(
    composition: Composition,
    workspace: Workspace,
    *,
    by: User,
    now: datetime,
    publish_at: datetime | None,
    text: str = "",
    form_token: uuid.UUID | None = None,
    **columns: Any,
) -> tuple[Pin, bool]:
    """Return the new draft, or the one of the same form, and whether it is new.

    The same form may have created it before, or at this very moment (a double click).
    """
    columns = {"created_by": by, "created_at": now, "form_token": form_token, **columns, **content_columns(composition)}
    try:
        with transaction.atomic():
            pin = Pin.objects.create(workspace=workspace, publish_at=publish_at, **columns)
            attach(pin, composition)
            events.note(pin, PinEventKind.DRAFTED, by=by, now=now, text=text)
    except IntegrityError:
        if form_token is None:
            raise
        return Pin.objects.in_workspace(workspace).get(form_token=form_token), False
    return pin, True


@transaction.atomic
def insert_all(compositions: Sequence[Composition], workspace: Workspace, *, by: User, now: datetime) -> list[Pin]:
    """Return new drafts, one of each composition, in a number of queries that does not depend on them."""
    pins = Pin.objects.bulk_create(
        Pin(workspace=workspace, created_by=by, created_at=now, **content_columns(composition))
        for composition in compositions
    )
    rows = map(_attachments, pins, compositions)
    Attachment.objects.bulk_create(chain.from_iterable(rows))
    events.note_all([(pin, PinEventKind.DRAFTED, "") for pin in pins], by=by, now=now)
    return pins


def content_columns(composition: Composition) -> dict[str, object]:
    """Return the columns of a pin with this content."""
    return {
        "board": composition.board,
        "section": composition.section if composition.board else None,
        "account": composition.board.account if composition.board else None,
        "title": composition.title,
        "description": composition.description,
        "link": composition.link,
        "alt_text": composition.alt_text,
        "dominant_color": composition.dominant_color,
        "has_video": any(attached.media.is_video for attached in composition.attachments),
        **keys_of(composition.link, (attached.media.sha256 for attached in composition.attachments)),
    }


def attach(pin: Pin, composition: Composition) -> None:
    """Write the files of the pin, which has none yet."""
    Attachment.objects.bulk_create(_attachments(pin, composition))


def _attachments(pin: Pin, composition: Composition) -> Iterator[Attachment]:
    for position, each in enumerate(composition.attachments):
        texts = {"title": each.title, "description": each.description, "link": each.link}
        yield Attachment(pin=pin, media=each.media, position=position, **texts)
