"""Which queries of a page find out who asks, where and with what right; for test_overhead.py and the benchmark."""

import re

MOST = 3
TABLES = ("django_session", "accounts_user", "accounts_membership")
# Pages that show people: how many of their queries read these tables for what they show.
SHOWN = {"accounts:team": 1, "accounts:member_remove": 1, "accounts:audit_trail": 1, "analytics:weekly_summary": 1}


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
