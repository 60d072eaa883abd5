"""A web process that dies by SIGKILL while it stores an upload: `python -m tests.pins.crashing_uploader STEP [ID]`.

Without an ID a picture comes by the form; else it is the direct upload with that ID, all of whose parts have arrived.
"""

import sys

import django

from .crashing_worker import die


def main(step, upload_id=""):
    django.setup()
    from django.core.files.uploadedfile import SimpleUploadedFile

    from accounts.models import Workspace
    from pins.direct_uploads import services
    from pins.media import storage
    from pins.models import PendingUpload
    from postiz_pins.storage import bucket
    from postiz_pins.storage.multipart import Parts
    from tests.media_bytes import picture_bytes

    def die_after(work):
        def work_and_die(*args, **kwargs):
            work(*args, **kwargs)
            die()

        return work_and_die

    match step:
        case "part":  # of a file that is large enough for several
            bucket.PART_BYTES = 5 * 1024
            bucket._put_part = die_after(bucket._put_part)
        case "stored":
            bucket.BucketStorage.take = die_after(bucket.BucketStorage.take)
        case "row":
            storage._save = die_after(storage._save)
        case "completed":
            Parts.complete = die_after(Parts.complete)
        case "copied":
            bucket.BucketStorage.copy = die_after(bucket.BucketStorage.copy)
    if upload_id:
        services.finish(PendingUpload.objects.select_related("workspace", "by", "media").get(pk=upload_id))
    else:
        picture = SimpleUploadedFile("chair.jpg", picture_bytes(600, 900), "image/jpeg")
        storage.store_upload(picture, workspace=Workspace.objects.earliest("pk"), by=None)


if __name__ == "__main__":
    main(*sys.argv[1:])
