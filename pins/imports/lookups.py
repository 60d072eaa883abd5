"""What the cells of an import may name in its workspace: boards, sections, accounts and files, read all at once."""

from __future__ import annotations

import difflib
import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import unquote

from django.conf import settings

from accounts.models import Board, BoardSection, PinterestAccount
from pins.models import MediaFile, Pin, PinImport, PinImportMedia, PinStatus
from pins.presets.choices import LinkPresets
from postiz_pins.common.params import parse_key, parse_keys
from postiz_pins.common.text import collapse_whitespace

NEAREST = 3


def folded(name: str) -> str:
    """Return a name without the differences that people do not see or mean: case and blanks."""
    return collapse_whitespace(name).casefold()


def media_key(address: str, at_seconds: float | None = None) -> str:
    """Return the key of an address, or of a frame of the video behind it (PinImportMedia.key)."""
    place = "" if at_seconds is None else f"#t={at_seconds:g}"
    return hashlib.sha256(f"{address}{place}".encode()).hexdigest()


@dataclass(frozen=True)
class Found:
    """What a name has led to: one row; or none, with the nearest names; or several."""

    board: Board | None = None
    # Of the part behind the slash in “Name/Section”.
    section_name: str = ""
    nearest: tuple[str, ...] = ()
    is_ambiguous: bool = False


class Lookups:
    """The workspace as the rows of an import see it. A fixed number of queries, however many rows there are."""

    def __init__(
        self, pin_import: PinImport, file_names: Iterable[str], addresses: Iterable[str], pin_ids: Iterable[str]
    ) -> None:
        workspace = pin_import.workspace
        self.presets = LinkPresets(workspace)
        self.accounts: dict[str, PinterestAccount] = {}
        accounts = PinterestAccount.objects.in_workspace(workspace).active()
        for account in accounts:
            account.workspace = workspace
            self.accounts[account.username.casefold()] = account
        by_pk = {account.pk: account for account in self.accounts.values()}
        self.boards: dict[str, list[Board]] = defaultdict(list)
        self._by_name: dict[str, list[Board]] = defaultdict(list)
        for board in Board.objects.in_workspace(workspace).offered():
            if board.account_id in by_pk:
                board.account = by_pk[board.account_id]
                self.boards[folded(board.name)].append(board)
                self._by_name[board.name].append(board)
        self._found: dict[tuple[str, int | None], Found] = {}
        self._sections: dict[int, dict[str, BoardSection]] = defaultdict(dict)
        for section in BoardSection.objects.in_workspace(workspace).offered():
            self._sections[section.board_id][folded(section.name)] = section
        self._files: dict[str, list[MediaFile]] = defaultdict(list)
        library = MediaFile.objects.in_workspace(workspace).in_library()
        for media in library.filter(original_name__in=set(file_names)):
            self._files[media.original_name].append(media)
        stored = {name: address for address in set(addresses) if (name := own_file_name(address))}
        self._own = {stored[str(media.file.name)]: media for media in library.filter(file__in=stored)}
        keys = parse_keys(pin_ids)
        pins = (
            Pin.objects.in_workspace(workspace).filter(pk__in=keys).with_content().prefetch_related("tags")
            if keys
            else ()
        )
        self._pins: dict[int, Pin] = {pin.pk: pin for pin in pins}
        self.media: dict[str, PinImportMedia] = {each.key: each for each in pin_import.media.select_related("media")}

    def pin(self, text: str) -> Pin | None:
        """Return the pin of the workspace that a cell names by its key."""
        return self._pins.get(parse_key(text.strip()) or 0)

    def account(self, username: str) -> PinterestAccount | None:
        """Return the connected account with this username, with or without an @."""
        return self.accounts.get(username.strip().lstrip("@").casefold())

    def board(self, name: str, account: PinterestAccount | None) -> Found:
        """Return the board that a cell names, as “Name” or “Name/Section”, of one account or of any."""
        key = name, account.pk if account else None
        if key not in self._found:
            self._found[key] = self._find_board(collapse_whitespace(name), account)
        return self._found[key]

    def _find_board(self, name: str, account: PinterestAccount | None) -> Found:
        found = self._boards_named(name, account)
        section_name = ""
        if not found:
            # A name may hold slashes itself, so the longest one counts.
            head, slash, tail = name.rpartition("/")
            while slash and not found:
                found, section_name = self._boards_named(head, account), name[len(head) + 1 :].strip()
                head, slash, tail = head.rpartition("/")
        if len(found) > 1:
            return Found(is_ambiguous=True)
        if found:
            return Found(found[0], section_name)
        names = {board.name for boards in self.boards.values() for board in boards if _is_of(board, account)}
        by_folded = {folded(each): each for each in sorted(names)}
        nearest = difflib.get_close_matches(folded(name), by_folded, n=NEAREST, cutoff=0)
        return Found(nearest=tuple(by_folded[each] for each in nearest))

    def _boards_named(self, name: str, account: PinterestAccount | None) -> list[Board]:
        exact = [board for board in self._by_name.get(name.strip(), ()) if _is_of(board, account)]
        return exact or [board for board in self.boards.get(folded(name), ()) if _is_of(board, account)]

    def section(self, board: Board, name: str) -> tuple[BoardSection | None, list[str]]:
        """Return the section of the board that a cell names, or else the nearest names."""
        sections = self._sections[board.pk]
        section = sections.get(folded(name))
        if section is not None:
            return section, []
        nearest = difflib.get_close_matches(folded(name), sections, n=NEAREST, cutoff=0)
        return None, [sections[each].name for each in nearest]

    def files(self, name: str) -> list[MediaFile]:
        """Return the files of the library with this name."""
        return self._files.get(name, [])

    def own(self, address: str) -> MediaFile | None:
        """Return the file of the library that an address of this installation leads to."""
        return self._own.get(address)


def own_file_name(address: str) -> str:
    """Return the name in the media storage that an address of this installation stands for; empty for any other."""
    media_url = settings.MEDIA_URL
    prefix = f"{settings.PUBLIC_URL}{media_url}" if media_url.startswith("/") else media_url
    return unquote(address.removeprefix(prefix)) if address.startswith(prefix) else ""


def planned_by_day(pin_import: PinImport, moments: Sequence[datetime]) -> Counter[tuple[int, date]]:
    """Return how many pins each account has on each day of the workspace's zone from the first moment to the last."""
    zone = pin_import.workspace.zone
    first, last = (at.astimezone(zone).date() for at in (min(moments), max(moments)))
    begin, end = (datetime.combine(day, time.min, zone) for day in (first, last + timedelta(days=1)))
    pins = Pin.objects.in_workspace(pin_import.workspace).filter(publish_at__gte=begin, publish_at__lt=end)
    planned = pins.exclude(status__in=[PinStatus.DRAFT, PinStatus.FAILED]).values_list("account_id", "publish_at")
    return Counter((account, at.astimezone(zone).date()) for account, at in planned.iterator() if account and at)


def _is_of(board: Board, account: PinterestAccount | None) -> bool:
    return account is None or board.account_id == account.pk
