"""The SDK of MCP drives every tool over HTTP, in both kinds of versions of the protocol."""

import asyncio

import httpx2
import pytest
from django.utils import timezone
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from accounts.api_keys import services as api_keys
from pins.models import Pin, PinStatus
from tests.factories import (
    MediaFileFactory,
    PinFactory,
    PinSummaryFactory,
    PublishingTimeFactory,
)

from .client import HANDSHAKE, STATELESS

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def rows(team, monkeypatch):
    team.board.sections_synced_at = timezone.now()
    team.board.save()
    PublishingTimeFactory(account=team.account)
    picture = MediaFileFactory(workspace=team.workspace)
    published = PinSummaryFactory(pin=PinFactory(board=team.board, status=PinStatus.PUBLISHED)).pin
    monkeypatch.setattr("pins.api.views.media.store_link", lambda *args, **options: picture)
    _, key = api_keys.create(team.workspace, "Assistant", by=team.alice, now=timezone.now())
    return {"picture": picture.pk, "published": published.pk, "key": key}


async def drive(url, mode, team, rows):
    """What an assistant does for its person, tool by tool; the results by their tools."""
    results = {}

    async with (
        httpx2.AsyncClient(headers={"Authorization": f"Bearer {rows['key']}"}, timeout=30) as http,
        Client(streamable_http_client(url, http_client=http), mode=mode) as client,
    ):
        results["version"] = client.protocol_version
        results["tools"] = {each.name for each in (await client.list_tools()).tools}

        async def call(name, **arguments):
            answer = await client.call_tool(name, arguments)  # which holds it against the tool's outputSchema
            assert not answer.is_error, answer.content
            results[name] = answer.structured_content
            return answer.structured_content

        await call("list_accounts")
        [board] = (await call("list_boards"))["boards"]
        await call("list_sections", board=board["id"])
        await call("find_media", kind="image")
        await call("add_media_from_url", url="https://example.com/chair.jpg")
        draft = {"title": "Oak chair", "board": board["id"], "attachments": [rows["picture"]]}
        [made] = (await call("create_drafts", pins=[draft]))["results"]
        [free] = (await call("next_free_times", account=team.account.username, count=1))["times"]
        wanted = [{"id": made["pin"]["id"], "publish_at": free["at"]}]
        preview = await call("preview_schedule", pins=wanted)
        await call("schedule", pins=wanted, token=preview["token"])
        await call("list_pins", status=["scheduled"])
        await call("get_pin", id=made["pin"]["id"])
        await call("pin_analytics", id=rows["published"])
        replayed = await client.call_tool("schedule", {"pins": wanted, "token": preview["token"]})
        assert replayed.is_error
        assert "token_used" in replayed.content[0].text
    return results


@pytest.mark.parametrize(("mode", "version"), [("legacy", HANDSHAKE), ("auto", STATELESS), (STATELESS, STATELESS)])
@pytest.mark.parametrize("path", ["/mcp", "/mcp/"])
def test_the_sdk_drives_every_tool(team, rows, live_server, mode, version, path):
    results = asyncio.run(drive(f"{live_server.url}{path}", mode, team, rows))

    assert results["version"] == version
    assert results["tools"] == set(results) - {"version", "tools"}
    pin = Pin.objects.get(title="Oak chair")
    assert (pin.status, results["schedule"]["pins"][0]["id"]) == (PinStatus.SCHEDULED, pin.pk)
    assert [each["id"] for each in results["list_pins"]["pins"]] == [pin.pk]
