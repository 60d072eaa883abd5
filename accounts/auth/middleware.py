"""Pages are for signed-in people, unless they say otherwise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django_htmx.http import HttpResponseClientRefresh

from accounts.api_keys.authentication import KEY_INVALID, KeyRefused, is_browser, refuse_key


class LoginRequired(LoginRequiredMiddleware):
    """Django's, except that open pages are open before the session is read.

    Pictures that Pinterest fetches cost no session, and no cache takes them for personal.
    """

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., Any], view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        """Let open pages through, and API keys where the view is open to them; ask others to sign in."""
        if not getattr(view_func, "login_required", True):
            return None
        scope = getattr(view_func, "scope_of_keys", None)
        if scope is not None:
            refusal = refuse_key(request, scope)
            if refusal is not None:
                return refusal
        return super().process_view(request, view_func, view_args, view_kwargs)

    def handle_no_permission(  # type: ignore[override]  # Django's own only ever redirects
        self, request: HttpRequest, view_func: Callable[..., Any]
    ) -> HttpResponseBase:
        """Refuse scripts in their own form, which would take a sign-in page for their answer."""
        if request.headers.get("HX-Request"):
            return HttpResponseClientRefresh()
        if request.headers.get("X-Requested-With") == "XMLHttpRequest":
            sentence = "You've been signed out. Sign in again in another tab, then try again here."
            return HttpResponse(sentence, status=401, content_type="text/plain; charset=utf-8")
        if hasattr(view_func, "scope_of_keys") and not is_browser(request):
            return KeyRefused(KEY_INVALID, 401).answer()
        return super().handle_no_permission(request, view_func)
