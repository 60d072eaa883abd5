"""What phones write into pictures beside the pixels: where it was taken must not go to Pinterest."""

import io

import pillow_heif
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageCms, PngImagePlugin

from pins.media.storage import store_upload
from pins.media.worker.metadata import strip_jpeg

pytestmark = pytest.mark.django_db
pillow_heif.register_heif_opener()

PLACE = b"52.5200N 13.4050E"
XMP = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><exif:GPSLatitude>" + PLACE + b"</exif:GPSLatitude></x:xmpmeta>"
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
IPTC = b"\xff\xed" + (2 + 14 + len(PLACE)).to_bytes(2, "big") + b"Photoshop 3.0\0" + PLACE


def exif(orientation=1):
    tags = Image.Exif()
    tags[0x0112] = orientation
    tags[0x9286] = PLACE.decode()  # UserComment
    place = tags.get_ifd(0x8825)
    place[1], place[2] = "N", (52.0, 31.0, 12.0)
    place[29] = PLACE.decode()
    return tags


def photograph(width=300, height=200):
    """Each corner has a colour of its own, so that one sees how it is turned."""
    image = Image.new("RGB", (width, height), "#808080")
    half = (width // 2, height // 2)
    image.paste("#D02020", (0, 0, *half))
    image.paste("#2020D0", (*half, width, height))
    return image


def encoded(image, image_format, **options):
    content = io.BytesIO()
    image.save(content, image_format, **options)
    return content.getvalue()


def stored(team, content, name="IMG_0042.jpg"):
    media = store_upload(SimpleUploadedFile(name, content), workspace=team.workspace, by=team.alice)
    with media.file.open("rb") as file:
        return media, file.read()


@pytest.mark.parametrize(
    "options",
    [{}, {"progressive": True}, {"restart_marker_rows": 1}, {"quality": 30, "subsampling": 0}],
    ids=["baseline", "progressive", "with restart markers", "low quality"],
)
def test_a_jpeg_loses_every_trace_of_the_place_and_no_pixel(team, options):
    original = encoded(photograph(), "JPEG", exif=exif(), xmp=XMP, comment=PLACE, icc_profile=SRGB, **options)
    original = original[:2] + IPTC + original[2:] + b"\xff\xd8 a second picture with " + PLACE
    assert original.count(PLACE) >= 5

    media, content = stored(team, original)

    picture = Image.open(io.BytesIO(content))
    assert PLACE not in content
    assert not picture.getexif()
    assert picture.info["icc_profile"] == SRGB
    assert picture.tobytes() == Image.open(io.BytesIO(original)).tobytes()
    assert media.size_bytes == len(content)


def test_the_second_picture_of_a_phones_jpeg_is_left_out(team):
    first = photograph()
    content = io.BytesIO()
    first.save(content, "MPO", save_all=True, append_images=[Image.new("RGB", first.size, "green")], exif=exif())
    assert Image.open(content).n_frames == 2

    _, stripped = stored(team, content.getvalue())

    assert Image.open(io.BytesIO(stripped)).format == "JPEG"
    assert PLACE not in stripped
    assert Image.open(io.BytesIO(stripped)).tobytes() == Image.open(content).tobytes()


def test_a_png_loses_every_trace_of_the_place_and_no_pixel(team):
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Location", PLACE.decode())
    texts.add_text("Long location", PLACE.decode() * 100, zip=True)
    texts.add_itxt("XML:com.adobe.xmp", XMP.decode())
    original = encoded(photograph(), "PNG", pnginfo=texts, exif=exif(), icc_profile=SRGB) + PLACE

    _, content = stored(team, original)

    picture = Image.open(io.BytesIO(content))
    picture.load()
    assert PLACE not in content
    assert not {b"tEXt", b"zTXt", b"iTXt", b"eXIf"} & set(content.split())
    assert set(picture.info) == {"icc_profile"}
    assert picture.tobytes() == photograph().tobytes()


@pytest.mark.parametrize("image_format", ["WEBP", "HEIF"])
def test_what_is_converted_is_in_srgb_and_takes_nothing_along(team, image_format):
    content = encoded(photograph(), image_format, exif=exif(), xmp=XMP, icc_profile=SRGB)

    _, content = stored(team, content)

    picture = Image.open(io.BytesIO(content))
    assert PLACE not in content
    assert not picture.getexif()
    assert "icc_profile" not in picture.info
    assert max(abs(a - b) for a, b in zip(picture.getpixel((10, 10)), (0xD0, 0x20, 0x20), strict=True)) < 12


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_stored_as_it_is_seen(team, image_format, orientation):
    seen = photograph()
    # How a camera stores it: turning it as the tag says gives the picture that is seen.
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    lying = seen.transpose(turns[orientation]) if orientation in turns else seen

    media, content = stored(team, encoded(lying, image_format, exif=exif(orientation), quality=95))

    picture = Image.open(io.BytesIO(content))
    assert picture.size == (media.width, media.height) == seen.size
    assert PLACE not in content
    for corner in [(10, 10), (290, 190), (290, 10)]:
        expected, found = seen.getpixel(corner), picture.convert("RGB").getpixel(corner)
        assert max(abs(a - b) for a, b in zip(expected, found, strict=True)) < 20
    with media.thumbnail.open("rb") as file:
        assert Image.open(file).size == seen.size


def test_a_jpeg_without_its_end_marker_is_closed():
    content = encoded(photograph(), "JPEG")

    assert strip_jpeg(content[:-2]).content == strip_jpeg(content).content == content


def test_colours_for_print_stay_what_they_are(team):
    content = encoded(photograph().convert("CMYK"), "JPEG", comment=PLACE)

    _, stripped = stored(team, content)

    assert Image.open(io.BytesIO(stripped)).tobytes() == Image.open(io.BytesIO(content)).tobytes()
