"""The sandbox's own pages: what was published, and a form for the common faults. Everything here is visible to all."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template import Context, Engine

from . import state
from .faults import faults, parse_fault

HERE = Path(__file__).parent
engine = Engine(dirs=[str(HERE / "templates" / "sandbox")])
# The faults that a person may want to see in a demo, each with its sentence.
DEMO_FAULTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("Pinterest fails with a 500, nothing is published", {"kind": "server_error", "operation": "pins/create"}),
    ("The pin is created, but the reply is lost", {"kind": "answer_lost", "operation": "pins/create"}),
    (
        "Rate limit: come back in 30 seconds",
        {"kind": "rate_limited", "operation": "pins/create", "seconds": 30},
    ),
    ("Pinterest cannot fetch the image", {"kind": "unreachable_url", "operation": "pins/create"}),
    ("The app has Trial access and may not create Pins", {"kind": "trial", "operation": "pins/create"}),
    ("Everything takes 3 seconds longer", {"kind": "latency", "operation": "*", "seconds": 3}),
    ("The access token is refused", {"kind": "unauthorized", "operation": "*"}),
    (
        "The connection breaks during a video upload",
        {"kind": "connection_cut", "operation": "upload", "percent": 50},
    ),
    ("The permission to upload a video has expired", {"kind": "upload_denied", "operation": "upload"}),
    ("A video cannot be processed", {"kind": "video_failed", "operation": "media/get"}),
    (
        "Account analytics arrive in an unreadable format",
        {"kind": "malformed", "operation": "user_account/analytics"},
    ),
    ("Video processing never finishes", {"kind": "video_stuck", "operation": "media/get"}),
)
SHOWN_PINS = 200


def render(template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """Return a page of the sandbox."""
    return HttpResponse(
        engine.get_template(template).render(Context(context)),
        status=status,
        headers={
            # No form-action: the consent form ends at whatever address the app has.
            "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none';"
            " frame-ancestors 'none'",
            "Referrer-Policy": "no-referrer",
        },
    )


@lru_cache(maxsize=1)
def styles() -> bytes:
    """Return the content of its style sheet."""
    return (HERE / "templates" / "sandbox" / "sandbox.css").read_bytes()


def stylesheet(request: HttpRequest) -> HttpResponse:
    """Answer the request for the style sheet."""
    return HttpResponse(styles(), content_type="text/css; charset=utf-8")


def home(request: HttpRequest) -> HttpResponse:
    """Show all accounts and boards, and the faults of the demo."""
    with state.store.transaction() as db:
        accounts = [dict(row) for row in db.execute("SELECT * FROM accounts ORDER BY seq")]
        boards = [
            dict(row)
            for row in db.execute(
                "SELECT boards.*, COUNT(pins.id) AS pin_count FROM boards"
                " LEFT JOIN pins ON pins.board_id = boards.id GROUP BY boards.id ORDER BY boards.seq"
            )
        ]
    for account in accounts:
        account["boards"] = [board for board in boards if board["account_id"] == account["id"]]
    return render("home.html", {"accounts": accounts, "demo_faults": DEMO_FAULTS, "active": faults.listed()})


def change_faults(request: HttpRequest) -> HttpResponse:
    """Add a fault of the demo, or clear all."""
    if request.POST.get("decision") == "clear":
        faults.clear()
        return HttpResponseRedirect("/")
    chosen = next((fault for _, fault in DEMO_FAULTS if fault["kind"] == request.POST.get("kind")), None)
    if chosen is None:
        return render("message.html", {"title": "Which fault?", "text": "Choose one from the list."}, status=400)
    times = {"once": 1, "always": None}.get(request.POST.get("times", ""), 1)
    faults.add(parse_fault({**chosen, "times": times}))
    return HttpResponseRedirect("/")


def board(request: HttpRequest, board_id: str) -> HttpResponse:
    """Show a board with its newest pins."""
    with state.store.transaction() as db:
        row = db.execute(
            "SELECT boards.*, username, business_name FROM boards JOIN accounts ON accounts.id = account_id"
            " WHERE boards.id = ?",
            (board_id,),
        ).fetchone()
        pins = db.execute(
            "SELECT * FROM pins WHERE board_id = ? ORDER BY created_at DESC, seq DESC LIMIT ?",
            (board_id, SHOWN_PINS),
        ).fetchall()
        count = db.execute("SELECT COUNT(*) FROM pins WHERE board_id = ?", (board_id,)).fetchone()[0]
    if row is None:
        raise Http404("No such board.")
    shown = [{**dict(pin), "pictures": json.loads(pin["items"])} for pin in pins]
    return render("board.html", {"board": dict(row), "pins": shown, "count": count})


def pin(request: HttpRequest, pin_id: str) -> HttpResponse:
    """Show a pin."""
    with state.store.transaction() as db:
        row = db.execute(
            "SELECT pins.*, boards.name AS board_name, sections.name AS section_name FROM pins"
            " JOIN boards ON boards.id = pins.board_id LEFT JOIN sections ON sections.id = section_id"
            " WHERE pins.id = ?",
            (pin_id,),
        ).fetchone()
    if row is None:
        raise Http404("No such pin.")
    shown = {**dict(row), "pictures": json.loads(row["items"]), "created": state.iso(row["created_at"])}
    link = row["link"] or ""
    # Whatever else a link may be, only these may be clicked.
    return render("pin.html", {"pin": shown, "is_link_safe": link.startswith(("http://", "https://"))})


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer an unknown address, of the API in JSON."""
    if request.path.startswith("/v5/"):
        return HttpResponse('{"code": 404, "message": "Not found."}', status=404, content_type="application/json")
    text = "The sandbox has no such page. It may have been reset."
    return render("message.html", {"title": "Nothing here", "text": text}, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer an error of the sandbox itself."""
    text = "The sandbox itself failed. Its output says why."
    return render("message.html", {"title": "Something went wrong", "text": text}, status=500)
