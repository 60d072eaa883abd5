"""The JSON API over real HTTP, as a program meets it."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from django.utils import timezone

from accounts.api_keys import services as api_keys
from pins.models import Pin, PinEventKind
from tests.media_bytes import picture_bytes

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def send(team, live_server):
    _, key = api_keys.create(team.workspace, "Shop import", by=team.alice, now=timezone.now())

    def go(method, path, *, headers=None, **kwargs):
        headers = {"Authorization": f"Bearer {key}"} | (headers or {})
        return requests.request(method, f"{live_server.url}/api{path}", headers=headers, timeout=30, **kwargs)

    return go


def test_a_program_uploads_a_picture_and_schedules_a_pin_with_it(team, send):
    [board] = send("GET", "/boards").json()
    media = send("POST", "/media", files={"file": ("chair.jpg", picture_bytes())}).json()
    sent = {"board": board["id"], "title": "Oak chair", "attachments": [media["id"]], "publish_at": "now"}

    made = send("POST", "/pins", json=sent)

    assert made.status_code == 201
    followed = send("GET", f"/pins/{made.json()['id']}")
    assert followed.headers["Content-Type"] == "application/json; charset=utf-8"
    assert followed.json() == made.json()
    assert followed.json()["status"] == "scheduled"
    assert not followed.cookies


def test_a_wrong_key_and_a_body_that_is_no_json_are_told_in_json(send):
    refused = send("POST", "/pins", json={}, headers={"Authorization": "Bearer ppk_wrong"})
    broken = send("POST", "/pins", data=b"{", headers={"Content-Type": "application/json"})
    huge = send("POST", "/pins", data=b'{"title": "' + b"x" * 11_000_000 + b'"}')

    assert [(each.status_code, each.json()["errors"][0]["code"]) for each in (refused, broken, huge)] == [
        (401, "key_invalid"),
        (400, "body_unreadable"),
        (413, "body_too_large"),
    ]


def test_the_same_request_from_six_places_at_the_same_moment_makes_one_pin(team, send):
    [board] = send("GET", "/boards").json()
    media = send("POST", "/media", files={"file": ("chair.jpg", picture_bytes())}).json()
    sent = {"board": board["id"], "title": "Oak chair", "attachments": [media["id"]], "publish_at": "now"}
    together = threading.Barrier(6)

    def post(_):
        together.wait(timeout=20)
        return send("POST", "/pins", json=sent, headers={"Idempotency-Key": "order-1"})

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(post, range(6)))

    pin = Pin.objects.get()
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [201]
    assert {answer.json()["id"] for answer in answers} == {pin.pk}
    assert [event.kind for event in pin.events.all()] == [PinEventKind.DRAFTED, PinEventKind.SCHEDULED]
