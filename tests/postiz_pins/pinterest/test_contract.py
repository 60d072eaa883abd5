"""The client held against Pinterest's own description of its API, where that file is at hand."""

import json
import re
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
import requests
from jsonschema import Draft202012Validator

from pins.publishing import payload
from postiz_pins.pinterest import http
from postiz_pins.pinterest.client import PAGE_SIZE, PinterestClient
from postiz_pins.pinterest.errors import PinterestError
from postiz_pins.pinterest.oauth import SCOPES, refresh_tokens
from tests.factories import AttachmentFactory, MediaFileFactory, PinFactory, VideoFileFactory

FILE = Path(__file__).resolve().parents[3].parent / "shared/pinterest/openapi.json"
pytestmark = pytest.mark.skipif(not FILE.exists(), reason="Pinterest's description is not part of the repository")
API_URL = "https://api.pinterest.com/v5"
START_ON, END_ON = date(2026, 1, 1), date(2026, 1, 31)


@pytest.fixture(scope="module")
def description():
    return json.loads(FILE.read_text())


@pytest.fixture
def sent(monkeypatch):
    """What the client would send, as (method, address, form or JSON). Every answer is an endless first page."""
    requests_sent = []

    def send(session, request, **options):
        requests_sent.append(request)
        answer = requests.Response()
        answer.status_code = 200
        body = {"id": "1", "access_token": "a", "refresh_token": "r", "items": [], "bookmark": "b"}
        body |= {"all": {"daily_metrics": []}}
        body |= {"media_id": "5", "upload_url": "https://example.com/", "upload_parameters": {}, "status": "processing"}
        answer._content = json.dumps(body).encode()
        return answer

    monkeypatch.setattr(http.requests.Session, "send", send)
    return requests_sent


def operation_of(description, request):
    """The described operation that `request` calls: the one whose path has its shape."""
    path = urlsplit(request.url).path.removeprefix("/v5")
    for template, operations in description["paths"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", r"\\d+", template), path) and request.method.lower() in operations:
            return operations[request.method.lower()]
    raise AssertionError(f"Pinterest has no {request.method} {path}")


def parameters_of(description, operation):
    parameters = {}
    for parameter in operation.get("parameters", []):
        if "$ref" in parameter:
            parameter = description["components"]["parameters"][parameter["$ref"].rpartition("/")[2]]
        parameters[parameter["name"]] = parameter
    return parameters


CALLS = {
    "user_account/get": lambda client: client.fetch_user_account(),
    "boards/list": lambda client: client.fetch_boards(),
    "boards/get": lambda client: client.fetch_board("1"),
    "board_sections/list": lambda client: client.fetch_board_sections("1"),
    "boards/list_pins": lambda client: client.fetch_board_pins_since("1", datetime(2026, 1, 1, tzinfo=UTC)),
    "pins/create": lambda client: client.create_pin({"board_id": "1"}),
    "media/create": lambda client: client.register_video(),
    "media/get": lambda client: client.fetch_media_status("5"),
    "user_account/analytics": lambda client: client.fetch_account_days(START_ON, END_ON),
    "pins/analytics": lambda client: client.fetch_pin_days("1", START_ON, END_ON),
    "multi_pins/analytics": lambda client: client.fetch_days_of_pins(["1", "2"], START_ON, END_ON),
    "pins/list": lambda client: client.fetch_pins_with_metrics(datetime(2026, 1, 1, tzinfo=UTC), "b"),
    "pins/get": lambda client: client.fetch_pin_with_metrics("1"),
}


@pytest.mark.parametrize("operation_id", CALLS)
def test_every_call_is_an_operation_of_pinterests_with_its_parameters(description, sent, operation_id):
    CALLS[operation_id](PinterestClient(API_URL, "token"))

    assert sent
    for request in sent:
        operation = operation_of(description, request)
        known = parameters_of(description, operation)
        query = dict(parse_qsl(urlsplit(request.url).query))
        assert operation["operationId"] == operation_id
        assert set(query) <= {name for name, parameter in known.items() if parameter["in"] == "query"}
        assert {name for name, parameter in known.items() if parameter.get("required")} <= {
            "board_id",
            "media_id",
            "pin_id",
            *query,
        }
        assert request.headers["Authorization"] == "Bearer token"
        sent_as = parse_qs(urlsplit(request.url).query)
        for name, parameter in known.items():
            if name in sent_as and parameter["schema"].get("type") == "array":
                # OpenAPI 3.0: a list is repeated (`explode`) unless the parameter says that it is joined with commas.
                is_joined = parameter.get("explode") is False
                assert (len(sent_as[name]) == 1) == is_joined
                assert ("," in sent_as[name][0]) == is_joined
        if "page_size" in query:
            assert int(query["page_size"]) == known["page_size"]["schema"]["maximum"] == PAGE_SIZE


def test_every_public_method_of_the_client_is_held_against_the_description():
    assert len([name for name in vars(PinterestClient) if not name.startswith("_")]) == len(CALLS)


def test_the_refresh_is_the_form_that_pinterest_describes(description, sent):
    refresh_tokens(API_URL, "app", "secret", "pinr", datetime(2026, 1, 1, tzinfo=UTC))

    [request] = sent
    described = operation_of(description, request)["requestBody"]["content"]
    assert request.headers["Content-Type"] in described
    assert request.headers["Authorization"].startswith("Basic ")
    schema = description["components"]["schemas"]["OauthAccessTokenRequestRefresh"]
    fields = {name for part in schema.get("allOf", [schema]) for name in part.get("properties", {})}
    form = dict(parse_qsl(request.body))
    # The schema leaves continuous_refresh out; the operation's text asks apps from before 2025-09-25 to send it.
    assert "continuous_refresh" in description["paths"]["/oauth/token"]["post"]["description"]
    assert {"refresh_token", "continuous_refresh"} <= set(form) <= fields | {"grant_type", "continuous_refresh"}


def test_the_scopes_cover_every_operation_that_is_used(description, sent):
    for call in CALLS.values():
        call(PinterestClient(API_URL, "token"))

    needed = {
        scope
        for request in sent
        for scope in operation_of(description, request)["security"][0].get("pinterest_oauth2", [])
    }
    assert needed <= set(SCOPES)
    # boards:write is more than POST /pins needs in places; the specification lists it all the same.
    assert set(SCOPES) - needed <= {"boards:write"}


def test_every_scope_that_is_asked_for_exists(description):
    [flow] = description["components"]["securitySchemes"]["pinterest_oauth2"]["flows"].values()

    assert set(SCOPES) <= set(flow["scopes"])


def as_json_schema(part):
    """OpenAPI 3.0 says `nullable` where JSON Schema has a type."""
    if isinstance(part, list):
        return [as_json_schema(item) for item in part]
    if not isinstance(part, dict):
        return part
    converted = {key: as_json_schema(value) for key, value in part.items() if key != "nullable"}
    return {"anyOf": [converted, {"type": "null"}]} if part.get("nullable") is True else converted


@pytest.fixture(scope="module")
def pin_create(description):
    components = as_json_schema(description["components"])
    return Draft202012Validator({"$ref": "#/components/schemas/PinCreate", "components": components})


@pytest.mark.django_db
@pytest.mark.parametrize("source", ["url", "base64"])
@pytest.mark.parametrize(
    "texts",
    [
        {"title": "", "description": "", "link": "", "alt_text": "", "dominant_color": ""},
        {"title": "t" * 100, "description": "d" * 500, "alt_text": "a" * 500, "dominant_color": "#FF5722"},
    ],
    ids=["no texts", "all texts"],
)
def test_the_pins_that_are_sent_are_the_pins_that_pinterest_describes(settings, sent, pin_create, source, texts):
    settings.PINTEREST_IMAGE_SOURCE = source
    pin = PinFactory(**texts)

    PinterestClient(API_URL, "token").create_pin(payload.build_pin_payload(pin))

    body = json.loads(sent[0].body)
    assert body["media_source"]["source_type"] == f"image_{source}"
    assert [error.message for error in pin_create.iter_errors(body)] == []


@pytest.mark.django_db
@pytest.mark.parametrize("source", ["url", "base64"])
def test_the_carousels_and_videos_that_are_sent_are_those_that_pinterest_describes(settings, pin_create, source):
    settings.PINTEREST_IMAGE_SOURCE = source
    carousel = PinFactory(attachments=1)
    for position in range(1, 5):
        texts = {"title": "Oak", "description": "By hand", "link": "https://example.com/"} if position == 2 else {}
        AttachmentFactory(pin=carousel, media=MediaFileFactory(), position=position, **texts)
    video = PinFactory(attachments=0, pinterest_media_id="5212")
    AttachmentFactory(pin=video, media=VideoFileFactory(), position=0)
    AttachmentFactory(pin=video, media=MediaFileFactory(), position=1)

    for pin, kind in ((carousel, f"multiple_image_{source}{'s' if source == 'url' else ''}"), (video, "video_id")):
        body = payload.build_pin_payload(pin)
        assert body["media_source"]["source_type"] == kind
        assert [error.message for error in pin_create.iter_errors(body)] == []


def test_the_registration_and_the_statuses_are_those_that_pinterest_describes(description, sent):
    PinterestClient(API_URL, "token").register_video()

    schemas = as_json_schema(description["components"])["schemas"]
    registration = Draft202012Validator({"components": {"schemas": schemas}, **schemas["MediaUploadCreate"]})
    assert [error.message for error in registration.iter_errors(json.loads(sent[0].body))] == []
    # video.poll knows the last two; each other one means that Pinterest is not done.
    assert schemas["MediaUploadStatus"]["enum"] == ["registered", "processing", "succeeded", "failed"]


def test_errors_of_the_described_shape_are_understood(description, script, scripted_client):
    assert set(description["components"]["schemas"]["Error"]["properties"]) == {"code", "message"}
    script.answer({"code": 50, "message": "Pin not found."}, 404)

    with pytest.raises(PinterestError) as caught:
        scripted_client.fetch_boards()

    assert (caught.value.code, caught.value.message) == (50, "Pin not found.")
