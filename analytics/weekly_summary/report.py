"""The weekly summary: the account page's own numbers (account_report/services.py), for one week, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse

from accounts.models import PinterestAccount, Workspace
from analytics.account_report import services as account_report
from analytics.account_report.account_selection import accounts_to_choose
from analytics.metrics import IMPRESSIONS
from analytics.numbers import exact, percent
from analytics.periods import Period

from .plan import WEEK, Plan, Plans

TOP_PINS = 3


@dataclass(frozen=True)
class Card:
    """A figure of the email, as text."""

    label: str
    total_text: str
    # Empty: there is nothing to compare with.
    change_text: str


@dataclass(frozen=True)
class TopPin:
    """One of the best pins of the week."""

    title: str
    url: str
    figures_text: str


@dataclass(frozen=True)
class AccountPart:
    """What the email says about one account."""

    account: PinterestAccount
    cards: Sequence[Card]
    top_pins: Sequence[TopPin]
    # Pins published in the week, from here.
    published: int
    # The account page with just this week.
    url: str
    plan: Plan
    # The calendar of the account, with the week after this one.
    plan_url: str


@dataclass(frozen=True)
class SummaryReport:
    """What the email says."""

    workspace: Workspace
    week: Period
    # Whether Pinterest has told every day of the week.
    is_complete: bool
    parts: Sequence[AccountPart]

    @property
    def name(self) -> str:
        """Return the workspace's name on one line: a line break would end the header of the subject."""
        return " ".join(self.workspace.name.split())

    @property
    def has_figures(self) -> bool:
        """Return whether any account has figures."""
        return bool(self.parts)

    @property
    def has_plan(self) -> bool:
        """Return whether it says anything of a plan."""
        return not all(part.plan.is_empty for part in self.parts)

    @property
    def zone_name(self) -> str:
        """Return the time zone of the plan's days."""
        return self.workspace.time_zone

    @property
    def week_text(self) -> str:
        """Return the days of the week in words."""
        start, end = self.week.start_on, self.week.end_on
        if start.year != end.year:
            return f"{start:%-d %b %Y} to {end:%-d %b %Y}"
        if start.month != end.month:
            return f"{start:%-d %b} to {end:%-d %b %Y}"
        return f"{start:%-d} to {end:%-d %b %Y}"


def build_report(
    workspace: Workspace, week: Period, *, is_complete: bool, accounts: Sequence[PinterestAccount] | None = None
) -> SummaryReport:
    """Return the report of all accounts of the workspace, or of those given.

    An account without any figure in the week is left out. Two queries, and five for each account with figures, of
    which a workspace has a handful.
    """
    included = accounts_to_choose(workspace) if accounts is None else accounts
    plans = Plans(workspace, week)
    parts = [part for account in included if (part := _part(account, week, plans)) is not None]
    return SummaryReport(workspace, week, is_complete, parts)


def _part(account: PinterestAccount, week: Period, plans: Plans) -> AccountPart | None:
    figures = account_report.figures_of(account_report.stored_days(account, week), week)
    if all(figure.value is None for figure in figures):
        return None
    ranked = account_report.ranked_pins([account], account_report.ChosenRange(week, None), IMPRESSIONS.column, TOP_PINS)
    return AccountPart(
        account=account,
        cards=[_card(figure) for figure in figures],
        top_pins=[_top_pin(entry) for entry in ranked],
        published=sum(account_report.published_counts(account, week).values()),
        url=_account_url(account, week),
        plan=plans.of(account.pk),
        plan_url=_plan_url(account, week),
    )


def _card(figure: account_report.Figure) -> Card:
    total = percent(figure.value) if figure.metric.is_rate else exact(_whole(figure.value))
    if figure.is_partly_known:
        total += f" ({figure.known_days} of {figure.days} days)"
    return Card(figure.metric.label, total or "not available", _change_text(figure))


def _change_text(figure: account_report.Figure) -> str:
    """Return the change in the words of the page's cards."""
    if figure.is_up_from_zero:
        return "up from zero"
    change = figure.shown_change
    if change is None:
        return ""
    text = f"{abs(change):.1f}% {'up' if change > 0 else 'down'}" if change else "no change"
    return text if figure.compared_days == figure.days else f"{text} over {figure.compared_days} days"


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)


def _top_pin(ranked: account_report.RankedPin) -> TopPin:
    reported = [
        f"{exact(value)} {noun if value == 1 else f'{noun}s'}"
        for value, noun in (
            (ranked.impressions, "impression"),
            (ranked.pin_clicks, "pin click"),
            (ranked.outbound_clicks, "outbound click"),
            (ranked.saves, "save"),
        )
        if value is not None
    ]
    url = f"{settings.PUBLIC_URL}{reverse('analytics:pin_detail', args=[ranked.pin.pinterest_pin_id])}"
    return TopPin(" ".join(str(ranked.pin).split()), url, ", ".join(reported))


def _account_url(account: PinterestAccount, week: Period) -> str:
    query = {"account": account.pk, "start": week.start_on.isoformat(), "end": week.end_on.isoformat()}
    return f"{settings.PUBLIC_URL}{reverse('analytics:overview')}?{urlencode(query)}"


def _plan_url(account: PinterestAccount, week: Period) -> str:
    query = {"view": "week", "on": (week.start_on + WEEK).isoformat(), "account": account.pk}
    return f"{settings.PUBLIC_URL}{reverse('pins:calendar')}?{urlencode(query)}"
