"""The way of every API request: written down, met by faults, authenticated, worked on, answered."""

import contextlib
import json
import secrets
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed, JsonResponse

from postiz_pins.sandbox import state
from postiz_pins.sandbox.faults import AFTER, MALFORMED, MEDIA_STATUSES, PROXY, Fault, faults
from postiz_pins.sandbox.journal import Entry, journal

from .errors import ApiError, ProxyAnswer, StorageError, invalid, not_permitted, unauthenticated

BLOCK_BYTES = 65_536
# The lists whose values are parameters of their own; every other parameter may stand in a query once.
REPEATED = frozenset(("pin_ids", "creative_types"))

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True)
class Caller:
    """Whose token the request carries, and what the person allowed."""

    account_id: str
    username: str
    scopes: frozenset[str]


# operationId -> the scopes without which it is refused; the tests hold it against Pinterest's description.
SCOPES: dict[str, tuple[str, ...]] = {}


def operation(name: str, *scopes: str, is_open: bool = False, reads_body: bool = True) -> Callable[[View], View]:
    """Make a view an operation of the API. The view gets the request and, unless `is_open`, the caller."""
    SCOPES[name] = scopes

    def decorate(view: View) -> View:
        @wraps(view)
        def run(request: HttpRequest, **kwargs: str) -> HttpResponseBase:
            entry = journal.begin(name, request, body_of(request) if reads_body else None)
            status: int | None = None
            try:
                response = answer(request, entry, view, None if is_open else scopes, kwargs)
                if not request.META.get("sandbox.hung_up"):
                    status = response.status_code
            finally:
                if not reads_body:
                    # A client whose upload was refused goes on sending: to it, the request is not over.
                    swallow(request)
                journal.end(entry, status)
            if not isinstance(response, ProxyAnswer):
                response["x-pinterest-rid"] = str(secrets.randbelow(9 * 10**18) + 10**18)
            return response

        return run

    return decorate


def answer(
    request: HttpRequest, entry: Entry, view: View, scopes: tuple[str, ...] | None, kwargs: dict[str, str]
) -> HttpResponseBase:
    """Return the response to a request, or what a fault makes of it."""
    delay, fault = faults.take(entry.operation)
    entry.fault = ", ".join(met.kind for met in (delay, fault) if met is not None) or None
    if delay is not None and delay.kind == "latency":
        delay.wait()
    if fault is None:
        response = work(request, entry, view, scopes, kwargs)
    elif fault.kind in MEDIA_STATUSES:
        response = pretend(work(request, entry, view, scopes, kwargs), MEDIA_STATUSES[fault.kind])
    elif fault.kind == MALFORMED:
        response = malform(work(request, entry, view, scopes, kwargs))
    elif fault.kind in AFTER:
        work(request, entry, view, scopes, kwargs)
        response = refuse(request, entry, fault)
    else:
        response = refuse(request, entry, fault)
    if delay is not None and delay.kind == "latency_after":
        delay.wait()
    return response


def work(
    request: HttpRequest, entry: Entry, view: View, scopes: tuple[str, ...] | None, kwargs: dict[str, str]
) -> HttpResponseBase:
    """Return the view's response, or the refusal that it raises."""
    try:
        if scopes is None:
            return view(request, **kwargs)
        caller = authenticate(request)
        entry.account = caller.username
        missing = [scope for scope in scopes if scope not in caller.scopes]
        if missing:
            raise not_permitted(", ".join(missing))
        refuse_repetitions(request)
        return view(request, caller, **kwargs)
    except (ApiError, StorageError) as error:
        return error.response()


def refuse_repetitions(request: HttpRequest) -> None:
    """Raise ApiError for a parameter that is given twice."""
    for name, values in request.GET.lists():
        if len(values) > 1 and name not in REPEATED:
            raise invalid(
                f"Invalid request: {name:.60} is given {len(values)} times; its values are joined with commas."
            )


def pretend(response: HttpResponseBase, media_status: str) -> HttpResponseBase:
    """Return the response about a video, with this status in place of its own."""
    if not isinstance(response, JsonResponse) or response.status_code != 200:
        return response
    return JsonResponse({**json.loads(response.content), "status": media_status})


def malform(response: HttpResponseBase) -> HttpResponseBase:
    """Return the response with a text in place of each value: JSON, but not what the description says."""
    if not isinstance(response, JsonResponse) or response.status_code != 200:
        return response
    return JsonResponse(dict.fromkeys(json.loads(response.content), "malformed"))


def refuse(request: HttpRequest, entry: Entry, fault: Fault) -> HttpResponse:
    """Return what the fault answers instead of the view."""
    if fault.kind == "connection_cut":
        length = int(request.headers.get("Content-Length") or 0)
        swallow(request, int(length * (50 if fault.percent is None else fault.percent) / 100))
    if fault.kind in ("answer_lost", "connection_closed", "connection_cut"):
        request.META["sandbox.hung_up"] = True
        request.META["sandbox.hang_up"](reset=fault.kind == "connection_cut")
        return HttpResponse()
    if fault.kind == PROXY:
        return fault.proxy_answer()
    error = fault.storage_error() if entry.operation == "upload" else fault.error()
    return error.response()


def swallow(request: HttpRequest, limit: int | None = None) -> None:
    """Read the body to its end, or `limit` bytes of it, and keep nothing."""
    with contextlib.suppress(OSError):  # the client has gone
        while limit is None or limit > 0:
            block = request.read(BLOCK_BYTES if limit is None else min(BLOCK_BYTES, limit))
            if not block:
                return
            limit = None if limit is None else limit - len(block)


def authenticate(request: HttpRequest) -> Caller:
    """Return the account of the access token.

    Raises ApiError.
    """
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer":
        raise unauthenticated()
    with state.store.transaction() as db:
        row = db.execute(
            "SELECT account_id, username, scope FROM tokens JOIN accounts ON accounts.id = account_id"
            " WHERE access_token = ? AND access_expires_at > ?",
            (token.strip(), state.now()),
        ).fetchone()
    if row is None:
        raise unauthenticated()
    return Caller(row["account_id"], row["username"], frozenset(row["scope"].split()))


def body_of(request: HttpRequest) -> Any:
    """Return the decoded body; None if there is none or it is not what its content type says."""
    if request.method not in ("POST", "PATCH"):
        return None
    if request.content_type == "application/x-www-form-urlencoded":
        return dict(request.POST.items())
    try:
        return json.loads(request.body)
    except ValueError:
        return None


def json_object(request: HttpRequest) -> dict[str, Any]:
    """Return the body as a JSON object.

    Raises ApiError.
    """
    body = body_of(request)
    if request.content_type != "application/json" or not isinstance(body, dict):
        raise invalid("Invalid request: the body is not a JSON object.")
    return body


def by_method(**views: View) -> View:
    """Return a view for one address with several operations."""

    def choose(request: HttpRequest, **kwargs: str) -> HttpResponseBase:
        view = views.get(request.method or "")
        return view(request, **kwargs) if view else HttpResponseNotAllowed(sorted(views))

    return choose


def owned_board(db: sqlite3.Connection, caller: Caller, board_id: str) -> sqlite3.Row | None:
    """Return the caller's board; None for a secret one that the caller may not see."""
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM boards WHERE id = ? AND account_id = ?", (board_id, caller.account_id)
    ).fetchone()
    if row is not None and row["privacy"] == "SECRET" and "boards:read_secret" not in caller.scopes:
        return None
    return row
