"""How fast photographs come into the library, and what that takes.

One after the other on one core, through the reader as in production. Draft decoding is what makes it fast: of a JPEG
only the resolution of the thumbnail is decoded.
"""

import json
import os
import resource
import subprocess
import sys
import time
from io import BytesIO
from pathlib import Path

import django
from PIL import Image

PHOTOGRAPHS = 100
SIZE = (4000, 3000)
# A telephone turned upright stores its pictures lying: each fourth one here.
TURNED_EACH = 4
LYING = 6


def run(folder: Path) -> None:
    from tests.factories import WorkspaceFactory

    photograph = make_photograph()
    photographs = folder / "photographs"
    photographs.mkdir()
    for number in range(PHOTOGRAPHS):
        # No two are the same file, as the library would know the second one.
        content = with_comment(photograph, number, is_turned=number % TURNED_EACH == 0)
        (photographs / f"photograph-{number}.jpg").write_bytes(content)
    # In a process of its own: Linux counts the memory of the parent as the process's own at first.
    command = [sys.executable, "-m", "benchmarks.data.thumbnails", str(photographs), str(WorkspaceFactory().pk)]
    done = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    whole, draft = decoding_seconds(photograph)
    print(f"{PHOTOGRAPHS} photographs of 12 megapixels, one core, each fourth one lying on its side:")
    print(f"  photographs a minute / 100    {PHOTOGRAPHS / done['seconds'] * 60 / 100:.1f}   (at least 1)")
    print(f"  peak memory of a reader       {done['peak_megabytes']:.0f} MB   (at most 200)")
    print(f"  decoding as a whole / draft   {whole / draft:.1f}")


def make_photograph() -> bytes:
    """Return an image as hard to decode as a photograph: soft shapes with a sensor's noise, about 4 MB."""
    shapes = Image.effect_noise((40, 30), 90).resize(SIZE, Image.Resampling.BICUBIC)
    noise = Image.effect_noise(SIZE, 12)
    picture = Image.merge("RGB", [Image.blend(shapes, noise, 0.3), shapes, Image.blend(noise, shapes, 0.6)])
    content = BytesIO()
    picture.save(content, "JPEG", quality=88)
    return content.getvalue()


def with_comment(photograph: bytes, number: int, *, is_turned: bool) -> bytes:
    """Return the photograph with a comment of its own and, if asked, the EXIF tag of a camera on its side."""
    comment = str(number).encode()
    segments = b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment
    if is_turned:
        exif = Image.Exif()
        exif[0x0112] = LYING
        body = b"Exif\0\0" + exif.tobytes().removeprefix(b"Exif\0\0")
        segments += b"\xff\xe1" + (len(body) + 2).to_bytes(2, "big") + body
    return photograph[:2] + segments + photograph[2:]


def decoding_seconds(photograph: bytes) -> tuple[float, float]:
    """Return the seconds to decode the whole image, and to decode it at a thumbnail's resolution."""
    durations = []
    for is_draft in (False, True):
        image = Image.open(BytesIO(photograph))
        if is_draft:
            image.draft("RGB", (480, 720))
        started = time.perf_counter()
        image.load()
        durations.append(time.perf_counter() - started)
    return durations[0], durations[1]


def store_all(folder: Path, workspace_id: int) -> dict[str, float]:
    """Store every image of the folder as an upload of the workspace: the measured part."""
    from django.core.files.base import File

    from accounts.models import Workspace
    from pins.media.storage import store_upload
    from pins.models import MediaFile

    workspace = Workspace.objects.get(pk=workspace_id)
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # the reader inherits it
    started = time.perf_counter()
    for path in sorted(folder.iterdir()):
        with path.open("rb") as photograph:
            store_upload(File(photograph), workspace=workspace, by=None)
    seconds = time.perf_counter() - started
    assert MediaFile.objects.in_workspace(workspace).count() == PHOTOGRAPHS
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return {"seconds": seconds, "peak_megabytes": peak / 1024}


if __name__ == "__main__":
    django.setup()
    json.dump(store_all(Path(sys.argv[1]), int(sys.argv[2])), sys.stdout)
