"""The refusals of Pinterest: a status and `{"code", "message"}`; the upload target's are XML, as S3's."""

import secrets
from collections.abc import Mapping
from types import MappingProxyType
from xml.sax.saxutils import escape

from django.http import HttpResponse, JsonResponse


class ApiError(Exception):
    """A refusal in the form of Pinterest's API."""

    def __init__(self, status: int, code: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})

    def response(self) -> HttpResponse:
        """Return the refusal as JSON."""
        body = {"code": self.code, "message": self.message}
        return JsonResponse(body, status=self.status, headers=self.headers)


class StorageError(Exception):
    """A refusal by the upload target; `code` is a word like MissingContentLength."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message

    def response(self) -> HttpResponse:
        """Return the refusal as S3's XML."""
        return HttpResponse(
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f"<Error><Code>{escape(self.code)}</Code><Message>{escape(self.message)}</Message>"
            f"<RequestId>{secrets.token_hex(8).upper()}</RequestId></Error>",
            status=self.status,
            content_type="application/xml",
        )


class ProxyAnswer(HttpResponse):
    """What something in between says in Pinterest's place: a page, nothing, or JSON of a shape of its own."""

    BODIES = MappingProxyType(
        {
            "html": (
                "text/html",
                "<!doctype html><title>Blocked</title><h1>Access denied by the security gateway</h1>",
            ),
            "empty": ("text/plain", ""),
            "json": ("application/json", '{"error": {"code": "blocked", "message": "Denied by policy"}}'),
        }
    )

    def __init__(self, status: int, body: str, headers: Mapping[str, str]) -> None:
        content_type, content = self.BODIES[body]
        super().__init__(content, status=status, content_type=content_type, headers=dict(headers))


def invalid(message: str) -> ApiError:
    """Return the refusal of a request that breaks a rule."""
    return ApiError(400, 1, message)


def invalid_grant() -> ApiError:
    """Return the refusal of a code that is unknown, used, expired, or meant for another redirect_uri."""
    return ApiError(401, 283, "The authorization grant is invalid.")


def unauthenticated() -> ApiError:
    """Return the refusal of a token or secret."""
    return ApiError(401, 2, "Authentication failed.")


def not_permitted(missing: str) -> ApiError:
    """Return the refusal of a token without a scope."""
    return ApiError(403, 29, f"Authorization failed. You are not permitted to access that resource. Missing: {missing}")


def unreachable_url(url: str) -> ApiError:
    """Return the refusal of an image that cannot be fetched."""
    return invalid(f"Unable to reach the URL. Please check that {url[:200]} is public and try again.")


def board_not_found() -> ApiError:
    """Return the refusal for a board that the caller cannot see."""
    return ApiError(404, 40, "Board not found.")


def pin_not_found() -> ApiError:
    """Return the refusal for a pin that the caller cannot see."""
    return ApiError(404, 50, "Pin not found.")
