"""E-mails about what has happened: one for all that waits for a person, so that 50 failures are no 50 e-mails.

`Notification.emailed_at` is the claim: it is written before the e-mail is sent. A crash in between loses an e-mail, of
which all is still in the app, and none is sent twice.
"""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta

from django.core.cache import cache
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import Exists, Min, OuterRef

from accounts.models import Notification, NotificationQuerySet
from postiz_pins.runtime import stopping

from .emails import build_message

log = logging.getLogger(__name__)

# What happens at once comes together: the first of it waits so long for the others.
GATHER = timedelta(minutes=1)
# Between two e-mails to one person, and before a mail server that refused is asked again.
PAUSE = timedelta(minutes=15)
GIVE_UP_AFTER = timedelta(days=1)
# A slow mail server must not keep a worker from publishing; the next minute goes on.
TURN_SECONDS = 40


def send_due(now: datetime) -> int:
    """Email every user for whom something waits, unless the last email was a moment ago; return how many."""
    sent, ends_at = 0, time.monotonic() + TURN_SECONDS
    people = _people_to_tell(now)
    refused = cache.get_many([_refused_key(user_id) for user_id, _ in people]) if people else {}
    connection: BaseEmailBackend = get_connection()
    try:
        for user_id, email in people:
            if time.monotonic() > ends_at or stopping.is_requested():
                return sent  # a user whose turn has not come keeps waiting
            if _refused_key(user_id) in refused:
                continue
            connection.open()  # before anything is claimed; no work if it is open
            sent += _send(user_id, email, connection, now)
    except OSError as error:  # smtplib's own errors are OSErrors, too
        log.error(
            "The mail server cannot be reached (%s); notification emails will be sent later", type(error).__name__
        )
    finally:
        connection.close()
    _give_up(now)
    return sent


def _people_to_tell(now: datetime) -> list[tuple[int, str]]:
    """Return the users to write to, as (primary key, address), those who have waited longest first."""
    waiting = Notification.objects.to_email().of_members().exclude(_emailed_since(now - PAUSE))
    people = waiting.values_list("user", "user__email").annotate(since=Min("at")).filter(since__lte=now - GATHER)
    return [(user_id, email) for user_id, email, _ in people.order_by("since", "user")]


def _emailed_since(moment: datetime) -> Exists:
    return Exists(Notification.objects.filter(user=OuterRef("user"), emailed_at__gt=moment))


def claim(user_id: int, now: datetime) -> list[Notification]:
    """Return all that waits for the person, now ours to send; nothing if another worker was faster."""
    notifications = (
        Notification.objects.to_email().of_members().filter(user=user_id).exclude(_emailed_since(now - PAUSE))
    )
    if notifications.update(emailed_at=now) == 0:
        return []
    return list(_claimed(user_id, now).select_related("workspace").order_by("pk"))


def _claimed(user_id: int, now: datetime) -> NotificationQuerySet:
    return Notification.objects.filter(user=user_id, emailed_at=now)


def _send(user_id: int, email: str, connection: BaseEmailBackend, now: datetime) -> bool:
    """Send one user's email; return False if nothing was left to send or the mail server refused it.

    Then the claim is given back.
    """
    notifications = claim(user_id, now)
    if not notifications:
        return False
    try:
        build_message(notifications, email, connection).send()
    except (OSError, ValueError) as error:  # a ValueError is an address or a header that no message can have
        # Without its text, in which the server may repeat what it was sent.
        log.error(
            "The mail server did not accept the email to user %s: %s; it will be sent again",
            user_id,
            type(error).__name__,
        )
        _claimed(user_id, now).update(emailed_at=None)
        cache.set(_refused_key(user_id), True, PAUSE.total_seconds())
        connection.close()  # it may be in any state, and the next person must not suffer
        return False
    return True


def _give_up(now: datetime) -> None:
    """Stop trying to email what is over a day old or belongs to users who have left."""
    given_up = Notification.objects.to_email().filter(at__lte=now - GIVE_UP_AFTER).update(wants_email=False)
    if given_up:
        log.error("%s notifications could not be emailed within a day; they are shown in the app only", given_up)


def _refused_key(user_id: int) -> str:
    return f"notification-mail-refused-{user_id}"
