"""Figures in digits: short for a glance, exact for who asks."""

import pytest

from analytics.templatetags import figures


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        (0, "0"),
        (9_999, "9,999"),
        (10_000, "10k"),
        (12_345, "12.3k"),
        (999_499, "999k"),
        (999_500, "1M"),
        (1_234_567, "1.23M"),
        (2**31, "2.15B"),
        (10**12, "1T"),
        (2**62, "4.61e+18"),
    ],
)
def test_a_number_is_short_and_never_rounds_to_a_thousand_of_its_unit(value, shown):
    assert figures.short(value) == shown


@pytest.mark.parametrize(("value", "shown"), [(None, ""), (0.0, "0.00%"), (0.02346, "2.35%"), (1, "100.00%")])
def test_a_rate_is_shown_in_percent(value, shown):
    assert figures.percent(value) == shown


def test_an_exact_number_has_all_its_digits():
    assert figures.exact(2**62) == "4,611,686,018,427,387,904"
    assert figures.exact(None) == ""
