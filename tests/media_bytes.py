"""Images and videos as bytes, each file another."""

import io
import itertools
import struct
from tempfile import NamedTemporaryFile

import av
from PIL import Image

_numbers = itertools.count()


def picture_bytes(width=1000, height=1500, image_format="JPEG", **options):
    """A plain picture; no two calls give the same one."""
    number = next(_numbers)
    content = io.BytesIO()
    image = Image.new("RGB", (width, height), (number * 37 % 256, number * 101 % 256, 120))
    image.putpixel((0, 0), (number % 256, number // 256 % 256, 0))
    image.save(content, image_format, **({"comment": str(number)} if image_format == "JPEG" else {}) | options)
    return content.getvalue()


def video_bytes(
    seconds=5,
    width=120,
    height=180,
    codec="libx264",
    container="mp4",
    frames_per_second=2,
    turned=0,
    sound_only=False,
    half_white=False,
    movflags="faststart",
):
    """A small video whose picture gets lighter from black to white; no two calls give the same one. With `half_white`
    the right half is white, and the left half black.
    """
    content = NamedTemporaryFile(suffix=f".{container}")  # noqa: SIM115  "faststart" needs a name to open it again
    options = {} if container == "webm" else {"movflags": movflags}
    with av.open(content.name, "w", options=options) as file:
        file.metadata["comment"] = str(next(_numbers))
        if sound_only:
            stream = file.add_stream("aac", rate=8000)
            silence = av.AudioFrame(format="fltp", layout="mono", samples=1024)
            silence.sample_rate = 8000
            for plane in silence.planes:
                plane.update(bytes(plane.buffer_size))
            packets = [packet for _ in range(seconds * 8) for packet in stream.encode(silence)]
        else:
            stream = file.add_stream(codec, rate=frames_per_second)
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            stream.codec_context.thread_count = 1
            if codec == "libx265":
                stream.options = {"x265-params": "log-level=none:pools=none:frame-threads=1"}
            if turned:
                stream.set_display_rotation(turned)
            count = seconds * frames_per_second
            shades = [Image.new("L", (width, height), 255 * number // (count - 1)) for number in range(count)]
            for shade in shades if half_white else []:
                shade.paste(0, (0, 0, width // 2, height))
                shade.paste(255, (width // 2, 0, width, height))
            frames = (av.VideoFrame.from_image(shade.convert("RGB")) for shade in shades)
            packets = [packet for frame in frames for packet in stream.encode(frame)]
        file.mux([*packets, *stream.encode()])
    with content:
        return content.read()


def with_free_box(video, size_bytes):
    """The beginning of a valid MP4 of `size_bytes`: a box follows that players skip, and that the caller fills."""
    free_bytes = size_bytes - len(video)
    return video + struct.pack(">I4sQ", 1, b"free", free_bytes)


def mp4_bytes(size=5_000):
    """What begins like an MP4 file, which is all that the sandbox looks at; no two calls give the same."""
    head = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + next(_numbers).to_bytes(8, "big")
    return head + bytes(max(size - len(head), 0))
