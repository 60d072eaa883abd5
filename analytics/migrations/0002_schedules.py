"""django-q2's schedules of this app: the rows that its cluster looks at every 30 seconds."""

from django.db import migrations

SCHEDULES = {
    "Figures: fetch what is due": {"func": "analytics.tasks.fetch_due", "schedule_type": "I", "minutes": 1},
    "Figures: weekly summaries": {"func": "analytics.tasks.send_weekly_summaries", "schedule_type": "H"},
}


def add_schedules(apps, schema_editor):
    schedule = apps.get_model("django_q", "Schedule")
    for name, columns in SCHEDULES.items():
        schedule.objects.update_or_create(name=name, defaults={**columns, "repeats": -1})


def remove_schedules(apps, schema_editor):
    apps.get_model("django_q", "Schedule").objects.filter(name__in=SCHEDULES).delete()


class Migration(migrations.Migration):
    dependencies = [("analytics", "0001_initial"), ("django_q", "0019_alter_task_options_alter_ormq_key_alter_ormq_lock_and_more")]
    operations = [migrations.RunPython(add_schedules, remove_schedules)]
