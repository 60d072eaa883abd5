"""Where the code lies, and everything worth keeping; the keys that lie there are read into the environment."""

import os
from pathlib import Path

from environ import Env

BASE_DIR = Path(__file__).resolve().parent.parent
# Everything worth keeping: database, media, keys, the sandbox's state.
DATA_DIR = Path(os.environ.get("DATA_DIR", "").strip() or BASE_DIR / "var").resolve()

# `make run` writes the keys that it generated here; a variable of the real environment always wins.
Env.read_env(DATA_DIR / "secrets.env")
