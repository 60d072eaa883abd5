"""Uploads on their way in: on the disk and never in memory, dropped at their limit, and gone when they are cut off."""

import io
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings as project
from django.contrib.auth.models import AnonymousUser
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.http import UnreadablePostError
from django.test import RequestFactory
from django.test.client import encode_multipart
from django.urls import reverse

from pins import limits
from pins.media.file_types import FileKind, kind_of
from pins.media.uploads import LEFTOVER_SECONDS, dropped_uploads, incoming_folder
from pins.models import MediaFile
from tests.factories import UserFactory
from tests.media_bytes import picture_bytes, video_bytes, with_free_box
from tests.stored_files import only_folders

MEGABYTE = 1024**2
SCRIPT = {"X-Requested-With": "XMLHttpRequest"}


def request_with(*files, user=None):
    files = [SimpleUploadedFile(name, content) for name, content in files]
    return sent_by(user or UserFactory.build(), RequestFactory().post("/", {"file": files}))


def sent_by(user, request):
    request.user = user
    return request


def incoming(settings):
    return list(incoming_folder().iterdir())


def test_even_a_small_file_is_received_on_the_disk_of_the_media(settings):
    request = request_with(("chair.jpg", picture_bytes(10, 15)))

    upload = request.FILES["file"]

    assert isinstance(upload, TemporaryUploadedFile)
    assert upload.temporary_file_path().startswith(str(incoming_folder()))
    request.close()
    assert incoming(settings) == []


def test_nothing_is_received_from_people_who_are_not_signed_in(settings):
    request = request_with(("chair.jpg", picture_bytes(10, 15)), user=AnonymousUser())

    assert not request.FILES
    assert not dropped_uploads(request, "file")
    assert not settings.MEDIA_ROOT.exists() and not Path(settings.UPLOAD_ROOT or settings.MEDIA_ROOT).exists()


def test_a_picture_is_dropped_when_it_passes_its_limit_and_what_follows_arrives(settings):
    large = picture_bytes(10, 15) + bytes(limits.IMAGE_BYTES)
    request = request_with(("large.jpg", large), ("small.jpg", picture_bytes(10, 15)))

    [dropped] = dropped_uploads(request, "file")

    assert (dropped.name, dropped.kind) == ("large.jpg", FileKind.PICTURE)
    assert [upload.name for upload in request.FILES.getlist("file")] == ["small.jpg"]
    assert len(incoming(settings)) == 1
    request.close()


def test_a_video_may_be_larger_than_a_picture_up_to_its_own_limit(settings, monkeypatch):
    monkeypatch.setattr(limits, "IMAGE_BYTES", MEGABYTE)
    monkeypatch.setattr(limits, "VIDEO_BYTES", 3 * MEGABYTE)
    video = video_bytes()
    fits = with_free_box(video, 3 * MEGABYTE).ljust(3 * MEGABYTE, b"\0")

    request = request_with(("fits.mp4", fits), ("large.mp4", fits + b"\0"))

    assert [(dropped.name, dropped.kind) for dropped in dropped_uploads(request, "file")] == [
        ("large.mp4", FileKind.MP4)
    ]
    assert [upload.size for upload in request.FILES.getlist("file")] == [3 * MEGABYTE]
    request.close()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("start", "words"),
    [
        (b"\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00qt  ", "is a video but not an MP4 file"),
        (b"PK\x03\x04", "isn't an image or video"),
        (
            b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom",
            "“big” is too large; Pinterest accepts videos up to 2 GB",
        ),
    ],
)
def test_what_was_dropped_is_named_as_what_it_is(alice, monkeypatch, start, words):
    monkeypatch.setattr(limits, "IMAGE_BYTES", MEGABYTE)
    monkeypatch.setattr("pins.media.uploads.limits.VIDEO_BYTES", 2 * MEGABYTE)
    monkeypatch.setattr("pins.media.inspection.limits.VIDEO_BYTES", 2 * MEGABYTE)
    words = words.replace("2 GB", "0 GB")

    response = alice.post(
        reverse("pins:media_upload"), {"file": SimpleUploadedFile("big", start + bytes(3 * MEGABYTE))}, headers=SCRIPT
    )

    assert response.status_code == 400
    assert words in response.content.decode()


def test_an_upload_that_is_cut_off_leaves_nothing(settings):
    body = encode_multipart("boundary", {"file": SimpleUploadedFile("chair.jpg", picture_bytes())})
    half, content_type = body[: len(body) // 2], "multipart/form-data; boundary=boundary"
    cut_off = sent_by(UserFactory.build(), RequestFactory().generic("POST", "/", half, content_type))

    assert not cut_off.FILES
    assert incoming(settings) == []


def test_an_upload_whose_connection_breaks_leaves_nothing(settings):
    class Broken(io.BytesIO):
        def read(self, size=-1):
            return super().read(size) or self.fail()

        def fail(self):
            assert len(incoming(settings)) == 1
            raise ConnectionResetError

    body = encode_multipart("boundary", {"file": SimpleUploadedFile("chair.jpg", picture_bytes())})
    request = RequestFactory().request(
        REQUEST_METHOD="POST",
        CONTENT_TYPE="multipart/form-data; boundary=boundary",
        CONTENT_LENGTH=str(len(body)),
        **{"wsgi.input": Broken(body[: len(body) // 2])},
    )
    request.user = UserFactory.build()

    with pytest.raises(UnreadablePostError):
        request.FILES  # noqa: B018  reading it is what receives the upload

    # Not only some time later, when Python collects what refers to each other.
    assert incoming(settings) == []


def test_what_a_killed_process_has_left_is_removed(settings):
    folder = incoming_folder()
    old, fresh = folder / "old", folder / "fresh"
    (folder / "old-folder").mkdir()
    (folder / "old-folder" / "thumbnail").touch()
    for path in (old, fresh):
        path.touch()
    long_ago = time.time() - LEFTOVER_SECONDS - 1
    for path in (old, folder / "old-folder"):
        os.utime(path, (long_ago, long_ago))

    assert list(incoming_folder().iterdir()) == [fresh]


@pytest.mark.parametrize("megabytes", [64, 320])
def test_a_large_video_is_never_held_in_memory(tmp_path, megabytes):
    size = megabytes * MEGABYTE
    small, head = tmp_path / "small.mp4", tmp_path / "head"
    small.write_bytes(video_bytes())
    head.write_bytes(with_free_box(small.read_bytes(), size))

    done = subprocess.run(
        [sys.executable, "-m", "tests.pins.upload_memory", str(tmp_path / "media"), str(small), str(head), str(size)],
        cwd=project.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert done.returncode == 0, done.stderr
    # Both sizes: what is needed does not grow with the file.
    assert int(done.stdout) < 16 * MEGABYTE


@only_folders
@pytest.mark.django_db
def test_an_upload_is_stored_by_renaming_it(alice, monkeypatch):
    moved = []
    rename = os.rename
    monkeypatch.setattr("os.rename", lambda old, new: (moved.append(os.stat(old).st_ino), rename(old, new)))

    alice.post(reverse("pins:media_upload"), {"file": SimpleUploadedFile("oak.mp4", video_bytes())}, headers=SCRIPT)

    media = MediaFile.objects.get()
    assert os.stat(media.file.path).st_ino in moved


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom", FileKind.MP4),
        (b"\x00\x00\x00\x14ftypXAVC\x01\x00\x1f\xffXAVCmp42iso2", FileKind.UNKNOWN),  # the brands after the box's end
        (b"\x00\x00\x00\x1cftypXAVC\x01\x00\x1f\xffXAVCmp42iso2", FileKind.MP4),
        (b"\x00\x00\x00\x14ftypqt  \x20\x05\x03\x00qt  ", FileKind.OTHER_VIDEO),
        (b"\x00\x00\x00\x20ftyp3gp5\x00\x00\x00\x003gp5isommp42", FileKind.MP4),  # a compatible brand is enough
        (b"\x00\x00\x00\x18ftyp3gp5\x00\x00\x00\x003gp53gp4", FileKind.OTHER_VIDEO),
        (b"\x00\x00\x00\x1cftypM4A \x00\x00\x00\x00M4A mp42isom", FileKind.MP4),  # perhaps with sound only
        (b"\x00\x00\x00\x14ftypM4B \x00\x00\x00\x00M4B ", FileKind.OTHER_VIDEO),
        (b"\x00\x00\x00\x1cftypavis\x00\x00\x00\x00avifiso8mp41", FileKind.UNKNOWN),
        (b"\x00\x00\x00\x18ftypcrx \x00\x00\x00\x00crx isom", FileKind.UNKNOWN),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", FileKind.PICTURE),
        (b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1avif", FileKind.UNKNOWN),
        (b"\x00\x00\x00\x08moov", FileKind.OTHER_VIDEO),
        (b"\x1a\x45\xdf\xa3", FileKind.OTHER_VIDEO),
        (b"RIFF\x00\x00\x00\x00AVI LIST", FileKind.OTHER_VIDEO),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", FileKind.PICTURE),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", FileKind.UNKNOWN),
        (b"GIF89a", FileKind.UNKNOWN),
        (b"", FileKind.UNKNOWN),
    ],
)
def test_the_first_bytes_betray_the_kind(start, kind):
    assert kind_of(start) is kind
