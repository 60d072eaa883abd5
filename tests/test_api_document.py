"""docs/api.md: each of its commands is run by curl, in order, and its answer compared with the one that is printed."""

import json
import os
import re
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from PIL import Image

from accounts.api_keys import services as api_keys
from accounts.models import BoardSection
from pins.media import uploads
from pins.models import MediaFile, Pin, PinEventKind, PinStatus
from tests.factories import (
    AccountDayFactory,
    AccountFeedFactory,
    MediaFileFactory,
    PinFactory,
    PinLifetimeFactory,
    PinSummaryFactory,
)

DOCUMENT = settings.BASE_DIR / "docs/api.md"
# A command, a sentence with the status if it is another than 200, and the answer; "…" stands for the rest of it.
EXAMPLE = re.compile(r"^```sh\n(curl .*?)^```\n\n(?:^[^`]*`(\d{3})[^`]*`[^`]*:\n\n)?^```json\n(.*?)^```\n", re.M | re.S)
REST = "…"
# They depend on chance, or on the version of the image library.
VARYING = {"url", "size_bytes", "dominant_color", "token"}
NOW = datetime(2027, 3, 26, 12, tzinfo=UTC)
LATER = datetime(2027, 4, 10, 12, tzinfo=UTC)
LATEST = LATER.date() - timedelta(days=2)
PUBLISHED_AT = datetime(2027, 3, 28, 7, 30, 4, tzinfo=UTC)
PINTEREST_ID = "900000000000000001"

pytestmark = pytest.mark.django_db(transaction=True)


def examples(text):
    """Commands, statuses and answers, in order. Raises ValueError for a command without an answer, or the reverse."""
    found = [(command, int(status or 200), json_of(answer)) for command, status, answer in EXAMPLE.findall(text)]
    if not len(found) == text.count("\ncurl ") == text.count("```json\n"):
        raise ValueError(f"{len(found)} of {text.count(chr(10) + 'curl ')} commands can be read with their answers.")
    return found


def json_of(answer):
    """The rest of an object becomes its key "…", the rest of a list its last member."""
    answer = re.sub(rf"{REST}\s*}}", f'"{REST}": null}}', answer)
    return json.loads(re.sub(rf"{REST}\s*]", f'"{REST}"]', answer))


def differences(printed, real, path="answer"):
    """Where the real answer is another than the printed one."""
    if isinstance(printed, dict) and isinstance(real, dict):
        names = [name for name in printed if name in real and name != REST]
        missing = [f"{path}.{name} is not there" for name in printed if name not in real and name != REST]
        unsaid = [] if REST in printed else [f"{path}.{name} is not printed" for name in real if name not in printed]
        return [*missing, *unsaid, *_within(names, printed, real, path)]
    if isinstance(printed, list) and isinstance(real, list):
        has_rest = printed[-1:] == [REST]
        members = printed[:-1] if has_rest else printed
        if len(real) < len(members) or (len(real) > len(members) and not has_rest):
            return [f"{path} has {len(real)} members"]
        return _within(range(len(members)), members, real, path)
    is_same = type(printed) is type(real) if path.rpartition(".")[2] in VARYING else printed == real
    return [] if is_same else [f"{path} is {real!r}, not {printed!r}"]


def _within(keys, printed, real, path):
    return [each for key in keys for each in differences(printed[key], real[key], f"{path}.{key}")]


@pytest.fixture
def shop(team, settings, time_machine, monkeypatch):
    """The workspace that the page is about."""
    time_machine.move_to(NOW, tick=False)
    # Files are younger than they seem to be: their times are the computer's.
    monkeypatch.setattr(uploads, "LEFTOVER_SECONDS", NOW.timestamp())
    settings.PUBLIC_URL, settings.PINTEREST_SANDBOX = "https://pins.example.com", False
    team.account.username = "chairshop"
    team.account.connected_at = team.account.boards_synced_at = NOW
    team.account.refresh_expires_at = NOW + timedelta(days=60)
    team.account.save()
    team.board.pinterest_id, team.board.name, team.board.sections_synced_at = "1234567890", "My Inspiration Board", NOW
    team.board.save()
    for number, name in enumerate(["Oak", "Walnut"], 1):
        BoardSection.objects.create(board=team.board, pinterest_id=f"555000{number}", name=name)
    return team


def skip_ids(model, factory, until, **columns):
    """The next row gets the id after `until`, on every database."""
    while factory(**columns).pk < until:
        pass
    model.objects.all().delete()


@pytest.fixture
def folder(tmp_path):
    """Where the commands are run: with the image that they upload."""
    path = tmp_path / "commands"
    path.mkdir()
    Image.new("RGB", (1000, 1500), "#804020").save(path / "chair.jpg")
    return path


@pytest.fixture
def run(shop, live_server, folder):
    """Runs a command of the page; the answer, and its status."""
    _, key = api_keys.create(shop.workspace, "Shop import", by=shop.alice, now=NOW)
    (folder / ".curlrc").write_text('silent\nwrite-out = "\\n%{http_code}"\n')
    environment = os.environ | {"KEY": key, "PINS": live_server.url, "CURL_HOME": str(folder), "no_proxy": "localhost"}

    def go(command):
        output = subprocess.run(["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True)
        assert output.returncode == 0, output.stderr
        answer, _, status = output.stdout.rpartition("\n")
        return json.loads(answer), int(status)

    return go


def publish():
    """What becomes of the pin by its time."""
    pin = Pin.objects.get(pk=7)
    for kind in (PinEventKind.SENDING, PinEventKind.PUBLISHED):
        pin.events.create(kind=kind, at=PUBLISHED_AT)
    columns = {"status": PinStatus.PUBLISHED, "published_at": PUBLISHED_AT, "pinterest_pin_id": PINTEREST_ID}
    Pin.objects.filter(pk=pin.pk).update(next_attempt_at=None, **columns)


def measure(shop):
    """Two weeks of analytics of the account, what the pin has come to, and a month of pins, best on Tuesdays."""
    AccountFeedFactory(account=shop.account, latest_on=LATEST)
    for age in range(14):
        day = {"impressions": 1523 - 40 * age, "pin_clicks": 31 - age, "engagement": 52 - 2 * age, "saves": 12}
        AccountDayFactory(account=shop.account, date=LATEST - timedelta(days=age), **day)
    totals = {"impressions": 812, "pin_clicks": 24, "outbound_clicks": 9, "saves": 17}
    pin = Pin.objects.get(pk=7)
    PinSummaryFactory(pin=pin, lifetime_at=LATER, **totals)
    PinLifetimeFactory(pin=pin, date=LATEST, **{name: total // 2 for name, total in totals.items()})
    PinLifetimeFactory(pin=pin, date=LATER.date(), **totals)
    monday = datetime(2027, 2, 1, 17, tzinfo=UTC)
    for days in range(35):
        at = monday + timedelta(days=days)
        other = PinFactory(board=shop.board, status=PinStatus.PUBLISHED, publish_at=at, attachments=0)
        PinSummaryFactory(pin=other, first_week_engagement=30 if at.weekday() == 1 else 10)


@pytest.mark.django_db(transaction=True, reset_sequences=True)
def test_every_command_gets_the_printed_answer(shop, run, time_machine):
    skip_ids(MediaFile, MediaFileFactory, 41, workspace=shop.workspace)
    skip_ids(Pin, PinFactory, 6, board=shop.board, attachments=0)
    faults = []

    for command, status, printed in examples(DOCUMENT.read_text()):
        if command.startswith("curl $PINS/api/pins/7 "):
            time_machine.move_to(LATER, tick=False)
            publish()
            measure(shop)
        answer, real = run(command)
        faults += [f"{command}: {status} is {real}"] if status != real else differences(printed, answer, command)

    assert faults == []


@pytest.mark.parametrize(
    ("printed", "real", "expected"),
    [
        ('{"a": 1}', {"a": 1}, []),
        ('{"a": 1, …}', {"a": 1, "b": 2}, []),
        ('{"a": [1, …]}', {"a": [1, 2]}, []),
        ('{"size_bytes": 1}', {"size_bytes": 2}, []),
        ('{"a": 1}', {"a": 1, "b": 2}, ["answer.b is not printed"]),
        ('{"a": 1, "b": 2, …}', {"a": 1}, ["answer.b is not there"]),
        ('[{"a": 1}]', [{"a": 2}], ["answer.0.a is 2, not 1"]),
        ("[1]", [1, 2], ["answer has 2 members"]),
        ("[1, 2, …]", [1], ["answer has 1 members"]),
        ('{"size_bytes": 1}', {"size_bytes": "2"}, ["answer.size_bytes is '2', not 1"]),
        ("{}", [], ["answer is [], not {}"]),
    ],
)
def test_each_difference_is_named(printed, real, expected):
    assert differences(json_of(printed), real) == expected


@pytest.mark.parametrize("text", ["\n```sh\ncurl x\n```\n", "\n```json\n[]\n```\n", "\n```\ncurl x\n```\n"])
def test_a_command_without_an_answer_and_an_answer_without_a_command_are_found(text):
    with pytest.raises(ValueError, match="can be read with their answers"):
        examples(text)
