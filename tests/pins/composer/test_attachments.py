"""The files of a pin in the composer without scripts: every button brings the form back with all that was typed."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from pins.composer import attachments
from pins.models import MediaFile, Pin, PinStatus
from pins.rules.composition import AttachedMedia
from tests.factories import MediaFileFactory, PinFactory, PlayableVideoFactory, VideoFileFactory
from tests.media_bytes import picture_bytes
from tests.page_text import page_text

pytestmark = pytest.mark.django_db

NEW = reverse("pins:pin_create")
TYPED = {"title": "Oak", "description": "By hand.\r\nOak.", "link": "example.com", "publish_at": "2027-03-28T03:00"}


@pytest.fixture
def press(alice):
    """Presses a button of a form with these files; the page that comes back."""

    def press(action, *media, **fields):
        response = alice.post(NEW, TYPED | {"attachments": [each.pk for each in media], "action": action} | fields)
        assert response.status_code == 200
        form = response.context["form"]
        assert {name: form[name].value() for name in TYPED} == TYPED
        assert not form.errors
        assert not Pin.objects.exists()
        return response

    return press


@pytest.fixture
def pictures(team):
    return [MediaFileFactory(workspace=team.workspace, original_name=f"{name}.jpg") for name in ("ash", "oak", "elm")]


def shown(response):
    return [str(media) for media in response.context["media"]]


def text(response):
    return page_text(response)


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("earlier:1", ["oak.jpg", "ash.jpg", "elm.jpg"]),
        ("later:1", ["ash.jpg", "elm.jpg", "oak.jpg"]),
        ("earlier:0", ["ash.jpg", "oak.jpg", "elm.jpg"]),
        ("later:2", ["ash.jpg", "oak.jpg", "elm.jpg"]),
        ("remove:1", ["ash.jpg", "elm.jpg"]),
        ("swap", ["elm.jpg", "oak.jpg", "ash.jpg"]),
    ],
)
def test_buttons_put_the_files_in_another_order(press, pictures, action, expected):
    name, colon, index = action.partition(":")

    response = press(f"{name}{colon}{pictures[int(index)].pk if index else ''}", *pictures)

    assert shown(response) == expected


@pytest.mark.parametrize("action", ["later:", "later:nonsense", "remove:0", "frame:nonsense", "frame:nan", "fly:1", ""])
def test_a_button_that_fits_nothing_changes_nothing(press, pictures, action):
    assert shown(press(action, *pictures)) == ["ash.jpg", "oak.jpg", "elm.jpg"]


def test_a_file_that_is_chosen_before_a_button_is_pressed_comes_along(team, press, pictures):
    chosen = SimpleUploadedFile("fir.jpg", picture_bytes())

    response = press("swap", attachments=[pictures[0].pk, chosen])

    assert shown(response) == ["fir.jpg", "ash.jpg"]


def test_a_refused_file_is_told_beside_the_files(press, pictures):
    response = press("swap", attachments=[pictures[0].pk, SimpleUploadedFile("notes.jpg", b"text")])

    assert "“notes.jpg” isn't an image or video" in text(response)
    assert shown(response) == ["ash.jpg"]


def test_the_size_of_the_first_image_fits_them_all(team, press):
    first = MediaFileFactory(workspace=team.workspace)
    other = MediaFileFactory(workspace=team.workspace, content=picture_bytes(400, 400), width=400, height=400)
    offered = press("swap", other, first)
    assert "Crop all to match the first" in text(offered)

    response = press("match_size", first, other, **{f"attachment_title-{other.pk}": "The second"})

    assert [(media.width, media.height) for media in response.context["media"]] == [(200, 300), (200, 300)]
    assert 'value="The second"' in text(response)
    assert "Crop all to match the first" not in text(response)


def test_an_image_is_made_two_to_three(team, press):
    wide = MediaFileFactory(workspace=team.workspace, content=picture_bytes(900, 600), width=900, height=600)
    assert f'value="crop:{wide.pk}"' in text(press("", wide))

    [cropped] = press(f"crop:{wide.pk}", wide).context["media"]

    assert (cropped.width, cropped.height, cropped.original) == (1000, 1500, wide)
    assert f'value="crop:{cropped.pk}"' not in text(press("", cropped))


def test_a_frame_of_the_video_becomes_its_cover(team, press):
    video = PlayableVideoFactory(workspace=team.workspace)
    old_cover = MediaFileFactory(workspace=team.workspace)
    assert "Choose a cover frame" in text(press("", video))

    choice = press("pick_frame", video)
    assert text(choice).count('name="action" value="frame:') == 8
    assert 'src="data:image/jpeg;base64,' in text(choice)
    response = press("frame:2.0", video, old_cover)

    shown_video, cover = response.context["media"]
    assert (shown_video, cover.original) == (video, video)
    with cover.file.open() as file, Image.open(file) as picture:
        assert picture.size == (120, 180)
    assert [role for _, role in response.context["attachments"]] == ["1: video", "2: cover"]
    assert not response.context["feedback"].files


def test_a_video_that_cannot_be_read_is_told(team, press):
    damaged = VideoFileFactory(workspace=team.workspace, original_name="damaged.mp4")

    response = press("pick_frame", damaged)

    assert "“damaged.mp4”" in response.context["refused_files"][0]
    assert shown(response) == ["damaged.mp4"]


def test_the_cover_before_its_video_can_be_swapped(team, press):
    cover, video = MediaFileFactory(workspace=team.workspace), VideoFileFactory(workspace=team.workspace)
    assert 'value="swap">Swap</button>' in text(press("", cover, video))

    response = press("swap", cover, video)

    assert response.context["media"] == [video, cover]
    assert 'value="swap"' not in text(response)


def test_the_offer_stands_beside_the_sentence_after_publishing_in_vain(team, alice):
    cover, video = MediaFileFactory(workspace=team.workspace), VideoFileFactory(workspace=team.workspace)

    response = alice.post(
        NEW, {"board": team.board.pk, "attachments": [cover.pk, video.pk], "action": "publish", "title": "Oak"}
    )

    page = text(response)
    assert "The cover image comes first." in page
    assert 'value="swap">Swap</button>' in page
    assert not Pin.objects.exists()


def test_the_colour_comes_from_the_first_image_which_is_the_cover_of_a_video(team, press):
    video = VideoFileFactory(workspace=team.workspace, dominant_color="#000000")
    cover = MediaFileFactory(workspace=team.workspace, dominant_color="#AA5522")

    response = press("take_color", video, cover)

    assert response.context["form"]["dominant_color"].value() == "#AA5522"


def test_the_alternative_text_of_the_library_is_offered_once(team, press):
    known = MediaFileFactory(workspace=team.workspace, alt_text="A chair of oak")

    assert press("", known).context["form"]["alt_text"].value() == "A chair of oak"
    assert press("", known, alt_text="My own").context["form"]["alt_text"].value() == "My own"


def test_a_link_from_the_library_begins_a_pin_with_its_files(team, alice):
    known = MediaFileFactory(workspace=team.workspace, alt_text="A chair of oak")
    foreign = MediaFileFactory()

    response = alice.get(NEW, {"media": [foreign.pk, known.pk]})

    assert response.context["media"] == [known]
    assert response.context["form"]["alt_text"].value() == "A chair of oak"


# Text of individual images.


def own_texts(media, **texts):
    return {f"attachment_{name}-{media.pk}": value for name, value in texts.items()}


def test_images_of_a_carousel_keep_their_texts_in_every_order(team, alice, pictures):
    ash, oak, _ = pictures
    texts = own_texts(ash, title=" Ash ", description="a\r\nb") | own_texts(oak, link="https://example.com/oak")

    alice.post(NEW, {"attachments": [oak.pk, ash.pk], "action": "draft", **texts})

    pin = Pin.objects.get()
    assert attachments.attachments_of(pin) == [
        AttachedMedia(oak, link="https://example.com/oak"),
        AttachedMedia(ash, title="Ash", description="a\nb"),
    ]
    page = text(alice.get(reverse("pins:pin_edit", args=[pin.pk])))
    assert page.index('value="https://example.com/oak"') < page.index('value="Ash"')
    assert "https://example.com/oak" in text(alice.get(reverse("pins:pin_detail", args=[pin.pk])))


def test_a_single_image_has_no_texts_of_its_own(team, alice, pictures):
    alice.post(NEW, {"attachments": pictures[0].pk, "action": "draft", **own_texts(pictures[0], title="Ash")})

    assert Pin.objects.get().attachments.get().title == ""


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        ({"link": "nonsense"}, "The link of image 2 should be a web address"),
        ({"title": "a" * 101}, "The title of image 2 has 101 characters; Pinterest allows 100."),
        ({"description": "a\0b"}, "The description of image 2 contains an invisible NUL character."),
    ],
)
def test_a_wrong_text_of_an_image_is_named_and_nothing_is_lost(team, alice, pictures, texts, sentence):
    ash, oak, _ = pictures

    response = alice.post(
        NEW,
        {"board": team.board.pk, "attachments": [ash.pk, oak.pk], "action": "publish", **own_texts(oak, **texts)},
    )

    assert sentence in text(response)
    [value] = texts.values()
    assert value in text(response)
    assert not Pin.objects.exists()


# What is still missing.


def test_a_draft_says_what_is_missing_when_it_is_opened_again(team, alice):
    draft = PinFactory(board=team.board, status=PinStatus.DRAFT, title="a" * 112, attachments=0)
    Pin.objects.update(board=None, account=None)

    page = text(alice.get(reverse("pins:pin_edit", args=[draft.pk])))

    assert "Before you can publish:" in page
    for sentence in ("Choose a board", "The title has 112 characters", "Add an image or a video"):
        assert sentence in page


def test_a_form_that_is_empty_or_complete_says_nothing(team, alice):
    complete = PinFactory(board=team.board, status=PinStatus.DRAFT)

    for address in (NEW, reverse("pins:pin_edit", args=[complete.pk])):
        assert "Before it can go out" not in text(alice.get(address))


def test_a_deleted_file_in_a_draft_is_named(team, alice, pictures):
    MediaFile.objects.filter(pk=pictures[0].pk).update(deleted_at="2026-01-01T00:00Z")
    alice.post(NEW, {"attachments": pictures[0].pk, "action": "draft"})

    assert "“ash.jpg” was deleted from the library." in text(
        alice.get(reverse("pins:pin_edit", args=[Pin.objects.get().pk]))
    )


@pytest.mark.parametrize("media", [1, 5])
def test_the_composer_costs_as_many_queries_for_five_images_as_for_one(
    team, alice, media, django_assert_max_num_queries
):
    pin = PinFactory(board=team.board, status=PinStatus.DRAFT, attachments=media)

    # Who asks and where (3), the pin and its files, what is kept aside, boards, sections, publishing times,
    # other pins that are near (2), messages.
    with django_assert_max_num_queries(17):
        assert alice.get(reverse("pins:pin_edit", args=[pin.pk])).status_code == 200
