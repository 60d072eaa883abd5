"""What the weekly summary tells: the account page's own numbers, for one week."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse

from accounts.models import PinterestAccount, Workspace
from .metrics import ACCOUNT_METRICS
from .periods import Period
from pins.models import Pin


@dataclass(frozen=True)
class Card:
    label: str
    total_text: str
    change_text: str


@dataclass(frozen=True)
class TopPin:
    title: str
    url: str
    figures_text: str


@dataclass(frozen=True)
class AccountPart:
    account: PinterestAccount
    cards: list[Card]
    top_pins: list[TopPin]
    published: int
    url: str
    has_figures: bool


@dataclass(frozen=True)
class SummaryReport:
    workspace: Workspace
    week: Period
    is_complete: bool
    parts: list[AccountPart]

    @property
    def name(self) -> str:
        return " ".join(self.workspace.name.split())

    @property
    def has_figures(self) -> bool:
        return any(part.has_figures for part in self.parts)

    @property
    def week_text(self) -> str:
        start, end = self.week.start_on, self.week.end_on
        if start.year != end.year:
            return f"{start:%-d %B %Y} to {end:%-d %B %Y}"
        if start.month != end.month:
            return f"{start:%-d %B} to {end:%-d %B %Y}"
        return f"{start:%-d} to {end:%-d %B %Y}"


def build_report(workspace: Workspace, week: Period, *, is_complete: bool) -> SummaryReport:
    return SummaryReport(workspace, week, is_complete, [])
