"""The library in a bucket: what is handed out, by whom, and what is left of it."""

import io
from datetime import timedelta

import pytest
import requests
from django.conf import settings as django_settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.utils import timezone
from PIL import Image

from pins.media import folder as media_folder
from pins.media.storage import store_upload
from pins.models import MediaFile, MediaFolder
from postiz_pins.operations import media_sweep
from postiz_pins.storage.base import MediaUnavailable
from postiz_pins.storage.folder import FolderStorage
from tests.factories import MediaFileFactory, VideoFileFactory
from tests.media_bytes import picture_bytes, video_bytes
from tests.stored_files import only_buckets, stored_names

pytestmark = [pytest.mark.django_db, only_buckets]


def upload():
    return SimpleUploadedFile("chair.jpg", picture_bytes(200, 300), "image/jpeg")


@pytest.fixture
def media(team):
    return MediaFileFactory(workspace=team.workspace)


def test_a_file_is_led_to_by_an_address_that_caches_may_keep(client, media):
    response = client.get(media.file.url)

    assert response.status_code == 302
    assert client.get(media.file.url)["Location"] == response["Location"]
    lifetime = int(response["Cache-Control"].partition("max-age=")[2].partition(",")[0])
    assert 0 < lifetime <= 3600 and "public" in response["Cache-Control"]
    with media.file.open() as file:
        assert requests.get(response["Location"], timeout=5).content == file.read()


def test_players_get_the_part_that_they_ask_for_and_its_type(client, team):
    content = video_bytes()
    video = VideoFileFactory(workspace=team.workspace, content=content)
    way = client.get(video.file.url)["Location"]

    answer = requests.get(way, headers={"Range": "bytes=5-9"}, timeout=5)

    assert (answer.status_code, answer.content) == (206, content[5:10])
    assert answer.headers["Content-Type"] == "video/mp4"
    head = requests.head(client.head(video.file.url)["Location"], timeout=5)
    assert head.headers["Content-Length"] == str(len(content))


def test_the_row_is_checked_before_the_way_is_told(client, media):
    MediaFile.objects.update(deleted_at=timezone.now())

    assert client.get(media.file.url).status_code == 404
    assert client.get(media.thumbnail.url).status_code == 302
    assert client.get("/files/1/other.jpg").status_code == 404


def test_pages_may_show_what_lies_in_the_bucket(client):
    policy = client.get("/login/", follow=True)["Content-Security-Policy"]
    directives = {part.split()[0]: part.split()[1:] for part in policy.split("; ")}

    for kind in ("img-src", "media-src", "connect-src"):
        assert django_settings.S3_ENDPOINT_URL in directives[kind]


def test_small_thumbnails_are_made_from_the_bucket(client, media):
    answer = client.get(media.thumbnail_urls["row"])

    assert Image.open(io.BytesIO(answer.content)).size == (64, 96)
    assert "immutable" in answer["Cache-Control"]


def test_a_thumbnail_out_of_reach_is_asked_for_again(client, media, monkeypatch):
    def away(*args):
        raise MediaUnavailable(5, "away")

    monkeypatch.setattr(default_storage.__class__, "stream", away)

    answer = client.get(media.thumbnail_urls["row"])

    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert "immutable" not in answer.get("Cache-Control", "")


def test_an_upload_that_cannot_be_stored_may_be_sent_again(alice, team, monkeypatch):
    def away(*args, **kwargs):
        raise MediaUnavailable(5, "away")

    monkeypatch.setattr(default_storage.__class__, "take", away)

    answer = alice.post("/media/upload/", {"file": upload()}, headers={"X-Requested-With": "XMLHttpRequest"})

    assert answer.status_code == 503
    assert "Try again in a minute." in answer.content.decode()
    assert not MediaFile.objects.exists() and stored_names() == []


def test_what_is_stored_has_its_type(team):
    media = store_upload(upload(), workspace=team.workspace, by=team.alice)

    answer = requests.head(default_storage.address(media.thumbnail.name, 3600, method="HEAD"), timeout=5)
    assert answer.headers["Content-Type"] == "image/jpeg"


def test_the_bucket_is_marked_once_and_known_again(team):
    media_folder.require()
    media_folder.require()

    assert "postiz-pins-media.txt" in stored_names()
    MediaFolder.objects.all().delete()
    media_folder.require()  # of another database that has no id yet: it takes over what it finds
    media_folder.check()


def test_another_bucket_is_refused_with_what_to_do(team, settings):
    media_folder.require()
    default_storage.delete("postiz-pins-media.txt")

    with pytest.raises(media_folder.WrongFolder, match=r"S3_BUCKET \(pins/.*move_media"):
        media_folder.require()
    call_command("adopt_media_folder")
    media_folder.require()


def test_a_bucket_without_the_files_of_the_rows_is_not_taken_for_theirs(media):
    default_storage.delete_many([media.file.name])

    with pytest.raises(media_folder.WrongFolder, match="none of the newest media files"):
        media_folder.require()


def content_of(store, name):
    with store.stream(name) as file:
        return file.read()


@pytest.fixture
def folder(settings):
    return FolderStorage(settings.MEDIA_ROOT)


def test_media_move_to_the_bucket_and_what_is_there_is_not_sent_again(media, folder, capsys):
    names = [media.file.name, media.thumbnail.name]
    call_command("move_media", "--back")
    default_storage.delete_many([*names, "postiz-pins-media.txt"])
    assert stored_names() == []

    call_command("move_media")
    assert "2 files copied and compared, 0 were there before." in capsys.readouterr().out
    call_command("move_media")

    assert "0 files copied and compared, 2 were there before." in capsys.readouterr().out
    for name in names:
        assert content_of(default_storage, name) == content_of(folder, name)
    media_folder.check()


def test_a_copy_that_is_damaged_or_cut_off_does_not_stay(media, folder, monkeypatch, capsys):
    call_command("move_media", "--back")
    default_storage.delete_many([media.file.name, "postiz-pins-media.txt"])
    take = default_storage.__class__.take

    def damage(store, path, *arguments):
        content = path.read_bytes()
        path.write_bytes(content[:-1] + b"!")
        take(store, path, *arguments)
        path.write_bytes(content)

    monkeypatch.setattr(default_storage.__class__, "take", damage)
    with pytest.raises(CommandError, match="1 copies were damaged and removed"):
        call_command("move_media")
    assert not default_storage.exists(media.file.name)
    with pytest.raises(media_folder.WrongFolder):
        media_folder.check()
    monkeypatch.undo()
    call_command("move_media")
    assert content_of(default_storage, media.file.name) == content_of(folder, media.file.name)


def test_a_file_that_is_nowhere_is_named(media, folder):
    default_storage.delete(media.file.name)

    with pytest.raises(CommandError, match=f"1 files are in neither place: {media.file.name}"):
        call_command("move_media", "--back")


def test_the_sweep_removes_what_no_row_knows_after_a_day(media, team):
    media_folder.require()
    gone = MediaFileFactory(workspace=team.workspace, content=b"gone")
    deleted = MediaFileFactory(workspace=team.workspace, content=b"deleted", deleted_at=timezone.now())
    MediaFile.objects.filter(pk=gone.pk).delete()
    kept = {media.file.name, media.thumbnail.name, deleted.thumbnail.name, "postiz-pins-media.txt"}

    assert media_sweep.sweep(timezone.now()) == 0
    assert media_sweep.sweep(timezone.now() + timedelta(hours=25)) == 3

    assert set(stored_names()) == kept


def test_the_sweep_ends_uploads_that_were_left_halfway(team):
    from postiz_pins.storage.multipart import Parts

    media_folder.require()
    parts = Parts.begin(default_storage.key("7/half.mp4"), 5)

    assert media_sweep.sweep(timezone.now()) == 0
    assert media_sweep.sweep(timezone.now() + timedelta(hours=25)) == 1
    with pytest.raises(FileNotFoundError):
        parts.arrived()


def test_the_sweep_leaves_another_databases_bucket_alone(media):
    with pytest.raises(media_folder.WrongFolder):
        media_sweep.sweep(timezone.now() + timedelta(hours=25))


@pytest.mark.parametrize("direct", [True, False])
def test_the_bucket_is_set_up_and_passes_its_test(settings, capsys, direct):
    settings.S3_DIRECT_UPLOADS = direct

    call_command("setup_s3")

    out = capsys.readouterr().out
    assert "The CORS rule of the bucket is set." in out and "The lifecycle rules of the bucket are set." in out
    assert out.count("ok    ") == 7
    call_command("setup_s3", "--check")


def test_wrong_keys_fail_the_test_in_a_sentence(settings, capsys):
    from postiz_pins.storage import bucket

    settings.S3_SECRET_ACCESS_KEY = "wrong"
    bucket.client.cache_clear()
    try:
        with pytest.raises(CommandError, match="1 of the tests failed"):
            call_command("setup_s3", "--check")
    finally:
        bucket.client.cache_clear()
    assert "FAIL  write an object: S3 answered with SignatureDoesNotMatch." in capsys.readouterr().out
