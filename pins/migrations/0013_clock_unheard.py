"""An installation that already has pins has never heard of a clock: it may be an older backup, so what is due is
looked for first."""

from datetime import UTC, datetime

from django.db import migrations


def note_silence(apps, schema_editor):
    if apps.get_model("pins", "Pin").objects.exists():
        long_ago = datetime(2000, 1, 1, tzinfo=UTC)
        apps.get_model("pins", "Heartbeat").objects.get_or_create(name="clock", defaults={"beat_at": long_ago})


class Migration(migrations.Migration):
    dependencies = [("pins", "0012_media_is_first_frame")]
    operations = [migrations.RunPython(note_silence, migrations.RunPython.noop)]
