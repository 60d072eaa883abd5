"""The migrations that have landed, and what was in them. `python -m tests.upgrades.landed` adds the new ones."""

import hashlib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIST = Path(__file__).with_name("landed.txt")


def listed():
    return dict(line.split() for line in LIST.read_text().splitlines())


def present():
    files = ROOT.glob("*/migrations/0*.py")
    return {path.relative_to(ROOT).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def add_new():
    """What is in the list stays as it is."""
    LIST.write_text("".join(f"{name} {digest}\n" for name, digest in sorted((present() | listed()).items())))


if __name__ == "__main__":
    add_new()
