"""The status page of the administration."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET
from redis.exceptions import RedisError

from accounts.task_queue.admin import latest_failures, schedules_with_runs
from postiz_pins import queueing

from . import status


@require_GET
def status_page(request: HttpRequest) -> HttpResponse:
    """Show which processes run, what is due, how many messages wait, each schedule's last run, and the failures."""
    if not request.user.has_perm("django_q.view_schedule"):
        raise PermissionDenied
    now = timezone.now()
    can_see_failures = request.user.has_perm("django_q.view_failure")
    context = admin.site.each_context(request) | {
        "title": "Status",
        "problems": status.problems(now),
        "processes": status.processes(now),
        "slots": status.slots_in_use(now),
        "slot_count": settings.PINTEREST_MAX_CONCURRENT_POSTS,
        "due_by_account": [(row, row.why_on_hold(now)) for row in status.due_by_account(now)],
        "late_after_minutes": status.LATE_AFTER.seconds // 60,
        "broker": queueing.broker_name(),
        "waiting": _messages_waiting(),
        "schedules": schedules_with_runs(),
        "failures": latest_failures() if can_see_failures else [],
        "can_see_failures": can_see_failures,
    }
    return render(request, "admin/status.html", context)


def _messages_waiting() -> int | None:
    """Return how many messages wait; None: the broker does not answer."""
    try:
        return queueing.size()
    except (DatabaseError, RedisError, OSError):
        return None
