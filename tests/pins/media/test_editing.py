import base64
import io

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image

from pins.media import editing as media_editing
from pins.media import storage as media_module
from pins.media.editing import CropFrame
from pins.media.storage import MediaRefused, store_upload
from pins.models import MediaFile, PinStatus
from pins.rules.composition import AttachedMedia, Composition, check
from tests.factories import AttachmentFactory, MediaFileFactory, PinFactory, PlayableVideoFactory
from tests.media_bytes import picture_bytes, video_bytes
from tests.stored_files import incoming, stored_names

pytestmark = pytest.mark.django_db


def stored(team, content, name="chair.jpg", **columns):
    media = store_upload(ContentFile(content, name), workspace=team.workspace, by=team.alice)
    for column, value in columns.items():
        setattr(media, column, value)
    media.save()
    return media


def striped(width, height, *, along="x", image_format="PNG"):
    """A picture whose left (or upper) third is red, the middle one green, and the last one blue."""
    image = Image.new("RGB", (width, height))
    for number, colour in enumerate(["#FF0000", "#00FF00", "#0000FF"]):
        start, end = number / 3, (number + 1) / 3
        box = (start * width, 0, end * width, height) if along == "x" else (0, start * height, width, end * height)
        image.paste(colour, tuple(round(edge) for edge in box))
    content = io.BytesIO()
    image.save(content, image_format)
    return content.getvalue()


def middle(media):
    with media.file.open("rb") as file:
        image = Image.open(file).convert("RGB")
        return image.getpixel((image.width // 2, image.height // 2))


def broken_rules(media_files):
    problems = check(Composition(attachments=[AttachedMedia(media) for media in media_files]))
    return [problem.code for problem in problems if problem.field == "attachments"]


@pytest.mark.parametrize(
    ("size", "frame"),
    [
        ((3000, 1000), CropFrame(667, 1000, 2333, 0)),
        ((1000, 3000), CropFrame(1000, 1500, 0, 1500)),
        ((1000, 1500), CropFrame(1000, 1500, 0, 0)),
        ((2000, 3000), CropFrame(2000, 3000, 0, 0)),
        ((1, 1), CropFrame(1, 1, 0, 0)),
        ((5000, 1), CropFrame(1, 1, 4999, 0)),
        ((1, 5000), CropFrame(1, 2, 0, 4998)),
    ],
)
def test_the_frame_is_the_largest_that_fits_and_moves_along_the_free_axis(size, frame):
    media = MediaFileFactory.build(width=size[0], height=size[1], workspace=None)

    found = CropFrame.of(media)

    assert found == frame
    for position in (0, 33.3, 100):
        left, top, right, bottom = found.box(position)
        assert 0 <= left < right <= size[0]
        assert 0 <= top < bottom <= size[1]
    assert found.box(100)[2:] == size


@pytest.mark.parametrize("along", ["x", "y"])
@pytest.mark.parametrize(("position", "colour"), [(0, (255, 0, 0)), (50, (0, 255, 0)), (100, (0, 0, 255))])
def test_a_crop_is_a_new_image_of_what_was_in_the_frame(team, along, position, colour):
    size = (3000, 1000) if along == "x" else (1000, 4500)
    original = stored(team, striped(*size, along=along), "chair.png", alt_text="Three chairs")

    cropped = media_editing.crop_to_ideal(original, position, team.alice)

    assert cropped != original
    assert (cropped.width, cropped.height, cropped.content_type) == (1000, 1500, "image/png")
    assert (cropped.original, cropped.uploaded_by, cropped.workspace) == (original, team.alice, team.workspace)
    assert (cropped.original_name, cropped.alt_text) == ("chair, 1000 × 1500.png", "Three chairs")
    assert middle(cropped) == colour
    assert original.file.storage.exists(original.file.name)


def test_the_same_crop_twice_is_one_file(team):
    original = stored(team, striped(3000, 1000))

    assert media_editing.crop_to_ideal(original, 20, team.alice) == media_editing.crop_to_ideal(
        original, 20, team.alice
    )
    assert media_editing.crop_to_ideal(original, 20, team.alice) != media_editing.crop_to_ideal(
        original, 60, team.alice
    )


def test_a_crop_that_is_made_again_keeps_its_file_where_pins_and_pinterest_find_it(
    team, django_capture_on_commit_callbacks
):
    photo = stored(team, picture_bytes(1200, 1200))
    first = media_editing.crop_to_ideal(photo, media_editing.CENTRE, team.alice)

    with django_capture_on_commit_callbacks(execute=True):
        again = media_editing.crop_to_ideal(photo, media_editing.CENTRE, team.alice)

    assert (again.file.name, again.thumbnail.name) == (first.file.name, first.thumbnail.name)
    assert first.file.storage.exists(first.file.name)
    assert first.thumbnail.storage.exists(first.thumbnail.name)


def test_a_deleted_file_that_is_revived_twice_at_the_same_moment_leaves_no_orphan(
    team, monkeypatch, django_capture_on_commit_callbacks
):
    content = picture_bytes()
    media = stored(team, content)
    with django_capture_on_commit_callbacks(execute=True):
        media_editing.delete_media(media, by=team.alice, now=timezone.now())
    save = media_module._save

    def while_another_is_faster(made):
        monkeypatch.setattr(media_module, "_save", save)
        store_upload(ContentFile(content, "other.jpg"), workspace=team.workspace, by=team.alice)
        return save(made)

    monkeypatch.setattr(media_module, "_save", while_another_is_faster)
    with django_capture_on_commit_callbacks(execute=True):
        revived = stored(team, content)

    assert revived.pk == media.pk
    assert set(stored_names()) == {revived.file.name, revived.thumbnail.name}


def test_a_small_picture_is_scaled_up(team):
    cropped = media_editing.crop_to_ideal(stored(team, picture_bytes(30, 30)), 50, team.alice)

    assert (cropped.width, cropped.height) == (1000, 1500)


@pytest.mark.parametrize("mode", ["P", "L", "1", "LA", "RGBA", "I;16", "CMYK"])
def test_pictures_of_every_kind_can_be_cropped(team, mode):
    content = io.BytesIO()
    image = Image.new("L", (90, 60), 128)
    (Image.new("I;16", (90, 60), 32768) if mode == "I;16" else image.convert("RGB").convert(mode)).save(
        content, "JPEG" if mode == "CMYK" else "PNG"
    )

    cropped = media_editing.crop_to_ideal(stored(team, content.getvalue()), 50, team.alice)

    assert (cropped.width, cropped.height) == (1000, 1500)
    assert mode == "1" or all(abs(value - 128) < 8 for value in middle(cropped))


def test_images_of_different_sizes_get_the_size_of_the_first(team):
    first, second, third, fourth = (
        stored(team, striped(*size, along=along))
        for size, along in [((600, 900), "x"), ((1200, 600), "x"), ((300, 900), "y"), ((600, 900), "y")]
    )
    assert broken_rules([first, second, third, fourth]) == ["carousel_sizes_differ"]

    matched = media_editing.match_size([first, second, third, fourth], team.alice)

    assert (matched[0], matched[3]) == (first, fourth)
    assert [(media.width, media.height) for media in matched] == [(600, 900)] * 4
    assert [media.original for media in matched[1:3]] == [second, third]
    assert [middle(media) for media in matched[1:3]] == [(0, 255, 0), (0, 255, 0)]
    assert broken_rules(matched) == []


def test_matching_nothing_gives_nothing(team):
    assert media_editing.match_size([], team.alice) == []


def test_frames_are_spread_over_the_video(team):
    video = stored(team, video_bytes(seconds=10), "oak.mp4")

    frames = media_editing.frames_of(video)

    moments = [frame.at_seconds for frame in frames]
    assert len(frames) == 8
    assert moments == sorted(set(moments))
    assert moments[0] < 1
    assert moments[-1] > 8.5
    assert all(frame.picture.startswith("data:image/jpeg;base64,") for frame in frames)


@pytest.mark.parametrize("at_seconds", [0.0, 2.5, 4.5, 999.0])
def test_a_frame_becomes_the_cover_in_the_size_of_the_video(team, at_seconds):
    video = stored(team, video_bytes(seconds=5, width=240, height=360), "oak.mp4")

    cover = media_editing.frame_as_cover(video, at_seconds, team.alice)

    assert (cover.width, cover.height, cover.content_type) == (240, 360, "image/jpeg")
    assert (cover.original, cover.is_video) == (video, False)
    # The video gets lighter from black to white, two frames a second.
    shown = min(at_seconds, 4.5)
    assert abs(middle(cover)[0] - 255 * shown * 2 / 9) < 12


def test_the_chosen_frame_is_the_one_that_was_shown(team):
    video = stored(team, video_bytes(seconds=7, frames_per_second=3), "oak.mp4")

    for frame in media_editing.frames_of(video)[::3]:
        small = Image.open(io.BytesIO(base64.b64decode(frame.picture.partition(",")[2]))).convert("RGB")
        cover = media_editing.frame_as_cover(video, frame.at_seconds, team.alice)

        assert abs(small.getpixel((60, 90))[0] - middle(cover)[0]) < 4


def test_a_file_that_is_gone_from_the_storage_is_named(team):
    media = stored(team, picture_bytes())
    media.file.storage.delete(media.file.name)

    with pytest.raises(MediaRefused) as caught:
        media_editing.crop_to_ideal(media, 50, team.alice)

    assert caught.value.message == "“chair.jpg” is no longer on the server. Upload it again."


def test_nothing_is_left_of_the_work(team):
    video = stored(team, video_bytes(), "oak.mp4")
    media_editing.frame_as_cover(video, 1, team.alice)
    media_editing.frames_of(video)

    assert incoming() == []
    assert len(stored_names()) == 4


NEEDING = [status for status in PinStatus if status != PinStatus.PUBLISHED]


@pytest.mark.parametrize("status", NEEDING)
def test_a_file_that_an_unpublished_pin_needs_stays(team, status, django_capture_on_commit_callbacks):
    media = MediaFileFactory(workspace=team.workspace)
    pin = PinFactory(board=team.board, status=status, attachments=0)
    AttachmentFactory(pin=pin, media=media)

    with django_capture_on_commit_callbacks(execute=True):
        assert media_editing.delete_media(media, by=team.alice, now=timezone.now()) == [pin]

    media.refresh_from_db()
    assert media.deleted_at is None
    assert media.file.storage.exists(media.file.name)


def test_a_file_of_published_pins_goes_but_its_thumbnail_stays(team, django_capture_on_commit_callbacks):
    media = MediaFileFactory(workspace=team.workspace)
    AttachmentFactory(pin=PinFactory(board=team.board, status=PinStatus.PUBLISHED, attachments=0), media=media)
    now = timezone.now()

    with django_capture_on_commit_callbacks(execute=True):
        assert media_editing.delete_media(media, by=team.alice, now=now) == []

    media.refresh_from_db()
    assert media.deleted_at == now
    assert media not in MediaFile.objects.in_library()
    assert not media.file.storage.exists(media.file.name)
    assert media.thumbnail.storage.exists(media.thumbnail.name)


def test_the_bytes_go_only_when_the_deletion_is_committed(team, django_capture_on_commit_callbacks):
    media = MediaFileFactory(workspace=team.workspace)

    with django_capture_on_commit_callbacks():
        media_editing.delete_media(media, by=team.alice, now=timezone.now())

    assert media.file.storage.exists(media.file.name)


def test_deleting_twice_changes_nothing(team):
    media = MediaFileFactory(workspace=team.workspace)
    first = timezone.now()
    media_editing.delete_media(media, by=team.alice, now=first)

    assert media_editing.delete_media(media, by=team.alice, now=timezone.now()) == []

    media.refresh_from_db()
    assert media.deleted_at == first


def test_a_deleted_video_can_be_uploaded_again_and_used(team, django_capture_on_commit_callbacks):
    content = video_bytes()
    video = stored(team, content, "oak.mp4")
    with django_capture_on_commit_callbacks(execute=True):
        media_editing.delete_media(video, by=team.alice, now=timezone.now())
        again = stored(team, content, "oak.mp4")

    assert again == video
    assert media_editing.frames_of(again)


def test_a_video_row_of_the_factory_can_be_read():
    assert media_editing.frame_as_cover(PlayableVideoFactory(), 1, None).original is not None
