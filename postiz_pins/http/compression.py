"""HTML and JSON leave compressed."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

COMPRESSED = ("text/html", "application/json")


class TextCompression(GZipMiddleware):
    """Compress pages and JSON, and leave files alone: images gain nothing, and a range of a video would not fit.

    Django adds up to 100 random bytes to each answer and masks CSRF tokens anew for each, so that the length tells
    nothing about a secret in the page (BREACH).
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Compress the response if it is text of a compressible type."""
        if not response.headers.get("Content-Type", "").startswith(COMPRESSED):
            return response
        return super().process_response(request, response)
