import logging
import threading
from datetime import UTC, date, datetime, timedelta
from smtplib import SMTPException

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection

from accounts.models import AccountStatus, Role
from analytics.account_report import services as account_report
from analytics.models import AccountFeed, Trouble, WeeklySummary
from analytics.periods import Period
from analytics.weekly_summary import jobs as summary_jobs
from analytics.weekly_summary.emails import build_message, render_text
from analytics.weekly_summary.report import build_report
from pins.models import PinStatus
from tests.factories import (
    AccountDayFactory,
    AccountFeedFactory,
    MembershipFactory,
    PinDayFactory,
    PinFactory,
    PinterestAccountFactory,
    UserFactory,
    WorkspaceFactory,
)

pytestmark = pytest.mark.django_db

WEEK = Period(date(2026, 11, 16), date(2026, 11, 22))
# Monday at 8:00 in Berlin is 7:00 in UTC.
MONDAY_8 = datetime(2026, 11, 23, 7, tzinfo=UTC)
LONG_AGO = datetime(2026, 10, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _public_url(settings):
    settings.PUBLIC_URL = "https://pins.example.com"


def fill(account, *, latest_on=WEEK.end_on):
    """Two weeks of figures: 100 impressions a day before the week, 150 in it."""
    AccountFeedFactory(account=account, latest_on=latest_on)
    for day in Period.ending(WEEK.end_on, 14):
        if day <= latest_on:
            AccountDayFactory(account=account, date=day, impressions=150 if day in WEEK else 100)


@pytest.fixture
def subscribed(team):
    fill(team.account)
    return WeeklySummary.objects.create(workspace=team.workspace, enabled_at=LONG_AGO)


def test_every_member_gets_one_message_of_the_own(subscribed, team):
    MembershipFactory(workspace=team.workspace, user=UserFactory(is_active=False))

    summary_jobs.send_due(MONDAY_8)

    assert sorted(message.to for message in mail.outbox) == [["alice@example.com"], ["bob@example.com"]]
    assert all(not message.cc and not message.bcc for message in mail.outbox)
    subscribed.refresh_from_db()
    assert subscribed.sent_for == WEEK.start_on


def test_it_is_off_without_somebody_who_switches_it_on(team):
    fill(team.account)
    WeeklySummary.objects.create(workspace=team.workspace)

    summary_jobs.send_due(MONDAY_8)

    assert mail.outbox == []


@pytest.mark.parametrize(
    ("moment", "is_sent"),
    [
        (MONDAY_8 - timedelta(seconds=1), False),
        (MONDAY_8, True),
        (MONDAY_8 + timedelta(days=3), True),  # the machine was off
        (datetime(2026, 11, 29, 22, 59, tzinfo=UTC), True),
    ],
)
def test_it_goes_out_from_monday_at_eight_in_the_workspaces_zone(subscribed, moment, is_sent):
    summary_jobs.send_due(moment)

    assert bool(mail.outbox) == is_sent


def test_monday_comes_later_in_honolulu(subscribed, team):
    team.workspace.time_zone = "Pacific/Honolulu"
    team.workspace.save()

    summary_jobs.send_due(datetime(2026, 11, 23, 17, 59, tzinfo=UTC))
    early = len(mail.outbox)
    summary_jobs.send_due(datetime(2026, 11, 23, 18, tzinfo=UTC))

    assert (early, len(mail.outbox)) == (0, 2)


@pytest.mark.parametrize(("utc_hour", "is_sent"), [(5, False), (6, True)])
def test_eight_is_eight_in_summer_time_too(team, utc_hour, is_sent):
    # The clocks went forward on Sunday, 28 March.
    week = Period(date(2027, 3, 22), date(2027, 3, 28))
    AccountFeedFactory(account=team.account, latest_on=week.end_on)
    AccountDayFactory(account=team.account, date=week.end_on)
    WeeklySummary.objects.create(workspace=team.workspace, enabled_at=LONG_AGO)

    summary_jobs.send_due(datetime(2027, 3, 29, utc_hour, tzinfo=UTC))

    assert bool(mail.outbox) == is_sent


def test_a_week_is_sent_once_however_often_the_clock_asks(subscribed):
    for hours in range(5):
        summary_jobs.send_due(MONDAY_8 + timedelta(hours=hours))

    assert len(mail.outbox) == 2


def test_the_next_week_is_another_one(subscribed, team):
    summary_jobs.send_due(MONDAY_8)
    AccountFeed.objects.update(latest_on=WEEK.end_on + timedelta(days=7))
    AccountDayFactory(account=team.account, date=WEEK.end_on + timedelta(days=7))
    summary_jobs.send_due(MONDAY_8 + timedelta(days=7))

    assert len(mail.outbox) == 4


def test_of_two_senders_with_the_same_row_one_sends(subscribed):
    other = WeeklySummary.objects.get()

    assert summary_jobs.claim(subscribed, WEEK)
    assert not summary_jobs.claim(other, WEEK)


@pytest.mark.django_db(transaction=True)
def test_two_senders_at_once_send_one_message_to_each(subscribed, monkeypatch):
    barrier = threading.Barrier(2)
    build = summary_jobs.build_report

    def build_together(*arguments, **options):
        report = build(*arguments, **options)
        barrier.wait(10)
        return report

    monkeypatch.setattr(summary_jobs, "build_report", build_together)

    def send():
        try:
            summary_jobs.send_due(MONDAY_8)
        finally:
            connection.close()

    senders = [threading.Thread(target=send) for _ in range(2)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()

    assert len(mail.outbox) == 2


def test_who_switches_it_on_gets_no_week_of_the_past(subscribed):
    WeeklySummary.objects.update(enabled_at=MONDAY_8 + timedelta(hours=1))

    summary_jobs.send_due(MONDAY_8 + timedelta(hours=2))

    assert mail.outbox == []


def test_switched_off_between_reading_and_sending_nothing_goes_out(subscribed):
    WeeklySummary.objects.update(enabled_at=None)

    assert not summary_jobs.claim(subscribed, WEEK)


def test_incomplete_figures_are_awaited_until_wednesday_and_then_sent_with_a_note(team):
    fill(team.account, latest_on=WEEK.end_on - timedelta(days=1))
    WeeklySummary.objects.create(workspace=team.workspace, enabled_at=LONG_AGO)

    summary_jobs.send_due(MONDAY_8 + timedelta(days=2, seconds=-1))
    early = len(mail.outbox)
    summary_jobs.send_due(MONDAY_8 + timedelta(days=2))

    assert (early, len(mail.outbox)) == (0, 2)
    assert "Pinterest hasn't released all numbers of this week yet" in mail.outbox[0].body
    assert "Impressions: 900 (6 of 7 days), 50.0% up over 6 days" in mail.outbox[0].body


@pytest.mark.parametrize(
    "hopeless", [{"trouble": Trouble.NOT_BUSINESS}, {"account__status": AccountStatus.DISCONNECTED}]
)
def test_an_account_without_hope_of_figures_is_not_awaited(subscribed, team, hopeless):
    account = PinterestAccountFactory(workspace=team.workspace, status=hopeless.pop("account__status", "active"))
    AccountFeedFactory(account=account, latest_on=None, **hopeless)

    summary_jobs.send_due(MONDAY_8)

    assert len(mail.outbox) == 2
    assert account.username not in mail.outbox[0].body


def test_without_any_figures_there_is_no_message_and_nothing_is_claimed(team):
    AccountFeedFactory(account=team.account, latest_on=WEEK.end_on)
    summary = WeeklySummary.objects.create(workspace=team.workspace, enabled_at=LONG_AGO)

    summary_jobs.send_due(MONDAY_8 + timedelta(days=3))

    summary.refresh_from_db()
    assert mail.outbox == []
    assert summary.sent_for is None


class Unreachable(EmailBackend):
    def open(self):
        raise ConnectionRefusedError("no mail server")


class RefusesAlice(EmailBackend):
    def send_messages(self, messages):
        if messages[0].to == ["alice@example.com"]:
            raise SMTPException("550 no such user")
        return super().send_messages(messages)


def test_a_mail_server_that_cannot_be_reached_is_tried_again_an_hour_later(subscribed, settings, caplog):
    working = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = f"{__name__}.Unreachable"
    summary_jobs.send_due(MONDAY_8)
    settings.EMAIL_BACKEND = working
    summary_jobs.send_due(MONDAY_8 + timedelta(hours=1))

    assert len(mail.outbox) == 2
    assert f"workspace {subscribed.pk} will be sent later" in caplog.text


def test_one_workspaces_failure_does_not_stop_the_others(subscribed, settings, caplog):
    other = MembershipFactory(user__email="dora@example.com").workspace
    fill(PinterestAccountFactory(workspace=other))
    WeeklySummary.objects.create(workspace=other, enabled_at=LONG_AGO)
    settings.EMAIL_BACKEND = f"{__name__}.RefusesAlice"

    with caplog.at_level(logging.ERROR):
        summary_jobs.send_due(MONDAY_8)
        summary_jobs.send_due(MONDAY_8 + timedelta(hours=1))

    assert [message.to for message in mail.outbox] == [["bob@example.com"], ["dora@example.com"]]
    assert "did not accept the weekly summary" in caplog.text
    assert "alice@example.com" not in caplog.messages[0]


def test_a_workspace_gets_nothing_of_another(subscribed, team):
    foreign = PinterestAccountFactory(username="secretshop")
    fill(foreign)

    summary_jobs.send_due(MONDAY_8)

    assert "secretshop" not in mail.outbox[0].body


def report_of(team):
    return build_report(team.workspace, WEEK, is_complete=True)


def test_the_numbers_are_those_of_the_page(subscribed, team):
    figures = account_report.figures_of(account_report.stored_days(team.account, WEEK), WEEK)
    expected = {figure.metric.label: figure for figure in figures}

    part = report_of(team).parts[0]
    text = render_text(report_of(team))

    assert [card.label for card in part.cards] == list(expected)
    assert f"Impressions: {expected['Impressions'].value:,}, 50.0% up" in text
    assert (expected["Impressions"].value, expected["Impressions"].change) == (1050, 50)
    assert f"Pin click rate: {expected['Pin click rate'].value * 100:.2f}%, 33.3% down" in text
    assert "Pin clicks: 35, no change" in text


def test_text_and_html_tell_the_same(subscribed, team):
    message = build_message(report_of(team), "alice@example.com")
    page = message.alternatives[0].content

    for card in report_of(team).parts[0].cards:
        assert f"{card.label}: {card.total_text}" in message.body
        assert card.label in page
        assert f"<strong>{card.total_text}</strong>" in page


def test_the_links_lead_to_the_week_of_the_account_and_to_the_switch(subscribed, team):
    message = build_message(report_of(team), "alice@example.com")

    week = f"https://pins.example.com/analytics/?account={team.account.pk}&start=2026-11-16&end=2026-11-22"
    assert week in message.body
    assert week.replace("&", "&amp;") in message.alternatives[0].content
    assert "can turn it off here: https://pins.example.com/analytics/weekly-summary/" in message.body
    assert message.extra_headers["List-Unsubscribe"] == "<https://pins.example.com/analytics/weekly-summary/>"


def test_the_three_best_pins_of_the_week_are_named_with_their_page(subscribed, team):
    for number in range(4):
        pin = PinFactory(board=team.board, status=PinStatus.PUBLISHED, title=f"Chair {number}", attachments=0)
        PinDayFactory(pin=pin, date=WEEK.start_on, impressions=1000 * (number + 1))
        PinDayFactory(pin=pin, date=WEEK.start_on - timedelta(days=1), impressions=100_000 // (number + 1))

    top = report_of(team).parts[0].top_pins

    assert [pin.title for pin in top] == ["Chair 3", "Chair 2", "Chair 1"]
    assert top[0].figures_text.startswith("4,000 impressions, 4 pin clicks, 2 outbound clicks, 1 save")
    assert top[0].url == f"https://pins.example.com/analytics/pins/{pin.pinterest_pin_id}/"


def test_published_pins_of_the_week_are_counted_in_utc_days(subscribed, team):
    for at in (datetime(2026, 11, 15, 23, 59, tzinfo=UTC), datetime(2026, 11, 22, 23, 59, tzinfo=UTC)):
        PinFactory(board=team.board, status=PinStatus.PUBLISHED, publish_at=at, attachments=0)

    assert report_of(team).parts[0].published == 1


def test_titles_are_escaped_in_html_and_plain_in_text(subscribed, team):
    pin = PinFactory(board=team.board, status=PinStatus.PUBLISHED, title="<script>Oak & co</script>", attachments=0)
    PinDayFactory(pin=pin, date=WEEK.start_on)

    message = build_message(report_of(team), "alice@example.com")

    assert "<script>" not in message.alternatives[0].content
    assert "&lt;script&gt;Oak &amp; co" in message.alternatives[0].content
    assert "<script>Oak & co</script>" in message.body


def test_a_line_break_in_the_workspaces_name_does_not_make_a_header(subscribed, team):
    team.workspace.name = "Oak\r\nBcc: everybody@example.com"
    team.workspace.save()

    summary_jobs.send_due(MONDAY_8)

    assert mail.outbox[0].subject == "Oak Bcc: everybody@example.com on Pinterest: 16 to 22 Nov 2026"
    assert "Bcc" not in mail.outbox[0].message()


def test_what_is_not_known_is_no_zero(subscribed, team):
    team.account.days.update(saves=None)

    text = render_text(report_of(team))

    assert "Saves: not available\n" in text


def test_an_account_costs_five_queries_and_all_plans_two_whatever_it_holds(
    subscribed, team, django_assert_max_num_queries
):
    for number in range(20):
        pin = PinFactory(board=team.board, status=PinStatus.PUBLISHED, attachments=0)
        PinDayFactory(pin=pin, date=WEEK.start_on, impressions=number)

    with django_assert_max_num_queries(8):
        report_of(team)


@pytest.mark.parametrize(
    ("week", "text"),
    [
        (WEEK, "16 to 22 Nov 2026"),
        (Period(date(2026, 11, 30), date(2026, 12, 6)), "30 Nov to 6 Dec 2026"),
        (Period(date(2026, 12, 28), date(2027, 1, 3)), "28 Dec 2026 to 3 Jan 2027"),
    ],
)
def test_the_week_is_named_without_repeating_itself(week, text):
    assert build_report(WorkspaceFactory(), week, is_complete=True).week_text == text


def test_roles_do_not_matter_for_getting_it(team):
    MembershipFactory(workspace=team.workspace, user=UserFactory(email="erin@example.com"), role=Role.EDITOR)

    assert summary_jobs.recipients(team.workspace) == ["alice@example.com", "bob@example.com", "erin@example.com"]


def test_a_fault_in_one_workspace_stops_no_other_and_is_not_hidden(monkeypatch):
    broken, other = (WeeklySummary.objects.create(workspace=WorkspaceFactory(), enabled_at=LONG_AGO) for _ in range(2))
    sent = []

    def send(summary, week, now):
        if summary == broken:
            raise ValueError("a figure that nobody expected")
        sent.append(summary)

    monkeypatch.setattr(summary_jobs, "_send_week", send)

    with pytest.raises(ExceptionGroup, match="could not be built"):
        summary_jobs.send_due(MONDAY_8)

    assert sent == [other]
