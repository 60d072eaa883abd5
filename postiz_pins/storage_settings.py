"""The settings that say where media and exports lie: in folders, or in a bucket of S3 (postiz_pins/storage)."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .environment import AMOUNT, BOOLEAN, MEDIA_ADDRESS, WEB_ADDRESS, Kind, one_of, setting, whole
from .paths import DATA_DIR


def _bucket_name(text: str) -> str:
    """Return the name, if what talks to S3 is installed, which nothing else needs."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]", text) or find_spec("storages") is None:
        raise ValueError
    if find_spec("boto3") is None:
        raise ValueError
    return text


def _prefix(text: str) -> str:
    """Return the prefix with a slash at its end and none at its beginning."""
    parts = [part for part in text.split("/") if part]
    if not all(re.fullmatch(r"[\w-][\w.-]*", part, re.ASCII) for part in parts):
        raise ValueError
    return "".join(f"{part}/" for part in parts)


_BUCKET = Kind("a bucket's name such as my-pins, with the packages of requirements/s3.txt installed", _bucket_name)
_PREFIX = Kind("a path such as pins/", _prefix)

# Pinterest fetches images from here, so no login guards it: the names cannot be guessed.
MEDIA_URL = setting("MEDIA_URL", MEDIA_ADDRESS, "/files/")
MEDIA_ROOT = Path(setting("MEDIA_ROOT", default=DATA_DIR / "media"))
# Whole workspaces as zip files; only a view with its checks leads to them.
EXPORT_ROOT = Path(setting("EXPORT_ROOT", default=DATA_DIR / "exports"))
# For the files of one workspace, in GB of 1024³ bytes; 0: no limit.
MEDIA_QUOTA_GB = setting("MEDIA_QUOTA_GB", AMOUNT, 0)

# A bucket takes the place of both folders.
S3_BUCKET = setting("S3_BUCKET", _BUCKET)
S3_ENDPOINT_URL = setting("S3_ENDPOINT_URL", WEB_ADDRESS).rstrip("/")
S3_REGION = setting("S3_REGION", default="us-east-1")
# Both empty: the role that the machine has.
S3_ACCESS_KEY_ID = setting("S3_ACCESS_KEY_ID")
S3_SECRET_ACCESS_KEY = setting(
    "S3_SECRET_ACCESS_KEY",
    required="It belongs to S3_ACCESS_KEY_ID; leave both empty to use the machine's role." if S3_ACCESS_KEY_ID else "",
)
S3_ADDRESSING_STYLE = setting("S3_ADDRESSING_STYLE", one_of("auto", "path", "virtual"), "auto")
S3_PREFIX = setting("S3_PREFIX", _PREFIX, "")
S3_PUBLIC_URL = setting("S3_PUBLIC_URL", WEB_ADDRESS).rstrip("/")
_presign = whole(3600, 518_400, "a whole number of seconds, from 3600 (an hour) to 518400 (six days)")
S3_PRESIGN_SECONDS = setting("S3_PRESIGN_SECONDS", _presign, 3600)
S3_DIRECT_UPLOADS = setting("S3_DIRECT_UPLOADS", BOOLEAN, False) and bool(S3_BUCKET)
# Uploads until they are stored. Empty: `incoming` in MEDIA_ROOT, so that a folder stores them by renaming.
UPLOAD_ROOT: str | Path = setting("UPLOAD_ROOT", default=DATA_DIR / "uploads" if S3_BUCKET else "")


def storages() -> dict[str, Any]:
    """Return the default storage, which is that of media."""
    if not S3_BUCKET:
        return {"BACKEND": "postiz_pins.storage.folder.FolderStorage"}
    return {"BACKEND": "postiz_pins.storage.bucket.BucketStorage", "OPTIONS": {"location": f"{S3_PREFIX}media"}}


def bucket_origins() -> list[str]:
    """Return where browsers may be led for files, for the Content-Security-Policy; none without a bucket."""
    if not S3_BUCKET:
        return []
    endpoint = urlsplit(S3_ENDPOINT_URL or f"https://s3.{S3_REGION}.amazonaws.com")
    origins = []
    if S3_ADDRESSING_STYLE != "virtual":
        origins.append(f"{endpoint.scheme}://{endpoint.netloc}")
    if S3_ADDRESSING_STYLE != "path":
        origins.append(f"{endpoint.scheme}://{S3_BUCKET}.{endpoint.netloc}")
        if not S3_ENDPOINT_URL:
            origins.append(f"https://{S3_BUCKET}.s3.amazonaws.com")  # the older name of the oldest region
    if S3_PUBLIC_URL:
        public = urlsplit(S3_PUBLIC_URL)
        origins.append(f"{public.scheme}://{public.netloc}")
    return origins
