"""Whose address counts as confirmed, and what is said when the mail server does not take an e-mail."""

from __future__ import annotations

from allauth.account import app_settings
from allauth.account.models import EmailAddress
from allauth.core import ratelimit
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts.models import User


def confirm_given_address(user: User) -> None:
    """Mark the address as confirmed if allauth does not know it: then an operator has entered it.

    That is the demo, `createsuperuser` and the administration; signing up always makes allauth know the address.
    """
    if app_settings.EMAIL_VERIFICATION != app_settings.EmailVerificationMethod.MANDATORY:
        return
    addresses = EmailAddress.objects.filter(user=user)
    verified = EmailAddress.objects.filter(email__iexact=user.email, verified=True)
    if not addresses.filter(email__iexact=user.email).exists() and not verified.exists():
        is_first = not addresses.filter(primary=True).exists()
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=is_first)


def mail_failed(request: HttpRequest, email: str) -> HttpResponse:
    """Return the page that says that the e-mail was not sent, and where to send it again."""
    # Else allauth would send none for the next minutes, since it believes that this one was sent.
    ratelimit.clear(request, action="confirm_email", key=email.lower())
    # A confirmation is sent whenever its person signs in; the other pages send their e-mail when they are used.
    is_sign_in = request.path not in (reverse("account_email"), reverse("account_reset_password"))
    again = reverse("account_login") if is_sign_in else request.path
    return render(request, "account/mail_failed.html", {"again": again, "is_sign_in": is_sign_in}, status=503)
