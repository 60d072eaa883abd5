"""The page of an account's publishing times."""

from datetime import time

import pytest
import time_machine
from django.urls import reverse

from accounts.models import AuditEntry, PinterestAccount
from pins.models import PublishingTime
from pins.queue.times import MOST_TIMES
from tests.factories import PinterestAccountFactory
from tests.page_text import page_text
from tests.pins.queue.helpers import MONDAY, NOW, TUESDAY, add_times


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOW, tick=False):
        yield


def times_page(account):
    return reverse("pins:publishing_times", args=[account.pk])


def post_times(client, account, **data):
    return client.post(times_page(account), data, follow=True)


def test_a_time_is_added_to_several_days_at_once_and_only_once(alice, account, team):
    data = {"action": "add", "add-time": "18:30", "add-weekdays": [MONDAY, TUESDAY]}

    first, again = post_times(alice, account, **data), post_times(alice, account, **data)

    assert list(account.publishing_times.values_list("weekday", "time")) == [
        (MONDAY, time(18, 30)),
        (TUESDAY, time(18, 30)),
    ]
    assert "2 publishing times added." in first.content.decode()
    assert "The account has these times already." in again.content.decode()
    entry = AuditEntry.objects.get(detail__startswith="Publishing times added")
    assert (entry.target, entry.detail) == (str(account), "Publishing times added: Mon 18:30, Tue 18:30.")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"add-time": "25:00", "add-weekdays": [MONDAY]}, "Enter a time like 18:30."),
        ({"add-time": "", "add-weekdays": [MONDAY]}, "Enter a time like 18:30."),
        ({"add-time": "18:30"}, "Choose at least one day."),
        ({"add-time": "18:30", "add-weekdays": [7]}, "Choose a day of the week."),
    ],
)
def test_what_is_no_time_is_refused_and_kept(alice, account, data, sentence):
    page = post_times(alice, account, action="add", **data).content.decode()

    assert sentence in page
    assert not PublishingTime.objects.exists()
    assert not data["add-time"] or f'value="{data["add-time"]}"' in page


def test_a_day_is_copied(alice, account):
    add_times(account, "09:00", "18:30", weekdays=[MONDAY])
    add_times(account, "09:00", weekdays=[TUESDAY])

    post_times(alice, account, action="copy", **{"copy-weekday": MONDAY, "copy-weekdays": [TUESDAY, 2]})

    assert account.publishing_times.filter(weekday__in=[TUESDAY, 2]).count() == 4


@pytest.mark.parametrize(("name", "count"), [("three", 21), ("five", 35)])
def test_presets_add_times_to_every_day(alice, account, name, count):
    post_times(alice, account, action=name)

    assert account.publishing_times.count() == count


def test_hours_that_another_page_offers_are_added_and_only_once(alice, account):
    for _ in range(2):
        response = post_times(alice, account, action="hours", hours=["1-18", "6-9"])

    assert [str(each) for each in account.publishing_times.all()] == ["Tuesday 18:00", "Sunday 09:00"]
    assert "The account has these times already." in [str(each) for each in response.wsgi_request._messages]


@pytest.mark.parametrize(
    ("hours", "sentence"),
    [
        ([], "Choose at least one hour."),
        (["7-18"], "Choose an hour of the week."),
        (["1-24"], "Choose an hour of the week."),
        (["1"], "Choose an hour of the week."),
        (["\0-x"], "Choose an hour of the week."),
    ],
)
def test_what_is_no_hour_of_the_week_adds_nothing(alice, account, hours, sentence):
    response = post_times(alice, account, action="hours", hours=hours)

    assert response.status_code == 200
    assert sentence in response.content.decode()
    assert not account.publishing_times.exists()


def test_a_time_is_deleted_and_deleting_it_twice_is_no_error(alice, account):
    add_times(account, "18:30", weekdays=[MONDAY])
    pk = account.publishing_times.get().pk

    deleted, again = post_times(alice, account, delete=pk), post_times(alice, account, delete=pk)

    assert "Publishing time deleted." in deleted.content.decode()
    assert (again.status_code, "was deleted before" in again.content.decode()) == (200, True)
    assert AuditEntry.objects.filter(detail="Publishing time deleted: Monday 18:30.").count() == 1


def test_an_account_has_a_limit_of_times(alice, account):
    add_times(account, *(f"{hour:02}:{minute:02}" for hour in range(19) for minute in range(0, 60, 20)))

    page = post_times(alice, account, action="three").content.decode()

    assert f"An account can have up to {MOST_TIMES} publishing times." in page


def test_limits_are_saved(alice, account):
    post_times(alice, account, action="limits", **{"limits-pins_per_day": "", "limits-least_gap_minutes": "45"})
    assert PinterestAccount.objects.filter(pk=account.pk, pins_per_day=None, least_gap_minutes=45).exists()

    post_times(alice, account, action="limits", **{"limits-pins_per_day": "4", "limits-least_gap_minutes": "0"})
    assert PinterestAccount.objects.filter(pk=account.pk, pins_per_day=4, least_gap_minutes=0).exists()
    assert AuditEntry.objects.filter(detail="Queue: up to 4 a day, 0 minutes apart.").exists()


def test_settings_lead_to_the_publishing_times_of_each_account(team, alice):
    team.account.username = "b-shop"
    team.account.save()
    other = PinterestAccountFactory(workspace=team.workspace, username="a-shop")
    PinterestAccountFactory(username="0-of-another-workspace")

    page = alice.get(reverse("pins:publishing_times_home"), follow=True)

    assert page.redirect_chain == [(times_page(other), 302)]
    assert f'href="{times_page(team.account)}"' in page.content.decode()
    assert list(page.context["accounts"]) == [other, team.account]


def test_without_an_account_settings_say_where_publishing_times_come_from(alice, team):
    PinterestAccount.objects.all().delete()

    page = alice.get(reverse("pins:publishing_times_home"))

    assert "Connect a Pinterest account first." in page_text(page)
