"""The pins of a feed as events."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.urls import reverse

from pins.models import CalendarFeed, Pin, PinStatus

from .ics import Event

PAST, AHEAD = timedelta(days=90), timedelta(days=365)
# A draft and a proposal may still become nothing.
TENTATIVE = (PinStatus.DRAFT, PinStatus.PROPOSED)
LABELS = {status.value: status.label for status in PinStatus}
COLUMNS = ("pk", "version", "status", "title", "updated_at", "account__username", "board__name", "shown_at")


def events_of(feed: CalendarFeed, now: datetime) -> Iterator[Event]:
    """Return the pins of the last 90 and the next 365 days, the earliest first.

    A published pin stands where it was published, every other one where it is to be.
    """
    pins = Pin.objects.in_workspace(feed.membership.workspace)
    if feed.account_id is not None:
        pins = pins.filter(account=feed.account_id)
    begin, end = now - PAST, now + AHEAD
    planned = Q(published_at=None, publish_at__gte=begin, publish_at__lt=end)
    is_within = planned | Q(published_at__gte=begin, published_at__lt=end)
    rows = pins.filter(is_within).annotate(shown_at=Coalesce(F("published_at"), F("publish_at")))
    host = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    page = settings.PUBLIC_URL + reverse("pins:pin_detail", args=[0]).replace("/0/", "/{}/")
    for pk, version, status, text, updated_at, account, board, at in rows.order_by("shown_at", "pk").values_list(
        *COLUMNS
    ):
        label, title = LABELS[status], text or "Untitled pin"
        where = " · ".join(filter(None, [f"@{account}" if account else "", board or ""]))
        yield Event(
            uid=f"pin-{pk}@{host}",
            # Publishing is no edit, but moves the pin by some seconds.
            sequence=version + (status == PinStatus.PUBLISHED),
            starts_at=at,
            changed_at=updated_at,
            summary=title if status == PinStatus.PUBLISHED else f"{label}: {title}",
            description="\n".join(filter(None, [label, where])),
            url=page.format(pk),
            is_tentative=status in TENTATIVE,
        )
