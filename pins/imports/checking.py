"""What the rows of an import would become, and what is wrong with them; nothing is fetched.

A row is checked by the rules of the composer (rules/composition.py), and by those of a file: names that lead to
nothing, dates with two readings, rows that repeat each other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.core.exceptions import ValidationError

from accounts.models import Board, BoardSection
from pins import limits
from pins.models import Destination, EmptyDate, MediaFile, Pin, PinImport, PinImportRow, PinStatus
from pins.rules import addresses
from pins.rules.composition import AttachedMedia, Composition, check
from pins.rules.texts import clean_link, clean_text
from pins.scheduling.past_times import FAR
from pins.spacing.checks import check_many
from pins.spacing.findings import MANY_PINS_A_DAY
from pins.spacing.planned import Planned
from pins.tags.services import check_names, parse_names
from postiz_pins.common.dates import format_day, format_moment_and_zone

from . import link_presets, updates, values
from .columns import MEDIA_KEYS, texts_of
from .lookups import Lookups, media_key, planned_by_day
from .problems import Choice, RowProblem

# Above so many pins a day, a person is told (the spacing guard of the plan).
MANY_A_DAY = 50
# Whose problems say why there are no files, so the composer need not ask for them.
MEDIA_CELLS = {*MEDIA_KEYS, "library_file", "cover_url", "thumbnail"}
NOT_A_FILE_CODES = ("link_no_file", "link_other_video", "link_empty", "link_encoded")


@dataclass
class Plan:
    """What a row becomes, as far as it is known."""

    row: PinImportRow
    texts: dict[str, str]
    composition: Composition = field(default_factory=Composition)
    publish_at: datetime | None = None
    destination: Destination = Destination.DRAFT
    keywords: str = ""
    # Names of its tags.
    tags: list[str] = field(default_factory=list)
    # The files that it names, each with the place of a frame, before they are fetched.
    addresses: list[tuple[str, float | None]] = field(default_factory=list)
    # Whether something of it is yet to be fetched: files, or the sections of `unread_board`.
    needs_media: bool = False
    unread_board: Board | None = None
    problems: list[RowProblem] = field(default_factory=list)
    # Whether a link preset has added to its link, or adds the pin's number later; and what it is with that number.
    has_parameters: bool = False
    awaits_number: bool = False
    with_number: Callable[..., Composition] | None = None
    # The pin that it changes, and how, for people. None: it becomes a new one.
    pin: Pin | None = None
    changes: list[str] = field(default_factory=list)

    @property
    def has_problems(self) -> bool:
        """Return whether something keeps it from becoming a pin."""
        return any(not problem.is_warning for problem in self.problems)

    def add(self, code: str, key: str, message: str, *choices: Choice, is_warning: bool = False) -> None:
        """Note a problem."""
        self.problems.append(RowProblem(code, key, message, is_warning, choices))


def plans_of(pin_import: PinImport, rows: Sequence[PinImportRow], now: datetime) -> list[Plan]:
    """Return what each of the rows becomes. All open rows of the import belong together: they may repeat each other."""
    plans = [Plan(row, texts_of(pin_import, row)) for row in rows]
    names = [plan.texts.get(key, "") for plan in plans for key in ("library_file", "cover_url", *MEDIA_KEYS)]
    urls = [plan.texts.get(key, "") for plan in plans for key in (*MEDIA_KEYS, "cover_url", "thumbnail")]
    pin_ids = [plan.texts.get("pin_id", "") for plan in plans]
    lookups = Lookups(pin_import, filter(None, names), filter(values.is_address, urls), filter(None, pin_ids))
    for plan in plans:
        _Check(pin_import, plan, lookups, now).run()
    _check_repeats(plans)
    _check_days(pin_import, plans)
    return plans


class _Check:
    """The check of one row by itself."""

    def __init__(self, pin_import: PinImport, plan: Plan, lookups: Lookups, now: datetime) -> None:
        self.pin_import, self.plan, self.lookups, self.now = pin_import, plan, lookups, now

    def text(self, key: str) -> str:
        return self.plan.texts.get(key, "")

    def run(self) -> None:
        row, header = self.plan.row, self.pin_import.header
        filled = [cell for cell in row.cells if cell.strip()]
        if header and [cell.strip() for cell in row.cells] == [name.strip() for name in header][: len(row.cells)]:
            self.plan.add("header_repeated", "", "This is the header again. Skip this row.")
            return
        if len(row.cells) > len(header) and any(cell.strip() for cell in row.cells[len(header) :]):
            message = (
                f"This row has {len(row.cells)} cells, but the file has {len(header)} columns. Is a text with a comma"
                " not in quotes? Correct the cells."
            )
            self.plan.add("too_many_cells", "", message)
            return
        if not filled:
            return
        if self.text("pin_id"):
            self.plan.pin = self.lookups.pin(self.text("pin_id"))
            if self.plan.pin is None:
                message = f"There is no pin {self.text('pin_id')} in this workspace. Leave it empty for a new pin."
                self.plan.add("pin_unknown", "pin_id", message, Choice("Create a new pin", ""))
                return
        board, section = self._board()
        description = self._description()
        self._tags()
        media_files = self._media()
        attachments = tuple(AttachedMedia(media) for media in media_files)
        self.plan.composition = Composition(
            board=board,
            section=section,
            title=clean_text(self.text("title")),
            description=description,
            link=clean_link(self.text("link")),
            alt_text=clean_text(self.text("alt_text")),
            dominant_color=clean_text(self.text("color")),
            attachments=attachments,
        )
        if self.plan.pin is not None:
            updates.compare(self.plan, self.plan.pin, self.pin_import, self.now)
            return
        self._rules()
        self._date()
        link_presets.add_parameters(self.plan, self.lookups.presets, self.pin_import, self.now)

    def _rules(self) -> None:
        """Note what the composer would say, but for what has been said in the words of a file."""
        said = {problem.key for problem in self.plan.problems if not problem.is_warning}
        if "account" in said:
            said.add("board")
        if self.plan.needs_media or said & MEDIA_CELLS:
            said.add("media_url")
        found = map(RowProblem.of, check(self.plan.composition))
        self.plan.problems += [problem for problem in found if problem.key not in said]

    def _board(self) -> tuple[Board | None, BoardSection | None]:
        account = self.pin_import.account
        if username := self.text("account"):
            account = self.lookups.account(username)
            if account is None:
                names = ", ".join(f"@{each.username}" for each in self.lookups.accounts.values()) or "none"
                message = f"There is no connected account @{username.lstrip('@')}. Connected: {names}."
                self.plan.add("account_unknown", "account", message)
                return None, None
        name = self.text("board")
        if not name:
            board = self.pin_import.board
            return (self._offered(board), None) if board is not None else (None, None)
        found = self.lookups.board(name, account)
        if found.is_ambiguous:
            message = (
                f"There are several boards called “{name}”. Choose an account for them, or rename one on Pinterest."
            )
            self.plan.add("board_ambiguous", "board", message)
        elif found.board is None:
            choices = [Choice(each, each) for each in found.nearest]
            hint = " Did you mean one of these?" if choices else " Refresh the boards under Connections."
            self.plan.add("board_unknown", "board", f"There is no board “{name}”.{hint}", *choices)
        if found.board is None:
            return None, None
        return found.board, self._section(found.board, self.text("section") or found.section_name)

    def _offered(self, board: Board) -> Board:
        same = self.lookups.boards.values()
        return next((each for boards in same for each in boards if each.pk == board.pk), board)

    def _section(self, board: Board, name: str) -> BoardSection | None:
        if not name:
            return None
        section, nearest = self.lookups.section(board, name)
        if section is None and board.sections_synced_at is None:
            self.plan.needs_media = True
            self.plan.unread_board = board
        elif section is None:
            is_own_column = bool(self.text("section"))
            key = "section" if is_own_column else "board"
            offered = [each if is_own_column else f"{board.name}/{each}" for each in nearest]
            message = f"“{board.name}” has no section “{name}”." + (" Did you mean one of these?" if nearest else "")
            self.plan.add("section_unknown", key, message, *(Choice(each, each) for each in offered))
        return section

    def _description(self) -> str:
        description = clean_text(self.text("description"))
        self.plan.keywords = clean_text(self.text("keywords"))
        if not self.pin_import.appends_keywords or not self.plan.keywords:
            return description
        if self.plan.keywords in description:
            return description
        longer = "\n\n".join(filter(None, [description, self.plan.keywords]))
        if len(longer) <= limits.DESCRIPTION_LENGTH:
            return longer
        message = "The keywords don't fit into the description, so they are only kept with the pin."
        self.plan.add("keywords_too_long", "keywords", message, is_warning=True)
        return description

    def _tags(self) -> None:
        self.plan.tags = parse_names(self.text("tags"))
        try:
            check_names(self.plan.tags)
        except ValidationError as error:
            self.plan.add(error.code or "", "tags", error.messages[0])

    def _date(self) -> None:
        plan, text = self.plan, self.text("publish_at")
        is_draft = self.text("status").casefold() == PinStatus.DRAFT
        plan.destination = Destination.DRAFT if is_draft else Destination(self.pin_import.destination)
        if text:
            self._read_date(text)
        if plan.destination in (Destination.SCHEDULE, Destination.PROPOSE) and plan.publish_at is None:
            is_queued = self.pin_import.empty_date == EmptyDate.QUEUE and plan.destination == Destination.SCHEDULE
            plan.destination = Destination.QUEUE if is_queued else Destination.DRAFT
        elif plan.destination == Destination.QUEUE:
            plan.publish_at = None

    def _read_date(self, text: str) -> None:
        plan = self.plan
        try:
            plan.publish_at = values.parse_moment(text, self.pin_import.zone, self.pin_import.date_order)
        except values.Unreadable:
            message = f"“{text}” isn't a date. Write it as 2027-03-01 or 2027-03-01T10:00:00."
            plan.add("date_unreadable", "publish_at", message)
            return
        except values.AmbiguousDate as two:
            message = (
                f"“{text}” can be {format_day(two.day_first)} or {format_day(two.month_first)}. Choose one; it counts"
                " for all dates of the file."
            )
            choices = (
                Choice(f"Day first ({format_day(two.day_first)})", values.DAY_FIRST, "date_order"),
                Choice(f"Month first ({format_day(two.month_first)})", values.MONTH_FIRST, "date_order"),
            )
            plan.add("date_unreadable", "publish_at", message, *choices)
            return
        at = format_moment_and_zone(plan.publish_at, self.pin_import.workspace.zone)
        if plan.destination == Destination.QUEUE:
            message = "The date is left out, because all pins are added to the queue."
            plan.add("date_unused", "publish_at", message, is_warning=True)
        elif plan.publish_at < self.now:
            message = f"{at} has passed. Choose another date, or leave it empty."
            plan.add("date_past", "publish_at", message, Choice("Leave it empty", ""))
        elif plan.publish_at - self.now > FAR:
            plan.add("publish_at_far", "publish_at", f"{at} is more than a year away. Is it meant?", is_warning=True)

    def _media(self) -> list[MediaFile]:
        """Return the files of the row that are there, in their order; those that are not are noted."""
        named = [(key, self.text(key)) for key in MEDIA_KEYS if self.text(key)]
        if not named and self.text("library_file"):
            named = [("library_file", self.text("library_file"))]
        found = [self._file(key, name) for key, name in named]
        files = [media for media in found if media is not None]
        is_video = bool(files) and files[0].is_video
        if len(files) < len(named) or (files and not is_video):
            if self.text("thumbnail") and not is_video and not files:
                self._check_thumbnail()
            return files
        return [*files, *self._cover(named[0][1], files[0])] if is_video else files

    def _check_thumbnail(self) -> None:
        text = self.text("thumbnail")
        if values.is_address(text):
            self.plan.addresses.append((text, None))
            return
        try:
            values.parse_seconds(text)
        except values.Unreadable:
            self._thumbnail_unreadable(text)

    def _thumbnail_unreadable(self, text: str) -> None:
        message = f"“{text}” isn't a place in a video. Write minutes and seconds, such as 0:05, or an image's address."
        self.plan.add("thumbnail_unreadable", "thumbnail", message)

    def _cover(self, video: str, media: MediaFile) -> list[MediaFile]:
        """Return the cover image of a video: a file of its own, or a frame."""
        for key in ("cover_url", "thumbnail"):
            text = self.text(key)
            if not text:
                continue
            if key == "cover_url" or values.is_address(text):
                cover = self._file(key, text)
                return [cover] if cover is not None else []
            try:
                at_seconds = values.parse_seconds(text)
            except values.Unreadable:
                self._thumbnail_unreadable(text)
                return []
            frame = self._fetched("thumbnail", video, at_seconds)
            return [frame] if frame is not None else []
        return []

    def _file(self, key: str, name: str) -> MediaFile | None:
        if not values.is_address(name):
            return self._library_file(key, name)
        own = self.lookups.own(name)
        return own if own is not None else self._fetched(key, name, None)

    def _library_file(self, key: str, name: str) -> MediaFile | None:
        files = self.lookups.files(name)
        if len(files) == 1:
            return files[0]
        if files:
            message = f"There are {len(files)} files called “{name}” in the library. Use the address of one instead."
            self.plan.add("library_file_ambiguous", key, message)
        else:
            message = f"“{name}” is neither a web address nor a file of the library. Upload it, or correct the name."
            self.plan.add("library_file_unknown", key, message)
        return None

    def _fetched(self, key: str, address: str, at_seconds: float | None) -> MediaFile | None:
        cloud = values.share_page_of(address)
        if cloud:
            message = (
                f"This is a page of {cloud}, not a file. Download the file and add it to the library, then enter its"
                " name here."
            )
            self.plan.add("media_not_a_file", key, message)
            return None
        self.plan.addresses.append((address, at_seconds))
        known = self.lookups.media.get(media_key(address, at_seconds))
        if known is not None and known.code:
            code = "media_not_a_file" if known.code in NOT_A_FILE_CODES else "media_unreachable"
            self.plan.add(code if known.code.startswith("link_") else known.code, key, known.message)
        elif known is None or known.media is None:
            self.plan.needs_media = True
        elif known.media.deleted_at is None:
            return known.media
        else:
            self.plan.needs_media = True  # it was deleted from the library since
        return None


def _check_repeats(plans: Sequence[Plan]) -> None:
    """Note rows that are the same, and links that lead where an earlier row leads."""
    rows: dict[tuple[str, ...], int] = {}
    links: dict[str, int] = {}
    for plan in plans:
        number = plan.row.number
        content = tuple(text for key, text in sorted(plan.texts.items()) if key != "external_id")
        if any(content) and (first := rows.setdefault(content, number)) != number:
            plan.add("row_repeated", "", f"This row is the same as row {first}. Skip it, or change it.")
            continue
        link = "" if plan.pin is not None else plan.composition.link
        if link and (first := links.setdefault(addresses.normalized(link), number)) != number:
            message = f"Row {first} has the same link. Pinterest's own importer would leave this row out."
            plan.add("link_repeated", "link", message, is_warning=True)


def _check_days(pin_import: PinImport, plans: Sequence[Plan]) -> None:
    """Note days on which an account would have more pins than it wants, and pins that are too near to each other.

    Rows count beside each other and the pins that are there. Three queries, however many rows there are.
    """
    dated = [
        (plan, planned)
        for plan in plans
        if plan.publish_at
        and not plan.has_problems
        and (planned := Planned.composed(plan.composition, plan.publish_at, plan.pin)) is not None
    ]
    if not dated:
        return
    counts, zone = planned_by_day(pin_import, [planned.at for _, planned in dated]), pin_import.workspace.zone
    found = check_many([planned for _, planned in dated], zone, beside=True)
    for (plan, planned), findings in zip(dated, found, strict=True):
        account, day = planned.account, planned.at.astimezone(zone).date()
        counts[account.pk, day] += 1
        most = account.pins_per_day or MANY_A_DAY
        if counts[account.pk, day] > most:
            message = f"{account} would have more than {most} pins on {format_day(day)}. Consider another day."
            plan.add("over_day_limit", "publish_at", message, is_warning=True)
        for finding in findings:
            if finding.code != MANY_PINS_A_DAY:
                plan.add(finding.code, finding.field, finding.message, is_warning=True)
