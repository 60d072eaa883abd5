"""Calling a deletion off at the moment when it begins: threads on real transactions, as in test_teams_races.py."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts import connections, erasing, erasure
from accounts.models import AccountStatus, Membership, PinterestAccount, Workspace
from postiz_pins.pinterest.client import UserAccount
from tests.factories import MembershipFactory, PinterestAccountFactory

from .test_erasure import grant
from .test_teams_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = range(8)


def test_a_workspace_is_either_kept_or_begun():
    for _ in ROUNDS:
        now = timezone.now()
        admin = MembershipFactory(workspace__erase_at=now - timedelta(seconds=1))
        workspace, by = admin.workspace, admin.user

        kept, begun = at_once(
            lambda: erasure.keep_workspace(workspace, by=by, now=now),  # noqa: B023  the threads end within the round
            lambda: erasing.begin_workspace(workspace, now),  # noqa: B023
        )

        assert begun == isinstance(kept, PermissionDenied)
        assert Membership.objects.filter(workspace=workspace).exists() != begun
        assert (Workspace.objects.get(pk=workspace.pk).erase_at is None) != begun


def test_a_reconnected_account_is_either_kept_or_another_row():
    for _ in ROUNDS:
        now = timezone.now()
        account = PinterestAccountFactory(status=AccountStatus.DISCONNECTED, erase_at=now - timedelta(seconds=1))
        by = MembershipFactory(workspace=account.workspace).user
        profile = UserAccount(account.pinterest_user_id, account.username, "BUSINESS", "")

        connected, begun = at_once(
            lambda: connections.connect(account.workspace, profile, grant(), by=by, now=now),  # noqa: B023
            lambda: erasing.begin_account(account, now),  # noqa: B023
        )

        row = PinterestAccount.objects.get(pk=account.pk)
        assert row.is_being_erased == begun
        assert (connected.pk == account.pk) != begun
        assert PinterestAccount.objects.get(pk=connected.pk).is_active
