"""Whether endpoints answer. One that has failed for five days, or answers 410, is switched off."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.urls import reverse

from accounts.audit import services as audit
from accounts.models import AuditAction, NotificationKind, Role, WebhookEndpoint
from accounts.notifications.services import notify

from .sending import Answer

LONGEST_FAILURE = timedelta(days=5)
GONE = "Its receiver answered 410 Gone."
FAILED = "Its receiver had failed for five days."


def note(answered: Iterable[tuple[WebhookEndpoint, Answer]], now: datetime) -> None:
    """Note which endpoints work and which fail, in the caller's transaction.

    Of several answers at the same moment, one that arrived counts.
    """
    answers: dict[int, list[Answer]] = {}
    for endpoint, answer in answered:
        answers.setdefault(endpoint.pk, []).append(answer)
    working = [pk for pk, given in answers.items() if any(answer.is_success for answer in given)]
    gone = [pk for pk, given in answers.items() if any(answer.is_gone for answer in given)]
    failing = answers.keys() - set(working)
    endpoints = WebhookEndpoint.objects.all()
    if working:
        endpoints.filter(pk__in=working, failing_since__isnull=False).update(failing_since=None)
    if failing:
        endpoints.filter(pk__in=failing, failing_since=None).update(failing_since=now)
        for endpoint in endpoints.filter(pk__in=failing, failing_since__lte=now - LONGEST_FAILURE):
            _switch_off(endpoint, FAILED, now)
    for endpoint in endpoints.filter(pk__in=gone):
        _switch_off(endpoint, GONE, now)


def _switch_off(endpoint: WebhookEndpoint, trouble: str, now: datetime) -> None:
    """Switch the endpoint off and notify the admins, unless it is off already."""
    with transaction.atomic():
        on = WebhookEndpoint.objects.filter(pk=endpoint.pk, switched_off_at=None)
        if on.update(switched_off_at=now, trouble=trouble) == 0:
            return
        detail = f"Switched off. {trouble}"
        audit.record(endpoint.workspace_id, AuditAction.WEBHOOK_CHANGED, str(endpoint), by=None, now=now, detail=detail)
        notify(
            endpoint.workspace_id,
            NotificationKind.WEBHOOK_OFF,
            f"The webhook to {endpoint} was switched off. {trouble}",
            path=reverse("accounts:webhook_detail", args=[endpoint.pk]),
            now=now,
            roles=[Role.ADMIN],
        )
