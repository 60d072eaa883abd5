from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analytics.models import PinSummary
from analytics.pin_report import keyset
from analytics.pin_report.keyset import Position, parse_order, parse_position
from pins.models import PinStatus
from tests.factories import PinFactory, PinSummaryFactory

MOMENT = datetime(2026, 11, 1, 12, tzinfo=UTC)
ORDERS = [f"{sign}{sort.key}" for sort in keyset.SORTS for sign in ("", "-")]


@pytest.fixture
def summaries(team):
    """Figures with ties, zeros, values beyond 2^31 and unknown ones, and moments with ties."""
    figures = [5, None, 7, 5, 0, None, 2**40, 7, 0, 5, None, 3, 2**63 - 1]
    for number, figure in enumerate(figures):
        add(team, figure, MOMENT - timedelta(hours=number // 3, microseconds=number % 2))
    return PinSummary.objects.in_workspace(team.workspace)


def add(team, figure, published_at=MOMENT):
    pin = PinFactory(board=team.board, status=PinStatus.PUBLISHED, publish_at=published_at, attachments=0)
    columns = ("impressions", "pin_clicks", "outbound_clicks", "saves")
    rate = None if figure is None else figure / 7
    return PinSummaryFactory(pin=pin, save_rate=rate, **dict.fromkeys(columns, figure))


def walk(summaries, order, count, between=lambda: None):
    """All rows, page by page, with each position taken through its text, as in a link."""
    seen, after = keyset.rows_after(summaries, order, None, count)
    while after is not None:
        between()
        assert parse_position(str(after), order) == after
        rows, after = keyset.rows_after(summaries, order, parse_position(str(after), order), count)
        seen += rows
    return seen


@pytest.mark.parametrize("count", [1, 2, 5, 13, 40])
@pytest.mark.parametrize("parameter", ORDERS)
def test_walking_gives_each_row_once_in_order_with_the_unknown_last(summaries, parameter, count):
    order = parse_order(parameter)

    seen = walk(summaries, order, count)

    def rank(summary):
        figure = getattr(summary, order.sort.column)
        turn = -1 if order.falls else 1
        if figure is None:
            return (1, 0, turn * summary.pk)
        number = (figure - MOMENT) / timedelta(microseconds=1) if order.sort.key == "age" else figure
        return (0, turn * number, turn * summary.pk)

    assert [each.pk for each in seen] == [each.pk for each in sorted(summaries, key=rank)]


@pytest.mark.parametrize("parameter", ORDERS)
def test_rows_that_come_while_somebody_reads_show_no_other_row_twice_or_not_at_all(team, summaries, parameter):
    before = {summary.pk for summary in summaries}
    new = iter([8, None, 0, 5, 6, None])

    def add_one():
        if (figure := next(new, "no more")) != "no more":
            add(team, figure)

    seen = walk(summaries, parse_order(parameter), 3, between=add_one)

    pks = [each.pk for each in seen]
    assert len(pks) == len(set(pks))
    assert before <= set(pks)


@pytest.mark.parametrize("parameter", ["-impressions", "impressions"])
def test_a_row_that_is_deleted_at_the_end_of_a_page_takes_nothing_with_it(summaries, parameter):
    order = parse_order(parameter)
    first, after = keyset.rows_after(summaries, order, None, 4)
    expected = [row.pk for row in walk(summaries, order, 100)][4:]

    first[-1].delete()
    rest, _ = keyset.rows_after(summaries, order, after, 100)

    assert [row.pk for row in rest] == expected


@pytest.mark.parametrize("parameter", ORDERS)
def test_all_rows_come_in_batches_and_in_order(summaries, parameter):
    order = parse_order(parameter)

    batched = [row.pk for row in keyset.all_rows(summaries, order, batch_size=4)]

    assert batched == [row.pk for row in walk(summaries, order, 100)]


def test_a_page_far_back_costs_as_many_queries_as_the_first_ones(summaries):
    order = parse_order("-impressions")
    _, after = keyset.rows_after(summaries, order, None, 2)
    costs = []
    while after is not None:
        with CaptureQueriesContext(connection) as captured:
            _, after = keyset.rows_after(summaries, order, after, 2)
        costs.append(len(captured))

    assert len(costs) == 6
    assert max(costs) <= 4


def test_nothing_is_compared_by_figure_or_pin(summaries):
    """A condition on one or the other would read all pins with an equal figure, half of which may have 0."""
    order = parse_order("-impressions")

    with CaptureQueriesContext(connection) as captured:
        keyset.rows_after(summaries, order, Position(5, 1), 20)

    assert len(captured) == 4
    assert not any(" OR " in query["sql"] for query in captured)


@pytest.mark.skipif(
    connection.vendor != "sqlite", reason="PostgreSQL chooses by statistics, and a few rows need no index"
)
@pytest.mark.parametrize("parameter", ORDERS)
def test_each_stretch_is_one_look_at_the_index_of_its_order(summaries, parameter):
    order = parse_order(parameter)
    index = f"summary_by_{order.sort.key}"
    figure = MOMENT if order.sort.key == "age" else 5

    for after in (None, Position(figure, 7), Position(None, 7)):
        if after is None or after.figure is not None or order.sort.key != "age":
            for stretch in keyset._stretches(summaries, order, after):
                plan = stretch.values_list(order.sort.column, "pk")[:31].explain()

                assert f"USING COVERING INDEX {index} (workspace_id=?" in plan
                assert "TEMP B-TREE" not in plan


@pytest.mark.parametrize("text", ["", "nonsense", "-", "--impressions", "title", "impressions ", "\0", "²"])
def test_an_unknown_order_is_the_default(text):
    assert parse_order(text) == keyset.DEFAULT_ORDER


@pytest.mark.parametrize(
    ("parameter", "text"),
    [
        *(
            ("impressions", text)
            for text in ["", "²", "²~1", "1~²", "5", "5~", "-1~2", "1.5~2", "nan~1", f"{10**30}~1"]
        ),
        *(("save_rate", text) for text in ["x~1", "nan~1", "inf~1", "0.1~", "²~1"]),
        *(("age", text) for text in ["5~1", "2026-11-01~1", "2026-11-01T12:00:00~1", "2026-99-01T12:00:00+00:00~1"]),
    ],
)
def test_what_is_no_position_is_none(parameter, text):
    assert parse_position(text, parse_order(parameter)) is None


def test_the_largest_numbers_are_positions(summaries):
    order = parse_order("-impressions")
    position = parse_position(f"{2**63 - 1}~{2**63 - 1}", order)

    rows, _ = keyset.rows_after(summaries, order, position, 20)

    assert len(rows) == 13
