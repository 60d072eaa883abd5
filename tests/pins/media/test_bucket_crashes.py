"""Wherever a process is killed while it stores a file, the sweep leaves no object without a row: `make test-s3`."""

import signal
from datetime import timedelta

import pytest
import requests
from django.conf import settings as django_settings
from django.utils import timezone

from pins.media import folder as media_folder
from pins.models import MediaFile, PendingUpload
from postiz_pins.operations import media_sweep
from tests import process_helpers
from tests.media_bytes import video_bytes
from tests.stored_files import only_buckets, stored_names

pytestmark = [pytest.mark.django_db(transaction=True), only_buckets]
TOMORROW = timedelta(hours=25)


def all_keys():
    """Of the objects of this test, and of what has arrived of uploads in parts."""
    from postiz_pins.storage import bucket

    here = {"Bucket": django_settings.S3_BUCKET, "Prefix": django_settings.S3_PREFIX}
    objects = bucket.ask("list_objects_v2", **here).get("Contents", [])
    uploads = bucket.ask("list_multipart_uploads", **here).get("Uploads", [])
    return sorted(each["Key"].removeprefix(django_settings.S3_PREFIX) for each in [*objects, *uploads])


def crash(*arguments):
    assert process_helpers.start("pins.crashing_uploader", *arguments).wait(timeout=60) == -signal.SIGKILL


def assert_swept():
    """Nothing is there but the files of rows."""
    assert len(all_keys()) > 1, "the process has left something"
    media_sweep.sweep(timezone.now() + TOMORROW)
    of_rows = [name for media in MediaFile.objects.all() for name in (media.file.name, media.thumbnail.name)]
    assert all_keys() == sorted([f"media/{name}" for name in [*of_rows, media_folder.NAME]])


@pytest.mark.parametrize("step", ["part", "stored", "row"])
def test_an_upload_by_the_form(team, step):
    media_folder.require()

    crash(step)

    assert_swept()
    assert MediaFile.objects.count() == (step == "row")


@pytest.mark.parametrize("step", ["completed", "copied", "stored", "row"])
def test_an_upload_in_parts(alice, step):
    media_folder.require()
    content = video_bytes()
    upload = alice.post("/media/uploads/", {"name": "oak.mp4", "size": len(content)}).json()
    part = alice.get(f"/media/uploads/{upload['id']}/parts/1/").json()["url"]
    requests.put(part, data=content, timeout=20).raise_for_status()

    crash(step, upload["id"])

    # The script asks again, and gets its file.
    assert alice.post(f"/media/uploads/{upload['id']}/finish/").status_code == 200
    assert MediaFile.objects.count() == 1
    assert {MediaFile.objects.get().file.name, MediaFile.objects.get().thumbnail.name} <= set(stored_names())
    assert_swept()
    assert not PendingUpload.objects.filter(media=None).exists()
