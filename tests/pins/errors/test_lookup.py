import re

import pytest
from django.urls import reverse

from accounts.connections.tokens import RefreshFailed
from pins.errors import catalogue as error_catalogue
from pins.errors.catalogue import CATALOGUE
from pins.errors.lookup import explain, explain_upload, explanation_for, explanation_of, help_anchor
from pins.models import PinStatus
from postiz_pins.pinterest.client import PinterestClient
from postiz_pins.pinterest.errors import (
    AnsweredByProxy,
    AuthenticationFailed,
    PinterestClientError,
    PinterestError,
    RateLimited,
    ReconnectNeeded,
    ServerFailed,
    SpamDetected,
    Unreachable,
    UploadRefused,
)
from tests.factories import PinFactory
from tests.postiz_pins.sandbox.images import base64_source, image_base64


def refused(status, message, code=None):
    return PinterestClientError(message, status=status, code=code, request_id="42")


def because(error, cause):
    error.__cause__ = cause
    return error


# No words of Pinterest mean it: publishing writes it by itself, or the error has a class of its own.
WITHOUT_ANSWER = {
    "pinterest_unreachable",
    "server_offline",
    "answered_by_proxy",
    "unverified",
    "media_missing",
    "media_unreadable",
    "video_stuck",
    "refused",
}

# Per code: answers in the words that were seen in the field, or that Pinterest and S3 document.
FIELD = {
    "trial_access": [
        refused(403, "Apps with Trial access may not create Pins in production. Use the API Sandbox.", 29),
    ],
    "missing_permission": [refused(403, "Your token lacks the scope pins:write.", 29)],
    "not_permitted": [refused(403, "You are not permitted to access that resource.", 29), refused(403, "Forbidden")],
    "section_gone": [refused(404, "Board section not found.", 2031), refused(404, "", 2031)],
    "pin_not_found": [refused(404, "Pin not found.", 50), refused(404, "Sorry! Not there.", 50)],
    "video_gone": [refused(404, "Media 52 not found.", 1)],
    "board_not_found": [
        refused(404, "Board not found.", 40),
        refused(404, "Board not found."),
        refused(400, "board_id: 'chairs' does not match '^\\d+$'", 1),
    ],
    "not_found": [refused(404, "Pinterest answered with status 404 and no explanation.")],
    "unreachable_url": [
        refused(400, "Unable to reach the URL. Please check the URL is correct and try again.", 1),
        refused(400, "Sorry we could not fetch the image.", 235),
    ],
    "link_blocked": [
        SpamDetected("Sorry! We blocked this link because it may lead to spam.", status=429, code=9),
        refused(403, "Sorry! We blocked this link because it may lead to spam.", 9),
        refused(400, "Sorry, we blocked this link.", 1),
    ],
    "storage_busy": [refused(503, "SlowDown: Please reduce your request rate.")],
    "answered_by_proxy": [
        AnsweredByProxy(status=404),
        because(RefreshFailed("…", status=401), AnsweredByProxy(status=401)),
    ],
    "server_offline": [
        Unreachable("", was_sent=False, is_offline=True),
        because(RefreshFailed(""), Unreachable("", was_sent=False, is_offline=True)),
    ],
    "too_many_images": [refused(400, "media_source.items: value violates the constraint: maxItems=5", 1)],
    "carousel_sizes_differ": [refused(400, "All images of a carousel must have the same dimensions.", 1)],
    "cover_missing": [refused(400, "media_source needs one of cover_image_url or cover_image_content_type", 1)],
    "video_failed": [refused(400, "The video is corrupted.", 1), refused(400, "media 5: its status is failed.", 1)],
    "upload_refused": [
        refused(411, "MissingContentLength: You must provide the Content-Length HTTP header."),
        refused(403, "AccessDenied: Invalid according to Policy: Policy expired."),
        refused(412, "PreconditionFailed: The request must be multipart/form-data."),
        refused(400, "MalformedPOSTRequest: The body is not well-formed multipart."),
        refused(400, "InvalidArgument: POST requires exactly one file upload per request."),
    ],
    "upload_too_large": [
        refused(400, "EntityTooLarge: Your proposed upload exceeds the maximum allowed size."),
        refused(413, "Content Too Large"),
    ],
    "upload_broken": [
        refused(400, "IncompleteBody: You did not provide the number of bytes specified."),
        refused(400, "RequestTimeout: Your socket connection to the server was not read from."),
    ],
    "spam": [
        SpamDetected("This request was blocked because it looks like spam.", status=429, code=8),
        refused(403, "Sorry! You've hit a block (Pins) we have in place to combat spam. Please try again later.", 9),
    ],
    "rate_limited": [
        RateLimited("You have exceeded your rate limit.", retry_after_seconds=60, status=429, code=8),
        RateLimited("You have exceeded your rate limit.", retry_after_seconds=900, status=403, code=8),
    ],
    "reconnect_needed": [
        ReconnectNeeded("@shop is not connected."),
        AuthenticationFailed("Authentication failed.", status=401, code=2),
        PinterestError("Authentication failed.", status=401, code=2),
    ],
    "pinterest_failed": [
        ServerFailed("Something went wrong on our end.", status=500, code=0),
        ServerFailed("", status=599),
        ServerFailed("Pinterest's answer to the new pin names no id."),
        RefreshFailed("Oh no.", status=502),
        because(RefreshFailed("Not now.", status=403), refused(403, "Not now.", 29)),
    ],
    "pinterest_unreachable": [
        Unreachable("The connection to Pinterest failed.", was_sent=False),
        because(RefreshFailed(""), Unreachable("", was_sent=True)),
    ],
    "refused": [
        refused(400, "title: value violates the constraint: maxLength=100", 1),
        refused(409, "Conflict", 29),
    ],
}


@pytest.mark.parametrize(("code", "error"), [(code, error) for code, errors in FIELD.items() for error in errors])
def test_each_answer_is_explained_by_its_row(code, error):
    assert explain(error).code == code


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UploadRefused("EntityTooLarge: …", word="EntityTooLarge", status=400), "upload_too_large"),
        (UploadRefused("AccessDenied: …", word="AccessDenied", status=403), "upload_refused"),
        (UploadRefused("IncompleteBody: …", word="IncompleteBody", status=400), "upload_broken"),
        (UploadRefused("SlowDown: …", word="SlowDown", status=429), "storage_busy"),
        (ServerFailed("SlowDown: Please reduce your request rate.", status=503), "storage_busy"),
        (ServerFailed("InternalError: …", status=500), "storage_busy"),
        (AnsweredByProxy(status=413), "answered_by_proxy"),
        (Unreachable("The connection to Pinterest failed.", was_sent=True), "upload_broken"),
        (Unreachable("", was_sent=False, is_offline=True), "server_offline"),
    ],
)
def test_each_failure_of_an_upload_is_explained_by_its_row(error, code):
    assert explain_upload(error).code == code


def test_every_row_is_tried_with_an_answer_or_needs_none():
    assert {row.code for row in CATALOGUE} == set(FIELD) | WITHOUT_ANSWER
    assert {row.code for row in CATALOGUE if not row.answers} == WITHOUT_ANSWER


def test_the_status_counts_before_the_code_and_the_code_before_the_text():
    assert explain(refused(404, "Board not found.", 2031)).code == "section_gone"
    assert explain(refused(403, "Board not found.", 40)).code == "not_permitted"
    assert explain(refused(400, "Apps with Trial access may not create pins.", 29)).code == "refused"


def test_codes_and_anchors_are_unique_and_every_row_says_what_to_do():
    assert len({row.code for row in CATALOGUE}) == len({row.anchor for row in CATALOGUE}) == len(CATALOGUE)
    for row in CATALOGUE:
        assert explanation_for(row.code) is row
        assert row.title
        assert row.advice.endswith(".")


def test_the_publisher_names_rows_that_are_in_the_table():
    named = [value for value in vars(error_catalogue).values() if isinstance(value, error_catalogue.Explanation)]

    assert error_catalogue.VIDEO_STUCK in named
    assert all(row in CATALOGUE for row in named)


CAROUSEL = {"source_type": "multiple_image_base64"}


def items(*sizes):
    return [{"content_type": "image/png", "data": image_base64(*size, kind="PNG")} for size in sizes]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"board_id": "my-board"}, "board_not_found"),
        ({"board_id": "12345"}, "board_not_found"),
        ({"board_section_id": "12345"}, "section_gone"),
        ({"media_source": {"source_type": "image_url", "url": "http://127.0.0.1:9/a.jpg"}}, "unreachable_url"),
        ({"media_source": CAROUSEL | {"items": items(*[(600, 900)] * 6)}}, "too_many_images"),
        ({"media_source": CAROUSEL | {"items": items((600, 900), (900, 600))}}, "carousel_sizes_differ"),
        ({"media_source": {"source_type": "video_id", "media_id": "12345"}}, "cover_missing"),
        (
            {"media_source": {"source_type": "video_id", "media_id": "12345", "cover_image_key_frame_time": 1}},
            "video_gone",
        ),
        ({"title": "x" * 101}, "refused"),
    ],
)
def test_what_the_sandbox_refuses_is_explained(shop, change, code):
    body = {"board_id": shop.board.pinterest_id, "media_source": base64_source()} | change

    with pytest.raises(PinterestClientError) as caught:
        PinterestClient(shop.sandbox.api_url, shop.account.access_token).create_pin(body)

    assert explain(caught.value).code == code
    assert caught.value.request_id


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("trial", "trial_access"),
        ("spam", "spam"),
        ("rate_limited", "rate_limited"),
        ("server_error", "pinterest_failed"),
        ("unauthorized", "reconnect_needed"),
        ("answer_lost", "pinterest_unreachable"),
    ],
)
def test_what_goes_wrong_at_the_sandbox_is_explained(shop, kind, code):
    shop.sandbox.fault("pins/create", kind)

    with pytest.raises(PinterestError) as caught:
        PinterestClient(shop.sandbox.api_url, shop.account.access_token).create_pin(
            {"board_id": shop.board.pinterest_id, "media_source": base64_source()}
        )

    assert explain(caught.value).code == code


def test_a_token_without_the_scope_is_told_from_a_board_that_is_closed(shop):
    token = shop.sandbox.token("chairshop", scopes=["boards:read", "pins:read"])

    with pytest.raises(PinterestClientError) as caught:
        PinterestClient(shop.sandbox.api_url, token).create_pin(
            {"board_id": shop.board.pinterest_id, "media_source": base64_source()}
        )

    assert explain(caught.value).code == "missing_permission"


@pytest.mark.django_db
def test_a_row_that_retries_by_itself_says_so_as_long_as_it_does():
    pin = PinFactory(error_code="upload_broken", error_text="The connection broke off.")
    waiting = explanation_of(pin)
    pin.status = PinStatus.FAILED
    failed = explanation_of(pin)

    assert waiting.advice == "It's retried automatically."
    assert "broke several times" in failed.advice
    assert failed.pinterest_words == "The connection broke off."
    assert failed.anchor == "upload-broken"


@pytest.mark.django_db
@pytest.mark.parametrize(("minutes", "words"), [(1, "After 1 minute the"), (30, "After 30 minutes the")])
def test_numbers_are_those_of_the_settings(settings, minutes, words):
    settings.PINTEREST_MEDIA_STUCK_MINUTES = minutes

    assert words in explanation_of(PinFactory(error_code="video_stuck", status=PinStatus.FAILED)).advice


def test_no_setting_is_named_to_marketers():
    for row in CATALOGUE:
        for text in (row.title, row.advice, *row.steps):
            assert not re.search(r"[A-Z]{3,}_[A-Z_]+", str(text)), row.code


@pytest.mark.django_db
def test_what_an_operator_can_do_is_shown_to_operators_only(team, alice, client):
    pin = PinFactory(board=team.board, status=PinStatus.FAILED, error_code="unreachable_url", error_text="No.")

    for address in (reverse("pins:pin_detail", args=[pin.pk]), reverse("pins:help")):
        assert "PUBLIC_URL" not in alice.get(address).content.decode()
    team.alice.is_staff = True
    team.alice.save()
    for address in (reverse("pins:pin_detail", args=[pin.pk]), reverse("pins:help")):
        assert "PUBLIC_URL" in alice.get(address).content.decode()


@pytest.mark.django_db
def test_a_rule_of_ours_is_told_in_its_own_words():
    trouble = explanation_of(PinFactory(error_code="board_missing", error_text="“Chairs” is no longer on Pinterest."))

    assert trouble.advice == "“Chairs” is no longer on Pinterest."
    assert trouble.pinterest_words == ""
    assert trouble.anchor == "board-not-found"


@pytest.mark.parametrize(
    ("code", "anchor"),
    [
        ("spam", "spam"),
        ("video_failed", "video-failed"),
        ("video_codec", "video-pins"),
        ("link_redirects", "links"),
        ("title_too_long", "rules"),
        ("account_not_connected", "reconnect-needed"),
    ],
)
def test_every_code_has_a_place_on_the_help_page(code, anchor):
    assert help_anchor(code) == anchor
