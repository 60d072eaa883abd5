"""What a member gets by e-mail from one workspace."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict

from accounts.models import Membership, NotificationKind

from .kinds import ABOUT, About
from .services import choose_emails


class EmailChoiceForm(forms.Form):
    """A checkbox for each kind of notification; the browser sends the ticked ones only, and `shown` in any case."""

    shown = forms.BooleanField(widget=forms.HiddenInput)
    kinds = forms.MultipleChoiceField(choices=NotificationKind.choices, required=False)

    def __init__(self, membership: Membership, data: QueryDict | None = None) -> None:
        super().__init__(data, prefix=f"workspace-{membership.workspace_id}", initial={"shown": True})
        self.membership = membership

    def save(self) -> None:
        choose_emails(self.membership, self.cleaned_data["kinds"])


def forms_of(memberships: Iterable[Membership], data: QueryDict | None = None) -> list[EmailChoiceForm]:
    """Return the forms by name of the workspace.

    With `data`, those that the page has shown: a workspace joined since stays as it is.
    """
    ordered: list[Any] = sorted(memberships, key=lambda membership: membership.workspace.name.casefold())
    forms_by_name = [EmailChoiceForm(membership, data) for membership in ordered]
    return [form for form in forms_by_name if data is None or form.add_prefix("shown") in data]


@dataclass(frozen=True)
class ChoiceRow:
    """A kind of notification, and for each form whether it is checked."""

    kind: str
    label: str
    about: About
    choices: Sequence[tuple[EmailChoiceForm, bool]]


def choice_rows(forms_by_name: Sequence[EmailChoiceForm]) -> list[ChoiceRow]:
    """Return the rows of the table whose columns are the forms."""
    return [
        ChoiceRow(
            kind,
            NotificationKind(kind).label,
            about,
            [(form, kind not in form.membership.muted_kinds) for form in forms_by_name],
        )
        for kind, about in ABOUT.items()
    ]
