"""The administration of django-q2: its schedules with their last runs, its failures, and what its brokers hold."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django_q.admin import FailAdmin, QueueAdmin, ScheduleAdmin, TaskAdmin, resubmit_task
from django_q.brokers import get_broker
from django_q.models import Failure, OrmQ, Schedule, Success
from django_q.status import Stat

from postiz_pins.schedules import SCHEDULES

from .models import ScheduleRun

FAILURES_SHOWN = 20
SCHEDULE_LABELS = {scheduled.task: scheduled.label for scheduled in SCHEDULES}


def label_of(schedule: Schedule) -> str:
    is_made_by_hand = schedule.func == "django.core.management.call_command" and "clearsessions" not in schedule.args
    label = "" if is_made_by_hand else SCHEDULE_LABELS.get(schedule.func, "")
    return label or schedule.name or str(schedule.pk)


def queue_page(request: HttpRequest) -> HttpResponse:
    """Show how many messages wait, which clusters run, each schedule's last run, and the newest failures."""
    if not request.user.has_perm("django_q.view_schedule"):
        raise PermissionDenied
    can_see_failures = request.user.has_perm("django_q.view_failure")
    broker = get_broker()
    runs = {run.name: run for run in ScheduleRun.objects.all()}
    schedules = list(Schedule.objects.order_by("name"))
    labels = {schedule.name: label_of(schedule) for schedule in schedules}
    failures = Failure.objects.order_by("-stopped")[:FAILURES_SHOWN] if can_see_failures else []
    context = admin.site.each_context(request) | {
        "title": "Queue",
        "broker": broker.info(),
        "waiting": broker.queue_size(),
        "clusters": Stat.get_all(broker),
        "schedules": [
            (schedule, label_of(schedule), runs.get(schedule.name or str(schedule.pk))) for schedule in schedules
        ],
        "failures": [(failure, labels.get(failure.group, failure.group or "")) for failure in failures],
        "can_see_failures": can_see_failures,
    }
    return render(request, "admin/queue.html", context)


class ResubmitAdmin(admin.ModelAdmin):
    """Tasks that may be run again. That runs code, so it needs the permission to change, which django-q2 skips."""

    actions = ("resubmit",)
    show_full_result_count = False

    @admin.action(description="Run the selected tasks again", permissions=["change"])
    def resubmit(self, request: HttpRequest, queryset: Any) -> None:
        resubmit_task(self, request, queryset)


class SuperuserAdmin(admin.ModelAdmin):
    """Rows that name any function with any arguments: who writes them can do everything."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser) and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser) and super().has_change_permission(request, obj)


admin.site.unregister([Schedule, Success, Failure])


@admin.register(Schedule)
class QueueScheduleAdmin(SuperuserAdmin, ScheduleAdmin):
    """The schedules; beside them the page of the queue."""

    change_list_template = "admin/schedule_list.html"
    list_display = ["label", "func", "schedule_type", "minutes", "next_run"]
    list_display_links = ["label"]
    list_filter = ["schedule_type"]

    @admin.display(description="name", ordering="name")
    def label(self, schedule: Schedule) -> str:
        return label_of(schedule)

    def get_urls(self) -> list[URLPattern]:
        return [path("queue/", self.admin_site.admin_view(queue_page), name="queue"), *super().get_urls()]


@admin.register(Success)
class SuccessfulTaskAdmin(ResubmitAdmin, TaskAdmin):
    pass


@admin.register(Failure)
class FailedTaskAdmin(ResubmitAdmin, FailAdmin):
    pass


if admin.site.is_registered(OrmQ):  # not with Redis
    admin.site.unregister(OrmQ)

    @admin.register(OrmQ)
    class QueuedTaskAdmin(SuperuserAdmin, QueueAdmin):
        search_fields = ["id__exact", "key"]
