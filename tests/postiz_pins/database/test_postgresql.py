"""What a new connection to PostgreSQL is set to."""

import pytest
from django.db import connection

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no such settings."),
]


@pytest.mark.parametrize(("name", "value"), [("max_parallel_workers_per_gather", "0"), ("jit", "off")])
def test_short_questions_start_no_workers_and_compile_nothing(name, value):
    with connection.cursor() as cursor:
        cursor.execute(f"SHOW {name}")
        assert cursor.fetchone() == (value,)
