"""Boards and their sections: listed in pages, looked at, created."""

import json
import sqlite3
from typing import Any

from django.http import HttpRequest, JsonResponse

from postiz_pins.sandbox import state
from postiz_pins.sandbox.pictures import picture_url

from .errors import board_not_found, invalid
from .operations import Caller, json_object, operation, owned_board
from .paging import page, page_size, place
from .schemas import BOARD_CREATE, ID, check

PRIVACY_FILTERS = {
    "ALL": ("PUBLIC", "PROTECTED", "SECRET"),
    "PUBLIC": ("PUBLIC",),
    "PROTECTED": ("PROTECTED",),
    "SECRET": ("SECRET",),
    "PUBLIC_AND_SECRET": ("PUBLIC", "SECRET"),
}


def insert_board(
    db: sqlite3.Connection,
    account_id: str,
    name: str,
    *,
    board_id: str = "",
    description: str = "",
    privacy: str = "PUBLIC",
    created_at: float | None = None,
) -> str:
    """Insert a board, and return its id."""
    board_id = board_id or state.new_id()
    db.execute(
        "INSERT INTO boards (id, account_id, name, description, privacy, created_at) VALUES (?, ?, ?, ?, ?, ?)",
        (board_id, account_id, name, description, privacy, created_at or state.now()),
    )
    return board_id


def represent_board(request: HttpRequest, db: sqlite3.Connection, board: sqlite3.Row) -> dict[str, Any]:
    """Return the JSON of a board."""
    owner = db.execute("SELECT * FROM accounts WHERE id = ?", (board["account_id"],)).fetchone()
    pin_count, modified_at = db.execute(
        "SELECT COUNT(*), MAX(created_at) FROM pins WHERE board_id = ?", (board["id"],)
    ).fetchone()
    newest = db.execute(
        "SELECT items FROM pins WHERE board_id = ? ORDER BY created_at DESC, seq DESC LIMIT 5", (board["id"],)
    ).fetchall()
    covers = [json.loads(pin["items"])[0]["picture_id"] for pin in newest]
    return {
        "id": board["id"],
        "name": board["name"],
        "description": board["description"],
        "privacy": board["privacy"],
        "owner": {"username": owner["username"]},
        "created_at": state.iso(board["created_at"]),
        "board_pins_modified_at": state.iso(modified_at or board["created_at"]),
        "collaborator_count": 0,
        "follower_count": owner["follower_count"] // 3,
        "pin_count": pin_count,
        "is_ads_only": False,
        "media": {
            "image_cover_url": picture_url(request, covers[0], "400x300") if covers else None,
            "pin_thumbnail_urls": [picture_url(request, cover, "150x150") for cover in covers],
        },
    }


def check_board_id(board_id: str) -> None:
    """Raise ApiError for a text that cannot be an id."""
    check(board_id, ID, "board_id")


@operation("boards/list", "boards:read")
def list_boards(request: HttpRequest, caller: Caller) -> JsonResponse:
    """Answer GET /boards."""
    privacy = request.GET.get("privacy", "ALL")
    if privacy not in PRIVACY_FILTERS:
        raise invalid(f"Invalid request: privacy {privacy!r:.40} is not one of {list(PRIVACY_FILTERS)}.")
    shown = set(PRIVACY_FILTERS[privacy])
    if "boards:read_secret" not in caller.scopes:
        shown.discard("SECRET")
    size = page_size(request)
    after = place(request, 1) or [0]
    with state.store.transaction() as db:
        rows = db.execute(
            "SELECT * FROM boards WHERE account_id = ? AND seq > ?"
            " AND privacy IN (SELECT value FROM json_each(?)) ORDER BY seq LIMIT ?",
            (caller.account_id, after[0], json.dumps(sorted(shown)), size + 1),
        ).fetchall()
        more = [rows[size - 1]["seq"]] if len(rows) > size else None
        return JsonResponse(page([represent_board(request, db, row) for row in rows[:size]], more))


@operation("boards/get", "boards:read")
def get_board(request: HttpRequest, caller: Caller, board_id: str) -> JsonResponse:
    """Answer GET /boards/{board_id}."""
    check_board_id(board_id)
    with state.store.transaction() as db:
        board = owned_board(db, caller, board_id)
        if board is None:
            raise board_not_found()
        return JsonResponse(represent_board(request, db, board))


@operation("boards/create", "boards:read", "boards:write")
def create_board(request: HttpRequest, caller: Caller) -> JsonResponse:
    """Answer POST /boards."""
    body = json_object(request)
    check(body, BOARD_CREATE)
    privacy = body.get("privacy", "PUBLIC")
    if privacy == "SECRET" and "boards:write_secret" not in caller.scopes:
        raise invalid("Invalid request: a secret board needs the scope boards:write_secret.")
    with state.store.transaction() as db:
        same = "SELECT 1 FROM boards WHERE account_id = ? AND name = ?"
        if db.execute(same, (caller.account_id, body["name"])).fetchone():
            raise invalid("You already have a board with this name.")
        board_id = insert_board(
            db, caller.account_id, body["name"], description=body.get("description") or "", privacy=privacy
        )
        board = db.execute("SELECT * FROM boards WHERE id = ?", (board_id,)).fetchone()
        return JsonResponse(represent_board(request, db, board), status=201)


@operation("board_sections/list", "boards:read")
def list_sections(request: HttpRequest, caller: Caller, board_id: str) -> JsonResponse:
    """Answer GET /boards/{board_id}/sections."""
    check_board_id(board_id)
    size = page_size(request)
    after = place(request, 1) or [0]
    with state.store.transaction() as db:
        if owned_board(db, caller, board_id) is None:
            raise board_not_found()
        rows = db.execute(
            "SELECT * FROM sections WHERE board_id = ? AND seq > ? ORDER BY seq LIMIT ?",
            (board_id, after[0], size + 1),
        ).fetchall()
    more = [rows[size - 1]["seq"]] if len(rows) > size else None
    return JsonResponse(page([{"id": row["id"], "name": row["name"]} for row in rows[:size]], more))
