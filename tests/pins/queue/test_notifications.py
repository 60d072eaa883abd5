"""Queues that run dry are told of once, three days ahead."""

from datetime import timedelta

import pytest

from accounts.models import Notification, NotificationKind, PinterestAccount, Role
from pins.queue.notifications import tell_low_queues
from tests.factories import MembershipFactory, PinFactory
from tests.pins.queue.helpers import NOW

DAY = timedelta(days=1)


def queued(team, days):
    return PinFactory(board=team.board, publish_at=NOW + days * DAY, is_queued=True, attachments=0)


@pytest.mark.parametrize(("days", "count"), [(2, 1), (3, 1), (4, 0)])
def test_members_who_edit_are_told_three_days_ahead_and_once(account, team, days, count):
    editor = MembershipFactory(workspace=team.workspace, role=Role.EDITOR).user
    queued(team, 1)
    queued(team, days)

    assert [tell_low_queues(NOW), tell_low_queues(NOW)] == [count, 0]

    told = Notification.objects.filter(kind=NotificationKind.QUEUE_LOW)
    assert {each.user for each in told} == ({team.alice, editor} if count else set())
    assert all(each.path == f"/queue/?account={account.pk}" for each in told)


def test_a_queue_that_was_filled_is_told_of_again(account, team):
    queued(team, 2)
    tell_low_queues(NOW)
    queued(team, 5)

    assert [tell_low_queues(NOW + DAY), tell_low_queues(NOW + 2 * DAY)] == [0, 1]


def test_pins_at_times_of_their_own_a_pause_and_an_empty_queue_are_no_news(account, team):
    PinFactory(board=team.board, publish_at=NOW + DAY, attachments=0)
    assert tell_low_queues(NOW) == 0

    queued(team, 1)
    PinterestAccount.objects.update(queue_paused_at=NOW)
    assert tell_low_queues(NOW) == 0
