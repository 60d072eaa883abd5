"""docs/mcp.md: each of its commands is run by curl, in order, and its answer compared with the one that is printed."""

import re

import pytest
from django.conf import settings

from pins.mcp.registry import TOOLS
from pins.models import MediaFile, Pin
from tests.factories import MediaFileFactory, PinFactory
from tests.test_api_document import differences, examples, folder, run, shop, skip_ids  # noqa: F401

DOCUMENT = settings.BASE_DIR / "docs/mcp.md"


@pytest.mark.django_db(transaction=True, reset_sequences=True)
def test_every_command_gets_the_printed_answer(shop, run):  # noqa: F811
    skip_ids(MediaFile, MediaFileFactory, 41, workspace=shop.workspace)
    MediaFileFactory(workspace=shop.workspace)
    skip_ids(Pin, PinFactory, 6, board=shop.board, attachments=0)
    faults = []

    for command, status, printed in examples(DOCUMENT.read_text()):
        answer, real = run(command)
        faults += [f"{command}: {status} is {real}"] if status != real else differences(printed, answer, command)

    assert faults == []


def test_every_tool_is_listed_with_its_scope():
    rows = dict(re.findall(r"^\| `(\w+)` \| [^|]+ \| `(\w+)` \|$", DOCUMENT.read_text(), re.M))

    assert rows == {tool.name: tool.scope.value for tool in TOOLS.values()}


def test_every_code_of_the_tools_is_listed():
    folder = settings.BASE_DIR / "pins/mcp"  # noqa: F811
    source = "".join(path.read_text() for path in folder.rglob("*.py"))
    codes = set(re.findall(r'(?:Problem|_refused|JsonError)\(\s*"(\w+)"', source))

    assert len(codes) > 8
    assert codes <= set(re.findall(r"`(\w+)`", DOCUMENT.read_text()))
