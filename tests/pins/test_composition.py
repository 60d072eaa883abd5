import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import AccountStatus, Board, PinterestAccount
from pins import limits
from pins.composition import Composition, check
from pins.models import MediaFile, MediaKind


def board(**fields):
    account = PinterestAccount(username="shop", status=fields.pop("status", AccountStatus.ACTIVE))
    return Board(account=account, name="Chairs", **fields)


def picture(**fields):
    fields = {"kind": MediaKind.IMAGE, "content_type": "image/jpeg", "size_bytes": 1000} | fields
    return MediaFile(original_name="chair.jpg", width=1000, height=1500, **fields)


def composition(**fields):
    return Composition(**({"board": board(), "attachments": [picture()], "title": "A chair"} | fields))


def codes(checked, **options):
    return [(problem.field, problem.code) for problem in check(checked, **options)]


def test_a_board_and_a_picture_are_all_that_a_pin_needs():
    assert check(Composition(board=board(), attachments=[picture()])) == []


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"board": None}, ("board", "board_required")),
        ({"board": board(missing_since=timezone.now())}, ("board", "board_missing")),
        ({"board": board(status=AccountStatus.NEEDS_RECONNECT)}, ("board", "account_not_connected")),
        ({"attachments": []}, ("attachments", "attachment_required")),
        ({"attachments": [picture(), picture()]}, ("attachments", "too_many_attachments")),
        ({"attachments": [picture(content_type="image/webp")]}, ("attachments", "image_type")),
        ({"attachments": [picture(size_bytes=limits.IMAGE_BYTES + 1)]}, ("attachments", "image_too_large")),
        ({"title": "x" * 101}, ("title", "title_too_long")),
        ({"description": "x" * 501}, ("description", "description_too_long")),
        ({"alt_text": "x" * 501}, ("alt_text", "alt_text_too_long")),
        ({"link": "https://example.com/" + "x" * 2048}, ("link", "link_too_long")),
        ({"link": "example.com/sale"}, ("link", "link_invalid")),
        ({"link": "javascript:alert(1)"}, ("link", "link_invalid")),
        ({"link": "https://"}, ("link", "link_invalid")),
        ({"link": "https://exa mple.com"}, ("link", "link_invalid")),
        ({"link": "https://[::1"}, ("link", "link_invalid")),
        ({"link": "ftp://example.com/"}, ("link", "link_invalid")),
        ({"title": "A\0chair"}, ("title", "nul_character")),
        ({"description": "A\0chair"}, ("description", "nul_character")),
        ({"link": "https://example.com/\0"}, ("link", "nul_character")),
        ({"dominant_color": "red"}, ("dominant_color", "dominant_color_invalid")),
        ({"dominant_color": "#FF57222"}, ("dominant_color", "dominant_color_invalid")),
        ({"dominant_color": "#FF5722\n"}, ("dominant_color", "dominant_color_invalid")),
    ],
)
def test_a_broken_rule_names_its_field_and_code(fields, expected):
    assert codes(composition(**fields)) == [expected]


@pytest.mark.parametrize(
    "fields",
    [
        {"title": "x" * 100},
        {"description": "🪑" * 500},
        {"title": "كرسي من خشب البلوط"},
        {"link": "http://example.com"},
        {"link": "https://example.com/a?b=c&d=%20#e"},
        {"link": "https://bücher.example/"},
        {"dominant_color": "#ff5722"},
    ],
)
def test_what_lies_within_the_limits_is_accepted(fields):
    assert check(composition(**fields)) == []


def test_messages_name_the_limit_the_value_and_the_way_out():
    [problem] = check(composition(title="x" * 112))

    assert problem.message == "The title has 112 characters; Pinterest allows 100. Shorten it by 12."


def test_a_draft_may_lack_board_and_picture_but_not_break_limits():
    draft = Composition(title="x" * 101)

    assert codes(draft, is_draft=True) == [("title", "title_too_long")]


@given(st.text(max_size=600), st.text(max_size=600), st.text(max_size=100), st.text(max_size=10))
def test_any_text_is_judged_without_an_error(title, description, link, color):
    problems = check(composition(title=title, description=description, link=link, dominant_color=color))

    assert all(problem.message for problem in problems)
    assert ("title" in {problem.field for problem in problems}) == (len(title) > 100 or "\0" in title)
