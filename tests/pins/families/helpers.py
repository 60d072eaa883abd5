"""What tests of families have in common: a Monday at noon in Berlin, and the composer's form."""

import uuid
from datetime import UTC, datetime

from pins.models import Pin
from tests.factories import BoardFactory, MediaFileFactory
from tests.pins.queue.helpers import local

# A Monday, 12:00 in Berlin.
NOW = datetime(2027, 3, 1, 11, 0, tzinfo=UTC)


def boards_of(team, count, account=None):
    return [BoardFactory(account=account or team.account, name=f"Room {number}") for number in range(count)]


def composed(team, **typed):
    """A complete form of the composer."""
    media = MediaFileFactory(workspace=team.workspace)
    form = {"board": team.board.pk, "attachments": media.pk, "title": "Oak", "action": "send", "version": 1}
    return form | {"more-token": str(uuid.uuid4())} | typed


def rows(*boards, **typed):
    """The fields of further pins for these boards."""
    fields = {f"more-{number}-board": board.pk for number, board in enumerate(boards)}
    return fields | {name.replace("__", "-").replace("more_", "more-"): value for name, value in typed.items()}


def members():
    """The pins of families in their order."""
    return list(Pin.objects.with_content().filter(family__isnull=False).order_by("family_position"))


def moments(team):
    """When they go out, in the account's zone."""
    return local(team.account, [pin.publish_at for pin in members()])
