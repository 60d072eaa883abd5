"""Who may keep an answer: what a view answers is for one person, unless it says otherwise."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


def private_by_default(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Keep answers out of shared caches (a proxy, a CDN), and let browsers ask again before they show one anew.

    Not `no-store`: browsers keep what was typed into a form for “Back” only if they may store its page. Views that show
    a secret once say so themselves (`never_cache`), and media files say that they are public.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-cache")
        return response

    return middleware
