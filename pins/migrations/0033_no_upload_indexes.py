"""Where no further video may be sent, the next pin is found without walking the videos that wait (publishing/due.py)."""

from django.db import migrations, models

from postiz_pins.live_migrations import AddIndexLive

CONDITION = models.Q(
    models.Q(("has_video", True), ("media_ready_at", None), _negated=True), ("next_attempt_at__isnull", False)
)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("pins", "0032_import_schedule")]
    operations = [
        AddIndexLive(
            "pin",
            models.Index(
                fields=["next_attempt_at", "-has_video", "id"], name="pin_next_no_upload", condition=CONDITION
            ),
        ),
        AddIndexLive(
            "pin",
            models.Index(
                fields=["account", "next_attempt_at", "-has_video", "id"],
                name="pin_no_upload_of_account",
                condition=CONDITION,
            ),
        ),
    ]
