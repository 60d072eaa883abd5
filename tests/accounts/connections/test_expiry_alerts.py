from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from accounts import tasks
from accounts.connections import expiry_alerts, tokens
from accounts.models import AccountStatus, Notification, NotificationKind, PinterestAccount, Role
from tests.factories import MembershipFactory, UserFactory
from tests.page_text import page_text

pytestmark = pytest.mark.django_db


def leave(account, **left):
    PinterestAccount.objects.filter(pk=account.pk).update(refresh_expires_at=timezone.now() + timedelta(**left))


def told():
    """What was told since the last look, as (person, text)."""
    notifications = [(each.user, each.text) for each in Notification.objects.select_related("user").order_by("pk")]
    Notification.objects.all().delete()
    return notifications


def test_a_connection_that_is_renewed_in_time_is_nothing_to_tell(team):
    leave(team.account, days=15)

    assert expiry_alerts.tell_due(timezone.now()) == 0
    assert told() == []


def test_the_team_is_told_at_14_7_and_1_days_each_time_once(team):
    counts = []
    for hours in (14 * 24, 13 * 24, 7 * 24, 6 * 24, 24, 12):
        leave(team.account, hours=hours)
        expiry_alerts.tell_due(timezone.now())
        expiry_alerts.tell_due(timezone.now())
        counts.append(len(told()))

    assert counts == [1, 0, 1, 0, 1, 0]


def test_those_who_can_reconnect_it_are_told(team):
    editor = MembershipFactory(workspace=team.workspace, role=Role.EDITOR).user
    MembershipFactory(workspace=team.workspace, user=UserFactory(is_active=False))
    leave(team.account, days=3)

    expiry_alerts.tell_due(timezone.now())

    one = Notification.objects.get(user=team.alice)
    assert (one.kind, one.path, one.wants_email) == (NotificationKind.RECONNECT_NEEDED, "/connections/", True)
    assert {person for person, _ in told()} == {team.alice, editor}  # not bob, who may only look


def test_the_text_says_when_it_ends_in_the_workspaces_time(team):
    ends_at = timezone.now().replace(hour=22, minute=30, second=0, microsecond=0) + timedelta(days=3)
    PinterestAccount.objects.filter(pk=team.account.pk).update(refresh_expires_at=ends_at)

    expiry_alerts.tell_due(timezone.now())

    [(_, text)] = told()
    assert text.startswith(f"{team.account} needs reconnecting soon")
    assert ends_at.astimezone(team.workspace.zone).strftime("%a %-d %b %Y, %H:%M (Europe/Berlin)") in text


def test_a_dead_connection_is_told_once_with_its_reason_and_again_after_the_next_death(team):
    dead = {"status": AccountStatus.NEEDS_RECONNECT, "trouble": tokens.REVOKED}
    for _ in range(2):
        PinterestAccount.objects.filter(pk=team.account.pk).update(**dead)
        expiry_alerts.tell_due(timezone.now())
        expiry_alerts.tell_due(timezone.now())
        assert told() == [(team.alice, f"{team.account} needs reconnecting. {tokens.REVOKED}")]
        PinterestAccount.objects.filter(pk=team.account.pk).update(status=AccountStatus.ACTIVE, trouble="")
        expiry_alerts.tell_due(timezone.now())
        assert told() == []


def test_a_warning_comes_by_e_mail_within_two_minutes(team, settings, time_machine):
    settings.PUBLIC_URL = "https://pins.example.com"
    leave(team.account, days=7)
    now = timezone.now()

    for minute in range(3):
        time_machine.move_to(now + timedelta(minutes=minute), tick=False)
        tasks.send_notifications()

    [message] = mail.outbox
    assert message.to == [team.alice.email]
    assert message.subject.startswith(f"{team.account} needs reconnecting soon")
    assert f"https://pins.example.com/notifications/{Notification.objects.get().pk}/" in message.body


def test_two_workers_at_once_tell_it_once(team):
    leave(team.account, days=3)
    seen_by_both = PinterestAccount.objects.select_related("workspace").get(pk=team.account.pk)

    assert [expiry_alerts.tell(seen_by_both, timezone.now()) for _ in range(2)] == [True, False]
    assert len(told()) == 1


def test_what_was_reconnected_a_moment_ago_is_not_said_to_need_it(team):
    PinterestAccount.objects.filter(pk=team.account.pk).update(status=AccountStatus.NEEDS_RECONNECT)
    seen = PinterestAccount.objects.select_related("workspace").get(pk=team.account.pk)
    PinterestAccount.objects.filter(pk=team.account.pk).update(status=AccountStatus.ACTIVE)

    assert not expiry_alerts.tell(seen, timezone.now())
    assert told() == []


def test_the_page_offers_to_reconnect_before_the_end(team, alice):
    leave(team.account, days=15)
    assert "This connection expires on" not in page_text(alice.get("/connections/"))

    leave(team.account, days=13)
    page = page_text(alice.get("/connections/"))

    assert "This connection expires on" in page
    assert f"Reconnect {team.account}</button>" in page


def test_the_page_says_since_when_an_account_is_in_trouble(team, alice):
    since = timezone.now() - timedelta(days=2)
    PinterestAccount.objects.filter(pk=team.account.pk).update(
        status=AccountStatus.NEEDS_RECONNECT, trouble=tokens.REVOKED, trouble_since=since
    )

    assert f'Since <time datetime="{since:%Y-%m-%dT%H:%M}' in page_text(alice.get("/connections/"))
