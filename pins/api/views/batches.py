"""Many pins in one request, with a result for each."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.db import transaction
from django.utils import timezone
from ninja import Header
from pydantic import BaseModel, ConfigDict, Field

from accounts.api_keys.authentication import KeyRefused, require_scope
from accounts.models import Scope
from pins.rules.composition import Problem
from pins.rules.questions import ConfirmationNeeded

from ..application import REFUSALS, ApiRequest, WorkspaceKey, api
from ..errors import ApiValidationError, ErrorAnswer, ErrorsAnswer
from ..input_schemas import PinInput
from ..inputs import read
from ..schemas import PinAnswer
from .pins import AT_ONCE, answer_of, create_from, form_token_of, made_before_by, pins_of

MOST_PINS = 100


class BatchInput(BaseModel):
    """Pins to be created; each of them by itself, whatever becomes of the others."""

    model_config = ConfigDict(extra="forbid")

    pins: list[PinInput] = Field(min_length=1, max_length=MOST_PINS)
    dry_run: bool = Field(default=False, description="Only say what would become of each pin; nothing is created.")


class BatchResult(BaseModel):
    """What became of one pin of the batch."""

    index: int = Field(description="Its place in the request, from 0.", examples=[0])
    status: Literal["created", "repeated", "valid", "refused"] = Field(
        description="`repeated`: an earlier request with this Idempotency-Key created it. `valid`: a dry run found"
        " nothing wrong."
    )
    pin: PinAnswer | None = Field(default=None, description="The pin as it is now; null unless there is one.")
    errors: list[ErrorAnswer] = Field(default_factory=list, description="What is wrong with it.")


class BatchAnswer(BaseModel):
    """The results, in the order of the request."""

    results: list[BatchResult]


@api.post(
    "/pins/batch",
    response={200: BatchAnswer, 400: ErrorsAnswer, 413: ErrorsAnswer, **REFUSALS},
    auth=WorkspaceKey(Scope.PLAN),
    operation_id="createPins",
    summary="Create up to 100 pins",
)
def create_pins(
    request: ApiRequest,
    payload: BatchInput,
    idempotency_key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            description="Any text of up to 250 characters, a new one for each batch. Repeating a request with the same"
            " key creates only the pins that were refused before.",
        ),
    ] = None,
) -> Any:
    """Create each pin as `createPin` does, and return a result for each.

    The request succeeds even if pins are refused: look at each result.
    """
    now = timezone.now()
    results = [
        _result(request, index, sent, idempotency_key, now, is_dry_run=payload.dry_run)
        for index, sent in enumerate(payload.pins)
    ]
    return BatchAnswer(results=results)


def _result(
    request: ApiRequest, index: int, sent: PinInput, idempotency_key: str | None, now: datetime, *, is_dry_run: bool
) -> BatchResult:
    key = None if idempotency_key is None else f"{idempotency_key}:{index}"
    token = form_token_of(request.auth, key)
    made_before = made_before_by(request, token)
    if made_before is not None:
        return BatchResult(index=index, status="repeated", pin=answer_of(made_before, now))
    try:
        if sent.publish_at in AT_ONCE:
            require_scope(request.auth, Scope.PUBLISH)
        new = read(sent, request.auth.workspace, now, token)
        with transaction.atomic():
            created = create_from(request, new, token, "", now)
            if is_dry_run:
                transaction.set_rollback(True)
    except ApiValidationError as refused:
        return _refused(index, list(refused.problems))
    except ConfirmationNeeded as needed:
        return _refused(index, list(needed.questions))
    except KeyRefused as refused_key:
        return _refused(index, [Problem(refused_key.error.code, "publish_at", refused_key.error.message)])
    if is_dry_run:
        return BatchResult(index=index, status="valid")
    pin = created or made_before_by(request, token)
    answer = None if pin is None else answer_of(pins_of(request).get(pk=pin.pk), now)
    return BatchResult(index=index, status="created" if created else "repeated", pin=answer)


def _refused(index: int, problems: list[Problem]) -> BatchResult:
    return BatchResult(index=index, status="refused", errors=[ErrorAnswer.of(each) for each in problems])
