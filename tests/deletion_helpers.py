"""Workspaces with one of everything, and what is left of them."""

import hashlib
from datetime import timedelta
from pathlib import Path

from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from accounts.api_keys import services as api_keys
from accounts.models import (
    AuditEntry,
    BoardSection,
    Export,
    ExportStatus,
    Notification,
    NotificationKind,
    Workspace,
)
from analytics.models import BoardPeriod, PinPeriod, WeeklySummary
from pins.models import BulkChange, PendingUpload, PinEvent, PinEventKind, PinStatus, RowStatus, UnsavedEdit
from postiz_pins.data import deletion as data_deletion
from tests.factories import (
    AccountDayFactory,
    AccountFeedFactory,
    BoardFactory,
    CalendarFeedFactory,
    InvitationFactory,
    MediaFileFactory,
    MembershipFactory,
    PinCommentFactory,
    PinDayFactory,
    PinFactory,
    PinFamilyFactory,
    PinImportFactory,
    PinLifetimeFactory,
    PinSummaryFactory,
    PinterestAccountFactory,
    PublishingTimeFactory,
    VideoFileFactory,
)
from tests.pins.presets_helpers import one_of_each
from tests.webhook_factories import WebhookDeliveryFactory

# Append-only, and kept on purpose: docs/architecture.md, "Deleting".
KEPT = {AuditEntry}


def populate(workspace, person):
    """Rows of every model, and files of every kind, that a workspace may have."""
    account = PinterestAccountFactory(workspace=workspace)
    board = BoardFactory(account=account)
    BoardSection.objects.create(board=board, pinterest_id="1", name="Oak")
    for status in set(PinStatus) - {PinStatus.CREATING, PinStatus.VERIFYING, PinStatus.PUBLISHED}:
        pin = PinFactory(board=board, status=status, created_by=person, proposed_by=person)
        PinEvent.objects.create(pin=pin, kind=PinEventKind.DRAFTED, by=person)
    PinCommentFactory(pin=pin, author=person)
    membership = workspace.memberships.first() or MembershipFactory(workspace=workspace)
    CalendarFeedFactory(membership=membership, account=account)
    PinFamilyFactory(workspace=workspace, created_by=person, pins=[pin])
    of_pin = {"row__status": RowStatus.CREATED, "row__pin": pin}
    PinImportFactory(workspace=workspace, created_by=person, started_by=person, board=board, account=account, **of_pin)
    PendingUpload.objects.create(workspace=workspace, by=person, name="oak.mp4", size_bytes=5, key="k", upload_id="u")
    UnsavedEdit.objects.create(pin=pin, user=person, form="title=Oak", version=1)
    published = PinSummaryFactory(pin=PinFactory(board=board, status=PinStatus.PUBLISHED)).pin
    for days in range(3):
        PinDayFactory(pin=published, date=timezone.now().date() - timedelta(days=days))
    PinLifetimeFactory(pin=published)
    PinPeriod.objects.create(pin=published, account=account, board=board, days=30)
    BoardPeriod.objects.create(board=board, account=account, days=30)
    PublishingTimeFactory(account=account)
    AccountDayFactory(account=account)
    AccountFeedFactory(account=account)
    WeeklySummary.objects.create(workspace=workspace, enabled_by=person)
    video = VideoFileFactory(workspace=workspace, uploaded_by=person)
    MediaFileFactory(workspace=workspace, original=video)
    change = BulkChange.objects.create(workspace=workspace, action="draft", created_by=person)
    change.items.create(position=0, pin=pin, media=video, name="Oak")
    one_of_each(workspace=workspace, pin=pin, media=video, board=board)
    MediaFileFactory(workspace=workspace, deleted_at=timezone.now())
    default_storage.save(f"{workspace.pk}/left-by-a-request-that-died.jpg", ContentFile(b"?"))
    api_keys.create(workspace, "Shop import", by=person, now=timezone.now())
    WebhookDeliveryFactory(endpoint__workspace=workspace, endpoint__created_by=person)
    InvitationFactory(workspace=workspace, invited_by=person)
    InvitationFactory(workspace=workspace, accepted_by=person, accepted_at=timezone.now(), email=person.email)
    Notification.objects.create(
        user=person, workspace=workspace, kind=NotificationKind.FAILED, text="A pin has failed.", path="/pins/"
    )
    Export.objects.create(
        workspace=workspace,
        status=ExportStatus.READY,
        file=ContentFile(b"PK", "all.zip"),
        expires_at=timezone.now() + timedelta(days=7),
    )
    Export.objects.create(workspace=workspace)
    return account


def paths_to(model, target, seen=()):
    """All ways along foreign keys from `model` to `target`, as lookups."""
    for field in model._meta.get_fields():
        if not (field.many_to_one or field.one_to_one) or not field.concrete or field.related_model in seen:
            continue
        if field.related_model is target:
            yield field.name
        elif field.related_model is not model:
            for path in paths_to(field.related_model, target, (*seen, model)):
                yield f"{field.name}__{path}"


def rows_of(target, pk):
    """How many rows of which model lead to it, by whatever way."""
    found = {}
    for model in apps.get_models():
        for path in paths_to(model, target):
            rows = model._base_manager.filter(**{path: pk}).count()
            if rows and model not in KEPT:
                found[f"{model.__name__}.{path}"] = rows
    return found


def everything_of(workspace):
    """Each row that leads to the workspace, column by column."""
    return {
        f"{model.__name__}.{path}": list(model._base_manager.filter(**{path: workspace.pk}).order_by("pk").values())
        for model in apps.get_models()
        for path in paths_to(model, Workspace)
    }


def files(settings, workspace=None):
    """The files in the storages with a hash of their content; of one workspace, or of all."""
    found = {}
    for root in (settings.MEDIA_ROOT, settings.EXPORT_ROOT):
        folder = Path(root) / str(workspace.pk) if workspace else Path(root)
        for path in folder.rglob("*"):
            if path.is_file():
                found[str(path)] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def due(row):
    type(row).objects.filter(pk=row.pk).update(delete_at=timezone.now() - timedelta(seconds=1))


def erase():
    data_deletion.erase_due(timezone.now())
