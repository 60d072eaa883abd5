"""Thumbnails, dominant colors, covers and everything that is encoded anew are in sRGB, whatever the file is in."""

import io
import struct
import zlib

import av
import pillow_heif
import pytest
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc
from PIL import Image

from pins.media.worker.colors import HLG, PQ, SRGB, Color, to_srgb
from tests.media_worker_helpers import read_all, stored_path

pillow_heif.register_heif_opener()

RED, WHITE, GREEN, ROSE = "#FF0000", "#FFFFFF", "#50A060", "#E02040"
SIZE = (120, 180)


def close(found, expected, tolerance):
    numbers = (
        [int(color.removeprefix("#")[at : at + 2], 16) for at in (0, 2, 4)] if isinstance(color, str) else color
        for color in (found, expected)
    )
    return max(abs(a - b) for a, b in zip(*numbers, strict=True)) <= tolerance


def hdr_video(luma, blue, red, transfer):
    """A video of one color, in 10 bits of BT.2020."""
    return encoded_video(
        "yuv420p10le",
        [struct.pack("<H", value) for value in (luma, blue, red)],
        colorspace=Colorspace.BT2020,
        color_range=ColorRange.MPEG,
        color_trc=transfer,
        color_primaries=ColorPrimaries.BT2020,
    )


def encoded_video(pixel_format, samples, size=SIZE, **color):
    content = io.BytesIO()
    with av.open(content, "w", format="mp4") as file:
        stream = file.add_stream("libx264", rate=2, options={"qp": "1"})
        stream.width, stream.height, stream.pix_fmt = *size, pixel_format
        for name, value in color.items():
            setattr(stream.codec_context, name, value)
        for _ in range(10):
            frame = av.VideoFrame(*size, pixel_format)
            for plane, sample in zip(frame.planes, samples, strict=True):
                plane.update(sample * (plane.buffer_size // len(sample)))
            file.mux(stream.encode(frame))
        file.mux(stream.encode())
    return content.getvalue()


def yuv(color, matrix, color_range):
    """The bytes of one pixel of a color, by the two weights of a matrix (ITU-R BT.601, BT.709, BT.2020)."""
    red, green, blue = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    of_red, of_blue = matrix
    luma = of_red * red + (1 - of_red - of_blue) * green + of_blue * blue
    chroma = (blue - luma) / (2 - 2 * of_blue), (red - luma) / (2 - 2 * of_red)
    if color_range == ColorRange.JPEG:
        return [bytes([round(255 * luma)]), *(bytes([round(128 + 255 * value)]) for value in chroma)]
    return [bytes([round(16 + 219 * luma)]), *(bytes([round(128 + 224 * value)]) for value in chroma)]


BT601, BT709, BT2020 = (0.299, 0.114), (0.2126, 0.0722), (0.2627, 0.0593)


def sdr_video(matrix, color_range, size=SIZE, **color):
    pixel_format = "yuvj420p" if color_range == ColorRange.JPEG else "yuv420p"
    return encoded_video(pixel_format, yuv(ROSE, matrix, color_range), size, color_range=color_range, **color)


FULL, LIMITED = ColorRange.JPEG, ColorRange.MPEG
VIDEOS = {
    # sRGB red and white at reference white, as phones write them.
    "HLG red": (lambda: hdr_video(357, 405, 701, ColorTrc.ARIB_STD_B67), RED, 20),
    "HLG white": (lambda: hdr_video(721, 512, 512, ColorTrc.ARIB_STD_B67), WHITE, 12),
    "PQ white": (lambda: hdr_video(573, 512, 512, ColorTrc.SMPTE2084), WHITE, 12),
    "PQ red": (lambda: hdr_video(392, 438, 608, ColorTrc.SMPTE2084), RED, 20),
    "BT.709": (lambda: sdr_video(BT709, LIMITED, colorspace=Colorspace.ITU709), ROSE, 6),
    "BT.709, full range": (lambda: sdr_video(BT709, FULL, colorspace=Colorspace.ITU709), ROSE, 6),
    "BT.601": (lambda: sdr_video(BT601, LIMITED, colorspace=Colorspace.ITU601), ROSE, 6),
    "BT.601, full range": (lambda: sdr_video(BT601, FULL, colorspace=Colorspace.ITU601), ROSE, 6),
    "BT.2020": (lambda: sdr_video(BT2020, LIMITED, colorspace=Colorspace.BT2020), ROSE, 6),
    # What a small and a large video mean that say nothing.
    "nothing said, small": (lambda: sdr_video(BT601, LIMITED), ROSE, 6),
    "nothing said, large": (lambda: sdr_video(BT709, LIMITED, size=(480, 720)), ROSE, 6),
}


def s15(value):
    return struct.pack(">i", round(value * 65536))


def p3_profile():
    """Display P3, as phones and their screenshots carry it, with a plain gamma of 2.2."""
    columns = {
        b"rXYZ": (0.5151, 0.2412, -0.0011),
        b"gXYZ": (0.2919, 0.6922, 0.0419),
        b"bXYZ": (0.1572, 0.0666, 0.7841),
        b"wtpt": (0.9642, 1.0, 0.8249),
    }
    tags = {name: b"XYZ \0\0\0\0" + b"".join(map(s15, xyz)) for name, xyz in columns.items()}
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(2.2 * 256)) + b"\0\0"
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    tags[b"desc"] = b"desc\0\0\0\0" + struct.pack(">I", 11) + b"Display P3\0" + bytes(79)
    tags[b"cprt"] = b"text\0\0\0\0none\0\0\0\0"
    table, body, position = b"", b"", 128 + 4 + 12 * len(tags)
    for name, content in tags.items():
        content += bytes(-len(content) % 4)
        table += name + struct.pack(">II", position + len(body), len(content))
        body += content
    size = position + len(body)
    head = struct.pack(">I4sI4s4s4s12s4s", size, bytes(4), 0x02100000, b"mntr", b"RGB ", b"XYZ ", bytes(12), b"acsp")
    head = head.ljust(68, b"\0") + s15(0.9642) + s15(1.0) + s15(0.8249)
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


# The same green, as numbers of Display P3.
GREEN_IN_P3 = (100, 158, 102)


def encoded(image, image_format, **options):
    content = io.BytesIO()
    image.save(content, image_format, **options)
    return content.getvalue()


def plain(color, image_format, mode="RGB", **options):
    return encoded(Image.new(mode, SIZE, color), image_format, **options)


def png_with(kind, body, color):
    png = plain(color, "PNG")
    return png[:33] + struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) + png[33:]


def turned():
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


def palette_with_transparency():
    image = Image.new("P", SIZE, 1)
    image.putpalette([255, 0, 0, 0x50, 0xA0, 0x60])
    image.paste(0, (0, 0, 120, 40))
    return encoded(image, "PNG", transparency=0)


PICTURES = {
    "P3 in a JPEG": lambda: plain(GREEN_IN_P3, "JPEG", quality=98, icc_profile=p3_profile()),
    "P3 in a JPEG that is turned": lambda: plain(
        GREEN_IN_P3, "JPEG", quality=98, icc_profile=p3_profile(), exif=turned()
    ),
    "P3 in a WebP": lambda: plain(GREEN_IN_P3, "WEBP", quality=100, icc_profile=p3_profile()),
    "P3 in a HEIC": lambda: plain(GREEN_IN_P3, "HEIF", quality=100, icc_profile=p3_profile()),
    "P3 in a PNG": lambda: plain(GREEN_IN_P3, "PNG", icc_profile=p3_profile()),
    "P3 in a PNG's cICP": lambda: png_with(b"cICP", bytes([12, 13, 0, 1]), GREEN_IN_P3),
    "linear light in a PNG": lambda: png_with(b"gAMA", struct.pack(">I", 100_000), (20, 90, 30)),
    "palette with transparency": palette_with_transparency,
    "CMYK": lambda: plain((128, 0, 102, 95), "JPEG", "CMYK", quality=98),
    "CMYK, turned": lambda: plain((128, 0, 102, 95), "JPEG", "CMYK", quality=98, exif=turned()),
    "transparent": lambda: plain((0x50, 0xA0, 0x60, 255), "WEBP", "RGBA", quality=100),
}


@pytest.fixture(scope="module")
def videos(tmp_path_factory):
    builds = {name: build for name, (build, _, _) in VIDEOS.items()}
    return read_all("read-video", builds, tmp_path_factory.mktemp("videos"))


@pytest.fixture(scope="module")
def covers(tmp_path_factory):
    builds = {name: build for name, (build, _, _) in VIDEOS.items()}
    return read_all("frame", builds, tmp_path_factory.mktemp("covers"), "0.6")


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    return read_all("read-picture", PICTURES, tmp_path_factory.mktemp("pictures"))


@pytest.mark.parametrize("name", VIDEOS)
def test_a_video_has_the_colors_that_players_show(videos, covers, name):
    _, expected, tolerance = VIDEOS[name]

    assert close(videos[name]["dominant_color"], expected, tolerance), videos[name]["dominant_color"]
    with Image.open(stored_path(covers[name])) as cover:
        assert cover.mode == "RGB"
        assert close(cover.getpixel((60, 90)), expected, tolerance), cover.getpixel((60, 90))


@pytest.mark.parametrize("name", PICTURES)
def test_a_thumbnail_has_the_colors_that_browsers_show(pictures, name):
    assert close(pictures[name]["dominant_color"], GREEN, 8), pictures[name]["dominant_color"]


@pytest.mark.parametrize("name", ["P3 in a JPEG that is turned", "P3 in a WebP", "P3 in a HEIC", "CMYK, turned"])
def test_what_is_encoded_anew_is_in_srgb(pictures, name):
    with Image.open(stored_path(pictures[name])) as picture:
        assert (picture.mode, picture.info.get("icc_profile")) == ("RGB", None)
        assert close(picture.getpixel((60, 90)), GREEN, 8)


@pytest.mark.parametrize("name", ["P3 in a JPEG", "P3 in a PNG"])
def test_what_is_kept_keeps_its_profile(pictures, name):
    with Image.open(stored_path(pictures[name])) as picture:
        assert picture.info["icc_profile"] == p3_profile()


def test_a_crop_of_p3_is_in_srgb(tmp_path):
    builds = {"crop": PICTURES["P3 in a PNG"]}

    answer = read_all("crop", builds, tmp_path, "0", "0", "100", "150", "50", "75")["crop"]

    with Image.open(stored_path(answer)) as picture:
        assert picture.size == (50, 75)
        assert close(picture.getpixel((20, 20)), GREEN, 4)


@pytest.mark.parametrize("transfer", [HLG, PQ])
def test_brighter_is_never_darker(transfer):
    greys = [
        to_srgb(Image.new("RGB", (1, 1), (value,) * 3), Color.of_codes(9, transfer)).getpixel((0, 0))
        for value in range(256)
    ]

    assert greys == sorted(greys)
    assert all(max(grey) - min(grey) <= 1 for grey in greys)
    assert (greys[0], greys[255][0] >= 254) == ((0, 0, 0), True)


def test_transparency_is_no_color():
    image = to_srgb(Image.new("RGBA", (1, 1), (200, 200, 200, 77)), Color.of_codes(9, PQ))

    assert image.getpixel((0, 0))[3] == 77


def test_srgb_is_not_touched():
    image = Image.new("RGB", (1, 1), (1, 2, 3))

    assert to_srgb(image, SRGB) is image
