"""How many pins are near each other. Moments are counted in seconds since 1970 here."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

HOUR_SECONDS = 3600


def most_within_an_hour(taken: Sequence[int], second: int) -> int:
    """Return the most pins in any 60 minutes that contain the moment, with one at the moment itself.

    Args:
        taken: The moments of the other pins, the earliest first.
        second: The moment.
    """
    here = bisect_left(taken, second)
    end = bisect_left(taken, second + HOUR_SECONDS, lo=here)
    most = 1 + end - here
    # From the latest begin backwards, the end of the hour only falls.
    for first in range(here - 1, bisect_right(taken, second - HOUR_SECONDS, hi=here) - 1, -1):
        until = taken[first] + HOUR_SECONDS
        while taken[end - 1] >= until:
            end -= 1
        most = max(most, 1 + end - first)
    return most
