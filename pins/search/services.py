"""What a search finds: a few of each kind, the newest first, in a number of queries that no text changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from accounts.models import Board, Workspace
from pins.models import MediaFile, Pin

# So many of each kind are shown; of pins and media, their own pages list the others.
MOST_SHOWN = 8
# The newest pins and files are looked through: a text that is nowhere must not read years of them.
MOST_SEARCHED = 20_000
# More words than a user types; each of them is looked for in every field.
MOST_WORDS = 6
PIN_FIELDS = ("title", "description", "keywords", "link", "board__name")


@dataclass(frozen=True)
class Results:
    """What was found, by kind."""

    pins: Sequence[Pin] = ()
    media: Sequence[MediaFile] = ()
    boards: Sequence[Board] = ()

    @property
    def is_empty(self) -> bool:
        """Return whether nothing was found."""
        return not (self.pins or self.media or self.boards)


def search(workspace: Workspace, text: str) -> Results:
    """Return the pins, files and boards that have each word of `text` in one of their fields.

    Four queries, or none for an empty text.
    """
    words = text.split()[:MOST_WORDS]
    if not words:
        return Results()
    pins = Pin.objects.in_workspace(workspace)
    newest_pins = pins.order_by("-pk").values("pk")[:MOST_SEARCHED]
    newest_media = MediaFile.objects.in_workspace(workspace).order_by("-pk").values("pk")[:MOST_SEARCHED]
    matching_pins = pins.filter(_with_words(words, *PIN_FIELDS), pk__in=newest_pins).with_content()
    media = MediaFile.objects.matching(" ".join(words)).filter(pk__in=newest_media)
    boards = (
        Board.objects.in_workspace(workspace).offered().filter(_with_words(words, "name")).select_related("account")
    )
    return Results(
        pins=list(matching_pins.order_by("-pk")[:MOST_SHOWN]),
        media=list(media.order_by("-pk")[:MOST_SHOWN]),
        boards=list(boards.order_by("name", "pk")[:MOST_SHOWN]),
    )


def _with_words(words: Sequence[str], *fields: str) -> Q:
    """Return the condition that each word is in one of the fields."""
    each = Q()
    for word in words:
        anywhere = Q()
        for name in fields:
            anywhere |= Q(**{f"{name}__icontains": word})
        each &= anywhere
    return each
