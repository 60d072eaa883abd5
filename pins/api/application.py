"""The JSON API for programs, with the keys of accounts/api_keys/services.py; the same functions as behind the composer.

A session counts for nothing here, so nothing needs a CSRF token; and no page of this app sends requests here.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from ninja.security import HttpBearer

from accounts.api_keys.authentication import authenticate
from accounts.models import ApiKey, Scope, User

from .errors import ErrorsAnswer, add_handlers
from .openapi import DocumentedApi


class ApiRequest(HttpRequest):
    """A request with a key that works; its user is the person who made the key, and for whom it acts."""

    auth: ApiKey
    user: User


class WorkspaceKey(HttpBearer):
    """A key of a workspace, made on the page “API keys”."""

    def __init__(self, scope: Scope) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> ApiKey:
        """Return the row of the key.

        Raises KeyRefused.
        """
        return authenticate(request, token, self.scope)


api = DocumentedApi(
    title="Postiz Pins",
    version="1.0",
    description="Upload media, create pins and follow their status. All errors have the same format: a list of"
    " errors, each with a stable code, the field and a message.",
    auth=WorkspaceKey(Scope.READ),
    urls_namespace="api",
    # The page would need inline scripts, which our policy forbids; every API tool reads openapi.json.
    docs_url=None,
    servers=[{"url": settings.PUBLIC_URL}],
)
add_handlers(api)

REFUSALS: dict[Any, Any] = dict.fromkeys((401, 403, 422, 429), ErrorsAnswer)
