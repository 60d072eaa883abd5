"""“Add from link”: a file of the web becomes a media file, as if it had been downloaded and uploaded."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
from typing import Any

from django.conf import settings

from accounts.models import User, Workspace
from pins import limits
from pins.models import MediaFile

from .inspection import INHERITED_ENVIRONMENT, MediaRefused
from .storage import store_upload
from .uploads import IncomingFile

logger = logging.getLogger(__name__)

FETCHER = [sys.executable, "-m", "pins.media.worker.fetch"]
# For all of it: names, redirects, and a video on a slow line. A user waits, and a thread of the server too.
FETCH_SECONDS = 60
# A link occupies a thread of the server for as long as a stranger's server likes; the others are for pages.
AT_ONCE = 3
_free_places = threading.BoundedSemaphore(AT_ONCE)
# Tests only: their server is this machine, at any port.
ALLOW_LOOPBACK = False


def store_link(address: str, *, workspace: Workspace, by: User | None) -> MediaFile:
    """Return the media file of what is behind a public http(s) address.

    Raises MediaRefused, as for an upload.
    """
    if not _free_places.acquire(blocking=False):
        raise _refusal("link_busy")
    try:
        with fetch_link(address) as incoming:
            return store_upload(incoming, workspace=workspace, by=by)
    finally:
        _free_places.release()


def fetch_link(address: str) -> IncomingFile:
    """Return the file behind a public http(s) address, to be stored and closed.

    Nothing is asked of the database, so threads may do it. Raises MediaRefused.
    """
    incoming = IncomingFile("link", "", 0, None, None)
    try:
        incoming.name = _fetch(address, incoming.temporary_file_path())
        incoming.size = os.path.getsize(incoming.temporary_file_path())
    except BaseException:
        incoming.close()
        raise
    return incoming


def _fetch(address: str, path: str) -> str:
    """Write what is behind the address to `path`, and return the file's name."""
    if "\0" in address:  # no process can be given it
        raise _refusal("link_invalid")
    command = [*FETCHER, address, path, settings.PUBLIC_URL, *(["--allow-loopback"] if ALLOW_LOOPBACK else [])]
    try:
        done = subprocess.run(  # noqa: S603  our own program; no shell reads the address
            command,
            cwd=settings.BASE_DIR,
            # Neither keys nor the addresses of proxies go along.
            env={key: os.environ[key] for key in INHERITED_ENVIRONMENT if key in os.environ},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=FETCH_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise _refusal("link_slow", host="The server") from error
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError as error:
        stderr = done.stderr.decode(errors="replace").strip()[-2000:]
        logger.warning("The fetcher ended with status %s. %s", done.returncode, stderr)
        raise _refusal("link_broken_off", host="The server") from error
    if "refused" in answer:
        raise _refusal(answer["refused"], **answer["values"])
    return str(answer["name"])


def _refusal(code: str, **values: Any) -> MediaRefused:
    return MediaRefused(code, SENTENCES[code].format(**values))


BY_HAND = "Download the file and upload it here."
SENTENCES = {
    "link_busy": "Several files are being downloaded right now. Try again in a minute.",
    "link_invalid": "This isn't a valid link. Copy it from your browser: it looks like https://example.com/chair.jpg.",
    "link_scheme": "The link has to start with https:// or http://.",
    "link_password": f"The link contains a username or password. {BY_HAND}",
    "link_port": f"Files can be added only from ports 80 and 443, not from {{port}}. {BY_HAND}",
    "link_private": f"{{host}} isn't on the public internet. {BY_HAND}",
    "link_certificate": f"{{host}} has no valid security certificate. {BY_HAND}",
    "link_unreachable": "{host} can't be reached. Check the link for typos, or try again in a minute.",
    "link_slow": f"{{host}} took too long. {BY_HAND}",
    "link_broken_off": "{host} stopped sending before the file was complete. Try again in a minute.",
    "link_circles": f"The link redirects too many times. Open it in your browser. {BY_HAND}",
    "link_denied": f"{{host}} refused to send the file ({{status}}). {BY_HAND}",
    "link_gone": "{host} has no file at this link ({status}). Open it in a browser to check it.",
    "link_status": f"{{host}} answered with an error ({{status}}). Try again in a minute. {BY_HAND}",
    "link_encoded": f"{{host}} sends the file in a compression format that isn't supported. {BY_HAND}",
    "link_empty": "{host} sent an empty file. Open the link in your browser to check it.",
    "link_no_file": (
        "This link leads to a web page, not to an image or MP4 video. Right-click the image on that page, choose"
        " “Copy image address” and paste that."
    ),
    "link_other_video": "The video at this link isn't an MP4 file. Export it as MP4 with H.264 and upload it.",
    "link_image_too_large": (
        f"The image exceeds Pinterest's limit of {limits.IMAGE_BYTES // 1024**2} MB. Save a smaller version and"
        f" upload it."
    ),
    "link_video_too_large": (
        f"Videos of more than {limits.LINK_VIDEO_BYTES // 1024**2} MB can't be added from links. {BY_HAND}"
    ),
}
