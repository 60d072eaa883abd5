"""Keys of programs on their way in, and the one shape in which JSON addresses refuse.

Below /api/ only keys count (pins/api/views.py). A view that is marked by `open_to_keys` serves signed-in people as
well: the specification's GET /boards and the analytics as JSON."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, cast

from allauth.core.internal import ratelimit
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.csrf import csrf_exempt

from accounts.models import ApiKey, User

from . import services as api_keys

RETRY_AFTER_SECONDS = 60


class JsonError(NamedTuple):
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


class KeyRefused(Exception):
    """The request carries no key that may be used."""

    def __init__(self, error: JsonError, status: int) -> None:
        super().__init__(error.code)
        self.error = error
        self.status = status

    def answer(self) -> JsonResponse:
        response = answer_errors([self.error], status=self.status)
        if self.status == 401:
            response["WWW-Authenticate"] = "Bearer"
        elif self.status == 429:
            response["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return response


def answer_errors(errors: Iterable[JsonError], *, status: int) -> JsonResponse:
    return JsonResponse({"errors": [error._asdict() for error in errors]}, status=status)


def authenticate(request: HttpRequest, key: str) -> ApiKey:
    """Return the key's row, and let the request act as the person who made it.

    Only wrong keys count against their address: a guesser shuts out nobody who has a right one. Raises KeyRefused."""
    try:
        api_key = api_keys.verify(key, now=timezone.now())
    except api_keys.KeyInvalid as error:
        # Most requests are GET, which allauth's public function leaves out.
        is_within = ratelimit.consume(request, app="allauth.account", action="api_key_failed", limit_get=True)
        raise (KeyRefused(KEY_INVALID, 401) if is_within else KeyRefused(TOO_MANY_WRONG_KEYS, 429)) from error
    except api_keys.KeyWithoutEditor as error:
        raise KeyRefused(KEY_WITHOUT_EDITOR, 403) from error
    # Not the person of a session, should there be one. verify() refuses keys whose maker is gone.
    request.user = cast(User, api_key.created_by)
    return api_key


def open_to_keys(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let API keys in as well as sessions (permissions.LoginRequired), and refuse in JSON whoever asks."""

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
        return response

    answer.is_open_to_keys = True  # type: ignore[attr-defined]  # LoginRequired looks for it
    return answer


def refuse_key(request: HttpRequest) -> HttpResponse | None:
    """Identify the program by the request's key, in `request.api_key`. Return the refusal of a key that cannot be used,
    and None if the key is right or there is none."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    try:
        request.api_key = authenticate(request, key.strip())  # type: ignore[attr-defined]  # WorkspaceMiddleware reads it
    except KeyRefused as error:
        return error.answer()
    return None


def is_browser(request: HttpRequest) -> bool:
    """Whether a page is wanted rather than JSON. What names no type, or any, is a program."""
    return request.get_preferred_type(["application/json", "text/html"]) == "text/html"
