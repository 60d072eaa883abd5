"""Pinterest in memory: accounts, tokens, boards, pins, videos, and the truth about what it was asked and has said.

It follows docs/pinterest.md and is as awkward as Pinterest may be: lists lag, come in any order, in small pages;
links come back rewritten; bookmarks repeat. What it promises the app is in `plans.py`, "Promises".
"""

from __future__ import annotations

import json
import random
import re
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from . import boundaries
from .at_pinterest import Answer, BoardAtPinterest, Member, PinAtPinterest
from .world import Process, World

OPERATIONS = (
    ("POST", r"/v5/oauth/token$", "token"),
    ("POST", r"/v5/pins$", "create"),
    ("POST", r"/v5/media$", "register"),
    ("POST", r"/upload/\w+$", "upload"),
    ("GET", r"/v5/media/(\w+)$", "status"),
    ("GET", r"/v5/boards$", "boards"),
    ("GET", r"/v5/boards/(\w+)$", "board"),
    ("GET", r"/v5/boards/(\w+)/pins$", "look"),
    ("GET", r"/v5/boards/(\w+)/sections$", "sections"),
    ("GET", r"/v5/user_account$", "profile"),
)
# What a limit counts: writing and reading have limits of their own (docs/pinterest.md, "OAuth").
WRITES = ("create", "register")


class Pinterest:
    def __init__(self, world: World, options: dict[str, Any], *, slots: int) -> None:
        self.world = world
        self.options = options
        self.slots = slots
        self.random = random.Random(world.random.random())
        self.members: dict[str, Member] = {}
        self.boards: dict[str, BoardAtPinterest] = {}
        self.pins: list[PinAtPinterest] = []
        self.media: dict[str, dict[str, Any]] = {}
        self.request_number = 0
        self.is_healthy = False
        # The truth, for the invariants.
        self.told: dict[str, set[str]] = defaultdict(set)  # what came of the requests for a key, board, account
        self.first_sent: dict[str, float] = {}  # when a key was sent first
        self.on_create: Callable[[dict[str, Any], Process], None] = lambda content, process: None
        self._paused: dict[tuple[str, bool], tuple[float, int]] = {}
        self._refreshed: set[str] = set()  # refresh tokens whose successors we have stored
        self._refreshing: dict[str, tuple[Process, float]] = {}  # by whom a refresh token is being used, since when
        self._denied: dict[str, str] = {}  # the first dead token of each member that was used
        self._called_spam: set[str] = set()
        self._numbers = 700

    @property
    def clock(self) -> float:
        """Seconds since the beginning by Pinterest's own clock."""
        return self.world.now + float(self.options.get("skew", 0))

    # What a plan does to it

    def add_member(self, user_id: str, username: str) -> Member:
        member = Member(user_id, username)
        self.members[user_id] = member
        return member

    def grant(self, member: Member) -> dict[str, Any]:
        """A new pair of tokens, as the token endpoint answers it."""
        member.made += 1
        access, refresh = f"access-{member.user_id}-{member.made}", f"refresh-{member.user_id}-{member.made}"
        life = int(self.options.get("access_life", 30 * 86400)) if not self.is_healthy else 30 * 86400
        member.access[access] = self.world.now + life
        member.refresh.add(refresh)
        return {
            "access_token": access,
            "refresh_token": refresh,
            "expires_in": life,
            "refresh_token_expires_in": 60 * 86400,
            "scope": "boards:read boards:write pins:read pins:write user_accounts:read",
        }

    def revoke(self, member: Member, which: str) -> None:
        member.access.clear()
        if which == "refresh":
            member.refresh.clear()

    def add_pin(
        self, board_id: str, content: dict[str, Any], media_type: str, *, is_ours: bool, age: float = 0.0
    ) -> PinAtPinterest:
        self._numbers += 1
        lag = 0.0 if self.is_healthy or age else float(self.options.get("lag", 0))
        pin = PinAtPinterest(
            id=f"9{self._numbers}",
            board_id=board_id,
            content=content,
            media_type=media_type,
            created_at=self.clock - age,
            visible_at=self.world.now + lag,
            is_ours=is_ours,
        )
        self.pins.append(pin)
        return pin

    # Requests

    def operation_of(self, request: requests.PreparedRequest) -> str:
        path = urlsplit(request.url or "").path
        for method, pattern, name in OPERATIONS:
            if request.method == method and re.search(pattern, path):
                return name
        return "unknown"

    def _bearer(self, request: requests.PreparedRequest) -> tuple[Member | None, str]:
        token = str(request.headers.get("Authorization", "")).removeprefix("Bearer ")
        match = re.fullmatch(r"access-(\w+)-\d+", token)
        return (self.members.get(match[1]) if match else None), token

    def note_attempt(self, operation: str, request: requests.PreparedRequest, body: bytes, process: Process) -> None:
        """Pinterest knows nothing of it yet: what the app may not even try."""
        member, _ = self._bearer(request)
        if member is not None and not self.is_healthy:
            paused = self._paused.get((member.user_id, operation in WRITES))
            # Whoever had decided before the pause was written down could not know of it.
            if paused and self.world.now < paused[0] and self.world.decided_at() > paused[1]:
                self.world.violated(f"{operation} {paused[0] - self.world.now:.0f} s before the time Pinterest named")
        if operation == "create":
            content = json.loads(body)
            self.first_sent.setdefault(str(content.get("alt_text", "")), self.clock)
            self.on_create(content, process)
            if str(content.get("alt_text", "")) in self._called_spam and not self._is_excused():
                self.world.violated(f"{content.get('alt_text')} is sent again, which Pinterest has called spam")
        elif operation == "token":
            refresh = parse_qs(body.decode()).get("refresh_token", [""])[0]
            if refresh in self._refreshed:
                self.world.violated(f"the refresh token {refresh} is used a second time")
            other, since = self._refreshing.get(refresh, (process, 0.0))
            # Longer than that no lease has to last, and none if the clock jumps.
            if other is not process and not other.is_dead and self.world.now - since < 30 and not self.world.jump:
                self.world.violated(f"the refresh token {refresh} is used by two at once")
            self._refreshing[refresh] = (process, self.world.now)

    def _is_excused(self) -> bool:
        return self.is_healthy or any(process.is_dead for process in self.world.processes)

    def tell(self, operation: str, request: requests.PreparedRequest, body: bytes, what: str) -> None:
        """Writes down what the app gets to know, for the truth of its reasons."""
        self.told["any"].add(what)
        if operation == "token":
            self._refreshing.pop(parse_qs(body.decode()).get("refresh_token", [""])[0], None)
        if operation == "create":
            self.told[str(json.loads(body).get("alt_text", ""))].add(what)

    def limit(
        self, operation: str, request: requests.PreparedRequest, seconds: float, headers: dict[str, str]
    ) -> Answer:
        member, _ = self._bearer(request)
        words = {"code": 8, "message": "You have exceeded your rate limit. Try again later."}
        answer = Answer(429, json.dumps(words).encode(), headers)
        if member is not None:
            key, until = (member.user_id, operation in WRITES), self.world.now + seconds

            def told(world: World) -> None:
                process = world.current.process if world.current else None
                if process is not None:
                    process.at_next_commit.append(lambda: self._pause(key, until))

            answer.when_told.append(told)
        return answer

    def _pause(self, key: tuple[str, bool], until: float) -> None:
        before = self._paused.get(key, (0.0, 0))
        if until > before[0]:
            self._paused[key] = (until, self.world.commits)

    def shift_pauses(self, seconds: float) -> None:
        """Our clock has jumped: what we were told in seconds is over that much sooner by it."""
        if seconds > 0:
            self._paused = {key: (until - seconds, commits) for key, (until, commits) in self._paused.items()}

    def call_spam(self, request: requests.PreparedRequest, body: bytes) -> Answer:
        key = str(json.loads(body or b"{}").get("alt_text", ""))
        self.told["spam"].add(key)
        words = {"code": 9, "message": "Your account was blocked for spam."}
        answer = Answer(429, json.dumps(words).encode(), {"X-RateLimit-Reset": "60"})
        # Whoever is killed or stands still may not have written it down.
        if not (self.world.points or self.world.jump or self.world.switching):
            answer.when_told.append(lambda world: self._called_spam.add(key))
        return answer

    def forget_spam(self, key: str) -> None:
        """A person has decided anew about the pin."""
        self._called_spam.discard(key)

    def answer(self, request: requests.PreparedRequest, body: bytes) -> Answer:
        """Carries it out."""
        self.request_number += 1
        url = urlsplit(request.url or "")
        operation = self.operation_of(request)
        for method, pattern, name in OPERATIONS:
            match = re.search(pattern, url.path)
            if match and name == operation and method == request.method:
                argument = match[1] if match.groups() else ""
                break
        else:
            return _refuse(404, 404, "No such endpoint.")
        if operation == "token":
            return self._refresh(body)
        if operation == "upload":
            return self._take_upload(url.path.rsplit("/", 1)[1], body)
        member, token = self._bearer(request)
        if member is None or member.access.get(token, 0.0) <= self.world.now:
            # Once its successor is dead, too: the first time the app has only to refresh it.
            if member is not None and self._denied.setdefault(member.user_id, token) != token:
                self.told["dead token"].add(member.user_id)
            return _refuse(401, 2, "Authentication failed.")
        query = parse_qs(url.query)
        handler: Callable[..., Answer] = getattr(self, f"_{operation}")
        return handler(member, argument, query, body)

    def _refresh(self, body: bytes) -> Answer:
        refresh = parse_qs(body.decode()).get("refresh_token", [""])[0]
        match = re.fullmatch(r"refresh-(\w+)-\d+", refresh)
        member = self.members.get(match[1]) if match else None
        if member is None or refresh not in member.refresh:
            self.told["dead refresh token"].add(member.user_id if member else "")
            return _refuse(400, 283, "The refresh token is invalid.")
        granted = self.grant(member)
        if self.options.get("is_legacy"):  # the old one stays valid, and no new one is named
            member.refresh.discard(granted.pop("refresh_token"))
            del granted["refresh_token_expires_in"]
        else:
            member.refresh.discard(refresh)

        def told(world: World) -> None:
            if world.current is not None and not self.options.get("is_legacy"):
                world.current.process.at_next_commit.append(lambda: self._refreshed.add(refresh))

        answer = _ok(granted)
        answer.when_told.append(told)
        return answer

    def forget_told(self) -> None:
        """The database was set back: it holds tokens that we have used since, and no limits that we were told since."""
        self._refreshed.clear()
        self._called_spam.clear()
        self._paused.clear()

    def _profile(self, member: Member, *_: Any) -> Answer:
        return _ok({"id": member.user_id, "username": member.username, "account_type": "BUSINESS"})

    def _boards(self, member: Member, _: str, query: dict[str, list[str]], body: bytes) -> Answer:
        boards = [board for board in self.boards.values() if board.owner is member]
        self.told["board gone"] |= {board.id for board in boards if board.is_dead}
        return self._page([_board(board) for board in boards if not board.is_dead], query)

    def _board(self, member: Member, board_id: str, *_: Any) -> Answer:
        board = self._find_board(member, board_id)
        return _ok(_board(board)) if board else _refuse(404, 40, "Board not found.")

    def _sections(self, member: Member, board_id: str, query: dict[str, list[str]], body: bytes) -> Answer:
        return self._page([], query) if self._find_board(member, board_id) else _refuse(404, 40, "Board not found.")

    def _look(self, member: Member, board_id: str, query: dict[str, list[str]], body: bytes) -> Answer:
        if self._find_board(member, board_id) is None:
            return _refuse(404, 40, "Board not found.")
        pins = [pin for pin in self.pins if pin.board_id == board_id and pin.visible_at <= self.world.now]
        pins.sort(key=lambda pin: -pin.created_at)
        return self._page([self._pin(pin) for pin in pins], query)

    def _create(self, member: Member, _: str, query: dict[str, list[str]], body: bytes) -> Answer:
        content = json.loads(body)
        if self._find_board(member, content["board_id"]) is None:
            return _refuse(404, 40, "Board not found.")
        source = content["media_source"]
        kind = source["source_type"]
        media_type = "video" if kind == "video_id" else "multiple_images" if kind.startswith("multiple") else "image"
        if kind == "video_id":
            video = self.media.get(source["media_id"])
            if video is None or video["ready_at"] is None or video["ready_at"] > self.world.now:
                self.world.violated(f"{content.get('alt_text')} is created before its video is processed")
                return _refuse(404, 404, "Media not found.")
        pin = self.add_pin(content["board_id"], content, media_type, is_ours=True)
        self.world.note(f"Pinterest makes pin {pin.id} of {pin.key}")
        return Answer(201, json.dumps(self._pin(pin)).encode())

    def _register(self, member: Member, *_: Any) -> Answer:
        self._numbers += 1
        media_id = f"5{self._numbers}"
        self.media[media_id] = {"ready_at": None}
        upload = {"upload_url": f"https://upload.simulated/upload/{media_id}", "upload_parameters": {"key": media_id}}
        return _ok({"media_id": media_id, "media_type": "video", **upload})

    def _take_upload(self, media_id: str, body: bytes) -> Answer:
        slowness = 0 if self.is_healthy else float(self.options.get("processing", 0))
        self.media[media_id]["ready_at"] = self.world.now + slowness
        return Answer(204, b"")

    def _status(self, member: Member, media_id: str, *_: Any) -> Answer:
        video = self.media.get(media_id)
        if video is None:
            return _refuse(404, 404, "Media not found.")
        ready_at = video["ready_at"]
        is_ready = ready_at is not None and (ready_at <= self.world.now or self.is_healthy)
        if is_ready:
            video["ready_at"] = min(ready_at, self.world.now)
        return _ok(
            {"media_id": media_id, "status": "succeeded" if is_ready else "processing" if ready_at else "registered"}
        )

    def _find_board(self, member: Member, board_id: str) -> BoardAtPinterest | None:
        board = self.boards.get(board_id)
        if board is None or board.owner is not member or board.is_dead:
            self.told["board gone"].add(board_id)
            return None
        return board

    def _page(self, items: list[dict[str, Any]], query: dict[str, list[str]]) -> Answer:
        """Pages as small and as disorderly as the options say. Only whole pages are in an order."""
        size = int(self.options.get("page_size", 250))
        bookmark = query.get("bookmark", ["0"])[0]
        start = int(bookmark) if bookmark.isdecimal() else len(items)
        page = items[start : start + size]
        if self.options.get("is_shuffled"):
            self.random.shuffle(page)
        following: str | None = str(start + size) if start + size < len(items) else None
        if following is None and self.options.get("repeats_bookmarks") and items and not self.is_healthy:
            following = bookmark if bookmark != "0" else str(min(size, len(items)))
        return _ok({"items": page, "bookmark": following})

    def _pin(self, pin: PinAtPinterest) -> dict[str, Any]:
        content = pin.content
        return {
            "id": pin.id,
            "board_id": pin.board_id,
            "created_at": datetime.fromtimestamp(int(boundaries.EPOCH + pin.created_at), UTC).strftime(
                "%Y-%m-%dT%H:%M:%S"
            ),
            "title": content.get("title"),
            "description": " ".join(content.get("description", "").split()),  # as it may be shown
            "link": self._rewritten(content.get("link")),
            "media": {"media_type": pin.media_type},
        }

    def _rewritten(self, link: str | None) -> str | None:
        how = self.options.get("links", "")
        if not link or not how:
            return link
        parts = urlsplit(link)
        plain = f"{parts.scheme}://{parts.netloc.lower()}{parts.path or '/'}"
        return plain + ("?utm_source=Pinterest" if how == "tracked" else "")


def _board(board: BoardAtPinterest) -> dict[str, Any]:
    return {"id": board.id, "name": board.name, "privacy": "PUBLIC", "owner": {"username": board.owner.username}}


def _ok(body: dict[str, Any]) -> Answer:
    return Answer(200, json.dumps(body).encode())


def _refuse(status: int, code: int, message: str) -> Answer:
    return Answer(status, json.dumps({"code": code, "message": message}).encode())
