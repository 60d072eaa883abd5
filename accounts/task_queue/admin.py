"""The administration of django-q2: its schedules with their last runs, its failures, and what its broker holds."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django_q.admin import FailAdmin, QueueAdmin, ScheduleAdmin, TaskAdmin, resubmit_task
from django_q.models import Failure, OrmQ, Schedule, Success

from accounts.models import ScheduleRun
from postiz_pins.schedules import SCHEDULES

FAILURES_SHOWN = 20
SCHEDULE_LABELS = {scheduled.task: scheduled.label for scheduled in SCHEDULES}


def label_of(schedule: Schedule) -> str:
    """Return what people call the schedule: its own name if an operator has created it."""
    is_made_by_hand = schedule.func == "django.core.management.call_command" and "clearsessions" not in schedule.args
    label = "" if is_made_by_hand else SCHEDULE_LABELS.get(schedule.func, "")
    return label or schedule.name or str(schedule.pk)


def schedules_with_runs() -> list[tuple[Schedule, str, ScheduleRun | None]]:
    """Return each schedule, its label, and how it ended last; None: it has not run yet."""
    runs = {run.name: run for run in ScheduleRun.objects.all()}
    schedules = Schedule.objects.order_by("name")
    return [(schedule, label_of(schedule), runs.get(schedule.name or str(schedule.pk))) for schedule in schedules]


def latest_failures() -> list[tuple[Failure, str]]:
    """Return the newest failures, each with the label of its schedule."""
    labels = {schedule.name: label_of(schedule) for schedule in Schedule.objects.all()}
    failures = Failure.objects.order_by("-stopped")[:FAILURES_SHOWN]
    return [(failure, labels.get(failure.group, failure.group or "")) for failure in failures]


def count_failures() -> int:
    """Return how many failed tasks are kept."""
    return int(Failure.objects.count())


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
    """The schedules; their last runs are on the status page (postiz_pins/operations)."""

    change_list_template = "admin/schedule_list.html"
    list_display = ["label", "func", "schedule_type", "minutes", "next_run"]
    list_display_links = ["label"]
    list_filter = ["schedule_type"]

    @admin.display(description="name", ordering="name")
    def label(self, schedule: Schedule) -> str:
        return label_of(schedule)


@admin.register(Success)
class SuccessfulTaskAdmin(ResubmitAdmin, TaskAdmin):
    """Tasks that succeeded, which can be run again."""


@admin.register(Failure)
class FailedTaskAdmin(ResubmitAdmin, FailAdmin):
    """Tasks that failed, which can be run again."""


if admin.site.is_registered(OrmQ):  # not with Redis
    admin.site.unregister(OrmQ)

    @admin.register(OrmQ)
    class QueuedTaskAdmin(SuperuserAdmin, QueueAdmin):
        """Messages that wait in the database."""

        search_fields = ["id__exact", "key"]
