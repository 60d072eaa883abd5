"""Uploading a video, and asking whether Pinterest has processed it, before its pin can be created.

No pin can come of an upload alone, so whatever goes wrong here may be repeated without looking (POST /media).
"""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from pins.errors import catalogue as error_catalogue
from pins.errors import lookup as error_lookup
from pins.errors.catalogue import stuck_after
from pins.lifecycle.transitions import NOT_UPLOADED, transition
from pins.models import MediaFile, Pin, PinEventKind, PinQuerySet, PinStatus
from postiz_pins.pinterest.client import PinterestClient
from postiz_pins.pinterest.errors import PinterestClientError, PinterestError, RateLimited
from postiz_pins.pinterest.upload import SourceFailed, upload_video
from postiz_pins.runtime import stopping
from postiz_pins.storage.base import store_of

from .claims import Claim, WorkerLease
from .outcomes import error_text_of, fail, file_error_text, record_failure, try_again_later, wait

log = logging.getLogger(__name__)

# How often an upload writes down how far it is, and finds out whether it is still wanted.
PROGRESS_EVERY_SECONDS = 1.0
# A video that Pinterest does not finish processing is uploaded once more by itself, then it is left to a person.
MOST_UPLOADS = 2


class UploadStopped(Exception):
    """The pin was canceled or edited, or the claim was lost: the rest of the upload is not needed."""


class WorkerStops(Exception):
    """This process has been asked to stop, and an upload may take hours: it is begun anew elsewhere."""


def upload(claim: Claim, lease: WorkerLease) -> None:
    """Register the video and send its bytes; Pinterest then processes it, and no worker waits for that."""
    pin, video = claim.pin, claim.pin.video
    if video is None:
        raise ValueError(f"Pin {pin.pk} has no video.")
    columns: dict[str, Any] = {**NOT_UPLOADED, "upload_percent": 0, "error_code": "", "error_text": ""}
    if not transition(pin, PinStatus.UPLOADING, PinEventKind.UPLOADING, **columns):
        return  # cancelled or edited a moment ago
    try:
        _send(claim, video, lease)
    except UploadStopped:
        return
    except WorkerStops:
        wait(pin, timezone.now(), "", "The server restarted during the upload. The upload starts again.")
        return
    except (OSError, SourceFailed) as error:
        log.exception("Pin %s: the video cannot be read", pin.pk)
        text = file_error_text(error) if isinstance(error, OSError) else str(error)
        try_again_later(pin, error_catalogue.MEDIA_UNREADABLE.code, text)
        return
    except _RegistrationFailed as failed:
        record_failure(claim, failed.error)
        return
    except PinterestError as error:
        _answer_failed_upload(pin, error)
        return
    now = timezone.now()
    columns = {
        "upload_percent": None,
        "uploads": pin.uploads + 1,
        "processing_since": now,
        "next_attempt_at": now + _poll_interval(),
        **PinQuerySet.UNCLAIMED,
    }
    transition(pin, PinStatus.PROCESSING, PinEventKind.PROCESSING, **columns)


class _RegistrationFailed(Exception):
    """POST /media failed, which is answered as every failure of the API; the upload target is another server."""

    def __init__(self, error: PinterestError) -> None:
        super().__init__(str(error))
        self.error = error


def _send(claim: Claim, video: MediaFile, lease: WorkerLease) -> None:
    pin = claim.pin
    store, name = store_of(video.file), str(video.file.name)
    size_bytes = store.size(name)
    with store.stream(name) as file:
        if not size_bytes:
            raise SourceFailed("The video is empty.")
        try:
            registered = claim.call(PinterestClient.register_video)
        except PinterestError as error:
            raise _RegistrationFailed(error) from error
        # Before the first byte is sent, so that whatever happens the row names what Pinterest has.
        rows = Pin.objects.as_claimed(pin)
        if rows.update(pinterest_media_id=registered.media_id) == 0:
            raise UploadStopped
        upload_video(registered, file, size_bytes, Progress(pin, lease, size_bytes))


class Progress:
    """Called for each block of an upload: writes how far it is, and stops it if it is not needed.

    That is once the pin is no longer ours, or this process is to stop.
    """

    def __init__(self, pin: Pin, lease: WorkerLease, size_bytes: int) -> None:
        self._rows = Pin.objects.as_claimed(pin)
        self._lease = lease
        self._size_bytes = size_bytes
        self._percent = 0
        self._noted_at = time.monotonic()

    def __call__(self, sent_bytes: int) -> None:
        """Note the progress.

        Raises WorkerStops or UploadStopped.
        """
        self._lease.note_progress()
        if stopping.is_requested():
            raise WorkerStops
        now = time.monotonic()
        if now - self._noted_at < PROGRESS_EVERY_SECONDS:
            return
        self._noted_at = now
        percent = sent_bytes * 100 // self._size_bytes
        if not self._note(percent):
            raise UploadStopped

    def _note(self, percent: int) -> bool:
        """Write the percentage unless it stands there already; return False if the pin is no longer ours."""
        if percent == self._percent:
            return self._rows.exists()
        self._percent = percent
        return self._rows.update(upload_percent=percent) == 1


def _answer_failed_upload(pin: Pin, error: PinterestError) -> None:
    row = error_lookup.explain_upload(error)
    if row.remedy is error_catalogue.Remedy.FIX:
        fail(pin, row.code, error_text_of(error))
    else:
        try_again_later(pin, row.code, error_text_of(error))


def poll(claim: Claim) -> bool:
    """Ask how far Pinterest is with the video; return True if the pin can be created at once."""
    pin, now = claim.pin, timezone.now()
    try:
        status = claim.call(lambda client: client.fetch_media_status(pin.pinterest_media_id))
    except RateLimited as error:
        # Another limit than that for posting, so the account is not paused.
        until = now + timedelta(seconds=error.retry_after_seconds)
        wait(pin, until, error_catalogue.RATE_LIMITED.code, error_text_of(error), to=PinStatus.PROCESSING)
        return False
    except PinterestClientError as error:
        if error.status == 404:  # as if it had never been uploaded
            try_again_later(pin, error_catalogue.VIDEO_GONE.code, error_text_of(error))
        else:
            record_failure(claim, error, to=PinStatus.PROCESSING)
        return False
    except PinterestError as error:
        record_failure(claim, error, to=PinStatus.PROCESSING)
        return False
    if status == "succeeded":
        # It may have been moved to a later time while Pinterest processed it.
        is_now = pin.publish_at is None or pin.publish_at <= now
        return _hand_back(pin, media_ready_at=now, next_attempt_at=now if is_now else pin.publish_at) and is_now
    if status == "failed":
        text = f"Pinterest couldn't process the video (media ID {pin.pinterest_media_id})."
        fail(pin, error_catalogue.VIDEO_FAILED.code, text)
    elif now - (pin.processing_since or now) > timedelta(minutes=settings.PINTEREST_MEDIA_STUCK_MINUTES):
        _give_up_waiting(pin, status)
    else:
        _hand_back(pin, next_attempt_at=now + _poll_interval())
    return False


def _give_up_waiting(pin: Pin, status: str) -> None:
    stuck = error_catalogue.VIDEO_STUCK.code
    text = (
        f"Pinterest still reported the video as “{status}” after {stuck_after()} (media ID {pin.pinterest_media_id})."
    )
    if pin.uploads < MOST_UPLOADS:
        text += " It's being uploaded again."
        wait(pin, timezone.now(), stuck, text)
    else:
        fail(pin, stuck, text)


def _hand_back(pin: Pin, **columns: object) -> bool:
    """Give a pin back whose status stays, with these columns; return False if the claim has been lost."""
    rows = Pin.objects.as_claimed(pin)
    return rows.update(error_code="", error_text="", updated_at=timezone.now(), **columns, **PinQuerySet.UNCLAIMED) == 1


def _poll_interval() -> timedelta:
    return timedelta(seconds=settings.PINTEREST_MEDIA_POLL_SECONDS)
