"""`manage.py adopt_media_folder`: this folder is the right one, whatever its marker says."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from pins.media import folder as media_folder


class Command(BaseCommand):
    help = "Mark MEDIA_ROOT as the media folder of this database. Use it only if its files are there, or lost for good."

    def handle(self, *args: Any, **options: Any) -> None:
        media_folder.adopt()
        self.stdout.write(f"{settings.MEDIA_ROOT} is now the media folder of this database.")
