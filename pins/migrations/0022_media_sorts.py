"""The media library is sorted by name and by size as well."""

from django.db import migrations, models
from django.db.models import F
from django.db.models.functions import Lower

from postiz_pins.live_migrations import AddIndexLive


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("pins", "0021_slot_is_uploading")]
    operations = [
        AddIndexLive("mediafile", models.Index(F("workspace"), Lower("original_name"), F("id"), name="media_by_name")),
        AddIndexLive(
            "mediafile", models.Index(fields=["workspace", "-size_bytes", "-id"], name="media_by_size")
        ),
    ]
