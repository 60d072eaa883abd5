"""How fast a video is uploaded, and how much memory that takes, beside curl with the same form.

Ours is measured inside a running worker: a process that has published before, with the claim's progress being written.
The sink reads and forgets, so that neither of the two is held up by it.
"""

import multiprocessing
import os
import socket
import subprocess
import threading
import time
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median
from typing import Any

from django.db import connection
from django.utils import timezone

from pins.lifecycle.transitions import transition
from pins.models import Pin, PinEventKind, PinQuerySet, PinStatus
from pins.publishing.claims import WorkerLease, claim_pin
from pins.publishing.video_upload import Progress
from postiz_pins.pinterest.client import VideoUpload
from postiz_pins.pinterest.upload import upload_video
from tests.factories import AttachmentFactory, PinFactory, VideoFileFactory

SIZES = {"64 MB": 64 * 1024**2, "1 GB": 1024**3, "2 GB": 2 * 1024**3}
ROUNDS = 5
PARAMETERS = {
    "key": "uploads/11/aa/22/3:video:203014033110991560:5212123920968240771",
    "Content-Type": "multipart/form-data",
    "policy": "eyJleHBpcmF0aW9uIjoi" * 40,
    "x-amz-algorithm": "AWS4-HMAC-SHA256",
    "x-amz-security-token": "IQoJb3JpZ2luX2VjEJr" * 40,
    "x-amz-signature": "fcd6309a6aaee213348666a72abed8b44552a43acb6b340e8e1b288d21a5fe92",
}


def run(folder: Path) -> None:
    sink = Sink()
    pin = video_pin()
    path = Path(pin.video.file.path)  # type: ignore[union-attr]  the pin has one
    connection.close()
    parent, child = multiprocessing.get_context("fork").Pipe()
    worker = multiprocessing.get_context("fork").Process(target=work, args=(child, sink.url, pin.pk), daemon=True)
    worker.start()
    try:
        print("uploading a video to a local sink, ours inside a running worker:")
        upload_in(parent, path.stat().st_size)  # what is imported and connected once is not counted
        for name, size_bytes in SIZES.items():
            with path.open("r+b") as file:
                file.truncate(size_bytes)  # sparse: the disk is not what is measured
            ours, memory, curl = [], [], []
            for _ in range(ROUNDS):
                curl.append(curl_seconds(sink.url, path))
                seconds, extra_bytes = upload_in(parent, size_bytes)
                ours.append(seconds)
                memory.append(extra_bytes)
            ratio = median(curl) / median(ours)
            rate = size_bytes / median(ours) / 1024**3
            print(f"  {name:>5}: throughput / curl's {ratio:.2f} (at least 1), {rate:.2f} GB a second")
            print(f"         peak of extra memory {max(memory) / 1024**2:.1f} MB (at most 32)")
    finally:
        parent.send(0)
        worker.join(10)
        sink.close()


def video_pin() -> Pin:
    pin = PinFactory(attachments=0)
    AttachmentFactory(pin=pin, media=VideoFileFactory(workspace=pin.workspace), position=0)
    return pin


def upload_in(worker: Connection, size_bytes: int) -> tuple[float, int]:
    """Return the seconds that the worker took, and its memory at the peak beyond the one before."""
    worker.send(size_bytes)
    answer: tuple[float, int] = worker.recv()
    return answer


def work(orders: Connection, url: str, pin_id: int) -> None:
    """Upload whenever a size is received, until it is 0."""
    registered = VideoUpload("5212", url, PARAMETERS)
    while size_bytes := orders.recv():
        Pin.objects.filter(pk=pin_id).update(status=PinStatus.SCHEDULED, claimed_until=None, claim_token=None)
        claim = claim_pin(pin_id, PinQuerySet.to_post)
        assert claim is not None and claim.pin.video is not None
        pin = claim.pin
        transition(pin, PinStatus.UPLOADING, PinEventKind.UPLOADING, upload_percent=0, next_attempt_at=timezone.now())
        with pin.video.file.open("rb") as file:
            forget_peak()
            before = memory("VmRSS")
            started_at = time.perf_counter()
            upload_video(registered, file, size_bytes, Progress(pin, WorkerLease(None, pin), size_bytes))
            seconds = time.perf_counter() - started_at
        orders.send((seconds, memory("VmHWM") - before))


def forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")  # resets VmHWM


def memory(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))


def curl_seconds(url: str, path: Path) -> float:
    """Return curl's own time for the transfer, without the start of its process."""
    fields = [part for name, value in PARAMETERS.items() for part in ("-F", f"{name}={value}")]
    command = ["curl", "-sS", "-o", os.devnull, "-w", "%{time_total}", "-H", "Expect:", *fields]
    command += ["-F", f"file=@{path};type=video/mp4;filename=video.mp4", url]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


class Sink:
    """Takes a POST to its end and answers 204, in a process of its own, without keeping a byte."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/"
        self._process = multiprocessing.get_context("fork").Process(target=self._serve, daemon=True)
        self._process.start()
        self._listener.close()

    def _serve(self) -> None:
        while True:
            client, _ = self._listener.accept()
            threading.Thread(target=swallow, args=(client,), daemon=True).start()

    def close(self) -> None:
        self._process.kill()
        self._process.join()


def swallow(client: Any) -> None:
    buffer = bytearray(4 * 1024**2)
    with client:
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(65_536)
        headers, _, body = head.partition(b"\r\n\r\n")
        length = next(int(line.split(b":")[1]) for line in headers.lower().splitlines() if b"content-length" in line)
        left = length - len(body)
        while left > 0:
            left -= client.recv_into(buffer) or left
        client.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
