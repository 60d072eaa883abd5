"""The button on the dashboard of an empty workspace that loads sample data."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.middleware import SESSION_KEY, WorkspaceRequest, posted_workspace
from accounts.permissions import require_admin
from postiz_pins.common.turns import turn

from . import sample

# Far longer than loading takes.
LONGEST_SECONDS = 300


@require_POST
def sample_data(request: WorkspaceRequest) -> HttpResponse:
    """Load the user's sample data, and lead to it. However often it is pressed, there is one workspace of it."""
    if not settings.PINTEREST_SANDBOX:
        raise Http404("Sample data is for sandbox mode.")
    require_admin(request, posted_workspace(request))
    with turn(f"sample-data:{request.user.pk}", LONGEST_SECONDS) as is_ours:
        if not is_ours:
            messages.info(request, "The sample data is being loaded. It takes a few seconds.")
            return redirect("pins:dashboard")
        workspace = sample.load(request.user, timezone.now())
    request.session[SESSION_KEY] = workspace.pk
    messages.success(request, "This is sample data in a workspace of its own. Switch back at the top of the side bar.")
    return redirect("pins:dashboard")
