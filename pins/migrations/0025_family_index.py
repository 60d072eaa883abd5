"""The pins of a family are read in their order (pins/families/)."""

from django.db import migrations, models

from postiz_pins.live_migrations import AddIndexLive


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("pins", "0024_families")]
    operations = [
        AddIndexLive(
            "pin",
            models.Index(
                condition=models.Q(("family__isnull", False)), fields=["family", "family_position"], name="pin_family"
            ),
        )
    ]
