"""What a person is told about the spacing of a pin, with the next time that would be good."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from pins.models import Pin
from pins.spacing.checks import check
from pins.spacing.clearance import Likeness
from pins.spacing.findings import Finding
from pins.spacing.planned import Planned
from pins.spacing.services import planned_of
from postiz_pins.common.dates import first_moment

from .places import HORIZON_DAYS, FreePlaces


@dataclass(frozen=True)
class GoodTime:
    """A time about which nothing would be said. `is_place`: it is a free publishing time of the queue."""

    at: datetime
    is_place: bool


@dataclass(frozen=True)
class Advice:
    """What the guard finds about a pin, and a better time if that would mend some of it."""

    findings: list[Finding]
    good_time: GoodTime | None = None

    @property
    def codes(self) -> list[str]:
        """Return the codes of what it finds."""
        return [finding.code for finding in self.findings]

    @property
    def is_warning(self) -> bool:
        """Return whether it is more than hints."""
        return any(not finding.is_hint for finding in self.findings)


def advice_on(planned: Planned | None, now: datetime) -> Advice:
    """Return what is to be said about a pin that is not published yet; nothing without a board."""
    if planned is None:
        return Advice([])
    found = check(planned, planned.account.workspace.zone)
    needs_other_time = any(finding.is_about_time and not finding.is_hint for finding in found)
    return Advice(found, good_time_for(planned, now) if needs_other_time else None)


def advice_on_pin(pin: Pin, now: datetime) -> Advice:
    """Return the advice on a pin that was read `with_content`; none once Pinterest has or may have it."""
    planned = planned_of(pin, now)
    if planned is not None:
        planned.account.workspace = pin.workspace
    return advice_on(planned, now)


def good_time_for(planned: Planned, now: datetime) -> GoodTime | None:
    """Return the next good time after that of the pin: a free publishing time, or else the same time of another day.

    None if there is none HORIZON_DAYS ahead.
    """
    account = planned.account
    likeness = Likeness(planned.link_key, planned.picture_key)
    without = [planned.pk] if planned.pk else []
    places = FreePlaces(account, now=max(now, planned.at), without=without, likenesses=[likeness], is_any_day=True)
    at = places.take(likeness)
    if at is not None:
        return GoodTime(at, is_place=True)
    local = planned.at.astimezone(account.workspace.zone)
    for number in range(1, HORIZON_DAYS + 1):
        day = local.date() + timedelta(days=number)
        at = first_moment(day, local.time(), account.workspace.zone)
        if at > now and places.is_good(at, likeness):
            return GoodTime(at, is_place=False)
    return None
