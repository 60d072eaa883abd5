"""`manage.py restore DIRECTORY`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from postiz_pins.operations.backup import BackupFailed, restore_backup
from postiz_pins.operations.media_copies import missing_media


class Command(BaseCommand):
    help = "Restore a backup of `manage.py backup`, of this version or an older one. Stop all processes first."
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("directory", type=Path)
        parser.add_argument("--replace", action="store_true", help="overwrite a database that holds users")

    def handle(self, *, directory: Path, replace: bool, **options: Any) -> None:
        try:
            manifest = restore_backup(directory.resolve(), replace=replace)
        except BackupFailed as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"The backup cannot be restored: {error}") from error
        counts = ", ".join(f"{number} {name}" for name, number in manifest.counts.items())
        self.stdout.write(f"Restored {counts}, as of {manifest.created_at}.")
        if missing := missing_media():
            raise CommandError(f"{missing} media files are missing: the backup did not hold them.")
