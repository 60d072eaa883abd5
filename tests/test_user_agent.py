"""Whoever is asked learns which program asks, and from which installation; never an address that does not exist."""

import pytest

from postiz_pins.user_agent import VERSION, user_agent


def test_it_names_the_installation_and_the_purpose():
    assert user_agent("https://pins.example.com") == f"Postiz-Pins/{VERSION} (+https://pins.example.com)"
    assert user_agent("https://pins.example.com", "checks") == (
        f"Postiz-Pins/{VERSION} (+https://pins.example.com; checks)"
    )


@pytest.mark.parametrize("origin", ["", "http://localhost:8000", "http://127.0.0.1:8000", "http://[::1]:8000"])
def test_it_has_no_address_where_nobody_else_could_open_it(origin):
    assert user_agent(origin) == f"Postiz-Pins/{VERSION}"
    assert user_agent(origin, "checks") == f"Postiz-Pins/{VERSION} (checks)"
