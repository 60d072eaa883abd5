"""Fills `has_video`, a thousand pins at a time, so that no worker waits for their rows."""

from django.db import migrations

BATCH = 1000


def mark_videos(apps, schema_editor):
    pins = apps.get_model("pins", "Pin").objects
    unmarked = pins.filter(has_video=False, attachments__media__kind="video").order_by("pk").values_list("pk", flat=True)
    last = 0
    while pin_ids := list(unmarked.filter(pk__gt=last)[:BATCH]):
        pins.filter(pk__in=pin_ids).update(has_video=True)
        last = pin_ids[-1]


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("pins", "0005_worker_columns")]
    operations = [migrations.RunPython(mark_videos, migrations.RunPython.noop)]
