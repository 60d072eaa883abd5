"""Pins: created and read."""

from __future__ import annotations

import hashlib
import uuid
from datetime import datetime
from typing import Annotated, Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Header, Status

from accounts.api_keys.authentication import require_scope
from accounts.models import ApiKey, Scope
from pins.composer import services as composer
from pins.composer.services import EditOutcome, Submission
from pins.models import Pin, PinQuerySet
from pins.queue.services import QueueFull
from pins.rules.composition import Problem
from pins.scheduling.past_times import is_just_past
from pins.spacing.services import findings_of

from ..application import REFUSALS, ApiRequest, WorkspaceKey, api
from ..errors import ApiValidationError, ErrorAnswer, ErrorsAnswer
from ..input_schemas import NOW, QUEUE, PinInput
from ..inputs import NewPin, read
from ..schemas import PinAnswer

IDEMPOTENCY_NAMESPACE = uuid.UUID("5b1d1e52-6f5c-4d0e-9d8e-0f8f5f1c7a11")
IDEMPOTENCY_KEY_LENGTH = 255

# Without the scope “publish” a time is proposed; these are no times that a person could confirm.
AT_ONCE = (NOW, QUEUE)
JUST_PAST = ErrorAnswer(
    code="publish_at_now",
    field="publish_at",
    message="“publish_at” was less than 15 minutes ago, so the pin is published now. Earlier times are refused.",
)


@api.post(
    "/pins",
    response={201: PinAnswer, 200: PinAnswer, 400: ErrorsAnswer, 409: ErrorsAnswer, 413: ErrorsAnswer, **REFUSALS},
    auth=WorkspaceKey(Scope.PLAN),
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
    """Create a pin: a draft, or with `publish_at` one that is published at that time.

    If the workspace requires approval for the pins of the key's creator, or the key doesn't have the scope `publish`,
    the pin is proposed for that time, and published once a person has approved it.
    """
    token = form_token_of(request.auth, idempotency_key)
    # pydantic would warn about attachments with texts, since it writes unions by their first kind.
    # What is confirmed is no content: the request that asked has made no pin.
    unsaid = {"confirm"} if payload.boards else {"confirm", "boards", "days_between", "same_time"}
    if not payload.tags:  # a request of before there were tags is repeated as the same
        unsaid.add("tags")
    content = payload.model_dump_json(warnings=False, exclude=unsaid)
    request_sha256 = hashlib.sha256(content.encode()).hexdigest()
    made_before = made_before_by(request, token)
    if made_before is None:  # only now: a repeat must not be refused because a board has gone since
        now = timezone.now()
        if payload.publish_at in AT_ONCE:
            require_scope(request.auth, Scope.PUBLISH)
        new = read(payload, request.auth.workspace, now, token)
        pin = create_from(request, new, token, request_sha256, now)
        if pin is not None:
            answer = answer_of(pins_of(request).get(pk=pin.pk), now)
            if is_just_past(new.publish_at, now):
                answer.warnings.append(JUST_PAST)
            return Status(201, answer)
        made_before = made_before_by(request, token)
    if made_before is None or made_before.request_sha256 != request_sha256:
        message = "This Idempotency-Key was used for a pin with different content. Use a new key for a new pin."
        raise ApiValidationError([Problem("idempotency_key_reused", "Idempotency-Key", message)], status=409)
    return Status(200, answer_of(made_before, timezone.now()))


@api.get(
    "/pins/{int:id}",
    response={200: PinAnswer, 404: ErrorsAnswer, **REFUSALS},
    operation_id="getPin",
    summary="Follow a pin",
)
def get_pin(request: ApiRequest, response: HttpResponse, id: int) -> Any:
    """Return a pin with its status, and what went wrong."""
    pin = get_object_or_404(pins_of(request), pk=id)
    response["ETag"] = etag_of(pin)
    return answer_of(pin, timezone.now())


def etag_of(pin: Pin) -> str:
    """Return what If-Match takes back when the pin is changed: its version."""
    return f'"{pin.version}"'


def answer_of(pin: Pin, now: datetime) -> PinAnswer:
    """Return the pin's JSON, with what the spacing guard says of it."""
    answer = PinAnswer.of(pin)
    answer.warnings += [
        ErrorAnswer(code=each.code, field=each.field, message=each.message) for each in findings_of(pin, now)
    ]
    return answer


def pins_of(request: ApiRequest) -> PinQuerySet:
    """Return the pins that the key may see, with all that an answer says."""
    return Pin.objects.in_workspace(request.auth.workspace).with_content().prefetch_related("tags")


def made_before_by(request: ApiRequest, token: uuid.UUID | None) -> Pin | None:
    """Return the pin that an earlier request with this token has created."""
    return pins_of(request).filter(form_token=token).first() if token else None


def create_from(
    request: ApiRequest, new: NewPin, token: uuid.UUID | None, request_sha256: str, now: datetime
) -> Pin | None:
    """Return the new pin, scheduled or proposed if it has a time.

    None: the same request has created it at this very moment elsewhere.
    """
    is_proposal = new.publish_at is not None and not request.auth.may_publish
    submission = Submission(
        composition=new.composition,
        tags=new.tags,
        publish_at=new.publish_at,
        goes_out_at=None if is_proposal else new.publish_at,
        is_proposal=is_proposal,
        to_queue=new.to_queue,
        by=request.user,
        now=now,
        confirmed=new.confirmed,
        series=new.series,
        text=f"By the API key “{request.auth.name}”.",
    )
    try:
        result = composer.create(
            submission, workspace=request.auth.workspace, form_token=token, request_sha256=request_sha256
        )
    except QueueFull as full:
        raise ApiValidationError([Problem(full.code, "publish_at", str(full))]) from full
    return None if result.outcome is EditOutcome.REPEATED else result.pin


def form_token_of(api_key: ApiKey, idempotency_key: str | None) -> uuid.UUID | None:
    """Return what makes the request's pin once (Pin.form_token); each key has its own, so two may count from 1."""
    if idempotency_key is None:
        return None
    if not 0 < len(idempotency_key) <= IDEMPOTENCY_KEY_LENGTH:
        message = f"Idempotency-Key has {len(idempotency_key)} characters; use 1 to {IDEMPOTENCY_KEY_LENGTH}."
        raise ApiValidationError([Problem("idempotency_key_invalid", "Idempotency-Key", message)])
    return uuid.uuid5(IDEMPOTENCY_NAMESPACE, f"{api_key.pk}:{idempotency_key}")
