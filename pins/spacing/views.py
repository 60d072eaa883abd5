"""The page of an account's spacing limits, and the button that overrules a warning."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.middleware import WorkspaceRequest
from accounts.models import PinterestAccount
from accounts.permissions import can_edit, require_editor
from pins.models import Pin
from postiz_pins.http.redirects import safe_local_path

from . import services
from .forms import SpacingForm
from .limits import SpacingLimits


@require_http_methods(["GET", "POST"])
def spacing(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Show the limits of an account to every member; editors change them."""
    mine = PinterestAccount.objects.for_user(request.user).select_related("workspace")
    account = get_object_or_404(mine, pk=pk)
    form = SpacingForm(limits=SpacingLimits.of(account))
    if request.method == "POST":
        require_editor(request, account.workspace)
        is_reset = request.POST.get("action") == "defaults"
        form = SpacingForm(None if is_reset else request.POST, limits=SpacingLimits())
        if is_reset or form.is_valid():
            limits = SpacingLimits() if is_reset else form.limits
            is_new = services.change_limits(account, limits, by=request.user, now=timezone.now())
            messages.success(request, "Saved." if is_new else "Nothing has changed.")
            return redirect("pins:spacing", pk)
    context = {"account": account, "form": form, "can_edit": can_edit(request, account.workspace)}
    return render(request, "pins/spacing/spacing.html", context)


@require_POST
def pin_keep(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Overrule the warnings that the page showed (`keeps`), so they are not shown again."""
    pin = get_object_or_404(Pin.objects.for_user(request.user).with_content(), pk=pk)
    require_editor(request, pin.workspace)
    kept = services.keep(pin, request.POST.getlist("keeps"), by=request.user, now=timezone.now())
    messages.success(request, "Kept. You won't see this warning again." if kept else "This warning no longer applies.")
    return redirect(safe_local_path(request.GET.get("next", "")) or reverse("pins:pin_detail", args=[pk]))
