"""What people do at the moment when a deletion begins: threads on real transactions, as in team/test_races.py.

PostgreSQL ends one of two transactions that wait for each other; `at_once` lets that error fail the test.
"""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.connections import services as connections
from accounts.deletion import execution as deletion_execution
from accounts.deletion import requests as deletion_requests
from accounts.models import AccountStatus, Membership, PinterestAccount, Workspace
from accounts.team import services as teams
from accounts.workspaces.services import create_workspace
from postiz_pins.pinterest.client import UserAccount
from tests.accounts.team.test_races import at_once
from tests.factories import MembershipFactory, PinterestAccountFactory, UserFactory

from .test_requests import grant

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = range(8)


def test_a_workspace_is_either_kept_or_begun():
    for _ in ROUNDS:
        now = timezone.now()
        admin = MembershipFactory(workspace__delete_at=now - timedelta(seconds=1))
        workspace, by = admin.workspace, admin.user

        kept, begun = at_once(
            lambda: deletion_requests.cancel_workspace_deletion(workspace, by=by, now=now),  # noqa: B023  the threads end within the round
            lambda: deletion_execution.begin_workspace_deletion(workspace, now),  # noqa: B023
        )

        assert begun == isinstance(kept, PermissionDenied)
        assert Membership.objects.filter(workspace=workspace).exists() != begun
        assert (Workspace.objects.get(pk=workspace.pk).delete_at is None) != begun


def test_a_reconnected_account_is_either_kept_or_another_row():
    for _ in ROUNDS:
        now = timezone.now()
        account = PinterestAccountFactory(status=AccountStatus.DISCONNECTED, delete_at=now - timedelta(seconds=1))
        by = MembershipFactory(workspace=account.workspace).user
        profile = UserAccount(account.pinterest_user_id, account.username, "BUSINESS", "")

        connected, begun = at_once(
            lambda: connections.connect(account.workspace, profile, grant(), by=by, now=now),  # noqa: B023
            lambda: deletion_execution.begin_account_deletion(account, now),  # noqa: B023
        )

        row = PinterestAccount.objects.get(pk=account.pk)
        assert row.is_being_deleted == begun
        assert (connected.pk == account.pk) != begun
        assert PinterestAccount.objects.get(pk=connected.pk).is_active


def test_calling_off_and_reconnecting_do_not_wait_for_each_other():
    for _ in ROUNDS:
        now = timezone.now()
        account = PinterestAccountFactory(status=AccountStatus.DISCONNECTED, delete_at=now + timedelta(days=1))
        by = MembershipFactory(workspace=account.workspace).user
        other = MembershipFactory(workspace=account.workspace).user
        profile = UserAccount(account.pinterest_user_id, account.username, "BUSINESS", "")

        at_once(
            lambda: connections.connect(account.workspace, profile, grant(), by=by, now=now),  # noqa: B023
            lambda: deletion_requests.cancel_account_deletion(account, by=other, now=now),  # noqa: B023
        )

        row = PinterestAccount.objects.get(pk=account.pk)
        assert row.is_active and row.delete_at is None


def test_somebody_who_invites_meanwhile_does_not_wait_for_the_deletion_and_it_for_them():
    for _ in ROUNDS:
        now = timezone.now()
        admin = MembershipFactory(user__delete_at=now)

        _, begun = at_once(
            lambda: teams.invite(admin.workspace, "lee@example.com", "editor", by=admin.user, now=now),  # noqa: B023
            lambda: deletion_execution.begin_user_deletion(admin.user, now),  # noqa: B023
        )

        assert begun is True
        assert not teams.Invitation.objects.in_workspace(admin.workspace).open().exists()


def test_a_workspace_that_somebody_has_just_joined_does_not_go_along():
    for _ in ROUNDS:
        now = timezone.now()
        admin, joining = MembershipFactory(user__delete_at=now), UserFactory()
        invitation, _token = teams.invite(admin.workspace, joining.email, "admin", by=admin.user, now=now)

        joined, begun = at_once(
            lambda: teams.accept(invitation, joining, now=now),  # noqa: B023
            lambda: deletion_execution.begin_user_deletion(admin.user, now),  # noqa: B023
        )

        assert begun is True
        has_joined = isinstance(joined, Membership)
        assert Membership.objects.in_workspace(admin.workspace).exists() == has_joined
        assert (Workspace.objects.get(pk=admin.workspace_id).delete_at is None) == has_joined


def test_a_workspace_that_the_person_makes_meanwhile_goes_along():
    for _ in ROUNDS:
        now = timezone.now()
        admin = MembershipFactory(user__delete_at=now)

        def erase():
            assert deletion_execution.begin_user_deletion(admin.user, now)  # noqa: B023
            list(deletion_execution.finish_user_deletion(admin.user, now))  # noqa: B023

        at_once(lambda: create_workspace("Late", "UTC", admin.user), erase)  # noqa: B023

        assert not Workspace.objects.filter(memberships=None, delete_at=None).exists()


def test_two_admins_who_ask_at_once_leave_one():
    for _ in ROUNDS:
        now = timezone.now()
        first = MembershipFactory()
        second = MembershipFactory(workspace=first.workspace)

        outcomes = at_once(
            lambda: deletion_requests.request_user_deletion(first.user, now=now),  # noqa: B023
            lambda: deletion_requests.request_user_deletion(second.user, now=now),  # noqa: B023
        )

        assert sum(isinstance(outcome, deletion_requests.DeletionError) for outcome in outcomes) == 1
