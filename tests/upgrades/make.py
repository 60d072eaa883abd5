"""Writes a fixture of the database as this checkout makes it, with rows of every kind:

    cd CHECKOUT-OF-THE-COMMIT && python -m tests.upgrades.make COMMIT.json.gz

(with this file copied there). test_upgrades.py migrates every fixture in this folder to the newest schema. A fixture is
never made anew: it stands for installations that exist.
"""

import gzip
import json
import os
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

# Public, and for these rows only: what is encrypted in a fixture has to be readable in the tests.
KEYS = {
    "SECRET_KEY": "a key for the fixtures of upgrades, which signs nothing",
    "TOKEN_ENCRYPTION_KEYS": "1kujc-0xk7abGz8nDhnKpU719lhavDNG6uyvAJ3IgCk=",
}
# Never written by the app (accounts/auth/adapters.py), or names that django-q2 offers and the app does not use.
UNUSED = {"SocialApp", "SocialAccount", "SocialToken"}
UNUSED_CHOICES = {("Schedule", "schedule_type")}


def populate():
    from allauth.account.models import EmailAddress, EmailConfirmation
    from allauth.mfa.models import Authenticator
    from allauth.usersessions.models import UserSession
    from django.contrib.admin.models import LogEntry
    from django.contrib.auth.models import Group, Permission
    from django.contrib.contenttypes.models import ContentType
    from django.contrib.sessions.models import Session
    from django.utils import timezone
    from django_q.models import OrmQ, Task

    from accounts.audit import services as audit
    from accounts.auth import demo_login
    from accounts.models import (
        AccountStatus,
        AuditAction,
        DemoPassword,
        ExportStatus,
        NotificationKind,
        Role,
        ScheduleRun,
    )
    from analytics.models import AccountFeed, CallCount, PinKind, Trouble
    from pins.models import (
        Attachment,
        DeletedPin,
        Heartbeat,
        MediaFolder,
        Pin,
        PinEvent,
        PinEventKind,
        PinStatus,
        PostingSlot,
        RunningProcess,
        Silence,
    )
    from tests import factories
    from tests.deletion_helpers import populate as populate_workspace

    now = timezone.now()
    demo_login.prepare()
    for kind in DemoPassword.values:
        factories.UserFactory(demo_password=kind)
    alice = factories.MembershipFactory(user=factories.UserFactory(email="alice@example.com", is_staff=True))
    workspace, person = alice.workspace, alice.user
    for role in (Role.EDITOR, Role.VIEWER):
        factories.MembershipFactory(workspace=workspace, role=role, joined_at=None)
    for role in Role.values:
        factories.InvitationFactory(workspace=workspace, role=role)
    populate_workspace(workspace, person)

    for number, status in enumerate(AccountStatus.values):
        account = factories.PinterestAccountFactory(
            workspace=workspace,
            status=status,
            trouble="It was revoked." * (number % 2),
            avatar_url="https://i.pinimg.com/a",
        )
        board = factories.BoardFactory(account=account, privacy=["PUBLIC", "PROTECTED", "SECRET"][number])
        for choice in PinStatus.values:
            in_doubt = choice in (PinStatus.CREATING, PinStatus.VERIFYING)
            pin = factories.PinFactory(
                board=board,
                status=choice,
                created_by=person,
                sent_at=now if in_doubt else None,
                claim_token="6f0c2d0e-0f0b-4b52-9b62-8e4f7f0f0001" if in_doubt else None,
                claimed_until=now + timedelta(seconds=60) if in_doubt else None,
                error_code="unreachable" if choice == PinStatus.FAILED else "",
                warnings=[{"code": "link_redirects", "field": "link", "message": "It redirects."}],
                description="ñ–😀 " * 20,
            )
            for kind in PinEventKind.values:
                PinEvent.objects.create(pin=pin, kind=kind, by=person, text="What Pinterest said")
    # Nobody knows whether Pinterest has it: the doubt has to outlive an upgrade.
    factories.PinFactory(board=board, status=PinStatus.FAILED, sent_at=now, error_code="unverified")
    # Texts of before there was a limit for drafts.
    Pin.objects.filter(status=PinStatus.DRAFT).update(title="A" * 200_000)
    draft = Pin.objects.filter(status=PinStatus.DRAFT).last()
    Attachment.objects.filter(pin=draft).update(title="Own", link="https://example.com/own")
    for kind in PinKind.values:
        factories.PinSummaryFactory(kind=kind, pin=factories.PinFactory(board=board, status=PinStatus.PUBLISHED))
    DeletedPin.objects.create(pinterest_pin_id="9999")
    for number in range(3):
        PostingSlot.objects.get_or_create(number=number)
    for trouble in Trouble.values:
        account = factories.PinterestAccountFactory(workspace=workspace)
        AccountFeed.objects.create(account=account, trouble=trouble, trouble_since=now)
    CallCount.objects.create(date=now.date(), calls=7)
    for kind in NotificationKind.values:
        factories.NotificationFactory(membership=alice, kind=kind)
    for action in AuditAction.values:
        audit.record(workspace.pk, action, "A chair", by=person, now=now)
    for status in ExportStatus.values:
        # One under way in each workspace at most.
        own = factories.MembershipFactory(user=person).workspace
        factories.ExportFactory(workspace=own, status=status, asked_by=person)

    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    unconfirmed = factories.UserFactory(email="unconfirmed@example.com")
    address = EmailAddress.objects.create(user=unconfirmed, email=unconfirmed.email, verified=False, primary=True)
    EmailConfirmation.objects.create(email_address=address, key="key", sent=now)
    factories.UserFactory(email="added-by-an-admin@example.com")
    for kind in Authenticator.Type.values:
        Authenticator.objects.create(user=person, type=kind, data={"secret": "x"})
    Session.objects.create(session_key="a" * 32, session_data="x", expire_date=now)
    UserSession.objects.create(user=person, ip="127.0.0.1", user_agent="Firefox", session_key="a" * 32)
    for flag in (1, 2, 3):
        content_type = ContentType.objects.get_for_model(Pin)
        LogEntry.objects.create(user=person, content_type=content_type, object_id="1", action_flag=flag)
    group = Group.objects.create(name="Operators")
    group.permissions.set(Permission.objects.all()[:3])
    person.groups.add(group)
    person.user_permissions.set(Permission.objects.all()[:2])
    ScheduleRun.objects.create(name="A schedule", started_at=now, stopped_at=now, succeeded=True)
    MediaFolder.objects.get_or_create()
    Silence.objects.create(began_at=now - timedelta(hours=1), ended_at=now)
    RunningProcess.objects.create(id=uuid4(), kind="clock", host="pins", pid=1, started_at=now, beat_at=now)
    Heartbeat.objects.update_or_create(name="clock", defaults={"beat_at": now, "resumed_at": now})
    OrmQ.objects.create(key="postiz-pins", payload="x", lock=now)
    for success in (True, False):
        Task.objects.create(
            id=f"task-{success}",
            name=f"t-{success}",
            func="pins.tasks.advance",
            started=now,
            stopped=now,
            success=success,
        )


def concrete_models():
    from django.apps import apps

    return [model for model in apps.get_models(include_auto_created=True) if not model._meta.proxy]


def check_complete():
    """No table is empty, and each choice of each column is there."""
    for model in concrete_models():
        rows = model._base_manager.all()
        if model.__name__ in UNUSED:
            continue
        assert rows.exists(), f"There is no row of {model.__name__}"
        for field in filter(lambda field: field.choices, model._meta.fields):
            missing = {value for value, _ in field.flatchoices} - set(rows.values_list(field.attname, flat=True))
            if missing and (model.__name__, field.name) not in UNUSED_CHOICES:
                raise AssertionError(f"{model.__name__}.{field.name} is never {missing}")


def dump():
    """Names of the applied migrations, and all rows, column by column, as texts that any database reads."""
    from django.db import connection
    from django.db.migrations.recorder import MigrationRecorder

    tables = {}
    for model in concrete_models():
        fields = model._meta.concrete_fields
        rows = [
            [field.value_to_string(row) if getattr(row, field.attname) is not None else None for field in fields]
            for row in model._base_manager.order_by("pk")
        ]
        tables[model._meta.label_lower] = {"columns": [field.attname for field in fields], "rows": rows}
    applied = sorted(MigrationRecorder(connection).applied_migrations())
    return {"migrations": applied, "tables": tables}


def main(path):
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(KEYS, DATA_DIR=folder, DATABASE_URL=f"sqlite:///{folder}/fixture.sqlite3")
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "postiz_pins.settings")
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        populate()
        check_complete()
        with gzip.GzipFile(path, "wb", mtime=0) as file:
            file.write(json.dumps(dump(), separators=(",", ":")).encode())
    print(f"{path}: {Path(path).stat().st_size:,} bytes")  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1])
