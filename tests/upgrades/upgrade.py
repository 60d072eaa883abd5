"""Builds the database of a fixture and migrates it to the newest schema: `python -m tests.upgrades.upgrade FIXTURE`,
with DATABASE_URL naming an empty database. Prints how many rows each model has then, as JSON.
"""

import gzip
import json
import os
import sys

from .make import KEYS


def build(fixture):
    """The schema of the fixture's migrations, and in it exactly its rows."""
    from django.db import connection, transaction
    from django.db.migrations.executor import MigrationExecutor

    applied = {tuple(name) for name in fixture["migrations"]}
    executor = MigrationExecutor(connection)
    unknown = applied - set(executor.loader.graph.nodes)
    assert not unknown, f"Migrations that installations have applied are gone: {unknown}"
    plan = [(executor.loader.graph.nodes[name], False) for name in _in_order(executor.loader.graph, applied)]
    state = executor.migrate([], plan=plan)
    with transaction.atomic():
        models = {model._meta.label_lower: model for model in state.apps.get_models(include_auto_created=True)}
        # The constraints between tables are looked at when all is there. Data of migrations goes: it is in the fixture.
        for label in reversed(fixture["tables"]):
            models[label]._base_manager.all()._raw_delete(connection.alias)
        for label, table in fixture["tables"].items():
            _load(models[label], table)
    from django.core.management.color import no_style

    for statement in connection.ops.sequence_reset_sql(no_style(), list(models.values())):
        with connection.cursor() as cursor:
            cursor.execute(statement)


def _in_order(graph, names):
    ordered = []
    for name in sorted(names):
        ordered += [node for node in graph.forwards_plan(name) if node not in ordered]
    assert set(ordered) == names
    return ordered


def _load(model, table):
    fields = {field.attname: field for field in model._meta.concrete_fields}
    model._base_manager.bulk_create(
        model(
            **{
                name: None if value is None else _value(fields[name], value)
                for name, value in zip(table["columns"], row, strict=True)
            }
        )
        for row in table["rows"]
    )


def _value(field, text):
    field = getattr(field, "target_field", field)
    return field.to_python(text)


def found():
    """How many rows each of today's models reads, and what is wrong between the tables."""
    from django.apps import apps
    from django.db import connection

    connection.check_constraints()
    counts = {}
    for model in apps.get_models(include_auto_created=True):
        if not model._meta.proxy:
            rows = list(model._base_manager.all())
            counts[model._meta.label_lower] = len(rows)
            if model._meta.label_lower.split(".")[0] in ("accounts", "pins", "analytics"):
                for row in rows:
                    row.validate_constraints()
    return counts


def main(path):
    os.environ.update(KEYS)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "postiz_pins.settings")
    import django

    django.setup()
    from django.core.management import call_command

    with gzip.open(path) as file:
        fixture = json.load(file)
    build(fixture)
    call_command("migrate", verbosity=0)
    print(json.dumps(found()))  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1])
