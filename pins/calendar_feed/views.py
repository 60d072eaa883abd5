"""The page of a member's calendar feeds, and the feeds themselves."""

from __future__ import annotations

import hashlib
from typing import Any

from allauth.core.internal import ratelimit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import condition, require_http_methods, require_POST, require_safe

from accounts.api_keys import rate_limits
from accounts.auth.views import too_many_requests
from accounts.middleware import WorkspaceRequest, posted_workspace
from pins.models import CalendarFeed

from . import ics, services
from .forms import CalendarFeedForm
from .plan import events_of

# Of one feed. Calendars ask once an hour or less often, but some from several machines.
READS_PER_MINUTE = 30


@never_cache
@require_http_methods(["GET", "POST"])
def calendar_feeds(request: WorkspaceRequest) -> HttpResponse:
    """Show the member's own feeds of the workspace, or make one.

    The response to that POST is the only page that ever shows its link, so there is no redirect.
    """
    workspace = posted_workspace(request)
    membership = next(each for each in request.memberships if each.workspace_id == workspace.pk)
    form = CalendarFeedForm(membership=membership)
    context: dict[str, Any] = {"feeds_workspace": workspace}
    if request.method == "POST":
        form = CalendarFeedForm(request.POST, membership=membership)
        if form.is_valid():
            cleaned, now = form.cleaned_data, timezone.now()
            token = services.create(membership, cleaned["account"], now=now, form_token=cleaned["form_token"])
            context["link"] = settings.PUBLIC_URL + reverse("pins:feed_ics", args=[token])
            form = CalendarFeedForm(membership=membership)
    feeds = CalendarFeed.objects.filter(membership=membership).select_related("account")
    context |= {"feeds": feeds.order_by("-pk"), "form": form}
    return render(request, "pins/calendar_feed/feeds.html", context)


@require_POST
def calendar_feed_revoke(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Revoke a feed of the user's own: its link leads nowhere from now on."""
    feeds = CalendarFeed.objects.for_user(request.user).filter(membership__user=request.user)
    get_object_or_404(feeds, pk=pk).delete()
    messages.success(request, "Feed revoked. Calendars that subscribe to it get no more updates.")
    return redirect("pins:calendar_feeds")


@login_not_required
@require_safe
def feed_ics(request: HttpRequest, token: str) -> HttpResponse:
    """Return the feed to each holder of its link; 304 for a calendar that has it as it is.

    Unknown links count against their address, and reads against their feed, so a guesser keeps no calendar out.
    """
    feed, now = services.feed_with(token), timezone.now()
    if feed is None:
        if not ratelimit.consume(request, app="allauth.account", action="feed_unknown", limit_get=True):
            return too_many_requests(request)
        raise Http404("No calendar feed has this link. It was revoked, or its member has left the workspace.")
    usage = rate_limits.count(f"feed-reads:{feed.pk}", READS_PER_MINUTE, now)
    if usage.is_exceeded:
        refusal = f"This feed is read too often. Wait {usage.reset_seconds} seconds, then try again."
        return HttpResponse(
            refusal, status=429, content_type="text/plain", headers={"Retry-After": str(usage.reset_seconds)}
        )
    workspace = feed.membership.workspace
    name = f"{workspace.name}: {feed.account}" if feed.account else workspace.name
    content = ics.calendar(f"{name} (Postiz Pins)", events_of(feed, now))
    return _conditional(request, content)


def _conditional(request: HttpRequest, content: bytes) -> HttpResponse:
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'

    @condition(etag_func=lambda _: tag)
    def answer(_: HttpRequest) -> HttpResponse:
        return HttpResponse(content, content_type="text/calendar; charset=utf-8")

    response: HttpResponse = answer(request)
    return response
