"""One process at a time: turns in the cache."""

import pytest
from django.core.cache import cache

from postiz_pins.common.turns import is_taken, turn

pytestmark = pytest.mark.django_db
KEY = "a-turn"


def test_one_has_the_turn_and_gives_it_back():
    with turn(KEY, 60) as first, turn(KEY, 60) as second:
        assert (first, second, is_taken(KEY)) == (True, False, True)

    assert not is_taken(KEY)


def test_whoever_has_not_got_the_turn_does_not_give_it_back():
    with turn(KEY, 60):
        with turn(KEY, 60):
            pass
        assert is_taken(KEY)


def test_a_turn_that_has_lasted_too_long_leaves_the_next_ones_alone():
    with turn(KEY, 60):
        cache.delete(KEY)  # as after 60 seconds
        cache.add(KEY, "another's", 60)

    assert is_taken(KEY)


def test_what_fails_gives_its_turn_back():
    with pytest.raises(OSError, match="a fault"), turn(KEY, 60):
        raise OSError("a fault")

    assert not is_taken(KEY)
