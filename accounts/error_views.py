"""What a request is told that Django refuses before any view sees it, or that met a full disk."""

from __future__ import annotations

import sys
from typing import NamedTuple

from django.conf import settings
from django.core.exceptions import (
    DisallowedHost,
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.views import defaults

from accounts.api_keys.authentication import JsonError, answer_errors, is_browser
from postiz_pins.database.full_disk import is_full_disk


class Refusal(NamedTuple):
    """A status with a stable code, and the sentence that people read."""

    status: int
    code: str
    sentence: str


DISK_FULL = Refusal(
    507,
    "server_disk_full",
    "Nothing was saved because the server's disk is full or read-only. What you typed is still in your browser: go"
    " back, copy it and tell your administrator.",
)
UNREADABLE = Refusal(400, "request_unreadable", "We couldn't read the request. Go back and try again.")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return the refusal of a request that Django stopped before any view."""
    return _answer(request, _refusal_of(exception))


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer what no view has caught: a full disk by a sentence, all else by Django's page."""
    return _answer(request, DISK_FULL) if is_full_disk(sys.exc_info()[1]) else defaults.server_error(request)


def _answer(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Return a page for people, plain text for our scripts (requests.js), JSON for programs."""
    if request.headers.get("X-Requested-With") == "XMLHttpRequest":
        return HttpResponse(refusal.sentence, status=refusal.status, content_type="text/plain; charset=utf-8")
    if request.path.startswith("/api/") or not is_browser(request):
        return answer_errors([JsonError(refusal.code, "", refusal.sentence)], status=refusal.status)
    return render(None, "400.html", {"refusal": refusal, "is_form": request.method == "POST"}, status=refusal.status)


def _refusal_of(exception: Exception) -> Refusal:
    if isinstance(exception, RequestDataTooBig):
        limit = f"{settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024**2} MB"
        return Refusal(413, "body_too_large", f"This form accepts up to {limit} of text. Shorten it.")
    if isinstance(exception, TooManyFilesSent):
        most = settings.DATA_UPLOAD_MAX_NUMBER_FILES
        return Refusal(413, "too_many_files", f"Too many files at once. Choose at most {most}.")
    if isinstance(exception, TooManyFieldsSent):
        limit = f"{settings.DATA_UPLOAD_MAX_NUMBER_FIELDS:,}"
        return Refusal(413, "too_many_fields", f"This form accepts up to {limit} fields. Leave some out.")
    if isinstance(exception, MultiPartParserError):
        return Refusal(400, "body_unreadable", "Your request didn't arrive in full. Send it again.")
    if isinstance(exception, DisallowedHost):
        sentence = "Postiz Pins isn't available at this address. Use the one that you were given."
        return Refusal(400, "host_unknown", sentence)
    return UNREADABLE
