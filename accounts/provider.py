"""allauth's Pinterest provider, with our addresses, scopes and rules for who may connect."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from allauth.socialaccount.providers.base import AuthProcess, ProviderException
from allauth.socialaccount.providers.oauth2.client import OAuth2Client
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from allauth.socialaccount.providers.pinterest.provider import PinterestProvider as StockProvider
from allauth.socialaccount.providers.pinterest.views import PinterestOAuth2Adapter as StockAdapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.connections.services import missing_scopes_sentence
from postiz_pins.common.params import parse_key
from postiz_pins.http.redirects import safe_local_path
from postiz_pins.pinterest.client import PinterestClient
from postiz_pins.pinterest.errors import (
    AnsweredByProxy,
    AuthenticationFailed,
    PinterestClientError,
    PinterestError,
    RateLimited,
    ServerFailed,
    Unreachable,
)
from postiz_pins.pinterest.oauth import SCOPES, exchange_code, parse_token_grant

from .middleware import WorkspaceRequest, posted_workspace
from .models import PinterestAccount
from .permissions import require_editor

LOOPBACK = ("localhost", "127.0.0.1", "::1")
# Without it, the account is not known.
PROFILE_SCOPE = "user_accounts:read"


# Pinterest's code for an authorization code that is no good; its status is that of a wrong app secret (401).
INVALID_GRANT = 283
CODE_REFUSED = (
    "Pinterest didn't accept the authorization code: it was already used, has expired or belongs to another app."
    " Connect again."
)


class ConsentFailed(ProviderException):
    """A consent that came to nothing; its text is a sentence for the person."""


class PinterestOAuth2Client(OAuth2Client):
    """Allauth's client, with scopes joined by commas as Pinterest wants them."""

    def get_redirect_url(self, authorization_url: str, scope: list[str], extra_params: dict[str, str]) -> str:
        """Return the address of the consent page.

        The stock client makes a set of the scopes; one joined string keeps their order.
        """
        # The stock client makes a set of the scopes; one joined string keeps their order.
        return super().get_redirect_url(authorization_url, [",".join(scope)], extra_params)

    def get_access_token(self, code: str, pkce_code_verifier: str | None = None, extra_data: Any = None) -> Any:
        """Return the token endpoint's response.

        It is asked through our own client, whose errors tell a used code from a failing server.
        """
        try:
            return exchange_code(
                settings.PINTEREST_API_URL, self.consumer_key, self.consumer_secret, code, self.callback_url
            )
        except AuthenticationFailed as error:
            if error.code == INVALID_GRANT:
                raise ConsentFailed(CODE_REFUSED) from error
            raise ConsentFailed(_app_refused_sentence(self.request)) from error
        except PinterestClientError as error:
            raise ConsentFailed(CODE_REFUSED) from error
        except PinterestError as error:
            raise ConsentFailed(_no_answer_sentence(error)) from error


class PinterestOAuth2Adapter(StockAdapter):
    """Allauth's adapter, with the addresses of the settings and the profile that we store."""

    client_class = PinterestOAuth2Client

    @property
    def authorize_url(self) -> str:
        """Return the address of the consent page, Pinterest's or the sandbox's."""
        return settings.PINTEREST_OAUTH_URL

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        """Return the redirect URI: PUBLIC_URL's, or the loopback name that the browser uses."""
        path = reverse("pinterest_callback")
        if urlsplit(settings.PUBLIC_URL).hostname in LOOPBACK and _host(request) in LOOPBACK:
            # Cookies of localhost and 127.0.0.1 are apart: come back to the name that the person used.
            return request.build_absolute_uri(path)
        return settings.PUBLIC_URL + path

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> Any:
        """Return the login with profile and tokens on it, for SocialAccountAdapter.pre_social_login."""
        try:
            grant = parse_token_grant(kwargs["response"], timezone.now())
        except ServerFailed as error:
            raise ConsentFailed(f"{error.message} Connect again.") from error
        if PROFILE_SCOPE not in grant.scopes:
            raise ConsentFailed(missing_scopes_sentence([PROFILE_SCOPE]))
        try:
            profile = PinterestClient(settings.PINTEREST_API_URL, grant.access_token).fetch_user_account()
        except AuthenticationFailed as error:
            raise ConsentFailed("Pinterest withdrew access right away. Connect again.") from error
        except PinterestError as error:
            raise ConsentFailed(_no_answer_sentence(error)) from error
        login = self.get_provider().sociallogin_from_response(request, {"id": profile.id, "username": profile.username})
        login.profile, login.grant = profile, grant
        return login


class PinterestProvider(StockProvider):
    """Allauth's provider for connecting an account to a workspace."""

    oauth2_adapter_class = PinterestOAuth2Adapter

    def get_redirect_from_request_kwargs(self, request: HttpRequest) -> dict[str, Any]:
        """Return what the consent begins with, whatever the address's parameters say.

        It connects, with the five scopes, to the workspace in which it began, and leads back to the page on which it
        began.
        """
        return {
            "process": AuthProcess.CONNECT,
            "scope": list(SCOPES),
            "auth_params": {},
            "data": request.consent,  # type: ignore[attr-defined]  # of pinterest_login
            "next_url": safe_local_path(request.POST.get("next", "")),
        }


provider_classes = [PinterestProvider]

_login = OAuth2LoginView.adapter_view(PinterestOAuth2Adapter)
_callback = OAuth2CallbackView.adapter_view(PinterestOAuth2Adapter)


# allauth's own views are open to anonymous people; ours are not, because Pinterest is no way to sign in.
@require_http_methods(["GET", "POST"])
def pinterest_login(request: WorkspaceRequest) -> HttpResponse:
    """Begin a consent for the workspace of the page with the button, in which the person may have switched since."""
    account = _account_to_reconnect(request)
    workspace = account.workspace if account else posted_workspace(request)
    require_editor(request, workspace)
    request.consent = {  # type: ignore[attr-defined]  # for PinterestProvider
        "workspace_id": workspace.pk,
        "reconnects": account.pk if account else None,
    }
    return _login(request)


@require_GET
def pinterest_callback(request: WorkspaceRequest) -> HttpResponse:
    """Receive the code of a consent (allauth's view, for signed-in users only)."""
    return _callback(request)


def _account_to_reconnect(request: WorkspaceRequest) -> PinterestAccount | None:
    """Return the account of the button “Reconnect”, None for a new one.

    Raises Http404 for an account of another workspace.
    """
    posted = request.POST.get("account", "")
    if not posted:
        return None
    accounts = PinterestAccount.objects.for_user(request.user).select_related("workspace")
    return get_object_or_404(accounts, pk=parse_key(posted))


def _app_refused_sentence(request: HttpRequest) -> str:
    todo = "Ask your administrator to check the Pinterest app."
    if getattr(request.user, "is_staff", False):
        todo = "Check PINTEREST_APP_ID and PINTEREST_APP_SECRET."
    return f"Pinterest doesn't accept this server's app ID and secret. {todo}"


def _no_answer_sentence(error: PinterestError) -> str:
    if isinstance(error, Unreachable):
        reason = "This server is offline" if error.is_offline else "Pinterest couldn't be reached"
        return f"{reason}. Connect again in a minute."
    if isinstance(error, RateLimited):
        return "Pinterest's rate limit was reached. Connect again in a few minutes."
    if isinstance(error, PinterestClientError):
        return f"Pinterest didn't say whose account this is: {error.message} Connect again."
    if isinstance(error, AnsweredByProxy):
        return f"{error.message} Connect again in a minute."
    return "Pinterest had a problem. Connect again in a minute."


def _host(request: HttpRequest) -> str:
    return urlsplit(f"//{request.get_host()}").hostname or ""
