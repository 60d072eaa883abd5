"""What is stored about people, for everyone to read: an operator can give this page to Pinterest as privacy policy."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.deletion.requests import WAITING_PERIOD
from accounts.notifications.services import KEEP


@login_not_required
@require_GET
def privacy(request: HttpRequest) -> HttpResponse:
    """Return the same page to everyone, signed in or not."""
    context = {"deletion_days": WAITING_PERIOD.days, "notification_days": KEEP.days}
    return render(request, "accounts/privacy.html", context)
