"""Pins are changed: content and time, and the steps that a person has buttons for."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Body, Header, Status
from pydantic.json_schema import SkipJsonSchema

from accounts.api_keys.authentication import require_scope
from accounts.models import Scope
from pins.composer import conflicts
from pins.composer import services as composer
from pins.composer.services import EditOutcome, Submission
from pins.models import UNSENT_STATUSES, Pin, PinStatus
from pins.queue.services import QueueFull
from pins.rules.composition import Composition, Problem, check
from pins.scheduling import services as scheduling
from pins.scheduling.moving import MoveError, move_pin
from pins.tags.services import set_tags
from postiz_pins.common.dates import format_moment

from ..application import REFUSALS, ApiRequest, WorkspaceKey, api
from ..errors import ApiValidationError, ErrorsAnswer
from ..input_schemas import QUEUE, ConfirmationInput, PinChangeInput
from ..inputs import read_changes, read_moment, read_tags
from ..schemas import PinAnswer
from .pins import AT_ONCE, answer_of, etag_of, pins_of

CHANGED: dict[Any, Any] = {404: ErrorsAnswer, 409: ErrorsAnswer, **REFUSALS}
TOO_LATE = Problem("too_late", "", scheduling.TOO_LATE)
# Whose time is changed without sending its video again; others are scheduled anew.
MOVED = (PinStatus.SCHEDULED, *UNSENT_STATUSES)


@api.patch(
    "/pins/{int:id}",
    response={200: PinAnswer, 400: ErrorsAnswer, 413: ErrorsAnswer, **CHANGED},
    auth=WorkspaceKey(Scope.PLAN),
    operation_id="updatePin",
    summary="Change a pin",
)
def update_pin(
    request: ApiRequest,
    response: HttpResponse,
    id: int,
    payload: PinChangeInput,
    if_match: Annotated[
        str | None,
        Header(
            alias="If-Match",
            description="The pin's `version` as you read it, such as `3`. If the pin has changed since, nothing is"
            " written, and the error `conflict` says who changed what.",
        ),
    ] = None,
) -> Any:
    """Change the fields that are sent; the others stay as they are.

    A draft stays a draft and a proposal a proposal until `publish_at` is sent. A scheduled pin stays scheduled; without
    the scope `publish` it needs approval again, unless only its time changes. With `"publish_at": null` the pin becomes
    a draft, and so does a failed one whose content changes. Tags alone can be changed at any time, even of a published
    pin, and leave its status and version as they are.
    """
    pin, now = get_object_or_404(pins_of(request), pk=id), timezone.now()
    version = _version(if_match, pin)
    if payload.publish_at in AT_ONCE:
        require_scope(request.auth, Scope.PUBLISH)
    sent = payload.model_fields_set - {"confirm"}
    moment = None if payload.publish_at in AT_ONCE else read_moment(payload.publish_at, now)
    if sent == {"tags"}:
        _set_tags(request, pin, payload, version, now)
    elif sent == {"publish_at"} and pin.status in MOVED and moment is not None:
        _move(request, pin, payload, moment, version, now)
    else:
        _edit(request, pin, payload, version, now)
    return _answer(request, response, id)


def _set_tags(request: ApiRequest, pin: Pin, payload: PinChangeInput, version: int, now: datetime) -> None:
    """Put other tags on the pin, whatever its status: they are the team's own, and no part of what is published."""
    if version != pin.version:
        raise _refusal(request, pin, _submission(request, pin, payload, now), EditOutcome.CONFLICT)
    with transaction.atomic():
        set_tags(pin, read_tags(payload) or [])


def _move(
    request: ApiRequest, pin: Pin, payload: PinChangeInput, publish_at: datetime, version: int, now: datetime
) -> None:
    try:
        move_pin(pin, publish_at, version=version, by=request.user, now=now, confirmed=payload.confirm)
    except MoveError as error:
        code = "conflict" if error.is_stale else "too_late"
        raise ApiValidationError([Problem(code, "", str(error))], status=409) from error


def _edit(request: ApiRequest, pin: Pin, payload: PinChangeInput, version: int, now: datetime) -> None:
    submission = _submission(request, pin, payload, now)
    problems = check(submission.composition, is_draft=submission.is_draft)
    if problems:
        raise ApiValidationError(problems)
    try:
        with transaction.atomic():
            result = composer.save(submission, pin, workspace=pin.workspace, version=version)
            if result.outcome is not EditOutcome.SAVED:
                raise _refusal(request, result.pin, submission, result.outcome)
    except QueueFull as full:
        raise ApiValidationError([Problem(full.code, "publish_at", str(full))]) from full


def _submission(request: ApiRequest, pin: Pin, payload: PinChangeInput, now: datetime) -> Submission:
    """Return what the request makes of the pin: its content, and whether and when it goes out."""
    publish_at = read_moment(payload.publish_at, now) if "publish_at" in payload.model_fields_set else pin.publish_at
    is_sent = "publish_at" in payload.model_fields_set
    goes_out = bool(payload.publish_at) if is_sent else pin.status in MOVED
    is_confirmed = request.auth.may_publish
    return Submission(
        composition=read_changes(payload, Composition.of(pin), pin.workspace, now),
        tags=read_tags(payload),
        publish_at=publish_at,
        goes_out_at=publish_at if goes_out and is_confirmed else None,
        to_queue=is_sent and payload.publish_at == QUEUE,
        is_proposal=(goes_out and not is_confirmed) or (pin.is_proposed and not is_sent),
        by=request.user,
        now=now,
        confirmed=payload.confirm,
        text=f"By the API key “{request.auth.name}”.",
    )


def _refusal(request: ApiRequest, pin: Pin, submission: Submission, outcome: EditOutcome) -> ApiValidationError:
    if outcome is EditOutcome.GONE:  # the transaction takes back the draft that people would get
        return ApiValidationError([Problem("not_found", "", "The pin has been deleted.")], status=404)
    if outcome is not EditOutcome.CONFLICT:
        return ApiValidationError([TOO_LATE], status=409)
    conflict = conflicts.conflict_of(
        pin, submission.composition, submission.publish_at, reader=request.user, workspace=pin.workspace
    )
    at = format_moment(conflict.at, pin.workspace.zone)
    fields = "; ".join(f"{each.label}: {each.current}" for each in conflict.differences)
    message = f"{conflict.summary} at {at}, so nothing was saved. Where yours differs, it has {fields}."
    return ApiValidationError([Problem("conflict", "", message)], status=409)


@api.delete(
    "/pins/{int:id}",
    response={204: None, **CHANGED},
    auth=WorkspaceKey(Scope.PLAN),
    operation_id="deletePin",
    summary="Delete an unpublished pin",
)
def delete_pin(request: ApiRequest, id: int) -> Any:
    """Delete a pin that Pinterest does not have."""
    pin = get_object_or_404(pins_of(request), pk=id)
    if pin.status == PinStatus.PUBLISHED:
        message = "The pin is published. Delete it on Pinterest, or in the app, where a person is asked first."
        raise ApiValidationError([Problem("pin_published", "", message)], status=409)
    if not composer.delete_pin(pin, by=request.user, now=timezone.now()):
        raise ApiValidationError([TOO_LATE], status=409)
    return Status(204, None)


@api.post(
    "/pins/{int:id}/cancel",
    response={200: PinAnswer, **CHANGED},
    auth=WorkspaceKey(Scope.PLAN),
    operation_id="cancelPin",
    summary="Make a scheduled or proposed pin a draft",
)
def cancel_pin(request: ApiRequest, response: HttpResponse, id: int) -> Any:
    """Unschedule a pin, or withdraw its proposal. A draft stays one."""
    pin = get_object_or_404(pins_of(request), pk=id)
    if pin.status != PinStatus.DRAFT and not scheduling.cancel(pin, by=request.user):
        raise ApiValidationError([TOO_LATE], status=409)
    return _answer(request, response, id)


@api.post(
    "/pins/{int:id}/retry",
    response={200: PinAnswer, 400: ErrorsAnswer, 413: ErrorsAnswer, **CHANGED},
    auth=WorkspaceKey(Scope.PUBLISH),
    operation_id="retryPin",
    summary="Send a failed pin again",
)
def retry_pin(
    request: ApiRequest,
    response: HttpResponse,
    id: int,
    # Without null in the document, which makes an optional body unreadable for openapi-python-client.
    payload: Annotated[ConfirmationInput | SkipJsonSchema[None], Body()] = None,
) -> Any:
    """Send a failed pin again at once, or one that is so late that it waits for this."""
    pin, now = get_object_or_404(pins_of(request), pk=id), timezone.now()
    send = scheduling.release_late if pin.is_late(now) else scheduling.retry
    if not send(pin, by=request.user, now=now, confirmed=payload.confirm if payload else []):
        message = "There is nothing to retry: the pin hasn't failed."
        raise ApiValidationError([Problem("nothing_to_retry", "", message)], status=409)
    return _answer(request, response, id)


def _version(if_match: str | None, pin: Pin) -> int:
    """Return the version that the request is about: the one of If-Match, else the present one."""
    if if_match is None or if_match.strip() == "*":
        return pin.version
    text = if_match.strip().removeprefix("W/").strip('"')
    if not (text.isascii() and text.isdigit()) or len(text) > 9:
        message = "If-Match must be the pin's version, such as 3, as the response with the pin has it."
        raise ApiValidationError([Problem("if_match_invalid", "If-Match", message)])
    return int(text)


def _answer(request: ApiRequest, response: HttpResponse, pk: int) -> PinAnswer:
    pin = pins_of(request).get(pk=pk)
    response["ETag"] = etag_of(pin)
    return answer_of(pin, timezone.now())
