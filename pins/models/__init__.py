from .media import Attachment, MediaFile, MediaFileQuerySet, MediaKind, media_path, thumbnail_path
from .pin import (
    ACTIVE_STATUSES,
    EDITABLE_STATUSES,
    LEGAL_MOVES,
    UNSENT_STATUSES,
    UNSURE_STATUSES,
    Pin,
    PinEvent,
    PinEventKind,
    PinQuerySet,
    PinStatus,
    UnsavedEdit,
)
from .slot import PostingSlot, PostingSlotQuerySet

__all__ = [
    "ACTIVE_STATUSES",
    "EDITABLE_STATUSES",
    "LEGAL_MOVES",
    "UNSENT_STATUSES",
    "UNSURE_STATUSES",
    "Attachment",
    "MediaFile",
    "MediaFileQuerySet",
    "MediaKind",
    "Pin",
    "PinEvent",
    "PinEventKind",
    "PinQuerySet",
    "PinStatus",
    "PostingSlot",
    "PostingSlotQuerySet",
    "UnsavedEdit",
    "media_path",
    "thumbnail_path",
]
