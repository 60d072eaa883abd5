"""Refusals of the JSON API: one shape for all of them, with a stable code, the field and a sentence."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from pydantic import BaseModel, Field

from accounts.api_keys.authentication import KEY_INVALID, JsonError, KeyRefused, answer_errors
from pins.rules.composition import Problem
from pins.rules.questions import ConfirmationNeeded

logger = logging.getLogger("django.request")


NOT_FOUND = Problem("not_found", "", "Not found, or your key has no access to it.")


class ErrorAnswer(BaseModel):
    """One thing that is wrong with a request."""

    code: str = Field(description="Stable; meant for programs.", examples=["title_too_long"])
    field: str = Field(description="The field that the error is about, or empty.", examples=["title"])
    message: str = Field(
        description="What is wrong and how to fix it, for people.",
        examples=["The title has 112 characters; Pinterest allows 100. Shorten it by 12."],
    )

    @classmethod
    def of(cls, problem: Problem) -> ErrorAnswer:
        """Return the JSON of a problem."""
        return cls(code=problem.code, field=problem.field, message=problem.message)


class ErrorsAnswer(BaseModel):
    """Everything that is wrong with a request."""

    errors: list[ErrorAnswer] = Field(min_length=1)


class ApiValidationError(Exception):
    """The request is not granted; nothing was changed."""

    def __init__(self, problems: Sequence[Problem], *, status: int = 422) -> None:
        super().__init__(*(problem.code for problem in problems))
        self.problems = problems
        self.status = status


def answer_refused(problems: Sequence[Problem], *, status: int) -> JsonResponse:
    """Return the problems as a JSON response."""
    return answer_errors([JsonError(each.code, each.field, each.message) for each in problems], status=status)


def questions_of(error: ConfirmationNeeded) -> list[Problem]:
    """Return the questions that people are asked, each with the way to confirm it."""
    codes = ", ".join(f'"{question.code}"' for question in error.questions)
    way = f' Nothing was saved. To confirm, repeat the request with "confirm": [{codes}].'
    return [replace(each, message=each.message + way) for each in error.questions]


def _ask(request: HttpRequest, error: Any) -> JsonResponse:
    return answer_refused(questions_of(error), status=422)


def answer_not_found(request: HttpRequest, *args: Any, **kwargs: Any) -> JsonResponse:
    """Return a 404 in JSON."""
    message = f"{NOT_FOUND.message} /api/openapi.json lists all endpoints."
    return answer_refused([Problem(NOT_FOUND.code, "", message)], status=404)


def answer_not_allowed(request: HttpRequest, response: HttpResponse) -> JsonResponse:
    """Return a 405 in JSON with the methods that the address allows."""
    allowed = response["Allow"]
    message = f"{request.method} is not allowed here, only {allowed}. /api/openapi.json lists all endpoints."
    answer = answer_refused([Problem("method_not_allowed", "", message)], status=405)
    answer["Allow"] = allowed
    return answer


def problems_of(error: Exception) -> list[Problem]:
    """Return what an operation has refused by this exception, for callers that are no HTTP requests.

    Raises the exception itself if it is no refusal.
    """
    match error:
        case ApiValidationError():
            return list(error.problems)
        case ConfirmationNeeded():
            return questions_of(error)
        case KeyRefused():
            return [Problem(error.error.code, error.error.field, error.error.message)]
        case PermissionDenied():
            return [Problem("not_permitted", "", str(error))]
        case Http404():
            return [NOT_FOUND]
    raise error


# ninja calls all of these with the exception; its own types would let it be the class, too.
def _unauthorized(request: HttpRequest, error: Any) -> JsonResponse:
    return KeyRefused(KEY_INVALID, 401).answer()


def _key_refused(request: HttpRequest, error: Any) -> JsonResponse:
    answer: JsonResponse = error.answer()
    return answer


def _unreadable(request: HttpRequest, error: Any) -> JsonResponse:
    """Return the refusal of a body that ninja and Django cannot read; ninja's own sentence names no way out."""
    message = "The request body can't be read. Send one JSON object in UTF-8, or a file as multipart/form-data."
    return answer_refused([Problem("body_unreadable", "", message)], status=400)


def _too_big(request: HttpRequest, error: Any) -> JsonResponse:
    message = "The request body is too large. Upload files with POST /api/media first, and send only their IDs."
    return answer_refused([Problem("body_too_large", "", message)], status=413)


def _invalid(request: HttpRequest, error: Any) -> JsonResponse:
    return answer_refused([problem_of(each) for each in error.errors], status=422)


def _not_permitted(request: HttpRequest, error: Any) -> JsonResponse:
    return answer_refused([Problem("not_permitted", "", str(error))], status=403)


def _broken(request: HttpRequest, error: Any) -> JsonResponse:
    logger.error("Internal error: %s %s", request.method, request.path, exc_info=error)
    message = "The server had an internal error. Try again later. The details are in the server's log."
    return answer_refused([Problem("internal_error", "", message)], status=500)


# What pydantic calls the things that JSON can hold.
SHOULD_BE = {
    "string_type": "a string or null",
    "string_unicode": "valid UTF-8; it contains half of a character",
    "int_type": "a whole number, without quotes",
    "literal_error": "one of the codes that can be confirmed",
    "list_type": "a list",
    "model_type": "an object",
    "model_attributes_type": "an object",
    "dict_type": "an object",
}


def problem_of(error: dict[str, Any]) -> Problem:
    """Return what pydantic has found, in the words of the API.

    `loc` leads from the part of the request to the value.
    """
    source, *path = error["loc"]
    # The parameter's name, and which kind of attachment was meant, are nothing that the client has written.
    names = [part for part in path if part not in ("payload", "id_only", "with_texts")]
    field = str(names[0]) if names else ""
    if error["type"] == "extra_forbidden":
        return Problem("unknown_field", field, f"Unknown field {_written(names)}. /api/openapi.json lists all fields.")
    if source == "body" and not names:
        return Problem("body_unreadable", "", "The request body must be one JSON object.")
    if error["type"] == "missing":
        return Problem("field_required", field, f"{_written(names)} is missing.")
    if error["type"] == "too_long":
        message = f"{_written(names)} has {error['ctx']['actual_length']} entries. A pin can have up to five."
        return Problem("too_many_attachments", field, message)
    if error["type"] == "literal_error" and field != "confirm":
        return Problem("wrong_type", field, f"{_written(names)} must be {error['ctx']['expected']}.")
    if error["type"] in SHOULD_BE:
        return Problem("wrong_type", field, f"{_written(names)} must be {SHOULD_BE[error['type']]}.")
    return Problem("invalid", field, f"{_written(names)}: {error['msg']}.")


def _written(names: Sequence[str | int]) -> str:
    """Return a path as clients write it, such as “attachments[0].title”."""
    text = "".join(f"[{name}]" if isinstance(name, int) else f".{name}" for name in names)
    return f"“{text.removeprefix('.')}”"


def add_handlers(api: NinjaAPI) -> None:
    """Answer all errors of the API in the same form."""

    def refused(request: HttpRequest, error: Any) -> JsonResponse:
        return answer_refused(error.problems, status=error.status)

    # ninja looks an exception up by its class and then by the classes it derives from.
    api.add_exception_handler(ApiValidationError, refused)
    api.add_exception_handler(ConfirmationNeeded, _ask)
    api.add_exception_handler(AuthenticationError, _unauthorized)
    api.add_exception_handler(KeyRefused, _key_refused)
    api.add_exception_handler(ValidationError, _invalid)
    api.add_exception_handler(Http404, answer_not_found)
    api.add_exception_handler(PermissionDenied, _not_permitted)
    api.add_exception_handler(RequestDataTooBig, _too_big)
    # Raised for a body that is no JSON; for broken multipart; for too many parts; for a client that went away.
    for kind in (HttpError, MultiPartParserError, SuspiciousOperation, UnreadablePostError):
        api.add_exception_handler(kind, _unreadable)
    api.add_exception_handler(Exception, _broken)
