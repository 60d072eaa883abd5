"""Changes no table: relations, too, write entries of the audit trail by the manager that refuses to change them."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_more_schedules")]
    operations = [
        migrations.AlterModelOptions(
            name="auditentry", options={"base_manager_name": "objects", "verbose_name_plural": "audit entries"}
        )
    ]
