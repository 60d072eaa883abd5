from django.db import migrations, models


class Migration(migrations.Migration):
    """The attribute gets its name; the column keeps its own, so that nothing is to be done in the database."""

    dependencies = [
        ("accounts", "0017_wording"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                operation
                for model in ("pinterestaccount", "user", "workspace")
                for operation in (
                    migrations.AlterField(
                        model_name=model,
                        name="erase_at",
                        field=models.DateTimeField(blank=True, db_column="erase_at", editable=False, null=True),
                    ),
                    migrations.RenameField(
                        model_name=model, old_name="erase_at", new_name="delete_at"
                    ),
                )
            ]
        )
    ]
