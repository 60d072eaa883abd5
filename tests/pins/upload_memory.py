"""A process that receives a video as the web does, reads and stores it, and tells by how much its memory grew.

    python -m tests.pins.upload_memory MEDIA_FOLDER SMALL_VIDEO FILE_WITH_THE_BEGINNING SIZE_IN_BYTES

The rest of the video is zeros, so that nobody has to hold it. Nothing but the web's own code is imported: what this
process needs at its peak before counts as if it were free.
"""

import io
import os
import resource
import sys
from pathlib import Path

import django

BOUNDARY = "boundary"
BEFORE = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="oak.mp4"\r\n\r\n'.encode()
AFTER = f"\r\n--{BOUNDARY}--\r\n".encode()


class Body(io.BufferedIOBase):
    """What a web server hands over: bytes, then zeros, then bytes again."""

    def __init__(self, start, zeros, end):
        self.start, self.zeros, self.end = start, zeros, end

    def read(self, size=-1):
        taken, self.start = self.start[:size], self.start[size:]
        zeros = min(size - len(taken), self.zeros)
        self.zeros -= zeros
        ending, self.end = self.end[: size - len(taken) - zeros], self.end[size - len(taken) - zeros :]
        return taken + bytes(zeros) + ending


def receive(head, size_bytes):
    from django.contrib.auth import get_user_model
    from django.core.files.storage import default_storage
    from django.test import RequestFactory

    from pins.media import inspection
    from pins.media import storage as media_storage
    from postiz_pins.storage.base import store_of

    request = RequestFactory().request(
        REQUEST_METHOD="POST",
        CONTENT_TYPE=f"multipart/form-data; boundary={BOUNDARY}",
        CONTENT_LENGTH=str(len(BEFORE) + size_bytes + len(AFTER)),
        **{"wsgi.input": Body(BEFORE + head, size_bytes - len(head), AFTER)},
    )
    request.user = get_user_model()()
    upload = request.FILES["file"]
    assert upload.size == size_bytes, upload.size
    media_storage._sha256(upload)
    with inspection.work_folder() as folder:
        path = media_storage._path_of(upload, folder)
        inspection.read_upload(path, folder, "oak.mp4")
        store_of(default_storage).take(path, f"1/{size_bytes}.mp4", "video/mp4")
    request.close()


def main(media_folder, small_path, head_path, size_bytes):
    os.environ["MEDIA_ROOT"] = media_folder
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "postiz_pins.settings")
    django.setup()
    small = Path(small_path).read_bytes()
    receive(small, len(small))  # what the code itself takes, whatever the size
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    receive(Path(head_path).read_bytes(), int(size_bytes))
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sys.stdout.write(str((after - before) * 1024))


if __name__ == "__main__":
    main(*sys.argv[1:])
