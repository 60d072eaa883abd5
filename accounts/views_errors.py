"""What a request is told that Django refuses before any view sees it."""

from __future__ import annotations

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

from .api_access import JsonError, answer_errors, is_browser


class Refusal(NamedTuple):
    status: int
    code: str
    sentence: str


UNREADABLE = Refusal(400, "request_unreadable", "The request cannot be read. Go back and try again.")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer with a sentence: a page for people, plain text for our scripts (requests.js), JSON for programs."""
    refusal = _refusal_of(exception)
    if request.headers.get("X-Requested-With") == "XMLHttpRequest":
        return HttpResponse(refusal.sentence, status=refusal.status, content_type="text/plain; charset=utf-8")
    if request.path.startswith("/api/") or not is_browser(request):
        return answer_errors([JsonError(refusal.code, "", refusal.sentence)], status=refusal.status)
    return render(None, "400.html", {"refusal": refusal, "is_form": request.method == "POST"}, status=refusal.status)


def _refusal_of(exception: Exception) -> Refusal:
    if isinstance(exception, RequestDataTooBig):
        limit = f"{settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024**2} MB"
        return Refusal(413, "body_too_large", f"This is too much text for one form: {limit} are possible. Shorten it.")
    if isinstance(exception, TooManyFilesSent):
        most = settings.DATA_UPLOAD_MAX_NUMBER_FILES
        return Refusal(413, "too_many_files", f"These are too many files at once. Choose at most {most}.")
    if isinstance(exception, TooManyFieldsSent):
        limit = f"{settings.DATA_UPLOAD_MAX_NUMBER_FIELDS:,}"
        return Refusal(413, "too_many_fields", f"This form has too many fields: {limit} are possible. Leave some out.")
    if isinstance(exception, MultiPartParserError):
        return Refusal(400, "body_unreadable", "What you sent did not arrive in one piece. Send it again.")
    if isinstance(exception, DisallowedHost):
        sentence = "Postiz Pins does not answer under this address. Use the one that you were given."
        return Refusal(400, "host_unknown", sentence)
    return UNREADABLE
