"""What is in the export of a workspace, read back out of the zip."""

import json
import re
import zipfile
from datetime import UTC, date, datetime, time
from functools import reduce
from pathlib import PurePosixPath

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts.api_keys import services as api_keys
from accounts.audit import services as audit
from accounts.models import AuditAction, Role, Workspace
from accounts.team import services as teams
from analytics.models import WeeklySummary
from pins.models import Attachment, MediaFile, PinEvent, PinEventKind, PinStatus
from postiz_pins.data import export as data_export
from tests import export_exclusions
from tests.accounts.mfa_helpers import SECRET, protect
from tests.factories import (
    AccountDayFactory,
    BoardFactory,
    InvitationFactory,
    MediaFileFactory,
    MembershipFactory,
    PinDayFactory,
    PinFactory,
    PinFamilyFactory,
    PinImportFactory,
    PinLifetimeFactory,
    PinterestAccountFactory,
    PublishingTimeFactory,
    UserFactory,
    VideoFileFactory,
    WorkspaceFactory,
)
from tests.pins.presets_helpers import one_of_each
from tests.webhook_factories import WebhookEndpointFactory
from tests.zip_helpers import NOW, Exported

# As JSON writes it.
MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z")
LISTED = [(name, table) for each in data_export.TABLES for name, table in each.lists.items()]
EVERY_TABLE = [*data_export.TABLES, *(table for _, table in LISTED)]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _export_folder(settings):
    settings.EXPORT_ROOT.mkdir()


@pytest.fixture
def full(team):
    """The team with a row in every table, each of which says something."""
    team.alice.first_name, team.alice.last_name = "Alice", "Oak"
    team.alice.save()
    team.workspace.requires_approval = True
    team.workspace.save()
    section = team.board.sections.create(pinterest_id="4500", name="For kitchens")
    InvitationFactory(workspace=team.workspace, invited_by=team.alice, token="the-token-of-the-link")
    team.key, team.api_key = api_keys.create(team.workspace, "Spreadsheet", by=team.alice, now=NOW)
    WebhookEndpointFactory(workspace=team.workspace, created_by=team.alice)
    picture = MediaFileFactory(workspace=team.workspace, original_name="Oak chair.jpg", alt_text="A chair")
    video = VideoFileFactory(workspace=team.workspace, original_name="film.mp4", uploaded_by=team.alice)
    team.pin = PinFactory(
        board=team.board,
        section=section,
        status=PinStatus.PUBLISHED,
        title="Oak chair, “by hand”\nand more",
        created_by=team.alice,
        attachments=0,
        warnings=[{"code": "link_redirects", "field": "link", "message": "It redirects."}],
    )
    for position, media in enumerate([picture, video]):
        Attachment.objects.create(pin=team.pin, media=media, position=position, title=f"File {position}")
    for kind in (PinEventKind.DRAFTED, PinEventKind.PUBLISHED):
        PinEvent.objects.create(pin=team.pin, kind=kind, at=NOW, by=team.alice, text="Said so")
    team.day = PinDayFactory(pin=team.pin, saves=0, pin_clicks=None, others={"VIDEO_START": 3})
    PinLifetimeFactory(pin=team.pin)
    PublishingTimeFactory(account=team.account)
    PinFamilyFactory(workspace=team.workspace, created_by=team.alice, pins=[team.pin])
    PinImportFactory(workspace=team.workspace, created_by=team.alice)
    AccountDayFactory(account=team.account, impressions=None)
    WeeklySummary.objects.create(workspace=team.workspace, enabled_at=NOW, enabled_by=team.alice)
    audit.record(team.workspace.pk, AuditAction.PUBLISHED, "pin “Oak chair”", by=None, now=NOW, detail="Well")
    one_of_each(workspace=team.workspace, pin=team.pin, media=picture, board=team.board)
    team.picture, team.video = picture, video
    return team


def rows_of(table, workspace):
    return table.model._default_manager.filter(**{table.workspace: workspace.pk}).order_by("pk")


def value_of(row, lookup):
    return reduce(lambda found, name: found and getattr(found, name), lookup.split("__"), row)


def as_json(value):
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date | time) else value


def as_cell(value):
    if value is None:
        return ""
    if moment := MOMENT.fullmatch(str(value)):
        return f"{moment[1]} {moment[2]}"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, bool | list | dict) else str(value)


@pytest.mark.parametrize("table", data_export.TABLES, ids=lambda table: table.name)
def test_both_files_of_a_table_tell_what_the_database_holds(full, table):
    rows = list(rows_of(table, full.workspace))
    found = Exported(full.workspace)

    expected = [{name: as_json(value_of(row, path)) for name, path in table.columns.items()} for row in rows]
    documents, sheet = found.json(table.name), found.csv(table.name)
    assert rows, "nothing to compare"
    assert [{name: document[name] for name in table.columns} for document in documents] == expected
    assert [list(row) for row in sheet] == [table.header] * len(rows)
    assert sheet == [{name: as_cell(document[name]) for name in table.header} for document in documents]


@pytest.mark.parametrize(
    ("owner", "name", "key"),
    [("pins", "attachments", "pin_id"), ("pins", "history", "pin_id"), ("boards", "sections", "board_id")],
)
def test_what_belongs_to_a_row_stands_within_it_and_in_a_sheet_of_its_own(full, owner, name, key):
    table = dict(LISTED)[name]
    rows = list(rows_of(table, full.workspace))
    found = Exported(full.workspace)

    [parent] = found.json(owner)
    expected = [{name: as_json(value_of(row, path)) for name, path in table.columns.items()} for row in rows]
    assert rows, "nothing to compare"
    assert [{name: child[name] for name in table.columns} for child in parent[name]] == expected
    assert found.csv(f"{owner}_{name}") == [
        {key: str(parent["id"])} | {column: as_cell(value) for column, value in child.items()} for child in parent[name]
    ]


def test_what_belongs_to_one_row_does_not_stand_within_another(team):
    pins = [PinFactory(board=team.board, attachments=number) for number in (1, 0, 2)]

    documents = Exported(team.workspace).json("pins")

    assert [pin["id"] for pin in documents] == [pin.pk for pin in pins]
    assert [len(pin["attachments"]) for pin in documents] == [1, 0, 2]


def test_a_published_pin_has_its_address_at_pinterest(full):
    [pin] = Exported(full.workspace).json("pins")

    assert pin["permalink"] == full.pin.permalink != ""


def test_the_media_are_in_it_byte_by_byte_under_the_names_that_pins_and_library_tell(full):
    found = Exported(full.workspace)

    [pin] = found.json("pins")
    names = [attachment["file"] for attachment in pin["attachments"]]
    assert names == [f"media/{full.picture.pk}-oak-chair.jpg", f"media/{full.video.pk}-film.mp4"]
    assert [media["file"] for media in found.json("media")] == names
    for name, media in zip(names, [full.picture, full.video], strict=True):
        with media.file.open() as stored:
            assert found.zip.read(name) == stored.read()
        assert found.zip.getinfo(name).compress_type == zipfile.ZIP_STORED
    assert found.zip.testzip() is None


def test_a_lost_file_is_named_and_a_deleted_one_is_not_missed(full):
    full.picture.file.storage.delete(full.picture.file.name)
    MediaFile.objects.filter(pk=full.video.pk).update(deleted_at=NOW)

    found = Exported(full.workspace)

    assert f"media/{full.picture.pk}-oak-chair.jpg" in found.text("missing.txt")
    assert "film" not in found.text("missing.txt")
    assert not [name for name in found.names if name.startswith("media/")]
    assert [media["file"] is None for media in found.json("media")] == [False, True]
    assert [each["file"] is None for each in found.json("pins")[0]["attachments"]] == [False, True]


def test_nothing_is_said_to_be_missing_where_nothing_is(full):
    assert "missing.txt" not in Exported(full.workspace).names


@pytest.mark.parametrize(
    "original_name",
    ["../../../etc/passwd", "/etc/passwd", "C:\\windows\\con.jpg", "a\0b\n.jpg", "...", "", "chair" * 51, "椅子" * 60],
)
def test_names_of_files_are_safe(team, original_name):
    media = MediaFileFactory(workspace=team.workspace)
    MediaFile.objects.filter(pk=media.pk).update(original_name=original_name.replace("\0", "")[:255])

    [name] = [name for name in Exported(team.workspace).names if name.startswith("media/")]

    folder, file = PurePosixPath(name).parts
    assert (folder, file.startswith(f"{media.pk}-"), file.endswith(".jpg")) == ("media", True, True)
    assert file.removesuffix(".jpg").replace("-", "").replace("_", "").isalnum()
    assert len(file.encode()) <= 200


def test_no_two_names_are_the_same_to_any_file_system(team):
    for name in ("chair.jpg", "Chair.jpg", "chair.JPG", "chair.jpg"):
        MediaFileFactory(workspace=team.workspace, original_name=name)

    names = Exported(team.workspace).names

    assert len({name.casefold() for name in names}) == len(names)


def test_nothing_is_not_zero(full):
    found = Exported(full.workspace)

    [document], [row] = found.json("figures/pin_days"), found.csv("figures/pin_days")
    assert (document["saves"], document["pin_clicks"]) == (0, None)
    assert (row["saves"], row["pin_clicks"]) == ("0", "")
    assert document["others"] == json.loads(row["others"]) == {"VIDEO_START": 3}


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_a_text_that_a_spreadsheet_would_run_is_guarded_there_and_left_alone_elsewhere(team, start):
    text = f"{start}HYPERLINK(1)"
    PinFactory(board=team.board, title=text)
    found = Exported(team.workspace)

    assert found.csv("pins")[0]["title"] == f"'{text}"
    assert found.json("pins")[0]["title"] == text


def test_spreadsheets_are_told_that_the_text_is_utf_8_and_programs_are_not(team):
    found = Exported(team.workspace)

    marked = {name for name in found.names if found.zip.read(name).startswith(b"\xef\xbb\xbf")}
    assert marked == {name for name in found.names if name.endswith(".csv")}


def test_a_workspace_in_which_nothing_has_happened_yet_can_be_exported():
    found = Exported(WorkspaceFactory())

    for table in data_export.TABLES:
        if table.name != "workspace":
            assert (found.json(table.name), found.csv(table.name)) == ([], [])
            assert found.text(f"{table.name}.csv").strip().split(",") == table.header


def test_nothing_of_another_workspace_is_in_it(full):
    own = WorkspaceFactory()
    outsider = MembershipFactory(workspace=own, user=UserFactory(email="only-me@example.com"))
    PinFactory(board=BoardFactory(account=PinterestAccountFactory(workspace=own)), title="Mine alone")

    found = Exported(own)

    assert [member["email"] for member in found.json("members")] == [outsider.user.email]
    assert [pin["title"] for pin in found.json("pins")] == ["Mine alone"]
    for name in found.names:
        text = found.zip.read(name)
        for trace in ("alice@example.com", full.workspace.name, full.account.username, "Oak chair", full.board.name):
            assert trace.encode() not in text, name


def test_nothing_that_opens_anything_is_in_it(full):
    protect(full.alice)
    Client().force_login(full.alice)
    full.alice.refresh_from_db()
    secrets = {
        "password": full.alice.password,
        "access token": full.account.access_token,
        "access token, encrypted": full.account.access_token_encrypted,
        "refresh token": full.account.refresh_token,
        "refresh token, encrypted": full.account.refresh_token_encrypted,
        "API key": full.api_key,
        "API key's hash": full.key.key_hash,
        "invitation": "the-token-of-the-link",
        "invitation's hash": teams.token_hash("the-token-of-the-link"),
        "authenticator": SECRET,
        "session": Session.objects.get().session_key,
        "address of a file": full.picture.file.name,
        "address of a thumbnail": full.picture.thumbnail.name,
    }
    for number, step in enumerate(Authenticator.objects.all()):
        secrets |= {f"second step {number} {name}": str(value) for name, value in step.data.items() if value}
    found = Exported(full.workspace)

    contents = [found.content.getvalue(), *(found.zip.read(name) for name in found.names)]
    assert len(secrets) > 13
    assert [name for name, secret in secrets.items() if any(secret.encode() in content for content in contents)] == []


def leads_to_a_workspace(model, seen=()):
    """Whether rows of the model belong to a workspace, over one foreign key or several."""
    parents = {field.related_model for field in model._meta.get_fields() if field.many_to_one or field.one_to_one}
    parents = {each for each in parents if each is not model and each not in seen}
    concrete = {field.related_model for field in model._meta.concrete_fields if field.is_relation}
    parents &= concrete
    return Workspace in parents or any(leads_to_a_workspace(each, (*seen, model)) for each in parents)


def test_every_model_of_a_workspace_is_exported_or_left_out_for_a_reason():
    models = apps.get_models(include_auto_created=True)
    ours = {model._meta.label for model in models if leads_to_a_workspace(model)} | {"accounts.Workspace"}

    assert {table.model._meta.label for table in EVERY_TABLE} | set(export_exclusions.MODELS) == ours
    assert not {table.model._meta.label for table in EVERY_TABLE} & set(export_exclusions.MODELS)


@pytest.mark.parametrize("table", EVERY_TABLE, ids=lambda table: table.name)
def test_every_column_is_exported_or_left_out_for_a_reason(table):
    meta = table.model._meta
    first_steps = {lookup.split("__")[0] for lookup in table.columns.values()}
    told = {meta.pk.name if step == "pk" else meta.get_field(step).name for step in first_steps}
    fields = {field.name for field in [*meta.concrete_fields, *meta.many_to_many]}

    assert fields - told == set(export_exclusions.COLUMNS.get(table.model._meta.label, {}))


def test_the_readme_names_every_file(full):
    found = Exported(full.workspace)

    readme = found.text("README.txt")
    files = {name for name in found.names if not name.startswith("media/")}
    assert [name for name in files if name != "README.txt" and name not in readme] == []
    assert f"EXPORT OF “{full.workspace.name}”" in readme
    assert "Wed 25 Nov 2026, 08:30 UTC" in readme
    assert "&" not in readme


def test_a_viewer_is_a_member_too(team):
    members = Exported(team.workspace).json("members")

    assert [(each["email"], each["role"]) for each in members] == [
        ("alice@example.com", Role.ADMIN),
        ("bob@example.com", Role.VIEWER),
    ]
    assert members[0]["joined_at"] <= as_json(timezone.now())
