"""`manage.py doctor`: each check finds what is wrong, and says what to do."""

import json
import shutil
import smtplib
from collections import namedtuple
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.core import signing
from django.core.management import call_command
from django.db import OperationalError, connection
from redis.exceptions import ConnectionError as RedisConnectionError

from accounts.models import PinterestAccount
from pins.media import folder as media_folder
from pins.models import ProcessKind, RunningProcess
from postiz_pins.common import encryption
from postiz_pins.operations import doctor, proxy_probe
from postiz_pins.operations.doctor import Doubtful, Failed, NotUsed, examine
from postiz_pins.operations.heartbeats import Heartbeat
from postiz_pins.pinterest import server_clock
from postiz_pins.runtime.readiness import NotReady
from tests.factories import PinterestAccountFactory

OTHER_KEYS = ["b3RoZXJvdGhlcm90aGVyb3RoZXJvdGhlcm90aGVyb3Q="]


@pytest.fixture
def real(sandbox, settings):
    """The sandbox is taken for Pinterest."""
    settings.PINTEREST_SANDBOX = False
    return sandbox


@pytest.fixture
def through(monkeypatch):
    """Answers for the proxy: with a status, headers and a body."""

    def answer(status=200, body="", **headers):
        response = proxy_probe.requests.Response()
        response.status_code, response._content = status, body.encode()
        response.headers.update(headers)
        monkeypatch.setattr(proxy_probe.requests, "post", lambda *args, **options: response)

    return answer


def arrived(size_bytes=0, **fields):
    return json.dumps({"size_bytes": size_bytes, "address": "203.0.113.9", "has_address": True} | fields)


@pytest.mark.django_db(transaction=True)
def test_an_installation_that_is_well_has_a_line_for_each_check_and_none_fails(live_server, settings, real, capsys):
    settings.PUBLIC_URL = live_server.url
    media_folder.require()
    PinterestAccountFactory(access_token_encrypted=encryption.encrypt("pina_x"))
    for kind in ProcessKind:
        Heartbeat(kind).beat(doctor.timezone.now())

    call_command("doctor")

    lines = capsys.readouterr().out.splitlines()
    results = {line[6:21].strip(): line[:4].strip() for line in lines}
    skipped = {"email"} if connection.vendor == "postgresql" else {"email", "connections"}
    skipped |= set() if django_settings.S3_BUCKET else {"S3"}
    assert list(results) == list(doctor.CHECKS)
    assert {name for name, result in results.items() if result == "skip"} == skipped
    assert {name for name, result in results.items() if result not in ("ok", "skip")} - {"media folder"} == set()
    assert "3 MB arrived" in lines[list(results).index("uploads")]


@pytest.mark.django_db(transaction=True)
def test_it_exits_with_1_and_goes_on_after_what_fails(capsys, settings):
    settings.PUBLIC_URL = "http://127.0.0.1:9"

    with pytest.raises(SystemExit) as ended:
        call_command("doctor")

    output = capsys.readouterr().out
    assert ended.value.code == 1
    assert "FAIL  PUBLIC_URL       No answer (ConnectionError). Check that the web server and the proxy run" in output
    assert len(output.splitlines()) == len(doctor.CHECKS)


def test_a_database_that_is_away_fails_its_checks_only(monkeypatch):
    def fail():
        raise OperationalError("secret")

    monkeypatch.setattr(doctor, "CHECKS", {"keys": fail, "clocks": lambda: "fine"})

    first, second = examine()

    assert (first.result, second.result) == ("FAIL", "ok")
    assert "secret" not in first.text


@pytest.mark.django_db
def test_missing_migrations(monkeypatch):
    monkeypatch.setattr("postiz_pins.runtime.readiness._known_migrations", lambda: frozenset({("pins", "9999_x")}))

    with pytest.raises(NotReady, match="run python manage.py migrate"):
        doctor.check_migrations()


@pytest.mark.django_db
def test_a_queue_that_is_away_or_loses_messages(monkeypatch):
    assert doctor.check_broker()
    monkeypatch.setattr(doctor.queueing, "makes_a_round_trip", lambda: False)
    with pytest.raises(Failed, match="did not come back"):
        doctor.check_broker()

    def fail():
        raise RedisConnectionError("secret")

    monkeypatch.setattr(doctor.queueing, "makes_a_round_trip", fail)
    with pytest.raises(Failed, match="Check REDIS_URL"):
        doctor.check_broker()


@pytest.mark.django_db
@pytest.mark.parametrize(("free_gb", "raised"), [(0.4, Failed), (0.6, Doubtful), (4.9, Doubtful), (5.1, None)])
def test_a_full_disk(monkeypatch, free_gb, raised):
    media_folder.require()
    usage = namedtuple("usage", "free")(free_gb * doctor.GB)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)

    if raised is None:
        assert doctor.check_media() == "5.1 GB free"
    else:
        with pytest.raises(raised):
            doctor.check_media()


@pytest.mark.django_db
def test_a_media_folder_that_cannot_be_written(monkeypatch):
    media_folder.require()

    def fail(**options):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(doctor.tempfile, "TemporaryFile", fail)

    with pytest.raises(Failed, match="Read-only file system"):
        doctor.check_media()


@pytest.mark.django_db
def test_keys_that_do_not_open_what_is_stored(settings):
    with pytest.raises(NotUsed):
        doctor.check_keys()
    for _ in range(2):
        PinterestAccountFactory(access_token_encrypted=encryption.encrypt("pina_x"))
    assert doctor.check_keys() == "2 stored tokens can be decrypted"
    settings.TOKEN_ENCRYPTION_KEYS = OTHER_KEYS
    PinterestAccount.objects.filter(pk=PinterestAccount.objects.first().pk).update(
        access_token_encrypted=encryption.encrypt("pina_x")
    )

    with pytest.raises(Failed, match="1 of 2 stored tokens"):
        doctor.check_keys()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (smtplib.SMTPAuthenticationError(535, b"secret"), "refuses the login"),
        (ConnectionRefusedError("secret"), "does not answer"),
    ],
)
def test_a_mail_server_that_refuses_or_is_away(settings, monkeypatch, error, words):
    with pytest.raises(NotUsed):
        doctor.check_email()
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = "django.core.mail.backends.smtp.EmailBackend", "mail.example.com"

    def fail(*args, **options):
        raise error

    monkeypatch.setattr(smtplib, "SMTP", fail)

    with pytest.raises(Failed, match=words) as failed:
        doctor.check_email()
    assert "secret" not in str(failed.value)


@pytest.mark.django_db
def test_processes_that_are_missing_or_disagree():
    with pytest.raises(Failed, match="No web and no clock and no cluster"):
        doctor.check_processes()
    for kind in ProcessKind:
        Heartbeat(kind).beat(doctor.timezone.now())
    assert doctor.check_processes() == "3 running"
    RunningProcess.objects.filter(kind="clock").update(limits={"PINTEREST_MAX_CONCURRENT_POSTS": 30})

    with pytest.raises(Doubtful, match="PINTEREST_MAX_CONCURRENT_POSTS differs"):
        doctor.check_processes()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"status": 301, "Location": "https://pins.example.com/probe"}, "X-Forwarded-Proto"),
        ({"status": 400}, "pass Host on"),
        ({"status": 404}, "another program answers"),
        ({"status": 413}, "client_max_body_size"),
        ({"status": 502}, "does not reach the web server"),
        ({"body": "<html>Welcome to nginx"}, "another program answers"),
    ],
)
def test_what_a_proxy_does_wrong(through, answer, words):
    through(**answer)

    with pytest.raises(proxy_probe.ProbeFailed, match=words):
        doctor.check_public_url()


def test_a_proxy_that_tells_no_address_or_cuts_bodies(through, settings):
    settings.IS_HTTPS = True
    through(body=arrived())
    assert "203.0.113.9" in doctor.check_public_url()
    through(body=arrived(has_address=False))
    with pytest.raises(Failed, match="X-Forwarded-For"):
        doctor.check_public_url()
    through(body=arrived(1024))
    with pytest.raises(Failed, match="1024 bytes arrived"):
        doctor.check_body()


@pytest.mark.django_db
def test_the_probe_tells_what_arrived_to_who_knows_the_key(client, settings):
    settings.TRUSTED_PROXY_COUNT = 1
    signed = signing.dumps("probe", salt=proxy_probe.SALT)

    def post(**headers):
        return client.post("/probe", b"x" * 5, content_type="application/octet-stream", headers=headers)

    assert post().status_code == 404
    assert post(**{proxy_probe.HEADER: signing.dumps("probe", salt="other")}).status_code == 404
    plain = post(**{proxy_probe.HEADER: signed}).json()
    forwarded = post(**{proxy_probe.HEADER: signed, "X-Forwarded-For": "203.0.113.9"}).json()
    assert plain == {"size_bytes": 5, "address": "127.0.0.1", "has_address": False}
    assert forwarded == {"size_bytes": 5, "address": "203.0.113.9", "has_address": True}


@pytest.mark.django_db
def test_a_signature_of_a_minute_ago_counts_no_more(client, time_machine):
    signed = signing.dumps("probe", salt=proxy_probe.SALT)
    time_machine.move_to(doctor.timezone.now() + timedelta(seconds=proxy_probe.LIFETIME_SECONDS + 1))

    assert client.post("/probe", headers={proxy_probe.HEADER: signed}).status_code == 404


def test_an_app_that_pinterest_accepts_or_refuses(real, settings):
    assert doctor.check_pinterest() == f"app {settings.PINTEREST_APP_ID} is accepted"

    settings.PINTEREST_APP_SECRET = "wrong"
    with pytest.raises(Failed, match="Pinterest refuses the app"):
        doctor.check_pinterest()
    settings.PINTEREST_API_URL = "http://127.0.0.1:9/v5"
    with pytest.raises(Failed, match="Pinterest does not answer"):
        doctor.check_pinterest()
    settings.PINTEREST_SANDBOX = True
    with pytest.raises(NotUsed):
        doctor.check_pinterest()


@pytest.mark.django_db
@pytest.mark.parametrize(("seconds", "raised"), [(3, None), (20, Doubtful), (-120, Failed)])
def test_a_clock_that_is_wrong(monkeypatch, seconds, raised):
    monkeypatch.setattr(server_clock, "earliest_now", lambda: doctor.timezone.now() + timedelta(seconds=seconds))

    if raised is None:
        assert "from the clock of" in doctor.check_clocks()
    else:
        with pytest.raises(raised, match="Synchronize"):
            doctor.check_clocks()
