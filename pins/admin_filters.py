"""What keeps a pin from going out, as a filter of the administration."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import PinterestAccount

from .models import ASK_AFTER, UNSENT_STATUSES, UNSURE_STATUSES, Pin, PinStatus

# Healthy workers take a due pin within two seconds, and know the fate of a pin in doubt within three minutes.
OVERDUE_AFTER = timedelta(minutes=1)
STUCK_AFTER = timedelta(minutes=10)


def overdue(now: datetime) -> QuerySet[Pin]:
    """Return pins that a worker should have taken, but has not."""
    return Pin.objects.due(now).filter(next_attempt_at__lte=now - OVERDUE_AFTER)


def stuck(now: datetime) -> QuerySet[Pin]:
    """Return pins whose worker has died, that are long in doubt, or whose video is long in processing."""
    is_abandoned = Q(status__in=[*UNSENT_STATUSES, *UNSURE_STATUSES], claimed_until__lte=now)
    is_long_in_doubt = Q(status__in=UNSURE_STATUSES, sent_at__lte=now - STUCK_AFTER)
    stuck_minutes = timedelta(minutes=settings.PINTEREST_MEDIA_STUCK_MINUTES)
    is_long_in_processing = Q(
        status=PinStatus.PROCESSING, media_ready_at=None, processing_since__lte=now - stuck_minutes
    )
    return Pin.objects.filter(is_abandoned | is_long_in_doubt | is_long_in_processing)


def on_hold(now: datetime) -> QuerySet[Pin]:
    """Return due pins whose account is away or paused, or that are so late that a person is asked first."""
    is_account_away = ~Q(account__in=PinterestAccount.objects.postable(now).values("pk"))
    is_late = Q(next_attempt_at__lte=now - ASK_AFTER)
    return Pin.objects.filter(is_account_away | is_late, status__in=UNSENT_STATUSES, next_attempt_at__lte=now)


class JobFilter(admin.SimpleListFilter):
    """Filters pins by what the workers have to do with them."""

    title = "job"
    parameter_name = "job"
    choices_by_name = {
        "overdue": ("Overdue", overdue),
        "claimed": ("Claimed by a worker", lambda now: Pin.objects.claimed(now)),
        "stuck": ("Stuck", stuck),
        "on_hold": ("On hold", on_hold),
    }

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, str]]:
        return [(name, label) for name, (label, _) in self.choices_by_name.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Pin]) -> QuerySet[Pin]:
        if self.value() not in self.choices_by_name:
            return queryset
        _, rows = self.choices_by_name[self.value() or ""]
        return queryset.filter(pk__in=rows(timezone.now()).values("pk"))
