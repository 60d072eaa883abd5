from django.db import migrations, models

from postiz_pins.live_migrations import LimitLockWaits


class Migration(migrations.Migration):
    dependencies = [("accounts", "0022_spacing_settings")]
    operations = [
        LimitLockWaits(),
        migrations.AddField("workspace", "asks_for_alt_text", models.BooleanField(default=False, db_default=False)),
    ]
