"""The JSON API for programs, with the keys of accounts/api_keys/services.py; the same functions as behind the composer.

A session counts for nothing here, so nothing needs a CSRF token; and no page of this app sends requests here."""

from __future__ import annotations

import functools
import hashlib
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, cast

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, re_path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from ninja import File, Header, Path, Query, Status
from ninja import UploadedFile as DocumentedFile
from ninja.security import HttpBearer

from accounts.api_keys.authentication import authenticate
from accounts.connections import section_sync
from accounts.connections.board_sync import accounts_named
from accounts.middleware import WorkspaceRequest
from accounts.models import ApiKey, Board, User
from pins.composer import services as composer
from pins.composer.services import EditOutcome, Submission
from pins.media.views import TOO_MANY_UPLOADS, receive_uploads
from pins.models import MediaFile, Pin, PinQuerySet
from pins.rules.composition import Problem
from pins.scheduling.past_times import is_just_past

from .errors import ApiValidationError, ErrorAnswer, ErrorsAnswer, add_handlers, answer_not_allowed, answer_not_found
from .inputs import NewPin, PinInput, account_unknown, board_named, read
from .openapi import DocumentedApi
from .schemas import BoardAnswer, MediaAnswer, PinAnswer, SectionAnswer

IDEMPOTENCY_NAMESPACE = uuid.UUID("5b1d1e52-6f5c-4d0e-9d8e-0f8f5f1c7a11")
IDEMPOTENCY_KEY_LENGTH = 255


JUST_PAST = ErrorAnswer(
    code="publish_at_now",
    field="publish_at",
    message="“publish_at” was less than 15 minutes ago, so the pin is published now. Earlier times are refused.",
)


class ApiRequest(HttpRequest):
    """A request with a key that works; its user is the person who made the key, and for whom it acts."""

    auth: ApiKey
    user: User


class WorkspaceKey(HttpBearer):
    """A key of a workspace, made on the page “API keys”."""

    def authenticate(self, request: HttpRequest, token: str) -> ApiKey:
        return authenticate(request, token)


api = DocumentedApi(
    title="Postiz Pins",
    version="1.0",
    description="Upload media, create pins and follow their status. All errors have the same format: a list of"
    " errors, each with a stable code, the field and a message.",
    auth=WorkspaceKey(),
    urls_namespace="api",
    # The page would need inline scripts, which our policy forbids; every API tool reads openapi.json.
    docs_url=None,
    servers=[{"url": settings.PUBLIC_URL}],
)
add_handlers(api)

REFUSALS: dict[Any, Any] = dict.fromkeys((401, 403, 422, 429), ErrorsAnswer)
# What is missing, or one too many, gets a sentence from us; for readers of openapi.json the file is required.
NO_FILE = cast(DocumentedFile, None)
ONE_FILE = {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": {"required": ["file"]}}}}}


@api.get("/boards", response={200: list[BoardAnswer], **REFUSALS}, operation_id="listBoards", summary="List the boards")
def list_boards(request: ApiRequest, account: Annotated[str, Query(description="Username of an account.")] = "") -> Any:
    """The boards that a pin can go to, of all connected accounts or of one."""
    offered = Board.objects.in_workspace(request.auth.workspace).offered()
    boards = offered.with_section_count().select_related("account")
    if account:
        accounts = accounts_named(request.auth.workspace, account)
        if not accounts:
            raise ApiValidationError([account_unknown(account)])
        boards = boards.filter(account__in=accounts)
    return [BoardAnswer.of(board) for board in boards]


@api.get(
    "/boards/{board}/sections",
    response={200: list[SectionAnswer], **REFUSALS},
    operation_id="listSections",
    summary="List the sections of a board",
)
def list_sections(
    request: ApiRequest,
    board: Annotated[str, Path(description="Pinterest's ID of the board.")],
    account: Annotated[str, Query(description="Username of an account, if several share the board.")] = "",
) -> Any:
    """The sections of a board, fetched from Pinterest when they were not for a day."""
    problems: list[Problem] = []
    found = board_named(board, account, request.auth.workspace, problems)
    if found is not None and section_sync.is_stale(found, timezone.now()):
        outcome = section_sync.sync_sections(found)
        if outcome.changes.error is not None:
            problems.append(Problem("sections_unreadable", "board", str(outcome)))
    if found is None or problems:
        raise ApiValidationError(problems)
    return [SectionAnswer(id=section.pinterest_id, name=section.name) for section in found.sections.offered()]


@api.post(
    "/media",
    response={201: MediaAnswer, 400: ErrorsAnswer, **REFUSALS},
    operation_id="uploadMedia",
    summary="Upload an image or a video",
    openapi_extra=ONE_FILE,
)
def upload_media(request: ApiRequest, file: Annotated[DocumentedFile, File()] = NO_FILE) -> Any:
    """Stores a picture or a video in the library. Of a file that is there already, the id is answered."""
    # Read from the request: `file` would be the last of several, and a file over the limit never gets that far.
    stored: list[MediaFile] = []
    if len(request.FILES.getlist("file")) < 2:
        stored, refusals = receive_uploads(cast(WorkspaceRequest, request), "file", request.auth.workspace)
        if refusals:
            status = 429 if TOO_MANY_UPLOADS in refusals else 422
            raise ApiValidationError(
                [Problem(refusal.code, "file", refusal.message) for refusal in refusals], status=status
            )
    if not stored:
        message = "Send exactly one file, as the “file” part of multipart/form-data, with a filename or a content type."
        raise ApiValidationError([Problem("one_file", "file", message)])
    return Status(201, MediaAnswer.of(stored[0]))


@api.post(
    "/pins",
    response={201: PinAnswer, 200: PinAnswer, 400: ErrorsAnswer, 409: ErrorsAnswer, 413: ErrorsAnswer, **REFUSALS},
    operation_id="createPin",
    summary="Create a pin",
)
def create_pin(
    request: ApiRequest,
    payload: PinInput,
    idempotency_key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            description="Any text of up to 255 characters, a new one for each pin. Repeating a request with the same"
            " key and content creates no second pin. It returns the first one's current state, with 200.",
        ),
    ] = None,
) -> Any:
    """Creates a pin: a draft, or with `publish_at` one that goes out at that moment; if the workspace wants pins of the
    key's maker to be approved, one that is proposed for it."""
    token = _form_token(request.auth, idempotency_key)
    # pydantic would warn about attachments with texts, since it writes unions by their first kind.
    # What is confirmed is no content: the request that asked has made no pin.
    content = payload.model_dump_json(warnings=False, exclude={"confirm"})
    request_sha256 = hashlib.sha256(content.encode()).hexdigest()
    made_before = _made_before(request, token)
    if made_before is None:  # only now: a repeat must not be refused because a board has gone since
        now = timezone.now()
        new = read(payload, request.auth.workspace, now)
        pin = _create(request, new, token, request_sha256, now)
        if pin is not None:
            answer = PinAnswer.of(_pins_of(request).get(pk=pin.pk))
            if is_just_past(new.publish_at, now):
                answer.warnings.append(JUST_PAST)
            return Status(201, answer)
        made_before = _made_before(request, token)
    if made_before is None or made_before.request_sha256 != request_sha256:
        message = "This Idempotency-Key was used for a pin with different content. Use a new key for a new pin."
        raise ApiValidationError([Problem("idempotency_key_reused", "Idempotency-Key", message)], status=409)
    return Status(200, PinAnswer.of(made_before))


@api.get(
    "/pins/{int:id}",
    response={200: PinAnswer, 404: ErrorsAnswer, **REFUSALS},
    operation_id="getPin",
    summary="Follow a pin",
)
def get_pin(request: ApiRequest, id: int) -> Any:
    """Where the pin is on its way, and what went wrong."""
    return PinAnswer.of(get_object_or_404(_pins_of(request), pk=id))


def _pins_of(request: ApiRequest) -> PinQuerySet:
    return Pin.objects.in_workspace(request.auth.workspace).with_content()


def _made_before(request: ApiRequest, token: uuid.UUID | None) -> Pin | None:
    return _pins_of(request).filter(form_token=token).first() if token else None


def _create(
    request: ApiRequest, new: NewPin, token: uuid.UUID | None, request_sha256: str, now: datetime
) -> Pin | None:
    """The new pin, on its way if it has a moment, or proposed for it. None: at this very moment, the same request made
    it elsewhere."""
    submission = Submission(
        composition=new.composition,
        publish_at=new.publish_at,
        goes_out_at=new.publish_at,
        by=request.user,
        now=now,
        confirmed=new.confirmed,
        text=f"By the API key “{request.auth.name}”.",
    )
    result = composer.create(
        submission, workspace=request.auth.workspace, form_token=token, request_sha256=request_sha256
    )
    return None if result.outcome is EditOutcome.REPEATED else result.pin


def _form_token(api_key: ApiKey, idempotency_key: str | None) -> uuid.UUID | None:
    """What makes the request's pin once (Pin.form_token). Each key has its own: two programs may count from 1."""
    if idempotency_key is None:
        return None
    if not 0 < len(idempotency_key) <= IDEMPOTENCY_KEY_LENGTH:
        message = f"Idempotency-Key has {len(idempotency_key)} characters; use 1 to {IDEMPOTENCY_KEY_LENGTH}."
        raise ApiValidationError([Problem("idempotency_key_invalid", "Idempotency-Key", message)])
    return uuid.uuid5(IDEMPOTENCY_NAMESPACE, f"{api_key.pk}:{idempotency_key}")


def _for_programs(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """ninja's view, closed by keys instead of a login and a token against forged requests, and with JSON in the two
    cases that ninja leaves to Django."""

    @csrf_exempt
    @login_not_required
    @functools.wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response = view(request, *args, **kwargs)
        except Http404:  # /api/ itself, which ninja needs only for its name
            return answer_not_found(request)
        return answer_not_allowed(request, response) if response.status_code == 405 else response

    return answer


def _patterns() -> list[URLPattern]:
    patterns: list[URLPattern] = [*cast(list[URLPattern], api.urls[0]), re_path("", answer_not_found, name="not_found")]
    for pattern in patterns:
        pattern.callback = _for_programs(pattern.callback)
    return patterns


app_name = "api"
urlpatterns = _patterns()
