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
        return settings.SIGNUP_OPEN or invitation_session.for_signup(request, timezone.now()) is not None

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        if invitation_session.waits_for(request, cast(User, request.user), timezone.now()):
            return reverse("accounts:invitation")
        return super().get_login_redirect_url(request)

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        try:
            self._login_failed_rl_usage = sign_in_limits.consume(request, _email_of(credentials))
        except sign_in_limits.TooManyAttempts as error:
            raise self.validation_error(error.code) from error

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials: Any) -> None:
        sign_in_limits.clear(request, _email_of(credentials))

    def post_login(self, request: HttpRequest, user: User, **options: Any) -> HttpResponse:
        response = super().post_login(request, user, **options)
        known_browsers.remember(request, response, user)
        return response

    def pre_login(self, request: HttpRequest, user: User, **options: Any) -> HttpResponse | None:
        demo_login.take_time_zone(user, request.POST.get("browser_time_zone", ""), timezone.now())
        if not options["signup"]:
            email_confirmation.confirm_given_address(user)
        return super().pre_login(request, user, **options)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """allauth takes the origin of its links from the request, whose Host header anybody may write.

        A mail server that does not take the e-mail is told on a page of its own, on which it can be asked again."""
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
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "That code is incorrect or was already used. Wait for the next one.",
        "incorrect_passkey": "That passkey didn't work. Reload the page and try again.",
        "unverified_email": "Confirm your email address before you turn on two-factor authentication.",
    }

    def encrypt(self, text: str) -> str:
        return encryption.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return encryption.decrypt(encrypted_text)

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        count = Authenticator.objects.filter(user=user, type=type).count()
        return f"Passkey {count + 1}" if count else "Passkey"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Passkeys belong to the public host, whatever the request says it asked for."""
        return {"id": urlsplit(settings.PUBLIC_URL).hostname or "", "name": NAME}


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """Ends every consent on the page on which it began. allauth's own tables stay empty: an account belongs to a
    workspace, not to the person who clicked, and it is no way to sign in."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> NoReturn:
        user = cast(User, request.user)  # provider.pinterest_callback is closed to anonymous people
        memberships = Membership.objects.filter(user=user, workspace=sociallogin.state["data"]["workspace_id"])
        membership = memberships.select_related("user", "workspace").first()
        if membership is None or not membership.can_edit:
            messages.error(request, "You can no longer connect accounts in that workspace. Ask one of its admins.")
        else:
            _connect(request, membership, sociallogin)
            _compare_with_wish(request, membership, sociallogin)
        # Somebody who was removed meanwhile would find nothing there.
        _lead_back(sociallogin.state if membership else None)

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: str | None = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> NoReturn:
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
    """Pinterest asks whoever is signed in there, who may have another account than the one to be reconnected."""
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
    """To the page on which the consent began; to the connections page if nobody knows which that was."""
    raise ImmediateHttpResponse(redirect((state or {}).get("next") or "accounts:connection_list"))
