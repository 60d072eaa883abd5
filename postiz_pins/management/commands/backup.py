"""`manage.py backup DIRECTORY`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from postiz_pins.operations.backup import BackupFailed, write_backup


class Command(BaseCommand):
    help = "Write database, keys and media files to a new directory, while the app runs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("directory", type=Path)
        parser.add_argument(
            "--without-media", action="store_true", help="leave out media files, if you back up the bucket otherwise"
        )

    def handle(self, *, directory: Path, without_media: bool, **options: Any) -> None:
        try:
            manifest = write_backup(directory.resolve(), with_media=not without_media)
        except BackupFailed as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"The backup cannot be written: {error}") from error
        counts = ", ".join(f"{number} {name}" for name, number in manifest.counts.items())
        self.stdout.write(f"Backed up to {directory}: {counts}. It holds the keys: keep it private.")
