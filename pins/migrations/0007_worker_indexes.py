"""What workers look for each second, what the dashboard shows first, and a workspace's months."""

from django.db import migrations, models
from django.db.models import Q

from postiz_pins.live_migrations import AddIndexLive, RemoveIndexLive

IS_ON_ITS_WAY = Q(next_attempt_at__isnull=False)
INDEXES = [
    models.Index(fields=["workspace", "publish_at"], name="pin_calendar"),
    models.Index(fields=["next_attempt_at", "-has_video", "id"], name="pin_next", condition=IS_ON_ITS_WAY),
    models.Index(
        fields=["account", "next_attempt_at", "-has_video", "id"], name="pin_next_of_account", condition=IS_ON_ITS_WAY
    ),
    models.Index(
        fields=["next_attempt_at", "id"], name="pin_under_way", condition=~Q(status="scheduled") & IS_ON_ITS_WAY
    ),
    models.Index(fields=["claimed_until"], name="pin_claimed", condition=Q(claimed_until__isnull=False)),
    models.Index(fields=["publish_at"], name="pin_proposed", condition=Q(status="proposed")),
    models.Index(fields=["workspace", "publish_at", "id"], name="pin_up_next", condition=IS_ON_ITS_WAY),
    models.Index(fields=["workspace", "publish_at", "id"], name="pin_warned", condition=Q(has_warnings=True)),
    models.Index(
        fields=["workspace", "-updated_at", "-id"],
        name="pin_sent_back",
        condition=Q(status="draft") & ~Q(review_comment=""),
    ),
]


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("pins", "0006_worker_columns_filled")]
    operations = [
        *(AddIndexLive("pin", index) for index in INDEXES),
        RemoveIndexLive("pin", "pin_due"),
    ]
