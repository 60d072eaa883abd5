"""The operations of Pinterest's API v5 that Postiz Pins uses. Plain Python: no models, no settings, no waiting."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from . import server_clock
from .analytics import ACCOUNT_METRICS, PIN_METRICS, Days, PinLifetimeFigures, parse_days, parse_metrics
from .errors import RateLimited, ServerFailed
from .http import request_json

# The largest page of GET /boards, GET /boards/{board_id}/sections, GET /boards/{board_id}/pins and GET /pins.
PAGE_SIZE = 250
# Of one board, when a pin is looked for. A list that is longer ends, since its bookmarks may lead nowhere.
MOST_PAGES = 400


@dataclass(frozen=True)
class UserAccount:
    """A Pinterest account (GET /user_account)."""

    id: str
    username: str
    account_type: str
    avatar_url: str


@dataclass(frozen=True)
class ListedBoard:
    """A board that an account can use (GET /boards)."""

    id: str
    name: str
    privacy: str
    # Its user name; another than the account's where its owner lets it add pins. Empty: not told.
    owner: str = ""
    # None: not told.
    pin_count: int | None = None


@dataclass(frozen=True)
class ListedSection:
    """A section of a board (GET /boards/{board_id}/sections)."""

    id: str
    name: str


@dataclass(frozen=True)
class CreatedPin:
    """A pin that Pinterest has just created."""

    id: str
    created_at: datetime


@dataclass(frozen=True)
class VideoUpload:
    """Where and how to upload the bytes of a registered video. The parameters are as good as a password for it."""

    media_id: str
    upload_url: str = field(repr=False)
    upload_parameters: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class BoardPin:
    """A pin as its board lists it; texts that Pinterest leaves out are empty."""

    id: str
    title: str
    description: str
    link: str
    media_type: str
    created_at: datetime


@dataclass(frozen=True)
class BoardListing:
    """The pins on those pages of a board that were looked at, in no particular order."""

    pins: list[BoardPin]
    # False: the list ended in circles before it was known to reach far enough back, so a pin may be missing.
    is_complete: bool


@dataclass(frozen=True)
class PinPage:
    """Some of the account's pins. An empty bookmark: there are no more."""

    pins: list[PinLifetimeFigures]
    bookmark: str


class PinterestClient:
    """Pinterest on behalf of one account. Every method raises `PinterestError`s (errors.py)."""

    def __init__(self, api_url: str, access_token: str, reading_paused_until: datetime | None = None) -> None:
        """Make a client; until `reading_paused_until`, reading raises `RateLimited` unasked (org_read)."""
        self._api_url = api_url
        self._reading_paused_until = reading_paused_until
        self._headers = {"Authorization": f"Bearer {access_token}"}

    def fetch_user_account(self) -> UserAccount:
        """Return the account that the token belongs to (GET /user_account)."""
        profile = self._request("GET", "/user_account")
        if not _text(profile, "id"):
            raise ServerFailed("Pinterest's answer does not say which account this is.")
        return UserAccount(
            id=_text(profile, "id"),
            username=_text(profile, "username"),
            account_type=_text(profile, "account_type"),
            avatar_url=_text(profile, "profile_image"),
        )

    def fetch_boards(self) -> list[ListedBoard]:
        """Return all boards, however many pages they fill (GET /boards)."""
        return [_board(board) for board in self._pages("/boards")]

    def fetch_board(self, board_id: str) -> ListedBoard:
        """Return one board (GET /boards/{board_id}).

        Raises PinterestClientError with status 404 for a board that is gone, or secret to us.
        """
        board = self._request("GET", f"/boards/{board_id}")
        if not _text(board, "id"):
            raise ServerFailed("Pinterest's answer does not say which board this is.")
        return _board(board)

    def fetch_board_sections(self, board_id: str) -> list[ListedSection]:
        """Return all sections of a board, however many pages they fill (GET /boards/{board_id}/sections)."""
        return [
            ListedSection(_text(section, "id"), _text(section, "name"))
            for section in self._pages(f"/boards/{board_id}/sections")
        ]

    def create_pin(self, request: Mapping[str, Any]) -> CreatedPin:
        """Create a pin (POST /pins).

        After `ServerFailed` and `Unreachable(was_sent=True)` it may exist anyway.
        """
        created = self._request("POST", "/pins", json=request)
        if not _text(created, "id"):
            raise ServerFailed("Pinterest's answer to the new pin names no id.")
        return CreatedPin(_text(created, "id"), _moment(created.get("created_at")))

    def register_video(self) -> VideoUpload:
        """Ask for a place to upload one video to (POST /media); `upload.upload_video` then sends its bytes there."""
        answer = self._request("POST", "/media", json={"media_type": "video"})
        parameters = answer.get("upload_parameters")
        media_id, upload_url = _text(answer, "media_id"), _text(answer, "upload_url")
        if not media_id or not upload_url or not isinstance(parameters, dict):
            raise ServerFailed("Pinterest's answer does not say where to upload the video.")
        return VideoUpload(media_id, upload_url, {str(name): str(value) for name, value in parameters.items()})

    def fetch_media_status(self, media_id: str) -> str:
        """Return registered, processing, succeeded or failed, for an uploaded video (GET /media/{id})."""
        status = _text(self._request("GET", f"/media/{media_id}"), "status")
        if not status:
            raise ServerFailed("Pinterest's answer does not say how far the video is.")
        return status

    def fetch_board_pins_since(self, board_id: str, since: datetime) -> BoardListing:
        """Return at least the board's pins created since that moment (GET /boards/{board_id}/pins).

        By Pinterest's clock. The order of the list is promised nowhere (docs/pinterest.md), so a page ends it only if
        all of it is older.
        """
        pins: dict[str, BoardPin] = {}
        seen: set[str] = set()
        bookmark = ""
        for _ in range(MOST_PAGES):
            items, bookmark = self._page(f"/boards/{board_id}/pins", {}, bookmark)
            page = {pin.id: pin for pin in map(_board_pin, items)}
            is_new = not page.keys() <= pins.keys()
            pins |= page
            if not bookmark or (page and all(pin.created_at < since for pin in page.values())):
                return BoardListing(list(pins.values()), is_complete=True)
            if bookmark in seen and not is_new:
                break
            seen.add(bookmark)
        return BoardListing(list(pins.values()), is_complete=False)

    def fetch_account_days(self, start_on: date, end_on: date) -> Days:
        """Return the account's daily figures (GET /user_account/analytics).

        Both dates are inclusive, in UTC. Raises PinterestClientError if `start_on` is over 90 days back.
        """
        params = {**_span(start_on, end_on), "metric_types": ",".join(ACCOUNT_METRICS)}
        return parse_days(self._request("GET", "/user_account/analytics", params=params))

    def fetch_pin_days(self, pin_id: str, start_on: date, end_on: date) -> Days:
        """Return one pin's daily figures; both dates inclusive, in UTC (GET /pins/{pin_id}/analytics).

        Raises PinterestClientError if `start_on` is over 90 days back, with status 404 if the pin is gone.
        """
        params = {**_span(start_on, end_on), "metric_types": ",".join(PIN_METRICS)}
        return parse_days(self._request("GET", f"/pins/{pin_id}/analytics", params=params))

    def fetch_days_of_pins(self, pin_ids: list[str], start_on: date, end_on: date) -> dict[str, Days]:
        """Return daily figures of up to 100 pins by their ids (GET /pins/analytics, in beta).

        A pin that the answer leaves out, or tells nothing readable about, is left out here too. Raises
        PinterestClientError with status 403 if the app may not use the endpoint, with 404 if one of the pins is gone.
        """
        params = {**_span(start_on, end_on), "metric_types": ",".join(PIN_METRICS)}
        # Each id is a parameter of its own, whereas the metrics are one list with commas (docs/pinterest.md).
        answer = self._request("GET", "/pins/analytics", params={**params, "pin_ids": pin_ids})
        days = {}
        for pin_id in pin_ids:
            with suppress(ServerFailed):
                days[pin_id] = parse_days(answer[pin_id] if isinstance(answer.get(pin_id), dict) else {})
        return days

    def fetch_pins_with_metrics(self, since: datetime, bookmark: str = "") -> PinPage:
        """Return lifetime figures of up to 250 of the account's pins, and where the next ones begin.

        GET /pins?pin_metrics=true, the newest first. Pins created before `since` are left out, and end the list.
        """
        params = {"pin_metrics": "true", "include_protected_pins": "true"}
        items, next_bookmark = self._page("/pins", params, bookmark)
        pins = [_lifetime(item) for item in items]
        wanted = [figures for figures in pins if figures.created_at >= since]
        return PinPage(wanted, next_bookmark if len(wanted) == len(pins) else "")

    def fetch_pin_with_metrics(self, pin_id: str) -> PinLifetimeFigures:
        """Return lifetime figures of one pin (GET /pins/{pin_id}?pin_metrics=true).

        Raises PinterestClientError with status 404 if it is gone.
        """
        return _lifetime(self._request("GET", f"/pins/{pin_id}", params={"pin_metrics": "true"}))

    def _pages(self, path: str) -> Iterator[dict[str, Any]]:
        """Yield the items of all pages; a bookmark that comes back a second time ends them."""
        seen: set[str] = set()
        bookmark = ""
        while True:
            items, bookmark = self._page(path, {}, bookmark)
            yield from items
            if not bookmark or bookmark in seen:
                return
            seen.add(bookmark)

    def _page(self, path: str, query: dict[str, str], bookmark: str) -> tuple[list[dict[str, Any]], str]:
        """Return the items of one page, and the bookmark of the next one; empty at the end."""
        params = {**query, "page_size": str(PAGE_SIZE)} | ({"bookmark": bookmark} if bookmark else {})
        page = self._request("GET", path, params=params)
        items = page.get("items")
        if not isinstance(items, list):
            raise ServerFailed("Pinterest's answer is not the list that it promises.")
        return [item for item in items if isinstance(item, dict) and _text(item, "id")], _text(page, "bookmark")

    def _request(self, method: str, path: str, **kwargs: Any) -> dict[str, Any]:
        is_reading = method == "GET" and "analytics" not in path  # analytics count by themselves (org_analytics)
        if is_reading:
            require_no_pause(self._reading_paused_until)
        try:
            return request_json(method, f"{self._api_url}{path}", headers=self._headers, **kwargs)
        except RateLimited as error:
            error.is_for_reading = is_reading
            raise


def require_no_pause(until: datetime | None) -> None:
    """Raise RateLimited if Pinterest wants nothing to be read before `until`."""
    seconds = (until - datetime.now(UTC)).total_seconds() if until else 0
    if seconds > 0:
        words = "Pinterest's rate limit was reached. The pause isn't over yet."
        raise RateLimited(words, retry_after_seconds=math.ceil(seconds), is_for_reading=True)


def _board(board: Mapping[str, Any]) -> ListedBoard:
    owner, pin_count = board.get("owner"), board.get("pin_count")
    return ListedBoard(
        id=_text(board, "id"),
        name=_text(board, "name"),
        privacy=_text(board, "privacy") or "PUBLIC",
        owner=_text(owner, "username") if isinstance(owner, dict) else "",
        pin_count=pin_count if type(pin_count) is int and pin_count >= 0 else None,
    )


def _span(start_on: date, end_on: date) -> dict[str, str]:
    return {"start_date": start_on.isoformat(), "end_date": end_on.isoformat()}


def _board_pin(pin: Mapping[str, Any]) -> BoardPin:
    return BoardPin(
        id=_text(pin, "id"),
        title=_text(pin, "title"),
        description=_text(pin, "description"),
        link=_text(pin, "link"),
        media_type=_media_type(pin),
        created_at=_moment(pin.get("created_at")),
    )


def _lifetime(pin: Mapping[str, Any]) -> PinLifetimeFigures:
    metrics = pin.get("pin_metrics")
    lifetime = metrics.get("lifetime_metrics") if isinstance(metrics, dict) else None
    return PinLifetimeFigures(
        pin_id=_text(pin, "id"),
        created_at=_moment(pin.get("created_at")),
        metrics=parse_metrics(lifetime) if isinstance(lifetime, dict) else None,
    )


def _text(answer: Mapping[str, Any], key: str) -> str:
    value = answer.get(key)
    return "" if value is None else str(value)


def _moment(value: Any) -> datetime:
    """Return the moment of a text such as "2020-01-01T20:10:40", which Pinterest means in UTC."""
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        # A pin without a readable moment must not be overlooked when a lost pin is looked for.
        return server_clock.earliest_now() or datetime.now(UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _media_type(pin: Mapping[str, Any]) -> str:
    """Return image, video, multiple_images …; older responses have it in `creative_type` only."""
    media = pin.get("media")
    media_type = _text(media, "media_type") if isinstance(media, dict) else ""
    if media_type:
        return media_type
    creative_type = _text(pin, "creative_type").lower()
    return {"regular": "image", "carousel": "multiple_images"}.get(creative_type, creative_type or "image")
