"""Lines of JSON, with the id of their request."""

import io
import json
import logging
import logging.config

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.utils.log import log_response

from postiz_pins.operations.logs import HEADER, JsonFormatter, RequestIds, request_id


@pytest.fixture
def lines():
    """Writes to a logger, and reads its lines back."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    logger = logging.Logger("pins.test")
    logger.addHandler(handler)
    logger.read = lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    return logger


def test_a_line_is_one_object_with_what_was_given(lines):
    lines.info("Pin %d published\nand “so on”", 7, extra={"pin": 7, "ms": 12.5, "request": object()})

    (line,) = lines.read()
    assert line.pop("time").endswith("+00:00")
    message = "Pin 7 published\nand “so on”"
    assert line == {"level": "INFO", "logger": "pins.test", "message": message, "pin": 7, "ms": 12.5}


def test_a_line_has_its_exception(lines):
    try:
        raise KeyError("x")
    except KeyError:
        lines.exception("Broken")

    (line,) = lines.read()
    assert line["exception"].startswith("Traceback")
    assert line["exception"].endswith("KeyError: 'x'")


def test_lines_of_a_request_have_its_id_and_so_has_the_answer(lines, rf):
    def view(request):
        lines.info("Here")
        return {}

    response = RequestIds(view)(rf.get("/", headers={HEADER: "from-the-proxy-1"}))
    lines.info("Afterwards")

    assert response[HEADER] == "from-the-proxy-1"
    assert [line.get("request_id") for line in lines.read()] == ["from-the-proxy-1", None]
    assert request_id.get() == ""


@pytest.mark.parametrize("sent", ["", "short", "with blank s", "x" * 65, 'quote"quote', "ünicode-id"])
def test_what_is_no_id_gets_a_new_one(rf, sent):
    response = RequestIds(lambda request: {})(rf.get("/", headers={HEADER: sent}))

    assert response[HEADER] != sent
    assert len(response[HEADER]) == 32


@pytest.mark.django_db
def test_every_answer_of_the_app_tells_its_id(client):
    assert client.get("/accounts/login/", headers={HEADER: "abcdefgh"})[HEADER] == "abcdefgh"


@pytest.mark.parametrize("name", ["text", "json"])
@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("/calendar/feed/a-token_1.ics", "/calendar/feed/…"),
        ("/invitations/a-token_1/", "/invitations/…/"),
        ("/accounts/password/reset/key/1-a-token_1/", "/accounts/password/reset/key/…/"),
        ("/pins/7/", "/pins/7/"),
    ],
)
def test_the_log_has_no_token_of_an_address(name, address, shown):
    line = line_of_missing_page(name, address)

    assert f"Not Found: {shown}" in line
    assert "a-token" not in line


def test_an_address_adds_nothing_to_a_line_of_json():
    line = line_of_missing_page("json", '/calendar/feed/a-token","level":"CRITICAL')

    assert json.loads(line)["level"] == "WARNING"
    assert "a-token" not in line


def line_of_missing_page(name, address):
    stream = io.StringIO()
    config = {**settings.LOGGING["formatters"][name]}
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.config.DictConfigurator({}).configure_formatter(config))
    logger = logging.Logger("django.request")
    logger.addHandler(handler)
    log_response("Not Found: %s", address, response=HttpResponse(status=404), logger=logger)
    return stream.getvalue()
