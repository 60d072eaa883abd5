"""Charts as data: the scale, the days named below, lines with gaps, bars, and the words for screen readers."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.charts import Chart, Series, area, bars, days_in, nice_step, path, sparkline, weeks_of
from analytics.periods import Period

END = date(2026, 11, 23)


def chart(*values, **fields):
    spans = days_in(Period.ending(END, len(values)))
    return Chart("key", "Impressions", spans, [Series("These days", values)], **fields)


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([0, 0], ["1", "0"]),
        ([3], ["3", "2", "1", "0"]),
        ([4], ["4", "3", "2", "1", "0"]),
        ([5], ["6", "4", "2", "0"]),
        ([98], ["100", "75", "50", "25", "0"]),
        ([34_000], ["40k", "30k", "20k", "10k", "0"]),
        ([None, 1_234_567], ["1.5M", "1M", "500k", "0"]),
    ],
)
def test_the_lines_across_stand_at_round_whole_numbers(values, ticks):
    assert [tick.text for tick in chart(*values).ticks] == ticks


@pytest.mark.parametrize(
    ("rate", "ticks"),
    [(0.043, ["6%", "4%", "2%", "0%"]), (0.0091, ["1.00%", "0.75%", "0.50%", "0.25%", "0.00%"]), (0, ["1%", "0%"])],
)
def test_rates_have_as_many_digits_as_their_lines_need(rate, ticks):
    assert [tick.text for tick in chart(rate, is_rate=True).ticks] == ticks


@given(st.floats(1e-6, 1e18), st.booleans())
def test_a_step_is_enough_and_not_far_too_much(least, is_whole):
    step = nice_step(least, is_whole=is_whole)

    assert step >= least * 0.999
    assert step <= max(least * 5.01, 1 if is_whole else 0)
    assert not is_whole or step % 1 == 0


@given(st.lists(st.none() | st.integers(0, 2**62), min_size=1, max_size=40))
def test_everything_is_drawn_inside_its_box(values):
    drawn = chart(*values)

    for line in drawn.lines:
        for x, y in re.findall(r"[ML]([\d.e+-]+) ([\d.e+-]+)", line.path + line.area):
            assert 0 <= float(x) <= 1000
            assert -0.1 <= float(y) <= 100
        assert line.path.count("M") + line.path.count("L") == sum(value is not None for value in values)


def test_a_gap_is_not_bridged_and_a_lone_day_is_a_dot():
    points = [(0, 10), None, (20, 30), (30, 40)]

    assert path(points) == "M0 10h0M20 30h0L30 40"
    assert area(points) == "M0 100L0 10V100ZM20 100L20 30L30 40V100Z"


def test_a_bar_is_as_high_as_its_part_of_the_top_and_zero_has_none():
    assert bars([2, 0, None, 4], 4) == "M37.5 100V50h175V100ZM787.5 100V0h175V100Z"


@pytest.mark.parametrize(
    ("length", "first", "count"), [(1, "23 Nov", 1), (7, "17 Nov", 7), (8, "16 Nov", 7), (30, "25 Oct", 7)]
)
def test_the_first_and_the_newest_day_are_named_below_and_never_more_than_seven(length, first, count):
    ticks = chart(*[1] * length).day_ticks

    assert (ticks[0].text, ticks[-1].text, len(ticks)) == (first, "23 Nov", count)


def test_only_of_many_days_the_first_and_the_last_name_end_at_the_edge():
    assert [tick.edge for tick in chart(*[1] * 8).day_ticks] == ["first", "", "", "", "", "", "last"]
    assert {tick.edge for tick in chart(*[1] * 7).day_ticks} == {""}


def test_over_more_than_a_year_months_are_named_with_their_year():
    spans = weeks_of(Period.ending(END, 730))

    assert Chart("k", "t", spans, [Series("s", [1] * len(spans))]).day_ticks[-1].text == "Nov 2026"


def test_weeks_end_with_the_period_and_the_first_may_be_short():
    weeks = weeks_of(Period.ending(END, 16))

    assert [week.days for week in weeks] == [2, 7, 7]
    assert weeks[-1].end_on == END
    assert weeks[0].start_on == date(2026, 11, 8)


def test_published_pins_are_drawn_only_where_they_tell_something():
    assert chart(1, 2, published=[0, 3]).shows_published
    assert not chart(1, 2, published=[1, 1]).shows_published
    assert not chart(1, 2, published=[0, 0]).shows_published
    assert not chart(1, 2, published=[24, 25]).shows_published
    assert not chart(1, 2).shows_published


def test_the_table_has_a_row_for_each_span():
    weekly = Chart("k", "t", weeks_of(Period.ending(END, 8)), [Series("s", [1, None])], published=[0, 4])

    assert [(row.name, row.values, row.published) for row in weekly.rows] == [
        ("16 Nov 2026", [1], 0),
        ("17 Nov to 23 Nov 2026", [None], 4),
    ]


def test_the_description_tells_days_least_and_most():
    text = chart(5, None, 1500).description

    assert (
        text
        == "Impressions, 21 Nov 2026 to 23 Nov 2026. These days: from 5 to 1,500 on 23 Nov 2026, 2 of 3 days known."
    )
    assert chart(None).description.endswith("These days: no data.")


@pytest.mark.parametrize(
    ("values", "drawn"),
    [
        ([0, 2, 1], "M0 23h0L50 1L100 12"),
        ([1_000, 1_002, 1_001], "M0 23h0L50 1L100 12"),
        ([2, None, 2, 2], "M0 12h0M66.67 12h0L100 12"),
        ([0, 0], "M0 12h0L100 12"),
        ([None, 5], ""),
        ([], ""),
    ],
)
def test_a_sparkline_takes_the_whole_height_and_breaks_where_nothing_is_known(values, drawn):
    assert sparkline(values) == drawn
