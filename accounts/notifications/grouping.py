"""The lines of the page of notifications: a flood of one kind is a single line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from accounts.models import Notification

from .kinds import ABOUT, About

# As many of a kind within so long stand alone; more of them become one line.
MOST_ALONE = 3
SPAN = timedelta(hours=1)


@dataclass
class Row:
    """One notification, or several of the same kind and workspace, the newest first."""

    notifications: list[Notification] = field(default_factory=list)

    @property
    def newest(self) -> Notification:
        """Return the newest of its notifications."""
        return self.notifications[0]

    @property
    def about(self) -> About:
        """Return the icon and words of its kind."""
        return ABOUT[self.newest.kind]

    @property
    def is_run(self) -> bool:
        """Return whether it stands for several notifications."""
        return len(self.notifications) > 1

    @property
    def text(self) -> str:
        """Return its line: the notification's text, or how many there are of the kind."""
        return f"{len(self.notifications)} {self.about.many}" if self.is_run else self.newest.text

    @property
    def unread_count(self) -> int:
        """Return how many of its notifications are unread."""
        return sum(notification.read_at is None for notification in self.notifications)

    @property
    def is_partly_read(self) -> bool:
        """Return whether some of its notifications are unread and others are not."""
        return 0 < self.unread_count < len(self.notifications)


def rows_of(notifications: Iterable[Notification]) -> list[Row]:
    """Return the lines for `notifications`, which come newest first.

    Others may stand between those of a run: workers that publish in turn fail in turn.
    """
    runs: dict[tuple[str, int], Row] = {}
    belongs_to: list[tuple[Notification, Row]] = []
    for notification in notifications:
        key = (notification.kind, notification.workspace_id)
        run = runs.get(key)
        if run is None or run.newest.at - notification.at > SPAN:
            run = runs[key] = Row()
        run.notifications.append(notification)
        belongs_to.append((notification, run))
    rows = []
    for notification, run in belongs_to:
        if len(run.notifications) <= MOST_ALONE:
            rows.append(Row([notification]))
        elif notification is run.newest:
            rows.append(run)
    return rows
