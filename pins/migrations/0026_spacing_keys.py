"""What is compared to keep pins apart that are alike (pins/spacing/)."""

from django.db import migrations, models

from postiz_pins.live_migrations import LimitLockWaits


class Migration(migrations.Migration):
    dependencies = [("accounts", "0022_spacing_settings"), ("pins", "0025_family_index")]
    operations = [
        LimitLockWaits(),
        migrations.AddField(
            "pin", "link_key", models.CharField(max_length=255, default="", db_default="", editable=False)
        ),
        migrations.AddField(
            "pin", "picture_key", models.CharField(max_length=64, default="", db_default="", editable=False)
        ),
        migrations.AddField("pin", "spacing_kept", models.JSONField(null=True, editable=False)),
    ]
