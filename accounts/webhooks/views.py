"""The pages of a workspace's webhooks, for its admins."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.middleware import WorkspaceRequest, linked_workspace, posted_workspace
from accounts.models import WebhookDelivery, WebhookEndpoint
from accounts.permissions import require_admin
from postiz_pins.common.pagination import page_of

from . import services as webhooks
from .forms import RotateForm, WebhookForm

DELIVERIES_PER_PAGE = 25
SECRET_PAGE = "accounts/webhook_secret.html"  # noqa: S105  a template


@never_cache
@require_http_methods(["GET", "POST"])
def webhook_list(request: WorkspaceRequest) -> HttpResponse:
    """Show the webhooks, or add one.

    The response to that POST is the only page that shows the secret, so there is no redirect.
    """
    workspace = posted_workspace(request) if request.method == "POST" else linked_workspace(request)
    require_admin(request, workspace)
    timezone.activate(workspace.zone)  # it may be another workspace than the current one
    form = WebhookForm(request.POST or None, workspace=workspace)
    if request.method == "POST" and form.is_valid():
        cleaned, now = form.cleaned_data, timezone.now()
        endpoint, secret = webhooks.create(
            workspace, cleaned["url"], cleaned["events"], by=request.user, now=now, form_token=cleaned["form_token"]
        )
        return render(request, SECRET_PAGE, {"endpoint": endpoint, "secret": secret, "is_new": True})
    endpoints = WebhookEndpoint.objects.in_workspace(workspace).order_by("pk")
    context = {"endpoints": endpoints, "form": form, "webhooks_workspace": workspace}
    return render(request, "accounts/webhook_list.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def webhook_detail(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Show a webhook with its deliveries, or change its URL and events."""
    endpoint = _endpoint(request, pk)
    form = WebhookForm(request.POST or None, workspace=endpoint.workspace, endpoint=endpoint)
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        webhooks.edit(endpoint, cleaned["url"], cleaned["events"], by=request.user, now=timezone.now())
        messages.success(request, "Webhook saved.")
        return redirect("accounts:webhook_detail", endpoint.pk)
    context: dict[str, Any] = {
        "endpoint": endpoint,
        "form": form,
        "rotate_form": RotateForm(auto_id=False),
        "page": page_of(endpoint.deliveries.all(), request, DELIVERIES_PER_PAGE),
        "has_two_secrets": endpoint.has_two_secrets(timezone.now()),
    }
    return render(request, "accounts/webhook_detail.html", context)


@never_cache
@require_POST
def webhook_rotate(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Replace the secret and show the new one, once."""
    endpoint = _endpoint(request, pk)
    form = RotateForm(request.POST)
    token = form.cleaned_data["form_token"] if form.is_valid() else None
    secret = webhooks.rotate_secret(endpoint, by=request.user, now=timezone.now(), form_token=token)
    return render(request, SECRET_PAGE, {"endpoint": endpoint, "secret": secret, "is_new": False})


@require_POST
def webhook_test(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Send the test event."""
    endpoint = _endpoint(request, pk)
    if endpoint.is_on:
        webhooks.send_test(endpoint, now=timezone.now())
        messages.success(request, "Test event sent. Its result appears under “Deliveries” in a few seconds.")
    else:
        messages.error(request, "This webhook is off. Switch it on to send a test event.")
    return redirect("accounts:webhook_detail", endpoint.pk)


@require_POST
def webhook_switch(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Switch the webhook on or off."""
    endpoint = _endpoint(request, pk)
    is_on = request.POST.get("state") == "on"
    if webhooks.switch(endpoint, is_on=is_on, by=request.user, now=timezone.now()):
        messages.success(request, "Webhook switched on." if is_on else "Webhook switched off. No events are sent.")
    return redirect("accounts:webhook_detail", endpoint.pk)


@require_http_methods(["GET", "POST"])
def webhook_delete(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Ask for confirmation, then delete the webhook."""
    endpoint = _endpoint(request, pk)
    if request.method == "GET":
        return render(request, "accounts/webhook_delete.html", {"endpoint": endpoint})
    webhooks.delete(endpoint, by=request.user, now=timezone.now())
    messages.success(request, "Webhook deleted.")
    return redirect("accounts:webhook_list")


@require_GET
def webhook_delivery(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Show a delivery with what was sent and what came back."""
    return render(request, "accounts/webhook_delivery.html", {"delivery": _delivery(request, pk)})


@require_POST
def webhook_resend(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Send a delivery again."""
    delivery = _delivery(request, pk)
    if not delivery.endpoint.is_on:
        messages.error(request, "This webhook is off. Switch it on to send events.")
    elif webhooks.send_again(delivery, now=timezone.now()):
        messages.success(request, "The event is sent again. Its result appears here in a few seconds.")
    else:
        messages.info(request, "This event is being sent right now.")
    return redirect("accounts:webhook_delivery", delivery.pk)


def _endpoint(request: WorkspaceRequest, pk: int) -> WebhookEndpoint:
    endpoints = WebhookEndpoint.objects.for_user(request.user).select_related("workspace", "created_by")
    endpoint: WebhookEndpoint = get_object_or_404(endpoints, pk=pk)
    require_admin(request, endpoint.workspace)
    timezone.activate(endpoint.workspace.zone)
    return endpoint


def _delivery(request: WorkspaceRequest, pk: int) -> WebhookDelivery:
    deliveries = WebhookDelivery.objects.for_user(request.user).select_related("endpoint__workspace")
    delivery: WebhookDelivery = get_object_or_404(deliveries, pk=pk)
    require_admin(request, delivery.endpoint.workspace)
    timezone.activate(delivery.endpoint.workspace.zone)
    return delivery
