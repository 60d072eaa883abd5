"""Keeping how the schedules' last runs ended, for the queue's page in the administration (admin.py)."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver
from django_q.signals import post_execute

from accounts.models import ScheduleRun


@receiver(post_execute)
def note_schedule_run(sender: Any, task: dict[str, Any], **kwargs: Any) -> None:
    """Store the end of a schedule's task. django-q2 sends the schedule's name as the task's group."""
    name = task.get("group")
    if not name:
        return
    ScheduleRun.objects.update_or_create(
        name=str(name)[:100],
        defaults={"started_at": task["started"], "stopped_at": task["stopped"], "succeeded": bool(task["success"])},
    )
