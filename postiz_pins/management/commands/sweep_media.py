"""`manage.py sweep_media`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from pins.media.folder import WrongFolder
from postiz_pins.operations import media_sweep
from postiz_pins.storage.base import MediaUnavailable


class Command(BaseCommand):
    help = "Remove files of media that no row knows and that are over a day old. The cluster does this once a day."

    def handle(self, **options: Any) -> None:
        try:
            removed = media_sweep.sweep(timezone.now())
        except WrongFolder as error:
            raise CommandError(str(error)) from error
        except MediaUnavailable as error:
            raise CommandError(f"{error.strerror}.") from error
        self.stdout.write(f"{removed} removed.")
