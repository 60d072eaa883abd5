"""The pins that are near a pin: those with the same link or files, and those that are published about the same time.

Two queries read them, for one pin as for hundreds. Drafts and failed pins do not count: they are not published.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import F
from django.db.models.functions import Coalesce

from pins.models import Pin, PinQuerySet, PinStatus
from postiz_pins.database.epoch import Epoch

NOT_COUNTED = (PinStatus.DRAFT, PinStatus.FAILED)
# When a pin was published, or is to be.
MOMENT = Coalesce("published_at", "publish_at")


class Neighbor(NamedTuple):
    """A pin that has the link or the files of another one."""

    pk: int
    account_id: int
    board_id: int
    board_name: str
    title: str
    status: str
    # NULL: it waits for an approval, and is published right after it.
    second: int | None
    link_key: str
    picture_key: str
    kept: dict[str, Any] | None

    @property
    def is_published(self) -> bool:
        """Return whether it is on Pinterest."""
        return self.status == PinStatus.PUBLISHED


def alike(
    accounts: Collection[int], links: Collection[str], pictures: Collection[str], since: datetime, until: datetime
) -> list[Neighbor]:
    """Return the pins of the accounts with one of the links, in this span of time, or with one of the files at all.

    Those without a time of their own have no distance, so a link does not find them.
    """
    counted = Pin.objects.filter(account__in=accounts).exclude(status__in=NOT_COUNTED).annotate(moment=MOMENT)
    # In the order of the columns of Neighbor.
    columns: list[Any] = [
        *("pk", "account_id", "board_id", F("board__name"), "title", "status", Epoch(MOMENT)),
        *("link_key", "picture_key", "spacing_kept"),
    ]
    with_link = counted.filter(link_key__in=links, moment__gte=since, moment__lt=until)
    with_picture = counted.filter(picture_key__in=pictures)
    queries = [pins.values_list(*columns) for pins, keys in ((with_link, links), (with_picture, pictures)) if keys]
    if not queries:
        return []
    rows: Iterable[Any] = queries[0].union(*queries[1:], all=True) if len(queries) > 1 else queries[0]
    return list({row[0]: Neighbor(*row) for row in rows}.values())


def moments(pins: PinQuerySet, workspace_id: int, since: datetime, until: datetime) -> list[tuple[int, int, int]]:
    """Return the moments at which the pins are published between the two, with their accounts and their own keys.

    Args:
        pins: The pins that count, of some accounts of the workspace.
    """
    planned = pins.exclude(status=PinStatus.PUBLISHED).filter(publish_at__gte=since, publish_at__lt=until)
    published = pins.filter(workspace=workspace_id).published()
    published = published.filter(published_at__gte=since, published_at__lt=until)
    return list(
        planned.values_list("account_id", Epoch("publish_at"), "pk").union(
            published.values_list("account_id", Epoch("published_at"), "pk"), all=True
        )
    )
