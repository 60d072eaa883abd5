"""What the composer's script asks for when it saves by itself."""

from __future__ import annotations

from django.http import JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.middleware import WorkspaceRequest, posted_workspace
from accounts.models import Workspace
from accounts.permissions import require_editor
from pins.models import Pin
from postiz_pins.common.dates import format_time

from . import attachments as composer_attachments
from .autosave import AutosaveState, autosave
from .conflicts import conflict_of
from .forms import PinForm


@require_POST
def pin_autosave_new(request: WorkspaceRequest) -> JsonResponse:
    """Save the form of a new pin as a draft."""
    return _autosave(request, None, posted_workspace(request))


@require_POST
def pin_autosave(request: WorkspaceRequest, pk: int) -> JsonResponse:
    """Save the form of a pin."""
    pin = get_object_or_404(Pin.objects.for_user(request.user).with_content(), pk=pk)
    return _autosave(request, pin, pin.workspace)


def _autosave(request: WorkspaceRequest, pin: Pin | None, workspace: Workspace) -> JsonResponse:
    """Return `state`, a `message` for people, the pin's address and version, and what is still missing.

    What went wrong is an answer like the others, with status 200.
    """
    require_editor(request, workspace)
    attachments = composer_attachments.attachments_from(request.POST, workspace)
    form = PinForm(request.POST, workspace=workspace, attachments=attachments)
    form.full_clean()
    now = timezone.now()
    state, saved = autosave(form, request.POST, pin, workspace=workspace, by=request.user, now=now)
    time = format_time(now, workspace.zone)
    answer: dict[str, str | int] = {
        "state": state.value,
        "message": _conflict_message(request, form, saved, workspace)
        if state is AutosaveState.CONFLICT and saved
        else _with_notice(_message(state, time) + _unreadable_fields(form), form.time_notice),
    }
    if form.time_notice:
        answer["publish_at"] = form["publish_at"].value()
    if saved is not None:
        answer["edit_url"] = reverse("pins:pin_edit", args=[saved.pk])
        answer["keep_as"] = f"{request.user.pk}:{saved.pk}"
        answer["autosave_url"] = reverse("pins:pin_autosave", args=[saved.pk])
        if state is AutosaveState.SAVED:
            answer["version"] = saved.version
    return JsonResponse(answer)


def _message(state: AutosaveState, time: str) -> str:
    return {
        AutosaveState.EMPTY: "",
        AutosaveState.SAVED: f"Saved {time}",
        AutosaveState.ASIDE: f"Kept {time}. The pin itself changes when you save it.",
        AutosaveState.TOO_LATE: "Not saved: the pin is already being published, or is live.",
    }[state]


def _with_notice(message: str, notice: str) -> str:
    return f"{message.removesuffix('.')}. {notice}" if message and notice else message


def _unreadable_fields(form: PinForm) -> str:
    """Return why fields could not be saved; they stop no other field."""
    wrong = {str(form[name].label): str(sentences[0]) for name, sentences in form.errors.items() if name in form.fields}
    return f", without {', '.join(wrong)}: {' '.join(wrong.values())}" if wrong else ""


def _conflict_message(request: WorkspaceRequest, form: PinForm, pin: Pin, workspace: Workspace) -> str:
    conflict = conflict_of(pin, form.composition, form.publish_at_over(None), reader=request.user, workspace=workspace)
    at = format_time(conflict.at, workspace.zone)
    return f"Not saved: {conflict.summary} at {at}. Your changes are kept. Press “Save draft” to compare."
