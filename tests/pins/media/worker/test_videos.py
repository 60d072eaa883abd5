import errno

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from pins.media import inspection
from pins.media.inspection import read_upload, work_folder
from pins.media.storage import MediaRefused, store_upload
from pins.models import MediaFile, MediaKind
from postiz_pins.storage.base import MediaUnavailable
from tests.media_bytes import picture_bytes, video_bytes

pytestmark = pytest.mark.django_db


def store(team, content, name="oak.mp4"):
    return store_upload(SimpleUploadedFile(name, content), workspace=team.workspace, by=team.alice)


def test_a_video_is_stored_as_it_came_with_its_facts_and_a_thumbnail(team):
    content = video_bytes(seconds=6, width=240, height=360)

    media = store(team, content)

    assert (media.kind, media.content_type, media.video_codec) == (MediaKind.VIDEO, "video/mp4", "h264")
    assert (media.width, media.height, media.duration_seconds) == (240, 360, 6.0)
    assert media.duration_text == "0:06"
    assert media.file.name.endswith(".mp4")
    with media.file.open("rb") as file:
        assert file.read() == content
    with media.thumbnail.open("rb") as file:
        assert Image.open(file).size == (240, 360)
    assert media.dominant_color.startswith("#")


def test_h265_is_taken_too(team):
    assert store(team, video_bytes(codec="libx265")).video_codec == "hevc"


@pytest.mark.parametrize("turned", [90, 180, -90])
def test_a_video_on_its_side_has_its_visible_size(team, turned):
    media = store(team, video_bytes(width=180, height=120, turned=turned))

    seen = (180, 120) if turned == 180 else (120, 180)
    assert (media.width, media.height) == seen
    with media.thumbnail.open("rb") as file:
        assert Image.open(file).size == seen


def test_a_video_is_turned_the_right_way(team):
    """Its top is white and its bottom black, once it is turned by a quarter against the clock."""
    media = store(team, video_bytes(width=180, height=120, turned=90, half_white=True))

    with media.thumbnail.open("rb") as file:
        thumbnail = Image.open(file).convert("L")
        assert thumbnail.getpixel((60, 10)) > 200
        assert thumbnail.getpixel((60, 170)) < 50


def test_the_same_video_is_one_media_file(team):
    content = video_bytes()

    assert store(team, content) == store(team, content, "again.mp4")


BAD_VIDEOS = {
    "quicktime": (lambda: video_bytes(container="mov"), "video_type", "not an MP4 file"),
    "3gp": (
        lambda: (
            video_bytes(container="3gp")
            .replace(b"isom", b"3gp4")
            .replace(b"iso2", b"3gp4")
            .replace(b"avc1", b"3gp4", 1)
        ),
        "video_type",
        "not an MP4 file",
    ),
    "webm": (lambda: video_bytes(container="webm", codec="libvpx-vp9"), "video_type", "not an MP4 file"),
    "vp9": (lambda: video_bytes(codec="libvpx-vp9"), "video_codec", "vp9; Pinterest accepts H.264 or H.265"),
    "mpeg-4 part 2": (lambda: video_bytes(codec="mpeg4"), "video_codec", "mpeg4; Pinterest accepts H.264"),
    "3 seconds": (lambda: video_bytes(seconds=3), "video_too_short", "lasts 3 seconds; Pinterest requires at least 4"),
    "16 minutes": (
        lambda: video_bytes(seconds=960, frames_per_second=1, width=32, height=48),
        "video_too_long",
        "lasts 16:00 minutes; Pinterest allows 15:00",
    ),
    "too tall": (lambda: video_bytes(width=60, height=180), "video_aspect_ratio", "60 × 180 pixels"),
    "too wide": (lambda: video_bytes(width=200, height=100), "video_aspect_ratio", "200 × 100 pixels"),
    "sound only": (lambda: video_bytes(sound_only=True), "video_without_picture", "has sound only"),
    "no track": (lambda: video_bytes().replace(b"trak", b"free"), "video_damaged", "damaged or incomplete"),
    "truncated": (lambda: video_bytes()[:-300], "video_damaged", "damaged or incomplete"),
    "head only": (lambda: video_bytes()[:40], "video_damaged", "damaged or incomplete"),
    "one byte lacking": (lambda: video_bytes()[:-1], "video_damaged", "damaged or incomplete"),
    "web page": (lambda: b"<!doctype html><script>alert(1)</script>", "image_type", "JPG, PNG, WebP or HEIC"),
    "drawing": (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image_type", "MP4 for videos"),
    "empty": (lambda: b"", "file_empty", "is empty (0 bytes)"),
}


@pytest.mark.parametrize(("build", "code", "words"), BAD_VIDEOS.values(), ids=BAD_VIDEOS)
def test_a_video_that_pinterest_would_refuse_is_refused_with_the_reason(team, build, code, words):
    with pytest.raises(MediaRefused) as caught:
        store(team, build())

    assert caught.value.code == code
    assert words in caught.value.message
    assert "“oak.mp4”" in caught.value.message
    assert not MediaFile.objects.exists()


def test_a_picture_named_mp4_is_a_picture(team):
    assert store(team, picture_bytes()).content_type == "image/jpeg"


def test_a_video_named_jpg_is_a_video(team):
    assert store(team, video_bytes(), "holiday.jpg").content_type == "video/mp4"


BASES = [video_bytes(), picture_bytes(120, 180), picture_bytes(120, 180, "PNG"), picture_bytes(120, 180, "WEBP")]
MUTATIONS = st.lists(st.tuples(st.integers(0, 2**20), st.integers(0, 255)), min_size=1, max_size=30)
# What is mutated before is not read at all.
SIGNATURE_BYTES = 16


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(base=st.sampled_from(BASES), mutations=MUTATIONS, end=st.floats(0.3, 1))
def test_a_mutated_file_is_read_or_refused_but_brings_nothing_down(base, mutations, end):
    content = bytearray(base[: int(len(base) * end)])
    for where, value in mutations:
        content[SIGNATURE_BYTES + where % (len(content) - SIGNATURE_BYTES)] = value

    with work_folder() as folder:
        source = folder / "upload"
        source.write_bytes(content)
        try:
            found = read_upload(source, folder, "mutated")
        except MediaRefused as refused:
            assert refused.code in {
                *("image_type", "image_damaged", "image_too_many_pixels", "video_type", "video_codec", "video_damaged"),
                *("video_too_short", "video_too_long", "video_aspect_ratio", "video_without_picture"),
            }
        else:
            assert found.width > 0
            assert found.thumbnail.exists()


def test_a_file_whose_storage_does_not_answer_is_not_said_to_be_lost(team, tmp_path, monkeypatch):
    media = store(team, video_bytes())

    def away(store, name, folder):
        raise MediaUnavailable(errno.EIO, "No answer")

    monkeypatch.setattr(media.file.storage.__class__, "fetch", away)

    with pytest.raises(inspection.MediaRefused, match="can't be read right now") as refusal:
        inspection.local_path(media.file, tmp_path, "oak.mp4")
    assert refusal.value.code == "media_unavailable"
