"""The questions that workers and pages ask about pins."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db.models import F, Prefetch, Q

from accounts.models import AccountStatus, PinterestAccount, ScopedQuerySet, User
from postiz_pins.common.leases import LeaseQuerySet

from .heartbeat import well_known_since
from .media import Attachment
from .statuses import ASK_AFTER, LONGEST_DOUBT, UNSENT_STATUSES, UNSURE_STATUSES, VERIFICATION_DELAYS, PinStatus

# Nobody knows yet whether Pinterest has the pin. Who has not been found is to be sent again, after one more look.
IS_LOOKED_FOR = Q(status=PinStatus.CREATING) | Q(status=PinStatus.VERIFYING, looks__lt=len(VERIFICATION_DELAYS))


def account_lets_go(now: datetime) -> Q:
    """Whether a pin's account is connected, and neither Pinterest nor an operator has paused it (as
    PinterestAccountQuerySet.postable)."""
    is_paused = Q(account__posting_paused_until__gt=now)
    return Q(account__status=AccountStatus.ACTIVE, account__publishing_paused_at=None) & ~is_paused


class PinQuerySet(ScopedQuerySet, LeaseQuerySet):
    UNCLAIMED = {**LeaseQuerySet.UNCLAIMED, "claimed_by": ""}

    def ripe(self, now: datetime) -> Self:
        """Pins whose time has come and that nobody has, whether or not their account lets them go.

        A claim without an end (NULL) was never made or has been given back. Only pins on their way have a next attempt,
        and here and below conditions say what is left out of them: PostgreSQL would take "one of these statuses" for
        rare in a table of published pins, and sort all that is due instead of reading the first by index."""
        is_late = Q(status__in=UNSENT_STATUSES, next_attempt_at__lte=now - ASK_AFTER)
        return self.unclaimed(now).filter(next_attempt_at__lte=now).exclude(is_late)

    def due(self, now: datetime) -> Self:
        """Pins that a worker may take at `now`: something is to be done, nobody has them, and nothing holds them."""
        return self.ripe(now).let_go(now)

    def let_go(self, now: datetime) -> Self:
        """Pins whose account does not hold them: it is connected and not paused. It holds none for ever that nobody
        knows the outcome of, unless an operator has paused it.

        By a join, since that is what PostgreSQL's planner stops early."""
        is_long_in_doubt = Q(
            status__in=UNSURE_STATUSES, sent_at__lt=now - LONGEST_DOUBT, account__publishing_paused_at=None
        )
        return self.filter(account_lets_go(now) | is_long_in_doubt)

    def late(self, now: datetime) -> Self:
        """Pins that could not go out for so long that a person is asked first.

        None is tried before its moment, so that is as long ago; where people look, the index has the moments."""
        long_ago = now - ASK_AFTER
        return self.filter(status__in=UNSENT_STATUSES, next_attempt_at__lte=long_ago, publish_at__lte=long_ago)

    def held_by_account(self, now: datetime) -> Self:
        """Pins that would go out at `now` if their account were connected. An upload that a worker is at goes on."""
        away = PinterestAccount.objects.exclude(status=AccountStatus.ACTIVE).values("pk")
        return self.unclaimed(now).filter(account__in=away, status__in=UNSENT_STATUSES, next_attempt_at__lte=now)

    def oldest_first(self) -> Self:
        return self.order_by("next_attempt_at", "pk")

    def in_posting_order(self) -> Self:
        """The oldest first, and of those that are due at the same moment videos: while Pinterest processes them, the
        others are posted."""
        return self.order_by("next_attempt_at", "-has_video", "pk")

    def to_post(self, now: datetime) -> Self:
        """Of pins on their way those whose next step is to upload or to create, for which a posting slot is needed."""
        is_processing = Q(status=PinStatus.PROCESSING, media_ready_at=None)
        return self.exclude(IS_LOOKED_FOR | is_processing).filter(next_attempt_at__gte=well_known_since(now))

    def to_ask_about(self, now: datetime) -> Self:
        """Pins whose next step is a question to Pinterest, for which no slot is needed: is the video processed, is the
        pin on the board?"""
        is_processing = Q(status=PinStatus.PROCESSING, media_ready_at=None, next_attempt_at__gte=well_known_since(now))
        # Without its account, one that is to be sent again is asked about until a person is (PinQuerySet.let_go).
        # Not by a join: within "or", PostgreSQL takes 5 ms to plan it.
        active = PinterestAccount.objects.active().values("pk")
        is_to_be_searched = Q(looks__lt=len(VERIFICATION_DELAYS)) | ~Q(account__in=active)
        is_looked_for = Q(status=PinStatus.CREATING) | (Q(status=PinStatus.VERIFYING) & is_to_be_searched)
        return self.under_way().filter(is_looked_for | is_processing)

    def under_way(self) -> Self:
        """Pins on their way of which more is known than their moment: a small part, with an index (`pin_under_way`)."""
        return self.exclude(status=PinStatus.SCHEDULED).filter(next_attempt_at__isnull=False)

    def overdue(self, now: datetime) -> Self:
        """Pins that would be sent, if anybody knew that they have not been: no clock was heard when they fell due, so
        this may be a copy of the database, or they are very late. Their boards are searched first, without a slot."""
        return self.exclude(IS_LOOKED_FOR).filter(next_attempt_at__lt=well_known_since(now))

    def to_check(self, now: datetime) -> Self:
        """Scheduled pins whose check before publishing is due (publishing/preflight.py)."""
        return self.filter(status=PinStatus.SCHEDULED, preflight_at__lte=now)

    def with_warnings(self) -> Self:
        """Pins of which that check has found something while there is time to mend it."""
        return self.filter(status=PinStatus.SCHEDULED, has_warnings=True)

    def proposed(self) -> Self:
        """Pins that wait for an approval; first those that go out as soon as they have it."""
        return self.filter(status=PinStatus.PROPOSED).order_by(F("publish_at").asc(nulls_first=True), "pk")

    def sent_back_to(self, user: User) -> Self:
        """Drafts of this person that somebody did not approve, the newest first."""
        is_theirs = Q(proposed_by=user) | Q(created_by=user)
        return self.filter(is_theirs, status=PinStatus.DRAFT).exclude(review_comment="").order_by("-updated_at", "-pk")

    def on_their_way(self) -> Self:
        """Scheduled pins, and all that have left since; exactly those have a next attempt."""
        return self.filter(next_attempt_at__isnull=False)

    def published(self) -> Self:
        return self.filter(status=PinStatus.PUBLISHED)

    def with_content(self) -> Self:
        """Adds all that a pin shows, in a number of queries that does not depend on the rows."""
        with_media = Prefetch("attachments", Attachment.objects.select_related("media"))
        return self.select_related("account", "board", "section", "workspace", "proposed_by").prefetch_related(
            with_media
        )
