"""What each kind of variable takes, and that no sentence holds a part of a wrong value."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from redis.connection import parse_url

from postiz_pins import environment
from postiz_pins.environment import refuse_wrong, setting

SECRET = "s3cr3t"
KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="


@pytest.fixture
def value(monkeypatch):
    """The variable with this text, as it is read."""

    def read(text, kind):
        monkeypatch.setenv("A_VARIABLE", text)
        found = setting("A_VARIABLE", getattr(environment, kind), "the default")
        refuse_wrong()
        return found

    return read


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("BOOLEAN", "On", True),
        ("BOOLEAN", " no ", False),
        ("A_PORT", " 443", 443),
        ("COUNT", "1", 1),
        ("AMOUNT", "0", 0),
        ("AMOUNT", "  ", "the default"),
        ("HOST_NAMES", "a.example, B.example ,,.c.example", ["a.example", "b.example", ".c.example"]),
        ("HOST_NAMES", "a.example b.example", ["a.example", "b.example"]),
        ("HOST_NAMES", "*", ["*"]),
        ("HOST_NAMES", "[::1],127.0.0.1", ["[::1]", "127.0.0.1"]),
        ("HOST_NAMES", "Müller.example,.bücher.example", ["xn--mller-kva.example", ".xn--bcher-kva.example"]),
        ("LISTENING", "0.0.0.0", "0.0.0.0"),  # noqa: S104  nothing listens
        ("LISTENING", "Pins-1.local", "pins-1.local"),
        ("FERNET_KEYS", f" {KEY} , {KEY} ", [KEY, KEY]),
        ("ORIGIN", "https://Pins.Example.com:443/", "https://pins.example.com"),
        ("ORIGIN", "http://localhost:8000", "http://localhost:8000"),
        ("ORIGIN", "https://müller.example", "https://xn--mller-kva.example"),
        ("WEB_ADDRESS", "http://127.0.0.1:8100/v5", "http://127.0.0.1:8100/v5"),
        ("REDIS", "redis://localhost:6379/0", "redis://localhost:6379/0"),
        ("REDIS", "unix:///run/redis.sock", "unix:///run/redis.sock"),
        *(("REDIS", text, text) for text in ("redis://h", "redis://h/", "rediss://h/12", "redis://h?db=3")),
        ("MEDIA_ADDRESS", "/media/files", "/media/files/"),
        ("MEDIA_ADDRESS", "https://files.example.com", "https://files.example.com/"),
        ("MEDIA_ADDRESS", "https://files.example.com/pins/", "https://files.example.com/pins/"),
        ("SENDER", "pins@example.com", "pins@example.com"),
        ("SENDER", "Müller’s, Pins <pins@müller.example>", "Müller’s, Pins <pins@müller.example>"),
        ("SENDER", "root@server", "root@server"),
        ("SENDER", '"Pins @ Home" <pins@example.com>', '"Pins @ Home" <pins@example.com>'),
    ],
)
def test_what_is_meant_is_read(value, kind, text, expected):
    assert value(text, kind) == expected


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        *(("BOOLEAN", text) for text in ("yess", "2", "on off")),
        *(("A_PORT", text) for text in ("0", "65536", "80a")),
        *(("COUNT", text) for text in ("0", "-3", "1.5", "three")),
        *(("AMOUNT", text) for text in ("-1", "1 000")),
        *(
            ("HOST_NAMES", text)
            for text in ("https://a.example", "a.example:8000", "a.example/", "*.a.example", "a..b")
        ),
        *(("FERNET_KEYS", text) for text in (SECRET, f"{KEY},{KEY[:-4]}", KEY + "AAAA", "é" * 44, ",")),
        *(("ORIGIN", text) for text in ("a.example", "https://a.example/x", "https://a.example?x", "ftp://a.example")),
        *(
            ("ORIGIN", text)
            for text in (f"https://me:{SECRET}@a.example", "https://[::1", "https://a.example:x", "//a")
        ),
        *(("WEB_ADDRESS", text) for text in ("a.example/v5", "https://", f"https://a.example/?key={SECRET}")),
        *(
            ("DATABASE", text)
            for text in (f"mysql://me:{SECRET}@host/name", f"host:{SECRET}", f"postgres://me:{SECRET}@h")
        ),
        *(("DATABASE", text) for text in (f"postgres://me:pw@host:{SECRET}/name", f"sqlite://{SECRET}")),
        *(
            ("DATABASE", text)
            for text in ("sqlite:///", "sqlite:///:memory:", "sqlite://:memory:", "sqlite:////folder/")
        ),
        *(
            ("DATABASE", text)
            for text in ("sqlite:///file:x%3Fmode=memory", "sqlite:////x?mode=memory", "sqlite:///%00")
        ),
        *(("REDIS", text) for text in ("redis://h/x", "redis://h/0/1", "redis://h/²", "redis://h?db=x")),
        *(("HOST_NAMES", text) for text in ("-ü-.example", "ü..example")),
        *(("LISTENING", text) for text in ("http://127.0.0.1", "127.0.0.1:8000", "::1", "[::1]", "a b", "mü")),
        *(("MEDIA_ADDRESS", text) for text in ("/", "files/", "//cdn.example/", "/a//b", "/files/?key=1", "ftp://a/b")),
        *(
            ("SENDER", text)
            for text in ("Postiz Pins", "pins@", "@a.example", "pins@a.example>", "Pins <pins@a.example")
        ),
        *(("SENDER", text) for text in ("a@b.example, c@d.example", "Pins pins@a.example", "A\nB <pins@a.example>")),
        *(("REDIS", text) for text in (f"host:{SECRET}", f"http://:{SECRET}@host", f"redis://host:{SECRET}/0")),
        *(
            ("EMAIL", text)
            for text in (SECRET, f"smtp:{SECRET}", f"smtp://me:{SECRET}@", "filemail:", "filemail://mail")
        ),
        *(("EMAIL", text) for text in (f"smtp://me:pw@host:{SECRET}", f"http://me:{SECRET}@host")),
    ],
)
def test_what_is_wrong_is_one_sentence_without_any_of_it(value, kind, text):
    with pytest.raises(ImproperlyConfigured) as refused:
        value(text, kind)

    sentence = str(refused.value)
    looks = getattr(environment, kind).looks
    assert sentence == f"A_VARIABLE has an invalid value; it should be {looks}."
    assert SECRET not in sentence
    # Not in the traceback that Python would print either.
    assert refused.value.__context__ is None


def test_all_that_is_wrong_is_told_at_once_a_line_each(monkeypatch):
    monkeypatch.setenv("A_PORT", f"80{SECRET}")
    monkeypatch.setenv("A_KEY", "")
    monkeypatch.setenv("A_DATABASE", f"mysql://me:{SECRET}@host/name")

    assert setting("A_PORT", environment.A_PORT, 8000) == 8000
    setting("A_KEY", required="Set it to something.")
    setting("A_DATABASE", environment.DATABASE, {})

    with pytest.raises(ImproperlyConfigured) as refused:
        refuse_wrong()
    lines = str(refused.value).splitlines()
    assert [line.split()[0] for line in lines] == ["A_PORT", "A_KEY", "A_DATABASE"]
    assert SECRET not in str(refused.value)
    refuse_wrong()  # all has been told


@pytest.mark.parametrize("password", ["#a", "a@b", "50%", "%zz", "a/b", "a?b", "a:b", "a+b c", "[x]", "ä;,&=", "$HOME"])
def test_a_password_may_hold_any_character(value, password):
    database = value(f"postgres://me:{password}@db.example:5433/pins?sslmode=require", "DATABASE")
    email = value(f"smtp+tls://me@shop.example:{password}@mail.example:587", "EMAIL")
    redis = parse_url(value(f"redis://:{password}@cache.example:6380/2", "REDIS"))

    assert [database[key] for key in ("USER", "PASSWORD", "HOST", "PORT")] == ["me", password, "db.example", 5433]
    assert (database["NAME"], database["OPTIONS"]) == ("pins", {"sslmode": "require"})
    assert [email[f"EMAIL_{key}"] for key in ("HOST_USER", "HOST_PASSWORD", "HOST", "PORT")] == [
        *("me@shop.example", password, "mail.example", 587)
    ]
    assert (redis["password"], redis["host"], redis["port"], redis["db"]) == (password, "cache.example", 6380, 2)


def test_a_password_that_is_percent_encoded_already_stays_so(value):
    assert value("postgres://me:a%40b%2525@host/name", "DATABASE")["PASSWORD"] == "a@b%25"


def test_an_address_without_a_server_is_left_as_it_is(value):
    assert value("sqlite:////srv/a@b:c/pins.sqlite3", "DATABASE")["NAME"] == "/srv/a@b:c/pins.sqlite3"
    assert value("postgres:///pins", "DATABASE")["NAME"] == "pins"


@pytest.mark.parametrize(
    ("text", "file"),
    [
        ("sqlite:////tmp/x#1", "/tmp/x#1"),
        ("sqlite:////tmp/a+b%20c%23%3F%25", "/tmp/a+b c#?%"),
        ("sqlite:///pins.sqlite3", "pins.sqlite3"),
    ],
)
def test_the_file_of_a_database_is_opened_under_the_name_that_was_written(value, text, file):
    assert value(text, "DATABASE") == {"ENGINE": "django.db.backends.sqlite3", "NAME": file}
