"""Videos that every player plays although something about them is odd: they are taken as they are shown."""

import io
import struct
from fractions import Fraction
from tempfile import NamedTemporaryFile

import av
import pytest
from av.stream import Disposition
from PIL import Image

from pins.media.file_types import SNIFFED_BYTES, FileKind, kind_of
from tests.media_bytes import video_bytes
from tests.media_worker_helpers import read_all

RED, GREEN, GREY = (208, 32, 32), (32, 208, 32), (128, 128, 128)


def video(tracks, *, options=None):
    """An MP4 with these tracks, of 5 seconds each: each a pair of a codec and what is to be done with its stream."""
    with NamedTemporaryFile(suffix=".mp4") as content:
        with av.open(content.name, "w", options=options or {}) as file:
            streams = []
            for codec, frame_count, size, color, settle in tracks:
                stream = file.add_stream(codec, rate=2)
                stream.width, stream.height = size
                stream.pix_fmt = {"mjpeg": "yuvj420p", "png": "rgb24"}.get(codec, "yuv420p")
                stream.codec_context.thread_count = 1
                settle(stream)
                streams.append((stream, frame_count, Image.new("RGB", size, color)))
            for stream, frame_count, image in streams:
                for _ in range(frame_count):
                    file.mux(stream.encode(av.VideoFrame.from_image(image)))
                file.mux(stream.encode())
        return content.read()


def as_it_is(stream):
    """Nothing to be done."""


def artwork(stream):
    stream.disposition = Disposition.attached_pic


FILM = ("libx264", 10, (120, 180), GREEN, as_it_is)


def film(settle=as_it_is, size=(120, 180), **more):
    return video([("libx264", 10, size, GREEN, settle)], **more)


def with_field(content, box, offset, value, *, of_track=0):
    """The number that stands so many bytes behind the kind of a box, changed to `value`."""
    position = -1
    for _ in range(of_track + 1):
        position = content.index(box, position + 1)
    return content[: position + offset] + struct.pack(">I", value) + content[position + offset + 4 :]


def box(kind, body):
    return struct.pack(">I4s", len(body) + 8, kind) + body


def with_brands(*brands):
    """The major brand and the four compatible ones, in the place of those that FFmpeg writes."""
    content = film()
    assert struct.unpack(">I", content[:4])[0] == 16 + 4 * (len(brands) - 1)
    return content[:8] + brands[0] + content[12:16] + b"".join(brands[1:]) + content[12 + 4 * len(brands) :]


def in_fragments():
    return video_bytes(movflags="frag_keyframe+empty_moov")


PLAYABLE = {
    # The picture track is the one that players show.
    "artwork first": lambda: video([("mjpeg", 1, (300, 300), RED, artwork), FILM]),
    "artwork first, not marked": lambda: video([("mjpeg", 1, (300, 300), RED, as_it_is), FILM]),
    "a preview in another codec first": lambda: video([("mjpeg", 10, (300, 300), RED, as_it_is), FILM]),
    "artwork last": lambda: video([FILM, ("png", 1, (300, 300), RED, artwork)]),
    "two tracks": lambda: video([FILM, ("libx264", 10, (200, 200), RED, as_it_is)]),
    "the first track is disabled": lambda: with_field(
        with_field(video([("libx264", 10, (200, 200), RED, as_it_is), FILM]), b"tkhd", 4, 2), b"tkhd", 4, 3, of_track=1
    ),
    # What is behind the last box, and what boxes claim.
    "4 bytes behind": lambda: film() + b"\0\1\2\3",
    "bytes behind": lambda: film() + b"\xffnot a box at all" * 99,
    "zeros behind": lambda: film() + bytes(5_000),
    "a box behind that is cut": lambda: film() + box(b"inst", bytes(900))[:-300],
    "bytes behind fragments": lambda: in_fragments() + b"\xffnot a box at all" * 99,
    "mdat up to the end of the file": lambda: with_field(film(options={"movflags": "faststart"}), b"mdat", -4, 0),
    "mdat that claims more": lambda: with_field(film(options={"movflags": "faststart"}), b"mdat", -4, 2**30),
    # Headers against samples.
    "mdhd too short": lambda: with_field(film(), b"mdhd", 20, 1_000),
    "mdhd too long": lambda: with_field(film(), b"mdhd", 20, 2**30),
    "mdhd of zero": lambda: with_field(film(), b"mdhd", 20, 0),
    "mvhd too short": lambda: with_field(film(), b"mvhd", 20, 100),
    "mvhd too long": lambda: with_field(film(), b"mvhd", 20, 2**30),
    "tkhd too short": lambda: with_field(film(), b"tkhd", 24, 100),
    "fragments without a length": in_fragments,
    # Brands.
    "brand 3gp4": lambda: with_brands(b"3gp4", b"isom", b"iso2", b"avc1", b"mp41"),
    "brand of a camera": lambda: with_brands(b"XAVC", b"XAVC", b"mp42", b"iso2", b"XAVC"),
    "brand of QuickTime": lambda: with_brands(b"qt  ", b"qt  ", b"qt  ", b"mp42", b"qt  "),
    "brand of Apple's sound": lambda: with_brands(b"M4A ", b"M4A ", b"mp42", b"isom", b"\0\0\0\0"),
}
CUT = {
    "the last sample": lambda: film(options={"movflags": "faststart"})[:-1],
    "the header at the end": lambda: film()[:-400],
    "the last fragment": lambda: (whole := in_fragments())[: whole.rindex(b"mdat") + 20],
    "the head of the last fragment": lambda: (whole := in_fragments())[: whole.rindex(b"moof") + 20],
}


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    return read_all("read-video", PLAYABLE | CUT | SHAPES, tmp_path_factory.mktemp("videos"))


def close(color, expected):
    return max(abs(a - b) for a, b in zip(color, expected, strict=True)) < 25


@pytest.mark.parametrize("name", PLAYABLE)
def test_a_video_is_taken_as_players_show_it(answers, name):
    answer = answers[name]

    assert kind_of(answer["source"].read_bytes()[:SNIFFED_BYTES]) is FileKind.MP4
    assert "refused" not in answer
    assert (answer["width"], answer["height"], answer["video_codec"]) == (120, 180, "h264")
    assert answer["duration_seconds"] == 5.0
    if "fragments" not in name:
        with Image.open(answer["folder"] / "thumbnail") as thumbnail:
            assert close(thumbnail.getpixel((60, 90)), GREEN)


@pytest.mark.parametrize("name", CUT)
def test_a_video_that_lacks_samples_is_refused(answers, name):
    assert answers[name].get("refused") == "video_damaged"


def corners(settle):
    """A frame whose upper left quarter is red, and its upper right one green, turned as `settle` says."""
    image = Image.new("RGB", (180, 120), GREY)
    image.paste(RED, (0, 0, 90, 60))
    image.paste(GREEN, (90, 0, 180, 60))
    content = io.BytesIO()
    with av.open(content, "w", format="mp4") as file:
        stream = file.add_stream("libx264", rate=2)
        stream.width, stream.height, stream.pix_fmt = 180, 120, "yuv420p"
        settle(stream)
        for _ in range(10):
            file.mux(stream.encode(av.VideoFrame.from_image(image)))
        file.mux(stream.encode())
    return content.getvalue()


def turned(degrees, **mirrored):
    return lambda: corners(lambda stream: stream.set_display_rotation(degrees, **mirrored))


# What is seen in the upper left, upper right, lower left and lower right quarter, as Chromium shows it.
SEEN = {
    "mirrored": (turned(0, hflip=True), (GREEN, RED, GREY, GREY)),
    "upside down, mirrored": (turned(180, hflip=True), (GREY, GREY, RED, GREEN)),
    "on its side, mirrored": (turned(90, hflip=True), (GREY, GREEN, GREY, RED)),
    "on its other side, mirrored": (turned(270, hflip=True), (RED, GREY, GREEN, GREY)),
    "on its side": (turned(90), (GREEN, GREY, RED, GREY)),
    "on its other side": (turned(270), (GREY, RED, GREY, GREEN)),
}
SHAPES = {name: build for name, (build, _) in SEEN.items()} | {
    "wide pixels": lambda: film(lambda stream: setattr(stream.codec_context, "sample_aspect_ratio", Fraction(2))),
    "tall pixels": lambda: film(lambda stream: setattr(stream.codec_context, "sample_aspect_ratio", Fraction(1, 2))),
}


@pytest.mark.parametrize("name", SEEN)
def test_a_frame_is_turned_and_mirrored_as_the_file_says(answers, name):
    with Image.open(answers[name]["folder"] / "thumbnail") as picture:
        width, height = picture.size
        found = [picture.getpixel((width * x // 4, height * y // 4)) for y in (1, 3) for x in (1, 3)]

    assert all(close(color, expected) for color, expected in zip(found, SEEN[name][1], strict=True)), found


def test_pixels_that_are_not_square_lose_nothing(answers):
    assert (answers["wide pixels"]["width"], answers["wide pixels"]["height"]) == (240, 180)
    assert (answers["tall pixels"]["width"], answers["tall pixels"]["height"]) == (120, 360)
