"""The sandbox held against Pinterest's own description of its API, where that file is at hand."""

import json
import re
from pathlib import Path

import pytest
import requests
from jsonschema import Draft202012Validator

from postiz_pins.sandbox import urls
from postiz_pins.sandbox.api.operations import SCOPES
from postiz_pins.sandbox.faults import OPERATIONS

from .images import VIDEO, base64_source, image_base64
from .test_analytics import PIN_METRICS, span

FILE = Path(__file__).resolve().parents[3].parent / "shared/pinterest/openapi.json"
pytestmark = pytest.mark.skipif(not FILE.exists(), reason="Pinterest's description is not part of the repository")
APP = ("sandbox-app", "sandbox-secret")


def as_json_schema(part):
    """OpenAPI 3.0 says `nullable` where JSON Schema has a type."""
    if isinstance(part, list):
        return [as_json_schema(item) for item in part]
    if not isinstance(part, dict):
        return part
    converted = {key: as_json_schema(value) for key, value in part.items() if key != "nullable"}
    return {"anyOf": [converted, {"type": "null"}]} if part.get("nullable") is True else converted


@pytest.fixture(scope="module")
def description():
    return json.loads(FILE.read_text())


@pytest.fixture(scope="module")
def operations(description):
    return {
        operation["operationId"]: (method.upper(), path, operation)
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    }


@pytest.fixture(scope="module")
def validator(description):
    components = as_json_schema(description["components"])

    def build(schema):
        return Draft202012Validator({**as_json_schema(schema), "components": components})

    return build


@pytest.fixture
def world(sandbox, token, board_id):
    """Something of every kind, so that no list is empty."""
    sandbox.options(processing_seconds=0, multi_pin_analytics=True)
    media = sandbox.api("POST", "/media", token, json={"media_type": "video"}).json()
    requests.post(media["upload_url"], data=media["upload_parameters"], files={"file": ("v", VIDEO)}, timeout=9)
    sectioned = sandbox.create_board("harbourandpine", "Sections", sections=["One"])
    for media_type in ("image", "multiple_images", "video"):
        pin = sandbox.create_pin(board_id, title=media_type, media_type=media_type, days_ago=40)
    return {"board_id": board_id, "pin_id": pin["id"], "media_id": media["media_id"], "sectioned": sectioned["id"]}


ANSWERED = [
    ("user_account/get", {}),
    ("boards/list", {}),
    ("boards/get", {}),
    ("boards/create", {"json": {"name": "Contract", "description": None}}),
    ("boards/list_pins", {"params": {"pin_metrics": "true"}}),
    ("board_sections/list", {}),
    ("pins/create", {}),
    ("pins/list", {"params": {"pin_metrics": "true"}}),
    ("pins/get", {}),
    ("pins/delete", {}),
    ("pins/analytics", {"params": span(metric_types=PIN_METRICS)}),
    ("multi_pins/analytics", {"params": span(metric_types=PIN_METRICS)}),
    ("user_account/analytics", {"params": span()}),
    ("user_account/analytics/top_pins", {"params": span(sort_by="IMPRESSION")}),
    ("media/create", {"json": {"media_type": "video"}}),
    ("media/get", {}),
    ("media/list", {}),
]


@pytest.mark.parametrize(("name", "keys"), ANSWERED, ids=[name for name, _ in ANSWERED])
def test_answer_has_the_described_shape(sandbox, token, world, operations, validator, name, keys):
    method, path, operation = operations[name]
    if name == "pins/create":
        keys = {"json": {"board_id": world["board_id"], "media_source": base64_source()}}
    if name == "multi_pins/analytics":
        keys = {"params": {**keys["params"], "pin_ids": world["pin_id"]}}
    if name == "board_sections/list":
        world["board_id"] = world["sectioned"]

    answer = sandbox.api(method, path.format_map(world), token, **keys)

    assert answer.ok, answer.text
    described = operation["responses"][str(answer.status_code)]
    if "content" not in described:
        assert answer.content == b""
        return
    schema = described["content"]["application/json"]["schema"]
    assert [error.message for error in validator(schema).iter_errors(answer.json())] == []
    assert answer.json().get("items") != []


@pytest.mark.parametrize(
    ("path", "schema_name"),
    [("/user_account", "Account"), ("/boards/{board_id}", "BoardBase"), ("/pins/{pin_id}", "Pin")],
)
def test_answer_has_no_field_that_pinterest_does_not_know(sandbox, token, world, description, path, schema_name):
    known = set(description["components"]["schemas"][schema_name]["properties"]) | {"privacy"}

    answer = sandbox.api("GET", path.format_map(world), token).json()

    assert set(answer) <= known


def test_token_answers_have_the_described_shape(sandbox, validator):
    tokens = sandbox.tokens("harbourandpine")

    answer = requests.post(
        f"{sandbox.api_url}/oauth/token",
        data={"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]},
        auth=APP,
        timeout=10,
    ).json()

    for schema, body in (("OauthAccessTokenResponseCode", tokens), ("OauthAccessTokenResponseRefresh", answer)):
        assert list(validator({"$ref": f"#/components/schemas/{schema}"}).iter_errors(body)) == []


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500])
def test_refusals_have_the_described_shape(sandbox, token, operations, validator, status):
    sandbox.fault("boards/list", "message", status=status, code=1, message="No.")
    responses = operations["boards/list"][2]["responses"]

    answer = sandbox.api("GET", "/boards", token)

    schema = responses.get(str(status), responses["default"])["content"]["application/json"]["schema"]
    assert list(validator(schema).iter_errors(answer.json())) == []


def test_every_address_is_one_of_pinterests(description):
    served = {re.sub(r"<str:(\w+)>", r"{\1}", f"/{item.pattern}".removeprefix("/v5")) for item in urls.api}

    assert served <= set(description["paths"])


def test_every_operation_is_one_of_pinterests_and_asks_for_the_same_scopes(operations):
    assert set(SCOPES) == set(OPERATIONS)
    for name, scopes in SCOPES.items():
        if name in ("oauth/token", "upload"):
            continue
        assert set(scopes) == set(operations[name][2]["security"][0]["pinterest_oauth2"]), name


def pin_body(media_source=None, **keys):
    return {"board_id": "1", "media_source": media_source or base64_source(), **keys}


def item(**keys):
    return {"content_type": "image/jpeg", "data": image_base64(), **keys}


def carousel(*items, **keys):
    return {"source_type": "multiple_image_base64", "items": list(items), **keys}


def video(**keys):
    return {"source_type": "video_id", "media_id": "1", **keys}


JUDGED_ALIKE = {
    "base64": (True, pin_body()),
    "all texts at their limits": (
        True,
        pin_body(title="t" * 100, description="d" * 800, link="h" * 2048, alt_text="a" * 500, dominant_color="#AABBCC"),
    ),
    "all texts null": (
        True,
        pin_body(title=None, description=None, link=None, alt_text=None, dominant_color=None, board_section_id=None),
    ),
    "two images": (True, pin_body(carousel(item(title="One", description="d", link="l"), item()))),
    "five images with an index": (True, pin_body(carousel(*[item()] * 5, index=0))),
    "not standard": (True, pin_body({**base64_source(), "is_standard": False})),
    "title too long": (False, pin_body(title="t" * 101)),
    "description too long": (False, pin_body(description="d" * 801)),
    "link too long": (False, pin_body(link="h" * 2049)),
    "alt text too long": (False, pin_body(alt_text="a" * 501)),
    "title no text": (False, pin_body(title=7)),
    "board id no digits": (False, pin_body() | {"board_id": "kitchen"}),
    "board id a number": (False, pin_body() | {"board_id": 7}),
    "section id no digits": (False, pin_body(board_section_id="shelf")),
    "media source no object": (False, pin_body() | {"media_source": "image"}),
    "unknown source type": (False, pin_body({"source_type": "image_path", "url": "x"})),
    "no source type": (False, pin_body({"url": "x"})),
    "url missing": (False, pin_body({"source_type": "image_url"})),
    "data missing": (False, pin_body({"source_type": "image_base64", "content_type": "image/png"})),
    "content type webp": (False, pin_body({**base64_source(), "content_type": "image/webp"})),
    "data not base64": (False, pin_body({**base64_source(), "data": "a-b_c"})),
    "one image": (False, pin_body(carousel(item()))),
    "six images": (False, pin_body(carousel(*[item()] * 6))),
    "item without data": (False, pin_body(carousel(item(), {"content_type": "image/png"}))),
    "item title no text": (False, pin_body(carousel(item(), item(title=None)))),
    "index negative": (False, pin_body(carousel(item(), item(), index=-1))),
    "media id missing": (False, pin_body({"source_type": "video_id", "cover_image_url": "x"})),
    "media id no digits": (False, pin_body(video(cover_image_key_frame_time=1) | {"media_id": "v"})),
    "key frame negative": (False, pin_body(video(cover_image_key_frame_time=-1))),
    "cover content type gif": (False, pin_body(video(cover_image_content_type="image/gif", cover_image_data="x"))),
    "body a list": (False, [pin_body()]),
}
# What the description leaves open, and Pinterest refuses all the same.
STRICTER = {
    "a PNG that is called a JPEG": pin_body({**base64_source(), "data": image_base64(kind="PNG")}),
    "a carousel with a JPEG that is called a PNG": pin_body(carousel(item(), item(content_type="image/png"))),
    "no board": {"media_source": base64_source()},
    "no media source": {"board_id": "1"},
    "no cover": pin_body(video()),
    "cover data without its type": pin_body(video(cover_image_data=image_base64())),
    "cover type without its data": pin_body(video(cover_image_content_type="image/png")),
    "colour by name": pin_body(dominant_color="teal"),
    "product pin": pin_body({"source_type": "pin_url"}),
}


def verdicts(sandbox, token, board_id, validator, body):
    """Whether the description accepts this body for POST /pins, and whether the sandbox does."""
    described = validator({"$ref": "#/components/schemas/PinCreate"}).is_valid(body)
    if isinstance(body, dict) and body.get("board_id") == "1":
        body = {**body, "board_id": board_id}
    return described, sandbox.api("POST", "/pins", token, json=body).status_code


@pytest.mark.parametrize(("accepted", "body"), JUDGED_ALIKE.values(), ids=JUDGED_ALIKE)
def test_request_is_judged_as_described(sandbox, token, board_id, validator, accepted, body):
    assert verdicts(sandbox, token, board_id, validator, body) == (accepted, 201 if accepted else 400)


@pytest.mark.parametrize("body", STRICTER.values(), ids=STRICTER)
def test_request_that_only_the_description_would_accept_is_refused(sandbox, token, board_id, validator, body):
    assert verdicts(sandbox, token, board_id, validator, body) == (True, 400)
