import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import AccountStatus, Board, BoardSection, PinterestAccount
from pins import limits
from pins.models import MediaFile, MediaKind
from pins.rules.composition import AttachedMedia, Composition, check


def board(**fields):
    account = PinterestAccount(username="shop", status=fields.pop("status", AccountStatus.ACTIVE))
    return Board(account=account, name="Chairs", **fields)


def picture(**fields):
    fields = {"kind": MediaKind.IMAGE, "content_type": "image/jpeg", "size_bytes": 1000} | fields
    return MediaFile(**({"original_name": "chair.jpg", "width": 1000, "height": 1500} | fields))


def cover(**fields):
    return picture(original_name="cover.jpg", **fields)


def video(**fields):
    fields = {
        "content_type": "video/mp4",
        "video_codec": "h264",
        "size_bytes": 10**6,
        "duration_seconds": 30.0,
    } | fields
    return MediaFile(**({"original_name": "oak.mp4", "kind": MediaKind.VIDEO, "width": 1080, "height": 1920} | fields))


def composition(**fields):
    media_files = fields.pop("attachments", [picture()])
    attached = [media if isinstance(media, AttachedMedia) else AttachedMedia(media) for media in media_files]
    return Composition(**({"board": board(), "attachments": attached, "title": "A chair"} | fields))


def codes(checked, **options):
    return [(problem.field, problem.code) for problem in check(checked, **options)]


def section_of(of_board, **fields):
    return BoardSection(board=of_board, name="Oak", **fields)


@pytest.mark.parametrize(
    "media_files",
    [
        [picture()],
        [picture(), picture()],
        [picture() for _ in range(5)],
        [video(), cover()],
        [video(video_codec="hevc"), cover(content_type="image/png")],
        [video(), cover(width=640, height=360)],
    ],
)
def test_a_board_and_media_are_all_that_a_pin_needs(media_files):
    attached = [AttachedMedia(media) for media in media_files]

    assert check(Composition(board=board(), attachments=attached)) == []


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"board": None}, ("board", "board_required")),
        ({"board": board(missing_since=timezone.now())}, ("board", "board_missing")),
        ({"board": board(status=AccountStatus.NEEDS_RECONNECT)}, ("board", "account_not_connected")),
        ({"attachments": []}, ("attachments", "attachment_required")),
        ({"attachments": [picture() for _ in range(6)]}, ("attachments", "too_many_images")),
        ({"attachments": [picture(), picture(width=999)]}, ("attachments", "carousel_sizes_differ")),
        ({"attachments": [picture(deleted_at=timezone.now())]}, ("attachments", "attachment_deleted")),
        ({"attachments": [video()]}, ("attachments", "cover_missing")),
        ({"attachments": [cover(), video()]}, ("attachments", "cover_before_video")),
        ({"attachments": [video(), video()]}, ("attachments", "too_many_videos")),
        ({"attachments": [video(), cover(), cover()]}, ("attachments", "too_many_attachments")),
        ({"attachments": [video(), cover(content_type="image/webp")]}, ("attachments", "image_type")),
        ({"attachments": [video(content_type="video/quicktime"), cover()]}, ("attachments", "video_type")),
        ({"attachments": [video(video_codec="vp9"), cover()]}, ("attachments", "video_codec")),
        ({"attachments": [video(size_bytes=limits.VIDEO_BYTES + 1), cover()]}, ("attachments", "video_too_large")),
        ({"attachments": [video(duration_seconds=3.9), cover()]}, ("attachments", "video_too_short")),
        ({"attachments": [video(duration_seconds=901.0), cover()]}, ("attachments", "video_too_long")),
        ({"attachments": [video(width=1000, height=2001), cover()]}, ("attachments", "video_aspect_ratio")),
        ({"attachments": [video(width=1920, height=1000), cover()]}, ("attachments", "video_aspect_ratio")),
        ({"attachments": [AttachedMedia(picture(), title="x" * 101)]}, ("attachments", "attachment_text_too_long")),
        ({"attachments": [AttachedMedia(picture(), link="example.com")]}, ("attachments", "link_invalid")),
        ({"section": section_of(Board(pk=7))}, ("section", "section_of_other_board")),
        ({"attachments": [picture(content_type="image/webp")]}, ("attachments", "image_type")),
        ({"attachments": [picture(size_bytes=limits.IMAGE_BYTES + 1)]}, ("attachments", "image_too_large")),
        ({"title": "x" * 101}, ("title", "title_too_long")),
        ({"description": "x" * 501}, ("description", "description_too_long")),
        ({"alt_text": "x" * 501}, ("alt_text", "alt_text_too_long")),
        ({"link": "https://example.com/" + "x" * 2048}, ("link", "link_too_long")),
        ({"link": "example.com/sale"}, ("link", "link_invalid")),
        ({"link": "javascript:alert(1)"}, ("link", "link_invalid")),
        ({"link": "https://"}, ("link", "link_invalid")),
        ({"link": "https://https://example.com"}, ("link", "link_invalid")),
        ({"link": "https://http//example.com"}, ("link", "link_invalid")),
        ({"link": "https:example.com"}, ("link", "link_invalid")),
        (
            {"attachments": [AttachedMedia(picture(), link="http://http://example.com")]},
            ("attachments", "link_invalid"),
        ),
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


def test_a_section_that_is_gone_is_named():
    oak = board()

    gone = composition(board=oak, section=section_of(oak, missing_since=timezone.now()))

    assert codes(gone) == [("section", "section_missing")]


def test_a_draft_may_break_every_rule_but_holds_no_nul_character():
    draft = composition(board=None, title="x" * 101, link="example", attachments=[cover(), video()])

    assert codes(draft, is_draft=True) == []
    assert codes(composition(title="A\0chair"), is_draft=True) == [("title", "nul_character")]


@pytest.mark.parametrize(
    ("name", "limit"),
    [("title", 100), ("description", 500), ("link", 2048), ("alt_text", 500), ("dominant_color", 7)],
)
def test_a_draft_has_ten_times_the_space_and_no_more(name, limit):
    assert codes(composition(**{name: "x" * 10 * limit}), is_draft=True) == []
    assert codes(composition(**{name: "x" * (10 * limit + 1)}), is_draft=True) == [(name, "text_far_too_long")]


@pytest.mark.parametrize("name", ["title", "description", "link"])
def test_the_texts_of_one_image_have_the_same_ceiling(name):
    media = AttachedMedia(picture(), **{name: "x" * 20_481})

    assert codes(composition(attachments=[media]), is_draft=True) == [("attachments", "text_far_too_long")]


@pytest.mark.parametrize(
    ("link", "offered"),
    [
        ("https://https://example.com/sale?u=https://x.example", "https://example.com/sale?u=https://x.example"),
        ("HTTPS://HTTP://example.com", "http://example.com"),
        ("https://http//example.com", "http://example.com"),
        ("http:https:example.com", "https://example.com"),
        ("https//example.com", "https://example.com"),
        ("https:/example.com", "https://example.com"),
        ("https:////example.com", "https://example.com"),
    ],
)
def test_a_scheme_that_is_doubled_or_torn_is_offered_whole(link, offered):
    (problem,) = check(composition(link=link))

    assert problem.message == f"The link has a typo at its start. Did you mean {offered}?"


@pytest.mark.parametrize(
    "link",
    ["HTTPS://example.com", "https://https:8080/", "https://https.example/", "https://https/", "http://x/http://y"],
)
def test_a_host_that_looks_like_a_scheme_is_none(link):
    assert check(composition(link=link)) == []


def test_a_space_in_a_link_is_named():
    assert "contains a space" in check(composition(link="https://example.com/oak\u00a0chair"))[0].message


@given(st.text(max_size=600), st.text(max_size=600), st.text(max_size=100), st.text(max_size=10))
def test_any_text_is_judged_without_an_error(title, description, link, color):
    problems = check(composition(title=title, description=description, link=link, dominant_color=color))

    assert all(problem.message for problem in problems)
    assert ("title" in {problem.field for problem in problems}) == (len(title) > 100 or "\0" in title)
