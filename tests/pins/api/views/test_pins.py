"""The JSON API: what becomes of a pin that a program sends, and of a file."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccountStatus, Board, BoardSection, PinterestAccount
from pins import limits
from pins.composer import services as composer
from pins.models import MediaFile, Pin, PinEventKind, PinStatus
from pins.publishing import worker
from tests.api_client import ApiClient, errors
from tests.factories import BoardFactory, MediaFileFactory, PinFactory, PinterestAccountFactory, VideoFileFactory
from tests.media_bytes import picture_bytes

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)


@time_machine.travel(NOW, tick=False)
def test_a_moment_schedules_the_pin_with_everything_it_says(team, program, picture):
    section = BoardSection.objects.create(board=team.board, pinterest_id="5550001", name="Oak")
    sent = {
        "board": team.board.pinterest_id,
        "section": "5550001",
        "title": "  Oak chair ",
        "description": "By hand.\r\nIn oak.",
        "link": "https://example.com/chair",
        "alt_text": "A chair",
        "dominant_color": "#FF5722",
        "attachments": [picture.pk],
        "publish_at": "2027-03-28T09:30:00+02:00",
    }

    response = program.create_pin(**sent)

    pin = Pin.objects.get()
    answer = response.json()
    assert response.status_code == 201
    assert (pin.workspace, pin.board, pin.section, pin.created_by) == (team.workspace, team.board, section, team.alice)
    assert (pin.status, pin.next_attempt_at) == (PinStatus.SCHEDULED, datetime(2027, 3, 28, 7, 30, tzinfo=UTC))
    assert (pin.title, pin.description) == ("Oak chair", "By hand.\nIn oak.")
    assert answer | sent | {"title": pin.title, "description": pin.description} == answer | {
        "attachments": [picture.pk],
        "publish_at": sent["publish_at"],
    }
    assert answer["id"] == pin.pk
    assert answer["status"] == "scheduled"
    assert answer["publish_at"] == "2027-03-28T07:30:00Z"
    assert [(event["kind"], event["by"], event["text"]) for event in answer["events"]] == [
        ("drafted", "alice@example.com", "By the API key “Shop import”."),
        ("scheduled", "alice@example.com", "By the API key “Shop import”."),
    ]


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize("moment", ["now", "2027-03-01T11:45:00Z"])
def test_now_and_a_moment_that_has_just_passed_send_the_pin_out_at_once(program, content, moment):
    response = program.create_pin("1", **content, publish_at=moment)

    answer = response.json()
    assert (answer["status"], answer["publish_at"]) == ("scheduled", "2027-03-01T12:00:00Z")
    assert [each["code"] for each in answer["warnings"]] == ["publish_at_now"] * (moment != "now")
    assert ("had just passed" in answer["events"][-1]["text"]) == (moment != "now")
    assert list(Pin.objects.due(timezone.now())) == [Pin.objects.get(pk=answer["id"])]
    # The repeat tells it by its history.
    assert program.create_pin("1", **content, publish_at=moment).json()["events"] == answer["events"]


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize("moment", ["2020-01-01T00:00:00Z", "2027-03-01T11:44:59Z"])
def test_a_moment_that_has_passed_is_refused_until_it_is_confirmed(program, content, moment):
    refused = program.create_pin("1", **content, publish_at=moment)

    assert (refused.status_code, errors(refused)) == (422, [("publish_at_past", "publish_at")])
    assert '"confirm": ["publish_at_past"]' in refused.json()["errors"][0]["message"]
    assert not Pin.objects.exists()
    confirmed = program.create_pin("1", **content, publish_at=moment, confirm=["publish_at_past"])
    assert (confirmed.status_code, confirmed.json()["publish_at"]) == (201, "2027-03-01T12:00:00Z")


@pytest.mark.parametrize("absent", [{}, {"publish_at": None}, {"publish_at": ""}])
def test_without_a_moment_the_pin_is_a_draft_that_may_be_incomplete(program, absent):
    response = program.create_pin(title="x" * 200, **absent)

    pin = Pin.objects.get()
    assert response.status_code == 201
    assert (pin.status, pin.title, pin.board, pin.publish_at) == (PinStatus.DRAFT, "x" * 200, None, None)
    assert response.json()["publish_at"] is None


@pytest.mark.parametrize(
    ("broken", "expected"),
    [
        ({"board": None}, ("board_required", "board")),
        ({"attachments": []}, ("attachment_required", "attachments")),
        ({"title": "x" * 101}, ("title_too_long", "title")),
        ({"description": "x" * 501}, ("description_too_long", "description")),
        ({"link": "example.com"}, ("link_invalid", "link")),
        ({"dominant_color": "orange"}, ("dominant_color_invalid", "dominant_color")),
    ],
)
def test_a_pin_that_is_to_go_out_keeps_the_rules_of_the_composer(program, content, broken, expected):
    response = program.create_pin(**(content | broken), publish_at="now")

    assert response.status_code == 422
    assert errors(response) == [expected]
    assert not Pin.objects.exists()


def test_all_problems_are_told_at_once_with_the_sentences_of_the_form(program):
    response = program.create_pin(board="1", title="x" * 112, attachments=[7], publish_at="tomorrow")

    assert errors(response) == [
        ("board_unknown", "board"),
        ("publish_at_invalid", "publish_at"),
        ("attachment_unknown", "attachments"),
        ("title_too_long", "title"),
    ]
    sentence = "The title has 112 characters; Pinterest allows 100. Shorten it by 12."
    assert sentence in [error["message"] for error in response.json()["errors"]]


def test_a_carousel_keeps_its_order_and_the_texts_of_its_images(team, program, content):
    first, second, third = (MediaFileFactory(workspace=team.workspace) for _ in range(3))
    texts = {"title": "Seat", "description": "Woven", "link": "https://example.com/seat"}

    response = program.create_pin(
        **(content | {"attachments": [third.pk, {"id": first.pk, **texts}, {"id": second.pk}]}), publish_at="now"
    )

    attached = Pin.objects.get().attachments.all()
    assert [each.media for each in attached] == [third, first, second]
    assert (attached[1].title, attached[1].description, attached[1].link) == tuple(texts.values())
    assert [each["id"] for each in response.json()["attachments"]] == [third.pk, first.pk, second.pk]
    assert response.json()["attachments"][1].items() >= texts.items()


def test_a_cover_before_its_video_is_refused(team, program, content, picture):
    video = VideoFileFactory(workspace=team.workspace)

    response = program.create_pin(**(content | {"attachments": [picture.pk, video.pk]}), publish_at="now")

    assert errors(response) == [("cover_before_video", "attachments")]


def test_a_fault_of_ours_is_told_without_its_trace(program, monkeypatch, caplog):
    def broken(*args, **kwargs):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(composer, "create", broken)

    response = program.create_pin(title="Oak")

    assert (response.status_code, errors(response)) == (500, [("internal_error", "")])
    assert b"secret detail" not in response.content
    assert "secret detail" in caplog.text


def test_a_request_that_is_sent_again_makes_no_second_pin(program, content):
    first = program.create_pin("order-1", **content, title="Oak", publish_at="now")
    again = program.create_pin("order-1", **content, title="Oak", publish_at="now")

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert Pin.objects.get().events.filter(kind=PinEventKind.SCHEDULED).count() == 1


def test_the_repeat_of_a_pin_that_is_out_answers_it_as_it_is_by_now(program, content):
    first = program.create_pin("order-1", **content, publish_at="now")
    Pin.objects.update(status=PinStatus.PUBLISHED, pinterest_pin_id="777", published_at=NOW, next_attempt_at=None)

    again = program.create_pin("order-1", **content, publish_at="now")

    assert (again.status_code, again.json()["id"]) == (200, first.json()["id"])
    assert (again.json()["status"], again.json()["pinterest_pin_id"]) == ("published", "777")


def test_an_idempotency_key_with_another_content_is_refused(program, content):
    program.create_pin("order-1", **content, title="Oak")

    for _ in range(2):
        response = program.create_pin("order-1", **content, title="Ash")

        assert response.status_code == 409
        assert errors(response) == [("idempotency_key_reused", "Idempotency-Key")]
    assert Pin.objects.get().title == "Oak"


def test_an_idempotency_key_with_another_moment_is_refused(program, content):
    program.create_pin("order-1", **content)

    response = program.create_pin("order-1", **content, publish_at="now")

    assert errors(response) == [("idempotency_key_reused", "Idempotency-Key")]
    assert Pin.objects.get().status == PinStatus.DRAFT


def test_a_repeat_is_answered_whatever_has_become_of_board_and_pin(team, program, content):
    first = program.create_pin("order-1", **content, publish_at="now")
    PinterestAccount.objects.filter(pk=team.account.pk).update(status=AccountStatus.NEEDS_RECONNECT)
    Pin.objects.update(title="Edited since")

    again = program.create_pin("order-1", **content, publish_at="now")

    assert (again.status_code, again.json()["id"], again.json()["title"]) == (200, first.json()["id"], "Edited since")


def test_two_programs_may_count_from_one(team, program):
    other = ApiClient(team.workspace, team.alice, name="Spreadsheet")

    program.create_pin("1", title="Oak")

    assert other.create_pin("1", title="Ash").status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_an_idempotency_key_has_1_to_255_characters(program, key):
    assert errors(program.create_pin(key, title="Oak")) == [("idempotency_key_invalid", "Idempotency-Key")]


def test_without_an_idempotency_key_two_requests_are_two_pins(program):
    assert program.create_pin(title="Oak").json()["id"] != program.create_pin(title="Oak").json()["id"]


def test_get_follows_a_pin_until_it_is_published(program, shop, content):
    sent = program.create_pin(**(content | {"board": shop.board.pinterest_id}), title="Oak chair", publish_at="now")
    address = f"/api/pins/{sent.json()['id']}"

    worker.advance(sent.json()["id"])

    answer = program.get(address).json()
    [live] = shop.live()
    assert (answer["status"], answer["pinterest_pin_id"]) == ("published", live["id"])
    assert answer["permalink"] == f"{shop.sandbox.url}/pin/{live['id']}/"
    assert datetime.fromisoformat(answer["published_at"]) <= timezone.now()
    assert answer["error"] is None
    assert [event["kind"] for event in answer["events"]] == ["drafted", "scheduled", "sending", "published"]
    assert answer["events"][-1]["by"] is None
    assert (live["title"], live["board_id"]) == ("Oak chair", shop.board.pinterest_id)


def test_get_tells_what_went_wrong_in_the_words_of_the_catalogue(team, program):
    words = "Board not found."
    warning = {"code": "link_redirects", "field": "link", "message": "The link leads elsewhere."}
    pin = PinFactory(
        board=team.board,
        status=PinStatus.FAILED,
        error_code="board_not_found",
        error_text=words,
        warnings=[warning],
    )

    answer = program.get(f"/api/pins/{pin.pk}").json()

    assert answer["status"] == "failed"
    assert answer["error"]["code"] == "board_not_found"
    assert answer["error"]["title"] == "The board is gone"
    assert "choose another one" in answer["error"]["advice"]
    assert answer["error"]["pinterest_words"] == words
    assert answer["warnings"] == [warning]
    assert answer["url"].endswith(reverse("pins:pin_detail", args=[pin.pk]))


def test_the_pin_of_another_workspace_is_not_there(program):
    response = program.get(f"/api/pins/{PinFactory().pk}")

    assert (response.status_code, errors(response)) == (404, [("not_found", "")])


def test_a_pin_costs_as_many_queries_with_three_attachments_as_with_one(team, program, django_assert_num_queries):
    program.get("/api/boards")  # notes the use of the key
    for attachments in (1, 3):
        pin = PinFactory(board=team.board, attachments=attachments)
        with django_assert_num_queries(6):
            program.get(f"/api/pins/{pin.pk}")


def test_boards_are_those_that_a_pin_can_go_to(team, program):
    BoardFactory()
    BoardFactory(account=team.account, missing_since=timezone.now())
    other = BoardFactory(account=PinterestAccountFactory(workspace=team.workspace, username="tables"))
    own = {"id": team.board.pinterest_id, "name": team.board.name, "account": team.account.username}
    own["section_count"] = None

    assert own in program.get("/api/boards").json()
    assert len(program.get("/api/boards").json()) == 2
    assert program.get("/api/boards", {"account": team.account.username}).json() == [own]
    assert [each["id"] for each in program.get("/api/boards", {"account": "@tables"}).json()] == [other.pinterest_id]
    assert errors(program.get("/api/boards", {"account": "nobody\0"})) == [("account_unknown", "account")]


def test_boards_of_one_name_are_told_apart_by_account_and_sections(team, program, django_assert_num_queries):
    other = BoardFactory(account=PinterestAccountFactory(workspace=team.workspace, username="tables"))
    Board.objects.update(name="Shelves")
    Board.objects.filter(pk=team.board.pk).update(sections_synced_at=timezone.now())
    for number in range(3):
        missing_since = timezone.now() if number == 2 else None
        BoardSection.objects.create(board=team.board, pinterest_id=number, name="Oak", missing_since=missing_since)

    with django_assert_num_queries(3):  # the key, the note of its use, the boards
        answer = program.get("/api/boards").json()

    assert {(each["id"], each["account"], each["section_count"]) for each in answer} == {
        (team.board.pinterest_id, team.account.username, 2),
        (other.pinterest_id, "tables", None),
    }


def test_the_boards_of_the_specification_are_the_same_for_people_and_programs(team, program, alice):
    expected = [{"id": team.board.pinterest_id, "name": team.board.name}]

    assert program.get("/boards").json() == alice.get("/boards").json() == expected


def test_an_upload_is_in_the_library_and_can_be_attached(team, program):
    response = program.upload()

    media = MediaFile.objects.get()
    answer = response.json()
    assert response.status_code == 201
    assert (media.workspace, media.uploaded_by) == (team.workspace, team.alice)
    assert (answer["id"], answer["kind"], answer["width"], answer["height"]) == (media.pk, "image", 1000, 1500)
    assert b"".join(Client().get(answer["url"].removeprefix("http://localhost:8000")).streaming_content)
    assert program.create_pin(attachments=[answer["id"]]).status_code == 201


def test_the_same_file_twice_is_one(program):
    content = picture_bytes()

    assert program.upload(content).json()["id"] == program.upload(content).json()["id"]


def test_what_is_no_picture_is_refused_with_a_sentence(program):
    response = program.upload(b"text", name="chair.jpg")

    assert (response.status_code, errors(response)) == (422, [("image_type", "file")])
    assert "“chair.jpg”" in response.json()["errors"][0]["message"]
    assert not MediaFile.objects.exists()


def test_a_file_over_the_limit_is_refused_while_it_arrives(program, monkeypatch):
    monkeypatch.setattr(limits, "IMAGE_BYTES", 1000)

    assert errors(program.upload()) == [("image_too_large", "file")]


def test_an_upload_is_exactly_one_file(program):
    two = [SimpleUploadedFile(f"{number}.jpg", picture_bytes()) for number in range(2)]

    for body in ({}, {"file": "chair.jpg"}, {"picture": two[0]}, {"file": two}):
        assert errors(program.post("/api/media", body)) == [("one_file", "file")]
    assert errors(program.post("/api/media", {"file": 1}, content_type="application/json")) == [("one_file", "file")]
    assert not MediaFile.objects.exists()


def test_broken_multipart_is_a_400(program):
    response = program.post("/api/media", b"--x", content_type="multipart/form-data")

    assert (response.status_code, errors(response)) == (400, [("body_unreadable", "")])
