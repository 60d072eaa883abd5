"""The list of pins is sorted by title as well."""

from django.db import migrations, models
from django.db.models import F, Func, TextField

from postiz_pins.live_migrations import AddIndexLive

TITLE_KEY = Func(F("title"), template="LOWER(SUBSTR(%(expressions)s, 1, 60))", output_field=TextField())


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("pins", "0028_spacing_indexes")]
    operations = [
        AddIndexLive(
            "pin", models.Index(F("workspace"), F("status"), TITLE_KEY, F("id"), name="pin_title_by_status")
        )
    ]
