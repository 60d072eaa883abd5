"""Members are told that a queue runs dry, while there is time to fill it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.urls import reverse

from accounts.models import EDITING_ROLES, NotificationKind, PinterestAccount
from accounts.notifications.services import notify
from pins.models import UNSENT_STATUSES, Pin, PinStatus

# So long before the last pin of a queue goes out they are told.
AHEAD = timedelta(days=3)


def tell_low_queues(now: datetime) -> int:
    """Tell of queues whose last pin goes out within AHEAD, and return of how many.

    Each is told of once, until it has later pins again. One that is paused or was never filled runs dry of nothing.
    """
    standing = Pin.objects.filter(is_queued=True, status__in=(PinStatus.PROPOSED, *UNSENT_STATUSES), publish_at__gt=now)
    last = standing.filter(account=OuterRef("pk")).order_by("-publish_at").values("publish_at")[:1]
    accounts = PinterestAccount.objects.active().annotate(last_at=Subquery(last))
    filled = accounts.filter(queue_low_told_at__isnull=False, last_at__gt=now + AHEAD)
    PinterestAccount.objects.filter(pk__in=list(filled.values_list("pk", flat=True))).update(queue_low_told_at=None)
    low = accounts.filter(queue_low_told_at=None, queue_paused_at=None, last_at__lte=now + AHEAD)
    return sum(_tell(account, now) for account in low.order_by("pk"))


@transaction.atomic
def _tell(account: PinterestAccount, now: datetime) -> bool:
    """Tell of this account's queue, unless another process has done so a moment ago."""
    if not PinterestAccount.objects.filter(pk=account.pk, queue_low_told_at=None).update(queue_low_told_at=now):
        return False
    text = f"The queue of {account} is almost empty: its last pin is published within three days."
    path = f"{reverse('pins:queue')}?account={account.pk}"
    notify(account.workspace_id, NotificationKind.QUEUE_LOW, text, path=path, now=now, roles=EDITING_ROLES)
    return True
