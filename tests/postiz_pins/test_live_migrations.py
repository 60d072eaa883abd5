"""Migrations of tables that the version before still works on."""

import threading
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, migrations
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.models import NOT_PROVIDED
from django.utils import timezone

from pins.models import Heartbeat, Pin
from pins.spacing.keys import link_key, picture_key
from postiz_pins import live_migrations
from tests.factories import AttachmentFactory, PinFactory, VideoFileFactory

pytestmark = pytest.mark.django_db(transaction=True)

on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time.")


@pytest.fixture
def migrate():
    """`migrate(name)` goes to that migration of pins; afterwards the schema is the newest again."""

    def go(name):
        executor = MigrationExecutor(connection)
        executor.migrate([("pins", name)])

    yield go
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def test_migrations_leave_the_version_before_able_to_work():
    """New columns have a default in the database, and none is taken away or renamed that it may still use."""
    first = {"accounts": "0010", "analytics": "0003", "pins": "0005"}  # before these there were no installations
    takes_away = (
        migrations.RemoveField,
        migrations.RenameField,
        migrations.DeleteModel,
        migrations.RenameModel,
        migrations.AlterModelTable,
    )
    # A later release may take away what the one before it no longer reads: (app, migration) with the reason.
    contracts: dict[tuple[str, str], str] = {}

    wrong = [
        f"{app}.{name}: {operation.describe()}"
        for (app, name), migration in MigrationLoader(None).disk_migrations.items()
        if app in first and name >= first[app] and (app, name) not in contracts
        for operation in migration.operations
        if isinstance(operation, takes_away)
        or (
            isinstance(operation, migrations.AddField)
            and not operation.field.null
            and not operation.field.many_to_many
            and operation.field.db_default is NOT_PROVIDED
        )
    ]

    assert wrong == []


def test_migrations_that_change_a_table_limit_their_wait_for_its_lock_first():
    """Behind a migration that waits for the lock of a table, everybody else would wait."""
    first = {"accounts": "0010", "analytics": "0003", "pins": "0005"}

    wrong = [
        f"{app}.{name}"
        for (app, name), migration in MigrationLoader(None).disk_migrations.items()
        if app in first and name >= first[app] and changes_an_old_table(migration)
        if not isinstance(migration.operations[0], live_migrations.LimitLockWaits)
    ]

    assert wrong == []


def changes_an_old_table(migration):
    """A new table counts if it refers to another: a foreign key locks the table that it leads to."""
    created = [each for each in migration.operations if isinstance(each, migrations.CreateModel)]
    new = {each.name_lower for each in created}
    return any(field.is_relation for each in created for _, field in each.fields) or any(
        isinstance(each, migrations.AddField | migrations.AlterField) and each.model_name_lower not in new
        for each in migration.operations
    )


def is_valid(index):
    with connection.cursor() as cursor:
        cursor.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = %s::regclass", [index])
        return cursor.fetchone()[0]


def test_the_columns_are_filled_for_the_pins_of_before(migrate):
    video = AttachmentFactory(media=VideoFileFactory()).pin
    warned = PinFactory(warnings=[{"code": "link_shortener", "field": "link", "message": "Shortened."}])
    migrate("0005_worker_columns")
    Pin.objects.update(has_video=False, has_warnings=False)

    migrate("0006_worker_columns_filled")

    # By their keys: today's model has columns that this schema lacks.
    assert list(Pin.objects.filter(has_video=True).values_list("pk", flat=True)) == [video.pk]
    assert list(Pin.objects.filter(has_warnings=True).values_list("pk", flat=True)) == [warned.pk]


def test_the_keys_that_keep_pins_apart_are_those_that_new_pins_get(migrate):
    link = "HTTPS://Example.com/sale/?utm_source=x&id=1#top"
    made = [
        PinFactory(link=link),
        PinFactory(link="", attachments=2),
        PinFactory(link=f"{link}&q={'a' * 300}"),
        PinFactory(link="", attachments=0),
    ]
    keys = {
        pin.pk: (link_key(pin.link), picture_key(attached.media.sha256 for attached in pin.attachments.all()))
        for pin in made
    }
    migrate("0026_spacing_keys")

    migrate("0027_spacing_keys_filled")

    assert {
        pk: (link, picture) for pk, link, picture in Pin.objects.values_list("pk", "link_key", "picture_key")
    } == keys
    assert Pin.objects.exclude(link_key="", picture_key="").count() == 3


def test_an_installation_with_pins_has_never_heard_of_a_clock(migrate):
    """It may be a backup of before there was a heartbeat: what is due is looked for first."""
    PinFactory()
    migrate("0012_media_is_first_frame")
    migrate("0013_clock_unheard")

    assert Heartbeat.objects.get().beat_at < timezone.now() - timedelta(days=365)


def test_a_new_installation_has_missed_nothing(migrate):
    migrate("0012_media_is_first_frame")
    migrate("0013_clock_unheard")

    assert not Heartbeat.objects.exists()


def test_the_version_before_inserts_without_the_new_columns(db):
    pin = PinFactory()
    old = [
        field.column
        for field in Pin._meta.concrete_fields
        if field.column not in ("id", "has_video", "has_warnings", "claimed_by")
    ]
    with connection.cursor() as cursor:
        columns = ", ".join(old)
        cursor.execute(f"INSERT INTO pins_pin ({columns}) SELECT {columns} FROM pins_pin")  # noqa: S608

    copy = Pin.objects.exclude(pk=pin.pk).get()
    assert (copy.has_video, copy.has_warnings, copy.claimed_by) == (False, False, "")


@on_postgresql
def test_an_index_whose_making_was_broken_off_is_made_anew(migrate):
    migrate("0006_worker_columns_filled")
    with connection.cursor() as cursor:
        cursor.execute("CREATE INDEX pin_claimed ON pins_pin (title)")
        cursor.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'pin_claimed'::regclass")

    migrate("0007_worker_indexes")

    assert is_valid("pin_claimed")
    assert not is_left("pin_due")


def test_an_upgrade_that_was_interrupted_between_two_indexes_is_finished(migrate):
    """Nothing is rolled back where a migration has no transaction."""
    migrate("0006_worker_columns_filled")
    with connection.cursor() as cursor:
        cursor.execute("CREATE INDEX pin_calendar ON pins_pin (title)")
        cursor.execute("DROP INDEX pin_due")

    migrate("0007_worker_indexes")

    with connection.cursor() as cursor:
        indexes = connection.introspection.get_constraints(cursor, "pins_pin")
    assert indexes["pin_calendar"]["columns"] == ["workspace_id", "publish_at"]
    assert "pin_due" not in indexes


def is_left(index):
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [index])
        return cursor.fetchone()[0] is not None


@on_postgresql
def test_a_migration_that_does_not_get_its_lock_gives_up(migrate, monkeypatch):
    monkeypatch.setattr(live_migrations, "LOCK_TIMEOUT", "200ms")
    migrate("0004_due_index")
    is_reading, may_end = threading.Event(), threading.Event()

    def read_for_long():
        try:
            with connection.cursor() as cursor:
                cursor.execute("BEGIN")
                cursor.execute("SELECT count(*) FROM pins_pin")
                is_reading.set()
                may_end.wait(30)
                cursor.execute("COMMIT")
        finally:
            connection.close()

    reader = threading.Thread(target=read_for_long)
    reader.start()
    try:
        assert is_reading.wait(10)
        with pytest.raises(OperationalError, match="lock timeout"):
            migrate("0005_worker_columns")
    finally:
        may_end.set()
        reader.join()
    migrate("0005_worker_columns")
