"""The email with the link of an invitation."""

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
    """Return the link with PUBLIC_URL's origin, never the request's, whose Host header its sender chooses."""
    return settings.PUBLIC_URL + reverse("accounts:invitation_open", args=[token])


def is_printed() -> bool:
    """Return whether emails go to the console (no EMAIL_URL), so the link has to be passed on by hand."""
    return settings.EMAIL_BACKEND.endswith("console.EmailBackend")


def send(invitation: Invitation, token: str) -> bool:
    """Send the email; return False if the mail server refused it.

    Sent at once, because a queued message would hold the token.
    """
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
