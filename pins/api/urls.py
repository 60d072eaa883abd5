"""The addresses below /api/."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, cast

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, re_path
from django.views.decorators.csrf import csrf_exempt

from accounts.api_keys.authentication import add_rate_limit

from .application import api
from .errors import answer_not_allowed, answer_not_found

# Importing the views is what adds them to `api`.
from .views import accounts, batches, boards, comments, editing, imports, listing, media, pins  # noqa: F401


def _for_programs(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Return ninja's view closed by keys, instead of a login and a CSRF token.

    The two errors that ninja leaves to Django are answered in JSON.
    """

    @csrf_exempt
    @login_not_required
    @functools.wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response = view(request, *args, **kwargs)
        except Http404:  # /api/ itself, which ninja needs only for its name
            return answer_not_found(request)
        if response.status_code == 405:
            return answer_not_allowed(request, response)
        return add_rate_limit(request, response)

    return answer


def _patterns() -> list[URLPattern]:
    patterns: list[URLPattern] = [*cast(list[URLPattern], api.urls[0]), re_path("", answer_not_found, name="not_found")]
    for pattern in patterns:
        pattern.callback = _for_programs(pattern.callback)
    return patterns


app_name = "api"
urlpatterns = _patterns()
