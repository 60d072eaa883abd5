"""Which queries of a page find out who asks, where and with what right; for test_overhead.py and the benchmark."""

import re

MOST = 3
TABLES = ("django_session", "accounts_user", "accounts_membership")
# How many queries of a page use these tables for something else: the people it shows, the workspace it switches to.
SHOWN = {
    **dict.fromkeys(("accounts:team", "accounts:member_remove", "accounts:audit_trail", "analytics:weekly_summary"), 1),
    "accounts:notification_open": 1,
    # The authors to filter by, and the members to mention.
    **dict.fromkeys(("pins:pin_list", "pins:pin_detail"), 1),
}


def about_who_asks(name, queries):
    """Those of the page `name`, as SQL, without the ones for what it shows."""
    about = [query["sql"] for query in queries if _table_of(query["sql"]) in TABLES]
    return about[: len(about) - SHOWN.get(name, 0)]


def _table_of(statement):
    """The table that it reads or writes; those of its subqueries are left out."""
    depth = None
    while depth != statement:
        depth, statement = statement, re.sub(r"\([^()]*\)", "", statement)
    found = re.search(r'(?:\bFROM|^UPDATE|^INSERT INTO) "(\w+)"', statement)
    return found[1] if found else ""
