import threading
from contextlib import suppress

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from pins.media import editing as media_editing
from pins.media import quota, remote
from pins.media.storage import MediaRefused, store_upload
from pins.models import MediaFile
from tests.factories import MediaFileFactory, PlayableVideoFactory, WorkspaceFactory
from tests.media_bytes import picture_bytes
from tests.pins.web_server import answers, serving
from tests.stored_files import stored_names

pytestmark = pytest.mark.django_db

GB = 1024**3


@pytest.fixture(autouse=True)
def _quota(settings):
    settings.MEDIA_QUOTA_GB = 10


@pytest.fixture
def full(team):
    """A row that leaves 100 bytes."""
    return MediaFileFactory(workspace=team.workspace, size_bytes=10 * GB - 100)


def store(team, content=None):
    return store_upload(ContentFile(content or picture_bytes(), "chair.jpg"), workspace=team.workspace, by=team.alice)


def test_what_is_too_much_is_refused_with_a_way_out_and_leaves_nothing(team, full, settings):
    before = stored_names()

    with pytest.raises(MediaRefused) as refused:
        store(team)

    assert refused.value.code == "media_quota_exceeded"
    assert refused.value.message.startswith("This workspace has used 10.0 of 10 GB, and “chair.jpg” needs ")
    assert "Delete files from the library, or ask your administrator for more space." in refused.value.message
    assert [full] == list(MediaFile.objects.all())
    assert stored_names() == before


def test_the_limit_holds_to_the_byte(team, full):
    content = picture_bytes(comment="")
    MediaFile.objects.update(size_bytes=10 * GB - len(content) + 1)
    with pytest.raises(MediaRefused):
        store(team, content)
    MediaFile.objects.update(size_bytes=10 * GB - len(content))

    assert store(team, content).size_bytes == len(content)


def test_without_a_quota_nothing_is_counted(team, full, settings):
    settings.MEDIA_QUOTA_GB = 0

    store(team)

    assert quota.quota_of(team.workspace) is None


def test_every_workspace_has_its_own(team, full):
    store_upload(ContentFile(picture_bytes(), "chair.jpg"), workspace=WorkspaceFactory(), by=None)


def test_a_deleted_file_makes_room(team, full):
    assert media_editing.delete_media(full, by=team.alice, now=timezone.now()) == []

    store(team)


def test_a_deleted_file_that_comes_back_needs_its_room_again(team):
    content = picture_bytes(comment="")
    media = store(team, content)
    media_editing.delete_media(media, by=team.alice, now=timezone.now())
    MediaFileFactory(workspace=team.workspace, size_bytes=10 * GB - 100)

    with pytest.raises(MediaRefused):
        store(team, content)
    media.refresh_from_db()
    assert media.deleted_at is not None


def test_what_is_there_already_needs_no_room(team, full):
    content = picture_bytes(comment="")
    MediaFile.objects.update(size_bytes=1)
    media = store(team, content)
    MediaFile.objects.filter(pk=full.pk).update(size_bytes=10 * GB)

    assert store(team, content) == media


def test_a_lost_file_takes_the_room_that_it_had(team, full):
    content = picture_bytes(comment="")
    MediaFile.objects.update(size_bytes=1)
    media = store(team, content)
    media.file.storage.delete(media.file.name)
    MediaFile.objects.filter(pk=full.pk).update(size_bytes=10 * GB - len(content))

    assert store(team, content) == media


@pytest.mark.parametrize("way", ["form", "script", "composer", "crop", "frame", "match_size", "link", "api"])
def test_every_way_in_is_guarded_and_says_why(team, alice, program, full, monkeypatch, way):
    small = MediaFileFactory(workspace=team.workspace, width=200, height=300)
    square = MediaFileFactory(workspace=team.workspace, content=picture_bytes(300, 300), width=300, height=300)
    video = PlayableVideoFactory(workspace=team.workspace)
    monkeypatch.setattr(remote, "ALLOW_LOOPBACK", True)
    ids = set(MediaFile.objects.values_list("pk", flat=True))
    upload = ContentFile(picture_bytes(), "chair.jpg")

    if way == "link":
        with serving() as site:
            site.pages["/chair.jpg"] = answers(picture_bytes())
            response = alice.post(reverse("pins:media_fetch"), {"address": f"{site.url}/chair.jpg"})
    elif way == "api":
        response = program.upload()
        assert response.json()["errors"][0]["code"] == "media_quota_exceeded"
    else:
        address, body, headers = {
            "form": (reverse("pins:media_upload"), {"file": upload}, {}),
            "script": (reverse("pins:media_upload"), {"file": upload}, {"X-Requested-With": "XMLHttpRequest"}),
            "composer": (reverse("pins:pin_create"), {"attachments": upload, "action": "draft"}, {}),
            "crop": (reverse("pins:media_crop", args=[small.pk]), {"position": 50}, {}),
            "frame": (reverse("pins:media_frames", args=[video.pk]), {"at_seconds": 1}, {}),
            "match_size": (
                *(reverse("pins:pin_files"), {"attachments": [small.pk, square.pk], "action": "match_size"}, {}),
            ),
        }[way]
        response = alice.post(address, body, headers=headers, follow=True)

    assert "This workspace has used 10.0 of 10 GB" in response.content.decode()
    assert set(MediaFile.objects.values_list("pk", flat=True)) == ids


@pytest.mark.parametrize(
    ("used_bytes", "words", "percent", "is_nearly_full"),
    [
        (0, "0.0 of 10 GB", 0, False),
        (1, "less than 0.1 of 10 GB", 0, False),
        (int(8.99 * GB), "9.0 of 10 GB", 89, False),
        (int(9.81 * GB), "9.8 of 10 GB", 98, True),
        (10 * GB - 1, "10.0 of 10 GB", 99, True),
        (30 * GB, "30.0 of 10 GB", 100, True),
    ],
)
def test_the_library_shows_how_much_is_used(team, alice, used_bytes, words, percent, is_nearly_full):
    if used_bytes:
        MediaFileFactory(workspace=team.workspace, size_bytes=used_bytes)

    page = alice.get(reverse("pins:media_list")).content.decode()

    assert f"<p>{words} used" in page
    assert f'value="{percent}"' in page
    assert ("ask your administrator for more space" in page) is is_nearly_full


def test_without_a_quota_the_library_shows_none(alice, settings):
    settings.MEDIA_QUOTA_GB = 0

    assert "<meter" not in alice.get(reverse("pins:media_list")).content.decode()


def test_the_quota_costs_one_query_of_the_library_and_two_of_an_upload(team, alice, settings):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            alice.get(reverse("pins:media_list"))
        of_page = len(captured)
        with CaptureQueriesContext(connection) as captured:
            store(team)
        return of_page, len(captured)

    MediaFileFactory.create_batch(3, workspace=team.workspace)
    with_quota = queries()
    settings.MEDIA_QUOTA_GB = 0
    without = queries()

    assert (with_quota[0] - without[0], with_quota[1] - without[1]) == (1, 2)


@pytest.mark.django_db(transaction=True)
def test_of_uploads_at_the_same_moment_no_more_are_taken_than_fit(team, monkeypatch):
    contents = [picture_bytes(comment="") for _ in range(2)]
    MediaFileFactory(workspace=team.workspace, size_bytes=10 * GB - int(1.5 * max(map(len, contents))))
    both_have_looked, refused, save = threading.Barrier(2), [], MediaFile.save

    def save_late(media, *args, **kwargs):
        """Without a lock, both have found room by now; with it, one of them waits for the other."""
        with suppress(threading.BrokenBarrierError):
            both_have_looked.wait(timeout=1.5)
        save(media, *args, **kwargs)

    def upload(content):
        try:
            store(team, content)
        except MediaRefused as refusal:
            refused.append(refusal.code)
        finally:
            connection.close()

    monkeypatch.setattr(MediaFile, "save", save_late)
    threads = [threading.Thread(target=upload, args=[content]) for content in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert refused == ["media_quota_exceeded"]
    assert quota.quota_of(team.workspace).used_bytes <= 10 * GB
