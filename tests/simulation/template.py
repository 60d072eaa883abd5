"""What each history begins with: a workspace with two people, two accounts with boards, and three files."""

from __future__ import annotations

import gc
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import django
from django.db import connection

from . import boundaries, speed, transport


@dataclass
class _Template:
    """The database as each history finds it, and the keys of its rows."""

    # The rows of each table, by the statement that writes them.
    inserts: dict[str, list[Any]] = field(default_factory=dict)
    # Names the tables that have rows.
    filled: str = ""
    people: dict[str, Any] = field(default_factory=dict)
    account_keys: list[int] = field(default_factory=list)
    board_keys: list[int] = field(default_factory=list)
    media: list[Any] = field(default_factory=list)
    workspace: Any = None
    composed: dict[str, Any] = field(default_factory=dict)
    user_ids: tuple[str, ...] = ("711", "722")


template = _Template()


def set_up() -> None:
    """Makes this process a simulator."""
    boundaries.install_clocks()
    django.setup()
    from django.core.management import call_command

    call_command("migrate", run_syncdb=True, verbosity=0)
    boundaries.install()
    speed.hasten()
    transport.install()
    _fill_template()
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def _fill_template() -> None:
    from django.core.files.base import ContentFile
    from django.utils import timezone

    from accounts.models import Membership, PinterestAccount, Role, User, Workspace
    from pins.models import CLOCK, MediaFile, MediaKind
    from pins.publishing import heartbeats

    workspace = Workspace.objects.create(name="Shop", time_zone="Europe/Berlin")
    template.workspace = workspace
    for name, role in (("alice", Role.ADMIN), ("bob", Role.EDITOR)):
        user = User.objects.create(email=f"{name}@example.com")
        Membership.objects.create(workspace=workspace, user=user, role=role)
        template.people[name] = user
    for number, user_id in enumerate(template.user_ids):
        account = PinterestAccount.objects.create(
            workspace=workspace, pinterest_user_id=user_id, username=f"shop{number}", access_token_encrypted="none"
        )
        template.account_keys.append(account.pk)
        for board_number in range(2 - number):
            board = account.boards.create(pinterest_id=f"8{number}{board_number}", name=f"Board {number}{board_number}")
            template.board_keys.append(board.pk)
    for number, (kind, content_type) in enumerate(
        ((MediaKind.IMAGE, "image/jpeg"),) * 2 + ((MediaKind.VIDEO, "video/mp4"),)
    ):
        media = MediaFile.objects.create(
            workspace=workspace,
            kind=kind,
            file=ContentFile(b"bytes", f"{number}"),
            thumbnail=ContentFile(b"bytes", f"{number}"),
            original_name=f"file {number}",
            content_type=content_type,
            width=1000,
            height=1500,
            size_bytes=5,
            sha256=str(number),
            duration_seconds=30.0 if kind == MediaKind.VIDEO else None,
            video_codec="h264" if kind == MediaKind.VIDEO else "",
        )
        template.media.append(media)
    heartbeats.beat(CLOCK, timezone.now())
    _read_tables()
    _compose_once()


def _read_tables() -> None:
    execute = connection.connection.execute
    tables = [name for (name,) in execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    template.filled = " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {table})" for table in tables)  # noqa: S608  our own names
    for table in tables:
        rows = execute(f"SELECT * FROM {table} ORDER BY rowid").fetchall()  # noqa: S608
        if rows:
            template.inserts[f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})"] = rows  # noqa: S608


def reset_database() -> None:
    """As each history finds it. A whole file could be read as fast, but then SQLite would prepare each statement anew.

    References are looked at when the transaction ends, so the order of the tables does not matter.
    """
    if connection.connection.in_transaction:
        connection.connection.rollback()
    with closing(connection.connection.cursor()) as cursor:
        cursor.execute("BEGIN")
        for (table,) in cursor.execute(template.filled).fetchall():
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608
        for sql, rows in template.inserts.items():
            cursor.executemany(sql, rows)
        cursor.execute("COMMIT")


def _compose_once() -> None:
    from django.utils import timezone

    from accounts.models import Board
    from pins.composer import services as composer
    from pins.scheduling import approval

    from . import people

    now = timezone.now()
    for kind in ("image", "carousel", "video"):
        board = Board.objects.select_related("account").get(pk=template.board_keys[0])
        composition = people.composition_of(template.media, kind, board, description="Oak,  by hand.")
        alice = template.people["alice"]
        draft = composer.Submission(composition=composition, by=alice, now=now)
        pin = composer.create(draft, workspace=template.workspace).pin
        at = now + timedelta(days=1)
        approval.send_out(pin, at, by=alice, now=now, confirmed=people.CONFIRMED)
        template.composed[kind] = people.ComposedRows.read(pin.pk)
