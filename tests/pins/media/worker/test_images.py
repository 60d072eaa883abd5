"""What any browser shows is taken: neither a part that nobody needs nor the end of the file decides about a picture."""

import io
import struct
import zlib

import pillow_heif
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageCms

from pins.media.storage import store_upload
from pins.media.worker.metadata import strip_jpeg
from tests.media_worker_helpers import read_all, stored_path

pillow_heif.register_heif_opener()

MEGABYTE = 1024**2
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
BAD_EXIF = b"MM\0*\xff\xff\xff\xff"


def photograph(mode="RGB"):
    """Noise, so that each byte of the file counts."""
    return Image.merge("RGB", [Image.effect_noise((120, 180), 60) for _ in range(3)]).convert(mode)


def encoded(image, image_format, **options):
    content = io.BytesIO()
    image.save(content, image_format, **options)
    return content.getvalue()


def chunk(kind, body, checksum=None):
    checksum = zlib.crc32(kind + body) if checksum is None else checksum
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)


def with_chunk(kind, body, checksum=None):
    """A PNG with one more chunk before its pixels."""
    png = encoded(photograph(), "PNG")
    return png[:33] + chunk(kind, body, checksum) + png[33:]


def segment(marker, body):
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def with_segment(*segments):
    jpeg = encoded(photograph(), "JPEG")
    return jpeg[:2] + b"".join(segments) + jpeg[2:]


def packed(size_bytes):
    return zlib.compress(bytes(size_bytes))


def webp_with(kind, body):
    webp = encoded(photograph(), "WEBP", xmp=b"x" * 40)
    riff = webp.replace(b"XMP ", kind).replace(b"x" * 40, body.ljust(40, b"\0")[:40])
    assert riff != webp
    return riff


ODD_PARTS = {
    "zTXt of 2 MB": lambda: with_chunk(b"zTXt", b"Comment\0\0" + packed(2 * MEGABYTE)),
    "iTXt of 2 MB": lambda: with_chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + packed(2 * MEGABYTE)),
    "iCCP of 2 MB": lambda: with_chunk(b"iCCP", b"icc\0\0" + packed(2 * MEGABYTE)),
    "iCCP of 200 MB": lambda: with_chunk(b"iCCP", b"icc\0\0" + packed(200 * MEGABYTE)),
    "a profile followed by 2 MB": lambda: with_chunk(b"iCCP", b"icc\0\0" + zlib.compress(SRGB + bytes(2 * MEGABYTE))),
    "iCCP that cannot be unpacked": lambda: with_chunk(b"iCCP", b"icc\0\0no zlib"),
    "tEXt with a wrong checksum": lambda: with_chunk(b"tEXt", b"Comment\0oak", 1),
    "gAMA with a wrong checksum": lambda: with_chunk(b"gAMA", struct.pack(">I", 45455), 1),
    "tRNS with a wrong checksum": lambda: with_chunk(b"tRNS", bytes(6), 1),
    "gAMA of one byte": lambda: with_chunk(b"gAMA", b"\0"),
    "gAMA of zero": lambda: with_chunk(b"gAMA", bytes(4)),
    "sRGB without a body": lambda: with_chunk(b"sRGB", b""),
    "pHYs of one byte": lambda: with_chunk(b"pHYs", b"\0"),
    "cHRM of three bytes": lambda: with_chunk(b"cHRM", b"\0\0\0"),
    "tRNS of another kind of picture": lambda: with_chunk(b"tRNS", b"\0"),
    "eXIf that points nowhere": lambda: with_chunk(b"eXIf", BAD_EXIF),
    "an unknown chunk": lambda: with_chunk(b"abCd", b"?", 1),
    "acTL without frames": lambda: with_chunk(b"acTL", bytes(8)),
    "EXIF that points nowhere": lambda: with_segment(segment(0xE1, b"Exif\0\0" + BAD_EXIF)),
    "EXIF of two bytes": lambda: with_segment(segment(0xE1, b"Exif\0\0MM")),
    "MPF that points nowhere": lambda: with_segment(segment(0xE2, b"MPF\0" + BAD_EXIF)),
    "a short JFIF": lambda: with_segment(segment(0xE0, b"JFIF\0\1")),
    "a short Adobe": lambda: with_segment(segment(0xEE, b"Adobe\0")),
    "a short profile": lambda: with_segment(segment(0xE2, b"ICC_PROFILE\0")),
    "a profile that is none": lambda: with_segment(segment(0xE2, b"ICC_PROFILE\0\1\1none")),
    "half a profile": lambda: with_segment(segment(0xE2, b"ICC_PROFILE\0\1\2" + SRGB)),
    "Photoshop's without an end": lambda: with_segment(segment(0xED, b"Photoshop 3.0\08BIM\x03\xed\0\0\0\0")),
    "a megabyte of comments": lambda: with_segment(*[segment(0xFE, b"\xff" * 65_000)] * 16),
    "WebP, EXIF that points nowhere": lambda: encoded(photograph(), "WEBP", exif=b"Exif\0\0" + BAD_EXIF),
    "WebP, XMP of 2 MB": lambda: encoded(photograph(), "WEBP", xmp=b"\xff" * 2 * MEGABYTE),
    "WebP, a profile that is none": lambda: encoded(photograph(), "WEBP", icc_profile=b"none"),
    "WebP, an unknown chunk": lambda: webp_with(b"abcd", b"?"),
    "HEIC, EXIF that points nowhere": lambda: encoded(photograph(), "HEIF", exif=b"Exif\0\0" + BAD_EXIF),
    "HEIC, XMP that is none": lambda: encoded(photograph(), "HEIF", xmp=b"\xff" * 5_000),
}


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    return read_all("read-picture", ODD_PARTS | ENDS | CUTS | TURNED, tmp_path_factory.mktemp("pictures"))


@pytest.mark.parametrize("name", ODD_PARTS)
def test_a_part_that_nobody_needs_refuses_no_picture(answers, name):
    answer = answers[name]

    assert (answer.get("width"), answer.get("height")) == (120, 180), answer
    with Image.open(stored_path(answer)) as picture:
        picture.load()
        assert picture.size == (120, 180)


ENDS = {
    "JPEG without its end marker": lambda: encoded(photograph(), "JPEG")[:-2],
    "JPEG with half its end marker": lambda: encoded(photograph(), "JPEG")[:-1],
    "progressive, without its end marker": lambda: encoded(photograph(), "JPEG", progressive=True)[:-2],
    "grey, without its end marker": lambda: encoded(photograph("L"), "JPEG")[:-2],
    "a phone's trailer instead of the end marker": lambda: (
        encoded(photograph(), "JPEG")[:-2] + b"SEFT" + bytes(400) + segment(0xC0, b"none") + b"\xff\xda"
    ),
    "a video behind the JPEG": lambda: encoded(photograph(), "JPEG") + b"\0\0\0\x18ftypmp42" + bytes(9_000),
    "PNG without IEND": lambda: encoded(photograph(), "PNG")[:-12],
    "PNG with half of IEND": lambda: encoded(photograph(), "PNG")[:-5],
    "PNG without its last checksums": lambda: encoded(photograph(), "PNG")[: -12 - 6],
    "bytes behind the PNG": lambda: encoded(photograph(), "PNG") + b"\xff" * 999,
    "bytes behind the WebP": lambda: encoded(photograph(), "WEBP") + b"\xff" * 999,
    "WebP that states more than it has": lambda: (
        (webp := encoded(photograph(), "WEBP"))[:4] + b"\xff\xff\xff\x0f" + webp[8:]
    ),
    "WebP without the end of its XMP": lambda: encoded(photograph(), "WEBP", xmp=b"x" * 3_000)[:-900],
    "bytes behind the HEIC": lambda: encoded(photograph(), "HEIF") + b"\xff" * 999,
}


@pytest.mark.parametrize("name", ENDS)
def test_the_end_of_the_file_decides_nothing_while_every_pixel_is_there(answers, name):
    assert "refused" not in answers[name]
    with Image.open(stored_path(answers[name])) as picture:
        picture.load()
        assert picture.size == (120, 180)


@pytest.mark.django_db
def test_a_jpeg_without_its_end_keeps_each_pixel_and_is_closed(team):
    content = encoded(photograph(), "JPEG")
    upload = SimpleUploadedFile("chair.jpg", content[:-2])

    media = store_upload(upload, workspace=team.workspace, by=team.alice)

    with media.file.open("rb") as file:
        assert file.read() == content


CUTS = {
    "JPEG, half": lambda: (jpeg := encoded(photograph(), "JPEG"))[: len(jpeg) // 2],
    "JPEG, its last row": lambda: encoded(photograph(), "JPEG")[:-60],
    "progressive, half": lambda: (jpeg := encoded(photograph(), "JPEG", progressive=True))[: len(jpeg) // 2],
    "progressive, the end": lambda: encoded(photograph(), "JPEG", progressive=True)[:-60],
    "progressive, whole scans": lambda: (jpeg := encoded(photograph(), "JPEG", progressive=True))[
        : jpeg.rindex(b"\xff\xda")
    ],
    "PNG, half": lambda: (png := encoded(photograph(), "PNG"))[: len(png) // 2],
    "PNG, the end": lambda: encoded(photograph(), "PNG")[:-60],
    "WebP": lambda: encoded(photograph(), "WEBP")[:-60],
    "HEIC": lambda: (heic := encoded(photograph(), "HEIF"))[: len(heic) // 2],
    **{
        # Decoders fill the last blocks up without a complaint.
        f"JPEG, {lacking} bytes": lambda lacking=lacking: encoded(photograph(), "JPEG", quality=95)[: -2 - lacking]
        for lacking in range(4, 60, 11)
    },
    "a header": lambda: encoded(photograph(), "JPEG")[:300],
}


def test_what_stands_in_the_place_of_the_end_marker_is_left_out(answers):
    assert b"SEFT" not in stored_path(answers["a phone's trailer instead of the end marker"]).read_bytes()


@pytest.mark.parametrize("name", CUTS)
def test_a_picture_that_lacks_pixels_is_refused(answers, name):
    assert answers[name].get("refused") == "image_damaged"


def test_what_is_behind_a_complete_picture_is_left_out():
    jpeg = encoded(photograph(), "JPEG")

    assert strip_jpeg(jpeg[:-2] + b"\0" * 9 + segment(0xE1, b"Exif\0\0place")).content.startswith(jpeg[:-2])
    assert b"place" not in strip_jpeg(jpeg + segment(0xE1, b"Exif\0\0place")).content


def turning():
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif.tobytes().removeprefix(b"Exif\0\0")


# As in browsers, neither XMP nor what stands behind the pixels turns a picture.
TURNED = {
    "EXIF": lambda: with_segment(segment(0xE1, b"Exif\0\0" + turning())),
    "eXIf": lambda: with_chunk(b"eXIf", turning()),
    "XMP": lambda: with_segment(segment(0xE1, b'http://ns.adobe.com/xap/1.0/\0<x tiff:Orientation="6"/>')),
    "eXIf behind the pixels": lambda: (
        (png := encoded(photograph(), "PNG"))[:-12] + chunk(b"eXIf", turning()) + png[-12:]
    ),
}


@pytest.mark.parametrize("name", TURNED)
def test_a_picture_is_turned_by_what_browsers_go_by(answers, name):
    expected = (180, 120) if name in ("EXIF", "eXIf") else (120, 180)

    assert (answers[name]["width"], answers[name]["height"]) == expected
