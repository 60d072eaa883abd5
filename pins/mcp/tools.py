"""The tools for accounts, boards, media and pins, each over an operation of the API."""

from __future__ import annotations

from typing import cast

from django.http import HttpResponse
from pydantic import BaseModel, ConfigDict, Field

from accounts.models import Scope
from pins.api.application import ApiRequest
from pins.api.input_schemas import DraftInput, MediaLinkInput, PinInput, Text
from pins.api.schemas import (
    AccountAnswer,
    BoardAnswer,
    MediaAnswer,
    MediaPage,
    NextTimeAnswer,
    PinAnswer,
    SectionAnswer,
)
from pins.api.views import accounts, batches, boards, listing, media, pins

from .registry import Arguments, tool

MOST_DRAFTS = 50


class AccountList(BaseModel):
    """The accounts of the workspace."""

    accounts: list[AccountAnswer]


@tool(Scope.READ, "List accounts", is_read_only=True)
def list_accounts(request: ApiRequest, arguments: Arguments) -> AccountList:
    """List the connected Pinterest accounts, and what keeps their pins from going out."""
    return AccountList(accounts=accounts.list_accounts(request))


class ListBoards(Arguments):
    """Whose boards are listed."""

    account: Text = Field("", description="Username of an account; empty for all.")


class BoardList(BaseModel):
    """Boards that a pin can go to."""

    boards: list[BoardAnswer]


@tool(Scope.READ, "List boards", is_read_only=True)
def list_boards(request: ApiRequest, arguments: ListBoards) -> BoardList:
    """List the boards that a pin can go to, of all connected accounts or of one."""
    return BoardList(boards=boards.list_boards(request, arguments.account))


class ListSections(Arguments):
    """Which board's sections are listed."""

    board: Text = Field(description="Pinterest's ID of the board, as list_boards has it.")
    account: Text = Field("", description="Username of an account, if several share the board.")


class SectionList(BaseModel):
    """Sections of a board."""

    sections: list[SectionAnswer]


@tool(Scope.READ, "List sections", is_read_only=True, is_open_world=True)
def list_sections(request: ApiRequest, arguments: ListSections) -> SectionList:
    """List the sections of a board. They are read from Pinterest at most once a day."""
    return SectionList(sections=boards.list_sections(request, arguments.board, arguments.account))


class FindMedia(media.MediaFilters):
    """What the library is searched for."""

    model_config = ConfigDict(extra="forbid")


@tool(Scope.READ, "Find media", is_read_only=True)
def find_media(request: ApiRequest, arguments: FindMedia) -> MediaPage:
    """Find images and videos in the media library, the newest first."""
    return cast(MediaPage, media.list_media(request, arguments))


class AddMediaFromUrl(Arguments):
    """Where a file is fetched from."""

    url: Text = Field(description="A public link to a JPG, PNG, WebP, HEIC or MP4 file, not to a web page.")


@tool(Scope.PLAN, "Add media from a URL", is_read_only=False, is_open_world=True)
def add_media_from_url(request: ApiRequest, arguments: AddMediaFromUrl) -> MediaAnswer:
    """Fetch an image or a video from a public link into the media library. A file that is there already stays one."""
    return cast(MediaAnswer, media.add_media_from_link(request, MediaLinkInput(link=arguments.url)).value)


class CreateDrafts(Arguments):
    """Drafts to be created; each of them by itself, whatever becomes of the others."""

    pins: list[DraftInput] = Field(min_length=1, max_length=MOST_DRAFTS)
    idempotency_key: Text | None = Field(
        None,
        min_length=1,
        max_length=250,
        description="Any text of up to 250 characters, a new one for each batch. Repeating a call with it creates no"
        " draft twice.",
    )


@tool(Scope.PLAN, "Create drafts", is_read_only=False, is_idempotent=False)
def create_drafts(request: ApiRequest, arguments: CreateDrafts) -> batches.BatchAnswer:
    """Create up to 50 drafts of pins, with a result for each. Nothing is published by this.

    A draft may be incomplete. `url` in the result is where a person looks at it and finishes it.
    """
    sent = [PinInput.model_validate(each.model_dump(exclude_unset=True)) for each in arguments.pins]
    answer = batches.create_pins(request, batches.BatchInput(pins=sent), arguments.idempotency_key)
    return cast(batches.BatchAnswer, answer)


class ListPins(listing.PinFilters):
    """What the list of pins is narrowed to."""

    model_config = ConfigDict(extra="forbid", populate_by_name=False)


@tool(Scope.READ, "List pins", is_read_only=True)
def list_pins(request: ApiRequest, arguments: ListPins) -> listing.PinPage:
    """List pins with their status and content, the newest first, without their histories."""
    return cast(listing.PinPage, listing.list_pins(request, arguments))


class GetPin(Arguments):
    """Which pin is read."""

    id: int = Field(ge=1, le=media.BIGGEST_ID)


@tool(Scope.READ, "Get a pin", is_read_only=True)
def get_pin(request: ApiRequest, arguments: GetPin) -> PinAnswer:
    """Return a pin with its status, history, warnings, and what went wrong."""
    return cast(PinAnswer, pins.get_pin(request, HttpResponse(), arguments.id))


class NextFreeTimes(Arguments):
    """Which times are asked for."""

    account: Text = Field(description="Username of the account.")
    count: int = Field(10, ge=1, le=boards.MOST_NEXT_TIMES)


class NextFreeTimesAnswer(BaseModel):
    """Free publishing times."""

    times: list[NextTimeAnswer]


@tool(Scope.READ, "Next free times", is_read_only=True)
def next_free_times(request: ApiRequest, arguments: NextFreeTimes) -> NextFreeTimesAnswer:
    """List the next free publishing times of an account, which its queue would give to new pins."""
    return NextFreeTimesAnswer(times=boards.list_next_times(request, arguments.account, arguments.count))
