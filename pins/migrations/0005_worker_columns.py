"""What workers and the dashboard look for, in columns that an index can hold. With defaults in the database, since the version
before, which knows nothing of the columns, goes on inserting while this one is rolled out."""

from django.db import migrations, models

from postiz_pins.live_migrations import LimitLockWaits


def process_name():
    return models.CharField(blank=True, db_default="", default="", editable=False, max_length=80)


class Migration(migrations.Migration):
    dependencies = [("pins", "0004_due_index")]
    operations = [
        LimitLockWaits(),
        migrations.AddField("pin", "claimed_by", process_name()),
        migrations.AddField(
            "pin", "has_video", models.BooleanField(db_default=False, default=False, editable=False)
        ),
        migrations.AddField("pin", "has_warnings", models.BooleanField(db_default=False, default=False, editable=False)),
        migrations.AddField("postingslot", "process", process_name()),
    ]
