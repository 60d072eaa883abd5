"""How an export is written however much a workspace holds: by the batch, at constant memory, a step at a time."""

import tracemalloc
import zipfile
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analytics.models import PinDay
from pins.models import Pin
from postiz_pins.common import export_tables
from postiz_pins.data import export as data_export
from tests.factories import (
    MediaFileFactory,
    PinFactory,
)
from tests.zip_helpers import NOW, Exported

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _export_folder(settings):
    settings.EXPORT_ROOT.mkdir()


def many_days(pin, count):
    start = date(2020, 1, 1)
    days = [PinDay(pin=pin, date=start + timedelta(days=n), data_status="READY", saves=n) for n in range(count)]
    PinDay.objects.bulk_create(days)


def many_pins(team, count):
    pins = [Pin(workspace=team.workspace, title=f"Chair {n}", description="Oak. " * 20) for n in range(count)]
    Pin.objects.bulk_create(pins)


def peak_bytes(workspace, path):
    tracemalloc.start()
    try:
        with path.open("wb") as file:
            data_export.write(file, workspace, NOW, lambda: None)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_ten_times_the_rows_cost_no_more_memory(team, tmp_path, monkeypatch):
    monkeypatch.setattr(export_tables, "BATCH", 50)
    monkeypatch.setattr(data_export, "IN_MEMORY_BYTES", 1024)
    monkeypatch.setattr(data_export, "BLOCK_BYTES", 1024)
    many_pins(team, 150)
    peak_bytes(team.workspace, tmp_path / "first.zip")  # what is imported and kept once is not counted
    few = peak_bytes(team.workspace, tmp_path / "few.zip")
    many_pins(team, 1350)

    many = peak_bytes(team.workspace, tmp_path / "many.zip")

    assert many < few * 2


def test_a_large_file_is_not_read_at_once(team, tmp_path):
    peak_bytes(team.workspace, tmp_path / "first.zip")  # likewise
    MediaFileFactory(workspace=team.workspace, content=bytes(20 * 1024**2))

    assert peak_bytes(team.workspace, tmp_path / "large.zip") < 6 * 1024**2


def test_queries_come_by_the_batch(team, monkeypatch):
    monkeypatch.setattr(export_tables, "BATCH", 50)
    monkeypatch.setattr(export_tables, "PARENTS", 50)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            Exported(team.workspace)
        return len(captured)

    many_pins(team, 1)
    with_one = queries()
    many_pins(team, 49)
    with_fifty = queries()
    many_pins(team, 50)

    assert with_fifty == with_one
    # A batch of pins is read with its attachments and its history; the pins are also read for their figures.
    assert queries() - with_fifty <= 3 + 2 * 4


def test_rows_beyond_one_batch_are_all_there_once(team, monkeypatch):
    monkeypatch.setattr(export_tables, "BATCH", 3)
    monkeypatch.setattr(export_tables, "PARENTS", 2)
    pins = [PinFactory(board=team.board, attachments=0) for _ in range(7)]
    for pin in pins:
        many_days(pin, 5)

    found = Exported(team.workspace)

    assert [pin["id"] for pin in found.json("pins")] == [pin.pk for pin in pins]
    days = [(day["pin_id"], day["date"]) for day in found.json("figures/pin_days")]
    assert len(days) == len(set(days)) == 35


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_files_are_written(team):
    MediaFileFactory(workspace=team.workspace)
    looks = []

    Exported(team.workspace, keep=lambda: looks.append(connection.in_atomic_block))

    assert looks
    assert not any(looks)


def test_the_builder_may_be_ended_after_any_step(team):
    PinFactory(board=team.board)

    class Ended(Exception):
        pass

    def end():
        raise Ended

    with pytest.raises(Ended):
        Exported(team.workspace, keep=end)


def test_files_over_the_limit_of_old_zips_are_written_in_the_new_format(team, monkeypatch):
    """2 GB, lowered here: Python refuses a file that turns out larger than was announced."""
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 1000)
    media = MediaFileFactory(workspace=team.workspace, content=bytes(5000))

    found = Exported(team.workspace)

    assert found.zip.read(f"media/{media.pk}-chair.jpg") == bytes(5000)
