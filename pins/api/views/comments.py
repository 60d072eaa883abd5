"""What the members of a workspace, and its programs, tell each other about a pin."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Status

from accounts.models import Scope
from pins.api.application import REFUSALS, ApiRequest, WorkspaceKey, api
from pins.api.errors import ApiValidationError, ErrorsAnswer
from pins.api.input_schemas import CommentInput
from pins.api.schemas import CommentAnswer
from pins.comments import services as comments
from pins.comments.forms import CommentForm
from pins.rules.composition import Problem

from .pins import pins_of

CODES = {"required": "comment_empty", "max_length": "comment_too_long"}


@api.get(
    "/pins/{int:id}/comments",
    response={200: list[CommentAnswer], 404: ErrorsAnswer, **REFUSALS},
    operation_id="listComments",
    summary="List the comments on a pin",
)
def list_comments(request: ApiRequest, id: int) -> Any:
    """Return the newest 100 comments on a pin, oldest first."""
    newest = comments.newest_comments(get_object_or_404(pins_of(request), pk=id))
    return [CommentAnswer.of(comment) for comment in newest[-comments.COMMENTS_SHOWN :]]


@api.post(
    "/pins/{int:id}/comments",
    response={201: CommentAnswer, 400: ErrorsAnswer, 404: ErrorsAnswer, 413: ErrorsAnswer, **REFUSALS},
    auth=WorkspaceKey(Scope.PLAN),
    operation_id="createComment",
    summary="Comment on a pin",
)
def create_comment(request: ApiRequest, id: int, payload: CommentInput) -> Any:
    """Add a comment in the name of the person who created the key.

    Those whom it mentions (`@alice`) and those who have to do with the pin are notified.
    """
    pin = get_object_or_404(pins_of(request), pk=id)
    form = CommentForm({"text": payload.text})
    if not form.is_valid():
        found = form.errors.as_data()["text"]
        sentences = zip(found, form.errors["text"], strict=True)
        raise ApiValidationError(
            [Problem(CODES.get(each.code or "", "comment_invalid"), "text", str(text)) for each, text in sentences]
        )
    comment = comments.add_comment(pin, form.cleaned_data["text"], by=request.user, now=timezone.now())
    return Status(201, CommentAnswer.of(comment))
