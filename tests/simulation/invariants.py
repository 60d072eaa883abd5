"""What must be true whatever happens. Each broken rule is one sentence in `world.violations`."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from django.db import connection

from pins.publishing.outcomes import BACKOFF

from . import boundaries
from .transport import OWN, PAGES
from .world import Process

if TYPE_CHECKING:
    from .at_pinterest import PinAtPinterest
    from .history import History

CONNECTION = {"unsent", "lost", "late", "timeout", "reset"}
PROXY = {name for name, (status, _) in PAGES.items() if 300 <= status < 500}
FAILED = {*OWN, *PAGES} - PROXY
# What must have been told, to anybody or about the pin itself, for a pin to fail for this reason.
REASONS: dict[str, set[str]] = {
    "pinterest_unreachable": CONNECTION,
    "pinterest_failed": FAILED,
    "answered_by_proxy": PROXY,
    "server_offline": {"offline"},
    "upload_broken": CONNECTION | FAILED | PROXY | {"killed"},
    "media_unreadable": {"media"},
}
BOARD_REASONS = ("board_not_found", "board_missing", "not_found", "section_gone")
# Pinterest tells whole seconds, of its answers and of its pins.
SAME_MOMENT = 2.0
# Nothing in any plan gives a reason for these.
NEVER_TRUE = (
    "media_missing",
    "attachment_deleted",
    "missing_permission",
    "not_permitted",
    "trial_access",
    "pin_not_found",
    "refused",
    "reconnect_needed",
    "rate_limited",
    "unreachable_url",
    "video_failed",
    "upload_too_large",
    "upload_refused",
)


def check_sent(history: History, content: dict[str, Any], process: Process) -> None:
    """At the moment when a process sends a pin: the row says so, and its content is this."""
    key = str(content.get("alt_text"))
    row = connection.connection.execute(
        "SELECT p.status, p.title, p.description, p.link, b.pinterest_id FROM pins_pin p"
        " LEFT JOIN accounts_board b ON b.id = p.board_id WHERE p.alt_text = ?",
        [key],
    ).fetchone()
    world = history.world
    if row is None:
        world.violated(f"{key} is sent after it was deleted")
        return
    if row[0] not in ("creating", "verifying"):
        world.violated(f"{key} is sent while it is {row[0]}")
    sent = (content.get("title", ""), content.get("description", ""), content.get("link", ""), content["board_id"])
    if tuple(row[1:]) != sent:
        world.violated(f"{key} is sent with another content than it has")
    life = next((life for life in history.lives.values() if life.key == key), None)
    if history.requires_approval and life is not None and sent not in life.approved:
        world.violated(f"{key} is sent without an approval of this content")


def check(history: History, *, is_tidy: bool) -> None:
    """When all is at rest. `is_tidy`: people have tried everything again, so nothing has an excuse any more."""
    rows = {pin.alt_text: pin for pin in _read_pins()}
    _check_counts(history, rows)
    for life in history.lives.values():
        pin = rows.get(life.key)
        if pin is not None:
            _check_pin(history, pin, [made for made in _ours(history) if made.key == life.key], is_tidy=is_tidy)
    _check_published(history, rows)
    _check_accounts(history, is_tidy=is_tidy)


def _read_pins() -> list[Any]:
    """All rows, read past the app."""
    names = (
        "alt_text status sent_at attempts error_code error_text pinterest_pin_id title description link next_attempt_at"
    )
    columns = ", ".join(f"p.{name}" for name in names.split())
    rows = connection.connection.execute(
        f"SELECT {columns}, b.pinterest_id, a.status FROM pins_pin p"  # noqa: S608  our own names
        " LEFT JOIN accounts_board b ON b.id = p.board_id LEFT JOIN accounts_pinterestaccount a ON a.id = p.account_id"
    )
    return [
        SimpleNamespace(**dict(zip([*names.split(), "board_id", "account_status"], row, strict=True))) for row in rows
    ]


def _ours(history: History) -> list[PinAtPinterest]:
    return [pin for pin in history.pinterest.pins if pin.is_ours]


def _check_counts(history: History, rows: dict[str, Any]) -> None:
    """No more at Pinterest than rows were made: of each pin one, or of pins with equal words as many as there are."""
    groups: dict[int, set[str]] = {}
    for life in history.lives.values():
        groups.setdefault(life.group, set()).add(life.key)
    for keys in groups.values():
        made = [pin for pin in _ours(history) if pin.key in keys]
        if history.is_restored:  # an edit that the backup does not know makes another pin
            made = list({(pin.key, _words(pin)): pin for pin in made}.values()) if _edited(history, keys) else made
        if len(made) > len(keys) and not (history.is_restored and _edited(history, keys)):
            history.world.violated(f"{', '.join(sorted(keys))} at Pinterest {len(made)} times")


def _edited(history: History, keys: set[str]) -> bool:
    return any(life.edits for life in history.lives.values() if life.key in keys)


def _words(pin: PinAtPinterest) -> tuple[str, ...]:
    return tuple(str(pin.content.get(name, "")) for name in ("title", "description", "link", "board_id"))


def _check_pin(history: History, pin: Any, made: list[PinAtPinterest], *, is_tidy: bool) -> None:
    world, key = history.world, pin.alt_text
    has_twin = sum(life.group == _life(history, key).group for life in history.lives.values()) > 1
    excused = history.is_restored or has_twin
    if pin.status == "failed":
        if made and pin.sent_at is None and not excused:
            world.violated(f"{key} has failed ({pin.error_code}) without a doubt, and is at Pinterest")
        _check_reason(history, pin)
        if is_tidy and pin.error_code not in ("spam",):
            world.violated(f"{key} has failed ({pin.error_code}) although nothing is wrong")
    elif pin.status in ("draft", "proposed"):
        if made and not excused:
            world.violated(f"{key} is {pin.status} and at Pinterest")
    elif pin.status != "published":
        day_ago = boundaries.EPOCH + world.now + world.jump - 86400
        is_late = datetime.fromisoformat(f"{pin.next_attempt_at}+00:00").timestamp() <= day_ago
        is_excused = not is_tidy and (pin.account_status != "active" or is_late)
        if not is_excused:
            world.violated(f"{key} is stuck {pin.status} ({pin.error_code}), next at {pin.next_attempt_at}")


def _life(history: History, key: str) -> Any:
    return next(life for life in history.lives.values() if life.key == key)


def _check_reason(history: History, pin: Any) -> None:
    told, code = history.pinterest.told, pin.error_code
    heard = told[pin.alt_text] | told["any"] | {item[0] for item in history.plan.items}
    board_id = pin.board_id
    is_true = True
    if code in REASONS:
        is_true = bool(heard & REASONS[code])
        if pin.attempts < len(BACKOFF):
            history.world.violated(f"{pin.alt_text} is given up after {pin.attempts} further attempts: {code}")
    elif code in BOARD_REASONS:
        is_true = board_id in told["board gone"]
    elif code == "spam":
        is_true = pin.alt_text in told["spam"]
    elif code == "unverified":
        is_true = pin.sent_at is not None
    elif code in NEVER_TRUE or not code:
        is_true = False
    if not is_true:
        history.world.violated(f"{pin.alt_text} has failed for an untrue reason: {code}: {pin.error_text}")


def _check_published(history: History, rows: dict[str, Any]) -> None:
    """Published means: under the id of a pin that was made for it, or for one with the same words."""
    by_id = {pin.id: pin for pin in history.pinterest.pins}
    for pin in rows.values():
        if not pin.pinterest_pin_id or pin.alt_text not in {life.key for life in history.lives.values()}:
            continue
        found = by_id.get(pin.pinterest_pin_id)
        group = _life(history, pin.alt_text).group
        keys = {life.key for life in history.lives.values() if life.group == group}
        others = [life for life in history.lives.values() if life.key != pin.alt_text]
        if pin.pinterest_pin_id in {life.deleted_id for life in others} and not history.is_restored:
            history.world.violated(f"{pin.alt_text} is published as one that was deleted")
        if found is None:
            history.world.violated(f"{pin.alt_text} is published under an id that Pinterest never gave")
        elif found.is_ours and found.key not in keys:
            history.world.violated(f"{pin.alt_text} is published as {found.key}")
        elif not found.is_ours and not _is_indistinguishable(history, pin.alt_text, found):
            history.world.violated(f"{pin.alt_text} is published as a pin that somebody else made")
        elif found.is_ours and _words_sent(found) != (pin.title, pin.description, pin.link, pin.board_id):
            history.world.violated(f"{pin.alt_text} is published with other words than its row has")


def _words_sent(pin: PinAtPinterest) -> tuple[str, ...]:
    words = (pin.content.get("title", ""), pin.content.get("description", ""), pin.content.get("link", ""))
    return (*words, pin.board_id)


def _is_indistinguishable(history: History, key: str, found: PinAtPinterest) -> bool:
    """Somebody made it after we had sent ours, or within the same moment, so nobody can know."""
    sent_at = history.pinterest.first_sent.get(key)
    return sent_at is not None and found.created_at >= sent_at - SAME_MOMENT


def _check_accounts(history: History, *, is_tidy: bool) -> None:
    told, execute = history.pinterest.told, connection.connection.execute
    dead = told["dead refresh token"] | told["dead token"]
    accounts = "SELECT pinterest_user_id, trouble FROM accounts_pinterestaccount WHERE status = 'needs_reconnect'"
    for user_id, trouble in execute(accounts):
        if is_tidy or user_id not in dead:
            history.world.violated(f"account {user_id} needs reconnecting, which Pinterest never said: {trouble}")
    for (board_id,) in execute("SELECT pinterest_id FROM accounts_board WHERE missing_since NOTNULL"):
        if is_tidy or board_id not in told["board gone"]:
            history.world.violated(f"board {board_id} is missing, which Pinterest never said")
