"""Further schedules of django-q2: rows that its cluster looks at every 30 seconds."""

from django.db import migrations

SCHEDULES = {
    "Notifications: e-mails and tidying": ("accounts.tasks.send_notifications", 1),
    "Exports: build what waits, delete what has expired": ("postiz_pins.tasks.build_exports", 5),
    "Deletions whose waiting period is over": ("postiz_pins.tasks.erase_due", 30),
}


def add_schedules(apps, schema_editor):
    for name, (func, minutes) in SCHEDULES.items():
        apps.get_model("django_q", "Schedule").objects.update_or_create(
            name=name, defaults={"func": func, "schedule_type": "I", "minutes": minutes, "repeats": -1}
        )


def remove_schedules(apps, schema_editor):
    apps.get_model("django_q", "Schedule").objects.filter(name__in=SCHEDULES).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_people_told_and_asked"),
        ("django_q", "0019_alter_task_options_alter_ormq_key_alter_ormq_lock_and_more"),
    ]
    operations = [migrations.RunPython(add_schedules, remove_schedules)]
