"""Pins with the keys that the composer gives them, on days of a week in Berlin."""

from datetime import date, datetime, time, timedelta

from pins.models import PinStatus
from pins.spacing.keys import keys_of
from tests.factories import MediaFileFactory, PinFactory

SALE = "https://example.com/sale"
# A Tuesday.
TUESDAY = date(2027, 4, 6)


def at(account, days=0, clock="18:30"):
    """The moment at which clocks in the account's workspace show this time, `days` after that Tuesday."""
    return datetime.combine(TUESDAY + timedelta(days=days), time.fromisoformat(clock), account.workspace.zone)


def add_pin(board, publish_at, *, link="", media=None, status=PinStatus.SCHEDULED, **more):
    pin = PinFactory(board=board, publish_at=publish_at, link=link, status=status, attachments=0, **more)
    if media is not None:
        pin.attachments.create(media=media, position=0)
    for name, key in keys_of(link, [media.sha256] if media else []).items():
        setattr(pin, name, key)
    pin.save()
    return pin


def add_image(workspace):
    return MediaFileFactory(workspace=workspace)
