"""What the library's storage holds, and which tests are about one kind of storage only."""

import pytest
from django.conf import settings
from django.core.files.storage import default_storage

from pins.media.uploads import incoming_folder

only_folders = pytest.mark.skipif(bool(settings.S3_BUCKET), reason="About files in a folder.")
only_buckets = pytest.mark.skipif(not settings.S3_BUCKET, reason="S3: make test-s3 runs a server for it.")


def stored_names():
    """Those of all files in the storage of media."""
    return sorted(each.name for each in default_storage.listed() if not each.name.startswith("incoming/"))


def lose_all():
    """As when the disk or the bucket is gone, with the marker."""
    default_storage.delete_many([each.name for each in default_storage.listed()])


def incoming():
    """What is on its way in, or was left there."""
    return list(incoming_folder().iterdir())
