"""A workspace of 5,000 published pins and weeks of planned ones: what the pages look like when they are full.

Pages that show nothing more when a workspace is full are in pages.py alone.
"""

from datetime import timedelta

from django.utils import timezone

from pins.models import Attachment, Pin, PinStatus

PINS, DAYS = 5_000, 200
NAME = "Demo history"
# In turn: most are scheduled, as they would be.
STATUSES = (
    PinStatus.SCHEDULED,
    PinStatus.SCHEDULED,
    PinStatus.DRAFT,
    PinStatus.SCHEDULED,
    PinStatus.PROPOSED,
    PinStatus.SCHEDULED,
    PinStatus.FAILED,
)
PLANNED = 180
FULL_PAGES = {
    "full, dashboard": "/",
    "full, calendar": "/calendar/",
    "full, calendar, a week": "/calendar/?view=week",
    "full, calendar, a day": "/calendar/?view=day",
    "full, calendar, a list": "/calendar/?view=list",
    "full, pins": "/pins/",
    "full, pins, grid": "/pins/?view=grid",
    "full, pins, scheduled": "/pins/?status=scheduled",
    "full, queue": "/queue/",
    "full, media": "/media/",
    "full, search": "/search/?q=oak",
    "full, analytics": "/analytics/",
    "full, analytics, pins": "/analytics/pins/",
    "full, analytics, best times": "/analytics/best-times/",
    "full, analytics, weekly summary": "/analytics/weekly-summary/",
}


def plan() -> None:
    """Give the workspace some pins of each status, four to eight a day, with the texts and files of published ones."""
    now = timezone.now()
    published = list(
        Pin.objects.filter(workspace__name=NAME, status=PinStatus.PUBLISHED).prefetch_related("attachments")[:PLANNED]
    )
    starts = [now.replace(minute=0) + timedelta(hours=4 * number) for number in range(len(published))]
    planned = [
        Pin(
            workspace_id=pin.workspace_id,
            account_id=pin.account_id,
            board_id=pin.board_id,
            title=pin.title,
            status=STATUSES[number % len(STATUSES)],
            publish_at=start,
            error_code="board_not_found" if STATUSES[number % len(STATUSES)] == PinStatus.FAILED else "",
            # Until it is due, no worker looks at it.
            next_attempt_at=start,
        )
        for number, (pin, start) in enumerate(zip(published, starts, strict=True))
    ]
    Pin.objects.bulk_create(planned)
    Attachment.objects.bulk_create(
        Attachment(pin=pin, media_id=attachment.media_id, position=attachment.position)
        for pin, source in zip(planned, published, strict=True)
        for attachment in source.attachments.all()
    )
