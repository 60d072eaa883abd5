"""Building exports: the media beside `zip -0` of the same files, the figures by the row, and the memory of both.

BENCH_EXPORT_MB is how much media there is; BENCH_EXPORT_PINS how many pins with figures in the larger set.
"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import django
from django.conf import settings
from django.core.files.base import ContentFile
from django.utils import timezone

if __name__ == "__main__":
    django.setup()

from accounts.models import Workspace
from analytics.models import PinDay
from benchmarks.publishing.uploading import memory
from pins.models import MediaFile
from postiz_pins.data import export as data_export
from postiz_pins.demo.history import Wanted, make
from tests.factories import MediaFileFactory, UserFactory, VideoFileFactory, WorkspaceFactory

MEDIA_MB = int(os.environ.get("BENCH_EXPORT_MB", "1000"))
PINS = int(os.environ.get("BENCH_EXPORT_PINS", "10000"))
DAYS_OF_PIN = 73
ROUNDS = 5


def run(folder: Path) -> None:
    settings.EXPORT_ROOT = folder / "exports"
    settings.EXPORT_ROOT.mkdir()
    print(f"building exports, {MEDIA_MB} MB of pictures and videos:", flush=True)
    measure_media(folder)
    print("building exports, figures:", flush=True)
    few, many = (measure_figures(folder, number) for number in (PINS // 10, PINS))
    print(f"  peak of extra memory at {PINS:,} pins / at {PINS // 10:,}: {many / few:.2f} (at most 1.2)")


def measure_media(folder: Path) -> None:
    workspace = filled_library()
    files = settings.MEDIA_ROOT / str(workspace.pk)
    build(workspace, folder / "warm.zip")
    ours, theirs, copied, peaks = [], [], [], []
    for _ in range(ROUNDS):
        theirs.append(zip_seconds(files, folder / "theirs.zip"))
        copied.append(copy_seconds(files, folder / "copy"))
        seconds, peak = build(workspace, folder / "ours.zip")
        ours.append(seconds)
        peaks.append(peak)
    rate = MEDIA_MB / median(ours)
    print(f"  time / that of zip -0: {median(ours) / median(theirs):.2f} (at most 1.2), {rate:,.0f} MB a second")
    print(f"  time / that of a copy without a check sum: {median(ours) / median(copied):.2f}")
    print(f"  peak of extra memory {max(peaks) / 1024**2:.1f} MB (at most 32)", flush=True)


def measure_figures(folder: Path, pins: int) -> int:
    """Return the bytes of memory at the peak."""
    user = UserFactory()
    wanted = Wanted(accounts=2, pins=pins, pin_days=pins * DAYS_OF_PIN, snapshots=4)
    workspace = make(f"{pins} pins", user, wanted, timezone.now(), say=lambda line: None)
    rows = PinDay.objects.in_workspace(workspace).count()
    seconds, peak = build(workspace, folder / "figures.zip")
    print(
        f"  {pins:,} pins with {rows:,} days: {seconds:.1f} s, {rows / seconds:,.0f} days a second,"
        f" peak of extra memory {peak / 1024**2:.1f} MB",
        flush=True,
    )
    return peak


def filled_library() -> Workspace:
    """Return a library, half of it videos of 20 MB, half images of 1 MB, of random bytes."""
    workspace = WorkspaceFactory()
    for number in range(MEDIA_MB // 40):
        VideoFileFactory(workspace=workspace, content=os.urandom(20 * 1024**2), original_name=f"film {number}.mp4")
    for number in range(MEDIA_MB // 2):
        MediaFileFactory(
            workspace=workspace,
            content=os.urandom(1024**2),
            thumbnail=ContentFile(b"", "small.jpg"),
            original_name=f"chair {number}.jpg",
        )
    # zip and the copy take what lies in the folder: nothing but the files themselves.
    for name in MediaFile.objects.in_workspace(workspace).values_list("thumbnail", flat=True):
        (settings.MEDIA_ROOT / name).unlink()
    return workspace


def build(workspace: Workspace, path: Path) -> tuple[float, int]:
    """Return the seconds until all of it is on the disk, and the memory at the peak beyond the one before.

    In a process of its own, since what this one has used before would hide the peak.
    """
    command = [sys.executable, "-m", "benchmarks.data.exporting", str(workspace.pk), str(path)]
    environment = os.environ | {"EXPORT_ROOT": str(settings.EXPORT_ROOT)}
    seconds, peak = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.split()
    path.unlink()
    return float(seconds), int(peak)


def main(workspace_id: int, path: Path) -> None:
    workspace = Workspace.objects.get(pk=workspace_id)
    before = memory("VmRSS")
    started = time.perf_counter()
    with path.open("wb") as file:
        data_export.write(file, workspace, timezone.now(), lambda: None)
        file.flush()
        os.fsync(file.fileno())
    print(time.perf_counter() - started, memory("VmHWM") - before)


def zip_seconds(files: Path, path: Path) -> float:
    started = time.perf_counter()
    subprocess.run(["zip", "-0", "-q", "-r", str(path), str(files)], check=True)
    subprocess.run(["sync", str(path)], check=True)
    seconds = time.perf_counter() - started
    path.unlink()
    return seconds


def copy_seconds(files: Path, path: Path) -> float:
    """Return the seconds to copy one file after the other into a single one: less cannot be done."""
    started = time.perf_counter()
    with path.open("wb") as target:
        for each in files.iterdir():
            with each.open("rb") as source:
                shutil.copyfileobj(source, target, data_export.BLOCK_BYTES)
        target.flush()
        os.fsync(target.fileno())
    seconds = time.perf_counter() - started
    path.unlink()
    return seconds


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
