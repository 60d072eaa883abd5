"""openapi.json: well-formed, and true of what the API answers."""

import re
from pathlib import Path

import pytest
from django.test import Client
from jsonschema import Draft202012Validator, FormatChecker

from accounts.models import BoardSection
from pins.models import PinStatus
from tests.factories import AccountDayFactory, MediaFileFactory, PinFactory, PinSummaryFactory, VideoFileFactory

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[3]
# What a document of OpenAPI 3.1 needs (https://spec.openapis.org/oas/3.1/schema/), as far as ours goes.
SCHEMA_OBJECT = {"$ref": "https://json-schema.org/draft/2020-12/schema"}
CONTENT = {
    "type": "object",
    "minProperties": 1,
    "propertyNames": {"pattern": "^[a-z]+/[a-z-]+$"},
    "additionalProperties": {
        "type": "object",
        "required": ["schema"],
        "properties": {"schema": SCHEMA_OBJECT, "example": {}, "examples": {"type": "object"}},
        "additionalProperties": False,
    },
}
OPERATION = {
    "type": "object",
    "required": ["operationId", "summary", "description", "responses"],
    "properties": {
        "operationId": {"type": "string"},
        "summary": {"type": "string"},
        "description": {"type": "string"},
        "security": {"type": "array", "items": {"type": "object", "additionalProperties": {"type": "array"}}},
        "parameters": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["in", "name", "schema", "required"],
                "properties": {
                    "in": {"enum": ["query", "header", "path"]},
                    "name": {"type": "string"},
                    "description": {"type": "string"},
                    "required": {"type": "boolean"},
                    "schema": SCHEMA_OBJECT,
                },
                "additionalProperties": False,
            },
        },
        "requestBody": {
            "type": "object",
            "required": ["content"],
            "properties": {"content": CONTENT, "required": {"type": "boolean"}},
            "additionalProperties": False,
        },
        "responses": {
            "type": "object",
            "minProperties": 1,
            "propertyNames": {"pattern": "^[1-5][0-9]{2}$"},
            "additionalProperties": {
                "type": "object",
                "required": ["description"],
                "properties": {"description": {"type": "string"}, "content": CONTENT},
                "additionalProperties": False,
            },
        },
    },
    "additionalProperties": False,
}
OPENAPI = {
    "type": "object",
    "required": ["openapi", "info", "paths", "components", "servers"],
    "properties": {
        "openapi": {"pattern": r"^3\.1\.\d+$"},
        "info": {
            "type": "object",
            "required": ["title", "version"],
            "additionalProperties": {"type": "string"},
        },
        "servers": {
            "type": "array",
            "items": {"type": "object", "required": ["url"], "additionalProperties": {"type": "string"}},
        },
        "paths": {
            "type": "object",
            "propertyNames": {"pattern": "^/"},
            "additionalProperties": {
                "type": "object",
                "propertyNames": {"enum": ["get", "put", "post", "delete", "patch"]},
                "additionalProperties": OPERATION,
            },
        },
        "components": {
            "type": "object",
            "properties": {
                "schemas": {"type": "object", "additionalProperties": SCHEMA_OBJECT},
                "securitySchemes": {
                    "type": "object",
                    "additionalProperties": {
                        "type": "object",
                        "required": ["type", "scheme"],
                        "properties": {"type": {"const": "http"}, "scheme": {"const": "bearer"}},
                    },
                },
            },
            "additionalProperties": False,
        },
    },
    "additionalProperties": False,
}


@pytest.fixture
def document():
    response = Client().get("/api/openapi.json")
    assert response.status_code == 200
    return response.json()


def operations(document):
    return {
        operation["operationId"]: (path, operation)
        for path, methods in document["paths"].items()
        for operation in methods.values()
    }


def assert_is(document, schema, value):
    whole = schema | {"components": document["components"]}
    Draft202012Validator(whole, format_checker=FormatChecker()).validate(value)


def assert_is_answer(document, operation_id, response):
    """The answer is one that the document promises for its status."""
    _, operation = operations(document)[operation_id]
    promised = operation["responses"][str(response.status_code)]["content"]["application/json"]["schema"]
    assert_is(document, promised, response.json())


def test_the_document_is_well_formed(document):
    Draft202012Validator(OPENAPI).validate(document)


def test_the_document_describes_what_the_issue_promises(document):
    assert {(method, path) for path, methods in document["paths"].items() for method in methods} == {
        ("get", "/api/boards"),
        ("get", "/api/boards/{board}/sections"),
        ("get", "/api/accounts/{account}/next-times"),
        ("get", "/api/accounts"),
        ("get", "/api/accounts/{account}/analytics"),
        ("get", "/api/pins/{id}/analytics"),
        ("get", "/api/pins/{id}/comments"),
        ("post", "/api/pins/{id}/comments"),
        ("get", "/api/media"),
        ("post", "/api/media"),
        ("post", "/api/media/link"),
        ("delete", "/api/media/{id}"),
        ("post", "/api/pins"),
        ("post", "/api/pins/batch"),
        ("post", "/api/imports"),
        ("get", "/api/imports/{id}"),
        ("get", "/api/pins"),
        ("get", "/api/pins/{id}"),
        ("patch", "/api/pins/{id}"),
        ("delete", "/api/pins/{id}"),
        ("post", "/api/pins/{id}/cancel"),
        ("post", "/api/pins/{id}/retry"),
        ("get", "/boards"),
        ("get", "/analytics/account.json"),
        ("get", "/analytics/pins/{pinterest_pin_id}.json"),
        ("get", "/analytics/best-times.json"),
    }
    assert len(operations(document)) == 26, "an operationId is there twice"


def test_every_reference_leads_somewhere(document):
    schemas = document["components"]["schemas"]

    references = set(re.findall(r"'\$ref': '([^']*)'", repr(document)))
    assert references == {f"#/components/schemas/{name}" for name in schemas}


def test_every_part_of_a_path_is_a_parameter(document):
    for path, operation in operations(document).values():
        named = {each["name"] for each in operation["parameters"] if each["in"] == "path" and each["required"]}
        assert named == set(re.findall(r"{(\w+)}", path))


def test_every_operation_wants_a_key_and_tells_its_refusals(document):
    schemes = document["components"]["securitySchemes"]
    errors = {"$ref": "#/components/schemas/ErrorsAnswer"}

    for path, operation in operations(document).values():
        [wanted] = operation["security"]
        assert set(wanted) <= set(schemes)
        assert {"401", "403", "429"} <= set(operation["responses"])
        assert ("422" if path.startswith("/api/") else "404") in operation["responses"]
        for status, response in operation["responses"].items():
            if status >= "400":
                assert response["content"]["application/json"]["schema"] == errors


def test_the_examples_are_what_they_stand_for(document):
    seen = 0
    for schema in document["components"]["schemas"].values():
        for each in [schema, *schema.get("properties", {}).values()]:
            for example in each.get("examples", []):
                assert_is(document, each, example)
                seen += 1
    assert seen > 10


def test_the_example_of_a_new_pin_makes_one(team, document, program):
    [example] = document["components"]["schemas"]["PinInput"]["examples"]
    team.board.pinterest_id = example["board"]
    team.board.save()
    MediaFileFactory(workspace=team.workspace, pk=example["attachments"][0])

    response = program.create_pin(**example)

    assert response.status_code == 201
    assert_is_answer(document, "createPin", response)


def test_the_answers_are_those_that_the_document_promises(team, document, program):
    board, picture = team.board.pinterest_id, MediaFileFactory(workspace=team.workspace).pk
    pins = [program.create_pin("1"), program.create_pin("1"), program.create_pin("1", title="Oak")]
    pins += [program.create_pin(board=board, attachments=[picture], publish_at="now"), program.create_pin(color="red")]

    assert [response.status_code for response in pins] == [201, 200, 409, 201, 422]
    for response in pins:
        assert_is_answer(document, "createPin", response)
    assert_is_answer(document, "createPin", program.post("/api/pins", "{", content_type="application/json"))
    assert_is_answer(document, "listBoards", program.get("/api/boards"))
    assert_is_answer(document, "listBoards", program.get("/api/boards?account=nobody"))
    assert_is_answer(document, "uploadMedia", program.upload())
    assert_is_answer(document, "uploadMedia", program.upload(b"text"))
    assert_is_answer(document, "getPin", program.get("/api/pins/999999"))
    assert_is_answer(document, "getPin", Client().get(f"/api/pins/{pins[0].json()['id']}"))


def test_the_shared_addresses_answer_as_the_document_promises(team, document, program):
    AccountDayFactory(account=team.account, impressions=1523)
    pin = PinSummaryFactory(pin=PinFactory(board=team.board, status=PinStatus.PUBLISHED)).pin
    analytics, pin_analytics = "/analytics/account.json", f"/analytics/pins/{pin.pinterest_pin_id}.json"
    asked = {
        "listSpecifiedBoards": [("/boards", 200), ("/boards?account=nobody", 404)],
        "getAccountAnalytics": [
            (analytics, 200), (f"{analytics}?start=soon&end=2026-11-01", 400), (f"{analytics}?account=nobody", 404),
        ],
        "getBestTimes": [("/analytics/best-times.json", 200), ("/analytics/best-times.json?account=nobody", 404)],
        "getPinAnalytics": [
            (pin_analytics, 200), (f"{pin_analytics}?days=0", 400), ("/analytics/pins/1.json", 404),
        ],
    }  # fmt: skip

    for operation_id, requests in asked.items():
        for address, status in requests:
            response = program.get(address)
            assert response.status_code == status
            assert_is_answer(document, operation_id, response)
        assert_is_answer(document, operation_id, Client().get(requests[0][0]))


@pytest.mark.parametrize("status", PinStatus)
def test_a_pin_in_every_status_is_as_the_document_says(team, document, program, status):
    section = BoardSection.objects.create(board=team.board, pinterest_id="5550001", name="Oak")
    pin = PinFactory(
        board=team.board,
        section=section,
        status=status,
        attachments=2,
        error_code="board_not_found",
        error_text="Board not found.",
        warnings=[{"code": "link_redirects", "field": "link", "message": "The link leads elsewhere."}],
    )
    pin.attachments.filter(position=1).update(media=VideoFileFactory(workspace=team.workspace))

    response = program.get(f"/api/pins/{pin.pk}")

    assert response.json()["status"] == status
    assert_is_answer(document, "getPin", response)


def test_the_page_for_people_lists_every_code_of_the_api():
    files = [path.relative_to(ROOT) for app in ("accounts", "pins", "analytics") for path in (ROOT / app).rglob("*.py")]
    of_the_api = [path for path in files if path.parts[0] == "analytics" or "/api" in path.as_posix()]
    source = "".join((ROOT / path).read_text() for path in of_the_api)
    refused_by_us = set(re.findall(r'(?:Problem|JsonError)\(\s*"(\w+)"', source))
    listed = set(re.findall(r"`(\w+)`", (ROOT / "docs" / "api.md").read_text()))

    assert {"board_unknown", "key_invalid", "too_many_wrong_keys", "days_invalid"} <= refused_by_us
    assert {"start_invalid", "end_invalid"} <= listed  # analytics/account_report/forms.py builds these names
    # `invalid` stands for what pydantic may find one day and has no sentence of ours yet.
    assert refused_by_us - listed == {"invalid", "too_many_attachments"}
