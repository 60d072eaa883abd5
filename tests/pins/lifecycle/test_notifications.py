"""What people are told about their pins: published, failed, held."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccountStatus, Notification, NotificationKind, PinterestAccount, Role
from accounts.notifications import digests
from accounts.notifications.grouping import rows_of
from pins.composer import services as composer
from pins.lifecycle import notifications as pin_notifications
from pins.models import Pin, PinStatus
from pins.publishing import outcomes
from pins.rules.composition import Composition
from pins.scheduling import services as scheduling
from tests.factories import (
    AttachmentFactory,
    BoardFactory,
    MembershipFactory,
    NotificationFactory,
    PinFactory,
    PinterestAccountFactory,
)
from tests.pins.worker_helpers import advance

pytestmark = pytest.mark.django_db

LATE = timedelta(hours=24, minutes=1)


@pytest.fixture
def editor(team):
    return MembershipFactory(workspace=team.workspace, role=Role.EDITOR).user


@pytest.fixture
def due(team, editor):
    """`due()` makes a pin of the editor's whose time has come."""

    def make(**fields):
        return PinFactory(**{"board": team.board, "created_by": editor, "attachments": 0} | fields)

    return make


def told():
    """What was told since the last look, as (person, kind, text, path)."""
    rows = Notification.objects.select_related("user").order_by("pk")
    notifications = [(row.user, NotificationKind(row.kind), row.text, row.path) for row in rows]
    Notification.objects.all().delete()
    return notifications


def lose(account, status=AccountStatus.NEEDS_RECONNECT):
    PinterestAccount.objects.filter(pk=account.pk).update(status=status)


# Published and failed


def test_whoever_made_a_pin_is_told_that_it_is_published(shop, editor):
    pin = shop.pin(title="Oak chair", created_by=editor)

    assert advance(pin).status == PinStatus.PUBLISHED

    assert told() == [(editor, NotificationKind.PUBLISHED, "“Oak chair” is on Pinterest.", f"/pins/{pin.pk}/")]


def test_whoever_asked_for_approval_is_told_too(shop, editor):
    advance(shop.pin(created_by=editor, proposed_by=shop.team.bob))

    assert {person for person, *_ in told()} == {editor, shop.team.bob}


def test_a_pin_of_somebody_who_has_left_is_published_all_the_same(shop, editor):
    editor.memberships.all().delete()

    assert advance(shop.pin(created_by=editor)).status == PinStatus.PUBLISHED
    assert told() == []


def test_admins_and_whoever_made_it_are_told_why_a_pin_failed(shop, editor):
    shop.sandbox.fault("pins/create", "board_not_found")
    pin = shop.pin(title="Oak chair", created_by=editor)

    assert advance(pin).status == PinStatus.FAILED

    found = told()
    assert {person for person, *_ in found} == {editor, shop.team.alice}
    expected = (NotificationKind.FAILED, "“Oak chair” failed: The board is gone.", f"/pins/{pin.pk}/")
    assert {(kind, text, path) for _, kind, text, path in found} == {expected}


def test_a_broken_rule_is_called_a_needed_change(shop, editor):
    pin = shop.pin(title="Oak chair", created_by=editor)
    pin.attachments.all().delete()

    assert advance(pin).status == PinStatus.FAILED

    assert told()[0][2] == "“Oak chair” failed: The pin needs a change."


def test_what_a_worker_does_on_the_way_and_a_person_decides_is_not_told(shop, editor):
    shop.sandbox.fault("pins/create", "server_error")
    pin = shop.pin(created_by=editor)

    assert advance(pin).status == PinStatus.VERIFYING
    cancelled = shop.pin(created_by=editor)
    assert scheduling.cancel(cancelled, by=editor)

    assert told() == []


def test_a_worker_that_has_lost_its_claim_tells_nothing(due):
    pin = due(status=PinStatus.CREATING, sent_at=timezone.now())
    seen = Pin.objects.get(pk=pin.pk)
    Pin.objects.filter(pk=pin.pk).update(status=PinStatus.VERIFYING)

    outcomes.fail(seen, "spam", "")

    assert told() == []


def test_telling_costs_a_published_pin_two_queries(due, monkeypatch):
    def queries():
        pin = Pin.objects.get(pk=due(status=PinStatus.CREATING, sent_at=timezone.now()).pk)
        with CaptureQueriesContext(connection) as captured:
            outcomes.publish(pin, f"9{pin.pk}", timezone.now())
        return len(captured)

    telling = queries()
    monkeypatch.setattr(pin_notifications, "notify", lambda *args, **kwargs: None)

    assert telling == queries() + 2


def test_fifty_pins_that_fail_at_once_are_one_e_mail_and_one_line_for_each_member(due, team, editor, mailoutbox):
    for number in range(50):
        pin = due(status=PinStatus.CREATING, sent_at=timezone.now(), title=f"Chair {number}")
        outcomes.fail(pin, "board_not_found", "")
    now = timezone.now()

    for minute in range(60):
        digests.send_due(now + timedelta(minutes=minute))

    subject = f"50 pins failed in “{team.workspace}”"
    assert sorted((message.to[0], message.subject) for message in mailoutbox) == sorted(
        [(team.alice.email, subject), (editor.email, subject)]
    )
    lines = rows_of(Notification.objects.for_user(team.alice).order_by("-pk"))
    assert [row.text for row in lines] == ["50 pins failed"]


# Held


def test_pins_of_a_lost_account_are_told_once_together(due, team, editor):
    lose(team.account)
    for _ in range(12):
        due()
    due(publish_at=timezone.now() + timedelta(hours=1))  # not yet
    now = timezone.now()

    assert [pin_notifications.tell_held(now), pin_notifications.tell_held(now)] == [12, 0]

    text = f"12 pins of {team.account} wait until {team.account} is reconnected."
    held = (NotificationKind.HELD, text, "/connections/")
    assert set(told()) == {(team.alice, *held), (editor, *held)}
    assert told() == []


@pytest.mark.parametrize("status", [AccountStatus.NEEDS_RECONNECT, AccountStatus.DISCONNECTED])
def test_a_single_pin_is_named(due, team, status):
    lose(team.account, status)
    due(title="Oak chair")

    pin_notifications.tell_held(timezone.now())

    assert told()[0][2] == f"“Oak chair” waits until {team.account} is reconnected."


def test_each_account_is_told_for_itself(due, team):
    other = PinterestAccountFactory(workspace=team.workspace)
    board = BoardFactory(account=other)
    for account in (team.account, other):
        lose(account)
    due(title="A")
    due(title="B", board=board)

    assert pin_notifications.tell_held(timezone.now()) == 2
    assert {text for _, _, text, _ in told()} == {
        f"“A” waits until {team.account} is reconnected.",
        f"“B” waits until {other} is reconnected.",
    }


def test_late_pins_are_told_once_and_lead_to_where_they_are_asked_about(due, team):
    pin = due(title="Autumn sale", publish_at=timezone.now() - LATE)
    now = timezone.now()

    assert [pin_notifications.tell_held(now), pin_notifications.tell_held(now)] == [1, 0]
    text = "“Autumn sale” couldn't be published for more than 24 hours. Decide whether to publish it now."
    assert told()[0][2:] == (text, f"/pins/{pin.pk}/")

    due(publish_at=now - LATE)
    due(publish_at=now - LATE)
    pin_notifications.tell_held(now)
    text = f"2 pins of {team.account} couldn't be published for more than 24 hours. Decide whether to publish them now."
    assert told()[0][2:] == (text, "/")


def test_another_reason_is_news(due, team):
    lose(team.account)
    pin = due(publish_at=timezone.now() - LATE)
    now = timezone.now()

    assert pin_notifications.tell_held(now) == 1
    assert "is reconnected" in told()[0][2]
    lose(team.account, AccountStatus.ACTIVE)
    assert [pin_notifications.tell_held(now), pin_notifications.tell_held(now)] == [1, 0]
    assert "more than 24 hours" in told()[0][2]
    pin.refresh_from_db()
    assert pin.held_notice == pin_notifications.LATE


def test_what_was_scheduled_anew_is_told_anew(due, team, editor):
    pin = due(publish_at=timezone.now() - LATE)
    pin_notifications.tell_held(timezone.now())
    told()
    pin.refresh_from_db()
    now = timezone.now()

    assert scheduling.release_late(pin, by=editor, now=now)
    # The board is searched first, and does not have it.
    Pin.objects.update(status=PinStatus.SCHEDULED, sent_at=None, overdue_since=None)
    assert pin_notifications.tell_held(now) == 0
    assert pin_notifications.tell_held(now + LATE) == 1


def test_a_pin_that_goes_out_and_is_held_by_the_next_loss_is_told_again(shop, editor):
    pin = shop.pin(created_by=editor)
    lose(shop.account)
    pin_notifications.tell_held(timezone.now())
    assert len(told()) == 2
    lose(shop.account, AccountStatus.ACTIVE)
    shop.sandbox.fault("pins/create", "server_error")

    advance(pin)  # it is on its way; nobody knows yet

    pin.refresh_from_db()
    assert pin.held_notice == ""


def test_pins_that_a_worker_has_or_that_pinterest_may_have_are_not_held(due, team):
    lose(team.account)
    now = timezone.now()
    due(claimed_until=now + timedelta(minutes=1))
    due(publish_at=now - LATE, claimed_until=now + timedelta(minutes=1))
    due(status=PinStatus.VERIFYING, sent_at=now)
    due(status=PinStatus.DRAFT)
    due(status=PinStatus.FAILED)

    assert pin_notifications.tell_held(now) == 0


def test_a_late_pin_that_a_worker_has_is_not_held(due):
    now = timezone.now()
    due(status=PinStatus.UPLOADING, publish_at=now - LATE, claimed_until=now + timedelta(minutes=1))

    assert pin_notifications.tell_held(now) == 0
    assert pin_notifications.tell_held(now + timedelta(minutes=2)) == 1


def test_two_sweeps_at_once_tell_it_once(due, team):
    lose(team.account)
    due()
    now = timezone.now()
    untold = Pin.objects.held_by_account(now).exclude(held_notice=pin_notifications.ACCOUNT)

    counts = [pin_notifications._tell_held(team.account, pin_notifications.ACCOUNT, untold, now) for _ in range(2)]

    assert counts == [1, 0]
    assert len(told()) == 2  # alice and the editor, each once


def test_a_sweep_that_finds_nothing_costs_three_queries_and_one_that_does_few(due, team, django_assert_num_queries):
    due(publish_at=timezone.now() + timedelta(hours=1))
    with django_assert_num_queries(3):
        pin_notifications.tell_held(timezone.now())
    lose(team.account)
    for _ in range(20):
        due()

    with CaptureQueriesContext(connection) as captured:
        assert pin_notifications.tell_held(timezone.now()) == 20

    # Three looks, the account, a transaction with pins, UPDATE, webhooks, members and INSERT.
    assert len(captured) <= 11


def test_a_proposed_pin_whose_time_has_passed_is_told_once_for_each_proposal(due, team, editor):
    now = timezone.now()
    pin = due(status=PinStatus.PROPOSED, publish_at=now + timedelta(minutes=5), proposed_by=editor, title="A chair")
    assert pin_notifications.tell_held(now) == 0

    later = now + timedelta(minutes=6)
    assert pin_notifications.tell_held(later) == 1
    assert pin_notifications.tell_held(later) == 0
    sentence = "“A chair” is due but still waiting for approval."
    page = reverse("pins:pin_detail", args=[pin.pk])
    assert (team.alice, NotificationKind.HELD, sentence, page) in told()
    edit = {"publish_at": later + timedelta(hours=1), "is_draft": False, "by": editor, "now": later}
    composer.edit_pin(pin, Composition.of(pin), **edit)
    assert pin_notifications.tell_held(later) == 0
    assert pin_notifications.tell_held(later + timedelta(hours=2)) == 1


def test_the_copy_of_a_held_pin_is_nothing_to_be_told_about_yet(due, team, editor):
    lose(team.account)
    pin = due()
    AttachmentFactory(pin=pin)
    pin_notifications.tell_held(timezone.now())
    pin.refresh_from_db()

    copy = composer.duplicate_pin(pin, by=editor, now=timezone.now())

    assert Pin.objects.get(pk=copy.pk).held_notice == ""


# Reading


def test_opening_a_pins_page_reads_what_led_to_it(team, alice):
    pin = PinFactory(board=team.board)
    page = reverse("pins:pin_detail", args=[pin.pk])
    mine, bobs = (user.memberships.get() for user in (team.alice, team.bob))
    of_pin = NotificationFactory(membership=mine, path=page)
    others = [NotificationFactory(membership=mine), NotificationFactory(membership=bobs, path=page)]

    alice.get(page, headers={"hx-request": "true"})
    assert Notification.objects.unread().count() == 3
    shown = alice.get(page).content.decode()

    assert set(Notification.objects.unread()) == set(others)
    assert "Notifications, 1 unread" in shown
    of_pin.refresh_from_db()
    assert not of_pin.wants_email


def test_a_notification_of_a_deleted_pin_leads_to_the_others(team, alice):
    pin, other = PinFactory(board=team.board), PinFactory(board=team.board)
    mine = team.alice.memberships.get()
    pages = [reverse("pins:pin_detail", args=[each.pk]) for each in (pin, other)]
    gone, kept = (NotificationFactory(membership=mine, path=page) for page in pages)

    composer.delete_pin(pin, by=team.alice, now=timezone.now())

    assert alice.get(reverse("accounts:notification_open", args=[gone.pk])).url == reverse("pins:pin_list")
    assert alice.get(reverse("accounts:notification_open", args=[kept.pk])).url == pages[1]


def test_opening_a_pins_page_asks_nothing_when_all_is_read(team, alice):
    pin = PinFactory(board=team.board)

    with CaptureQueriesContext(connection) as captured:
        alice.get(reverse("pins:pin_detail", args=[pin.pk]))

    assert not [query for query in captured if "UPDATE" in query["sql"]]
