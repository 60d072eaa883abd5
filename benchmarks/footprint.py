"""What an idle `make run` costs: memory, processes, processor time, and how long its second start takes."""

import os
import re
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# Pages have been loaded by then, and tasks that wait at the start are done.
SETTLING_SECONDS = 15.0
IDLE_SECONDS = 60.0
PATIENCE_SECONDS = 120.0
MOST = {"megabytes": 300, "processes": 8, "percent": 1.0, "seconds": 5.0}


def run(folder: Path) -> None:
    print("an idle `make run` on SQLite, with the sandbox:", flush=True)
    if not Path("/proc/self/smaps_rollup").exists():
        print("  skipped: this system has no /proc with shared memory counted by halves (PSS)")
        return
    port, sandbox_port = free_port(), free_port()
    environment = {
        **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
        "DATA_DIR": str(folder / "footprint"),
        "PORT": str(port),
        "SANDBOX_PORT": str(sandbox_port),
    }
    with (folder / "footprint.log").open("w") as log:
        for is_measured in (False, True):
            began_at = time.monotonic()
            process = subprocess.Popen(
                ["make", "run"], cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
            )
            try:
                wait_until(lambda: answers(port) and answers(sandbox_port))
                started_in = time.monotonic() - began_at
                if is_measured:
                    time.sleep(SETTLING_SECONDS)
                    report(process.pid, started_in)
            finally:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait()


def report(pid: int, started_in: float) -> None:
    """Print the figures of the process and its descendants."""
    before, began_at = processor_seconds(pid), time.monotonic()
    time.sleep(IDLE_SECONDS)
    percent = (processor_seconds(pid) - before) / (time.monotonic() - began_at) * 100
    pids = family(pid)
    figures = {
        "memory (PSS), MB": (sum(map(megabytes, pids)), MOST["megabytes"]),
        "processes": (len(pids), MOST["processes"]),
        "processor time, % of a core": (percent, MOST["percent"]),
        "second start until pages are served, s": (started_in, MOST["seconds"]),
    }
    for what, (figure, most) in figures.items():
        print(f"  {what:<44} {figure:.3g} (at most {most:g})", flush=True)


def family(pid: int) -> list[int]:
    """Return the process and all its descendants."""
    children = " ".join(path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children"))
    return [pid, *(each for child in children.split() for each in family(int(child)))]


def megabytes(pid: int) -> float:
    """Return the memory of a process; what it shares with others counts in part (PSS)."""
    found = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def processor_seconds(pid: int) -> float:
    """Return the processor time of the process and its descendants, ended ones included."""
    fields = [Path(f"/proc/{each}/stat").read_text().rpartition(") ")[2].split() for each in family(pid)]
    return sum(int(ticks) for each in fields for ticks in each[11:15]) / os.sysconf("SC_CLK_TCK")


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10):
            return True
    except OSError:
        return False


def wait_until(is_true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_true():
        if time.monotonic() > deadline:
            raise TimeoutError("The app did not start.")
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
