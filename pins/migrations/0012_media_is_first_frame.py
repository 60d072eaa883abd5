"""Whether an image is what was kept of an animation. With a default in the database, since the version before, which knows
nothing of the column, goes on inserting while this one is rolled out."""

from django.db import migrations, models

from postiz_pins.live_migrations import LimitLockWaits


class Migration(migrations.Migration):
    dependencies = [("pins", "0011_heartbeat")]
    operations = [
        LimitLockWaits(),
        migrations.AddField("mediafile", "is_first_frame", models.BooleanField(db_default=False, default=False)),
    ]
