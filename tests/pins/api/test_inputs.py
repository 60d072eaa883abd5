"""What the JSON API does not take: unknown ids, moments that are none, bodies that are no pin."""

import json

import pytest
from django.utils import timezone

from accounts.models import AccountStatus, BoardSection
from pins.models import MediaFile, Pin
from tests.api_client import errors
from tests.factories import BoardFactory, MediaFileFactory, PinterestAccountFactory

pytestmark = pytest.mark.django_db


def post(program, body):
    return program.post("/api/pins", body, content_type="application/json")


def test_ids_of_another_workspace_are_unknown(program, content):
    foreign_board, foreign_media, foreign_account = BoardFactory(), MediaFileFactory(), PinterestAccountFactory()
    foreign_section = BoardSection.objects.create(board=foreign_board, pinterest_id="5550001", name="Secret")

    for fields, code in (
        ({"board": foreign_board.pinterest_id}, "board_unknown"),
        ({"attachments": [foreign_media.pk]}, "attachment_unknown"),
        ({"attachments": [{"id": foreign_media.pk}]}, "attachment_unknown"),
        ({"account": foreign_account.username}, "account_unknown"),
        ({"section": foreign_section.pinterest_id}, "section_unknown"),
    ):
        for moment in (None, "now"):
            response = program.create_pin(**(content | fields), publish_at=moment)

            assert response.status_code == 422
            assert errors(response) == [(code, next(iter(fields)))]
    assert not Pin.objects.exists()


@pytest.mark.parametrize("value", ["\0", "²", "9" * 400, "-1", "' or 1=1"])
def test_an_id_that_nothing_has_is_unknown(program, content, value):
    for name in ("board", "section", "account"):
        response = program.create_pin(**(content | {name: value}))

        assert errors(response) == [(f"{name}_unknown", name)]


@pytest.mark.parametrize("value", [0, -1, 2**63, 10**400])
def test_a_number_that_no_file_has_is_unknown(program, value):
    assert errors(program.create_pin(attachments=[value])) == [("attachment_unknown", "attachments")]


def test_a_file_that_is_named_twice_is_refused(program, picture):
    assert errors(program.create_pin(attachments=[picture.pk, picture.pk])) == [("attachment_repeated", "attachments")]


def test_a_file_that_was_deleted_from_the_library_is_refused(program, content, picture):
    MediaFile.objects.update(deleted_at=timezone.now())

    assert errors(program.create_pin(**content, publish_at="now")) == [("attachment_deleted", "attachments")]


def test_a_board_that_is_gone_is_refused_with_its_own_sentence(team, program, content):
    team.board.missing_since = timezone.now()
    team.board.save()

    assert errors(program.create_pin(**content, publish_at="now")) == [("board_missing", "board")]


def test_a_board_that_two_accounts_share_needs_the_account(team, program, content):
    shared = BoardFactory(
        account=PinterestAccountFactory(workspace=team.workspace, username="tables"),
        pinterest_id=team.board.pinterest_id,
    )

    response = program.create_pin(**content, publish_at="now")
    assert errors(response) == [("board_ambiguous", "board")]
    assert "“tables”" in response.json()["errors"][0]["message"]

    for name in ("tables", "@tables", str(shared.account_id)):
        response = program.create_pin(**content, account=name, publish_at="now", confirm=["exact_double"])
        assert Pin.objects.get(pk=response.json()["id"]).board == shared


def test_of_accounts_that_share_a_board_one_that_is_disconnected_does_not_count(team, program, content):
    gone = PinterestAccountFactory(workspace=team.workspace, status=AccountStatus.DISCONNECTED)
    BoardFactory(account=gone, pinterest_id=team.board.pinterest_id)

    assert program.create_pin(**content, publish_at="now").json()["account"] == team.account.username


def test_a_section_without_its_board_is_refused(program):
    assert errors(program.create_pin(section="5550001")) == [("section_without_board", "section")]


@pytest.mark.parametrize(
    ("moment", "code"),
    [
        *((naive, "publish_at_without_offset") for naive in ("2027-03-28T09:30:00", "2027-03-28", "2027-03-28 09:30")),
        *(
            (wrong, "publish_at_invalid")
            for wrong in (
                *("tomorrow", "NOW", "2027-05-32T09:30:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"),
                *("1999-12-31T00:00:00Z", "2027-03-28T09:30:00+99:00", "\0", "1711611000", "²027-03-28T09:30:00Z"),
            )
        ),
    ],
)
def test_a_moment_is_written_with_its_offset(program, content, moment, code):
    response = program.create_pin(**content, publish_at=moment)

    assert errors(response) == [(code, "publish_at")]


@pytest.mark.parametrize("name", ["title", "description", "link", "alt_text", "dominant_color"])
@pytest.mark.parametrize("moment", [None, "now"])
def test_a_nul_is_refused_even_in_a_draft(program, content, name, moment):
    response = program.create_pin(**content, **{name: "a\0b"}, publish_at=moment)

    assert errors(response)[0] == ("nul_character", name)
    assert not Pin.objects.exists()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"colour": "#FF5722"}, ("unknown_field", "colour")),
        ({"\ud800": 1}, ("body_unreadable", "")),
        ({"attachments": [{"id": 1, "titel": "Seat"}]}, ("unknown_field", "attachments")),
        ({"attachments": [{"title": "Seat"}]}, ("field_required", "attachments")),
        ({"attachments": 1}, ("wrong_type", "attachments")),
        ({"attachments": ["1"]}, ("wrong_type", "attachments")),
        ({"attachments": [None]}, ("wrong_type", "attachments")),
        ({"attachments": [True]}, ("wrong_type", "attachments")),
        ({"attachments": [1.5]}, ("wrong_type", "attachments")),
        ({"attachments": [[1]]}, ("wrong_type", "attachments")),
        ({"attachments": [{"id": 1, "link": 7}]}, ("wrong_type", "attachments")),
        ({"attachments": [1] * 51}, ("too_many_attachments", "attachments")),
        ({"board": 1234567890}, ("wrong_type", "board")),
        ({"title": ["Oak"]}, ("wrong_type", "title")),
        ({"title": "\ud800"}, ("wrong_type", "title")),
        ({"publish_at": 1711611000}, ("wrong_type", "publish_at")),
        ([], ("body_unreadable", "")),
        ("pin", ("body_unreadable", "")),
        (None, ("body_unreadable", "")),
    ],
)
def test_what_is_no_pin_is_refused_by_name(program, body, expected):
    response = post(program, json.dumps(body))

    assert response.status_code == 422
    assert errors(response) == [expected]
    assert not Pin.objects.exists()


def test_a_wrong_type_is_told_with_its_place(program):
    response = post(program, json.dumps({"attachments": [1, {"id": 2, "title": 3}]}))

    [error] = response.json()["errors"]
    assert error["message"] == "“attachments[1].title” must be a string or null."


@pytest.mark.parametrize(
    "body", [b"{", b"title=Oak", b"\xff\xfe", b'{"title": "' + b"\xe9" + b'"}', b"[" * 100_000, b"1" * 5000]
)
def test_a_body_that_is_no_json_is_a_400(program, settings, body):
    for settings.DEBUG in (False, True):
        response = post(program, body)

        assert (response.status_code, errors(response)) == (400, [("body_unreadable", "")])
        assert b"Traceback" not in response.content


def test_an_empty_body_is_refused(program):
    assert errors(post(program, b"")) == [("body_unreadable", "")]


def test_a_body_over_the_limit_is_a_413(program, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000

    response = program.create_pin(title="x" * 1000)

    assert (response.status_code, errors(response)) == (413, [("body_too_large", "")])


def test_a_draft_of_megabytes_is_refused(program):
    response = program.create_pin(title="x" * 2_000_000)

    assert (response.status_code, errors(response)) == (422, [("text_far_too_long", "title")])
