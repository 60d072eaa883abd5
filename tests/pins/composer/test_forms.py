"""The composer and all that can be typed into it or uploaded with it; the rules alone are in test_composition.py."""

import io
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from accounts.models import AccountStatus
from pins import limits
from pins.models import MediaFile, Pin, PinStatus
from tests.factories import BoardFactory, MediaFileFactory, PinterestAccountFactory
from tests.media_bytes import picture_bytes
from tests.page_text import said
from tests.pins.media.test_storage import png_header

pytestmark = pytest.mark.django_db

TYPED = {
    "title": "Oak <chair> & “stool”",
    "description": "By hand.\nIn oak.",
    "link": "https://example.com/chair?a=1&b=2",
    "alt_text": "A chair of oak",
    "dominant_color": "#aa5522",
}


def upload(content=None, name="chair.jpg"):
    return SimpleUploadedFile(name, picture_bytes() if content is None else content, "image/jpeg")


@pytest.fixture
def compose(team, alice):
    """Sends the composer's form, complete unless told otherwise, for publishing."""

    def send(pin=None, **fields):
        url = reverse("pins:pin_edit", args=[pin.pk]) if pin else reverse("pins:pin_create")
        form = {"board": team.board.pk, "attachments": upload, "action": "publish"} | fields
        return alice.post(url, {name: value() if callable(value) else value for name, value in form.items()})

    return send


def problems(response):
    """The sentences beside the fields, and proof that the page shows them and that nothing was saved as valid."""
    assert response.status_code == 200
    page = unescape(response.content.decode())
    found = {name: list(sentences) for name, sentences in response.context["form"].errors.items()}
    for name, sentences in found.items():
        assert f'id="id_{name}_error"' in page
        assert all(sentence in page for sentence in sentences)
    return found


def the_pin():
    return Pin.objects.get()


def truncated_jpeg():
    content = io.BytesIO()
    Image.effect_noise((600, 900), 80).save(content, "JPEG")
    return content.getvalue()[: len(content.getvalue()) // 2]


def test_a_complete_form_goes_out_now(team, compose):
    response = compose(**TYPED)

    pin = the_pin()
    assert response["Location"] == reverse("pins:pin_detail", args=[pin.pk])
    assert {name: getattr(pin, name) for name in TYPED} == TYPED
    assert (pin.status, pin.board, pin.account, pin.created_by) == (
        *(PinStatus.SCHEDULED, team.board, team.account, team.alice),
    )
    assert abs(pin.next_attempt_at - timezone.now()) < timedelta(minutes=1)
    assert [event.kind for event in pin.events.all()] == ["drafted", "scheduled"]


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"just text", "notes.jpg", "isn't an image or video that Pinterest accepts, whatever its name says."),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', "logo.png", "isn't an image or video"),
        (b"<!doctype html><script>alert(1)</script>", "page.png", "isn't an image or video"),
        (truncated_jpeg(), "half.jpg", "is damaged or incomplete."),
        (png_header(60_000, 60_000), "huge.png", "has 60000 × 60000 pixels, too many to process."),
        (b"", "empty.jpg", "is empty (0 bytes)."),
        (b"\xff\xd8\xff\xe0" + bytes(25 * 1024**2), "25mb.jpg", "is too large; Pinterest accepts images up to 20 MB."),
    ],
    ids=lambda value: value if isinstance(value, str) and "." in value[-5:] else "",
)
def test_a_file_that_is_no_usable_picture_is_refused(compose, content, name, sentence):
    [found] = problems(compose(attachments=upload(content, name)))["attachments"][-1:]

    assert found.startswith(f"“{name}” {sentence}")
    assert not Pin.objects.exists()
    assert not MediaFile.objects.exists()


def test_a_refused_file_is_not_forgotten_when_another_is_there(team, compose):
    media = MediaFileFactory(workspace=team.workspace)

    response = compose(attachments=[media.pk, upload(b"text", "notes.jpg")])

    assert "“notes.jpg” isn't an image" in problems(response)["attachments"][0]
    assert response.context["media"] == [media]
    assert not Pin.objects.exists()


def test_a_png_named_jpg_is_accepted(compose):
    compose(attachments=upload(picture_bytes(image_format="PNG"), "chair.jpg"))

    [media] = the_pin().media.all()
    assert media.content_type == "image/png"


def test_six_pictures_are_refused(compose):
    response = compose(attachments=[upload() for _ in range(6)])

    assert "A carousel can have up to 5 images; this one has 6." in problems(response)["attachments"][0]


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("link", "example.com/sale", "should be a web address that starts with https:// or http://"),
        ("link", "javascript:alert(1)", "should be a web address that starts with https:// or http://"),
        ("link", "JaVaScRiPt://example.com/%0aalert(1)", "should be a web address"),
        ("link", "https://", "should be a web address"),
        ("link", "http://[::1", "should be a web address"),
        ("link", "https://example.com/" + "a" * 2029, "has 2049 characters; Pinterest allows 2048. Shorten it by 1."),
        ("title", "a" * 112, "The title has 112 characters; Pinterest allows 100. Shorten it by 12."),
        ("description", "a" * 501, "The description has 501 characters; Pinterest allows 500. Shorten it by 1."),
        ("alt_text", "a" * 501, "The alt text has 501 characters; Pinterest allows 500."),
        ("dominant_color", "red", "“red” isn't a color. Enter # and six hexadecimal digits"),
        ("title", "oak\0chair", "The title contains an invisible NUL character."),
        ("description", "oak\0chair", "The description contains an invisible NUL character."),
        ("link", "https://example.com/\0", "The link contains an invisible NUL character."),
        ("alt_text", "oak\0chair", "The alt text contains an invisible NUL character."),
        ("dominant_color", "#aa55\0022", "isn't a color."),
        ("board", "", "Choose a board for the pin."),
        ("board", "nonsense", "This board isn't in your workspace."),
        ("board", "\0", "This board isn't in your workspace."),
        ("board", "9" * 50, "This board isn't in your workspace."),
        ("publish_at", "tomorrow", "Enter the date and time like this: 2027-03-28 09:30."),
        ("publish_at", "2027-02-30T10:00", "Enter the date and time like this: 2027-03-28 09:30."),
        ("publish_at", "0001-01-01T00:00", "Enter the date and time like this: 2027-03-28 09:30."),
        ("publish_at", "\0", "Null characters are not allowed."),
    ],
)
def test_bad_input_is_explained_at_its_field_and_nothing_is_lost(team, compose, field, value, sentence):
    media = MediaFileFactory(workspace=team.workspace)
    typed = {"board": team.board.pk, "publish_at": "2027-05-05T10:00", **TYPED, field: value}

    response = compose(**typed, attachments=media.pk, action="schedule")

    found = {name: sentences for name, sentences in problems(response).items() if name == field}
    assert sentence in found[field][0]
    assert set(response.context["form"].errors) == {field}
    assert not Pin.objects.exists()
    shown = response.context["form"]
    assert {name: shown[name].value() for name in typed} == {name: str(kept) for name, kept in typed.items()}


def test_after_an_error_the_page_has_every_field_and_the_uploaded_file(team, compose):
    page = compose(**TYPED | {"link": "example.com"}, publish_at="2027-05-05T10:00").content.decode()

    [media] = MediaFile.objects.all()
    assert f'<input type="hidden" name="attachments" value="{media.pk}" ' in page
    assert f'<option value="{team.board.pk}"' in page
    assert re.search(rf'<option value="{team.board.pk}"[^>]* selected>', page)
    assert 'value="Oak &lt;chair&gt; &amp; “stool”"' in page
    assert ">By hand.\nIn oak.</textarea>" in page
    assert ">A chair of oak</textarea>" in page
    assert 'value="example.com"' in page
    assert 'value="#aa5522"' in page
    assert 'value="2027-05-05T10:00"' in page

    compose(**TYPED, attachments=media.pk)
    assert list(the_pin().media.all()) == [media]


def test_text_at_its_limits_is_accepted(compose):
    typed = {
        "title": "a" * limits.TITLE_LENGTH,
        "description": "a\r\n" * 249 + "ab",
        "alt_text": "a" * limits.ALT_TEXT_LENGTH,
        "link": "https://example.com/" + "a" * (limits.LINK_LENGTH - 20),
    }

    compose(**typed)

    pin = the_pin()
    assert pin.description == "a\n" * 249 + "ab"
    assert len(pin.description) == limits.DESCRIPTION_LENGTH
    assert (pin.title, pin.alt_text, pin.link) == (typed["title"], typed["alt_text"], typed["link"])


@pytest.mark.parametrize(
    "text",
    ["👩🏽‍🎨 Kürbis 🎃", "كرسي من خشب البلوط", "כיסא \u200fאלון\u200e oak", "e\u0301 stays two characters", "椅子"],
)
def test_emoji_and_right_to_left_text_stay_as_they_are(alice, compose, text):
    response = compose(title=text, description=text, alt_text=text)

    pin = the_pin()
    assert (pin.title, pin.description, pin.alt_text) == (text, text, text)
    assert text in alice.get(response["Location"]).content.decode()
    assert f'value="{text}"' in alice.get(reverse("pins:pin_edit", args=[pin.pk])).content.decode()


def test_a_board_by_pinterests_id_works(team, compose):
    compose(board=team.board.pinterest_id)

    assert the_pin().board == team.board


def test_a_board_that_two_accounts_share_needs_a_choice(team, compose):
    other = PinterestAccountFactory(workspace=team.workspace)
    BoardFactory(account=other, pinterest_id=team.board.pinterest_id)

    assert "Choose one from the list." in problems(compose(board=team.board.pinterest_id))["board"][0]


def test_a_board_that_left_pinterest_is_refused(team, compose):
    gone = BoardFactory(account=team.account, name="Gone", missing_since=timezone.now())

    assert "“Gone” is no longer on Pinterest." in problems(compose(board=gone.pk))["board"][0]


@pytest.mark.parametrize("status", [AccountStatus.NEEDS_RECONNECT, AccountStatus.DISCONNECTED])
def test_a_board_of_an_account_that_is_not_connected_is_refused(team, compose, status):
    board = BoardFactory(account=PinterestAccountFactory(workspace=team.workspace, username="lost", status=status))

    assert "@lost needs reconnecting" in problems(compose(board=board.pk))["board"][0]


def test_a_draft_needs_nothing(compose):
    response = compose(board="", attachments="", action="draft")

    assert (the_pin().status, the_pin().board, the_pin().next_attempt_at) == (PinStatus.DRAFT, None, None)
    assert said(response) == [("success", "Saved as a draft.")]


def test_a_draft_keeps_what_breaks_the_rules(compose):
    compose(board="", attachments="", action="draft", link="javascript:alert(1)", title="a" * 101)

    assert (the_pin().link, the_pin().title) == ("javascript:alert(1)", "a" * 101)


def test_a_draft_keeps_the_moment_that_was_chosen(compose):
    compose(board="", action="draft", publish_at="2027-05-05T10:00")

    assert the_pin().publish_at == datetime(2027, 5, 5, 8, 0, tzinfo=UTC)
    assert the_pin().status == PinStatus.DRAFT


def test_scheduling_is_in_the_workspaces_time_zone(compose):
    response = compose(action="schedule", publish_at="2027-05-05T10:00")

    assert the_pin().next_attempt_at == datetime(2027, 5, 5, 8, 0, tzinfo=UTC)
    assert said(response) == [("success", "Scheduled for Wed 5 May 2027, 10:00 (Europe/Berlin).")]


def test_scheduling_needs_a_moment(compose):
    assert problems(compose(action="schedule")) == {"publish_at": ["Choose a date and time, or choose “Now”."]}


def test_a_moment_that_has_just_passed_means_now_and_says_so(compose):
    typed = timezone.localtime(timezone.now() - timedelta(minutes=5), ZoneInfo("Europe/Berlin"))

    response = compose(action="schedule", publish_at=f"{typed:%Y-%m-%dT%H:%M}")

    assert abs(the_pin().publish_at - timezone.now()) < timedelta(minutes=1)
    assert the_pin().publish_at == the_pin().next_attempt_at
    sentence = f"{typed:%a %-d %b %Y, %H:%M} (Europe/Berlin) has just passed, so the pin is being published now."
    assert said(response) == [("warning", sentence)]


def test_publishing_now_ignores_a_later_moment(compose):
    compose(action="publish", publish_at="2030-05-05T10:00")

    assert abs(the_pin().publish_at - timezone.now()) < timedelta(minutes=1)


def test_an_hour_that_the_clocks_leave_out_is_the_next_minute_there_is_and_the_page_says_so(compose):
    response = compose(action="schedule", publish_at="2027-03-28T02:30")

    assert the_pin().publish_at == datetime(2027, 3, 28, 1, 0, tzinfo=UTC)
    assert said(response) == [
        ("info", "The clocks skip 02:30 on 28 Mar 2027, so it's the next time there is: 03:00."),
        ("success", "Scheduled for Sun 28 Mar 2027, 03:00 (Europe/Berlin)."),
    ]


@pytest.mark.parametrize(("action", "link"), [("schedule", "example.com/sale"), ("refresh_boards", "")])
def test_a_form_that_comes_back_shows_the_time_that_a_skipped_one_has_become(compose, action, link):
    response = compose(action=action, link=link, publish_at="2027-03-28T02:30", when="time")

    assert response.context["form"]["publish_at"].value() == "2027-03-28T03:00"
    assert "The clocks skip 02:30 on 28 Mar 2027" in response.content.decode()


def test_a_skipped_time_that_is_not_picked_is_not_spoken_of(compose):
    response = compose(action="schedule", link="example.com/sale", publish_at="2027-03-28T02:30", when="now")

    assert "The clocks skip" not in response.content.decode()


def test_an_hour_that_comes_twice_is_the_first_one(compose):
    compose(action="schedule", publish_at="2027-10-31T02:30")

    assert the_pin().publish_at == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize("action", ["draft", "publish"])
def test_a_text_of_megabytes_is_refused_at_its_field_and_stays_in_the_form(compose, action):
    answer = compose(title="x" * 2_400_000, action=action)

    (sentence,) = problems(answer)["title"]
    assert sentence == (
        "The title has 2,400,000 characters; Pinterest allows 100, and a draft holds 1,000. Shorten it."
    )
    assert "x" * 2_400_000 in answer.content.decode()
    assert not Pin.objects.exists()


def test_a_link_with_two_schemes_is_put_right_by_one_click(compose):
    refused = compose(link="https://https://example.com/oak")
    page = unescape(refused.content.decode())
    assert "Did you mean https://example.com/oak?" in page
    assert 'value="mend_link">Use https://example.com/oak</button>' in page

    put_right = compose(link="https://https://example.com/oak", action="mend_link").content.decode()

    assert 'value="https://example.com/oak"' in put_right
    assert "mend_link" not in put_right
