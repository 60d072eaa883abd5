"""What the page of a proposed pin offers to those who may let it go out."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from accounts.permissions import require_publisher
from accounts.workspaces import WorkspaceRequest

from . import approval
from .approval import ReviewError
from .forms_approval import SendBackForm
from .models import Pin
from .past_times import is_just_past
from .questions import ConfirmationNeeded, asked, confirmed_in
from .views import editable_pin, pin_page


@require_POST
def pin_approve(request: WorkspaceRequest, pk: int) -> HttpResponse:
    pin, now = editable_pin(request, pk), timezone.now()
    text = "Approved."
    if is_just_past(pin.publish_at, now):
        text += " Its time has just passed, so it is published now."
    try:
        version, confirmed = _version(request), confirmed_in(request)
        approval.approve(pin, version=version, by=request.user, now=now, confirmed=confirmed)
    except ConfirmationNeeded as needed:
        return pin_page(request, editable_pin(request, pk), SendBackForm(), **asked(request, needed))
    except ReviewError as error:
        messages.error(request, str(error))
    else:
        _tell_done(request, pin, text)
    return redirect("pins:pin_detail", pk)


@require_POST
def pin_send_back(request: WorkspaceRequest, pk: int) -> HttpResponse:
    pin = editable_pin(request, pk)
    require_publisher(request.user, pin.workspace)
    form = SendBackForm(request.POST)
    if form.is_valid():
        try:
            comment, version = form.cleaned_data["comment"], _version(request)
            approval.send_back(pin, comment, version=version, by=request.user, now=timezone.now())
        except ReviewError as error:
            pin = editable_pin(request, pk)
            if not pin.is_proposed:
                messages.error(request, str(error))
                return redirect("pins:pin_detail", pk)
            form.add_error("comment", str(error))
        else:
            _tell_done(request, pin, "Sent back. The pin is a draft again, with your comment.")
            return redirect("pins:pin_detail", pk)
    return pin_page(request, pin, form)


def _tell_done(request: WorkspaceRequest, pin: Pin, text: str) -> None:
    """With the way to the next pin that waits, so that a series is answered without going back to the list."""
    following = Pin.objects.in_workspace(pin.workspace).proposed().first()
    if following is None:
        messages.success(request, text)
        return
    url = reverse("pins:pin_detail", args=[following.pk])
    messages.success(request, format_html('{} <a href="{}">Next one that waits: “{}”</a>', text, url, following))


def _version(request: WorkspaceRequest) -> int:
    """Of the pin as the page showed it; 0, which no pin has, for what is no number."""
    posted = request.POST.get("version", "")
    return int(posted) if posted.isdecimal() and len(posted) < 10 else 0
