"""The list of pins is read by the time that each row shows (pins/models/shown_at.py)."""

from django.db import migrations, models
from django.db.models import Case, DateTimeField, F, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact

from postiz_pins.live_migrations import AddIndexLive, RemoveIndexLive


def shown_at():
    return Case(
        When(Exact(F("status"), RawSQL("'draft'", ())), then=F("updated_at")),
        default=Coalesce("published_at", "publish_at", "updated_at"),
        output_field=DateTimeField(),
    )


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("pins", "0009_media_folder")]
    operations = [
        AddIndexLive("pin", models.Index(F("workspace"), shown_at(), F("id"), name="pin_shown")),
        AddIndexLive(
            "pin", models.Index(F("workspace"), F("status"), shown_at(), F("id"), name="pin_shown_by_status")
        ),
        RemoveIndexLive("pin", "pin_list_by_status"),
    ]
