import io
import struct
import zlib

import pillow_heif
import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from pins.media.storage import MediaRefused, store_upload
from pins.models import MediaFile, MediaFileQuerySet
from tests.factories import WorkspaceFactory
from tests.media_bytes import picture_bytes
from tests.stored_files import incoming, stored_names

pytestmark = pytest.mark.django_db


def store(team, content, name="chair.jpg"):
    return store_upload(SimpleUploadedFile(name, content), workspace=team.workspace, by=team.alice)


def refusal(team, content, name="chair.jpg"):
    with pytest.raises(MediaRefused) as caught:
        store(team, content, name)
    assert not MediaFile.objects.exists()
    return caught.value


def content_of(stored):
    with stored.open("rb") as file:
        return file.read()


def picture_in(stored):
    return Image.open(io.BytesIO(content_of(stored)))


def png_header(width, height):
    """A PNG that claims a size without having the pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 100))]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )


def test_a_jpeg_is_stored_as_it_came_with_a_thumbnail(team):
    content = picture_bytes(1000, 1500, comment="")

    media = store(team, content)

    assert (media.width, media.height, media.content_type, media.size_bytes) == (1000, 1500, "image/jpeg", len(content))
    assert content_of(media.file) == content
    assert picture_in(media.thumbnail).size == (480, 720)
    assert media.original_name == "chair.jpg"


def test_names_in_the_storage_cannot_be_guessed(team):
    media = store(team, picture_bytes())

    assert "chair" not in media.file.name
    assert len(media.file.name.split("/")[-1]) > 30


def test_a_png_named_jpg_is_accepted_by_its_content(team):
    media = store(team, picture_bytes(image_format="PNG"), "chair.jpg")

    assert media.content_type == "image/png"
    assert media.file.name.endswith(".png")


def test_webp_becomes_jpeg(team):
    media = store(team, picture_bytes(image_format="WEBP"), "chair.webp")

    assert media.content_type == "image/jpeg"
    assert picture_in(media.file).format == "JPEG"
    assert media.size_bytes == len(content_of(media.file))


def test_transparent_webp_becomes_png(team):
    content = io.BytesIO()
    Image.new("RGBA", (100, 150), (255, 0, 0, 80)).save(content, "WEBP")

    media = store(team, content.getvalue(), "logo.webp")

    assert media.content_type == "image/png"
    assert picture_in(media.file).has_transparency_data


def test_a_picture_on_its_side_has_its_visible_size(team):
    exif = Image.Exif()
    exif[0x0112] = 6

    media = store(team, picture_bytes(1500, 1000, exif=exif))

    assert (media.width, media.height) == (1000, 1500)
    assert picture_in(media.thumbnail).size == (480, 720)


def test_the_same_bytes_are_one_media_file_in_a_workspace(team):
    content = picture_bytes()

    assert store(team, content, "a.jpg") == store(team, content, "b.jpg")
    other = store_upload(SimpleUploadedFile("c.jpg", content), workspace=WorkspaceFactory(), by=team.alice)
    assert other.pk != MediaFile.objects.in_workspace(team.workspace).get().pk


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (b"", "file_empty", "is empty (0 bytes)"),
        (b"not a picture", "image_type", "isn't an image or video that Pinterest accepts"),
        (
            b"<svg xmlns='http://www.w3.org/2000/svg'></svg>",
            "image_type",
            "isn't an image or video that Pinterest accepts",
        ),
        (
            b"<!doctype html><script>alert(1)</script>",
            "image_type",
            "isn't an image or video that Pinterest accepts",
        ),
        (png_header(60_000, 60_000), "image_too_many_pixels", "60000 × 60000 pixels"),
        (png_header(500, 500), "image_damaged", "is damaged or incomplete"),
        (
            b"\xff\xd8\xff\xe0" + b"\0" * (25 * 1024**2),
            "image_too_large",
            "has 25.1 MB; Pinterest accepts images up to 20",
        ),
    ],
)
def test_what_is_no_usable_picture_is_refused_with_the_reason(team, content, code, words):
    refused = refusal(team, content, "logo.png")

    assert refused.code == code
    assert words in refused.message
    assert "“logo.png”" in refused.message


def test_a_truncated_picture_is_refused(team):
    noise = Image.effect_noise((600, 900), 80)
    content = io.BytesIO()
    noise.save(content, "JPEG")

    refused = refusal(team, content.getvalue()[: len(content.getvalue()) // 2])

    assert refused.code == "image_damaged"


def test_an_animated_or_other_format_is_refused(team):
    assert refusal(team, picture_bytes(image_format="GIF"), "chair.gif").code == "image_type"


def test_a_media_file_that_was_lost_comes_back_with_the_same_upload(team):
    content = picture_bytes(comment="")
    media = store(team, content)
    media.file.storage.delete(media.file.name)

    again = store(team, content)

    assert again == media
    assert content_of(again.file) == content


def test_a_deleted_media_file_comes_back_with_the_same_upload(team, django_capture_on_commit_callbacks):
    content = picture_bytes(comment="")
    media = store(team, content)
    old_thumbnail = media.thumbnail.name
    MediaFile.objects.update(alt_text="An oak chair", deleted_at=timezone.now())

    with django_capture_on_commit_callbacks(execute=True):
        again = store(team, content, "once more.jpg")

    assert (again.pk, again.deleted_at, again.alt_text) == (media.pk, None, "An oak chair")
    assert content_of(again.file) == content
    assert not again.thumbnail.storage.exists(old_thumbnail)


def test_a_file_that_comes_in_twice_at_the_same_moment_is_stored_once(team, monkeypatch):
    content = picture_bytes()
    first = store(team, content)
    is_first_look = iter([True, True])
    look = MediaFileQuerySet.first
    # Both requests looked before either had written.
    monkeypatch.setattr(MediaFileQuerySet, "first", lambda rows: None if next(is_first_look, False) else look(rows))

    assert store(team, content) == first

    assert len(stored_names()) == 2


def test_nothing_is_left_beside_what_is_stored(team):
    media = store(team, picture_bytes())
    with pytest.raises(MediaRefused):
        store(team, b"text")

    assert set(stored_names()) == {media.file.name, media.thumbnail.name}
    assert incoming() == []


def test_heic_becomes_jpeg(team):
    content = io.BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", (400, 600), "#AA3311")).save(content)

    media = store(team, content.getvalue(), "IMG_0042.HEIC")

    assert (media.content_type, media.width, media.height) == ("image/jpeg", 400, 600)
    assert picture_in(media.file).format == "JPEG"


def test_an_api_upload_has_no_uploader(team):
    media = store_upload(ContentFile(picture_bytes(), "chair.jpg"), workspace=team.workspace, by=None)

    assert media.uploaded_by is None


def test_the_colour_that_prevails_is_known(team):
    image = Image.new("RGB", (300, 450), "#204080")
    image.paste("#FFFFFF", (0, 0, 300, 150))
    content = io.BytesIO()
    image.save(content, "PNG")

    assert store(team, content.getvalue()).dominant_color == "#204080"


def test_transparent_parts_are_white_in_the_thumbnail(team):
    content = io.BytesIO()
    Image.new("RGBA", (100, 150), (255, 0, 0, 0)).save(content, "PNG")

    media = store(team, content.getvalue(), "logo.png")

    assert picture_in(media.thumbnail).getpixel((50, 75)) == (255, 255, 255)
    assert picture_in(media.file).getpixel((50, 75))[3] == 0


def test_sixteen_bit_greys_keep_their_shades_in_the_thumbnail(team):
    content = io.BytesIO()
    Image.new("I;16", (100, 150), 128 * 256).save(content, "PNG")

    assert abs(picture_in(store(team, content.getvalue()).thumbnail).getpixel((50, 75))[0] - 128) <= 1


def test_a_picture_whose_conversion_is_too_large_is_refused(team):
    """Noise in eight megapixels with a transparent corner: small as WebP, but as PNG it cannot be compressed."""
    noise = Image.merge("RGB", [Image.effect_noise((3200, 2500), 200) for _ in range(3)]).convert("RGBA")
    noise.putpixel((0, 0), (0, 0, 0, 0))
    content = io.BytesIO()
    noise.save(content, "WEBP", quality=50, method=0)

    refused = refusal(team, content.getvalue(), "noise.webp")

    assert refused.code == "image_too_large"
    assert "would exceed Pinterest's limit of 20 MB" in refused.message
