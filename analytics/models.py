"""Figures, as Pinterest told them and for as long as we keep them, and what ingestion has to remember.

NULL in a metric's column means "Pinterest has not said", never zero. Days are Pinterest's, in UTC.
"""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import AccountStatus, Board, PinterestAccount, ScopedQuerySet, User, Workspace
from pins.models import Pin
from postiz_pins.common.leases import LeaseQuerySet

from .periods import PRESETS, Period


class PinKind(models.TextChoices):
    """What a pin consists of; Pinterest counts more for videos."""

    IMAGE = "image", "Image"
    CAROUSEL = "carousel", "Carousel"
    VIDEO = "video", "Video"


class Trouble(models.TextChoices):
    """Why an account's figures do not come; each has its sentence in analytics/account_report/status_messages.py."""

    NONE = "", "None"
    NOT_BUSINESS = "not_business", "Not a business account"
    NO_PERMISSION = "no_permission", "Lost permission"
    NOT_CONNECTED = "not_connected", "Not connected"
    DELAYED = "delayed", "Pinterest does not answer"
    UNREADABLE = "unreadable", "Answers that cannot be read"
    OUT_OF_CALLS = "out_of_calls", "The day's calls are used up"


class AccountFeedQuerySet(ScopedQuerySet, LeaseQuerySet):
    """Feeds by what is to be fetched."""

    workspace_path = "account__workspace"

    def due(self, now: datetime) -> Self:
        """Return unclaimed feeds of connected accounts with something to fetch, that are not paused.

        NULL in a pause or a claim: there is none.
        """
        is_due = Q(days_next_at__lte=now) | Q(lifetime_next_at__lte=now) | Q(pins_next_at__lte=now)
        is_allowed = Q(paused_until=None) | Q(paused_until__lte=now)
        return self.unclaimed(now).filter(is_due, is_allowed, account__status=AccountStatus.ACTIVE)


class AccountFeed(models.Model):
    """What ingestion knows about one account: when to fetch what, and what stands in its way (ingestion/runner.py)."""

    account = models.OneToOneField(PinterestAccount, on_delete=models.CASCADE, primary_key=True, related_name="feed")
    # When the account's days, its pins' lifetime metrics and its pins' days are fetched again.
    days_next_at = models.DateTimeField(default=timezone.now)
    lifetime_next_at = models.DateTimeField(default=timezone.now)
    pins_next_at = models.DateTimeField(default=timezone.now)
    # When each was last fetched to its end. NULL: never so far.
    days_fetched_at = models.DateTimeField(null=True, blank=True)
    lifetime_fetched_at = models.DateTimeField(null=True, blank=True)
    pins_fetched_at = models.DateTimeField(null=True, blank=True)
    # When the last 14 days were last fetched for Pinterest's revisions. NULL: never so far.
    revised_at = models.DateTimeField(null=True, blank=True)
    # The newest day that has figures: ranges of reports end with it. NULL: none so far.
    latest_on = models.DateField(null=True, blank=True)
    # Pinterest asked us (429) to fetch nothing before then, or the budget is used up. NULL: no such wish.
    paused_until = models.DateTimeField(null=True, blank=True)
    # The endpoint for many pins is not tried again before then. NULL: never refused.
    many_pins_refused_until = models.DateTimeField(null=True, blank=True)
    # Failures in a row, for the back-off.
    failures = models.PositiveSmallIntegerField(default=0)
    trouble = models.CharField(max_length=20, choices=Trouble, blank=True, default="")
    # Pinterest's own words about it.
    trouble_text = models.TextField(blank=True, default="")
    trouble_since = models.DateTimeField(null=True, blank=True)
    # The last "Refresh now". NULL: it was never pressed.
    refreshed_at = models.DateTimeField(null=True, blank=True)
    claim_token = models.UUIDField(null=True, editable=False)
    # End of the lease; beyond it any worker may take the account.
    claimed_until = models.DateTimeField(null=True, editable=False)

    objects = AccountFeedQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Analytics of {self.account}"


class DayQuerySet(ScopedQuerySet):
    """Days of figures."""

    def within(self, period: Period) -> Self:
        """Return the days of the period."""
        return self.filter(date__range=(period.start_on, period.end_on))


class AccountDayQuerySet(DayQuerySet):
    """Days of accounts."""

    workspace_path = "account__workspace"


class PinDayQuerySet(DayQuerySet):
    """Days of pins."""

    workspace_path = "pin__workspace"


class AccountDay(models.Model):
    """One day of an account."""

    account = models.ForeignKey(PinterestAccount, on_delete=models.CASCADE, related_name="days")
    date = models.DateField()
    # Pinterest's word: READY, PROCESSING, ESTIMATE, BEFORE_…, or one that we do not know yet.
    data_status = models.CharField(max_length=80)
    impressions = models.BigIntegerField(null=True)
    pin_clicks = models.BigIntegerField(null=True)
    engagement = models.BigIntegerField(null=True)
    saves = models.BigIntegerField(null=True)
    outbound_clicks = models.BigIntegerField(null=True)
    # A fraction (0 to 1) of the day's impressions, as Pinterest sends it.
    pin_click_rate = models.FloatField(null=True)
    # Metrics without a column of their own, by Pinterest's names. NULL: none.
    others = models.JSONField(null=True)

    objects = AccountDayQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "date"], name="account_day_once")]

    def __str__(self) -> str:
        return f"{self.account} on {self.date}"


class PinDay(models.Model):
    """One day of a published pin."""

    pin = models.ForeignKey(Pin, on_delete=models.CASCADE, related_name="days")
    date = models.DateField()
    data_status = models.CharField(max_length=80)
    impressions = models.BigIntegerField(null=True)
    pin_clicks = models.BigIntegerField(null=True)
    outbound_clicks = models.BigIntegerField(null=True)
    saves = models.BigIntegerField(null=True)
    others = models.JSONField(null=True)

    objects = PinDayQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pin", "date"], name="pin_day_once")]

    def __str__(self) -> str:
        return f"{self.pin} on {self.date}"


class PinLifetimeQuerySet(ScopedQuerySet):
    """Snapshots of pins."""

    workspace_path = "pin__workspace"


class PinLifetime(models.Model):
    """What a pin had come to by a day; written when that has changed since the last one."""

    pin = models.ForeignKey(Pin, on_delete=models.CASCADE, related_name="lifetimes")
    date = models.DateField()
    impressions = models.BigIntegerField(null=True)
    pin_clicks = models.BigIntegerField(null=True)
    outbound_clicks = models.BigIntegerField(null=True)
    saves = models.BigIntegerField(null=True)
    reactions = models.BigIntegerField(null=True)
    comments = models.BigIntegerField(null=True)
    others = models.JSONField(null=True)

    objects = PinLifetimeQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pin", "date"], name="pin_lifetime_once")]

    def __str__(self) -> str:
        return f"{self.pin} by {self.date}"


class PinSummaryQuerySet(ScopedQuerySet):
    """Pins by whether their figures are still fetched."""

    def enrolled(self, published_since: datetime) -> Self:
        """Return pins that are still asked about: young enough, and not gone from Pinterest."""
        return self.filter(published_at__gte=published_since, gone_at=None)


class PinSummary(models.Model):
    """One published pin: its newest lifetime metrics, and when it is asked about again.

    Workspace, account, board, kind and moment repeat what the pin has, so that 100,000 pins can be sorted by an index.
    A published pin does not change them.
    """

    pin = models.OneToOneField(Pin, on_delete=models.CASCADE, primary_key=True, related_name="summary")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    account = models.ForeignKey(PinterestAccount, on_delete=models.CASCADE, related_name="pin_summaries")
    board = models.ForeignKey(Board, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=PinKind)
    published_at = models.DateTimeField()

    # When the lifetime metrics below were fetched. NULL: not yet.
    lifetime_at = models.DateTimeField(null=True, blank=True)
    impressions = models.BigIntegerField(null=True)
    pin_clicks = models.BigIntegerField(null=True)
    outbound_clicks = models.BigIntegerField(null=True)
    saves = models.BigIntegerField(null=True)
    reactions = models.BigIntegerField(null=True)
    comments = models.BigIntegerField(null=True)
    # Saves divided by impressions, a fraction. NULL: one of them is unknown, or there are no impressions.
    save_rate = models.FloatField(null=True)

    # When its days are fetched again. NULL: no more.
    days_next_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    days_fetched_at = models.DateTimeField(null=True, blank=True)
    # The newest day with figures, and the status of the newest day told. NULL and empty: none so far.
    latest_on = models.DateField(null=True, blank=True)
    latest_status = models.CharField(max_length=80, blank=True, default="")
    # Pin clicks, outbound clicks and saves of its first seven days. NULL: they are not all known yet.
    first_week_engagement = models.BigIntegerField(null=True)
    # When Pinterest itself answered 404 for it. NULL while it is there, and once it is back.
    gone_at = models.DateTimeField(null=True, blank=True)

    objects = PinSummaryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "pin summaries"
        indexes = [
            models.Index(fields=["account", "days_next_at"], name="summary_due"),
            models.Index(fields=["workspace", "published_at", "pin"], name="summary_by_age"),
            *(
                models.Index(fields=["workspace", column, "pin"], name=f"summary_by_{column}")
                for column in ("impressions", "pin_clicks", "outbound_clicks", "saves", "save_rate")
            ),
        ]

    def __str__(self) -> str:
        return f"Analytics of {self.pin}"


class PinPeriodQuerySet(ScopedQuerySet):
    """Totals of pins in the offered ranges."""

    workspace_path = "account__workspace"


class PinPeriod(models.Model):
    """What a pin came to in one of the offered ranges (periods.PRESETS), up to `AccountFeed.latest_on`.

    Kept by ingestion (ingestion/rollups.py), so that ranking 100,000 pins costs a look at an index. No row: no figures
    then.
    """

    pin = models.ForeignKey(Pin, on_delete=models.CASCADE, related_name="periods")
    account = models.ForeignKey(PinterestAccount, on_delete=models.CASCADE, related_name="+")
    board = models.ForeignKey(Board, on_delete=models.CASCADE, related_name="+")
    days = models.PositiveSmallIntegerField()
    impressions = models.BigIntegerField(default=0)
    pin_clicks = models.BigIntegerField(default=0)
    outbound_clicks = models.BigIntegerField(default=0)
    saves = models.BigIntegerField(default=0)

    objects = PinPeriodQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pin", "days"], name="pin_period_once"),
            models.CheckConstraint(condition=Q(days__in=list(PRESETS)), name="pin_period_known"),
        ]
        indexes = [
            models.Index(F("account"), F("days"), F(column).desc(), name=f"pin_period_by_{column}"[:30])
            for column in ("impressions", "pin_clicks", "outbound_clicks", "saves")
        ]

    def __str__(self) -> str:
        return f"{self.pin} in {self.days} days"


class BoardPeriod(models.Model):
    """What the pins of a board came to in one of the offered ranges; kept like PinPeriod."""

    board = models.ForeignKey(Board, on_delete=models.CASCADE, related_name="periods")
    account = models.ForeignKey(PinterestAccount, on_delete=models.CASCADE, related_name="+")
    days = models.PositiveSmallIntegerField()
    pins = models.PositiveIntegerField(default=0)
    impressions = models.BigIntegerField(default=0)
    pin_clicks = models.BigIntegerField(default=0)
    outbound_clicks = models.BigIntegerField(default=0)
    saves = models.BigIntegerField(default=0)

    objects = PinPeriodQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["board", "days"], name="board_period_once")]
        indexes = [models.Index(fields=["account", "days"], name="board_period_of_account")]

    def __str__(self) -> str:
        return f"{self.board} in {self.days} days"


class CallCount(models.Model):
    """How many requests for figures were made on a day (UTC) with this app.

    All accounts together (ingestion/rate_budget.py).
    """

    date = models.DateField(primary_key=True)
    calls = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.calls} calls on {self.date}"


class WeeklySummary(models.Model):
    """The weekly e-mail of a workspace. No row, or no `enabled_at`: it is off."""

    workspace = models.OneToOneField(
        Workspace, on_delete=models.CASCADE, primary_key=True, related_name="weekly_summary"
    )
    enabled_at = models.DateTimeField(null=True, blank=True)
    enabled_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    # The Monday of the newest week that was sent; the claim too: the worker that moves it sends. NULL: none so far.
    sent_for = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "weekly summaries"

    def __str__(self) -> str:
        return f"Weekly summary of {self.workspace}"
