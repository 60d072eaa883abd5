"""Sample data at the press of a button: a workspace of its own with half a year of history and a plan for the week.

The plan is made of drafts, because nothing of it can be published: its account exists nowhere.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from accounts.models import Membership, User, Workspace
from pins.models import Attachment, MediaFile, Pin, PinStatus
from pins.spacing.keys import keys_of

from . import history

NAME = "Sample data"
WANTED = history.Wanted(pins=240, days=180)
# Days from today with the hours at which a draft is planned; on the others nothing is.
PLAN = {0: (20,), 1: (9, 18), 2: (13,), 4: (9, 12, 18), 6: (10, 20)}


def existing(user: User) -> Workspace | None:
    """Return the sample workspace that the user has already, if any."""
    memberships = Membership.objects.filter(
        user=user, workspace__name=NAME, workspace__pinterest_accounts__is_made_up=True
    )
    membership = memberships.select_related("workspace").first()
    return membership.workspace if membership else None


def load(user: User, now: datetime) -> Workspace:
    """Return the user's sample workspace; it takes some seconds to make unless it is there already."""
    found = existing(user)
    if found is not None:
        return found
    workspace = history.make(NAME, user, WANTED, now, lambda line: None)
    plan_week(workspace, user, now)
    return workspace


def plan_week(workspace: Workspace, user: User, now: datetime) -> None:
    """Make drafts with times of the next seven days, one of them sent back with a comment."""
    account = workspace.pinterest_accounts.get()
    boards, media = list(account.boards.order_by("pk")), list(MediaFile.objects.in_workspace(workspace).order_by("pk"))
    today = now.astimezone(workspace.zone).date()
    moments = [
        datetime.combine(today + timedelta(days=days), time(hour), workspace.zone)
        for days, hours in PLAN.items()
        for hour in hours
    ]
    drafts = [
        Pin(
            workspace=workspace,
            account=account,
            board=boards[number % len(boards)],
            title=history.title_of(number),
            status=PinStatus.DRAFT,
            publish_at=at,
            created_by=user,
            **keys_of("", [media[number % len(media)].sha256]),
        )
        for number, at in enumerate(moments)
        if at > now
    ]
    drafts[-1].review_comment = "A warmer title, please."
    Pin.objects.bulk_create(drafts)
    Attachment.objects.bulk_create(
        Attachment(pin=pin, media=media[number % len(media)], position=0) for number, pin in enumerate(drafts)
    )
