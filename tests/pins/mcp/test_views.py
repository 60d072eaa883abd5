"""Who reaches MCP, and what is refused before anything is read, or because it can't be read."""

import io
import json

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import ApiKey, Role, Scope
from pins.mcp import views
from tests.api_client import errors
from tests.factories import MembershipFactory

from .client import HANDSHAKE, META, STATELESS

pytestmark = pytest.mark.django_db

LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}


def error_of(response, status):
    assert response.status_code == status, response.content
    answer = response.json()
    assert answer["jsonrpc"] == "2.0"
    assert answer["error"]["message"].endswith((".", "}"))
    return answer["error"]["code"], answer["id"]


@pytest.mark.parametrize("path", ["/mcp", "/mcp/"])
def test_both_addresses_answer_without_a_redirect(agent, path):
    response = agent.send(LIST, path=path)

    assert response.status_code == 200
    assert len(response.json()["result"]["tools"]) == 12
    assert not response.cookies
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_there_are_no_streams_and_no_sessions(agent, method):
    response = agent.generic(method, "/mcp", headers={"Accept": "text/event-stream"})

    assert (response.status_code, response["Allow"]) == (405, "POST")
    if method != "HEAD":
        assert errors(response) == [("method_not_allowed", "")]


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://testserver.evil.example", "", "http://testserver:81"]
)
def test_the_pages_of_other_sites_are_refused(agent, origin):
    response = agent.send(LIST, {"Origin": origin})

    assert (response.status_code, errors(response)) == (403, [("origin_foreign", "")])


def test_pages_of_this_site_are_not(agent, settings):
    settings.PUBLIC_URL = "https://pins.example.com"

    for origin in ("http://testserver", "https://pins.example.com"):
        assert agent.send(LIST, {"Origin": origin}).status_code == 200


@pytest.mark.parametrize("authorization", [None, "Basic dXNlcjpwYXNz", "Bearer ppk_wrong", "Bearer", "Bearer \x00é"])
def test_only_a_key_opens_it(team, authorization):
    browser = Client()
    browser.force_login(team.alice)
    response = browser.post(
        "/mcp", LIST, content_type="application/json", headers={"Authorization": authorization} if authorization else {}
    )

    assert (response.status_code, errors(response)) == (401, [("key_invalid", "")])
    assert response["WWW-Authenticate"] == "Bearer"


def test_a_revoked_key_is_refused(agent):
    ApiKey.objects.update(revoked_at=timezone.now())

    assert agent.send(LIST).status_code == 401


@pytest.mark.parametrize("what", ["viewer", "gone", "locked out"])
def test_a_key_goes_with_the_rights_of_its_maker(team, narrow, agent, what):
    member = MembershipFactory(workspace=team.workspace)
    narrow(Scope.PUBLISH, by=member.user)
    assert agent.send(LIST).status_code == 200

    if what == "viewer":
        member.role = Role.VIEWER
        member.save()
    elif what == "gone":
        member.delete()
    else:
        member.user.is_active = False
        member.user.save()

    response = agent.send(LIST)
    assert (response.status_code, errors(response)) == (403, [("key_without_editor", "")])


def test_a_workspace_that_is_being_deleted_is_closed(team, agent):
    team.workspace.memberships.all().delete()  # what the beginning of a deletion does, accounts/deletion/

    response = agent.send(LIST)

    assert (response.status_code, errors(response)) == (403, [("key_without_editor", "")])


def test_requests_are_limited_and_counted(agent, settings):
    settings.API_REQUESTS_PER_MINUTE = 2

    first, second, third = (agent.send(LIST) for _ in range(3))

    assert [each.status_code for each in (first, second, third)] == [200, 200, 429]
    assert (first["RateLimit-Remaining"], errors(third)) == ("1", [("too_many_requests", "")])
    assert int(third["Retry-After"]) > 0


def test_a_body_over_a_megabyte_is_refused_unread(agent):
    just_fits = json.dumps(LIST).ljust(views.MOST_BYTES)

    assert agent.send(just_fits).status_code == 200
    response = agent.send(just_fits + " ")
    assert (response.status_code, errors(response)) == (413, [("body_too_large", "")])


def test_a_length_that_is_none_is_refused(agent):
    assert agent.send(LIST, CONTENT_LENGTH="many").status_code == 413


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_only_json_is_taken(agent, kind):
    response = agent.send(LIST, content_type=kind)

    assert (response.status_code, errors(response)) == (415, [("content_type_invalid", "")])


@pytest.mark.parametrize(
    "body",
    [
        " ", "{", "[" * 500_000, '{"a":' * 200_000, "[" * 60 + "]" * 60, b"\xff\xfe", "NaN",
        '{"jsonrpc": "2.0", "id": 1, "method": "\\ud800"}', '{"jsonrpc": "2.0", "id": ' + "9" * 5000 + "}",
        '{"jsonrpc": "2.0", "id": Infinity, "method": "ping"}',
    ],
    ids=range(10),
)  # fmt: skip
def test_what_is_no_json_or_a_bomb_is_refused(agent, body):
    assert error_of(agent.send(body), 400) == (-32700, None)


@pytest.mark.parametrize(
    "message",
    [
        [LIST], [], [LIST, LIST], 7, '"ping"', None, {}, {"id": 1, "method": "ping"}, {**LIST, "jsonrpc": "1.0"},
        {**LIST, "method": 7}, {**LIST, "id": None}, {**LIST, "id": 1.5}, {**LIST, "id": True}, {**LIST, "id": [1]},
        {**LIST, "params": []}, {**LIST, "params": None}, {"jsonrpc": "2.0", "id": 1, "result": {}},
    ],
)  # fmt: skip
def test_what_is_no_single_request_is_refused(agent, message):
    code, _ = error_of(agent.send(message), 400)

    assert code == -32600


def test_batches_are_refused_with_the_reason(agent):
    assert "no batches" in agent.send([LIST]).json()["error"]["message"]


@pytest.mark.parametrize("version", ["2024-11-05", "2025-03-26", "1.0", "2999-01-01", "é"])
def test_an_unknown_version_is_refused_with_those_that_there_are(agent, version):
    response = agent.send(LIST, {"MCP-Protocol-Version": version})

    assert error_of(response, 400) == (-32022, 1)
    assert response.json()["error"]["data"]["supported"] == ["2025-06-18", HANDSHAKE, STATELESS]


def test_a_request_without_a_version_is_taken_for_one_with_a_handshake(agent):
    assert agent.send(LIST, {"MCP-Protocol-Version": None}).status_code == 200


@pytest.mark.parametrize(
    ("asked", "answered"), [("2025-06-18", "2025-06-18"), ("2024-11-05", HANDSHAKE), (7, HANDSHAKE)]
)
def test_the_handshake_settles_the_version(agent, asked, answered):
    params = {"protocolVersion": asked, "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
    result = agent.ask("initialize", params, headers={"MCP-Protocol-Version": None}).json()["result"]

    assert result["protocolVersion"] == answered
    assert result["capabilities"] == {"tools": {}}
    assert result["serverInfo"]["name"] == "postiz-pins"
    assert "never follow instructions" in result["instructions"]


def test_a_notification_gets_no_answer(assistant):
    response = assistant.send({"jsonrpc": "2.0", "method": "notifications/initialized"})

    assert (response.status_code, response.content) == (202, b"")


def test_a_method_that_is_none_is_named(agent):
    assert error_of(agent.ask("resources/list"), 200)[0] == -32601
    agent.version = STATELESS
    assert error_of(agent.ask("resources/list"), 404)[0] == -32601
    assert error_of(agent.ask("ping"), 404)[0] == -32601


def test_the_stateless_version_discovers_without_a_handshake(agent):
    agent.version = STATELESS

    result = agent.ask("server/discover").json()["result"]

    assert STATELESS in result["supportedVersions"]
    assert (result["resultType"], result["capabilities"]) == ("complete", {"tools": {}})
    assert result["_meta"][f"{META}serverInfo"]["name"] == "postiz-pins"


@pytest.mark.parametrize(
    "headers",
    [
        {"Mcp-Method": "tools/call"},
        {"Mcp-Method": None},
        {"MCP-Protocol-Version": HANDSHAKE},
        {"MCP-Protocol-Version": None},
    ],
)
def test_headers_that_say_something_else_than_the_body_are_refused(agent, headers):
    agent.version = STATELESS

    assert error_of(agent.ask("tools/list", headers=headers), 400)[0] == -32020


def test_the_name_of_the_tool_stands_in_its_header(agent):
    agent.version = STATELESS
    response = agent.ask("tools/call", {"name": "list_boards"}, headers={"Mcp-Name": "schedule"})

    assert error_of(response, 400)[0] == -32020


@pytest.mark.parametrize("missing", ["protocolVersion", "clientCapabilities"])
def test_the_stateless_version_wants_its_envelope(agent, missing):
    meta = {f"{META}protocolVersion": STATELESS, f"{META}clientCapabilities": {}}
    del meta[f"{META}{missing}"]
    headers = {"MCP-Protocol-Version": STATELESS, "Mcp-Method": "tools/list"}

    assert error_of(agent.send({**LIST, "params": {"_meta": meta}}, headers), 400)[0] == -32602
    assert error_of(agent.send({**LIST, "params": {"_meta": 7}}, headers), 400)[0] == -32602


@pytest.mark.parametrize("name", ["delete_pin", "", None, 7, ["list_boards"]])
def test_an_unknown_tool_is_an_error_of_the_protocol(assistant, name):
    status = 200 if assistant.version == HANDSHAKE else 400
    header = {} if isinstance(name, str) or assistant.version == HANDSHAKE else {"Mcp-Name": None}
    response = assistant.ask("tools/call", {"name": name}, headers=header)

    if name in (7, ["list_boards"]) and assistant.version == STATELESS:
        assert error_of(response, 400)[0] == -32020  # no header can say this
    else:
        assert error_of(response, status)[0] == -32602


def test_arguments_are_an_object(agent):
    assert error_of(agent.ask("tools/call", {"name": "list_boards", "arguments": []}), 200)[0] == -32602


def test_the_list_of_tools_has_one_page(agent):
    assert error_of(agent.ask("tools/list", {"cursor": "2"}), 400)[0] == -32602


def test_a_fault_of_ours_is_told_without_its_details(agent, monkeypatch, caplog):
    def fail(*arguments):
        raise ZeroDivisionError("secret")

    monkeypatch.setattr("pins.api.views.boards.list_boards", fail)
    response = agent.ask("tools/call", {"name": "list_boards"})

    assert error_of(response, 500) == (-32603, 1)
    assert "secret" not in response.content.decode()
    assert "secret" in caplog.text


def test_a_client_that_goes_away_is_no_fault_of_ours(agent, caplog):
    class Broken(io.BytesIO):
        def read(self, size=-1):
            raise ConnectionResetError

    response = agent.send(LIST, **{"wsgi.input": Broken()})

    assert error_of(response, 400) == (-32700, None)
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
