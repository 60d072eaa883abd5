"""Which accounts and pins are followed. `pins` knows nothing of analytics: what was published is found here."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Count, Exists, F, OuterRef, Q

from accounts.models import PinterestAccount
from analytics.models import AccountFeed, PinKind, PinSummary
from pins.models import Attachment, MediaKind, Pin

from .claims import enrolled_since

BATCH = 1_000
# Pinterest needs a day or two before it tells anything about a new pin.
FIRST_DAYS_AFTER = timedelta(days=1)


def enrol_accounts(now: datetime) -> None:
    """Give each connected account without a feed one, and start those that were reconnected."""
    new = PinterestAccount.objects.active().real().filter(feed=None).values_list("pk", flat=True)
    AccountFeed.objects.bulk_create([AccountFeed(account_id=pk) for pk in new], ignore_conflicts=True)
    # The trouble is older than the connection. If it is not over it will have begun anew (runner.py), so this ends.
    newly_due = AccountFeed.objects.exclude(trouble="").filter(account__connected_at__gt=F("trouble_since"))
    waiting = newly_due.filter(Q(days_next_at__gt=now) | Q(lifetime_next_at__gt=now) | Q(pins_next_at__gt=now))
    waiting.filter(claimed_until=None).update(days_next_at=now, lifetime_next_at=now, pins_next_at=now, failures=0)


def enrol_pins(now: datetime) -> None:
    """Give each published pin that is young enough a row for its figures."""
    unknown = Pin.objects.published().filter(
        summary=None, published_at__gte=enrolled_since(now), account__is_made_up=False, board__isnull=False
    )
    videos = Attachment.objects.filter(pin=OuterRef("pk"), media__kind=MediaKind.VIDEO)
    described = (
        unknown.select_related("account", "board")
        .annotate(files=Count("attachments"), shows_video=Exists(videos))
        .order_by("pk")
    )
    last = 0
    while pins := list(described.filter(pk__gt=last)[:BATCH]):
        PinSummary.objects.bulk_create([_summary_of(pin, now) for pin in pins], ignore_conflicts=True)
        last = pins[-1].pk


def _summary_of(pin: Pin, now: datetime) -> PinSummary:
    published_at = pin.published_at or now
    return PinSummary(
        pin=pin,
        workspace_id=pin.workspace_id,
        account=pin.account,
        board=pin.board,
        kind=_kind_of(pin),
        published_at=published_at,
        days_next_at=max(now, published_at + FIRST_DAYS_AFTER),
    )


def _kind_of(pin: Pin) -> PinKind:
    if pin.shows_video:  # type: ignore[attr-defined]  # the annotation of enrol_pins
        return PinKind.VIDEO
    return PinKind.CAROUSEL if pin.files > 1 else PinKind.IMAGE  # type: ignore[attr-defined]  # likewise
