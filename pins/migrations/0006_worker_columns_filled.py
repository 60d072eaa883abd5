"""Fills the new columns, a thousand pins at a time, so that no worker waits for their rows."""

from django.db import migrations

BATCH = 1000


def fill_columns(apps, schema_editor):
    pins = apps.get_model("pins", "Pin").objects
    fill(pins, pins.filter(has_video=False, attachments__media__kind="video"), "has_video")
    fill(pins, pins.filter(has_warnings=False, status="scheduled").exclude(warnings=[]), "has_warnings")


def fill(pins, unmarked, column):
    pin_ids, last = unmarked.order_by("pk").values_list("pk", flat=True), 0
    while batch := list(pin_ids.filter(pk__gt=last)[:BATCH]):
        pins.filter(pk__in=batch).update(**{column: True})
        last = batch[-1]


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("pins", "0005_worker_columns")]
    operations = [migrations.RunPython(fill_columns, migrations.RunPython.noop)]
