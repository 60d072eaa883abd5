"""No pin changes its minute by itself: not by a change of the clocks, and not by a change of the workspace's zone."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import time_machine
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pins.models import Pin, PinStatus
from pins.queue import services as queue
from tests.factories import PinFactory, PublishingTimeFactory

# Lord Howe's clocks change by half an hour, and Apia left out a day.
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia")
NOW = datetime(2027, 1, 4, 12, tzinfo=UTC)
FORMAT = "%Y-%m-%dT%H:%M"
FEW = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])


@cache
def changes(zone):
    """The days of 2027 on which the clocks of the zone change."""
    days = [date(2027, 1, 5) + timedelta(days=number) for number in range(359)]

    def offset(day):
        return datetime.combine(day, time(), ZoneInfo(zone)).utcoffset()

    return [day for day in days if offset(day) != offset(day + timedelta(days=1))]


@st.composite
def typed_times(draw):
    """A zone and a local minute of it, most of them near a change of the clocks."""
    zone = draw(st.sampled_from(ZONES))
    any_day = st.dates(date(2027, 1, 6), date(2027, 12, 28))
    day = draw(st.one_of(st.sampled_from(changes(zone)), any_day) if changes(zone) else any_day)
    hour = draw(st.one_of(st.integers(0, 4), st.integers(0, 23)))
    return zone, datetime.combine(day, time(hour, draw(st.sampled_from((0, 15, 30, 59)))))


def set_zone(team, zone):
    team.workspace.time_zone = zone
    team.workspace.save()


def shown(client, pin, day):
    """The local minute at which the calendar shows the pin on that day; None if it does not."""
    response = client.get(reverse("pins:calendar"), {"view": "day", "on": day.isoformat()})
    zone = response.context["request"].workspace.zone
    (found,) = response.context["days"]
    return next((chip.at.astimezone(zone) for chip in found.chips if chip.pk == pin.pk), None)


def test_the_zones_have_clocks_that_change_and_clocks_that_do_not():
    assert {zone: len(changes(zone)) for zone in ZONES} == dict(zip(ZONES, (2, 2, 2, 0), strict=True))


@FEW
@given(typed_times(), st.sampled_from(ZONES))
def test_a_moved_pin_stands_at_the_minute_that_was_typed_and_keeps_its_moment(client, team, typed, other_zone):
    zone, local = typed
    set_zone(team, zone)
    pin = PinFactory(board=team.board, publish_at=NOW + timedelta(days=1), attachments=1)
    with time_machine.travel(NOW, tick=False):
        client.force_login(team.alice)
        body = {"publish_at": local.strftime(FORMAT), "version": pin.version}
        answer = client.post(reverse("pins:pin_move", args=[pin.pk]), body)
        moved = Pin.objects.get(pk=pin.pk)
        assert answer.status_code == 302
        at = shown(client, pin, local.date())
        if at.replace(tzinfo=None) != local:  # the clocks skip it: it is the minute after the change
            assert local.date() in changes(zone)
            before = (moved.publish_at - timedelta(minutes=1)).astimezone(ZoneInfo(zone))
            assert before.replace(tzinfo=None) < local < at.replace(tzinfo=None)
            assert before.utcoffset() != at.utcoffset()
        assert at.fold == 0  # of an hour that comes twice, it is the first one

        set_zone(team, other_zone)
        there = moved.publish_at.astimezone(ZoneInfo(other_zone))
        assert shown(client, pin, there.date()) == there
        assert Pin.objects.get(pk=pin.pk).publish_at == moved.publish_at
    Pin.objects.all().delete()


@FEW
@given(typed_times(), st.sampled_from(ZONES))
def test_places_follow_the_clock_of_the_zone_and_placed_pins_keep_their_moment(team, typed, other_zone):
    zone, local = typed
    set_zone(team, zone)
    team.account.publishing_times.all().delete()
    PublishingTimeFactory(account=team.account, weekday=local.weekday(), time=local.time())
    now = datetime.combine(local.date(), time(12), UTC) - timedelta(days=2)
    first, second = (PinFactory(board=team.board, status=PinStatus.DRAFT, publish_at=None) for _ in range(2))
    with time_machine.travel(now, tick=False):
        placed = []
        for pin, zone_then in ((first, zone), (second, other_zone)):
            set_zone(team, zone_then)
            read = Pin.objects.with_content().get(pk=pin.pk)
            assert queue.place(read, by=team.alice, now=now)
            placed.append(read.publish_at)
            at = read.publish_at.astimezone(ZoneInfo(zone_then)).replace(tzinfo=None)
            is_skipped = at.date() in changes(zone_then) and at.time() > local.time()
            assert is_skipped or (at.weekday(), at.time()) == (local.weekday(), local.time())

    assert [Pin.objects.get(pk=pin.pk).publish_at for pin in (first, second)] == placed
    Pin.objects.all().delete()
