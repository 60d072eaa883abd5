"""Fills the names of the presets that imports had before the column was there; without one, nothing asks again."""

from django.db import migrations

BATCH = 1000


def fill_names(apps, schema_editor):
    imports = apps.get_model("pins", "PinImport").objects
    for preset in apps.get_model("pins", "LinkPreset").objects.only("pk", "name").iterator(chunk_size=BATCH):
        imports.filter(link_preset=preset.pk, link_preset_name="").update(link_preset_name=preset.name)


class Migration(migrations.Migration):
    dependencies = [("pins", "0042_calendar_feed_once_per_form")]
    operations = [migrations.RunPython(fill_names, migrations.RunPython.noop)]
