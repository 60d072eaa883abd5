"""`manage.py adopt_media_folder`: this folder is the right one, whatever its marker says."""

from typing import Any

from django.core.management.base import BaseCommand

from pins.media import folder as media_folder


class Command(BaseCommand):
    help = (
        "Mark MEDIA_ROOT, or the bucket, as the media folder of this database. Use it only if its files are there, or"
        " lost for good."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        media_folder.adopt()
        self.stdout.write(f"{media_folder.name_of_place()} is now the media folder of this database.")
