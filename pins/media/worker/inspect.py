"""Reads one uploaded media file in a process of its own: a hostile file takes nothing else down.

    python -m pins.media.worker.inspect COMMAND SOURCE FOLDER [NUMBER…]

It is started by media/inspection.py, which also ends it when it takes too long. It prints one JSON object and leaves
new files in FOLDER. Plain Python: Django's settings, and with them every secret, stay out of this process.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

# The largest picture we take, 50 megapixels, needs 200 MB decoded, and as much again while it is turned or converted;
# a video of 8K keeps up to 16 frames of 50 MB. Libraries take 300 MB of addresses.
ADDRESS_SPACE_BYTES = 1536 * 1024**2
# A picture takes two seconds at most, the search for a frame is cut off after 30 (videos.py).
CPU_SECONDS = 45
# Beyond what any result may have, as 20 MB is the limit for what is kept; a full disk hurts everybody.
FILE_BYTES = 256 * 1024**2


def main(command: str, source: str, folder: str, *numbers: str) -> None:
    """Print the result of a command as JSON, within the limits of the process."""
    limit_resources()
    try:
        answer = run(command, Path(source), Path(folder), numbers)
    except MemoryError:
        answer = {"refused": "media_too_demanding"}
    sys.stdout.write(json.dumps(answer))


def limit_resources() -> None:
    """Limit the memory, processor time and file size of this process."""
    limits = {
        resource.RLIMIT_AS: ADDRESS_SPACE_BYTES,
        resource.RLIMIT_CPU: CPU_SECONDS,
        resource.RLIMIT_FSIZE: FILE_BYTES,
        resource.RLIMIT_CORE: 0,
    }
    for kind, limit in limits.items():
        with suppress(ValueError, OSError):  # macOS knows no limit of the address space
            resource.setrlimit(kind, (limit, limit))


def run(command: str, source: Path, folder: Path, numbers: Sequence[str]) -> dict[str, Any]:
    """Return the result of a command, or the refusal of the file."""
    # Imported below the limits, and only what this file needs: PyAV takes longer to load than a photograph to read.
    from . import images

    try:
        if command == "read-picture":
            return images.read(source, folder)
        if command == "crop":
            return images.crop(source, folder, numbers)
        from . import videos

        if command == "read-video":
            return videos.read(source, folder)
        if command == "frames":
            return videos.read_frames(source, folder, numbers)
        if command == "frame":
            return videos.read_frame(source, folder, numbers)
    except images.Unreadable as refusal:
        return {"refused": refusal.code, "values": refusal.values}
    raise SystemExit(f"{command} is not a command of the reader.")


if __name__ == "__main__":
    main(*sys.argv[1:])
