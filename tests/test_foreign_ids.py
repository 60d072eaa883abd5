"""The id of another workspace's row, wherever a request can carry one: it is answered as an id that nothing has.

foreign_ids.py is the table of the places.
"""

import re
import uuid
from contextlib import contextmanager
from importlib import import_module

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.messages import get_messages
from django.db import connection, transaction
from django.forms import BaseForm, ModelChoiceField
from django.test import Client
from django.utils.module_loading import import_string
from pydantic import BaseModel

from accounts.connections import board_sync
from accounts.connections.sync import Changes
from pins.api import input_schemas as api_inputs
from pins.models import Attachment, Pin, PinStatus
from tests.api_client import ApiClient
from tests.factories import MembershipFactory, PinFactory, WorkspaceFactory
from tests.foreign_ids import FOREIGN, FOREIGN_VIDEO, INPUTS, MISSING, ROW_KINDS, TEXTS, rows_of, send, value_of
from tests.no_ids import NO_IDS
from tests.url_matrix import ADDRESSES

pytestmark = pytest.mark.django_db

HEADERS = {"plain": {}, "htmx": {"hx-request": "true"}, "script": {"x-requested-with": "XMLHttpRequest"}}


@pytest.fixture(autouse=True)
def _no_pinterest(monkeypatch):
    monkeypatch.setattr(board_sync, "sync_account", lambda account: board_sync.SyncOutcome(account, Changes()))
    monkeypatch.setattr("accounts.connections.section_sync.is_stale", lambda *args: False)


@pytest.fixture
def foreign(team):
    workspace = WorkspaceFactory(pk=FOREIGN, name="Secret rivals")
    MembershipFactory(user=team.charlie, workspace=workspace)
    texts = {
        "account": {"username": TEXTS["username"][0]},
        "board": {"pinterest_id": TEXTS["board_id"][0], "name": "Secret plans"},
        "section": {"pinterest_id": TEXTS["section_id"][0]},
        "pin": {
            "title": "Secret pin",
            "pinterest_pin_id": TEXTS["pinterest_pin"][0],
            "form_token": TEXTS["form_token"][0],
        },
    }
    return rows_of(workspace, team.charlie, pk=FOREIGN, texts=texts)


@pytest.fixture
def own(team):
    rows = rows_of(team.workspace, team.alice)
    rows.draft = PinFactory(board=rows.board, status=PinStatus.DRAFT, title="Ours", form_token=uuid.uuid4())
    rows.program = ApiClient(team.workspace, team.alice)
    rows.user = team.alice
    return rows


def answer_of(response):
    """All that the answer tells, without what is different each time."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    told = [str(message) for message in get_messages(response.wsgi_request)]
    text = f"{response.status_code} {response.get('Location', '')} {told} {body.decode()}"
    numbers = [str(number) for number in (FOREIGN, FOREIGN_VIDEO, MISSING)]
    for value in [*(text for pair in TEXTS.values() for text in pair), *numbers]:
        text = text.replace(value, "ID")
    text = re.sub(r'(csrfmiddlewaretoken" value=|csrf-token" content=)"\w+"', "", text)
    text = re.sub(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", "UUID", text)
    # The number of what was made, with its author's before it or not, and seconds.
    return re.sub(r"/pins/(?:bulk/)?\d+/|\"\d+:\d+\"|:\d+\"|\d\d:\d\d(:\d\d)?", "", text)


@contextmanager
def undone():
    """What happens inside is rolled back, so that two requests meet the same rows."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def rows_in(workspace):
    """All rows of the workspace, of every model that knows what belongs to one."""
    scoped = [model for model in apps.get_models() if hasattr(model._default_manager.all(), "in_workspace")]
    return {
        model.__name__: list(model._default_manager.in_workspace(workspace).order_by("pk").values()) for model in scoped
    }


class Writes:
    """Notes whether anything is written to the database: what all tables hold is asked only then."""

    def __init__(self):
        self.are_any = False

    def __call__(self, execute, sql, params, many, context):
        self.are_any |= not sql.lstrip("( ").upper().startswith(("SELECT", "SAVEPOINT", "RELEASE", "ROLLBACK"))
        return execute(sql, params, many, context)


def test_a_foreign_id_is_answered_like_one_that_nothing_has_and_changes_nothing(case, own, foreign):
    before = rows_in(foreign.workspace)
    for asked in INPUTS:
        for way, headers in HEADERS.items():
            with case(asked, way):
                with undone():
                    missing = answer_of(send(asked, value_of(asked.kind, "missing", own, foreign), own, headers))
                with undone():
                    with connection.execute_wrapper(writes := Writes()):
                        answer = answer_of(send(asked, value_of(asked.kind, "foreign", own, foreign), own, headers))
                    if writes.are_any:
                        assert rows_in(foreign.workspace) == before
                        assert_nothing_refers_to(foreign.workspace)

                assert answer == missing
                assert "Secret" not in answer


def test_the_own_id_in_the_same_place_is_taken(case, own, foreign, settings):
    """Else the table above would prove nothing: a misspelt field is ignored, too."""
    settings.PUBLIC_URL = "https://pins.example.com"  # a file for Pinterest leaves out media without a public address
    before = rows_in(own.workspace)
    for asked in INPUTS:
        if asked.is_ignored:
            continue
        with case(asked):
            answers = {}
            for whose in ("missing", "own"):
                with undone():
                    with connection.execute_wrapper(writes := Writes()):
                        answer = answer_of(send(asked, value_of(asked.kind, whose, own, foreign), own, {}))
                    answers[whose] = answer, rows_in(own.workspace) if writes.are_any else before

            assert answers["own"] != answers["missing"]


def assert_nothing_refers_to(workspace):
    """No pin of ours has the others' board, section, account or files."""
    pins = Pin.objects.exclude(workspace=workspace)
    assert not pins.filter(account__workspace=workspace).exists()
    assert not pins.filter(board__account__workspace=workspace).exists()
    assert not pins.filter(section__board__account__workspace=workspace).exists()
    assert not Attachment.objects.filter(media__workspace=workspace).exclude(pin__workspace=workspace).exists()


def known_names():
    return {asked.name for asked in INPUTS if asked.name} | set().union(*NO_IDS.values())


def our_classes(base):
    # Else this knows only what an earlier test happened to need; allauth imports a form when it shows it.
    import_module(settings.ROOT_URLCONF)
    for path in (*settings.ACCOUNT_FORMS.values(), *settings.MFA_FORMS.values()):
        import_string(path)
    for each in base.__subclasses__():
        app, _, module = each.__module__.partition(".")
        # The administration makes its forms of models; Django's permissions guard it.
        is_admin = module.rpartition(".")[2].startswith("admin")
        if app in ("accounts", "pins", "analytics") and not is_admin:
            yield each
        yield from our_classes(each)


def test_every_field_of_a_form_is_in_the_table():
    fields = {(each.__name__, name) for each in our_classes(BaseForm) for name in each.base_fields}

    assert {"PinForm", "PinFilterForm", "LinkForm"} <= {form for form, _ in fields}
    assert {(form, name) for form, name in fields if name not in known_names()} == set()


def test_every_field_that_chooses_a_row_is_tested_as_one():
    choosing = {
        name
        for each in our_classes(BaseForm)
        for name, field in each.base_fields.items()
        if isinstance(field, ModelChoiceField)
    }

    assert choosing
    assert choosing <= {asked.name for asked in INPUTS}


FOLDERS = ("accounts", "pins", "analytics", "postiz_pins/common", "postiz_pins/http")


def test_every_parameter_that_a_view_reads_is_in_the_table():
    pattern = re.compile(r"\b(?:GET|POST|data|typed)\b\)?\.get(?:list)?\(\s*\"(\w+)\"")
    files = [path for app in FOLDERS for path in (settings.BASE_DIR / app).rglob("*.py")]
    read = {(path.name, name) for path in files for name in pattern.findall(path.read_text())}

    assert {"workspace", "attachments", "account", "before"} <= {name for _, name in read}
    assert {(file, name) for file, name in read if name not in known_names()} == set()


def test_every_field_and_parameter_of_the_api_is_in_the_table():
    models = [each for each in vars(api_inputs).values() if isinstance(each, type) and issubclass(each, BaseModel)]
    bodies = {name for model in models if model is not BaseModel for name in model.model_fields}
    paths = Client().get("/api/openapi.json").json()["paths"].values()
    parameters = {
        each["name"] for path in paths for operation in path.values() for each in operation.get("parameters", [])
    }

    assert {"board", "account", "section", "attachments", "id"} <= bodies
    # The id of an attachment and those in paths stand in INPUTS by their kind; the key has one space of its own.
    assert bodies - known_names() == {"id"}
    assert parameters - known_names() == {"id", "pinterest_pin_id", "Idempotency-Key"}


def test_every_address_with_a_row_is_in_the_table():
    kinds = {address.row for address in ADDRESSES.values() if address.row}

    assert kinds <= ROW_KINDS, "give rows_of() one of the new kind"


def test_the_texts_of_both_kinds_are_as_long():
    assert len(str(FOREIGN)) == len(str(MISSING))
    assert all(len(one) == len(other) for one, other in TEXTS.values())


def test_what_is_written_is_noticed(team):
    with connection.execute_wrapper(writes := Writes()):
        list(Pin.objects.all())
        with undone():
            Pin.objects.exists()
        assert not writes.are_any
        PinFactory(board=team.board)

    assert writes.are_any


def test_two_requests_meet_the_same_rows(team):
    with undone():
        PinFactory(board=team.board)

    assert not Pin.objects.exists()
