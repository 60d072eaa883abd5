"""A query that is kept answers as one that is put together anew."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pins.models import Pin
from postiz_pins.database.prepared_queries import ANY_KEY, Prepared
from tests.factories import PinFactory

pytestmark = pytest.mark.django_db


def test_its_moments_go_on_with_the_time():
    """Those at a distance from now likewise, such as the 24 hours after which a person is asked."""
    now = timezone.now()
    pin = PinFactory(publish_at=now)
    due = Prepared(lambda now: Pin.objects.due(now).oldest_first().values_list("pk", "title"))

    assert due.rows(now - timedelta(seconds=1), 5) == []
    assert [tuple(row) for row in due.rows(now, 5)] == [(pin.pk, pin.title)]
    assert due.rows(now + timedelta(hours=24), 5) == []


def test_it_answers_for_one_row_and_at_most_so_many():
    now = timezone.now()
    pins = [PinFactory(publish_at=now) for _ in range(3)]
    one = Prepared(lambda now: Pin.objects.ripe(now).filter(pk=ANY_KEY).values_list("pk"))
    all_of_them = Prepared(lambda now: Pin.objects.ripe(now).oldest_first().values_list("pk"))

    assert [pin_id for (pin_id,) in one.rows(now, 1, pins[1].pk)] == [pins[1].pk]
    assert [pin_id for (pin_id,) in all_of_them.rows(now, 2)] == [pins[0].pk, pins[1].pk]


def test_it_is_put_together_once():
    built = []

    def build(now):
        built.append(now)
        return Pin.objects.ripe(now).values_list("pk")

    kept = Prepared(build)
    with CaptureQueriesContext(connection) as queries:
        kept.rows(timezone.now(), 1)
        kept.rows(timezone.now(), 2)

    assert len(built) == 1
    assert len(queries) == 2
