"""A sentence about a limit never states an amount that keeps it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pins import limits
from pins.rules.amounts import GIGABYTE, MEGABYTE, minutes, minutes_beyond, seconds_short_of, size_beyond, size_within
from pins.rules.composition import video_refusal

VIDEO = {
    "content_type": "video/mp4",
    "codec": "h264",
    "width": 1000,
    "height": 1500,
    "duration_seconds": 10.0,
    "size_bytes": 1_000_000,
}


def refusal(**changed):
    return video_refusal("oak.mp4", **VIDEO | changed)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"duration_seconds": 119119 / 30000}, "lasts 3.97 seconds; Pinterest requires at least 4."),
        ({"duration_seconds": 3.9999}, "lasts 3.99 seconds"),
        ({"duration_seconds": 3.0}, "lasts 3 seconds"),
        ({"duration_seconds": 1.0}, "lasts 1 second;"),
        ({"duration_seconds": 901.0}, "lasts 15:01 minutes; Pinterest allows 15:00 minutes."),
        ({"duration_seconds": 900.001}, "lasts 15:01 minutes"),
        ({"duration_seconds": 3600.0}, "lasts 60:00 minutes"),
        ({"size_bytes": limits.VIDEO_BYTES + 1}, "has 2.1 GB; Pinterest allows 2 GB."),
    ],
)
def test_a_video_beyond_a_limit_is_told_so(changed, words):
    assert words in refusal(**changed)[1]


@pytest.mark.parametrize("size", [(1200, 628), (1376, 720), (1080, 2160), (360, 720), (359, 718)])
def test_the_shapes_that_everybody_calls_by_the_limit_are_taken(size):
    assert refusal(width=size[0], height=size[1]) is None


@pytest.mark.parametrize("size", [(1232, 640), (1000, 500), (359, 720)])
def test_shapes_beyond_the_limit_are_refused(size):
    assert refusal(width=size[0], height=size[1])[0] == "video_aspect_ratio"


@given(st.integers(1, 2**33), st.integers(1, 2**33))
def test_sizes_stay_on_their_side_of_a_limit(size_bytes, limit_bytes):
    for unit in (MEGABYTE, GIGABYTE):
        if size_bytes > limit_bytes:
            assert float(size_beyond(size_bytes, unit).split()[0]) * unit >= size_bytes - 1
        else:
            assert float(size_within(size_bytes, unit).split()[0]) * unit <= size_bytes + 1


@given(st.floats(0, 3.999999))
def test_short_videos_stay_short(seconds):
    assert float(seconds_short_of(seconds).split()[0]) < 4


@given(st.floats(900.000001, 10_000))
def test_long_videos_stay_long(seconds):
    assert minutes_beyond(seconds) != minutes(900)
