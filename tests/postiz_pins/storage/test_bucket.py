"""What only a bucket does: `make test-s3` runs SeaweedFS for it."""

import gc
import io
import threading
import time
from pathlib import Path

import pytest
import requests
import time_machine
from django.conf import settings as django_settings
from django.core.files.storage import default_storage

from accounts.models.exports import export_storage
from postiz_pins.storage.base import MediaUnavailable

pytestmark = pytest.mark.skipif(not django_settings.S3_BUCKET, reason="S3: make test-s3 runs a server for it.")
if django_settings.S3_BUCKET:
    from postiz_pins.storage import bucket

NAME = "7/chair.jpg"


@pytest.fixture
def store():
    return default_storage


def put(store, tmp_path, content, name=NAME, content_type="image/jpeg", **options):
    path = tmp_path / "upload"
    path.write_bytes(content)
    store.take(path, name, content_type, **options)
    return name


def random_bytes(size):
    return (bytes(range(251)) * (size // 251 + 1))[:size]


def requests_sent(monkeypatch):
    """The operations that the bucket is asked for from now on."""
    sent = []
    bucket.client().meta.events.register("before-send.s3.*", lambda request, **_: sent.append(request.method))
    return sent


def test_a_file_of_several_parts_arrives_whole(store, tmp_path):
    content = random_bytes(2 * bucket.PART_BYTES + 5)
    put(store, tmp_path, content)

    assert store.size(NAME) == len(content)
    with store.stream(NAME) as file:
        assert file.read() == content


def test_a_file_goes_on_after_a_broken_connection(store, tmp_path, monkeypatch):
    content = random_bytes(3 * 1024**2)
    put(store, tmp_path, content)

    with store.stream(NAME) as file:
        first = file.read(1024**2)
        file.raw._body.close = lambda: None
        file.raw._body = io.BytesIO()  # as if it had ended early
        file.raw._body.read = None
        monkeypatch.setattr(file.raw, "_body", Broken())
        rest = file.read()

    assert first + rest == content


class Broken:
    def read(self, size):
        raise bucket.HTTPError("Connection broken")

    def close(self):
        pass


def test_one_byte_is_not_the_whole_file(store, tmp_path):
    put(store, tmp_path, random_bytes(30 * 1024**2))
    began_at = time.process_time()
    with store.stream(NAME, 29 * 1024**2) as file:
        assert len(file.read(1)) == 1
    assert time.process_time() - began_at < 1


def test_an_address_is_the_same_for_an_hour_and_then_another(store, tmp_path):
    put(store, tmp_path, b"chair")
    with time_machine.travel("2026-11-27 10:00:00Z", tick=False) as traveller:
        first = store.address(NAME, 3600)
        traveller.shift(3599)
        again = store.address(NAME, 3600)
        traveller.shift(1)
        later = store.address(NAME, 3600)

    assert first == again != later


def test_an_address_needs_no_keys_and_says_what_the_file_is(store, tmp_path):
    put(store, tmp_path, b"chair")

    answer = requests.get(store.address(NAME, 3600), headers={"Range": "bytes=1-2"}, timeout=5)

    assert (answer.status_code, answer.content, answer.headers["Content-Type"]) == (206, b"ha", "image/jpeg")
    assert "immutable" in answer.headers["Cache-Control"]
    assert requests.head(store.address(NAME, 3600, method="HEAD"), timeout=5).headers["Content-Length"] == "5"


def test_an_address_that_has_expired_or_was_changed_is_refused(store, tmp_path):
    put(store, tmp_path, b"chair")
    put(store, tmp_path, b"table", "7/table.jpg")
    with time_machine.travel(time.time() - 100):
        expired = store.address(NAME, 60)
    fresh = store.address(NAME, 3600)

    for address in (
        expired,
        fresh.replace("chair", "table"),
        fresh.replace("Expires=7200", "Expires=99999"),
        fresh.partition("?")[0],
    ):
        assert requests.get(address, timeout=5).status_code == 403
    assert requests.put(fresh, data=b"other", timeout=5).status_code == 403
    assert requests.get(fresh, timeout=5).content == b"chair"


def test_an_export_is_saved_under_its_name_and_is_never_public(store, tmp_path, settings):
    settings.S3_PUBLIC_URL = "https://cdn.example.com"
    exports = export_storage()
    put(exports, tmp_path, b"PK", "7/all.zip", "application/zip")

    address = exports.address("7/all.zip", 60, download_as="Möbel.zip")

    answer = requests.get(address, timeout=5)
    assert answer.headers["Content-Disposition"] == "attachment; filename*=utf-8''M%C3%B6bel.zip"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert store.address(NAME, 3600) == f"https://cdn.example.com/{settings.S3_PREFIX}media/{NAME}"


def test_a_bucket_that_refuses_is_unavailable_at_once(store, tmp_path, settings):
    settings.S3_BUCKET = "nosuch"

    began_at = time.monotonic()
    with pytest.raises(MediaUnavailable):
        put(store, tmp_path, b"chair")
    with pytest.raises(MediaUnavailable):
        store.stream(NAME)
    assert time.monotonic() - began_at < 10


def test_a_bucket_that_is_away_is_unavailable_for_whatever_is_asked(store, tmp_path, line):
    put(store, tmp_path, random_bytes(30 * 1024**2))  # more than the line holds
    path = tmp_path / "large"
    path.write_bytes(random_bytes(2 * bucket.PART_BYTES))

    with store.stream(NAME) as halfway, line.away():
        for work in (
            halfway.read,
            lambda: store.stream(NAME),
            lambda: store.take(path, "7/large.mp4", "video/mp4"),
            lambda: store.copy(store.key(NAME), "7/copy.jpg", "image/jpeg"),
            lambda: store.delete(NAME),
            lambda: list(store.listed()),
        ):
            with pytest.raises(MediaUnavailable):
                work()

    assert [each.name for each in store.listed()] == [NAME]


def test_a_copy_is_made_by_the_server_and_has_its_own_type(store, tmp_path, monkeypatch):
    content = random_bytes(11 * 1024**2)
    put(store, tmp_path, content, content_type="application/octet-stream")
    monkeypatch.setattr(bucket, "COPIED_PART_BYTES", 5 * 1024**2)  # in three parts

    assert grown_by(lambda: store.copy(store.key(NAME), "7/copy.mp4", "video/mp4")) < 8

    answer = requests.get(store.address("7/copy.mp4", 3600), timeout=5)
    assert answer.content == content
    assert (answer.headers["Content-Type"], answer.headers["Cache-Control"]) == ("video/mp4", bucket.CACHE_CONTROL)
    with pytest.raises(FileNotFoundError):
        store.copy(store.key("7/none.jpg"), "7/copy.jpg", "image/jpeg")


def test_an_upload_that_is_given_up_leaves_nothing(store, tmp_path):
    class TakenBack(Exception):
        pass

    calls = iter(range(100))

    def keep():
        if next(calls) == 2:
            raise TakenBack

    with pytest.raises(TakenBack):
        put(store, tmp_path, random_bytes(2 * bucket.PART_BYTES), keep=keep)

    left = bucket.client().list_multipart_uploads(Bucket=django_settings.S3_BUCKET, Prefix=store.key(NAME))
    assert left.get("Uploads", []) == []
    assert not store.exists(NAME)


def test_1000_files_are_deleted_in_one_request(store, tmp_path):
    names = [f"7/{number}.jpg" for number in range(1500)]
    threads = [threading.Thread(target=fill, args=(store, names[part::8])) for part in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sent = requests_sent(None)

    assert len(list(store.listed("7"))) == 1500
    store.delete_many(names)
    assert sent.count("POST") == 2
    assert list(store.listed()) == []


def fill(store, names):
    for name in names:
        bucket.ask("put_object", Bucket=django_settings.S3_BUCKET, Key=store.key(name), Body=b"x")


def peak_megabytes():
    """Of this process, since it was last reset."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def grown_by(work):
    """By how many megabytes the process was larger meanwhile than before."""
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")
    before = peak_megabytes()
    work()
    return peak_megabytes() - before


def test_large_files_pass_at_constant_memory(store, tmp_path):
    path = tmp_path / "upload"
    put(store, tmp_path, random_bytes(bucket.PART_BYTES + 1), "7/warm.mp4")
    with path.open("wb") as file:
        file.truncate(200 * 1024**2)

    def read():
        with store.stream(NAME) as stored:
            while stored.read(1024**2):
                pass

    assert grown_by(lambda: store.take(path, NAME, "video/mp4")) < 16
    assert grown_by(read) < 8
