"""What people do, by the functions that the views call. Between reading a page and clicking, they think."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils import timezone

from accounts.connections import board_sync, token_renewal
from accounts.connections import services as connections
from accounts.models import Board, PinterestAccount, User
from pins.composer import services as composer
from pins.composer.services import EditOutcome
from pins.models import MediaFile, Pin, PinStatus
from pins.publishing import dispatch
from pins.rules.composition import AttachedMedia, Composition, check
from pins.scheduling import approval
from pins.scheduling import services as scheduling
from postiz_pins.pinterest.client import UserAccount
from postiz_pins.pinterest.oauth import parse_token_grant

from .world import Killed

if TYPE_CHECKING:
    from .history import History


class _Everything(frozenset[str]):
    def __contains__(self, code: object) -> bool:
        return True


# Whoever is asked whether it is meant says yes.
CONFIRMED = _Everything()
LINKS = ("", "https://Example.com", "https://example.com/Chair?a=1", "https://shop.Example.com/oak/")


@dataclass
class Life:
    """What the simulator knows of one of our pins, by the number that the plan gives it."""

    number: int
    key: str
    group: int
    pk: int | None = None
    edits: int = 0
    # Contents that somebody who may has sent out.
    approved: set[tuple[str, ...]] = field(default_factory=set)
    is_by_editor: bool = False
    # What the row was published as when somebody deleted it.
    deleted_id: str = ""


def compose(history: History, item: tuple[Any, ...]) -> None:
    """Somebody composes a pin and sends it out, now or later."""
    _, _, number, kind, board_number, delay, who, twin_of = item
    now, user = timezone.now(), history.people[who]
    model = history.lives[twin_of] if twin_of != number and twin_of in history.lives else None
    life = Life(number, f"pin-{number}", model.group if model else number, is_by_editor=who == "bob")
    texts = {"title": f"Chair {life.group}", "description": "Oak,  by hand.", "link": LINKS[life.group % len(LINKS)]}
    board = Board.objects.select_related("account").get(pk=history.board_keys[board_number])
    original = Pin.objects.with_content().filter(pk=model.pk).first() if model is not None and model.pk else None
    if original is not None:
        texts = {"title": original.title, "description": original.description, "link": original.link}
        board = original.board or board
    composition = composition_of(history.media, kind, board, alt_text=life.key, **texts)
    history.lives[number] = life
    publish_at = now + timedelta(seconds=delay) if delay else None
    draft = composer.Submission(composition=composition, publish_at=publish_at, by=user, now=now)
    if check(composition):
        # As the form does it: what cannot go out stays a draft.
        life.pk = composer.create(draft, workspace=history.workspace).pin.pk
        return
    with transaction.atomic():
        pin = composer.create(draft, workspace=history.workspace).pin
        life.pk = pin.pk
        _approve_content(history, life, user)
        approval.send_out(pin, publish_at or now, by=user, now=now, confirmed=CONFIRMED)


def composition_of(media: list[MediaFile], kind: str, board: Board, **texts: str) -> Composition:
    files = {"image": [0], "carousel": [0, 1], "video": [2, 0]}[kind]
    return Composition(board=board, attachments=tuple(AttachedMedia(media[index]) for index in files), **texts)


def find_composed(history: History, item: tuple[Any, ...]) -> None:
    """The same as `compose`, with the rows that it has written once for each kind: that is ten times as fast."""
    _, _, number, kind, board_number, delay, _, _ = item
    life = history.lives[number] = Life(number, f"pin-{number}", number)
    board_id, account_id = history.board_keys[board_number], history.account_keys[board_number // 2]
    due_at = timezone.now() + timedelta(seconds=delay)
    columns = {
        "title": f"Chair {number}",
        "link": LINKS[number % len(LINKS)],
        "alt_text": life.key,
        "board_id": board_id,
        "account_id": account_id,
        "publish_at": due_at,
        "next_attempt_at": due_at,
        "preflight_at": timezone.now() if delay else None,
    }
    life.pk = history.composed[kind].insert(columns)
    if not delay:
        dispatch.enqueue(life.pk)


def act(history: History, item: tuple[Any, ...]) -> None:
    """Somebody opens a pin's page, thinks, and clicks."""
    _, _, action, number, think = item
    life = history.lives.get(number)
    if life is None or life.pk is None:
        return
    # By its key, too: the key of a row that was rolled back goes to the next one.
    pin = Pin.objects.with_content().filter(pk=life.pk, alt_text=life.key).first()
    if pin is None:
        return
    if think:
        history.world.sleep(think)
    user = history.people["bob" if action.endswith("as bob") else "alice"]
    before = history.world.commits
    history.pinterest.forget_spam(life.key)
    try:
        done = ACTIONS[action](history, life, pin, user)
    except (PermissionDenied, approval.ReviewError) as error:
        done = str(error)
    history.world.note(f"{action} of {life.key}: {done} ({history.world.commits - before} commits)")


def _cancel(history: History, life: Life, pin: Pin, user: User) -> object:
    return scheduling.cancel(pin, by=user)


def _retry(history: History, life: Life, pin: Pin, user: User) -> object:
    now = timezone.now()
    send = scheduling.release_late if pin.is_late(now) else scheduling.retry
    return send(pin, by=user, now=now, confirmed=CONFIRMED)


def _release(history: History, life: Life, pin: Pin, user: User) -> object:
    return scheduling.release_late(pin, by=user, now=timezone.now(), confirmed=CONFIRMED)


def _release_claim(history: History, life: Life, pin: Pin, user: User) -> object:
    return scheduling.release_claim(pin, by=user, now=timezone.now())


def _delete(history: History, life: Life, pin: Pin, user: User) -> object:
    sql = "SELECT 1 FROM pins_pin WHERE id = ? AND (status IN ('creating', 'verifying') OR sent_at NOTNULL)"
    is_unsure = connection.connection.execute(sql, [pin.pk]).fetchone() is not None
    published_as = connection.connection.execute("SELECT pinterest_pin_id FROM pins_pin WHERE id = ?", [pin.pk])
    life.deleted_id = (published_as.fetchone() or ("",))[0] or ""
    is_deleted = composer.delete_pin(pin, by=user, now=timezone.now())
    if is_deleted and is_unsure:
        history.world.violated(f"{life.key} is deleted while nobody knows whether Pinterest has it")
    return is_deleted


def _edit(history: History, life: Life, pin: Pin, user: User) -> object:
    """The composer with "Publish now" or "Schedule": content and time change together."""
    life.edits += 1
    return _write(history, life, pin, user, title=f"Chair {life.group} of {life.key}, edit {life.edits}")


def _edit_text(history: History, life: Life, pin: Pin, user: User) -> object:
    """Only the description changes, and it stays a draft."""
    life.edits += 1
    return _write(history, life, pin, user, is_draft=True, description=f"Edit {life.edits} of {life.key}.")


def _again(history: History, life: Life, pin: Pin, user: User) -> object:
    """The composer opened and sent again, with nothing changed."""
    return _write(history, life, pin, user)


def _write(history: History, life: Life, pin: Pin, user: User, *, is_draft: bool = False, **texts: str) -> object:
    original, now = Composition.of(pin), timezone.now()
    changed = Composition(**{**vars(original), **texts})
    if not is_draft and check(changed):
        return "the form refuses it"
    with transaction.atomic():
        outcome = composer.edit_pin(
            pin, changed, publish_at=pin.publish_at, is_draft=is_draft, by=user, now=now, version=pin.version
        )
        if outcome is not EditOutcome.SAVED:
            return outcome
        _approve_content(history, life, user)
        if is_draft:
            return outcome
        saved = Pin.objects.with_content().get(pk=pin.pk)
        return approval.send_out(saved, pin.publish_at or now, by=user, now=now, confirmed=CONFIRMED)


def _propose(history: History, life: Life, pin: Pin, user: User) -> object:
    return approval.propose(pin, by=history.people["bob"], now=timezone.now(), confirmed=CONFIRMED)


def _approve(history: History, life: Life, pin: Pin, user: User) -> object:
    if pin.status != PinStatus.PROPOSED:
        return "nothing to approve"
    seen = content_of(pin)
    try:
        approval.approve(pin, version=pin.version, by=user, now=timezone.now(), confirmed=CONFIRMED)
    except Killed:  # perhaps after it was written
        if _is_proposed(pin.pk):
            raise
        life.approved.add(seen)
        raise
    life.approved.add(seen)
    return True


def _is_proposed(pk: int) -> bool:
    """Read past the app, which a dead process cannot use."""
    sql = "SELECT 1 FROM pins_pin WHERE id = ? AND status = 'proposed'"
    return connection.connection.execute(sql, [pk]).fetchone() is not None


def _send_back(history: History, life: Life, pin: Pin, user: User) -> object:
    approval.send_back(pin, "Brighter, please.", version=pin.version, by=user, now=timezone.now())
    return True


ACTIONS: dict[str, Any] = {
    "edit": _edit,
    "edit as bob": _edit,
    "edit text": _edit_text,
    "again": _again,
    "cancel": _cancel,
    "retry": _retry,
    "retry as bob": _retry,
    "delete": _delete,
    "release": _release,
    "release claim": _release_claim,
    "propose": _propose,
    "approve": _approve,
    "send back": _send_back,
}


def content_of(pin: Pin) -> tuple[str, ...]:
    return (pin.title, pin.description, pin.link, pin.board.pinterest_id if pin.board else "")


def _approve_content(history: History, life: Life, user: User) -> None:
    """What an admin writes needs nobody else's approval, and without approvals nothing does."""
    if user.pk == history.people["alice"].pk or not history.requires_approval:
        row = connection.connection.execute(
            "SELECT p.title, p.description, p.link, b.pinterest_id FROM pins_pin p"
            " LEFT JOIN accounts_board b ON b.id = p.board_id WHERE p.id = ?",
            [life.pk],
        ).fetchone()
        life.approved.add(row)


def use_account(history: History, item: tuple[Any, ...]) -> None:
    _, _, action, number = item
    account = PinterestAccount.objects.get(pk=history.account_keys[number])
    now: datetime = timezone.now()
    if action == "disconnect":
        connections.disconnect(account, by=history.people["alice"], now=now)
    elif action == "reconnect":
        reconnect(history, account)
    elif action == "sync":
        outcome = board_sync.sync_account(account)
        history.world.note(str(outcome))
    elif action == "renew":
        PinterestAccount.objects.filter(pk=account.pk).update(renew_at=now)
        token_renewal.renew_due()


def reconnect(history: History, account: PinterestAccount) -> None:
    """The person has consented at Pinterest, which answers with new tokens."""
    member = history.pinterest.members[account.pinterest_user_id]
    now = timezone.now()
    granted = history.pinterest.grant(member)
    profile = UserAccount(member.user_id, member.username, "BUSINESS", "")
    connections.connect(
        history.workspace, profile, parse_token_grant(granted, now), by=history.people["alice"], now=now
    )


def reconnect_and_sync(history: History, item: tuple[Any, ...]) -> None:
    use_account(history, (None, None, "reconnect", item[3]))
    use_account(history, (None, None, "sync", item[3]))


@dataclass(frozen=True)
class ComposedRows:
    """What composing and scheduling a pin has written."""

    pin: dict[str, Any]
    attachments: list[dict[str, Any]]

    @classmethod
    def read(cls, pk: int) -> ComposedRows:
        """The rows of this pin, without their keys."""
        return cls(_read("SELECT * FROM pins_pin WHERE id = ?", pk)[0], _read(OF_PIN, pk))

    def insert(self, columns: dict[str, Any]) -> int:
        """Writes them as those of another pin, and answers its key."""
        pk = _insert("pins_pin", self.pin | columns)
        for attachment in self.attachments:
            _insert("pins_attachment", attachment | {"pin_id": pk})
        return pk


OF_PIN = "SELECT * FROM pins_attachment WHERE pin_id = ? ORDER BY position"


def _read(sql: str, pk: int) -> list[dict[str, Any]]:
    found = connection.connection.execute(sql, [pk])
    names = [column[0] for column in found.description]
    return [{name: value for name, value in zip(names, row, strict=True) if name != "id"} for row in found]


def _insert(table: str, columns: dict[str, Any]) -> int:
    values = [as_stored(value) for value in columns.values()]
    places = ", ".join("?" * len(values))
    sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"  # noqa: S608  our own names
    written = connection.connection.execute(sql, values)
    return int(written.lastrowid)


def as_stored(value: object) -> object:
    return value.replace(tzinfo=None).isoformat(" ") if isinstance(value, datetime) else value
