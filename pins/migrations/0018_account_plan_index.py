"""The queue reads what an account has planned (pins/queue/places.py)."""

from django.db import migrations, models

from postiz_pins.live_migrations import AddIndexLive


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("pins", "0017_publishing_times")]
    operations = [AddIndexLive("pin", models.Index(fields=["account", "publish_at"], name="pin_account_plan"))]
