"""The sandbox's own controls, for demos and tests. Pinterest has nothing like them.

All take and answer JSON; a wrong request is a 400, an unknown account or board a 404, with `{"error": sentence}`.

POST   /sandbox/reset: the seeded world again; faults, options and the journal are cleared
GET    /sandbox/faults: the active faults
POST   /sandbox/faults {"operation", "kind", "times"?, "seconds"?, "status"?, "code"?, "message"?, …}: see faults.py
DELETE /sandbox/faults
POST   /sandbox/options {"processing_seconds"?: 5, "multi_pin_analytics"?: false, "strange_analytics"?: false,
       "legacy_refresh"?: false, "list_lag_seconds"?: 0, "shuffled_lists"?: false, "rewritten_links"?: false}: answers
       all, as they are now. A changed processing time also holds for the uploads
       that are being processed; strange analytics have an unknown metric SPARKLE, the newest day with the status
       RECOUNTED and more than 2^31 saves, and the oldest day twice, with its right figures in the second place; a
       legacy refresh answers no refresh token, and the old one lives on; lists of pins leave out what is younger than
       the lag, come in no order, or write the hosts of links in lower case
POST   /sandbox/accounts {"username", "account_type"?, "business_name"?, "boards"?: number or names}: the account and
       its boards; replaces one of the same name
POST   /sandbox/tokens {"username", "scopes"?: [...], "expires_in"?}: answers as POST /v5/oauth/token
POST   /sandbox/tokens/expire {"access_token"}, {"refresh_token"} or {"username"}: only what is named expires; with a
       username, the account's access tokens
POST   /sandbox/tokens/revoke, likewise: access and refresh token die together
POST   /sandbox/boards {"username", "name", "privacy"?, "sections"?: [...]}: the board
PATCH  /sandbox/boards/{id} {"name"?, "privacy"?, "sections"?: added to the others}: the board
DELETE /sandbox/boards/{id}: its pins go with it
POST   /sandbox/pins {"board_id", "title"?, "description"?, "link"?, "alt_text"?, "dominant_color"?, "media_type"?,
       "days_ago"? or "created_at"? in seconds since 1970}: a pin with a past
POST   /sandbox/pins/many {"board_id", "count", "days_ago"?: 0}: {"ids"} of image pins with one shared picture, spread
       evenly over the days since then, the oldest first; 10,000 take less than a second
GET    /sandbox/state/pins?board_id=&username=: every pin that is held, oldest first
GET    /sandbox/requests?operation=: the last API requests, oldest first; see journal.Entry
GET    /sandbox/in_flight: {"now", "max"} of pins/create and upload together, since the reset
"""

import json
import sqlite3
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from postiz_pins.sandbox.api.account import represent_account
from postiz_pins.sandbox.api.boards import PRIVACY_FILTERS, insert_board, represent_board
from postiz_pins.sandbox.api.media import DEFAULT_PROCESSING_SECONDS
from postiz_pins.sandbox.api.oauth import ACCESS_SECONDS, DEFAULT_SCOPES, SCOPES, issue_tokens
from postiz_pins.sandbox.api.pins import CREATIVE_TYPES, TEXTS, Item, insert_many_pins, insert_pin

from . import state
from .faults import faults, parse_fault
from .figures import DAY_SECONDS
from .journal import journal
from .pictures import gradient
from .seed import DemoAccount, DemoBoard, add_sections, fill, insert_account

Control = Callable[..., HttpResponse]

# With their first values; whether it is a number or a switch.
OPTIONS: dict[str, float | bool] = {
    "processing_seconds": float(DEFAULT_PROCESSING_SECONDS),
    "multi_pin_analytics": False,
    "strange_analytics": False,
    "legacy_refresh": False,
    "list_lag_seconds": 0.0,
    "shuffled_lists": False,
    "rewritten_links": False,
}


def control(view: Control) -> Control:
    """Hand the decoded body to the view; answer a ValueError by 400, a LookupError by 404."""

    @wraps(view)
    def run(request: HttpRequest, **kwargs: str) -> HttpResponse:
        try:
            body = json.loads(request.body or b"{}")
            if not isinstance(body, dict):
                raise ValueError("The body is a JSON object.")
            return view(request, body, **kwargs)
        except ValueError as error:
            return JsonResponse({"error": str(error)}, status=400)
        except LookupError as error:
            return JsonResponse({"error": str(error.args[0])}, status=404)

    return run


@control
def reset(request: HttpRequest, body: dict[str, Any]) -> HttpResponse:
    """Return to the state of the first start."""
    faults.clear()
    with state.store.transaction() as db:
        fill(db)
    journal.clear()
    return HttpResponse(status=204)


@control
def list_faults(request: HttpRequest, body: dict[str, Any]) -> HttpResponse:
    """List the faults that are active."""
    return JsonResponse(faults.listed(), safe=False)


@control
def add_fault(request: HttpRequest, body: dict[str, Any]) -> HttpResponse:
    """Add a fault that requests will meet."""
    faults.add(parse_fault(body))
    return JsonResponse(faults.listed(), safe=False, status=201)


@control
def clear_faults(request: HttpRequest, body: dict[str, Any]) -> HttpResponse:
    """Remove all faults, and end delays."""
    faults.clear()
    faults.end_delays()
    return JsonResponse([], safe=False)


@control
def set_options(request: HttpRequest, body: dict[str, Any]) -> HttpResponse:
    """Change options, and return all of them."""
    with state.store.transaction() as db:
        for name, value in body.items():
            if name not in OPTIONS:
                raise ValueError(f"There is no option {name!r}.")
            if not isinstance(value, int | float):
                raise ValueError(f"{name} is a number, or true or false.")
            state.set_option(db, name, float(value))
        values = {name: state.option(db, name, default) for name, default in OPTIONS.items()}
        return JsonResponse({name: type(OPTIONS[name])(value) for name, value in values.items()})


def found_account(db: sqlite3.Connection, username: Any) -> sqlite3.Row:
    """Return the account.

    Raises LookupError.
    """
    account: sqlite3.Row | None = db.execute("SELECT * FROM accounts WHERE username = ?", (username,)).fetchone()
    if account is None:
        raise LookupError(f"There is no account {username!r}.")
    return account


def found_board(db: sqlite3.Connection, board_id: Any) -> sqlite3.Row:
    """Return the board.

    Raises LookupError.
    """
    board: sqlite3.Row | None = db.execute("SELECT * FROM boards WHERE id = ?", (board_id,)).fetchone()
    if board is None:
        raise LookupError(f"There is no board {board_id!r}.")
    return board


def checked_privacy(body: dict[str, Any], default: str) -> str:
    """Return the requested privacy.

    Raises ValueError for an unknown one.
    """
    privacy: str = body.get("privacy", default)
    if privacy not in PRIVACY_FILTERS["ALL"]:
        raise ValueError(f"privacy is one of {', '.join(PRIVACY_FILTERS['ALL'])}.")
    return privacy


@control
def create_account(request: HttpRequest, body: dict[str, Any]) -> HttpResponse:
    """Create an account with boards, or replace one of the same name."""
    username = body.get("username")
    account_type = body.get("account_type", "BUSINESS")
    boards = body.get("boards", 1)
    if not isinstance(username, str) or not username:
        raise ValueError("An account needs a username.")
    if account_type not in ("BUSINESS", "PINNER"):
        raise ValueError("account_type is BUSINESS or PINNER.")
    if isinstance(boards, int):
        boards = [f"Board {number}" for number in range(1, boards + 1)]
    business_name = body.get("business_name", username if account_type == "BUSINESS" else None)
    account = DemoAccount(
        username, account_type, business_name, "", "", 100, 1_000, tuple(DemoBoard(str(name)) for name in boards)
    )
    with state.store.transaction() as db:
        account_id = insert_account(db, account)
        row = db.execute("SELECT * FROM accounts WHERE id = ?", (account_id,)).fetchone()
        rows = db.execute("SELECT * FROM boards WHERE account_id = ? ORDER BY seq", (account_id,)).fetchall()
        listed = [{"id": board["id"], "name": board["name"], "privacy": board["privacy"]} for board in rows]
        return JsonResponse({**represent_account(request, db, row), "boards": listed}, status=201)


@control
def create_tokens(request: HttpRequest, body: dict[str, Any]) -> HttpResponse:
    """Issue tokens without a consent."""
    scopes = body.get("scopes") or DEFAULT_SCOPES
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown:
        raise ValueError(f"There is no scope {unknown[0]!r}; choose from: {', '.join(SCOPES)}.")
    expires_in = int(body.get("expires_in", ACCESS_SECONDS))
    with state.store.transaction() as db:
        account = found_account(db, body.get("username"))
        tokens = issue_tokens(db, account["id"], " ".join(scopes), "authorization_code", expires_in)
    return JsonResponse(tokens, status=201)


def chosen_tokens(db: sqlite3.Connection, body: dict[str, Any]) -> tuple[str, str]:
    """Return the column by which tokens are selected, and its value."""
    if "username" in body:
        return "account_id", found_account(db, body["username"])["id"]
    for column in ("access_token", "refresh_token"):
        if column in body:
            return column, str(body[column])
    raise ValueError("Say which: access_token, refresh_token or username.")


@control
def expire_tokens(request: HttpRequest, body: dict[str, Any]) -> HttpResponse:
    """Expire the selected tokens."""
    with state.store.transaction() as db:
        column, value = chosen_tokens(db, body)
        kind = "refresh" if column == "refresh_token" else "access"
        changed = db.execute(
            f"UPDATE tokens SET {kind}_expires_at = 0 WHERE {column} = ?",  # noqa: S608  names from above
            (value,),
        ).rowcount
    return JsonResponse({"tokens": changed})


@control
def revoke_tokens(request: HttpRequest, body: dict[str, Any]) -> HttpResponse:
    """Revoke the selected tokens."""
    with state.store.transaction() as db:
        column, value = chosen_tokens(db, body)
        changed = db.execute(
            f"UPDATE tokens SET access_expires_at = 0, refresh_expires_at = 0 WHERE {column} = ?",  # noqa: S608  names from above
            (value,),
        ).rowcount
    return JsonResponse({"tokens": changed})


@control
def create_board(request: HttpRequest, body: dict[str, Any]) -> HttpResponse:
    """Create a board with sections."""
    privacy = checked_privacy(body, "PUBLIC")
    if not isinstance(body.get("name"), str) or not body["name"]:
        raise ValueError("A board needs a name.")
    with state.store.transaction() as db:
        account = found_account(db, body.get("username"))
        board_id = insert_board(db, account["id"], body["name"], privacy=privacy)
        add_sections(db, board_id, tuple(body.get("sections", ())))
        return JsonResponse(represent_board(request, db, found_board(db, board_id)), status=201)


@control
def change_board(request: HttpRequest, body: dict[str, Any], board_id: str) -> HttpResponse:
    """Change a board's name or privacy, or add sections."""
    with state.store.transaction() as db:
        board = found_board(db, board_id)
        db.execute(
            "UPDATE boards SET name = ?, privacy = ? WHERE id = ?",
            (body.get("name", board["name"]), checked_privacy(body, board["privacy"]), board_id),
        )
        add_sections(db, board_id, tuple(body.get("sections", ())))
        return JsonResponse(represent_board(request, db, found_board(db, board_id)))


@control
def delete_board(request: HttpRequest, body: dict[str, Any], board_id: str) -> HttpResponse:
    """Delete a board."""
    with state.store.transaction() as db:
        db.execute("DELETE FROM boards WHERE id = ?", (found_board(db, board_id)["id"],))
    return HttpResponse(status=204)


@control
def create_pin(request: HttpRequest, body: dict[str, Any]) -> HttpResponse:
    """Create a pin, of any age."""
    media_type = body.get("media_type", "image")
    if media_type not in CREATIVE_TYPES:
        raise ValueError(f"media_type is one of {', '.join(CREATIVE_TYPES)}.")
    created_at = float(body.get("created_at", state.now() - float(body.get("days_ago", 0)) * DAY_SECONDS))
    texts = {name: body.get(name) for name in TEXTS}
    pictures = [
        Item(gradient(f"{texts['title']} {number}", 600, 900))
        for number in range(2 if media_type == "multiple_images" else 1)
    ]
    with state.store.transaction() as db:
        board = found_board(db, body.get("board_id"))
        pin_id = insert_pin(db, board, media_type, pictures, texts=texts, created_at=created_at)
        return JsonResponse(plain_pin(db.execute("SELECT * FROM pins WHERE id = ?", (pin_id,)).fetchone()))


@control
def create_many_pins(request: HttpRequest, body: dict[str, Any]) -> HttpResponse:
    """Create so many image pins at once."""
    count = body.get("count")
    if not isinstance(count, int) or not 1 <= count <= 100_000:
        raise ValueError("count is a number from 1 to 100,000.")
    oldest_at = state.now() - float(body.get("days_ago", 0)) * DAY_SECONDS
    with state.store.transaction() as db:
        board = found_board(db, body.get("board_id"))
        return JsonResponse({"ids": insert_many_pins(db, board, count, oldest_at)}, status=201)


def plain_pin(pin: sqlite3.Row) -> dict[str, Any]:
    """Return all that is kept of a pin: `items` are its images, `section_id` is null outside sections."""
    return {
        **{name: pin[name] for name in ("id", "account_id", "board_id", "section_id", *TEXTS, "media_type")},
        "items": json.loads(pin["items"]),
        "created_at": pin["created_at"],
    }


@control
def list_pins(request: HttpRequest, body: dict[str, Any]) -> HttpResponse:
    """List the pins of a board or an account, the oldest first."""
    board_id, username = request.GET.get("board_id"), request.GET.get("username")
    with state.store.transaction() as db:
        rows = db.execute(
            "SELECT pins.* FROM pins JOIN accounts ON accounts.id = pins.account_id"
            " WHERE (?1 IS NULL OR board_id = ?1) AND (?2 IS NULL OR username = ?2)"
            " ORDER BY pins.created_at, pins.seq",
            (board_id, username),
        ).fetchall()
    return JsonResponse([plain_pin(row) for row in rows], safe=False)


@control
def list_requests(request: HttpRequest, body: dict[str, Any]) -> HttpResponse:
    """List the requests that the sandbox has received."""
    return JsonResponse(journal.listed(request.GET.get("operation", "")), safe=False)


@control
def in_flight(request: HttpRequest, body: dict[str, Any]) -> HttpResponse:
    """Return how many requests to create or upload are open, and were at most."""
    return JsonResponse(journal.in_flight())
