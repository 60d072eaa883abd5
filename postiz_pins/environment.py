"""Variables of the environment, stripped and checked.

Each wrong one is named in one sentence that holds no part of its value, which may be a password. All of them are named
together, so that an operator can fix them at once.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from environ import Env
from urllib3.exceptions import LocationParseError
from urllib3.util import Url, parse_url


@dataclass(frozen=True)
class Kind:
    """What a variable holds: `parse` makes a value of its text, or raises ValueError; `looks` says what it should be.

    Not pydantic's types, which would cost each of our processes 14 MB.
    """

    looks: str
    parse: Callable[[str], Any]


_complaints: list[str] = []


def setting(name: str, kind: Kind | None = None, default: Any = "", *, required: str = "") -> Any:
    """Return the variable's value, or `default` if it is not set or empty.

    `default` also stands in for a wrong value, and for one that is missing although it has advice in `required`, so
    that the other variables can be read: `refuse_wrong` stops the start for it.
    """
    text = os.environ.get(name, "").strip()
    if not text:
        if required:
            _complaints.append(f"{name} is not set. {required}")
        return default
    try:
        return kind.parse(text) if kind else text
    except ValueError:
        looks = kind.looks if kind else ""
        _complaints.append(f"{name} has an invalid value; it should be {looks}.")
        return default


def refuse_wrong() -> None:
    """Raise ImproperlyConfigured, with a line for each variable that is wrong or missing, if there is one."""
    lines = "\n".join(_complaints)
    _complaints.clear()
    if lines:
        raise ImproperlyConfigured(lines)


def whole(least: int, most: int | None = None, looks: str = "") -> Kind:
    """Return the kind of whole numbers from `least` to `most`."""

    def parse(text: str) -> int:
        number = int(text)
        if number < least or (most is not None and number > most):
            raise ValueError
        return number

    return Kind(looks or f"a whole number, {least} or more", parse)


def one_of(*choices: str, looks: str = "") -> Kind:
    """Return the kind of these words, in whichever letter case."""
    by_lower_case = {choice.lower(): choice for choice in choices}

    def parse(text: str) -> str:
        if text.lower() not in by_lower_case:
            raise ValueError
        return by_lower_case[text.lower()]

    return Kind(looks or f"{', '.join(choices[:-1])} or {choices[-1]}", parse)


def _boolean(text: str) -> bool:
    return one_of(*ON, *OFF).parse(text) in ON


def _list(text: str) -> list[str]:
    return [entry for entry in re.split(r"[\s,;]+", text) if entry]


def _host_names(text: str) -> list[str]:
    """Return the names of ALLOWED_HOSTS: `*`, a name, one with its subdomains (`.example.com`), an IP address."""
    names = _list(text.lower())
    if not all(re.fullmatch(rf"\*|\.?{NAME}\.?|\[[0-9a-f:.]+\]", name) for name in names):
        raise ValueError
    return [_as_browsers_write_it(name) for name in names]


def _as_browsers_write_it(name: str) -> str:
    """Return the name in punycode, which is what browsers send as their Host."""
    if name.isascii():
        return name
    dot = "." if name.startswith(".") else ""
    return dot + str(_parsed(f"https://{name.removeprefix('.')}").host)


def _address_to_listen_at(text: str) -> str:
    """Return an address other than IPv6.

    Gunicorn would want that in brackets, where the socket that looks whether the port is free wants none.
    """
    if not re.fullmatch(NAME, text, re.ASCII):
        raise ValueError
    return text.lower()


def _fernet_keys(text: str) -> list[str]:
    keys = _list(text)
    for key in keys:
        Fernet(key)  # ValueError for less than 32 bytes, and for what is not base64
    if not keys or any(len(key) != 44 for key in keys):
        raise ValueError
    return keys


def _parsed(address: str) -> Url:
    try:
        return parse_url(address)
    except LocationParseError:
        raise ValueError from None


def _web_address(text: str) -> str:
    url = _parsed(text)
    if url.scheme not in ("http", "https") or not url.host or url.auth or url.query or url.fragment:
        raise ValueError
    return url.url


def _address_to_request(text: str) -> str:
    """Return a web address as monitors give it out, perhaps with a query."""
    url = _parsed(text)
    if url.scheme not in ("http", "https") or not url.host or url.fragment:
        raise ValueError
    return url.url


def _media_url(text: str) -> str:
    """Return the address with a slash at its end; below `/` itself the files would hide the app's pages."""
    if not text.startswith("/"):
        return f"{_web_address(text).rstrip('/')}/"
    if not re.fullmatch(r"(/[\w.~-]+)+/?", text, re.ASCII):
        raise ValueError
    return f"{text.rstrip('/')}/"


def _origin(text: str) -> str:
    """Return the origin as browsers write it, without default port and path, since they compare it letter by letter."""
    url = parse_url(_web_address(text))
    if (url.path or "/") != "/":
        raise ValueError
    is_default = url.port in (None, 443 if url.scheme == "https" else 80)
    return f"{url.scheme}://{url.host}" + ("" if is_default else f":{url.port}")


def _with_quoted_password(address: str) -> str:
    """Return the address with its user and password percent-encoded, however they were written.

    Everything up to the last @ is theirs. What is percent-encoded already stays so: a % before two hexadecimal digits
    has to be written %25.
    """
    match = re.fullmatch(r"([\w+]+://)([^/:]*)(?::(.*))?@([^@]*)", address, re.DOTALL)
    if not match:
        return address
    scheme, user, password, rest = match.groups()
    secret = "" if password is None else f":{_quoted(password)}"
    return f"{scheme}{_quoted(user)}{secret}@{rest}"


def _quoted(text: str) -> str:
    return quote(unquote(text), safe="")


def _database(address: str) -> dict[str, Any]:
    if address.startswith("sqlite:///"):
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": _database_file(address.removeprefix("sqlite:///"))}
    if not address.startswith(("postgres://", "postgresql://")):
        raise ValueError
    config: dict[str, Any] = Env.db_url_config(_with_quoted_password(address))
    if not config["NAME"]:
        raise ValueError
    return config


def _database_file(path: str) -> str:
    """Return the path of a file that every process opens: in memory, each would have a database of its own.

    django-environ would cut the path off at a # or ?, and take a + for a blank.
    """
    name = unquote(path)
    # A name that begins with file: is an address to SQLite, which may mean memory, too. Options come after a ?.
    if not name or name.endswith("/") or "?" in path or "\0" in name or name.startswith((":memory:", "file:")):
        raise ValueError
    return name


def _redis(address: str) -> str:
    from redis.connection import parse_url  # only where there is one

    quoted = _with_quoted_password(address)
    parse_url(quoted)  # ValueError for another scheme than redis, rediss and unix, and for a port that is none
    # A database that is no number would silently be number 0.
    if not quoted.startswith("unix:") and not re.fullmatch(r"(/[0-9]*)?", urlsplit(quoted).path):
        raise ValueError
    return quoted


def _email(address: str) -> dict[str, Any]:
    try:
        config: dict[str, Any] = Env.email_url_config(_with_quoted_password(address))
    except ImproperlyConfigured:
        raise ValueError from None
    backend = config["EMAIL_BACKEND"]
    if backend.endswith("filebased.EmailBackend"):
        config["EMAIL_FILE_PATH"] = address.removeprefix("filemail://")
        if not os.path.isabs(config["EMAIL_FILE_PATH"]):
            raise ValueError
    if backend.endswith("smtp.EmailBackend") and not config["EMAIL_HOST"]:
        raise ValueError
    return config


def _long_secret(text: str) -> str:
    if len(text) < 20 or not text.isascii() or not text.isprintable():
        raise ValueError
    return text


def _sentry_address(text: str) -> str:
    """Return the address, if sentry-sdk is installed, which nothing else needs."""
    if not re.fullmatch(r"https?://\w+(:\w+)?@[^@\s]+/\d+", text, re.ASCII):
        raise ValueError
    if find_spec("sentry_sdk") is None:
        raise ValueError
    return text


def _sender(text: str) -> str:
    """Return an address, or a name with an address in angle brackets."""
    match = re.fullmatch(rf"""(?:(?:"[^"\r\n]*"|[^<>@"\r\n]*)\s*<)?([^\s<>@,;:\"()]+@{NAME})(>?)""", text)
    if not match or ("<" in text) != bool(match[2]):
        raise ValueError
    return text


NAME = r"[\w-]+(?:\.[\w-]+)*"  # of a host
ON, OFF = ("on", "true", "yes", "1"), ("off", "false", "no", "0")
BOOLEAN = Kind("on or off", _boolean)
A_PORT = whole(1, 65535, "a port from 1 to 65535, such as 8000")
COUNT, AMOUNT = whole(1), whole(0)
HOST_NAMES = Kind(
    "host names without https:// and port, separated by commas, such as pins.example.com,www.example.com", _host_names
)
LISTENING = Kind(
    "an IPv4 address or a host name of this machine, without a port, such as 127.0.0.1", _address_to_listen_at
)
FERNET_KEYS = Kind("one or more Fernet keys of 44 characters, separated by commas", _fernet_keys)
WEB_ADDRESS = Kind("a URL such as https://api.pinterest.com/v5", _web_address)
PING_ADDRESS = Kind("a URL such as https://hc-ping.com/your-uuid", _address_to_request)
ORIGIN = Kind("an origin such as https://pins.example.com, with its scheme and without a path", _origin)
MEDIA_ADDRESS = Kind("a path such as /files/, or a URL such as https://files.example.com/pins/", _media_url)
DATABASE = Kind(
    "a URL such as postgres://user:password@host:5432/name, or sqlite:////folder/pins.sqlite3 with a file"
    " (a ? in its name is written %3F)",
    _database,
)
REDIS = Kind("a URL such as redis://:password@host:6379/0, whose database is a number", _redis)
LONG_SECRET = Kind("20 or more random characters", _long_secret)
SENTRY_ADDRESS = Kind(
    "a DSN such as https://key@sentry.example.com/1, with the packages of requirements/sentry.txt installed",
    _sentry_address,
)
SENDER = Kind("an email address such as pins@example.com, or Postiz Pins <pins@example.com>", _sender)
EMAIL = Kind("a URL such as smtp+tls://user:password@host:587, or filemail:///folder", _email)
