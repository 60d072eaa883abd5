"""A Python client that openapi-python-client generates from openapi.json drives every operation over real HTTP."""

import importlib
import io
import json
import re
import subprocess
import sys
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.api_keys import services as api_keys
from accounts.models import BoardSection
from pins.models import Pin, PinStatus
from tests.factories import (
    AccountDayFactory,
    MediaFileFactory,
    PinFactory,
    PinSummaryFactory,
    PublishingTimeFactory,
)
from tests.media_bytes import picture_bytes

pytestmark = pytest.mark.django_db(transaction=True)

PACKAGE = "generated_pins_client"


@pytest.fixture
def document():
    return Client().get("/api/openapi.json").json()


@pytest.fixture
def generated(document, tmp_path, monkeypatch):
    """The package, generated without a warning: a warning means that an operation was left out."""
    (tmp_path / "openapi.json").write_text(json.dumps(document))
    (tmp_path / "config.yml").write_text("post_hooks: []\n")
    options = ["--path", "openapi.json", "--meta", "none", "--output-path", PACKAGE, "--config", "config.yml"]
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--fail-on-warning", *options]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module(PACKAGE)
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]


class Program:
    """Calls operations through the generated package, and keeps which."""

    def __init__(self, generated, url, key):
        self.models = importlib.import_module(f"{PACKAGE}.models")
        self.file = importlib.import_module(f"{PACKAGE}.types").File
        self.client = generated.AuthenticatedClient(base_url=url, token=key, raise_on_unexpected_status=True)
        self.called = set()

    def call(self, operation_id, *args, **kwargs):
        """What the operation returns, as an object of the package. A refusal fails the test."""
        name = re.sub("([A-Z])", r"_\1", operation_id).lower()
        operation = importlib.import_module(f"{PACKAGE}.api.default.{name}")
        response = operation.sync_detailed(*args, client=self.client, **kwargs)
        assert response.status_code < 300, response.content
        self.called.add(operation_id)
        return response.parsed

    def upload(self, content, name):
        return self.file(payload=io.BytesIO(content), file_name=name)


@pytest.fixture
def program(team, generated, live_server):
    _, key = api_keys.create(team.workspace, "Shop import", by=team.alice, now=timezone.now())
    program = Program(generated, live_server.url, key)
    with program.client:
        yield program


@pytest.fixture
def published(team, monkeypatch):
    """A pin with analytics, in a workspace that has what the operations ask for."""
    team.board.sections_synced_at = timezone.now()
    team.board.save()
    BoardSection.objects.create(board=team.board, pinterest_id="5550001", name="Oak")
    PublishingTimeFactory(account=team.account)
    AccountDayFactory(account=team.account, impressions=1523)
    fetched = MediaFileFactory(workspace=team.workspace)
    monkeypatch.setattr("pins.api.views.media.store_link", lambda *args, **options: fetched)
    return PinSummaryFactory(pin=PinFactory(board=team.board, status=PinStatus.PUBLISHED)).pin


def test_the_client_drives_every_operation(team, document, program, published):
    call, models = program.call, program.models
    later = timezone.now().replace(second=0, microsecond=0) + timedelta(days=3)

    [account] = call("listAccounts")
    [board] = call("listBoards", account=account.username)
    [section] = call("listSections", board.id)
    [free] = call("listNextTimes", account.username, count=1)
    picture = call("uploadMedia", body=models.UploadMediaFileParams(program.upload(picture_bytes(), "chair.jpg")))
    call("addMediaFromLink", body=models.MediaLinkInput("https://example.com/chair.jpg"))
    chair = models.PinInput(
        board=board.id,
        section=section.id,
        title="Oak chair",
        attachments=[models.AttachmentInput(picture.id)],
        publish_at=free.at.isoformat(),
    )
    pin = call("createPin", body=chair, idempotency_key="order-1017")
    assert call("createPin", body=chair, idempotency_key="order-1017").id == pin.id
    moved = call(
        "updatePin", pin.id, body=models.PinChangeInput(publish_at=later.isoformat()), if_match=str(pin.version)
    )
    assert (moved.publish_at, moved.status, moved.version > pin.version) == (later, "scheduled", True)
    assert [each.id for each in call("getPin", pin.id).attachments] == [picture.id]
    [listed] = call("listPins", status=[models.ListPinsPinStatus.SCHEDULED], from_=later, board=board.id).pins
    assert (listed.id, listed.title) == (pin.id, "Oak chair")
    call("createComment", pin.id, body=models.CommentInput("Please check the price."))
    assert [each.by for each in call("listComments", pin.id)] == [team.alice.email]
    assert call("cancelPin", pin.id).status == "draft"
    call("deletePin", pin.id)
    call("deleteMedia", picture.id)
    assert [each.id for each in call("listMedia", kind=models.MediaKind.IMAGE).media].count(picture.id) == 0
    batch = call("createPins", body=models.BatchInput(pins=[models.PinInput(title="Table")]))
    assert [each.status for each in batch.results] == ["created"]
    plan = models.CreateImportMultiPartBodyParams(program.upload(b"Title,Board\nOak,Chairs\n", "plan.csv"))
    made = call("createImport", body=plan)
    assert call("getImport", made.id).rows == 1
    failed = PinFactory(board=team.board, status=PinStatus.FAILED)
    assert call("retryPin", failed.pk).status == "scheduled"
    metrics = ["Pin Click Rate", "Impressions", "Pin Clicks", "Engagement", "Saves"]
    assert [each.label for each in call("getAccountMetrics", account.username, days=30)] == metrics
    assert [each.label for each in call("getAccountAnalytics", account=account.username)] == metrics
    of_pins = ["Impressions", "Pin Clicks", "Outbound Clicks", "Saves"]
    assert [each.label for each in call("getPinMetrics", published.pk)] == of_pins
    assert [each.label for each in call("getPinAnalytics", published.pinterest_pin_id)] == of_pins
    assert call("getBestTimes").account == account.username
    assert [each.id for each in call("listSpecifiedBoards")] == [board.id]

    operations = {each["operationId"] for methods in document["paths"].values() for each in methods.values()}
    assert program.called == operations
    assert not Pin.objects.filter(pk=pin.id).exists()
