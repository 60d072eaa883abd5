"""What people do with the files of the media library: crop them, take frames out of them, delete them."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import PurePath

from django.db import transaction

from accounts.audit import services as audit
from accounts.models import AuditAction, User
from pins import limits
from pins.models import MediaFile, Pin, PinStatus
from postiz_pins.storage.base import store_of

from . import inspection
from .storage import store_reading

CENTRE = 50.0
FRAMES_TO_CHOOSE_FROM = 8


@dataclass(frozen=True)
class CropFrame:
    """The largest part of a picture that has a certain shape. It can move along one axis, the free one."""

    width: int
    height: int
    # How far it can move, in pixels; one of them is 0.
    room_x: int
    room_y: int

    @classmethod
    def of(cls, media: MediaFile, size: tuple[int, int] = limits.IDEAL_SIZE) -> CropFrame:
        """Return the frame for a result of the shape of `size`."""
        width, height = size
        if media.width * height > media.height * width:  # too wide: all of its height
            frame_width = max(1, round(media.height * width / height))
            return cls(frame_width, media.height, media.width - frame_width, 0)
        frame_height = max(1, min(media.height, round(media.width * height / width)))
        return cls(media.width, frame_height, 0, media.height - frame_height)

    @property
    def can_move(self) -> bool:
        """Return whether the frame is smaller than the image."""
        return self.room_x + self.room_y > 0

    def box(self, position: float) -> tuple[int, int, int, int]:
        """Return (left, top, right, bottom) with the frame at `position` percent of its way."""
        left, top = round(self.room_x * position / 100), round(self.room_y * position / 100)
        return left, top, left + self.width, top + self.height


@dataclass(frozen=True)
class FrameChoice:
    """A frame of a video, small, to choose a cover image by."""

    at_seconds: float
    # A data: address.
    picture: str


def crop_to_ideal(media: MediaFile, position: float, by: User | None) -> MediaFile:
    """Return a new image of 1000 × 1500 pixels from `media`, which stays.

    Args:
        position: Where the frame stands, in percent of its way.

    Raises MediaRefused if the file cannot be read.
    """
    return _cropped(media, CropFrame.of(media).box(position), limits.IDEAL_SIZE, by)


def match_size(media_files: Sequence[MediaFile], by: User | None) -> list[MediaFile]:
    """Return the images in the same order, all with the size of the first one; videos stay as they are.

    The others are replaced by new ones, cropped around their center and scaled. Raises MediaRefused if a file cannot be
    read.
    """
    if not media_files:
        return []
    size = media_files[0].width, media_files[0].height
    return [
        media
        if media.is_video or (media.width, media.height) == size
        else _cropped(media, CropFrame.of(media, size).box(CENTRE), size, by)
        for media in media_files
    ]


def _cropped(media: MediaFile, box: tuple[int, int, int, int], size: tuple[int, int], by: User | None) -> MediaFile:
    with inspection.work_folder() as folder:
        source = inspection.local_path(media.file, folder, str(media))
        derived = inspection.crop(source, folder, box, size, name=str(media))
        name = _derived_name(media, f"{size[0]} × {size[1]}")
        return store_reading(
            derived,
            derived.content(source),
            name=name,
            workspace=media.workspace,
            by=by,
            original=media,
            alt_text=media.alt_text,
        )


def frames_of(video: MediaFile) -> list[FrameChoice]:
    """Return small frames, evenly spread over the video.

    Raises MediaRefused if it cannot be read.
    """
    with inspection.work_folder() as folder:
        source = inspection.local_path(video.file, folder, str(video))
        frames = inspection.frames(source, folder, FRAMES_TO_CHOOSE_FROM, name=str(video))
        return [
            FrameChoice(at_seconds, f"data:image/jpeg;base64,{base64.b64encode(path.read_bytes()).decode()}")
            for at_seconds, path in frames
        ]


def frame_as_cover(video: MediaFile, at_seconds: float, by: User | None) -> MediaFile:
    """Return a new image: the video's frame at that moment, in full size.

    Raises MediaRefused if the video cannot be read.
    """
    with inspection.work_folder() as folder:
        source = inspection.local_path(video.file, folder, str(video))
        derived = inspection.frame(source, folder, at_seconds, name=str(video))
        name = _derived_name(video, f"frame at {at_seconds:.1f} s")
        return store_reading(
            derived, derived.content(source), name=name, workspace=video.workspace, by=by, original=video
        )


def _derived_name(media: MediaFile, addition: str) -> str:
    stem = PurePath(media.original_name).stem
    extension = ".jpg" if media.is_video else limits.EXTENSIONS[media.content_type]
    addition = f", {addition}{extension}"
    return stem[: 255 - len(addition)] + addition


def delete_media(media: MediaFile, *, by: User, now: datetime) -> list[Pin]:
    """Delete the file from the library, or return the unpublished pins that need it.

    Then nothing was changed. The bytes go when the transaction is committed; row and thumbnail stay, for the published
    pins that show the file.
    """
    with transaction.atomic():
        locked = MediaFile.objects.select_for_update().in_library().filter(pk=media.pk).first()
        if locked is None:
            return []
        needed_by = pins_in_need_of(locked)
        if needed_by:
            return needed_by
        locked.deleted_at = now
        locked.save(update_fields=["deleted_at"])
        audit.record(locked.workspace_id, AuditAction.DELETED, f"file “{locked}”", by=by, now=now)
        # Not before: a file that is gone cannot be rolled back.
        transaction.on_commit(partial(store_of(locked.file).delete, str(locked.file.name)))
    return []


def pins_in_need_of(media: MediaFile) -> list[Pin]:
    """Return the unpublished pins that show the file, the newest first."""
    return list(Pin.objects.exclude(status=PinStatus.PUBLISHED).filter(attachments__media=media).order_by("-pk"))
