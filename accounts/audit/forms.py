"""What narrows the audit trail: its GET form."""

from __future__ import annotations

from django import forms
from django.db.models import Q

from accounts.models import AuditAction
from accounts.models.audit import AuditEntryQuerySet
from postiz_pins.common.date_range_forms import SpanForm

# Actions that are looked for together, under what they are about.
GROUPS: dict[str, list[AuditAction]] = {
    "Pins": [
        *(AuditAction.COMPOSED, AuditAction.EDITED, AuditAction.PROPOSED, AuditAction.APPROVED, AuditAction.SENT_BACK),
        *(AuditAction.SCHEDULED, AuditAction.CANCELLED, AuditAction.RETRIED, AuditAction.PUBLISHED),
    ],
    "Team": [
        *(AuditAction.INVITED, AuditAction.INVITATION_CANCELLED, AuditAction.JOINED),
        *(AuditAction.ROLE_CHANGED, AuditAction.REMOVED, AuditAction.LEFT),
    ],
    "Connections, keys and settings": [
        *(AuditAction.CONNECTED, AuditAction.DISCONNECTED, AuditAction.KEY_MADE, AuditAction.KEY_REVOKED),
        *(AuditAction.WEBHOOK_ADDED, AuditAction.WEBHOOK_CHANGED, AuditAction.WEBHOOK_DELETED),
        AuditAction.SETTINGS_CHANGED,
    ],
    "Deletions and exports": [
        *(AuditAction.DELETED, AuditAction.EXPORTED, AuditAction.DELETION_REQUESTED, AuditAction.DELETION_CANCELED),
        AuditAction.ERASED,
    ],
}


def _choices() -> list[tuple[str, str | list[tuple[str, str]]]]:
    return [
        ("", "Everything"),
        *((name, [(name, f"{name}: all"), *((each.value, each.label) for each in GROUPS[name])]) for name in GROUPS),
    ]


class TrailForm(SpanForm):
    """The filters of the audit log: words, user, action and a range of dates."""

    field_order = ("q", "who", "what", "since", "until")

    q = forms.CharField(
        required=False, max_length=200, label="Search", widget=forms.TextInput(attrs={"type": "search"})
    )
    # Not a list to choose from: people who are gone are looked for most.
    who = forms.CharField(
        required=False,
        max_length=254,
        label="Who",
        widget=forms.TextInput(attrs={"list": "people", "autocomplete": "off", "placeholder": "Anyone"}),
    )
    what = forms.ChoiceField(
        required=False,
        choices=_choices,
        label="What",
        error_messages={"invalid_choice": "Unknown action. Choose one from the list."},
    )

    def narrow(self, entries: AuditEntryQuerySet) -> AuditEntryQuerySet:
        """Return the entries that match every valid field; each word of the search is somewhere in them."""
        what, who = self.cleaned_data.get("what"), self.cleaned_data.get("who")
        entries = entries.filter(self.within("at"))
        if what:
            entries = entries.filter(action__in=GROUPS.get(what, [what]))
        if who:
            entries = entries.filter(by_name__icontains=who)
        for word in (self.cleaned_data.get("q") or "").split():
            entries = entries.filter(Q(target__icontains=word) | Q(detail__icontains=word) | Q(by_name__icontains=word))
        return entries

    @property
    def in_words(self) -> str:
        """Return the filters in words, for the audit log's entry about an export."""
        filters = {name: value for name, value in self.cleaned_data.items() if value}
        return ", ".join(f"{self[name].label.lower()}: {value}" for name, value in filters.items())
