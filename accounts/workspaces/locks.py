"""One change of a workspace, or of its team, after the other: what was checked is still true when it is written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from accounts.models import Membership, User, Workspace
from accounts.permissions import require_still_admin


@contextmanager
def locked(workspace: Workspace, *, admin: User | None = None) -> Iterator[Workspace]:
    """A transaction that has the workspace's row to itself, and the row as it is by now.

    With `admin`, raises PermissionDenied if that person is none any more. SQLite has no such lock, but lets only one
    transaction write (settings)."""
    with transaction.atomic():
        # `no_key`: what belongs to the workspace is written meanwhile. Else whoever has locked an account or a pin, and
        # then tells the workspace of it, would wait for us, and we for that row.
        fresh = Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)
        if admin is not None:
            require_still_admin(admin, fresh)
        yield fresh


def lock_all_of(user: User) -> None:
    """Locks every workspace of the person until the end of the caller's transaction: nobody joins or leaves meanwhile.

    To be called before the person's own row is locked."""
    mine = Membership.objects.filter(user=user).values("workspace")
    list(Workspace.objects.select_for_update(no_key=True).filter(pk__in=mine).order_by("pk"))
