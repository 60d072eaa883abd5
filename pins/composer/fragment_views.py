"""What the composer's scripts swap into the page while a pin is being made. Nothing is saved here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.middleware import WorkspaceRequest, posted_workspace
from accounts.permissions import can_publish, require_editor
from pins import limits
from pins.media.storage import MediaRefused
from pins.media.views import sentence
from pins.models import Pin
from pins.presets.choices import LinkPresets
from pins.rules.composition import AttachedMedia
from pins.rules.texts import clean_link
from postiz_pins.common.params import parse_key

from . import attachments as composer_attachments
from .forms import PinForm
from .link_preview import preview_of
from .offers import offers_of
from .suggestions import ComposerFeedback, feedback_on, timing_context


@require_POST
def pin_files(request: WorkspaceRequest) -> HttpResponse:
    """Return the posted files after the button `action`, and what shows them; 400 if a file cannot be read."""
    workspace = posted_workspace(request)
    require_editor(request, workspace)
    action = request.POST.get("action", "")
    before = composer_attachments.attachments_from(request.POST, workspace)
    try:
        after = composer_attachments.rearranged(before, action, request.user)
    except MediaRefused as refusal:
        return sentence(refusal.message)
    announcement = composer_attachments.announcement(action, before, after)
    context = files_context(after) | {"announcement": announcement, "limits": limits}
    return render(request, "pins/composer/files.html", context)


@require_POST
def pin_checklist(request: WorkspaceRequest) -> HttpResponse:
    """Return what is still missing from the posted form before the pin can be published."""
    workspace = posted_workspace(request)
    require_editor(request, workspace)
    attachments = composer_attachments.attachments_from(request.POST, workspace)
    form = PinForm(request.POST, workspace=workspace, attachments=attachments)
    form.full_clean()
    feedback = ComposerFeedback([], []) if form.is_empty else feedback_on(form.composition)
    key = parse_key(request.POST.get("pin", ""))
    pin = Pin.objects.in_workspace(workspace).filter(pk=key).first() if key else None
    composition = None if form.is_empty else form.composition
    context = {
        "feedback": feedback,
        "can_publish": can_publish(request, workspace),
        **timing_context(form, composition, form.composition.board, pin, workspace),
    }
    return render(request, "pins/composer/checklist.html", context)


@require_POST
def pin_link_preview(request: WorkspaceRequest) -> HttpResponse:
    """Return what the page behind the posted link shows of itself; nothing if that cannot be read."""
    require_editor(request, posted_workspace(request))
    link = clean_link(request.POST.get("link", ""))
    is_asked = (
        settings.CHECK_LINKS and link.lower().startswith(("http://", "https://")) and len(link) <= limits.LINK_LENGTH
    )
    preview = preview_of(link) if is_asked else None
    return render(request, "pins/composer/link_preview.html", {"preview": preview})


@require_POST
def pin_link_preset(request: WorkspaceRequest) -> HttpResponse:
    """Return how the posted link will be saved, with the parameters of its link preset."""
    workspace = posted_workspace(request)
    require_editor(request, workspace)
    form = PinForm(request.POST, workspace=workspace, attachments=[])
    form.full_clean()
    composition = form.composition
    pin = Pin.objects.in_workspace(workspace).filter(form_token=form.cleaned_data.get("form_token") or uuid4()).first()
    context: dict[str, Any] = {}
    try:
        context["link"] = (
            LinkPresets(workspace)
            .apply(
                composition,
                form.cleaned_data.get("link_preset", ""),
                publish_at=form.publish_at_over(None),
                tags=form.tag_names or [],
                pin_id=pin.pk if pin is not None else None,
                now=timezone.now(),
            )
            .link
        )
    except ValidationError as error:
        context["problem"] = error.messages[0]
    context["is_same"] = context.get("link") == composition.link
    return render(request, "pins/composer/link_preset.html", context)


def files_context(attachments: Sequence[AttachedMedia]) -> dict[str, Any]:
    """Return what the page and the fragment show of the files."""
    media = [attached.media for attached in attachments]
    return {
        "attachments": list(zip(attachments, composer_attachments.roles(attachments), strict=True)),
        "media": media,
        "is_carousel": composer_attachments.is_carousel(media),
        "is_better_size_advised": composer_attachments.is_better_size_advised(attachments),
        "offers": offers_of(attachments),
    }
