"""How this program introduces itself to other servers. Plain Python, for processes without Django, too."""

from __future__ import annotations

# Those of pyproject.toml, which is not there once the program is installed elsewhere; a test compares them.
VERSION = "0.1.0"
PROJECT_URL = "https://postiz-pins.example/"


def user_agent(purpose: str = "") -> str:
    """The header User-Agent: name, version and the project's address, and what the request is for."""
    about = "; ".join(filter(None, [f"+{PROJECT_URL}", purpose]))
    return f"Postiz-Pins/{VERSION} ({about})"
