"""What is only noted at a sign-in must not prevent it: when it was, and in which browser."""

from __future__ import annotations

import logging
from typing import Any

from allauth.account.signals import user_logged_in as signed_in
from allauth.usersessions.signals import on_user_logged_in as note_session
from django.contrib.auth.models import update_last_login
from django.contrib.auth.signals import user_logged_in
from django.db import DatabaseError

from postiz_pins.database.full_disk import is_full_disk

log = logging.getLogger(__name__)


def take_over() -> None:
    """Connect our receivers in place of Django's and allauth's own."""
    user_logged_in.disconnect(dispatch_uid="update_last_login")
    user_logged_in.connect(_note_last_login, dispatch_uid="update_last_login")
    signed_in.disconnect(note_session)
    signed_in.connect(_note_session, dispatch_uid="note_session")


def _note_last_login(sender: Any, **options: Any) -> None:
    try:
        update_last_login(sender, **options)
    except DatabaseError as error:
        _allow(error)


def _note_session(sender: Any, **options: Any) -> None:
    try:
        note_session(sender, **options)
    except DatabaseError as error:
        _allow(error)


def _allow(error: DatabaseError) -> None:
    if not is_full_disk(error):
        raise error
    log.error("The database is not writable (%s): the user is signed in anyway", error)
