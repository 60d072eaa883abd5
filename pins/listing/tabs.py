"""The tabs of the list of pins, and how many pins each of them holds."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import IntegerField, Subquery

from accounts.models import Workspace
from pins.models import PinQuerySet, PinStatus

# Beyond it a tab says "9,999+": a count must not read a table of years.
COUNTED_UP_TO = 9_999


@dataclass(frozen=True)
class Tab:
    """A tab of the list: some statuses in an order of their own."""

    # In the query string.
    value: str
    label: str
    # None: pins of all statuses.
    statuses: tuple[PinStatus, ...] = ()
    # What is still to come is read forwards, what has been backwards.
    is_soonest_first: bool = False


ON_ITS_WAY = Tab(
    "on-its-way",
    "On its way",
    (PinStatus.UPLOADING, PinStatus.PROCESSING, PinStatus.CREATING, PinStatus.VERIFYING),
    is_soonest_first=True,
)
ALL = Tab("", "All")
TABS = (
    ALL,
    Tab("draft", "Drafts", (PinStatus.DRAFT,)),
    Tab("proposed", "Needs approval", (PinStatus.PROPOSED,), is_soonest_first=True),
    Tab("scheduled", "Scheduled", (PinStatus.SCHEDULED,), is_soonest_first=True),
    ON_ITS_WAY,
    Tab("published", "Published", (PinStatus.PUBLISHED,)),
    Tab("failed", "Failed", (PinStatus.FAILED,)),
)


def tab_named(value: str) -> Tab:
    """Return the tab of this name; of a status that has none of its own, "On its way"; of anything else, "All"."""
    if value in ON_ITS_WAY.statuses:
        return ON_ITS_WAY
    return next((tab for tab in TABS if tab.value == value), ALL)


class CappedCount(Subquery):
    """How many rows a query has whose slice says how far to count."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


def counts_of(workspace: Workspace, pins: PinQuerySet) -> dict[str, str]:
    """Return, for each tab's value, how many of the pins it holds, as it is written; all by one query."""
    tabs = [tab for tab in TABS if tab is not ALL]
    rows = Workspace.objects.filter(pk=workspace.pk).values_list(
        *(CappedCount(pins.filter(status__in=tab.statuses).values("pk")[: COUNTED_UP_TO + 1]) for tab in tabs)
    )
    counts = dict(zip((tab.value for tab in tabs), rows[0], strict=True))
    counts[ALL.value] = sum(counts.values())
    return {value: f"{min(count, COUNTED_UP_TO):,}{'+' * (count > COUNTED_UP_TO)}" for value, count in counts.items()}
