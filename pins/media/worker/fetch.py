"""Fetches one file from the web, in a process of its own, which can be ended whatever it waits for.

    python -m pins.media.worker.fetch ADDRESS PATH ORIGIN [--allow-loopback]

It is started by media/remote.py, which also ends it when it takes too long: a server may send a byte every other
second. It writes the file to PATH and prints one JSON object; ORIGIN is where this installation can be found, for the
request. Plain Python: Django's settings, and with them every secret, stay out of this process.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import unquote, urljoin

import requests
from urllib3.exceptions import HTTPError, LocationParseError
from urllib3.util import Url, parse_url

from pins import limits
from pins.media.file_types import SNIFFED_BYTES, FileKind, kind_of
from postiz_pins.http.safe_http import InvalidIPAddress, public_session
from postiz_pins.user_agent import user_agent

from .inspect import limit_resources

PURPOSE = "fetches a file for the person who typed its address"
CONNECT_SECONDS = 5
READ_SECONDS = 15
REDIRECTS = 5
BLOCK_BYTES = 64 * 1024
# Pictures of the web are on these. Others would let people find out which ports of a stranger's server are open.
PORTS = {None, 80, 443}
HEADERS = {
    "Accept": "image/jpeg, image/png, image/webp, image/heic, video/mp4, */*;q=0.1",
    # A few kilobytes of gzip can be gigabytes, and pictures gain nothing from it.
    "Accept-Encoding": "identity",
}
DENIED, GONE = (401, 402, 403, 407, 451), (404, 410)


class NotFetched(Exception):
    """A code that media/remote.py has a sentence for, and the values of that sentence."""

    def __init__(self, code: str, **values: Any) -> None:
        super().__init__(code)
        self.code, self.values = code, values


def main(address: str, path: str, origin: str, *options: str) -> None:
    """Print the result of a fetch as JSON, within the limits of the process."""
    limit_resources()
    try:
        answer = fetch(address, Path(path), origin=origin, allow_loopback="--allow-loopback" in options)
    except NotFetched as refusal:
        answer = {"refused": refusal.code, "values": refusal.values}
    sys.stdout.write(json.dumps(answer))


def fetch(address: str, path: Path, *, origin: str = "", allow_loopback: bool = False) -> dict[str, Any]:
    """Write what is behind `address` to `path`, and return the name that its last address ends with.

    Each redirect is checked like the address itself. Raises NotFetched.
    """
    timeout = (CONNECT_SECONDS, READ_SECONDS)
    with public_session(user_agent(origin, PURPOSE), timeout=timeout, allow_loopback=allow_loopback) as session:
        for _ in range(1 + REDIRECTS):
            url = checked(address, any_port=allow_loopback)
            host = url.host or ""
            with (
                _failures_in_words(host),
                session.get(address, headers=HEADERS, stream=True) as answer,
            ):
                if not answer.is_redirect:
                    _require_file(answer, host)
                    _receive(answer, path, host)
                    return {"name": _name(url)}
                # Headers arrive as Latin-1, whatever they are.
                target = answer.headers["Location"].encode("latin-1").decode("utf-8", "replace")
                address = urljoin(address, target)
    raise NotFetched("link_circles")


def checked(address: str, *, any_port: bool = False) -> Url:
    """Return the parts of the address, read as requests reads it.

    Raises NotFetched if it must not be fetched.
    """
    try:
        url = parse_url(address)
    except LocationParseError as error:
        raise NotFetched("link_invalid") from error
    if any(character.isspace() or not character.isprintable() for character in address):
        raise NotFetched("link_invalid")
    if url.scheme not in ("http", "https"):
        raise NotFetched("link_scheme")
    if not url.host:
        raise NotFetched("link_invalid")
    if url.auth is not None:
        raise NotFetched("link_password")
    if url.port not in PORTS and not any_port:
        raise NotFetched("link_port", port=url.port)
    return url


@contextmanager
def _failures_in_words(host: str) -> Iterator[None]:
    try:
        yield
    except InvalidIPAddress as error:
        raise NotFetched("link_private", host=host) from error
    except requests.exceptions.SSLError as error:
        raise NotFetched("link_certificate", host=host) from error
    except requests.ConnectionError as error:
        raise NotFetched("link_unreachable", host=host) from error
    except requests.Timeout as error:
        raise NotFetched("link_slow", host=host) from error
    except HTTPError as error:  # urllib3's own, while the body arrives
        raise NotFetched("link_broken_off", host=host) from error
    except (requests.RequestException, ValueError) as error:  # such as a host name with a label of 70 characters
        raise NotFetched("link_invalid") from error


def _require_file(answer: requests.Response, host: str) -> None:
    if answer.status_code in DENIED:
        raise NotFetched("link_denied", host=host, status=answer.status_code)
    if answer.status_code in GONE:
        raise NotFetched("link_gone", host=host, status=answer.status_code)
    if answer.status_code != 200:
        raise NotFetched("link_status", host=host, status=answer.status_code)
    if answer.headers.get("Content-Encoding", "identity").lower() not in ("", "identity"):
        raise NotFetched("link_encoded", host=host)


def _receive(answer: requests.Response, path: Path, host: str) -> None:
    """Write what arrives; neither the length nor the type that the server states counts."""
    received_bytes, start = 0, b""
    with path.open("wb") as file:
        for block in answer.raw.stream(BLOCK_BYTES, decode_content=False):
            received_bytes += len(block)
            if len(start) < SNIFFED_BYTES:
                start += block[:SNIFFED_BYTES]
                if len(start) >= SNIFFED_BYTES:
                    _require_kind(start, host)
            if received_bytes > limits.IMAGE_BYTES:
                _require_size(kind_of(start), received_bytes)
            file.write(block)
    if received_bytes == 0:
        raise NotFetched("link_empty", host=host)
    _require_kind(start, host)


def _require_kind(start: bytes, host: str) -> None:
    kind = kind_of(start)
    if kind is FileKind.OTHER_VIDEO:
        raise NotFetched("link_other_video")
    if kind is FileKind.UNKNOWN:
        raise NotFetched("link_no_file", host=host)


def _require_size(kind: FileKind, received_bytes: int) -> None:
    if kind is not FileKind.MP4:
        raise NotFetched("link_image_too_large")
    if received_bytes > limits.LINK_VIDEO_BYTES:
        raise NotFetched("link_video_too_large")


def _name(url: Url) -> str:
    """Return the last part of the path; the host where that cannot name a file."""
    name = PurePath(unquote(url.path or "")).name
    name = "".join(character for character in name if character.isprintable())
    return name if name.strip(". ") else str(url.host)


if __name__ == "__main__":
    main(*sys.argv[1:])
