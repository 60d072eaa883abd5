"""Pictures for uploads."""

from pathlib import Path

from PIL import Image


def jpeg(path: Path, *, size: tuple[int, int] = (1000, 1500)) -> Path:
    """Noise, so that each picture is another and compresses as little as a photograph."""
    Image.effect_noise(size, 60).convert("RGB").save(path, "JPEG", quality=90)
    return path
