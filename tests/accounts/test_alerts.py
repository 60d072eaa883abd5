from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from accounts import alerts, tokens
from accounts.models import AccountStatus, PinterestAccount
from tests.factories import MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db


def leave(account, **left):
    PinterestAccount.objects.filter(pk=account.pk).update(refresh_expires_at=timezone.now() + timedelta(**left))


def sent():
    messages = [(message.subject, message.to) for message in mail.outbox]
    mail.outbox.clear()
    return messages


def test_a_connection_that_is_renewed_in_time_is_nothing_to_tell(team):
    leave(team.account, days=15)

    assert alerts.send_due(timezone.now()) == 0
    assert sent() == []


def test_admins_are_told_at_14_7_and_1_days_each_time_once(team):
    told = []
    for hours in (14 * 24, 13 * 24, 7 * 24, 6 * 24, 24, 12):
        leave(team.account, hours=hours)
        alerts.send_due(timezone.now())
        alerts.send_due(timezone.now())
        told.append(len(sent()))

    assert told == [1, 0, 1, 0, 1, 0]


def test_only_active_admins_are_told_and_nobody_sees_the_others(team):
    second = MembershipFactory(workspace=team.workspace, user=UserFactory(email="dora@example.com")).user
    MembershipFactory(workspace=team.workspace, user=UserFactory(is_active=False))
    leave(team.account, days=3)

    alerts.send_due(timezone.now())

    subject = f"{team.account} will soon need reconnecting"
    assert sent() == [(subject, [team.alice.email]), (subject, [second.email])]


def test_the_text_says_when_it_ends_in_the_workspaces_time_and_where_to_go(team, settings):
    settings.PUBLIC_URL = "https://pins.example.com"
    team.workspace.name = "Ann & Bob"
    team.workspace.save()
    ends_at = timezone.now().replace(hour=22, minute=30, second=0, microsecond=0) + timedelta(days=3)
    PinterestAccount.objects.filter(pk=team.account.pk).update(refresh_expires_at=ends_at)

    alerts.send_due(timezone.now())

    text = mail.outbox[0].body
    assert ends_at.astimezone(team.workspace.zone).strftime("%-d %B %Y, %H:%M (Europe/Berlin)") in text
    assert "https://pins.example.com/connections/" in text
    assert "workspace Ann & Bob" in text


def test_a_dead_connection_is_told_once_with_its_reason_and_again_after_the_next_death(team):
    dead = {"status": AccountStatus.NEEDS_RECONNECT, "trouble": tokens.REVOKED}
    for _ in range(2):
        PinterestAccount.objects.filter(pk=team.account.pk).update(**dead)
        alerts.send_due(timezone.now())
        alerts.send_due(timezone.now())
        assert "was revoked, or has expired" in mail.outbox[0].body
        assert sent() == [(f"{team.account} needs reconnecting", [team.alice.email])]
        PinterestAccount.objects.filter(pk=team.account.pk).update(status=AccountStatus.ACTIVE, trouble="")
        alerts.send_due(timezone.now())
        assert sent() == []


def test_a_mail_server_that_is_away_is_asked_again_and_stops_no_other_account(team, monkeypatch, caplog):
    leave(team.account, days=3)
    send = alerts._send

    def refuse(account, alert):
        raise OSError("the mail server is away")

    monkeypatch.setattr(alerts, "_send", refuse)
    assert alerts.send_due(timezone.now()) == 0
    monkeypatch.setattr(alerts, "_send", send)

    assert alerts.send_due(timezone.now()) == 1
    assert len(sent()) == 1
    assert "is tried again" in caplog.text


def test_two_workers_at_once_tell_it_once(team):
    leave(team.account, days=3)
    seen_by_both = PinterestAccount.objects.get(pk=team.account.pk)
    alert = alerts.alert_for(seen_by_both, timezone.now())

    assert [alerts._tell(seen_by_both, alert), alerts._tell(seen_by_both, alert)] == [True, False]


def test_the_page_offers_to_reconnect_before_the_end(team, alice):
    leave(team.account, days=15)
    assert "This connection ends" not in alice.get("/connections/").content.decode()

    leave(team.account, days=13)
    page = alice.get("/connections/").content.decode()

    assert "This connection ends" in page
    assert f"Reconnect {team.account}</button>" in page


def test_the_page_says_since_when_an_account_is_in_trouble(team, alice):
    since = timezone.now() - timedelta(days=2)
    PinterestAccount.objects.filter(pk=team.account.pk).update(
        status=AccountStatus.NEEDS_RECONNECT, trouble=tokens.REVOKED, trouble_since=since
    )

    assert f'Since <time datetime="{since:%Y-%m-%dT%H:%M}' in alice.get("/connections/").content.decode()
