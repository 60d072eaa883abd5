"""`manage.py move_media`."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandError

from accounts.models.exports import export_storage
from pins.media import folder as media_folder
from postiz_pins.operations import media_copies
from postiz_pins.storage.base import MediaUnavailable, store_of
from postiz_pins.storage.folder import FolderStorage


class Command(BaseCommand):
    help = (
        "Copy all media and exports from MEDIA_ROOT and EXPORT_ROOT to the bucket, and compare each copy. Run it again"
        " to continue, and once more after all processes use the bucket. The files are not deleted from the folders."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--back", action="store_true", help="copy from the bucket to the folders instead")

    def handle(self, *, back: bool, **options: Any) -> None:
        if not settings.S3_BUCKET:
            raise CommandError("Set S3_BUCKET and the other settings of S3 first (docs/configuration.md).")
        folders = FolderStorage(settings.MEDIA_ROOT), FolderStorage(settings.EXPORT_ROOT)
        buckets = store_of(default_storage), store_of(export_storage())
        (source, exports), (target, new_exports) = (buckets, folders) if back else (folders, buckets)
        moved = media_copies.Moved()
        try:
            for moved in media_copies.move(source, target, exports, new_exports):
                if self.stdout.isatty():
                    self.stdout.write(f"{moved.copied} copied, {moved.there_before} were there before", ending="\r")
            if not moved.missing and not moved.damaged:
                media_folder.adopt(target)
        except MediaUnavailable as error:
            raise CommandError(f"{error.strerror}. Run the command again to continue.") from error
        self.stdout.write(f"{moved.copied} files copied and compared, {moved.there_before} were there before.")
        if moved.damaged:
            raise CommandError(f"{len(moved.damaged)} copies were damaged and removed. Run the command again.")
        if moved.missing:
            names = ", ".join(moved.missing[:20])
            raise CommandError(
                f"{len(moved.missing)} files are in neither place: {names}. If they are lost, start with the new"
                " settings after running python manage.py adopt_media_folder."
            )
