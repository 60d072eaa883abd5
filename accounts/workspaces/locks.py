"""One change of a workspace, or of its team, after the other: what was checked is still true when it is written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from accounts.models import Membership, User, Workspace
from accounts.permissions import require_still_admin


@contextmanager
def locked(workspace: Workspace, *, admin: User | None = None) -> Iterator[Workspace]:
    """Open a transaction that has the workspace's row to itself, and yield the row as it is by now.

    SQLite has no such lock, but lets only one transaction write (settings).

    Raises PermissionDenied if `admin` is given and no longer one.
    """
    with transaction.atomic():
        # `no_key`: what belongs to the workspace is written meanwhile. Else a transaction that has locked an
        # account or a pin, and then its workspace, would wait for us, and we for that row.
        fresh = Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)
        if admin is not None:
            require_still_admin(admin, fresh)
        yield fresh


def lock_all_of(user: User) -> None:
    """Lock every workspace of the user until the caller's transaction ends: no member joins or leaves.

    To be called before the user's own row is locked.
    """
    own_workspaces = Membership.objects.filter(user=user).values("workspace")
    list(Workspace.objects.select_for_update(no_key=True).filter(pk__in=own_workspaces).order_by("pk"))
