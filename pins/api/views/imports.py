"""Files of pins: taken in, and followed until their pins are there."""

from __future__ import annotations

from typing import Annotated, Any, Literal, cast

from django.conf import settings
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from ninja import File, Form, Status
from ninja import UploadedFile as DocumentedFile
from pydantic import BaseModel, Field

from accounts.models import Scope, Workspace
from pins.imports import link_presets, services
from pins.imports.reading import files
from pins.imports.reading.sheet import MOST_BYTES, FileRefused
from pins.media.uploads import is_within_rate
from pins.models import Destination, ImportStatus, PinImport, RowStatus
from pins.presets.choices import NO_PRESET, PRESET_UNKNOWN, LinkPresets
from pins.rules.composition import Problem

from ..application import REFUSALS, ApiRequest, WorkspaceKey, api
from ..errors import ApiValidationError, ErrorsAnswer
from .media import NO_FILE, ONE_FILE

TOO_MANY = "Too many files within ten minutes. Wait ten minutes, then send the rest."


class RowProblemAnswer(BaseModel):
    """Something about a row of the file."""

    row: int = Field(description="The line of the file, from 1.", examples=[12])
    code: str = Field(examples=["board_unknown"])
    field: str = Field(description="The column that it is about, or empty.", examples=["board"])
    message: str
    is_warning: bool = Field(description="Whether the row becomes a pin all the same.")


class ImportAnswer(BaseModel):
    """An import, and what is to be done about it."""

    id: int = Field(examples=[7])
    url: str = Field(description="Where people look at it and create its pins.")
    status: Literal["review", "fetching", "creating"] = Field(
        description="`review`: nothing is being done; a person, or a new file, goes on."
    )
    rows: int = Field(description="How many rows the file has.")
    ready: int = Field(description="How many can become pins now.")
    waiting_for_media: int
    with_problems: int
    created: int = Field(description="How many have become pins, or have changed one.")
    problems: list[RowProblemAnswer]
    error: str = Field(description="What has interrupted it, or empty.")

    @classmethod
    def of(cls, pin_import: PinImport) -> ImportAnswer:
        """Return the answer for an import."""
        rows = list(pin_import.rows.all())
        still_open = [row for row in rows if row.status == RowStatus.OPEN]
        return cls(
            id=pin_import.pk,
            url=f"{settings.PUBLIC_URL}{reverse('pins:import_detail', args=[pin_import.pk])}",
            status=cast(Any, pin_import.status),
            rows=len(rows),
            ready=sum(not row.has_problems and not row.needs_media for row in still_open),
            waiting_for_media=sum(row.needs_media and not row.has_problems for row in still_open),
            with_problems=sum(row.has_problems for row in still_open),
            created=sum(row.status in services.DONE for row in rows),
            problems=[
                RowProblemAnswer(row=row.number, **{name: problem[name] for name in _SHOWN})
                for row in still_open
                for problem in row.problems
            ],
            error=pin_import.error,
        )


_SHOWN = ("code", "field", "message", "is_warning")


@api.post(
    "/imports",
    response={201: ImportAnswer, 400: ErrorsAnswer, **REFUSALS},
    auth=WorkspaceKey(Scope.PLAN),
    operation_id="createImport",
    summary="Import a file of pins",
    openapi_extra=ONE_FILE,
)
def create_import(
    request: ApiRequest,
    file: Annotated[DocumentedFile, File()] = NO_FILE,
    create: Annotated[
        Literal["nothing", "drafts"],
        Form(description="`drafts`: create a draft from each row without problems once its media is fetched."),
    ] = "nothing",
    link_preset: Annotated[
        str,
        Form(
            description="Whose UTM parameters the links of new pins get: `default` (the preset of their board, or the"
            " workspace's default), `none`, or the name of a link preset.",
            examples=["Spring campaign"],
        ),
    ] = "default",
) -> Any:
    """Take a CSV, TSV or XLSX file in, check its rows and fetch its media in the background.

    A person then creates the pins on the page of the import, unless drafts are asked for.
    """
    uploads = request.FILES.getlist("file")
    if len(uploads) != 1:
        raise ApiValidationError([Problem("one_file", "file", "Send exactly one file, as the “file” part.")])
    if not is_within_rate(request):
        raise ApiValidationError([Problem("too_many_uploads", "file", TOO_MANY)], status=429)
    now, choice = timezone.now(), _preset_choice(link_preset, request.auth.workspace)
    try:
        if (uploads[0].size or 0) > MOST_BYTES:
            raise files.too_large(uploads[0].size or 0)
        content = uploads[0].read()
        sheet = files.read_file(content)
        pin_import = services.take_in(
            sheet,
            content,
            workspace=request.auth.workspace,
            by=request.user,
            now=now,
            file_name=uploads[0].name or "",
        )
        if create == "drafts":
            pin_import.destination = Destination.DRAFT
        if choice:
            link_presets.choose(pin_import, LinkPresets(pin_import.workspace), choice)
        if create == "drafts" or choice:
            written = ["destination", *link_presets.COLUMNS]
            services.change(pin_import, lambda changed: changed.save(update_fields=written), now)
        services.begin(pin_import, ImportStatus.FETCHING, by=request.user, now=now, creates_at_once=create == "drafts")
    except FileRefused as refused:
        raise ApiValidationError([Problem(refused.code, "file", refused.message)]) from refused
    except services.ImportBusy as busy:
        raise ApiValidationError([Problem("import_busy", "file", str(busy))]) from busy
    return Status(201, ImportAnswer.of(pin_import))


def _preset_choice(name: str, workspace: Workspace) -> str:
    """Return what the form of an import would say. Raises ApiValidationError for an unknown preset."""
    if name in ("default", NO_PRESET):
        return "" if name == "default" else NO_PRESET
    preset = next(
        (each for each in LinkPresets(workspace).all if each.name.casefold() == name.strip().casefold()), None
    )
    if preset is None:
        raise ApiValidationError([Problem(PRESET_UNKNOWN, "link_preset", f"There is no link preset “{name}”.")])
    return str(preset.pk)


@api.get(
    "/imports/{int:id}",
    response={200: ImportAnswer, 404: ErrorsAnswer, **REFUSALS},
    operation_id="getImport",
    summary="Follow an import",
)
def get_import(request: ApiRequest, id: int) -> Any:
    """Return an import with what is wrong with its rows."""
    return ImportAnswer.of(get_object_or_404(PinImport.objects.in_workspace(request.auth.workspace), pk=id))
