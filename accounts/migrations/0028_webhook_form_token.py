from django.db import migrations, models

from postiz_pins.live_migrations import LimitLockWaits


class Migration(migrations.Migration):
    dependencies = [("accounts", "0027_webhook_schedule")]
    operations = [
        LimitLockWaits(),
        migrations.AddField(
            model_name="webhookendpoint",
            name="form_token",
            field=models.UUIDField(blank=True, editable=False, null=True),
        ),
        migrations.AddConstraint(
            model_name="webhookendpoint",
            constraint=models.UniqueConstraint(fields=("workspace", "form_token"), name="webhook_once_per_form"),
        ),
    ]
