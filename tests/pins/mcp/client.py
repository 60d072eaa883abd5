"""A client of MCP, in the version of the protocol that has a handshake, or in the one without."""

import itertools
import json

from tests.api_client import ApiClient

HANDSHAKE, STATELESS = "2025-11-25", "2026-07-28"
META = "io.modelcontextprotocol/"


class McpClient(ApiClient):
    """Sends messages with the key of a program."""

    version = HANDSHAKE

    def __init__(self, workspace, by):
        super().__init__(workspace, by)
        self.ids = itertools.count(1)

    def send(self, message, headers=None, path="/mcp", **options):
        """Send what is given, whatever it is."""
        body = message if isinstance(message, str | bytes) else json.dumps(message)
        named = {"Accept": "application/json, text/event-stream", "MCP-Protocol-Version": self.version}
        named |= headers or {}
        sent = {name: value for name, value in named.items() if value is not None}
        return self.generic("POST", path, body, headers=sent, **{"content_type": "application/json"} | options)

    def ask(self, method, params=None, **options):
        """Send a request as the version has it."""
        params, headers = dict(params or {}), {}
        if self.version == STATELESS:
            params["_meta"] = {f"{META}protocolVersion": self.version, f"{META}clientCapabilities": {}}
            headers = {"Mcp-Method": method, "Mcp-Name": params.get("name")}
        message = {"jsonrpc": "2.0", "id": next(self.ids), "method": method, "params": params}
        return self.send(message, headers | options.pop("headers", {}), **options)

    def call(self, name, **arguments):
        """Call a tool; its content, or a list of errors."""
        response = self.ask("tools/call", {"name": name, "arguments": arguments})
        assert response.status_code == 200, response.content
        result = response.json()["result"]
        [text] = result["content"]
        content = json.loads(text["text"])
        if result["isError"]:
            assert "structuredContent" not in result
            assert all(each["message"].endswith(".") for each in content["errors"])
            return [(each["code"], each["field"]) for each in content["errors"]]
        assert result["structuredContent"] == content
        return content
