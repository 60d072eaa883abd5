"""What allauth's pages answer beyond a limit."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """What allauth answers beyond a limit of requests. All of those that lead here are for one minute."""
    response = render(request, "429.html", status=429)
    response["Retry-After"] = "60"
    return response
