"""Histories that have broken a rule once, as short as they could be made. None may do so again.

Each was printed by `make simulate SEED=… SHRINK=1`; the name says what was wrong.
"""

from .plans import Plan

REGRESSIONS: dict[str, Plan] = {
    "a proxy's 407 was taken for Pinterest's refusal": Plan(
        {}, (("pin", 24.0, 0, "image", 1, 0, "alice", 0), ("answer", "create", 1, "page407", False, 0))
    ),
    "a proxy's 403 was taken for a missing permission": Plan(
        {}, (("pin", 24.0, 0, "image", 1, 0, "alice", 0), ("answer", "create", 1, "page403", False, 0))
    ),
    "a proxy's 404 made a board missing": Plan(
        {}, (("pin", 3.0, 0, "image", 1, 700, "alice", 0), ("answer", "board", 1, "page404", False, 0))
    ),
    "a proxy's 401 at the token endpoint ended the connection": Plan(
        {}, (("account", 5.0, "renew", 0), ("answer", "token", 1, "page401", False, 0))
    ),
    "the longest of two waits was not kept": Plan(
        {}, (("pin", 25.0, 0, "image", 1, 0, "alice", 0), ("answer", "create", 1, "limit_both", False, 300))
    ),
    "a wait as a date was not read": Plan(
        {}, (("pin", 25.0, 0, "image", 1, 0, "alice", 0), ("answer", "create", 1, "limit_date", False, 300))
    ),
    "a refresh without a new refresh token failed": Plan(
        {"access_life": 310, "is_legacy": True}, (("pin", 30.0, 0, "image", 0, 0, "alice", 0),)
    ),
    "a link in another spelling made a second pin": Plan(
        {"links": "plain"},
        (("pin", 11.0, 2, "image", 0, 0, "alice", 2), ("answer", "create", 1, "page200", True, 0)),
    ),
    "a link with a tracker made a second pin": Plan(
        {"links": "tracked"},
        (("pin", 11.0, 2, "image", 0, 0, "alice", 2), ("answer", "create", 1, "lost", True, 0)),
    ),
    "an old pin first on the page ended the look": Plan(
        {"old_pins": 6, "is_shuffled": True, "order": 3},
        (("pin", 11.0, 0, "image", 0, 0, "alice", 0), ("answer", "create", 1, "lost", True, 0)),
    ),
    "a list that lags longer than the looks made a second pin": Plan(
        {"lag": 150}, (("pin", 11.0, 0, "image", 0, 0, "alice", 0), ("answer", "create", 1, "lost", True, 0))
    ),
    "a look-alike of before was taken for ours": Plan(
        {},
        (
            ("pin", 16.0, 0, "image", 0, 40, "alice", 0),
            ("lookalike", 20.0, 0),
            ("answer", "create", 1, "lost", True, 0),
        ),
    ),
    "a board that was gone for a while emptied the doubt": Plan(
        {},
        (
            ("pin", 16.0, 0, "image", 0, 0, "alice", 0),
            ("answer", "create", 1, "lost", True, 0),
            ("board", 20.0, 60.0, 0),
            ("do", 50.0, "retry", 0, 0),
        ),
    ),
    "media out of reach failed at once": Plan(
        {}, (("pin", 10.0, 0, "image", 0, 0, "alice", 0), ("media", 0.0, 100.0, "gone"))
    ),
    "an empty answer during two hours made a second pin": Plan(
        {"links": "plain"},
        (("pin", 7.0, 1, "image", 0, 700, "alice", 1), ("outage", 27.0, 7027.0, "empty200", True, 0)),
    ),
    "a clock that was put back made our pin too old": Plan(
        {"order": 0, "switching": 0.0, "slots": 3, "workers": 2, "prepared": True},
        (
            ("pin", 12.0, 0, "image", 2, 0, "alice", 0),
            ("account", 18.0, "disconnect", 1),
            ("jump", 231.0, -60),
            ("outage", 11.0, 31.0, "empty200", True, 0),
        ),
    ),
    "a pin that was tried again in a life that the database has lost was sent twice": Plan(
        {"order": 0, "switching": 0.0, "slots": 3, "workers": 1, "prepared": True},
        (
            ("pin", 2.0, 0, "carousel", 1, 0, "alice", 0),
            ("do", 28.0, "retry", 0, 5),
            ("restore", 14.0, 250.0, 600),
            ("answer", "create", 1, "spam", False, 0),
        ),
    ),
}
