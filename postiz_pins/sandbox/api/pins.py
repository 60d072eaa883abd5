"""Pins: created from every kind of media source, listed newest first, looked at, deleted."""

import json
import sqlite3
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.http import HttpRequest, HttpResponse, JsonResponse

from postiz_pins.sandbox import state
from postiz_pins.sandbox.figures import pin_metrics
from postiz_pins.sandbox.pictures import (
    Picture,
    decode_picture,
    fetch_picture,
    gradient,
    image_sizes,
    picture_url,
    store_picture,
)

from .boards import check_board_id
from .errors import ApiError, board_not_found, invalid, pin_not_found
from .media import media_status
from .operations import Caller, json_object, operation, owned_board
from .paging import page, page_size, place
from .schemas import check_pin

CREATIVE_TYPES = {"image": "REGULAR", "multiple_images": "CAROUSEL", "video": "VIDEO"}
# What Pinterest has besides, and the sandbox never makes.
OTHER_CREATIVE_TYPES = ("SHOPPING", "MAX_VIDEO", "SHOP_THE_PIN", "COLLECTION", "IDEA", "SHOWCASE", "QUIZ", "COLLAGE")
TEXTS = ("title", "description", "link", "alt_text", "dominant_color")


@dataclass(frozen=True)
class Item:
    """One picture of a pin. Only a carousel's have texts of their own."""

    picture: Picture
    title: str | None = None
    description: str | None = None
    link: str | None = None


def insert_pin(
    db: sqlite3.Connection,
    board: sqlite3.Row,
    media_type: str,
    items: list[Item],
    *,
    texts: dict[str, Any],
    section_id: str | None = None,
    created_at: float | None = None,
    pin_id: str = "",
) -> str:
    """Insert a pin with its images, and return its id."""
    pin_id = pin_id or state.new_id()
    stored = [
        {
            "picture_id": store_picture(db, item.picture),
            "width": item.picture.width,
            "height": item.picture.height,
            "title": item.title,
            "description": item.description,
            "link": item.link,
        }
        for item in items
    ]
    db.execute(
        "INSERT INTO pins (id, account_id, board_id, section_id, title, description, link, alt_text,"
        " dominant_color, media_type, items, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            pin_id,
            board["account_id"],
            board["id"],
            section_id,
            *(texts.get(name) for name in TEXTS),
            media_type,
            json.dumps(stored),
            created_at or state.now(),
        ),
    )
    return pin_id


def insert_many_pins(db: sqlite3.Connection, board: sqlite3.Row, count: int, oldest_at: float) -> list[str]:
    """Return ids of new image pins with one shared picture, spread evenly from `oldest_at` to now, the oldest first."""
    picture = gradient(board["name"], 600, 900)
    item = {"picture_id": store_picture(db, picture), "width": picture.width, "height": picture.height}
    items = json.dumps([{**item, "title": None, "description": None, "link": None}])
    present = db.execute("SELECT COALESCE(MAX(seq), 0) FROM pins").fetchone()[0]
    step = (state.now() - oldest_at) / count
    rows = [
        (
            state.stable_id("many", board["id"], str(present + number)),
            board["account_id"],
            board["id"],
            f"{board['name']} {number + 1}",
            oldest_at + number * step,
        )
        for number in range(count)
    ]
    db.executemany(
        "INSERT INTO pins (id, account_id, board_id, title, media_type, items, created_at)"
        " VALUES (?, ?, ?, ?, 'image', ?, ?)",
        [(*row[:4], items, row[4]) for row in rows],
    )
    return [row[0] for row in rows]


def represent_media(request: HttpRequest, pin: sqlite3.Row) -> dict[str, Any]:
    """Return the JSON of a pin's media."""
    items = json.loads(pin["items"])
    images = [image_sizes(request, item["picture_id"], item["width"], item["height"]) for item in items]
    if pin["media_type"] == "multiple_images":
        return {
            "media_type": "multiple_images",
            "items": [
                {
                    "item_type": "image",
                    "title": item["title"],
                    "description": item["description"],
                    "link": item["link"],
                    "images": sizes,
                }
                for item, sizes in zip(items, images, strict=True)
            ],
        }
    if pin["media_type"] == "video":
        return {
            "media_type": "video",
            "images": images[0],
            "cover_image_url": picture_url(request, items[0]["picture_id"], "1200x"),
            # The sandbox keeps no video, so it stays in the state that Pinterest's has right after creation.
            "video_url": None,
            "duration": None,
            "width": None,
            "height": None,
        }
    return {"media_type": "image", "images": images[0]}


def represent_pin(request: HttpRequest, db: sqlite3.Connection, pin: sqlite3.Row) -> dict[str, Any]:
    """Return the JSON of a pin, with its lifetime metrics if they are requested."""
    owner = db.execute("SELECT username, account_type FROM accounts WHERE id = ?", (pin["account_id"],)).fetchone()
    # A personal account has no figures (analytics.refuse_personal).
    has_metrics = request.GET.get("pin_metrics", "").lower() == "true" and owner["account_type"] == "BUSINESS"
    return {
        "id": pin["id"],
        "created_at": state.iso(pin["created_at"]),
        "board_id": pin["board_id"],
        "board_section_id": pin["section_id"],
        "board_owner": {"username": owner["username"]},
        **{name: pin[name] for name in TEXTS},
        "link": rewritten(pin["link"]) if state.option(db, "rewritten_links", 0) else pin["link"],
        "parent_pin_id": None,
        "creative_type": CREATIVE_TYPES[pin["media_type"]],
        "media": represent_media(request, pin),
        "is_owner": True,
        "is_standard": True,
        "has_been_promoted": False,
        "pin_metrics": pin_metrics(pin["id"], pin["created_at"], state.now()) if has_metrics else None,
    }


def rewritten(link: str | None) -> str | None:
    """Return the link as Pinterest may write it: the host in lower case, and "/" where there is no path."""
    if not link:
        return link
    parts = urlsplit(link)
    return urlunsplit(parts._replace(netloc=parts.netloc.lower(), path=parts.path or "/"))


def pin_page(request: HttpRequest, where: str, values: list[Any]) -> JsonResponse:
    """Return a page of the pins for which `where`, a condition in SQL, holds.

    The newest first, or by their ids, which are random, with the option `shuffled_lists`. Pins that are younger than
    `list_lag_seconds` are not listed yet.
    """
    size = page_size(request)
    wanted = request.GET.getlist("creative_types")
    if wanted:
        unknown = set(wanted) - {*CREATIVE_TYPES.values(), *OTHER_CREATIVE_TYPES}
        if unknown:
            raise invalid(f"Invalid request: creative_types {min(unknown)!r:.60} is not a creative type.")
        kinds = [kind for kind, creative in CREATIVE_TYPES.items() if creative in wanted]
        where += " AND media_type IN (SELECT value FROM json_each(?))"
        values = [*values, json.dumps(kinds)]
    with state.store.transaction() as db:
        keys = ("0", "CAST(id AS INTEGER)") if state.option(db, "shuffled_lists", 0) else ("created_at", "seq")
        before = place(request, 2)
        if before is not None:
            where += f" AND ({', '.join(keys)}) < (?, ?)"
            values = [*values, *before]
        if lag_seconds := state.option(db, "list_lag_seconds", 0):
            where += " AND created_at <= ?"
            values = [*values, state.now() - lag_seconds]
        rows = db.execute(
            f"SELECT *, {keys[0]} AS place, {keys[1]} AS place_within FROM pins WHERE {where}"  # noqa: S608  our words
            " ORDER BY place DESC, place_within DESC LIMIT ?",
            [*values, size + 1],
        ).fetchall()
        more = [rows[size - 1]["place"], rows[size - 1]["place_within"]] if len(rows) > size else None
        return JsonResponse(page([represent_pin(request, db, row) for row in rows[:size]], more))


@operation("boards/list_pins", "boards:read", "pins:read")
def list_board_pins(request: HttpRequest, caller: Caller, board_id: str) -> JsonResponse:
    """Answer GET /boards/{board_id}/pins."""
    check_board_id(board_id)
    with state.store.transaction() as db:
        if owned_board(db, caller, board_id) is None:
            raise board_not_found()
    return pin_page(request, "board_id = ?", [board_id])


@operation("pins/list", "boards:read", "pins:read")
def list_pins(request: HttpRequest, caller: Caller) -> JsonResponse:
    """Answer GET /pins."""
    hidden = [] if "pins:read_secret" in caller.scopes else ["SECRET"]
    if request.GET.get("include_protected_pins", "").lower() != "true":
        hidden.append("PROTECTED")
    return pin_page(
        request,
        "account_id = ? AND board_id NOT IN (SELECT id FROM boards WHERE privacy IN (SELECT value FROM json_each(?)))",
        [caller.account_id, json.dumps(hidden)],
    )


def owned_pin(db: sqlite3.Connection, caller: Caller, pin_id: str) -> sqlite3.Row:
    """Return the caller's pin.

    Raises a 404 for one of another account, or on a board that the caller may not see.
    """
    pin: sqlite3.Row | None = db.execute("SELECT * FROM pins WHERE id = ?", (pin_id,)).fetchone()
    if pin is None or owned_board(db, caller, pin["board_id"]) is None:
        raise pin_not_found()
    return pin


@operation("pins/get", "boards:read", "pins:read")
def get_pin(request: HttpRequest, caller: Caller, pin_id: str) -> JsonResponse:
    """Answer GET /pins/{pin_id}."""
    with state.store.transaction() as db:
        return JsonResponse(represent_pin(request, db, owned_pin(db, caller, pin_id)))


@operation("pins/delete", "boards:read", "boards:write", "pins:read", "pins:write")
def delete_pin(request: HttpRequest, caller: Caller, pin_id: str) -> HttpResponse:
    """Answer DELETE /pins/{pin_id}."""
    with state.store.transaction() as db:
        db.execute("DELETE FROM pins WHERE id = ?", (owned_pin(db, caller, pin_id)["id"],))
    return HttpResponse(status=204)


@operation("pins/create", "boards:read", "boards:write", "pins:read", "pins:write")
def create_pin(request: HttpRequest, caller: Caller) -> JsonResponse:
    """Answer POST /pins."""
    body = json_object(request)
    check_pin(body)
    with state.store.transaction() as db:
        target_board(db, caller, body)
    media_type, items = read_media_source(caller, body["media_source"])
    with state.store.transaction() as db:
        # Looked up again: fetching the images took its time, and the board may be gone.
        pin_id = insert_pin(
            db,
            target_board(db, caller, body),
            media_type,
            items,
            texts=body,
            section_id=body.get("board_section_id"),
        )
        pin = db.execute("SELECT * FROM pins WHERE id = ?", (pin_id,)).fetchone()
        return JsonResponse(represent_pin(request, db, pin), status=201)


def target_board(db: sqlite3.Connection, caller: Caller, body: dict[str, Any]) -> sqlite3.Row:
    """Return the board of a new pin.

    Raises ApiError if it, or its section, is not the caller's.
    """
    board = owned_board(db, caller, body["board_id"])
    if board is None:
        raise board_not_found()
    section_id = body.get("board_section_id")
    if section_id is not None:
        known = "SELECT 1 FROM sections WHERE id = ? AND board_id = ?"
        if db.execute(known, (section_id, board["id"])).fetchone() is None:
            raise ApiError(404, 2031, "Board section not found.")
    return board


def read_media_source(caller: Caller, source: dict[str, Any]) -> tuple[str, list[Item]]:
    """Return the kind of pin that this media source makes, and its images; a video's is its cover."""
    match source["source_type"]:
        case "image_url":
            return "image", [Item(fetch_picture(source["url"]))]
        case "image_base64":
            return "image", [Item(decode_picture(source["data"], source["content_type"]))]
        case "video_id":
            return "video", [Item(read_cover(caller, source))]
    items = [
        Item(
            fetch_picture(item["url"]) if "url" in item else decode_picture(item["data"], item["content_type"]),
            item.get("title"),
            item.get("description"),
            item.get("link"),
        )
        for item in source["items"]
    ]
    if len({(item.picture.width, item.picture.height) for item in items}) > 1:
        raise invalid("Invalid request: all images of a carousel must have the same dimensions.")
    return "multiple_images", items


def read_cover(caller: Caller, source: dict[str, Any]) -> Picture:
    """Return the cover image of a video.

    Raises ApiError if the video is not processed.
    """
    media_id = source["media_id"]
    with state.store.transaction() as db:
        media = db.execute(
            "SELECT * FROM media WHERE id = ? AND account_id = ?", (media_id, caller.account_id)
        ).fetchone()
        status = media_status(db, media) if media is not None else None
    if status is None:
        raise ApiError(404, 1, f"Media {media_id} not found.")
    if status != "succeeded":
        raise invalid(f"Invalid request: media {media_id} cannot be used, its status is {status}.")
    if source.get("cover_image_url"):
        return fetch_picture(source["cover_image_url"])
    if source.get("cover_image_data"):
        return decode_picture(source["cover_image_data"], source["cover_image_content_type"])
    # No video is kept, so a frame of it is drawn.
    return gradient(f"{media_id} at {source['cover_image_key_frame_time']} s", 1080, 1920)
