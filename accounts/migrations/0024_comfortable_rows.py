from django.db import migrations, models

from postiz_pins.live_migrations import LimitLockWaits


class Migration(migrations.Migration):
    dependencies = [("accounts", "0023_asks_for_alt_text")]
    operations = [
        LimitLockWaits(),
        migrations.AddField(
            "user", "has_comfortable_rows", models.BooleanField(default=False, db_default=False, editable=False)
        ),
    ]
