"""The examples of docs/webhooks.md run as they are written, but for the port."""

import os
import re
import socket
import subprocess
import sys
import time

import pytest
from django.conf import settings
from django.utils import timezone

from accounts import tasks
from accounts.models import WebhookEvent
from accounts.webhooks import services

pytestmark = pytest.mark.django_db

DOCUMENT = (settings.BASE_DIR / "docs/webhooks.md").read_text()


def example(language):
    """The first block of code in the language."""
    return re.search(rf"```{language}\n(.*?)```", DOCUMENT, re.DOTALL)[1]


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for(port):
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the receiver did not start")


def test_the_receiver_takes_what_is_signed_once_and_refuses_what_is_not(team, settings):
    settings.ALLOW_PRIVATE_WEBHOOKS = True
    port = str(free_port())
    url = f"http://127.0.0.1:{port}/"
    endpoint, secret = services.create(team.workspace, url, ["pin.failed"], by=team.alice, now=timezone.now())
    receiver = subprocess.Popen(
        [sys.executable, "-u", "-c", example("python").replace("9000", port)],
        env=os.environ | {"WEBHOOK_SECRET": secret},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        wait_for(int(port))
        delivery = services.send_test(endpoint, now=timezone.now())
        tasks.deliver_webhooks()
        services.send_again(delivery, now=timezone.now())
        tasks.deliver_webhooks()
        refused = subprocess.run(["sh", "-c", example("sh").replace("9000", port)], capture_output=True, text=True)
    finally:
        receiver.kill()
        output, _ = receiver.communicate()

    delivery.refresh_from_db()
    assert delivery.response_status == 204
    assert " 400 " in refused.stdout.splitlines()[0]
    assert output.splitlines() == [f"test {{'message': 'This is a test from the workspace “{team.workspace}”.'}}"] + [
        "refused: Missing required headers"
    ]


def test_every_event_is_documented():
    assert set(re.findall(r"^\| `([a-z_.]+)` \|", DOCUMENT, re.MULTILINE)) == set(WebhookEvent.values)
