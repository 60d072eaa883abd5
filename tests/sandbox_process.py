"""The sandbox in a process of its own, for tests: started once a session, reset before each test."""

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import requests

ROOT = Path(__file__).resolve().parents[1]
READY = "Sandbox ready at "


class SandboxProcess:
    """`with SandboxProcess() as sandbox: …`, or start() and stop()."""

    def __init__(self) -> None:
        self.url = ""
        self.process: subprocess.Popen[str] | None = None
        self._session = requests.Session()
        self._session.trust_env = False

    @property
    def api_url(self) -> str:
        return f"{self.url}/v5"

    @property
    def oauth_url(self) -> str:
        return f"{self.url}/oauth/"

    def start(self, state_path: Path, port: int = 0, *, with_parent: bool = False) -> "SandboxProcess":
        """Returns when connections are accepted. State that is at `state_path` already is kept.

        `with_parent`: as `make run` starts it, until `process.stdin` is closed.
        """
        environment = {
            "SECRET_KEY": "a key for the sandbox in tests only, which signs nothing",
            "TOKEN_ENCRYPTION_KEYS": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
            **os.environ,
            # Set, but empty: a value that `make run` has stored must not win.
            "PINTEREST_APP_ID": "",
        }
        command = [sys.executable, "manage.py", "sandbox", "--port", str(port), "--state", str(state_path)]
        command += ["--with-parent"] if with_parent else []
        with TemporaryFile("w+") as errors:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.PIPE if with_parent else None,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
            assert self.process.stdout is not None
            line = self.process.stdout.readline()
            if not line.startswith(READY):
                self.stop()
                errors.seek(0)
                raise RuntimeError(f"The sandbox did not start: {line}{errors.read()}")
        self.url = line.removeprefix(READY).strip()
        return self

    def stop(self) -> int:
        """Returns the exit code."""
        assert self.process is not None
        self.process.terminate()
        code = self.process.wait(timeout=10)
        if self.process.stdout is not None:
            self.process.stdout.close()
        self._session.close()
        return code

    def kill(self) -> None:
        """As a crash would: no signal that could be answered."""
        assert self.process is not None
        self.process.kill()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=10)
        if self.process.stdout is not None:
            self.process.stdout.close()

    def __enter__(self) -> "SandboxProcess":
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def control(self, method: str, path: str, body: dict[str, Any] | None = None, **query: str) -> Any:
        """One request to /sandbox/…; the decoded answer, None for a 204. Raises on a refusal, with its sentence."""
        response = self._session.request(method, f"{self.url}/sandbox/{path}", json=body, params=query, timeout=30)
        if not response.ok:
            raise ValueError(f"{method} /sandbox/{path}: {response.status_code} {response.text[:500]}")
        return response.json() if response.content else None

    def api(self, method: str, path: str, token: str = "", **kwargs: Any) -> requests.Response:
        """One request to /v5/…, as an app would send it."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self._session.request(
            method, f"{self.api_url}{path}", headers=headers | kwargs.pop("headers", {}), timeout=30, **kwargs
        )

    def reset(self) -> None:
        self.control("POST", "reset")

    def fault(self, operation: str, kind: str, *, times: int | None = 1, **keys: Any) -> None:
        """Switch on a fault for the next `times` requests; None: for all until cleared."""
        self.control("POST", "faults", {"operation": operation, "kind": kind, "times": times, **keys})

    def clear_faults(self) -> None:
        self.control("DELETE", "faults")

    def faults(self) -> list[dict[str, Any]]:
        return self.control("GET", "faults")

    def options(self, **options: float | bool) -> dict[str, Any]:
        """`processing_seconds`, `multi_pin_analytics`, `strange_analytics` and `legacy_refresh`."""
        return self.control("POST", "options", options)

    def create_account(self, username: str, **keys: Any) -> dict[str, Any]:
        """`account_type`, `business_name`, `boards` (a number or names). The answer lists `boards` with their ids."""
        return self.control("POST", "accounts", {"username": username, **keys})

    def tokens(self, username: str = "harbourandpine", **keys: Any) -> dict[str, Any]:
        """As from the token endpoint; `scopes` (a list) and `expires_in` may be given."""
        return self.control("POST", "tokens", {"username": username, **keys})

    def token(self, username: str = "harbourandpine", **keys: Any) -> str:
        """Just the access token."""
        return self.tokens(username, **keys)["access_token"]

    def expire(self, **which: str) -> int:
        """Exactly one of `access_token`, `refresh_token`, `username` (its access tokens). Returns how many."""
        return self.control("POST", "tokens/expire", which)["tokens"]

    def revoke(self, **which: str) -> int:
        return self.control("POST", "tokens/revoke", which)["tokens"]

    def create_board(self, username: str, name: str, **keys: Any) -> dict[str, Any]:
        return self.control("POST", "boards", {"username": username, "name": name, **keys})

    def change_board(self, board_id: str, **keys: Any) -> dict[str, Any]:
        return self.control("PATCH", f"boards/{board_id}", keys)

    def delete_board(self, board_id: str) -> None:
        self.control("DELETE", f"boards/{board_id}")

    def create_pin(self, board_id: str, **keys: Any) -> dict[str, Any]:
        """A pin that was there before: texts, `media_type`, `days_ago` or `created_at`."""
        return self.control("POST", "pins", {"board_id": board_id, **keys})

    def create_pins(self, board_id: str, count: int, *, days_ago: float = 0) -> list[str]:
        """Ids of many image pins, spread evenly over the days since `days_ago`, the oldest first."""
        return self.control("POST", "pins/many", {"board_id": board_id, "count": count, "days_ago": days_ago})["ids"]

    def pins(self, board_id: str = "", username: str = "") -> list[dict[str, Any]]:
        """What the sandbox holds, oldest first."""
        query = {key: value for key, value in {"board_id": board_id, "username": username}.items() if value}
        return self.control("GET", "state/pins", **query)

    def requests(self, operation: str = "") -> list[dict[str, Any]]:
        return self.control("GET", "requests", **({"operation": operation} if operation else {}))

    def in_flight(self) -> dict[str, int]:
        return self.control("GET", "in_flight")
