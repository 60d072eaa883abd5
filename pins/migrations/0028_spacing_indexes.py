"""Pins that are alike are found by their account (pins/spacing/)."""

from django.db import migrations, models
from django.db.models import F
from django.db.models.functions import Coalesce

from postiz_pins.live_migrations import AddIndexLive

SAME_LINK = models.Index(F("account"), F("link_key"), Coalesce("published_at", "publish_at"), name="pin_same_link")


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("pins", "0027_spacing_keys_filled")]
    operations = [
        AddIndexLive("pin", SAME_LINK),
        AddIndexLive("pin", models.Index(fields=["account", "picture_key"], name="pin_same_picture")),
    ]
