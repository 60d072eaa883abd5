"""The pages of notifications: what has happened, and what comes by e-mail."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.middleware import SESSION_KEY, WorkspaceRequest
from accounts.models import Notification
from postiz_pins.common.pagination import page_of
from postiz_pins.common.params import parse_key

from .forms import choice_rows, forms_of
from .grouping import rows_of
from .services import mark_read

NOTIFICATIONS_PER_PAGE = 100


@require_GET
def notification_list(request: WorkspaceRequest) -> HttpResponse:
    """Show the user's notifications of all workspaces."""
    notifications = Notification.objects.for_user(request.user).select_related("workspace")
    page = page_of(notifications, request, NOTIFICATIONS_PER_PAGE)
    context = {
        "rows": rows_of(page.rows),
        "newest": page.rows[0] if page.rows else None,
        "next_url": page.next_url,
        "newest_url": page.newest_url,
    }
    return render(request, "accounts/notification_list.html", context)


@require_GET
def notification_open(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Redirect to what the notification is about, in its workspace."""
    notifications = Notification.objects.for_user(request.user).filter(pk=pk)
    notification = get_object_or_404(notifications)
    mark_read(notifications, timezone.now())
    if notification.workspace_id != request.workspace.pk:
        request.session[SESSION_KEY] = notification.workspace_id
    return redirect(notification.path)


@require_POST
def notifications_read(request: WorkspaceRequest) -> HttpResponse:
    """Mark all as read up to the newest that the page has shown (`until`); later ones stay unread."""
    until = parse_key(request.POST.get("until", ""))
    if until is None:
        return HttpResponseBadRequest("Use the button on the page.", content_type="text/plain; charset=utf-8")
    mark_read(Notification.objects.for_user(request.user).filter(pk__lte=until), timezone.now())
    return redirect("accounts:notification_list")


@require_http_methods(["GET", "POST"])
def notification_settings(request: WorkspaceRequest) -> HttpResponse:
    """Show or store which kinds of notifications the user gets by email, for each workspace."""
    if request.method == "GET":
        forms = forms_of(request.memberships)
        return render(request, "accounts/notification_settings.html", {"forms": forms, "rows": choice_rows(forms)})
    forms = forms_of(request.memberships, request.POST)
    if not all(form.is_valid() for form in forms):
        return HttpResponseBadRequest("Use the checkboxes on the page.", content_type="text/plain; charset=utf-8")
    for form in forms:
        form.save()
    messages.success(request, "Email notifications saved.")
    return redirect("accounts:notification_settings")
