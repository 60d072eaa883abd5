"""The e-mail that brings somebody the link of an invitation."""

from __future__ import annotations

import logging

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.models import Invitation
from postiz_pins.common.text import collapse_whitespace

logger = logging.getLogger(__name__)


def link_of(token: str) -> str:
    """From PUBLIC_URL, never from the request: whoever sends it chooses its Host header."""
    return settings.PUBLIC_URL + reverse("accounts:invitation_open", args=[token])


def is_printed() -> bool:
    """Without EMAIL_URL, e-mails go to the console: somebody else has to bring the link."""
    return settings.EMAIL_BACKEND.endswith("console.EmailBackend")


def send(invitation: Invitation, token: str) -> bool:
    """False: the mail server did not take it. Sent at once, because a queued message would hold the token."""
    context = {
        "workspace_name": collapse_whitespace(invitation.workspace.name),
        "invitation": invitation,
        "link": link_of(token),
        "public_url": settings.PUBLIC_URL,
    }
    message = EmailMultiAlternatives(
        f"Join “{context['workspace_name']}” on Postiz Pins",
        render_to_string("accounts/email/invitation.txt", context),
        to=[invitation.email],
    )
    message.attach_alternative(render_to_string("accounts/email/invitation.html", context), "text/html")
    try:
        message.send()
    except OSError as error:  # smtplib's own errors are OSErrors, too
        # Without its text, in which the server may repeat what it was sent.
        logger.warning(
            "The mail server did not accept the email of invitation %s: %s", invitation.pk, type(error).__name__
        )
        return False
    return True
