"""The statuses of a pin, and what may follow which; only lifecycle/transitions.py changes a status."""

from __future__ import annotations

from datetime import timedelta

from django.db import models


class PinStatus(models.TextChoices):
    """How far a pin has come (lifecycle/transitions.py says what may follow)."""

    DRAFT = "draft", "Draft"
    PROPOSED = "proposed", "Proposed"
    SCHEDULED = "scheduled", "Scheduled"
    UPLOADING = "uploading", "Uploading"
    PROCESSING = "processing", "Processing"
    CREATING = "creating", "Publishing"
    VERIFYING = "verifying", "Checking Pinterest"
    PUBLISHED = "published", "Published"
    FAILED = "failed", "Failed"


# Statuses on the way before POST /pins: Pinterest has no pin yet, and a person may still take it back.
UNSENT_STATUSES = (PinStatus.SCHEDULED, PinStatus.UPLOADING, PinStatus.PROCESSING)
# Statuses in which Pinterest may hold a pin that we do not know of yet: look before creating.
UNSURE_STATUSES = (PinStatus.CREATING, PinStatus.VERIFYING)
ACTIVE_STATUSES = (*UNSENT_STATUSES, *UNSURE_STATUSES)
EDITABLE_STATUSES = (PinStatus.DRAFT, PinStatus.PROPOSED, *UNSENT_STATUSES, PinStatus.FAILED)
MOVABLE_STATUSES = EDITABLE_STATUSES

# Where a pin that Pinterest certainly has not may be put by a person. One on its way is proposed by way of a draft.
BEFORE_SENDING = frozenset({PinStatus.DRAFT, PinStatus.SCHEDULED})
TRANSITIONS: dict[str, frozenset[str]] = {
    PinStatus.DRAFT: frozenset({PinStatus.PROPOSED, PinStatus.SCHEDULED}),
    PinStatus.PROPOSED: BEFORE_SENDING,
    PinStatus.SCHEDULED: BEFORE_SENDING
    | {PinStatus.UPLOADING, *UNSURE_STATUSES, PinStatus.PUBLISHED, PinStatus.FAILED},
    PinStatus.UPLOADING: BEFORE_SENDING
    | {PinStatus.UPLOADING, PinStatus.PROCESSING, PinStatus.VERIFYING, PinStatus.FAILED},
    PinStatus.PROCESSING: BEFORE_SENDING
    | {PinStatus.PROCESSING, *UNSURE_STATUSES, PinStatus.PUBLISHED, PinStatus.FAILED},
    PinStatus.CREATING: frozenset({PinStatus.PUBLISHED, PinStatus.VERIFYING, PinStatus.SCHEDULED, PinStatus.FAILED}),
    PinStatus.VERIFYING: frozenset(
        {PinStatus.PUBLISHED, *UNSURE_STATUSES, PinStatus.SCHEDULED, PinStatus.PROCESSING, PinStatus.FAILED}
    ),
    PinStatus.FAILED: BEFORE_SENDING | {PinStatus.PROPOSED, PinStatus.VERIFYING},
    PinStatus.PUBLISHED: frozenset(),
}


# When the board is searched for a pin whose answer was lost, counted from the moment of sending. If it is
# not found the last time, there is one more look, right before sending again.
VERIFICATION_DELAYS = (timedelta(seconds=15), timedelta(seconds=45), timedelta(seconds=120))
# A pin whose board could not be read for so long is left to a person.
VERIFICATION_LIMIT = timedelta(hours=1)


# A pin whose time has passed so long ago goes out only when a person says so: an offer may have ended meanwhile.
ASK_AFTER = timedelta(hours=24)
