"""The environment variables: documented and read, or refused with a line that helps."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
READ = re.compile(r"""(?:setting|os\.environ\.get)\(\s*["']([A-Z0-9_]+)["']""")


def run(arguments, **variables):
    """A program of this Python with these variables, and with nothing else of the environment."""
    environment = {
        "PATH": os.environ["PATH"],
        "SECRET_KEY": "a key for tests only, with more than fifty characters in it",
        "TOKEN_ENCRYPTION_KEYS": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
        # Set, but empty: what `make run` has stored in var/ must not count.
        "PINTEREST_APP_ID": "",
        **variables,
    }
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)


def check(*options, **variables):
    """`manage.py check` with these variables: its exit code, and the lines that it wrote."""
    done = run(["manage.py", "check", *options], **variables)
    return done.returncode, (done.stderr or done.stdout).strip().splitlines()


PRODUCTION = {
    "PUBLIC_URL": "https://pins.example.com",
    "ALLOWED_HOSTS": "pins.example.com",
    "PINTEREST_APP_ID": "1234567",
    "PINTEREST_APP_SECRET": "secret",
}


def test_every_variable_is_documented_and_every_documented_one_is_read():
    sources = ("settings.py", "storage_settings.py", "paths.py")
    read = {name for source in sources for name in READ.findall((ROOT / "postiz_pins" / source).read_text())}
    table = (ROOT / "docs/configuration.md").read_text()
    first_columns = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    documented = {name for column in first_columns for name in re.findall(r"`([A-Z0-9_]+)`", column)}

    assert len(read) > 15
    # The web server's address is the Procfile's affair.
    assert "${HOST:-" in (ROOT / "Procfile").read_text()
    assert documented == read | {"HOST"}


def test_the_defaults_are_enough_beside_the_keys():
    assert check() == (0, ["System check identified no issues (0 silenced)."])


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set. Set it to 50 or more random characters"),
        ({"TOKEN_ENCRYPTION_KEYS": ""}, "TOKEN_ENCRYPTION_KEYS is not set. Set it to one or more Fernet keys"),
        ({"PUBLIC_URL": "pins.example.com"}, "PUBLIC_URL has an invalid value; it should be an origin"),
        ({"PUBLIC_URL": "ftp://pins.example.com"}, "PUBLIC_URL has an invalid value"),
        ({"PUBLIC_URL": "https://example.com/pins"}, "PUBLIC_URL has an invalid value"),
        ({"PUBLIC_URL": "http://[::1"}, "PUBLIC_URL has an invalid value"),
        ({"PORT": "abc"}, "PORT has an invalid value; it should be a port from 1 to 65535, such as 8000."),
        ({"ALLOWED_HOSTS": "https://pins.example.com"}, "ALLOWED_HOSTS has an invalid value; it should be host names"),
        ({"TOKEN_ENCRYPTION_KEYS": "short"}, "TOKEN_ENCRYPTION_KEYS has an invalid value; it should be one or more"),
        ({"REDIS_URL": "localhost:6379"}, "REDIS_URL has an invalid value; it should be a URL such as redis://"),
        ({"SANDBOX_PORT": "8100x"}, "SANDBOX_PORT has an invalid value"),
        (
            {"PINTEREST_MEDIA_POLL_SECONDS": "0"},
            "PINTEREST_MEDIA_POLL_SECONDS has an invalid value; it should be a whole number, 1 or more.",
        ),
        ({"PINTEREST_MEDIA_STUCK_MINUTES": "soon"}, "PINTEREST_MEDIA_STUCK_MINUTES has an invalid value"),
        (
            {"PINTEREST_PIN_LOOKBACK_DAYS": "0"},
            "PINTEREST_PIN_LOOKBACK_DAYS has an invalid value; it should be a whole number, 1 or more.",
        ),
        (
            {"PINTEREST_ANALYTICS_WINDOW_DAYS": "91"},
            "PINTEREST_ANALYTICS_WINDOW_DAYS has an invalid value; it should be 1 to 90",
        ),
        ({"PINTEREST_CALLS_PER_DAY": "-1"}, "PINTEREST_CALLS_PER_DAY has an invalid value; it should be"),
        ({"PINTEREST_CALLS_RESERVED": "some"}, "PINTEREST_CALLS_RESERVED has an invalid value; it should be"),
        ({"PINTEREST_ANALYTICS_CALLS_PER_MINUTE": "0"}, "PINTEREST_ANALYTICS_CALLS_PER_MINUTE has an invalid value"),
        ({"MEDIA_QUOTA_GB": "-5"}, "MEDIA_QUOTA_GB has an invalid value; it should be a whole number, 0"),
        ({"DEBUG": "perhaps"}, "DEBUG has an invalid value; it should be on or off."),
        ({"SIGNUP_OPEN": "maybe"}, "SIGNUP_OPEN has an invalid value; it should be on or off."),
        ({"DATABASE_URL": "foo"}, "DATABASE_URL has an invalid value; it should be a URL such as postgres://"),
        ({"EMAIL_URL": "foo"}, "EMAIL_URL has an invalid value; it should be a URL such as smtp+tls://"),
        ({"DATABASE_URL": "sqlite:///:memory:"}, "or sqlite:////folder/pins.sqlite3 with a file"),
        ({"HOST": "127.0.0.1:8000"}, "HOST has an invalid value; it should be an IPv4 address or a host name"),
        ({"MEDIA_URL": "files"}, "MEDIA_URL has an invalid value; it should be a path such as /files/"),
        (
            {"DEFAULT_FROM_EMAIL": "Postiz Pins"},
            "DEFAULT_FROM_EMAIL has an invalid value; it should be an email address",
        ),
        ({"LOG_LEVEL": "LOUD"}, "LOG_LEVEL has an invalid value; it should be DEBUG, INFO"),
        (
            {"PINTEREST_IMAGE_SOURCE": "ftp"},
            "PINTEREST_IMAGE_SOURCE has an invalid value; it should be auto, url or base64.",
        ),
        ({"PINTEREST_MAX_CONCURRENT_POSTS": "0"}, "PINTEREST_MAX_CONCURRENT_POSTS has an invalid value"),
        ({"PINTEREST_MAX_CONCURRENT_POSTS": "x"}, "PINTEREST_MAX_CONCURRENT_POSTS has an invalid value"),
        ({"PINTEREST_APP_ID": "1234567"}, "PINTEREST_APP_SECRET is not set. It is next to the app ID"),
    ],
    ids=str,
)
def test_a_wrong_value_stops_the_start_and_names_the_variable(variables, sentence):
    code, lines = check(**variables)

    assert code == 1
    [line] = lines
    assert sentence in line


def test_all_wrong_values_are_named_at_once():
    code, lines = check(SECRET_KEY="", PUBLIC_URL="pins.example.com", PORT="abc", PINTEREST_APP_ID="1", EMAIL_URL="foo")

    assert code == 1
    names = ["SECRET_KEY", "PUBLIC_URL", "PORT", "PINTEREST_APP_SECRET", "EMAIL_URL"]
    assert sorted(line.split()[0] for line in lines) == sorted(names)


def test_the_production_configuration_passes_djangos_checks():
    code, lines = check("--deploy", "--fail-level", "WARNING", **PRODUCTION)

    assert (code, lines) == (0, ["System check identified no issues (0 silenced)."])


@pytest.mark.parametrize("name", ["SECRET_KEY", "ALLOWED_HOSTS", "TOKEN_ENCRYPTION_KEYS"])
def test_the_web_server_of_a_production_refuses_to_start_without(name):
    gunicorn = ["-m", "gunicorn", "postiz_pins.wsgi", "--bind", "127.0.0.1:0", "--no-control-socket"]

    done = run(gunicorn, **PRODUCTION | {name: ""})

    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    [line] = [line for line in done.stderr.splitlines() if f"{name} is not set." in line]
    assert line.startswith(f"{name} is not set. Set it to ")


def test_the_web_server_starts_with_all_of_them():
    done = run(["-m", "gunicorn", "postiz_pins.wsgi", "--check-config"], **PRODUCTION)

    assert done.returncode == 0, done.stderr


def test_without_https_the_hosts_of_this_machine_are_enough():
    done = run(["-c", "import postiz_pins.wsgi"])

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("public_url", "has_passkeys"),
    [
        ("https://pins.example.com", True),
        ("http://localhost:8000", True),
        ("http://pins.example.com", False),
        ("https://192.0.2.7", False),
        ("http://127.0.0.1:8000", False),
    ],
)
def test_passkeys_are_offered_only_where_browsers_have_them(public_url, has_passkeys):
    code = "from postiz_pins import settings; print('webauthn' in settings.MFA_SUPPORTED_TYPES)"

    assert run(["-c", code], PUBLIC_URL=public_url).stdout.strip() == str(has_passkeys)


def test_blanks_around_a_value_and_in_a_list_mean_nothing():
    """They come along with copy and paste, and went to Pinterest as %20."""
    names = "PUBLIC_URL", "ALLOWED_HOSTS", "PINTEREST_APP_ID", "PINTEREST_APP_SECRET", "LOG_LEVEL", "PORT", "MEDIA_ROOT"
    code = f"from postiz_pins import settings; print([getattr(settings, name) for name in {names}])"

    done = run(
        ["-c", code],
        PUBLIC_URL=" https://pins.example.com/ ",
        ALLOWED_HOSTS="pins.example.com, www.example.com",
        PINTEREST_APP_ID="1234567 ",
        PINTEREST_APP_SECRET=" abc\n",
        LOG_LEVEL=" info ",
        PORT=" 8001",
        MEDIA_ROOT="/srv/media ",
    )

    values = ["https://pins.example.com", ["pins.example.com", "www.example.com"], "1234567", "abc", "INFO", 8001]
    assert done.stdout.strip() == str([*values, Path("/srv/media")])


def test_e_mail_may_be_written_to_a_folder(tmp_path):
    code = "from postiz_pins import settings; print(settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH)"

    done = run(["-c", code], EMAIL_URL=f"filemail://{tmp_path}")

    assert done.stdout.strip() == f"django.core.mail.backends.filebased.EmailBackend {tmp_path}"
