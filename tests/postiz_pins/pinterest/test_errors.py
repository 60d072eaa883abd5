"""Everything that can go wrong comes out under its name, and nothing else comes out."""

import logging
import socket
import threading
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest

from postiz_pins.pinterest import http, network
from postiz_pins.pinterest.client import PinterestClient
from postiz_pins.pinterest.errors import (
    AnsweredByProxy,
    AuthenticationFailed,
    PinterestClientError,
    PinterestError,
    RateLimited,
    ServerFailed,
    SpamDetected,
    Unreachable,
)
from postiz_pins.pinterest.oauth import refresh_tokens

from .test_client import board_id_of, picture

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_a_dead_token_is_an_authentication_failure(sandbox):
    with pytest.raises(AuthenticationFailed) as caught:
        PinterestClient(sandbox.api_url, "pina_dead").fetch_boards()

    assert (caught.value.status, caught.value.code) == (401, 2)
    assert caught.value.message == "Authentication failed."


def test_a_missing_scope_is_a_refusal_and_no_dead_token(sandbox):
    client = PinterestClient(sandbox.api_url, sandbox.token("harbourandpine", scopes=["pins:read"]))

    with pytest.raises(PinterestClientError) as caught:
        client.fetch_user_account()

    assert caught.value.status in (401, 403)
    assert not isinstance(caught.value, AuthenticationFailed)


def test_a_refusal_carries_pinterests_words_code_and_request_id(sandbox, client):
    sandbox.fault("pins/create", "message", status=400, code=1, message="Sorry, we blocked this link.")

    with pytest.raises(PinterestClientError) as caught:
        client.create_pin({"board_id": board_id_of(client), "media_source": picture()})

    assert (caught.value.status, caught.value.code) == (400, 1)
    assert caught.value.message == str(caught.value) == "Sorry, we blocked this link."
    assert caught.value.request_id


def test_a_rate_limit_says_how_many_seconds_to_wait(sandbox, client):
    sandbox.fault("boards/list", "rate_limited", seconds=67_150)

    with pytest.raises(RateLimited) as caught:
        client.fetch_boards()

    assert caught.value.retry_after_seconds == 67_150
    assert (caught.value.status, caught.value.code) == (429, 8)


WRITTEN = {"Date": "Wed, 21 Oct 2026 07:28:00 GMT"}


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"X_RateLimit_Reset": "30", "Retry_After": "90"}, 90),
        ({"X_RateLimit_Reset": "90", "Retry_After": "30"}, 90),
        ({"Retry_After": "90"}, 90),
        ({"Retry_After": "90, 300"}, 300),
        ({}, 60),
        ({"X_RateLimit_Reset": "soon", "Retry_After": "later"}, 60),
        # A date counts from the moment at which the answer was written, whatever our clock says.
        ({**WRITTEN, "X_RateLimit_Reset": "30", "Retry_After": "Wed, 21 Oct 2026 07:30:00 GMT"}, 120),
        ({**WRITTEN, "X_RateLimit_Reset": "300", "Retry_After": "Wed, 21 Oct 2026 07:30:00 GMT"}, 300),
        ({**WRITTEN, "Retry_After": "Wed, 21 Oct 2026 07:00:00 GMT"}, 1),
        ({**WRITTEN, "Retry_After": "Fri, 31 Dec 9999 23:59:59 GMT"}, 86_400),
        ({**WRITTEN, "Retry_After": "Wed, 99 Oct 2026 07:00:00 GMT"}, 60),
        ({**WRITTEN, "Retry_After": "Wednesday, 21-Oct-26 07:30:00 GMT"}, 120),
        ({"Retry_After": "9" * 400}, 60),
        ({"X_RateLimit_Reset": "0"}, 1),
        ({"X_RateLimit_Reset": "-5"}, 60),
        ({"X_RateLimit_Reset": "0.5"}, 1),
        # A moment since 1970, as other services send it, must not silence an account for decades.
        ({"X_RateLimit_Reset": "1795474794"}, 86_400),
    ],
)
def test_the_wait_is_read_from_whichever_header_there_is(script, scripted_client, headers, seconds):
    script.answer({"code": 8, "message": "Slow down."}, 429, **headers)

    with pytest.raises(RateLimited) as caught:
        scripted_client.fetch_boards()

    assert caught.value.retry_after_seconds == seconds


def test_a_403_that_speaks_of_the_rate_limit_asks_for_a_pause_and_forbids_nothing(sandbox, client):
    words = "You have exceeded your rate limit. Try again later."
    sandbox.fault("boards/list", "message", status=403, code=8, message=words)

    with pytest.raises(RateLimited) as caught:
        client.fetch_boards()

    assert (caught.value.status, caught.value.message, caught.value.retry_after_seconds) == (403, words, 900)


def test_a_429_that_speaks_of_spam_is_a_refusal_and_never_to_be_retried(sandbox, client):
    sandbox.fault("boards/list", "spam")

    with pytest.raises(SpamDetected) as caught:
        client.fetch_boards()

    assert isinstance(caught.value, PinterestClientError)
    assert not isinstance(caught.value, RateLimited)


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_5xx_is_a_failure_of_the_server(sandbox, client, status):
    sandbox.fault("boards/list", "server_error", status=status)

    with pytest.raises(ServerFailed) as caught:
        client.fetch_boards()

    assert caught.value.status == status


@pytest.mark.parametrize("body", ["<html>maintenance</html>", "", "[]", '"text"', "null", '{"items": ['])
@pytest.mark.parametrize("status", [200, 502])
def test_an_answer_that_is_not_the_promised_json_is_a_failure_of_the_server(script, scripted_client, body, status):
    script.answer(body, status)

    with pytest.raises(ServerFailed) as caught:
        scripted_client.fetch_boards()

    assert caught.value.status == status
    assert str(status) in caught.value.message


def test_a_refusal_without_words_still_has_a_sentence(script, scripted_client):
    script.answer({"code": 50, "message": ""}, 404)

    with pytest.raises(PinterestClientError) as caught:
        scripted_client.fetch_boards()

    assert caught.value.message == "Pinterest answered with status 404 and no explanation."


@pytest.mark.parametrize("body", ["html", "empty", "json"])
@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 407])
def test_a_4xx_in_other_words_than_pinterests_is_somebody_elses(sandbox, client, status, body):
    sandbox.fault("boards/list", "proxy", status=status, body=body)

    with pytest.raises(AnsweredByProxy) as caught:
        client.fetch_boards()

    assert isinstance(caught.value, ServerFailed)
    assert (caught.value.status, caught.value.code, caught.value.request_id) == (status, None, "")
    assert caught.value.message == (f"A proxy or firewall answered with status {status} instead of Pinterest.")


@pytest.mark.parametrize(
    "body",
    [
        {"message": "Not Found"},
        {"code": 404},
        {"code": "404", "message": "Not Found"},
        {"code": True, "message": "Not Found"},
        {"code": 404, "message": None},
        [{"code": 50, "message": "Pin not found."}],
    ],
)
def test_json_that_is_not_quite_pinterests_is_not_pinterests(script, scripted_client, body):
    script.answer(body, 404)

    with pytest.raises(AnsweredByProxy):
        scripted_client.fetch_boards()


@pytest.mark.parametrize("body", ["html", "empty", "json"])
def test_a_pause_is_kept_whoever_asks_for_it(sandbox, client, body):
    sandbox.fault("boards/list", "proxy", status=429, body=body, seconds=90)

    with pytest.raises(RateLimited, match="A proxy or firewall answered with status 429") as caught:
        client.fetch_boards()

    assert (caught.value.status, caught.value.retry_after_seconds) == (429, 90)


def test_only_pinterest_itself_calls_a_pin_spam(script, scripted_client):
    script.answer("<html>Blocked: spam</html>", 429)

    with pytest.raises(RateLimited):
        scripted_client.fetch_boards()


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_refresh_that_a_proxy_answers_says_nothing_about_the_token(sandbox, status):
    sandbox.fault("oauth/token", "proxy", status=status)

    with pytest.raises(AnsweredByProxy):
        refresh_tokens(sandbox.api_url, "sandbox-app", "sandbox-secret", "pinr_any", NOW)


def test_a_redirect_is_not_followed_with_the_token(script, scripted_client):
    script.answer("", 302, Location=f"{script.url}/elsewhere")

    with pytest.raises(AnsweredByProxy):
        scripted_client.fetch_boards()

    assert len(script.requests) == 1


def test_a_lost_answer_counts_as_sent_and_the_post_is_not_repeated(sandbox, client):
    board_id = board_id_of(client)
    sandbox.fault("pins/create", "answer_lost")

    with pytest.raises(Unreachable) as caught:
        client.create_pin({"board_id": board_id, "media_source": picture()})

    assert caught.value.was_sent
    assert len(sandbox.pins(board_id)) == len(sandbox.requests("pins/create")) == 1


def test_an_answer_that_takes_too_long_counts_as_sent(sandbox, client, monkeypatch):
    monkeypatch.setattr(http, "READ_TIMEOUT_SECONDS", 0.2)
    sandbox.fault("boards/list", "latency", seconds=1)

    with pytest.raises(Unreachable) as caught:
        client.fetch_boards()

    assert caught.value.was_sent
    assert caught.value.message == "Pinterest did not answer within the time limit."


@pytest.mark.parametrize("is_offline", [True, False])
def test_this_server_is_offline_only_if_nothing_at_all_can_be_reached(request, is_offline):
    if is_offline:
        request.getfixturevalue("offline")

    with pytest.raises(Unreachable) as caught:
        PinterestClient("http://pinterest.invalid/v5", "pina_secret").fetch_boards()

    assert (caught.value.is_offline, caught.value.was_sent) == (is_offline, False)
    assert ("anything on the internet" in caught.value.message) == is_offline


def test_a_machine_that_refuses_the_connection_shows_that_there_is_a_network(free_port, offline):
    with pytest.raises(Unreachable) as caught:
        PinterestClient(f"http://127.0.0.1:{free_port}/v5", "pina_secret").fetch_boards()

    assert not caught.value.is_offline


def test_name_servers_that_stay_silent_are_not_waited_for(monkeypatch):
    monkeypatch.setattr(network, "LOOK_SECONDS", 0.1)
    silence = threading.Event()
    monkeypatch.setattr(network.socket, "getaddrinfo", lambda *_: silence.wait(10))

    assert network.is_offline()
    silence.set()


def test_a_refused_connection_was_certainly_not_sent(free_port):
    with pytest.raises(Unreachable) as caught:
        PinterestClient(f"http://127.0.0.1:{free_port}/v5", "pina_secret").create_pin({"board_id": "1"})

    assert not caught.value.was_sent


def test_a_name_that_does_not_exist_was_certainly_not_sent():
    with pytest.raises(Unreachable) as caught:
        PinterestClient("http://pinterest.invalid/v5", "pina_secret").create_pin({"board_id": "1"})

    assert not caught.value.was_sent


def test_a_connection_that_takes_too_long_was_certainly_not_sent(monkeypatch):
    monkeypatch.setattr(http, "CONNECT_TIMEOUT_SECONDS", 0.2)
    with ExitStack() as stack:
        server = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        # Linux drops the SYN of whoever comes while nobody accepts and the queue is full.
        for _ in range(2):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(server.getsockname())

        with pytest.raises(Unreachable) as caught:
            PinterestClient(f"http://127.0.0.1:{server.getsockname()[1]}/v5", "pina_x").create_pin({"board_id": "1"})

    assert not caught.value.was_sent


def test_no_error_and_no_repr_shows_the_token(sandbox, free_port):
    clients = [PinterestClient(url, "pina_secret") for url in (sandbox.api_url, f"http://127.0.0.1:{free_port}/v5")]

    for client in clients:
        with pytest.raises(PinterestError) as caught:
            client.fetch_boards()

        shown = f"{client!r} {vars(caught.value)} {caught.value!r} {caught.value.__cause__!r}"
        assert "pina_secret" not in shown


def test_no_log_line_shows_a_token(sandbox, client, caplog):
    old = sandbox.tokens("chairshop")
    sandbox.fault("boards/list", "server_error")

    with caplog.at_level(logging.DEBUG):
        client.fetch_user_account()
        with pytest.raises(ServerFailed):
            client.fetch_boards()
        grant = refresh_tokens(sandbox.api_url, "sandbox-app", "sandbox-secret", old["refresh_token"], NOW)

    assert "/v5/oauth/token" in caplog.text
    assert not any(secret in caplog.text for secret in ("pina_", "pinr_", "sandbox-secret", grant.access_token))
