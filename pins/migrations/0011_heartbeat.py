
from django.db import migrations, models

from postiz_pins.live_migrations import LimitLockWaits


class Migration(migrations.Migration):

    dependencies = [
        ('pins', '0010_list_in_time_order'),
    ]

    operations = [
        LimitLockWaits(),
        migrations.CreateModel(
            name='Heartbeat',
            fields=[
                ('name', models.CharField(max_length=40, primary_key=True, serialize=False)),
                ('beat_at', models.DateTimeField()),
                ('resumed_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name='pin',
            name='overdue_since',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
    ]
