from .folder import MediaFolder
from .heartbeat import CLOCK, LONGEST_SILENCE, Heartbeat, Silence
from .history import DeletedPin, PinEvent, PinEventKind, UnsavedEdit
from .media import Attachment, MediaFile, MediaFileQuerySet, MediaKind, media_path, shown_media, thumbnail_path
from .pin import Pin
from .pin_queryset import PinQuerySet, account_lets_go
from .slot import PostingSlot, PostingSlotQuerySet
from .statuses import (
    ACTIVE_STATUSES,
    ASK_AFTER,
    EDITABLE_STATUSES,
    LONGEST_DOUBT,
    MOVABLE_STATUSES,
    TRANSITIONS,
    UNSENT_STATUSES,
    UNSURE_STATUSES,
    VERIFICATION_DELAYS,
    PinStatus,
)

__all__ = [
    "ASK_AFTER",
    "ACTIVE_STATUSES",
    "CLOCK",
    "EDITABLE_STATUSES",
    "TRANSITIONS",
    "LONGEST_DOUBT",
    "LONGEST_SILENCE",
    "VERIFICATION_DELAYS",
    "MOVABLE_STATUSES",
    "UNSENT_STATUSES",
    "UNSURE_STATUSES",
    "Attachment",
    "DeletedPin",
    "Heartbeat",
    "MediaFile",
    "MediaFolder",
    "MediaFileQuerySet",
    "MediaKind",
    "Pin",
    "PinEvent",
    "PinEventKind",
    "PinQuerySet",
    "PinStatus",
    "PostingSlot",
    "PostingSlotQuerySet",
    "Silence",
    "UnsavedEdit",
    "account_lets_go",
    "media_path",
    "shown_media",
    "thumbnail_path",
]
