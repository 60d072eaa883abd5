"""The plan and its results as one table."""

import csv
import io

import pytest
from django.urls import reverse

from pins.models import PinStatus
from tests.factories import PinFactory, PinSummaryFactory

URL = reverse("analytics:plan_csv")


def table(response):
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_each_pin_has_its_results_and_its_problem(team, alice):
    published = PinFactory(board=team.board, status=PinStatus.PUBLISHED)
    PinSummaryFactory(pin=published, impressions=120, saves=None)
    PinFactory(board=team.board, status=PinStatus.FAILED, error_code="board_not_found", error_text="No such board")

    first, second = table(alice.get(URL))

    assert (first["Status"], first["Impressions"], first["Saves"]) == ("Published", "120", "")
    assert (first["Pin URL"], first["Pinterest id"]) == (published.permalink, published.pinterest_pin_id)
    assert second["Problem"] != ""
    assert second["Impressions"] == ""


def test_pins_of_other_workspaces_are_not_in_it(team, alice):
    PinFactory()

    assert table(alice.get(URL)) == []


@pytest.mark.parametrize("count", [2, 20])
def test_any_number_of_pins_costs_the_same_queries(team, alice, count, django_assert_max_num_queries):
    for _ in range(count):
        PinSummaryFactory(pin=PinFactory(board=team.board, status=PinStatus.PUBLISHED))

    with django_assert_max_num_queries(20):
        assert len(table(alice.get(URL))) == count
