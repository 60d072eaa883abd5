"""Pins are listed, newest first, by status, time, account, board, link, tag and change."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from django.db.models import Q
from ninja import Field, Query, Schema
from pydantic import AfterValidator, AwareDatetime, BaseModel

from accounts.connections.board_sync import accounts_named
from pins.models import PinQuerySet, PinStatus
from pins.rules.composition import Problem
from pins.spacing.keys import link_key
from pins.tags.services import tags_called

from ..application import REFUSALS, ApiRequest, api
from ..errors import ApiValidationError
from ..inputs import BIGGEST_ID, account_unknown, board_named
from ..schemas import PinSummaryAnswer
from .pins import pins_of

MOST_PINS = 100


def _in_utc(moment: datetime) -> datetime:
    """Return the moment in UTC. Raises ValueError for one that is there in no year from 1 to 9999."""
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("in UTC, the year must be between 1 and 9999") from error


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]


class PinFilters(Schema):
    """What the list is narrowed to."""

    since: Moment | None = Field(None, alias="from", description="Planned or published at this time or later.")
    until: Moment | None = Field(None, alias="to", description="Planned or published before this time.")
    status: list[PinStatus] = Field([], description="May be repeated.")
    account: str = Field("", description="Username of an account.")
    board: str = Field("", description="Pinterest's ID of a board.")
    link: str = Field("", description="Pins that lead to this page, whatever their tracking parameters.")
    tag: str = Field("", description="Name of a tag.")
    updated_since: Moment | None = Field(None, description="Changed, other than in its tags, at this time or later.")
    cursor: int | None = Field(None, ge=1, le=BIGGEST_ID, description="The `next_cursor` of the page before.")
    limit: int = Field(50, ge=1, le=MOST_PINS)


class PinPage(BaseModel):
    """A page of the list."""

    pins: list[PinSummaryAnswer]
    next_cursor: int | None = Field(description="Send it as `cursor` to read on; null on the last page.")


@api.get("/pins", response={200: PinPage, **REFUSALS}, operation_id="listPins", summary="List pins")
def list_pins(request: ApiRequest, filters: Annotated[PinFilters, Query()]) -> Any:
    """List pins, the newest first, without their histories."""
    pins = _filtered(request, filters).order_by("-pk")
    rows = list(pins[: filters.limit + 1])
    shown = rows[: filters.limit]
    return PinPage(
        pins=[PinSummaryAnswer.of(pin) for pin in shown],
        next_cursor=shown[-1].pk if len(rows) > filters.limit else None,
    )


def _filtered(request: ApiRequest, filters: PinFilters) -> PinQuerySet:
    workspace = request.auth.workspace
    pins = pins_of(request)
    problems: list[Problem] = []
    if filters.account:
        accounts = accounts_named(workspace, filters.account)
        if not accounts:
            problems.append(account_unknown(filters.account))
        pins = pins.filter(account__in=accounts)
    if filters.board and not problems:
        pins = pins.filter(board=board_named(filters.board, filters.account, workspace, problems))
    if filters.tag:
        tags = tags_called(filters.tag, workspace)
        if not tags:
            message = f"This workspace has no tag “{filters.tag}”. Use the name of one that its pins have."
            problems.append(Problem("tag_unknown", "tag", message))
        pins = pins.filter(tags__in=tags)
    if problems:
        raise ApiValidationError(problems)
    if filters.status:
        pins = pins.filter(status__in=filters.status)
    for lookup, moment in (("gte", filters.since), ("lt", filters.until)):
        if moment is not None:
            planned = Q(published_at=None, **{f"publish_at__{lookup}": moment})
            pins = pins.filter(planned | Q(**{f"published_at__{lookup}": moment}))
    if filters.link:
        pins = pins.filter(link_key=link_key(filters.link))
    if filters.updated_since is not None:
        pins = pins.filter(updated_at__gte=filters.updated_since)
    if filters.cursor is not None:
        pins = pins.filter(pk__lt=filters.cursor)
    return pins
