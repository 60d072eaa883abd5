"""Writes the secrets of a new installation: `python -m postiz_pins.first_start var/secrets.env` (see Makefile)."""

import os
import secrets
import sys
from pathlib import Path

from cryptography.fernet import Fernet


def write_secrets(path: Path) -> None:
    """Create `path`, readable by its owner only.

    An existing file stays: its keys open the stored tokens.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with open(descriptor, "w") as file:
        file.write(f"SECRET_KEY={secrets.token_urlsafe(50)}\nTOKEN_ENCRYPTION_KEYS={Fernet.generate_key().decode()}\n")


if __name__ == "__main__":
    write_secrets(Path(sys.argv[1]))
