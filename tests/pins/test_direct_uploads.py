"""Uploads that go to the bucket in parts: `make test-s3`."""

from datetime import timedelta

import pytest
import requests
from django.conf import settings as django_settings
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone

from pins import limits
from pins.models import MediaFile, PendingUpload
from postiz_pins.operations import media_sweep
from tests.factories import MembershipFactory, UserFactory
from tests.media_bytes import picture_bytes, video_bytes
from tests.stored_files import incoming, only_buckets, stored_names

pytestmark = [pytest.mark.django_db, only_buckets]

UPLOADS = "/media/uploads/"
MEGABYTE = 1024**2
if django_settings.S3_BUCKET:
    from pins.direct_uploads import services
    from pins.media import folder as media_folder
    from postiz_pins.storage.bucket import PART_BYTES, BucketStorage


@pytest.fixture(scope="module")
def video():
    """A video of three parts."""
    return video_bytes() + free_box(2 * 16 * MEGABYTE)


def free_box(size):
    return size.to_bytes(4, "big") + b"free" + bytes(range(256)) * ((size - 8) // 256) + bytes((size - 8) % 256)


def begin(client, content, name="oak.mp4"):
    answer = client.post(UPLOADS, {"name": name, "size": len(content)})
    assert answer.status_code == 200, answer.content
    return answer.json()


def address(client, upload, number):
    return client.get(f"{UPLOADS}{upload['id']}/parts/{number}/").json()["url"]


def send(client, upload, content, numbers=None):
    for number in numbers or range(1, upload["parts"] + 1):
        start = (number - 1) * upload["part_bytes"]
        part = content[start : start + upload["part_bytes"]]
        requests.put(address(client, upload, number), data=part, timeout=20).raise_for_status()


def finish(client, upload):
    return client.post(f"{UPLOADS}{upload['id']}/finish/")


def left():
    """Objects and files that are still on their way in."""
    return [each.name for each in BucketStorage(f"{django_settings.S3_PREFIX}incoming").listed()] + incoming()


def test_a_video_arrives_in_parts_in_any_order_and_some_of_them_twice(alice, team, video):
    upload = begin(alice, video)
    assert (upload["parts"], upload["part_bytes"]) == (3, PART_BYTES)
    send(alice, upload, video, [3, 1, 2, 1])

    answer = finish(alice, upload)

    media = MediaFile.objects.get()
    assert answer.json() == {"id": media.pk, "name": "oak.mp4", "notice": "", "was_there": False}
    assert (media.workspace, media.uploaded_by, media.kind) == (team.workspace, team.alice, "video")
    with default_storage.stream(media.file.name) as file:
        assert file.read() == video
    assert set(stored_names()) == {media.file.name, media.thumbnail.name}
    assert left() == []


def test_asking_twice_to_finish_does_no_harm(alice, video):
    upload = begin(alice, video)
    send(alice, upload, video)

    assert finish(alice, upload).json() == finish(alice, upload).json()
    assert MediaFile.objects.count() == 1


def test_a_missing_part_is_told_and_can_still_be_sent(alice, video):
    upload = begin(alice, video)
    send(alice, upload, video, [1, 3])

    answer = finish(alice, upload)
    assert (answer.status_code, "has not arrived completely" in answer.content.decode()) == (400, True)

    assert not MediaFile.objects.exists()
    send(alice, upload, video, [2])
    assert finish(alice, upload).status_code == 200


def test_what_pinterest_would_refuse_is_refused_and_leaves_nothing(alice):
    upload = begin(alice, b"no video", "oak.mp4")
    send(alice, upload, b"no video")

    answer = finish(alice, upload)

    assert (answer.status_code, "isn't an image or video" in answer.content.decode()) == (400, True)
    assert not PendingUpload.objects.exists()
    assert left() == []


def test_a_file_that_the_library_has_is_said_to_be_there(alice, team):
    content = picture_bytes(600, 900)
    for was_there in (False, True):
        upload = begin(alice, content, "chair.jpg")
        send(alice, upload, content)
        assert finish(alice, upload).json()["was_there"] == was_there


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "is empty"), (limits.VIDEO_BYTES + 1, "accepts videos up to 2 GB"), ("many", "is empty")],
)
def test_a_size_that_cannot_be_is_refused_at_once(alice, size, words):
    answer = alice.post(UPLOADS, {"name": "oak.mp4", "size": size})

    assert (answer.status_code, words in answer.content.decode()) == (400, True)
    assert not PendingUpload.objects.exists()


def test_a_workspace_without_space_refuses_before_anything_is_sent(alice, settings):
    settings.MEDIA_QUOTA_GB = 1

    answer = alice.post(UPLOADS, {"name": "oak.mp4", "size": 2 * 1024**3 - 1})

    assert (answer.status_code, "Delete files from the library" in answer.content.decode()) == (400, True)


def test_a_part_has_its_size_to_the_byte(alice, video):
    upload = begin(alice, video)

    assert requests.put(address(alice, upload, 3), data=b"x" * MEGABYTE, timeout=20).status_code == 403
    assert alice.get(f"{UPLOADS}{upload['id']}/parts/4/").status_code == 404
    assert alice.get(f"{UPLOADS}{upload['id']}/parts/0/").status_code == 404


def test_only_its_own_user_can_go_on_with_an_upload(alice, team):
    upload = begin(alice, b"content")
    bob, charlie, nobody = Client(), Client(), Client()
    bob.force_login(team.bob)
    charlie.force_login(team.charlie)

    for client in (bob, charlie):
        assert client.get(f"{UPLOADS}{upload['id']}/parts/1/").status_code == 404
        assert finish(client, upload).status_code == 404
        assert client.post(f"{UPLOADS}{upload['id']}/cancel/").status_code == 404
    assert nobody.get(f"{UPLOADS}{upload['id']}/parts/1/").status_code == 302
    assert PendingUpload.objects.count() == 1
    # A viewer uploads nothing, and a stranger nothing into this workspace.
    assert bob.post(UPLOADS, {"name": "a.mp4", "size": 5}).status_code == 403
    foreign = {"name": "a.mp4", "size": 5, "workspace": team.workspace.pk}
    assert charlie.post(UPLOADS, foreign).status_code == 404


def test_a_member_who_has_left_cannot_finish(alice, team, video):
    upload = begin(alice, video)
    team.workspace.memberships.filter(user=team.alice).delete()

    MembershipFactory(user=team.alice)

    assert finish(alice, upload).status_code == 404


def test_a_canceled_upload_leaves_nothing(alice, video):
    upload = begin(alice, video)
    send(alice, upload, video, [1])
    part = address(alice, upload, 2)

    assert alice.post(f"{UPLOADS}{upload['id']}/cancel/").status_code == 204

    assert not PendingUpload.objects.exists() and left() == []
    assert requests.put(part, data=video[PART_BYTES : 2 * PART_BYTES], timeout=20).status_code == 404


def test_three_uploads_survive_a_bucket_that_is_away_at_each_of_their_steps(alice, video, line):
    contents = [video, video[:-MEGABYTE] + free_box(MEGABYTE), video[: -2 * MEGABYTE] + free_box(2 * MEGABYTE)]
    begun, halfway, whole = (begin(alice, content, f"{number}.mp4") for number, content in enumerate(contents))
    send(alice, halfway, contents[1], [1])
    send(alice, whole, contents[2])

    with line.away():
        new = alice.post(UPLOADS, {"name": "oak.mp4", "size": len(video)})
        with pytest.raises(requests.ConnectionError):
            send(alice, halfway, contents[1], [2])
        finished = finish(alice, whole)
        # The script asks again until it is not refused.
        for answer in (new, finished):
            assert (answer.status_code, "Try again in a minute." in answer.content.decode()) == (503, True)

    send(alice, begun, contents[0])
    send(alice, halfway, contents[1], [2, 3])
    for upload in (begun, halfway, whole):
        assert finish(alice, upload).status_code == 200
    assert MediaFile.objects.count() == 3 and left() == []


def test_what_has_arrived_is_not_sent_again_but_copied_in_the_bucket(alice, video, monkeypatch):
    upload = begin(alice, video)
    send(alice, upload, video)
    taken = []
    take = BucketStorage.take
    monkeypatch.setattr(
        BucketStorage, "take", lambda store, path, name, *rest: (taken.append(name), take(store, path, name, *rest))
    )

    assert finish(alice, upload).status_code == 200

    media = MediaFile.objects.get()
    assert taken == [media.thumbnail.name]
    head = requests.head(default_storage.address(media.file.name, 3600, method="HEAD"), timeout=5)
    assert (head.headers["Content-Type"], "immutable" in head.headers["Cache-Control"]) == ("video/mp4", True)


def test_the_sweep_removes_uploads_of_yesterday_and_objects_without_a_row(alice, team, video):
    media_folder.require()
    halfway = begin(alice, video)
    send(alice, halfway, video, [1])
    whole = begin(alice, b"content")
    send(alice, whole, b"content")
    services.parts_of(PendingUpload.objects.get(pk=whole["id"])).complete()
    PendingUpload.objects.filter(pk=whole["id"]).delete()

    assert media_sweep.sweep(timezone.now()) == 0
    assert media_sweep.sweep(timezone.now() + timedelta(hours=25)) == 2

    assert not PendingUpload.objects.exists() and left() == []


def test_pages_tell_their_scripts_where_to_begin(alice):
    for page in ("/media/", "/pins/new/"):
        assert f'data-direct-upload-url="{UPLOADS}"' in alice.get(page).content.decode()


def test_an_upload_goes_with_its_user(alice, team):
    other = UserFactory()
    PendingUpload.objects.create(workspace=team.workspace, by=other, name="a", size_bytes=1, key="k", upload_id="u")

    other.delete()

    assert not PendingUpload.objects.exists()
