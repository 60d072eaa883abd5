import pytest
from django.db import OperationalError

from analytics import tasks as figure_tasks
from pins import tasks as pin_tasks
from postiz_pins.database.prepared_queries import Prepared
from postiz_pins.management.commands import cluster

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("pins", "figures", "with_figures", "expected"),
    [
        (False, False, True, False),
        (True, False, True, True),
        (False, True, True, True),
        (False, True, False, False),
    ],
)
def test_due_pins_or_due_figures_that_do_not_move_mean_a_stuck_cluster(
    monkeypatch, pins, figures, with_figures, expected
):
    monkeypatch.setattr(cluster.connection, "close", lambda: None)
    monkeypatch.setattr(pin_tasks, "has_stalled", lambda: pins)
    monkeypatch.setattr(figure_tasks, "has_stalled", lambda: figures)

    assert cluster.is_stuck(with_figures=with_figures) is expected


def test_a_database_that_is_away_says_nothing(monkeypatch):
    def fail():
        raise OperationalError("the database is away")

    monkeypatch.setattr(cluster.connection, "close", lambda: None)
    monkeypatch.setattr(pin_tasks, "has_stalled", fail)

    assert not cluster.is_stuck(with_figures=True)


@pytest.mark.parametrize("error", [OperationalError("the database is away"), OSError(30, "Read-only file system")])
def test_a_start_without_a_database_or_data_folder_is_no_reason_to_end(monkeypatch, error):
    def fail():
        raise error

    monkeypatch.setattr(cluster.connection, "close", lambda: None)
    monkeypatch.setattr(pin_tasks, "free_the_dead", fail)

    cluster.free_the_dead()


@pytest.mark.django_db(transaction=True)
def test_workers_have_their_queries_from_their_parent(monkeypatch):
    for query in Prepared.every:
        query.forget()

    cluster.prepare_queries()

    def build(now):
        pytest.fail("A worker puts a query together.")

    for query in Prepared.every:
        monkeypatch.setattr(query, "_build", build)
        query.prepare()


def test_a_start_while_the_database_is_away_leaves_the_queries_to_the_workers(monkeypatch, caplog):
    def fail(query):
        raise OperationalError("the database is away")

    monkeypatch.setattr(cluster.connection, "close", lambda: None)
    monkeypatch.setattr(Prepared, "prepare", fail)

    cluster.prepare_queries()

    assert "by itself" in caplog.text
