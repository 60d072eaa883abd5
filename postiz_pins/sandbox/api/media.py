"""Videos: registered, uploaded to the target as to S3, processed for a while."""

import base64
import hashlib
import hmac
import json
import secrets
import sqlite3
from collections.abc import Iterable
from typing import Any, cast

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import ChunkIter, LazyStream, MultiPartParserError, Parser

from postiz_pins.sandbox import state

from .errors import ApiError, StorageError
from .operations import Caller, json_object, operation
from .paging import page, page_size, place
from .schemas import ID, MEDIA_CREATE, check

DEFAULT_PROCESSING_SECONDS = 5.0
SIGNING_KEY = b"sandbox-upload"
MAX_FIELD_BYTES = 20_000
# The boxes that can open an MP4 or QuickTime file stand after four bytes of length.
VIDEO_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")


def media_status(db: sqlite3.Connection, media: sqlite3.Row) -> str:
    """Return a video's status, computed each time, so that a changed processing time holds at once."""
    if media["uploaded_at"] is None:
        return "registered"
    seconds = state.option(db, "processing_seconds", DEFAULT_PROCESSING_SECONDS)
    if state.now() < media["uploaded_at"] + seconds:
        return "processing"
    return "succeeded" if media["is_video"] else "failed"


def upload_parameters(upload_key: str, policy: str) -> dict[str, str]:
    """Return the form fields that an upload has to send."""
    return {
        "key": upload_key,
        "Content-Type": "multipart/form-data",
        "policy": policy,
        "x-amz-algorithm": "AWS4-HMAC-SHA256",
        "x-amz-credential": "SANDBOX/20260101/us-east-1/s3/aws4_request",
        "x-amz-date": "20260101T000000Z",
        "x-amz-security-token": "sandbox-session",
        "x-amz-signature": hmac.new(SIGNING_KEY, policy.encode(), "sha256").hexdigest(),
    }


@operation("media/create", "pins:read", "pins:write")
def create_media(request: HttpRequest, caller: Caller) -> JsonResponse:
    """Answer POST /media."""
    check(json_object(request), MEDIA_CREATE)
    media_id = state.new_id()
    upload_key = f"uploads/{secrets.token_hex(12)}"
    policy = base64.b64encode(json.dumps({"conditions": [{"key": upload_key}]}).encode()).decode()
    with state.store.transaction() as db:
        db.execute(
            "INSERT INTO media (id, account_id, upload_key, policy) VALUES (?, ?, ?, ?)",
            (media_id, caller.account_id, upload_key, policy),
        )
    return JsonResponse(
        {
            "media_id": media_id,
            "media_type": "video",
            "upload_url": request.build_absolute_uri("/upload/"),
            "upload_parameters": upload_parameters(upload_key, policy),
        },
        status=201,
    )


@operation("media/list", "pins:read")
def list_media(request: HttpRequest, caller: Caller) -> JsonResponse:
    """Answer GET /media."""
    size = page_size(request)
    after = place(request, 1) or [0]
    with state.store.transaction() as db:
        rows = db.execute(
            "SELECT rowid AS seq, * FROM media WHERE account_id = ? AND rowid > ? ORDER BY rowid LIMIT ?",
            (caller.account_id, after[0], size + 1),
        ).fetchall()
        items = [represent_media(db, row) for row in rows[:size]]
    return JsonResponse(page(items, [rows[size - 1]["seq"]] if len(rows) > size else None))


def represent_media(db: sqlite3.Connection, media: sqlite3.Row) -> dict[str, Any]:
    """Return the JSON of a video."""
    return {"media_id": media["id"], "media_type": "video", "status": media_status(db, media)}


@operation("media/get", "pins:read")
def get_media(request: HttpRequest, caller: Caller, media_id: str) -> JsonResponse:
    """Answer GET /media/{media_id}."""
    check(media_id, ID, "media_id")
    with state.store.transaction() as db:
        media = db.execute(
            "SELECT * FROM media WHERE id = ? AND account_id = ?", (media_id, caller.account_id)
        ).fetchone()
        if media is None:
            raise ApiError(404, 1, "Media not found.")
        return JsonResponse(represent_media(db, media))


class CountingReader:
    """The request's body, counted: a client that dies midway must not look like one that was finished."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.count = 0

    def read(self, size: int) -> bytes:
        """Return at most `size` bytes of the request, and count them."""
        chunk: bytes = self.request.read(size)
        self.count += len(chunk)
        return chunk


@operation("upload", is_open=True, reads_body=False)
def upload(request: HttpRequest) -> HttpResponse:
    """Answer the POST of a file to the upload target, as S3 would."""
    length = request.headers.get("Content-Length", "")
    if not length.isdecimal():
        raise StorageError(411, "MissingContentLength", "You must provide the Content-Length HTTP header.")
    if "Authorization" in request.headers:
        raise StorageError(
            400, "InvalidArgument", "Only one auth mechanism is allowed: the form's policy, or a header."
        )
    boundary = (request.content_params or {}).get("boundary", "")
    if request.content_type != "multipart/form-data" or not boundary:
        raise StorageError(412, "PreconditionFailed", "The request must be of the enclosure-type multipart/form-data.")
    body = CountingReader(request)
    try:
        received = receive(Parser(LazyStream(ChunkIter(cast(Any, body))), boundary.encode()))
    except MultiPartParserError:
        raise StorageError(400, "MalformedPOSTRequest", "The body is not well-formed multipart.") from None
    if body.count < int(length):
        raise StorageError(400, "IncompleteBody", "The body is shorter than its Content-Length says.")
    with state.store.transaction() as db:
        db.execute(
            "UPDATE media SET uploaded_at = ?, is_video = ?, size_bytes = ?, sha256 = ? WHERE upload_key = ?",
            (state.now(), received["is_video"], received["size_bytes"], received["sha256"], received["key"]),
        )
    return HttpResponse(status=204)


def receive(parts: Iterable[tuple[str, dict[str, Any], Any]]) -> dict[str, Any]:
    """Return what is worth knowing of the uploaded file; its bytes are hashed and dropped as they come."""
    fields: dict[str, str] = {}
    received: dict[str, Any] | None = None
    for _, headers, stream in parts:
        name = headers.get("content-disposition", ("", {}))[1].get("name", b"").decode()
        if received is not None or not name:
            # Like S3, blind to everything behind the file.
            for _ in stream:
                pass
        elif name != "file":
            fields[name] = stream.read(MAX_FIELD_BYTES).decode(errors="replace")
        else:
            key = authorize(fields)
            digest, size, head = hashlib.sha256(), 0, b""
            for chunk in stream:
                head = head or chunk[:12]
                digest.update(chunk)
                size += len(chunk)
            received = {
                "key": key,
                "size_bytes": size,
                "sha256": digest.hexdigest(),
                "is_video": head[4:8] in VIDEO_BOXES,
            }
    if received is None:
        raise StorageError(400, "InvalidArgument", "POST requires exactly one file upload per request.")
    return received


def authorize(fields: dict[str, str]) -> str:
    """Return the key to write to.

    Every parameter that POST /media returned must be there, before the file. Raises StorageError.
    """
    with state.store.transaction() as db:
        media = db.execute("SELECT * FROM media WHERE upload_key = ?", (fields.get("key"),)).fetchone()
    if media is None:
        raise StorageError(403, "AccessDenied", "The form has no key that was issued, or has it after the file.")
    for name, value in upload_parameters(media["upload_key"], media["policy"]).items():
        if fields.get(name) != value:
            raise StorageError(403, "AccessDenied", f"Invalid according to Policy: {name} is missing or wrong.")
    return str(media["upload_key"])
