"""The questions that workers and pages ask about pins."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db.models import F, Prefetch, Q

from accounts.models import AccountStatus, PinterestAccount, ScopedQuerySet, User
from postiz_pins.common.leases import LeaseQuerySet

from .media import Attachment
from .statuses import ASK_AFTER, UNSENT_STATUSES, UNSURE_STATUSES, VERIFICATION_DELAYS, VERIFICATION_LIMIT, PinStatus
from .workers.heartbeat import well_known_since

# It is not known yet whether Pinterest has the pin. One that was not found is sent again, after one more look.
IS_LOOKED_FOR = Q(status=PinStatus.CREATING) | Q(status=PinStatus.VERIFYING, looks__lt=len(VERIFICATION_DELAYS))
# The next step is to send a video, unless the pin is looked for.
NEEDS_UPLOAD = Q(has_video=True, media_ready_at=None)

# No worker takes them until the queue goes on.
HELD_BY_QUEUE = Q(is_queued=True, status__in=UNSENT_STATUSES, account__queue_paused_at__isnull=False)


def account_lets_go(now: datetime) -> Q:
    """Return a condition: a pin's account is connected and not paused, nor is the queue that the pin is in.

    It is paused by neither Pinterest nor an operator (as PinterestAccountQuerySet.postable). An unconfirmed pin is
    verified even while the queue is paused.
    """
    is_rate_limited = Q(account__posting_paused_until__gt=now)
    return Q(account__status=AccountStatus.ACTIVE, account__publishing_paused_at=None) & ~(
        is_rate_limited | HELD_BY_QUEUE
    )


class PinQuerySet(ScopedQuerySet, LeaseQuerySet):
    """Pins by what is to be done with them."""

    UNCLAIMED = {**LeaseQuerySet.UNCLAIMED, "claimed_by": ""}

    def ripe(self, now: datetime) -> Self:
        """Return pins that are due and unclaimed, whether or not their account is paused.

        A claim without an end (NULL) was never made or has been given back. Only pins on their way have a next attempt,
        and here and below conditions say what is left out of them: PostgreSQL would take "one of these statuses" for
        rare in a table of published pins, and sort all that is due instead of reading the first by index.
        """
        is_late = Q(status__in=UNSENT_STATUSES, next_attempt_at__lte=now - ASK_AFTER)
        return self.unclaimed(now).filter(next_attempt_at__lte=now).exclude(is_late)

    def due(self, now: datetime) -> Self:
        """Return pins that a worker may take at `now`: something is to be done, unclaimed and not on hold."""
        return self.ripe(now).let_go(now)

    def let_go(self, now: datetime) -> Self:
        """Return pins whose account is connected and not paused.

        An unconfirmed pin is not held for ever by its account, unless an operator has paused it. By a join, since that
        is what PostgreSQL's planner stops early.
        """
        is_long_in_doubt = Q(
            status__in=UNSURE_STATUSES, sent_at__lt=now - VERIFICATION_LIMIT, account__publishing_paused_at=None
        )
        return self.filter(account_lets_go(now) | is_long_in_doubt)

    def late(self, now: datetime) -> Self:
        """Return pins that could not go out for so long that a person is asked first.

        None is tried before its moment, so that is as long ago; where people look, the index has the moments.
        """
        long_ago = now - ASK_AFTER
        return self.filter(status__in=UNSENT_STATUSES, next_attempt_at__lte=long_ago, publish_at__lte=long_ago)

    def held_by_account(self, now: datetime) -> Self:
        """Return pins that would be published at `now` if their account were connected.

        An upload that is in progress goes on.
        """
        away = PinterestAccount.objects.exclude(status=AccountStatus.ACTIVE).values("pk")
        return self.unclaimed(now).filter(account__in=away, status__in=UNSENT_STATUSES, next_attempt_at__lte=now)

    def oldest_first(self) -> Self:
        """Return the pins in the order in which they are due."""
        return self.order_by("next_attempt_at", "pk")

    def in_posting_order(self) -> Self:
        """Return the pins in the order in which they are due, videos first among those of the same moment.

        While Pinterest processes the videos, the others are posted.
        """
        return self.order_by("next_attempt_at", "-has_video", "pk")

    def to_post(self, now: datetime) -> Self:
        """Return active pins whose next step is to upload or to create, for which a posting slot is needed."""
        is_processing = Q(status=PinStatus.PROCESSING, media_ready_at=None)
        return self.exclude(IS_LOOKED_FOR | is_processing).filter(next_attempt_at__gte=well_known_since(now))

    def without_uploads(self) -> Self:
        """Return the pins but those whose next step is to send a video."""
        return self.exclude(NEEDS_UPLOAD)

    def to_ask_about(self, now: datetime) -> Self:
        """Return pins whose next step is a question to Pinterest, for which no slot is needed.

        Is the video processed, is the pin on the board?
        """
        is_processing = Q(status=PinStatus.PROCESSING, media_ready_at=None, next_attempt_at__gte=well_known_since(now))
        # Without its account, one that is to be sent again is asked about until a person is (PinQuerySet.let_go).
        # Not by a join: within "or", PostgreSQL takes 5 ms to plan it.
        active = PinterestAccount.objects.active().values("pk")
        is_to_be_searched = Q(looks__lt=len(VERIFICATION_DELAYS)) | ~Q(account__in=active)
        is_looked_for = Q(status=PinStatus.CREATING) | (Q(status=PinStatus.VERIFYING) & is_to_be_searched)
        return self.under_way().filter(is_looked_for | is_processing)

    def under_way(self) -> Self:
        """Return pins on their way with more than a scheduled time: a small part, by an index (`pin_under_way`)."""
        return self.exclude(status=PinStatus.SCHEDULED).filter(next_attempt_at__isnull=False)

    def overdue(self, now: datetime) -> Self:
        """Return pins that may have been sent unseen: no clock was heard when they were due, or they are very late.

        The database may be a copy. Their boards are searched first, without a slot.
        """
        return self.exclude(IS_LOOKED_FOR).filter(next_attempt_at__lt=well_known_since(now))

    def to_check(self, now: datetime) -> Self:
        """Return scheduled pins whose check before publishing is due (publishing/preflight.py)."""
        return self.filter(status=PinStatus.SCHEDULED, preflight_at__lte=now)

    def with_warnings(self) -> Self:
        """Return pins of which that check has found something while there is time to mend it."""
        return self.filter(status=PinStatus.SCHEDULED, has_warnings=True)

    def proposed(self) -> Self:
        """Return pins that wait for an approval; first those that go out as soon as they have it."""
        return self.filter(status=PinStatus.PROPOSED).order_by(F("publish_at").asc(nulls_first=True), "pk")

    def sent_back_to(self, user: User) -> Self:
        """Return drafts of this user that were not approved, the newest first."""
        is_theirs = Q(proposed_by=user) | Q(created_by=user)
        return self.filter(is_theirs, status=PinStatus.DRAFT).exclude(review_comment="").order_by("-updated_at", "-pk")

    def on_their_way(self) -> Self:
        """Return scheduled pins, and all that workers are at; exactly those have a next attempt."""
        return self.filter(next_attempt_at__isnull=False)

    def published(self) -> Self:
        """Return the published pins."""
        return self.filter(status=PinStatus.PUBLISHED)

    def with_content(self) -> Self:
        """Add all that a pin shows, in a number of queries that does not depend on the rows."""
        with_media = Prefetch("attachments", Attachment.objects.select_related("media"))
        return self.select_related(
            "account", "board", "family", "section", "workspace", "proposed_by"
        ).prefetch_related(with_media)
