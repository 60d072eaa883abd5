"""Where allauth asks us: who may sign up, how its e-mails and secrets look, and what becomes of a Pinterest consent."""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import Any, NoReturn, cast
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base import AuthError
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from accounts import signals
from accounts.connections import board_sync
from accounts.connections import services as connections
from accounts.models import Membership, PinterestAccount, User
from accounts.provider import ConsentFailed
from accounts.team import invitation_session
from postiz_pins.common import encryption
from postiz_pins.http.client_address import client_address

from . import demo_login, email_confirmation, known_browsers, sign_in_limits

log = logging.getLogger(__name__)

NAME = "Postiz Pins"


class AccountAdapter(DefaultAccountAdapter):
    """What allauth asks us about signing in and up."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "too_many_login_attempts": (
            "Too many failed attempts. Wait five minutes and try again, or reset your password."
        ),
        "account_under_attack": (
            "Too many wrong passwords for this account. Reset your password, or sign in from a browser that you have"
            " used before."
        ),
        "rate_limited": "Too many attempts. Wait five minutes and try again.",
        "email_password_mismatch": "The email address or password is incorrect. Check both.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return whether the request may sign up: sign-up is open, or it comes from an invitation."""
        return settings.SIGNUP_OPEN or invitation_session.for_signup(request, timezone.now()) is not None

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Return the page after signing in: an invitation that waits for this user comes first."""
        if invitation_session.waits_for(request, cast(User, request.user), timezone.now()):
            return reverse("accounts:invitation")
        return super().get_login_redirect_url(request)

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the client's address, by the proxies that are trusted (postiz_pins/http/client_address.py)."""
        return client_address(request)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the attempt before the password is checked.

        Raises ValidationError beyond the limit.
        """
        try:
            self._login_failed_rl_usage = sign_in_limits.consume(request, _email_of(credentials))
        except sign_in_limits.TooManyAttempts as error:
            raise self.validation_error(error.code) from error

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials: Any) -> None:
        sign_in_limits.clear(request, _email_of(credentials))

    def post_login(self, request: HttpRequest, user: User, **options: Any) -> HttpResponse:
        """Remember in the browser that this user has signed in here before."""
        response = super().post_login(request, user, **options)
        known_browsers.remember(request, response, user)
        return response

    def pre_login(self, request: HttpRequest, user: User, **options: Any) -> HttpResponse | None:
        """Note the time zone of the demo's browser, and confirm an address that an operator has entered."""
        demo_login.take_time_zone(user, request.POST.get("browser_time_zone", ""), timezone.now())
        if not options["signup"]:
            email_confirmation.confirm_given_address(user)
        return super().pre_login(request, user, **options)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send the e-mail with links of PUBLIC_URL instead of the request's Host header, which clients choose.

        A mail server that refuses the e-mail leads to a page of its own, which offers to send it again.
        """
        links = {name: _on_public_origin(value) for name, value in context.items() if name.endswith("_url")}
        site = SimpleNamespace(name=NAME, domain=settings.PUBLIC_URL)
        try:
            super().send_mail(template_prefix, email, {**context, **links, "current_site": site})
        except OSError as error:  # smtplib's own errors are OSErrors, too
            log.error("The mail server did not accept an email (%s)", type(error).__name__)
            raise ImmediateHttpResponse(email_confirmation.mail_failed(self.request, email)) from error


def _email_of(credentials: dict[str, Any]) -> str:
    return str(credentials.get("email", "")).strip().lower()


def _on_public_origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{settings.PUBLIC_URL}{parts.path}{f'?{parts.query}' if parts.query else ''}"


class MFAAdapter(DefaultMFAAdapter):
    """What allauth asks us about two-factor authentication."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "That code is incorrect or was already used. Wait for the next one.",
        "incorrect_passkey": "That passkey didn't work. Reload the page and try again.",
        "unverified_email": "Confirm your email address before you turn on two-factor authentication.",
    }

    def encrypt(self, text: str) -> str:
        """Return the secret as it is stored, encrypted with TOKEN_ENCRYPTION_KEYS."""
        return encryption.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Return the secret of a stored authenticator."""
        return encryption.decrypt(encrypted_text)

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        """Return “Passkey”, with a number from the second one on."""
        count = Authenticator.objects.filter(user=user, type=type).count()
        return f"Passkey {count + 1}" if count else "Passkey"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Return the public host, to which passkeys belong whatever host the request names."""
        return {"id": urlsplit(settings.PUBLIC_URL).hostname or "", "name": NAME}


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """Ends every consent on the page on which it began.

    Allauth's own tables stay empty: an account belongs to a workspace, not to the user who connected it, and it is no
    way to sign in.
    """

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Return False: a Pinterest account is no way to sign up."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> NoReturn:
        """Store the account in its workspace, and redirect before allauth would log anyone in."""
        user = cast(User, request.user)  # provider.pinterest_callback is closed to anonymous people
        memberships = Membership.objects.filter(user=user, workspace=sociallogin.state["data"]["workspace_id"])
        membership = memberships.select_related("user", "workspace").first()
        if membership is None or not membership.can_edit:
            messages.error(request, "You can no longer connect accounts in that workspace. Ask one of its admins.")
        else:
            _connect(request, membership, sociallogin)
            _compare_with_wish(request, membership, sociallogin)
        # A user who was removed meanwhile would find nothing there.
        _lead_back(sociallogin.state if membership else None)

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: str | None = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> NoReturn:
        """Say why the account was not connected, and return to the page on which the consent began."""
        state = (extra_context or {}).get("state")
        messages.error(
            request, f"The account wasn't connected. {_failure_sentence(error, exception, has_state=bool(state))}"
        )
        _lead_back(state)


def _connect(request: HttpRequest, membership: Membership, sociallogin: SocialLogin) -> None:
    try:
        account = connections.connect(
            membership.workspace,
            sociallogin.profile,
            sociallogin.grant,
            by=membership.user,
            now=timezone.now(),
        )
    except connections.HeldElsewhere:
        messages.error(
            request,
            f"@{sociallogin.profile.username} is connected to another workspace. Disconnect it there first, or"
            f" connect a different account.",
        )
        return
    if not account.is_active:
        messages.warning(request, f"{account} is connected but can't be used yet. {account.trouble}")
        return
    done = f"{account} is connected"
    if membership.workspace != request.workspace:  # type: ignore[attr-defined]  # our views hand a WorkspaceRequest on
        done += f" in “{membership.workspace}”"
    outcome = board_sync.sync_account(account)
    if outcome.changes.error is not None:
        messages.warning(request, f"{done}. {outcome} Press “Refresh boards”.")
    elif outcome.changes.offered == 0:
        messages.warning(request, f"{done}, but it has no boards. Create a board on Pinterest, then refresh.")
    else:
        messages.success(request, f"{done}. {outcome}")
    for _, sentence in signals.account_connected.send(PinterestAccount, account=account, now=timezone.now()):
        if sentence:
            messages.info(request, sentence)


def _compare_with_wish(request: HttpRequest, membership: Membership, sociallogin: SocialLogin) -> None:
    """Warn if another account was connected than the one to be reconnected.

    Pinterest asks for the consent of the account that is signed in there.
    """
    wanted = sociallogin.state["data"]["reconnects"]
    candidates = PinterestAccount.objects.in_workspace(membership.workspace)
    account = candidates.filter(pk=wanted).first() if wanted else None
    if account is not None and account.pinterest_user_id != sociallogin.profile.id:
        messages.warning(
            request,
            f"You tried to reconnect {account}, but you're signed in to Pinterest as"
            f" @{sociallogin.profile.username}. Sign in to"
            f" Pinterest as {account}, then press “Reconnect” again.",
        )


def _failure_sentence(error: str | None, exception: Exception | None, *, has_state: bool) -> str:
    if not has_state:
        return "That request has expired or was already used. Connect again."
    if error == AuthError.CANCELLED:
        return "You didn't allow access. You can connect again at any time."
    if isinstance(exception, ConsentFailed):
        return str(exception)
    return "Pinterest stopped the connection without giving a reason. Connect again."


def _lead_back(state: dict[str, Any] | None) -> NoReturn:
    """Redirect to the page on which the consent began; to the connections page if that is unknown."""
    raise ImmediateHttpResponse(redirect((state or {}).get("next") or "accounts:connection_list"))
