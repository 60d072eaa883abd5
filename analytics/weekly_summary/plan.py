"""How a week's plan was kept, and what is planned for the week after it, by the days of the workspace's zone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Count
from django.db.models.functions import TruncDate

from accounts.models import Workspace
from analytics.periods import Period
from pins.models import Pin, PinQuerySet, PinStatus
from postiz_pins.common.dates import first_moment

WEEK = timedelta(days=7)

# Numbers of pins by account and day.
Counts = Counter[tuple[int, date]]


@dataclass(frozen=True)
class PlanDay:
    """A day of the week: of the one that the summary is about, and of the one after it."""

    name: str
    planned: int
    published: int
    planned_next: int


@dataclass(frozen=True)
class Plan:
    """The plan of one account."""

    days: Sequence[PlanDay]

    @property
    def is_empty(self) -> bool:
        """Return whether nothing was planned or published, and nothing is planned."""
        return not any((self.planned, self.published, self.planned_next))

    @property
    def planned(self) -> int:
        """Return how many pins were planned for the week."""
        return sum(day.planned for day in self.days)

    @property
    def published(self) -> int:
        """Return how many pins were published in the week."""
        return sum(day.published for day in self.days)

    @property
    def planned_next(self) -> int:
        """Return how many pins are planned for the week after it."""
        return sum(day.planned_next for day in self.days)


class Plans:
    """The plans of all accounts of a workspace, read in two queries."""

    def __init__(self, workspace: Workspace, week: Period) -> None:
        self._week = week
        pins = Pin.objects.in_workspace(workspace)
        after = Period(week.start_on + WEEK, week.end_on + WEEK)
        self._planned = _counts(
            pins.exclude(status=PinStatus.DRAFT), "publish_at", week.start_on, after.end_on, workspace
        )
        self._published = _counts(pins.published(), "published_at", week.start_on, week.end_on, workspace)

    def of(self, account_id: int) -> Plan:
        """Return the plan of this account."""
        return Plan(
            [
                PlanDay(
                    name=f"{day:%A}",
                    planned=self._planned[account_id, day],
                    published=self._published[account_id, day],
                    planned_next=self._planned[account_id, day + WEEK],
                )
                for day in self._week
            ]
        )


def _counts(pins: PinQuerySet, moment: str, first: date, last: date, workspace: Workspace) -> Counts:
    """Return how many pins of each account have their `moment` on which day; both dates inclusive."""
    begin, end = (_begin(day, workspace) for day in (first, last + timedelta(days=1)))
    rows = (
        pins.filter(**{f"{moment}__gte": begin, f"{moment}__lt": end})
        .order_by()
        .annotate(day=TruncDate(moment, tzinfo=workspace.zone))
        .values_list("account_id", "day")
        .annotate(count=Count("pk"))
    )
    return Counter({(account_id, day): count for account_id, day, count in rows})


def _begin(day: date, workspace: Workspace) -> datetime:
    return first_moment(day, time.min, workspace.zone)
