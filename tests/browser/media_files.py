"""Pictures and videos for uploads."""

from pathlib import Path

from PIL import Image

from tests.media_bytes import video_bytes


def jpeg(path: Path, *, size: tuple[int, int] = (1000, 1500)) -> Path:
    """Noise, so that each picture is another and compresses as little as a photograph."""
    Image.effect_noise(size, 60).convert("RGB").save(path, "JPEG", quality=90)
    return path


def mp4(path: Path, *, seconds: int = 5, size: tuple[int, int] = (180, 270)) -> Path:
    """A video that gets lighter from black to white."""
    path.write_bytes(video_bytes(seconds=seconds, width=size[0], height=size[1]))
    return path
