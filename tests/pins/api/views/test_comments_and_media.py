"""Comments, the media library and accounts, as programs read and change them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from accounts.models import AccountStatus, Notification, PinterestAccount
from pins.models import MediaFile, PinComment, PinStatus
from tests.api_client import errors
from tests.factories import MediaFileFactory, PinCommentFactory, PinFactory, VideoFileFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def pin(team):
    return PinFactory(board=team.board, created_by=team.bob)


def comment(program, pin, **body):
    return program.post(f"/api/pins/{pin.pk}/comments", body, content_type="application/json")


def test_a_comment_is_that_of_the_maker_of_the_key_and_tells_the_team(team, program, pin):
    response = comment(program, pin, text=" Please check the price. ")

    assert (response.status_code, response.json()["by"]) == (201, team.alice.email)
    assert PinComment.objects.get().text == "Please check the price."
    assert Notification.objects.get(user=team.bob).text.startswith(f"{team.alice} commented")


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "comment_empty"), (" \n", "comment_empty"), ("x" * 2001, "comment_too_long"), ("a\0b", "comment_invalid")],
)
def test_a_comment_that_is_none_is_refused_at_its_field(program, pin, text, code):
    response = comment(program, pin, text=text)

    assert (response.status_code, errors(response)) == (422, [(code, "text")])
    assert not PinComment.objects.exists()


@pytest.mark.parametrize(
    ("body", "expected"),
    [({}, "field_required"), ({"text": 7}, "wrong_type"), ({"text": "\ud800"}, "wrong_type"),
     ({"text": "a", "by": "carol"}, "unknown_field")],
)  # fmt: skip
def test_a_comment_of_another_shape_is_refused(program, pin, body, expected):
    assert expected in {code for code, _ in errors(comment(program, pin, **body))}
    assert not PinComment.objects.exists()


def test_the_newest_hundred_comments_are_listed_oldest_first(team, program, pin):
    start = datetime(2027, 3, 1, tzinfo=UTC)
    for number in range(101):
        PinCommentFactory(pin=pin, text=str(number), created_at=start + timedelta(minutes=number))
    PinCommentFactory(pin=PinFactory(board=team.board), text="of another pin")

    listed = program.get(f"/api/pins/{pin.pk}/comments").json()

    assert [each["text"] for each in listed] == [str(number) for number in range(1, 101)]


def test_the_comment_of_a_former_member_has_no_author(program, pin):
    PinCommentFactory(pin=pin, author=None)

    assert [each["by"] for each in program.get(f"/api/pins/{pin.pk}/comments").json()] == [None]


def listed(program, **query):
    response = program.get("/api/media", query)
    assert response.status_code == 200, response.content
    return [each["id"] for each in response.json()["media"]]


def test_the_library_is_narrowed_by_words_kind_and_use(team, program):
    chair = MediaFileFactory(workspace=team.workspace, original_name="Walnut chair.jpg")
    table = MediaFileFactory(workspace=team.workspace, alt_text="A table of walnut")
    video = VideoFileFactory(workspace=team.workspace)
    MediaFileFactory(workspace=team.workspace, deleted_at=timezone.now())
    MediaFileFactory(original_name="Walnut of others")
    PinFactory(board=team.board, attachments=0).attachments.create(media=chair, position=0)

    assert listed(program) == [video.pk, table.pk, chair.pk]
    assert listed(program, q="WALNUT") == [table.pk, chair.pk]
    assert listed(program, kind="video") == [video.pk]
    assert listed(program, use="used") == [chair.pk]
    assert listed(program, use="unused", q="walnut\0") == [table.pk]


def test_the_library_is_read_page_by_page(team, program):
    keys = [MediaFileFactory(workspace=team.workspace).pk for _ in range(3)]

    first = program.get("/api/media?limit=2").json()
    second = program.get(f"/api/media?limit=2&cursor={first['next_cursor']}").json()

    assert [each["id"] for page in (first, second) for each in page["media"]] == keys[::-1]
    assert second["next_cursor"] is None


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=101", "cursor=0", "cursor=9223372036854775808", "kind=audio", "q=" + "x" * 201],
)
def test_a_filter_that_is_none_is_refused_at_its_field(program, query):
    response = program.get(f"/api/media?{query}")

    assert (response.status_code, errors(response)) == (422, [("invalid", query.partition("=")[0])])


def test_an_unknown_use_is_told_which_there_are(program):
    response = program.get("/api/media?use=often")

    assert (response.status_code, errors(response)) == (422, [("wrong_type", "use")])
    assert response.json()["errors"][0]["message"] == "“use” must be 'used' or 'unused'."


def test_an_unused_file_is_deleted_and_a_used_one_is_not(team, program, django_capture_on_commit_callbacks):
    unused = MediaFileFactory(workspace=team.workspace)
    used = [
        PinFactory(board=team.board, status=status).attachments.get().media
        for status in (PinStatus.DRAFT, PinStatus.PUBLISHED)
    ]

    with django_capture_on_commit_callbacks(execute=True):
        answers = [program.delete(f"/api/media/{media.pk}") for media in (unused, *used)]

    assert [each.status_code for each in answers] == [204, 409, 409]
    assert errors(answers[1]) == errors(answers[2]) == [("media_in_use", "")]
    assert set(MediaFile.objects.in_library()) == set(used)
    assert program.delete(f"/api/media/{unused.pk}").status_code == 404


def test_a_file_is_added_from_a_link(team, program, monkeypatch):
    media = MediaFileFactory(workspace=team.workspace)
    asked = []

    def store(link, *, workspace, by):
        asked.append((link, workspace, by))
        return media

    monkeypatch.setattr("pins.api.views.media.store_link", store)
    response = program.post("/api/media/link", {"link": " https://example.com/a.jpg "}, content_type="application/json")

    assert (response.status_code, response.json()["id"]) == (201, media.pk)
    assert asked == [("https://example.com/a.jpg", team.workspace, team.alice)]


@pytest.mark.parametrize(
    ("link", "code"),
    [("ftp://example.com/a.jpg", "link_scheme"), ("http://127.0.0.1/a.jpg", "link_private"), ("\0", "link_invalid")],
)
def test_a_link_that_leads_nowhere_is_refused_at_its_field(program, link, code):
    response = program.post("/api/media/link", {"link": link}, content_type="application/json")

    assert (response.status_code, errors(response)) == (422, [(code, "link")])


def test_links_count_against_the_limit_of_uploads(program, monkeypatch):
    monkeypatch.setattr("pins.api.views.media.is_within_rate", lambda request: False)

    response = program.post("/api/media/link", {"link": "https://a.example"}, content_type="application/json")

    assert (response.status_code, errors(response)) == (429, [("too_many_uploads", "link")])


def account_of(program):
    [account] = program.get("/api/accounts").json()
    return account


def test_a_healthy_account_publishes(team, program):
    account = account_of(program)

    assert (account["username"], account["status"]) == (team.account.username, "active")
    assert (account["publishes"], account["reasons"]) == (True, [])


@pytest.mark.parametrize(
    ("columns", "publishes", "reason"),
    [
        ({"status": AccountStatus.NEEDS_RECONNECT, "trouble": "Pinterest revoked access."}, False, "Pinterest revoked"),
        ({"status": AccountStatus.DISCONNECTED}, False, "Disconnected."),
        ({"publishing_paused_at": timezone.now()}, False, "An administrator paused"),
        ({"posting_paused_until": timezone.now() + timedelta(days=900)}, False, "Pinterest has asked"),
        ({"queue_paused_at": timezone.now()}, True, "The queue is paused"),
        ({"refresh_expires_at": timezone.now()}, True, "The connection ends soon"),
    ],
)
def test_what_ails_an_account_is_said(team, program, columns, publishes, reason):
    PinterestAccount.objects.filter(pk=team.account.pk).update(**columns)

    account = account_of(program)

    assert account["publishes"] is publishes
    assert [each.startswith(reason) for each in account["reasons"]] == [True]


def test_an_account_whose_deletion_has_begun_is_left_out(team, program):
    PinterestAccount.objects.filter(pk=team.account.pk).update(pinterest_user_id="erasing-1")

    assert program.get("/api/accounts").json() == []
