"""What is sent to Sentry names nobody, and nothing that somebody has typed."""

import json
import logging

import pytest
import sentry_sdk
from sentry_sdk.transport import Transport

from postiz_pins.operations import sentry
from tests.postiz_pins.test_settings import check

DSN = "https://key@sentry.example.com/1"
SECRETS = ("Chair shop", "pina_secret", "alice@example.com", "127.0.0.1")


@pytest.fixture
def events(monkeypatch):
    """The events that would be sent."""
    sent = []

    class Collecting(Transport):
        def capture_envelope(self, envelope):
            sent.append(envelope.get_event())

    real = sentry_sdk.init
    monkeypatch.setattr(sentry_sdk, "init", lambda *args, **options: real(*args, transport=Collecting, **options))
    sentry.init(DSN, "1.0")
    yield sent
    real()


@pytest.mark.django_db
def test_a_fault_of_a_page_is_sent_without_anything_of_anybody(events, client, monkeypatch):
    def fail(*args, **kwargs):
        title, token = "Chair shop", "pina_secret"
        logging.getLogger("pins").error("The pin %s of %s", title, "alice@example.com")
        raise ValueError(f"{title} {token}")

    monkeypatch.setattr("accounts.privacy_views.render", fail)
    client.raise_request_exception = False

    response = client.get("/privacy/?title=Chair+shop", headers={"Authorization": "Bearer pina_secret"})

    assert response.status_code == 500
    texts = [json.dumps(event) for event in events]
    assert len(texts) >= 2
    assert [secret for secret in SECRETS for text in texts if secret in text] == []
    exceptions = [event["exception"]["values"][-1] for event in events if "exception" in event]
    assert exceptions[0]["type"] == "ValueError"
    assert exceptions[0]["stacktrace"]["frames"][-1]["function"] == "fail"
    assert {"message": "The pin %s of %s"} in [event.get("logentry") for event in events]


def test_the_start_names_a_wrong_address():
    assert check(SENTRY_DSN=DSN)[0] == 0
    code, lines = check(SENTRY_DSN="sentry.example.com")
    assert code == 1
    assert "SENTRY_DSN has an invalid value; it should be a DSN such as" in lines[-1]
