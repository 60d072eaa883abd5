"""The pins that need attention, by kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Subquery

from accounts.models import AccountStatus, Membership, PinterestAccount, User, Workspace
from pins.models import HELD_BY_QUEUE, Pin, PinQuerySet, PinStatus
from pins.models.shown_at import shown_at
from pins.rules.links import UNCHECKED

# So many pins of a kind are listed; its link leads to all of them.
MOST_SHOWN = 3
# If more pins than these are listed in all, only the first kind is open, so that the rest of the page stays in sight.
MOST_OPEN = 3
# How many more there are helps no user, and counting thousands costs time.
MOST_COUNTED = 99
# What a warning is about, by its field; everything else is text.
SUBJECTS = {"link": "link", "board": "board", "section": "board", "attachments": "media"}


@dataclass(frozen=True)
class Attention:
    """Pins that need the same thing of the user, those first that need it most."""

    # One of failed, late, sent_back, proposed, warned.
    kind: str
    pins: Sequence[Pin]
    # At most MOST_COUNTED + 1.
    count: int
    # Of pins with a warning: what it is about and how many pins it is about, most first.
    about: Sequence[tuple[str, int]] = ()
    # Whether its pins are in sight; else they open under their line.
    is_open: bool = False

    @property
    def is_late(self) -> bool:
        """Return whether its pins wait for a word because they are late."""
        return self.kind == "late"

    @property
    def is_sent_back(self) -> bool:
        """Return whether its pins show why they were sent back."""
        return self.kind == "sent_back"

    @property
    def is_warned(self) -> bool:
        """Return whether its pins show what was found."""
        return self.kind == "warned"

    @property
    def has_more(self) -> bool:
        """Return whether there are pins of the kind that are not listed."""
        return self.count > len(self.pins)

    @property
    def count_text(self) -> str:
        """Return the number of pins as it is shown."""
        return f"{MOST_COUNTED}+" if self.count > MOST_COUNTED else str(self.count)


def attention(workspace: Workspace, membership: Membership, user: User, now: datetime) -> list[Attention]:
    """Return what needs the user, failures first; a kind without pins is left out. Seven queries at most."""
    kinds = _kinds(workspace, membership, user, now)
    warnings = dict(kinds.pop("warned").values_list("pk", "warnings")[: MOST_COUNTED + 1])
    keys = {kind: list(pins.values_list("pk", flat=True)[: MOST_COUNTED + 1]) for kind, pins in kinds.items()}
    keys["warned"] = list(warnings)
    shown = [pk for found in keys.values() for pk in found[:MOST_SHOWN]]
    pins = Pin.objects.with_content().in_bulk(shown)
    # Warnings wait for a click: their pins go out all the same.
    listed = [kind for kind, found in keys.items() if found and kind != "warned"]
    are_few = sum(len(keys[kind][:MOST_SHOWN]) for kind in listed) <= MOST_OPEN
    return [
        Attention(
            kind,
            [pins[pk] for pk in found[:MOST_SHOWN] if pk in pins],
            len(found),
            about=_subjects(warnings.values()) if kind == "warned" else (),
            is_open=kind in (listed if are_few else listed[:1]),
        )
        for kind, found in keys.items()
        if found
    ]


def _subjects(warnings: Iterable[list[dict[str, str]]]) -> list[tuple[str, int]]:
    """Return what the warnings of these pins are about, each subject with its number of pins."""
    subjects = Counter(
        subject
        for of_pin in warnings
        for subject in {SUBJECTS.get(row.get("field", ""), "text") for row in of_pin if row["code"] != UNCHECKED}
    )
    return sorted(subjects.items(), key=lambda each: (-each[1], each[0]))


def _kinds(workspace: Workspace, membership: Membership, user: User, now: datetime) -> dict[str, PinQuerySet]:
    pins = Pin.objects.in_workspace(workspace)
    # Those who approve see what waits for them, the others what they wait for.
    whose = {} if membership.can_publish else {"proposed_by": user}
    return {
        "failed": pins.filter(status=PinStatus.FAILED).order_by(shown_at().desc(), "-pk"),
        "late": pins.late(now).exclude(HELD_BY_QUEUE).order_by("publish_at", "pk"),
        "sent_back": pins.sent_back_to(user),
        "proposed": pins.proposed().filter(**whose),
        "warned": pins.with_warnings().order_by("publish_at", "pk"),
    }


def accounts_in_trouble(
    workspace: Workspace, accounts: Sequence[PinterestAccount]
) -> list[tuple[PinterestAccount, bool]]:
    """Return the accounts that need reconnecting, each with whether pins wait for it.

    A disconnected one is trouble only for the pins that wait for it.
    """
    away = [account for account in accounts if not account.is_active]
    waited_for = _with_waiting_pins(away, workspace)
    return [
        (account, account.pk in waited_for)
        for account in away
        if account.pk in waited_for or account.status == AccountStatus.NEEDS_RECONNECT
    ]


def _with_waiting_pins(accounts: Sequence[PinterestAccount], workspace: Workspace) -> set[int]:
    """Return the keys of those for which pins wait, be it for their time or for an approval."""
    keys = [account.pk for account in accounts]
    # The first by index: to find just any, PostgreSQL may read the table from its beginning.
    first = Pin.objects.filter(account=OuterRef("pk")).on_their_way().in_posting_order().values("pk")[:1]
    waiting = PinterestAccount.objects.filter(pk__in=keys).annotate(first=Subquery(first)).exclude(first=None)
    # By the workspace, since proposed pins have an index with it and none with their account.
    proposed = Pin.objects.in_workspace(workspace).filter(status=PinStatus.PROPOSED, account__in=keys)
    return {*waiting.values_list("pk", flat=True), *proposed.values_list("account", flat=True).distinct()}
