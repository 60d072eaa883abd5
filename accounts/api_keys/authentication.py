"""Keys of programs on their way in, and the one shape in which JSON addresses refuse.

Below /api/ only keys count (pins/api/). A view that is marked by `open_to_keys` serves signed-in people as
well: the specification's GET /boards and the analytics as JSON.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, cast

from allauth.core.internal import ratelimit
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.csrf import csrf_exempt

from accounts.models import ApiKey, Scope, User

from . import rate_limits
from . import services as api_keys

RETRY_AFTER_SECONDS = 60


class JsonError(NamedTuple):
    """One error of a JSON response."""

    # Stable; meant for programs.
    code: str
    # The field or parameter that it is about; empty if it is about none.
    field: str
    # What is wrong and how to fix it, for people.
    message: str


KEY_INVALID = JsonError(
    "key_invalid",
    "",
    "The API key is missing, wrong or revoked. Send “Authorization: Bearer ppk_…” with a key from the “API keys” page.",
)
KEY_EXPIRED = JsonError("key_expired", "", "This API key has expired. Ask an admin of the workspace for a new one.")
KEY_WITHOUT_EDITOR = JsonError(
    "key_without_editor",
    "",
    "An API key acts as the person who created it, and that person can no longer edit in this workspace. Ask an"
    " admin for a new key.",
)
TOO_MANY_WRONG_KEYS = JsonError(
    "too_many_wrong_keys",
    "",
    "Too many requests with wrong keys from your IP address. Wait a minute, then try again.",
)


TOO_MANY_REQUESTS = JsonError(
    "too_many_requests",
    "",
    "This API key has sent too many requests. Wait as many seconds as the header Retry-After says, then try again.",
)


def scope_missing(scope: Scope) -> JsonError:
    """Return the refusal of a key that may not do this."""
    message = f"This API key doesn't have the scope “{scope}” ({scope.label}). Ask an admin for a key that has it."
    return JsonError("scope_missing", "", message)


class KeyRefused(Exception):
    """The request carries no key that may be used."""

    def __init__(self, error: JsonError, status: int, retry_after: int = RETRY_AFTER_SECONDS) -> None:
        super().__init__(error.code)
        self.error = error
        self.status = status
        self.retry_after = retry_after

    def answer(self) -> JsonResponse:
        """Return the refusal as a JSON response with the headers that its status asks for."""
        response = answer_errors([self.error], status=self.status)
        if self.status == 401:
            response["WWW-Authenticate"] = "Bearer"
        elif self.status == 429:
            response["Retry-After"] = str(self.retry_after)
        return response


def answer_errors(errors: Iterable[JsonError], *, status: int) -> JsonResponse:
    """Return a JSON response that lists the errors."""
    return JsonResponse({"errors": [error._asdict() for error in errors]}, status=status)


def authenticate(request: HttpRequest, key: str, scope: Scope) -> ApiKey:
    """Return the key's row as `identify` does, if the key has the scope.

    Raises KeyRefused.
    """
    api_key = identify(request, key)
    require_scope(api_key, scope)
    return api_key


def identify(request: HttpRequest, key: str) -> ApiKey:
    """Return the key's row, and let the request act as the user who created it.

    Only wrong keys count against their address, so a guesser locks out no program with a right one. What the key has
    used of its requests is kept for the response's headers (`add_rate_limit`).

    Raises KeyRefused.
    """
    now = timezone.now()
    try:
        api_key = api_keys.verify(key, now=now)
    except api_keys.KeyExpired as error:
        raise KeyRefused(KEY_EXPIRED, 401) from error
    except api_keys.KeyInvalid as error:
        # Most requests are GET, which allauth's public function leaves out.
        is_within = ratelimit.consume(request, app="allauth.account", action="api_key_failed", limit_get=True)
        raise (KeyRefused(KEY_INVALID, 401) if is_within else KeyRefused(TOO_MANY_WRONG_KEYS, 429)) from error
    except api_keys.KeyWithoutEditor as error:
        raise KeyRefused(KEY_WITHOUT_EDITOR, 403) from error
    # Not the person of a session, should there be one. verify() refuses keys whose maker is gone.
    request.user = cast(User, api_key.created_by)
    usage = request.rate_limit_usage = rate_limits.count_request(api_key, now)  # type: ignore[attr-defined]
    if usage.is_exceeded:
        raise KeyRefused(TOO_MANY_REQUESTS, 429, usage.reset_seconds)
    return api_key


def require_scope(api_key: ApiKey, scope: Scope) -> None:
    """Raise KeyRefused if the key may not do what `scope` stands for."""
    if scope not in api_key.scopes.split():
        raise KeyRefused(scope_missing(scope), 403)


def add_rate_limit(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Return the response with headers that say what the request's key, if it has one, may still send."""
    usage = getattr(request, "rate_limit_usage", None)
    if usage is not None:
        rate_limits.add_headers(response, usage)
    return response


def open_to_keys(scope: Scope) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Let API keys with the scope in as well as sessions (auth.middleware.LoginRequired), with refusals in JSON."""

    def opened(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @csrf_exempt  # it changes nothing, and a wrong method is to be refused in JSON, too
        @functools.wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                response = view(request, *args, **kwargs)
            except Http404 as error:
                response = answer_errors([JsonError("not_found", "", str(error))], status=404)
            if response.status_code == 405:
                message = f"{request.method} is not allowed here, only {response['Allow']}."
                refusal = answer_errors([JsonError("method_not_allowed", "", message)], status=405)
                refusal["Allow"] = response["Allow"]
                response = refusal
            patch_vary_headers(response, ("Accept", "Authorization", "Cookie"))
            return add_rate_limit(request, response)

        answer.scope_of_keys = scope  # type: ignore[attr-defined]  # LoginRequired looks for it
        return answer

    return opened


def refuse_key(request: HttpRequest, scope: Scope) -> HttpResponse | None:
    """Return the refusal of a key that cannot be used; None if the key is right or there is none.

    The key's row is kept in `request.api_key`.
    """
    key = bearer_key(request)
    if key is None:
        return None
    try:
        request.api_key = authenticate(request, key, scope)  # type: ignore[attr-defined]  # WorkspaceMiddleware reads it
    except KeyRefused as error:
        return add_rate_limit(request, error.answer())
    return None


def bearer_key(request: HttpRequest) -> str | None:
    """Return the key that the request carries; None for none, and for another kind of authorization."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else None


def is_browser(request: HttpRequest) -> bool:
    """Return whether a page is wanted rather than JSON. What names no type, or any, is a program."""
    return request.get_preferred_type(["application/json", "text/html"]) == "text/html"
