"""Two people change a team at the same moment: threads with connections of their own, on real transactions."""

import threading
from datetime import UTC, datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection

from accounts.deletion import requests as deletion_requests
from accounts.models import Invitation, Membership
from accounts.team import services as teams
from tests.factories import InvitationFactory, MembershipFactory, UserFactory, WorkspaceFactory

from .test_services import end, membership_of, roles

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*works):
    """Runs each in a thread with a connection of its own; their results or exceptions."""
    barrier, outcomes = threading.Barrier(len(works)), [None] * len(works)

    def run(number):
        try:
            barrier.wait()
            outcomes[number] = works[number]()
        except (teams.TeamError, deletion_requests.DeletionError, PermissionDenied, IntegrityError) as error:
            outcomes[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[number]) for number in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@pytest.mark.parametrize("step", ["demote", "remove", "leave"])
def test_two_admins_at_the_same_moment_leave_one(step):
    for _ in range(10):
        workspace = WorkspaceFactory()
        first, second = MembershipFactory(workspace=workspace), MembershipFactory(workspace=workspace)
        mine, theirs = membership_of(first.user, workspace), membership_of(second.user, workspace)

        outcomes = at_once(
            lambda: end(step, theirs, by=first.user),  # noqa: B023  the threads end within the round
            lambda: end(step, mine, by=second.user),  # noqa: B023
        )

        assert roles(workspace).count("admin") == 1
        assert [outcome is None for outcome in outcomes].count(True) == 1


def test_two_acceptances_at_the_same_moment_give_one_membership():
    for _ in range(10):
        invitation = InvitationFactory(created_at=NOW)
        user = UserFactory(email=invitation.email)

        outcomes = at_once(*[lambda: teams.accept(invitation, user, now=NOW)] * 3)  # noqa: B023

        assert [type(outcome) for outcome in outcomes].count(Membership) == 1
        assert [type(outcome) for outcome in outcomes].count(teams.InvitationUnusable) == 2
        assert user.memberships.count() == 1


def test_two_invitations_of_one_address_at_the_same_moment_are_one():
    for _ in range(5):
        admins = MembershipFactory.create_batch(2, workspace=WorkspaceFactory())
        workspace = admins[0].workspace

        outcomes = at_once(
            *[
                lambda admin=admin: teams.invite(workspace, "dana@example.com", "editor", by=admin.user, now=NOW)  # noqa: B023
                for admin in admins
            ]
        )

        assert Invitation.objects.in_workspace(workspace).count() == 1
        assert [type(outcome) for outcome in outcomes].count(teams.TeamError) == 1
