"""/metrics, for Prometheus: numbers out of the rows, each by an index, and none that tells who a customer is."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator
from datetime import datetime

from django.conf import settings
from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from redis.exceptions import RedisError

from accounts.models import ScheduleRun
from accounts.task_queue.admin import count_failures, schedules_with_runs
from pins.models import Pin, PostingSlot, ProcessKind
from pins.publishing.next_pins import oldest_to_post
from postiz_pins import queueing
from postiz_pins.user_agent import VERSION

from . import status

# Counting goes no further, so that it costs the same however much is due.
MOST_COUNTED = 1000

# name, help, samples by the values of its one label (or "" without a label)
Family = tuple[str, str, str, dict[str, float]]


class MetricsMiddleware:
    """/metrics for clients with METRICS_TOKEN.

    Prometheus asks by address, so this comes before the check of the host.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer /metrics, or hand the request on."""
        if request.path_info != "/metrics" or not settings.METRICS_TOKEN:
            return self.get_response(request)
        sent = request.headers.get("Authorization", "").encode()
        if not hmac.compare_digest(sent, f"Bearer {settings.METRICS_TOKEN}".encode()):
            return HttpResponse(
                "METRICS_TOKEN is wanted as a bearer token.\n",
                status=401,
                content_type="text/plain",
                headers={"WWW-Authenticate": "Bearer"},
            )
        try:
            content, content_type = exposition(timezone.now())
        except (DatabaseError, RedisError, OSError) as error:
            text = f"The database or the queue does not answer ({type(error).__name__}).\n"
            return HttpResponse(text, status=503, content_type="text/plain")
        return HttpResponse(content, content_type=content_type)


def exposition(now: datetime) -> tuple[bytes, str]:
    """Return all metrics in Prometheus' text format, and its content type."""
    # Only where metrics are asked for: a web process needs a megabyte less without it.
    from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
    from prometheus_client.core import GaugeMetricFamily

    class Collector:
        def collect(self) -> Iterator[GaugeMetricFamily]:
            for name, meaning, label, samples in families(now):
                family = GaugeMetricFamily(f"postiz_pins_{name}", meaning, labels=[label] if label else [])
                for value_of_label, value in samples.items():
                    family.add_metric([value_of_label] if label else [], value)
                yield family

    registry = CollectorRegistry(auto_describe=False)
    registry.register(Collector())
    return generate_latest(registry), CONTENT_TYPE_LATEST


def families(now: datetime) -> list[Family]:
    """Return the metrics with their values."""
    return [
        ("info", "Version of Postiz Pins.", "version", {VERSION: 1}),
        *_of_processes(now),
        *_of_pins(now),
        ("queue_messages", "Messages that wait for a worker.", "", {"": queueing.size()}),
        ("failed_tasks", "Failed tasks that are kept in the administration.", "", {"": count_failures()}),
        *_of_schedules(),
    ]


def _of_processes(now: datetime) -> list[Family]:
    processes = status.processes(now)
    running = {kind.value: sum(process.kind == kind for process in processes.running) for kind in ProcessKind}
    return [
        ("processes", "Processes that have reported within the last 30 seconds.", "kind", {**running}),
        ("silent_processes", "Processes that were lost within the last day.", "", {"": len(processes.silent)}),
    ]


def _of_pins(now: datetime) -> list[Family]:
    most = f"{MOST_COUNTED} stands for all beyond"
    slots = settings.PINTEREST_MAX_CONCURRENT_POSTS
    due = Pin.objects.ripe(now).values("pk")[:MOST_COUNTED].count()
    under_way = Pin.objects.under_way().values_list("status", flat=True)[:MOST_COUNTED]
    by_status: dict[str, float] = {}
    for status_of_one in under_way:
        by_status[status_of_one] = by_status.get(status_of_one, 0) + 1
    return [
        ("posting_slots", "Pins that may be posted at the same time.", "", {"": slots}),
        ("posting_slots_in_use", "Pins that are being posted.", "", {"": PostingSlot.objects.in_use(now).count()}),
        ("due_pins", f"Pins whose time has come, on hold or not; {most}.", "", {"": due}),
        ("oldest_due_pin_seconds", "How late the first pin is that nothing holds.", "", {"": _lateness(now)}),
        ("pins_under_way", f"Pins that were begun, by status; {most}.", "status", by_status),
    ]


def _lateness(now: datetime) -> float:
    oldest = oldest_to_post(now)
    if oldest is None:
        return 0
    moment = Pin.objects.filter(pk=oldest).values_list("next_attempt_at", flat=True).first()
    return (now - moment).total_seconds() if moment is not None else 0


def _of_schedules() -> list[Family]:
    ran: dict[str, ScheduleRun] = {schedule.func: run for schedule, _, run in schedules_with_runs() if run is not None}
    ended = {task: run.stopped_at.timestamp() for task, run in ran.items()}
    succeeded = {task: float(run.succeeded) for task, run in ran.items()}
    return [
        ("schedule_ended_timestamp_seconds", "When the schedule's last run ended.", "task", ended),
        ("schedule_succeeded", "1 if the schedule's last run succeeded, else 0.", "task", succeeded),
    ]
