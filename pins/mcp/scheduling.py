"""Scheduling in two steps: a preview, and the same again with the token that it has given.

So a model cannot schedule what nothing has shown before: the token stands for these arguments, these versions of the
pins and these times, works once, and for half an hour.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.core import signing
from django.core.cache import cache
from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

from accounts.api_keys.authentication import scope_missing
from accounts.models import Scope
from pins.api.application import ApiRequest
from pins.api.errors import ApiValidationError, ErrorAnswer, problems_of
from pins.api.input_schemas import NOW, QUEUE, ConfirmableCode, PinInput, Text
from pins.api.inputs import BIGGEST_ID
from pins.api.views import editing, pins
from pins.models import PinStatus
from pins.rules.composition import Problem

from .registry import Arguments, tool

MOST_PINS = 50
LIFETIME = timedelta(minutes=30)
SALT = "pins.mcp.schedule"


class TimedPin(BaseModel):
    """A pin, and when it goes out."""

    model_config = ConfigDict(extra="forbid")

    id: int = Field(ge=1, le=BIGGEST_ID)
    publish_at: Text = Field(
        min_length=1,
        description="“now”, “queue” for the next free publishing time of its account, or an ISO 8601 time with its UTC"
        " offset.",
        examples=["2027-03-28T09:30:00+02:00", NOW, QUEUE],
    )
    confirm: list[ConfirmableCode] = Field([], description="Codes of refused questions that the person has confirmed.")


class PreviewSchedule(Arguments):
    """Pins that would be scheduled."""

    pins: list[TimedPin] = Field(min_length=1, max_length=MOST_PINS, description="Each pin once.")

    @field_validator("pins")
    @classmethod
    def _each_once(cls, pins: list[TimedPin]) -> list[TimedPin]:
        if len({each.id for each in pins}) < len(pins):
            raise PydanticCustomError("pin_repeated", "each pin can be named once")
        return pins


class Schedule(PreviewSchedule):
    """The same pins and times again."""

    token: Text = Field(description="The `token` of preview_schedule for the same `pins`.")


class TimedPinAnswer(BaseModel):
    """What becomes of a pin."""

    id: int
    title: str
    status: PinStatus
    publish_at: AwareDatetime | None
    warnings: list[ErrorAnswer]
    url: str = Field(description="Where a person looks at it.")


class Refusal(ErrorAnswer):
    """Why a pin can't be scheduled like this."""

    id: int = Field(description="The pin.")


class ScheduleAnswer(BaseModel):
    """What has become of the pins."""

    pins: list[TimedPinAnswer]


class PreviewAnswer(ScheduleAnswer):
    """What would become of the pins; nothing was changed."""

    errors: list[Refusal] = Field(description="What stands in the way.")
    token: str | None = Field(description="Send it to schedule with the same `pins`; null if that would be refused.")
    expires_at: AwareDatetime | None = Field(description="Until then the token works, once.")


@tool(Scope.PLAN, "Preview a schedule", is_read_only=True)
def preview_schedule(request: ApiRequest, arguments: PreviewSchedule) -> PreviewAnswer:
    """Say what scheduling these pins would do, with all warnings, and change nothing.

    Show the result to a person. If they agree, call schedule with the same `pins` and the `token`.
    """
    now = timezone.now()
    versions = _versions(request, arguments)
    with transaction.atomic():
        answers, refusals = _send_out(request, arguments, versions, now)
        transaction.set_rollback(True)
    if not request.auth.may_publish:
        missing = scope_missing(Scope.PUBLISH)
        refusals += [Refusal(id=each.id, **missing._asdict()) for each in arguments.pins]
    token = None if refusals else _token(request, arguments, versions, answers)
    return PreviewAnswer(pins=answers, errors=refusals, token=token, expires_at=now + LIFETIME if token else None)


@tool(Scope.PUBLISH, "Schedule pins", is_read_only=False, is_idempotent=False, is_open_world=True)
def schedule(request: ApiRequest, arguments: Schedule) -> ScheduleAnswer:
    """Schedule or publish the pins as previewed: all of them, or none. Call it only after a person has agreed.

    It takes the token of preview_schedule for the same `pins`, which works once, within 30 minutes.
    """
    now = timezone.now()
    previewed = _opened(request, arguments)
    with transaction.atomic():
        answers, refusals = _send_out(request, arguments, previewed["versions"], now)
        if refusals:
            raise ApiValidationError([Problem(each.code, f"pins.{each.id}", each.message) for each in refusals])
        if _times(arguments, answers) != previewed["times"]:
            message = "The free publishing times have changed since the preview. Nothing was scheduled. Preview again."
            raise ApiValidationError([Problem("preview_outdated", "token", message)])
    return ScheduleAnswer(pins=answers)


def _send_out(
    request: ApiRequest, wanted: PreviewSchedule, versions: dict[str, int], now: datetime
) -> tuple[list[TimedPinAnswer], list[Refusal]]:
    """Schedule each pin as `updatePin` does, and return what has become of it, or why not."""
    answers: list[TimedPinAnswer] = []
    refusals: list[Refusal] = []
    for each in wanted.pins:
        change = PinInput.model_validate({"publish_at": each.publish_at, "confirm": each.confirm})
        try:
            with transaction.atomic():
                version = versions.get(str(each.id))
                editing.update_pin(request, HttpResponse(), each.id, change, None if version is None else str(version))
                pin = pins.answer_of(pins.pins_of(request).get(pk=each.id), now)
        except Exception as error:  # noqa: BLE001  # problems_of() raises again what is no refusal
            found = problems_of(error)
            refusals += [Refusal(id=each.id, code=one.code, field=one.field, message=one.message) for one in found]
        else:
            names = TimedPinAnswer.model_fields
            answers.append(TimedPinAnswer.model_validate({name: getattr(pin, name) for name in names}))
    return answers, refusals


def _versions(request: ApiRequest, wanted: PreviewSchedule) -> dict[str, int]:
    """Return the versions of the pins, by their ids as JSON has keys."""
    ids = [each.id for each in wanted.pins]
    rows = pins.pins_of(request).order_by().filter(pk__in=ids).values_list("pk", "version")
    return {str(pk): version for pk, version in rows}


def _token(
    request: ApiRequest, wanted: PreviewSchedule, versions: dict[str, int], answers: list[TimedPinAnswer]
) -> str:
    content = {
        "key": request.auth.pk,
        "pins": _hash(wanted),
        "versions": versions,
        "times": _times(wanted, answers),
        "nonce": secrets.token_urlsafe(16),
    }
    return signing.dumps(content, salt=SALT)


def _opened(request: ApiRequest, wanted: Schedule) -> dict[str, Any]:
    """Return what the token stands for, which is used up by this.

    Raises ApiValidationError.
    """
    try:
        content: dict[str, Any] = signing.loads(wanted.token, salt=SALT, max_age=LIFETIME)
    except signing.SignatureExpired as error:
        raise _refused("token_expired", "The preview is more than 30 minutes old. Preview again.") from error
    except signing.BadSignature as error:
        raise _refused("token_invalid", "This isn't a token of preview_schedule. Preview first.") from error
    if content["key"] != request.auth.pk:
        raise _refused("token_invalid", "This token was given to another API key. Preview first.")
    if content["pins"] != _hash(wanted):
        raise _refused("token_for_other_pins", "These aren't the pins and times of the preview. Preview these.")
    if not cache.add(f"mcp-schedule:{content['nonce']}", True, LIFETIME.total_seconds()):
        raise _refused("token_used", "This token was used before. Preview again.")
    return content


def _refused(code: str, message: str) -> ApiValidationError:
    return ApiValidationError([Problem(code, "token", f"{message} Nothing was scheduled.")])


def _hash(wanted: PreviewSchedule) -> str:
    content = wanted.model_dump(mode="json", include={"pins"})
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _times(wanted: PreviewSchedule, answers: list[TimedPinAnswer]) -> list[str]:
    """Return what was promised: status and time of each pin. “Now” is another moment each time."""
    sent = {each.id: each.publish_at for each in wanted.pins}
    return [f"{each.status} {NOW if sent[each.id] == NOW else each.publish_at}" for each in answers]
