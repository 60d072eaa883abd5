"""One e-mail for all that waits for a person; a mail server that fails, and two workers at once."""

from datetime import timedelta
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.utils import timezone

from accounts.models import Membership, Notification, NotificationKind
from accounts.notifications import digests
from accounts.notifications.services import mark_read, notify
from tests.factories import MembershipFactory, NotificationFactory, UserFactory

pytestmark = pytest.mark.django_db


class Moody(EmailBackend):
    """A mail server that is away, or hangs up at the messages to some people; Django's client notices no such end."""

    is_away = False
    hangs_up_at: tuple = ()
    fault: BaseException = SMTPServerDisconnected("Connection unexpectedly closed")
    line: str | None = None

    def open(self):
        if self.line is None and Moody.is_away:
            raise ConnectionRefusedError("nobody listens")
        self.line = self.line or "open"

    def close(self):
        self.line = None

    def send_messages(self, messages):
        if self.line != "open":
            raise SMTPServerDisconnected("please run connect() first")
        if messages[0].to[0] in Moody.hangs_up_at:
            self.line = "broken"
            raise Moody.fault
        return super().send_messages(messages)


@pytest.fixture
def moody(settings, monkeypatch):
    settings.EMAIL_BACKEND = f"{__name__}.Moody"
    monkeypatch.setattr(Moody, "is_away", False)
    monkeypatch.setattr(Moody, "hangs_up_at", ())
    monkeypatch.setattr(Moody, "fault", Moody.fault)
    return Moody


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def waiting(team):
    """`waiting(bob, 3)` makes three notifications for the person."""

    def make(user=team.alice, count=1, **fields):
        return NotificationFactory.create_batch(count, membership=user.memberships.get(), **fields)

    return make


def sent():
    messages = [(message.to[0], message.subject) for message in mail.outbox]
    mail.outbox.clear()
    return messages


def test_fifty_failures_at_once_are_one_e_mail_for_each_member(team, now):
    second = MembershipFactory(workspace=team.workspace).user
    for number in range(50):
        notify(
            team.workspace.pk,
            NotificationKind.FAILED,
            f"“Chair {number}” failed.",
            path=f"/pins/{number}/",
            now=now,
            roles=["admin"],
        )

    minutes = [digests.send_due(now + timedelta(minutes=minute)) for minute in range(90)]

    assert [(minute, count) for minute, count in enumerate(minutes) if count] == [(1, 2)]
    subject = f"50 pins failed in “{team.workspace}”"
    assert sorted(sent()) == sorted([(team.alice.email, subject), (second.email, subject)])


def test_a_flood_over_an_hour_is_at_most_four_e_mails(waiting, now):
    count = 0
    for minute in range(60):
        at = now + timedelta(minutes=minute)
        waiting(at=at)
        count += digests.send_due(at)

    assert count == 4
    assert Notification.objects.to_email().count() < 15


def test_nothing_goes_before_it_has_gathered_for_a_minute(waiting, now):
    waiting(at=now)

    assert digests.send_due(now + timedelta(seconds=59)) == 0
    waiting(at=now + timedelta(seconds=59))
    assert digests.send_due(now + timedelta(seconds=60)) == 1

    assert [subject for _, subject in sent()][0].startswith("2 pins failed")


def test_what_is_read_muted_or_of_people_who_are_gone_is_not_sent(team, waiting, now):
    waiting(wants_email=False)
    waiting()
    mark_read(Notification.objects.filter(user=team.alice), now)
    NotificationFactory(membership=MembershipFactory(user=UserFactory(is_active=False)))
    left = NotificationFactory()
    Membership.objects.filter(user=left.user).delete()

    assert digests._people_to_tell(now) == []  # so nobody asks the mail server for them
    assert digests.send_due(now) == 0
    assert sent() == []


def test_somebody_who_has_left_one_of_two_teams_hears_of_the_other_only(team, waiting, now):
    waiting(text="Still told.")
    left = MembershipFactory(user=team.alice)
    NotificationFactory(membership=left, text="No longer told.")
    left.delete()

    assert digests.send_due(now) == 1
    assert sent() == [(team.alice.email, "Still told.")]


def test_a_mail_server_that_is_away_is_asked_again_each_minute_and_nothing_is_claimed(moody, waiting, now, caplog):
    waiting()
    moody.is_away = True
    assert digests.send_due(now) == 0
    assert Notification.objects.to_email().count() == 1
    assert "cannot be reached" in caplog.text

    moody.is_away = False
    assert digests.send_due(now + timedelta(minutes=1)) == 1


@pytest.mark.parametrize(
    "fault",
    [
        SMTPServerDisconnected("Connection unexpectedly closed"),
        SMTPRecipientsRefused({"alice@example.com": (550, b"the secret words of a server")}),
        TimeoutError("timed out"),
        UnicodeEncodeError("ascii", "ä@example.com", 0, 1, "ordinal not in range"),
    ],
)
def test_a_failure_in_the_middle_stops_nobody_else_and_is_tried_again(
    moody, team, waiting, now, caplog, fault, empty_cache
):
    for person in (team.alice, team.bob, team.charlie):
        waiting(person)
    moody.hangs_up_at, moody.fault = (team.alice.email,), fault

    assert digests.send_due(now) == 2
    assert [to for to, _ in sent()] == [team.bob.email, team.charlie.email]
    assert "secret words" not in caplog.text
    # Not each minute, as long as it is refused.
    moody.hangs_up_at = ()
    assert digests.send_due(now + timedelta(minutes=1)) == 0

    empty_cache()  # after a quarter of an hour
    assert digests.send_due(now + timedelta(minutes=16)) == 1
    assert [to for to, _ in sent()] == [team.alice.email]


def test_after_a_day_it_is_given_up_with_a_line_in_the_log(moody, waiting, now, caplog):
    waiting(count=2, at=now)
    moody.is_away = True

    digests.send_due(now + timedelta(hours=23))
    assert Notification.objects.to_email().count() == 2
    digests.send_due(now + timedelta(hours=24))

    assert not Notification.objects.to_email().exists()
    assert "2 notifications could not be emailed within a day" in caplog.text
    moody.is_away = False
    assert digests.send_due(now + timedelta(hours=25)) == 0


def test_a_weekend_without_a_worker_is_told_afterwards(waiting, now):
    waiting(at=now - timedelta(days=3))

    assert digests.send_due(now) == 1


def test_a_turn_that_is_over_gives_nobody_up(waiting, now, monkeypatch):
    waiting(at=now - timedelta(days=3))
    monkeypatch.setattr(digests, "TURN_SECONDS", -1)

    assert digests.send_due(now) == 0
    assert Notification.objects.to_email().exists()


def test_of_two_workers_at_once_one_sends(team, waiting, now):
    waiting(count=3)

    for later in (timedelta(0), timedelta(seconds=1)):
        first, second = digests.claim(team.alice.pk, now), digests.claim(team.alice.pk, now + later)

        assert (len(first), second) == (3, [])
        Notification.objects.update(emailed_at=None)


def test_what_comes_while_another_worker_sends_waits_its_turn(team, waiting, now):
    waiting()
    digests.claim(team.alice.pk, now)
    waiting()

    assert digests.claim(team.alice.pk, now + timedelta(seconds=1)) == []
    assert Notification.objects.to_email().count() == 1


def test_a_crash_while_sending_loses_the_e_mail_and_doubles_none(moody, team, waiting, now):
    waiting()
    moody.hangs_up_at, moody.fault = (team.alice.email,), KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        digests.send_due(now)
    moody.hangs_up_at = ()

    assert digests.send_due(now + timedelta(minutes=16)) == 0
    assert Notification.objects.unread().count() == 1


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL plans by what the tables hold.")
def test_what_somebody_was_told_before_is_not_looked_through_for_each_that_waits(now):
    looked_up = Notification.objects.filter(user=1).exclude(digests._emailed_since(now)).explain()

    assert "INDEX notification_emailed (user_id=? AND emailed_at>?)" in looked_up
