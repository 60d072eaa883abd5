"""Where allauth asks us: who may sign up, and what becomes of a Pinterest consent."""

from __future__ import annotations

from typing import Any, NoReturn, cast

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base import AuthError
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from . import boards, connections, invited
from .models import Membership, PinterestAccount, User
from .provider import ConsentFailed


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return settings.SIGNUP_OPEN or invited.for_signup(request, timezone.now()) is not None

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        if invited.waits_for(request, cast(User, request.user), timezone.now()):
            return reverse("accounts:invitation")
        return super().get_login_redirect_url(request)


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """Ends every consent on the connections page. allauth's own tables stay empty: an account belongs to a workspace,
    not to the person who clicked, and it is no way to sign in."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> NoReturn:
        workspace_id = (sociallogin.state.get("data") or {}).get("workspace_id")
        user = cast(User, request.user)  # provider.pinterest_callback is closed to anonymous people
        memberships = Membership.objects.filter(user=user, workspace=workspace_id)
        membership = memberships.select_related("workspace").first()
        if membership is None or not membership.can_edit:
            messages.error(request, "You may no longer connect accounts in that workspace. Ask one of its admins.")
        else:
            _connect(request, membership, sociallogin)
            _compare_with_wish(request, membership, sociallogin)
        _to_connections()

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: str | None = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> NoReturn:
        sentence = _failure_sentence(error, exception, has_state="state" in (extra_context or {}))
        messages.error(request, f"Nothing was connected. {sentence}")
        _to_connections()


def _connect(request: HttpRequest, membership: Membership, sociallogin: SocialLogin) -> None:
    try:
        account = connections.connect(membership.workspace, sociallogin.profile, sociallogin.grant)
    except connections.HeldElsewhere:
        messages.error(
            request,
            f"@{sociallogin.profile.username} is connected in another workspace. Disconnect it there first, or connect"
            " another account.",
        )
        return
    if not account.is_active:
        messages.warning(request, f"{account} is connected, but cannot be used yet. {account.trouble}")
        return
    outcome = boards.sync_account(account)
    if outcome.changes.error is not None:
        messages.warning(request, f"{account} is connected. {outcome} Press “Refresh boards”.")
    elif outcome.changes.offered == 0:
        messages.warning(
            request, f"{account} is connected, but has no board. Create a board in Pinterest first, then refresh."
        )
    else:
        messages.success(request, f"{account} is connected. {outcome}")


def _compare_with_wish(request: HttpRequest, membership: Membership, sociallogin: SocialLogin) -> None:
    """Pinterest asks whoever is signed in there, who may have another account than the one to be reconnected."""
    wanted = str(sociallogin.state["data"].get("reconnects", ""))
    held = PinterestAccount.objects.in_workspace(membership.workspace)
    account = next((account for account in held if str(account.pk) == wanted), None)
    if account is not None and account.pinterest_user_id != sociallogin.profile.id:
        messages.warning(
            request,
            f"You wanted to reconnect {account}, but Pinterest answered for @{sociallogin.profile.username}. Sign in to"
            f" Pinterest as {account}, then press “Reconnect” again.",
        )


def _failure_sentence(error: str | None, exception: Exception | None, *, has_state: bool) -> str:
    if not has_state:
        return "That consent was used already, or is too old. Connect again."
    if error == AuthError.CANCELLED:
        return "You did not allow access. Connect again when you want to."
    if isinstance(exception, ConsentFailed):
        return str(exception)
    return "Pinterest ended the consent without saying why. Connect again."


def _to_connections() -> NoReturn:
    raise ImmediateHttpResponse(redirect("accounts:connection_list"))
