from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from pins.models import MediaFile
from tests.factories import MediaFileFactory, VideoFileFactory
from tests.media_bytes import picture_bytes, video_bytes
from tests.page_text import said
from tests.stored_files import only_folders

pytestmark = pytest.mark.django_db

LIBRARY, UPLOAD = reverse("pins:media_list"), reverse("pins:media_upload")
SCRIPT = {"X-Requested-With": "XMLHttpRequest"}


def upload(content=None, name="chair.jpg"):
    return SimpleUploadedFile(name, picture_bytes() if content is None else content)


def body(response):
    return b"".join(response.streaming_content)


@pytest.fixture
def media(team, settings):
    return MediaFileFactory(workspace=team.workspace)


def test_the_script_learns_which_file_it_sent(team, alice):
    response = alice.post(UPLOAD, {"file": upload()}, headers=SCRIPT)

    media = MediaFile.objects.get()
    assert response.json() == {"id": media.pk, "name": "chair.jpg", "notice": "", "was_there": False}
    assert (media.workspace, media.uploaded_by) == (team.workspace, team.alice)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"text", "“chair.jpg” isn't an image or video that Pinterest accepts"),
        (b"", "“chair.jpg” is empty (0 bytes)."),
        (b"\xff\xd8\xff\xe0" + bytes(25 * 1024**2), "“chair.jpg” is too large; Pinterest accepts images up to 20 MB."),
    ],
    ids=["text", "empty", "25 MB"],
)
def test_the_script_gets_a_sentence_for_a_file_that_is_refused(alice, content, sentence):
    response = alice.post(UPLOAD, {"file": upload(content)}, headers=SCRIPT)

    assert response.status_code == 400
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.decode().startswith(sentence)
    assert not MediaFile.objects.exists()


def test_the_script_is_told_when_no_file_arrived(alice):
    response = alice.post(UPLOAD, headers=SCRIPT)

    assert (response.status_code, response.content) == (400, b"No file was received. Choose it again.")


def test_a_viewers_script_gets_the_sentence_too(team, client):
    client.force_login(team.bob)

    response = client.post(UPLOAD, {"file": upload()}, headers=SCRIPT)

    assert response.status_code == 403
    assert not MediaFile.objects.exists()


def test_without_a_script_eleven_files_are_one_message(alice):
    response = alice.post(UPLOAD, {"file": [upload(name=f"chair-{number}.jpg") for number in range(11)]})

    assert response["Location"] == LIBRARY
    assert said(response) == [("success", "11 files uploaded.")]
    assert MediaFile.objects.count() == 11


def test_the_one_message_lists_what_was_not_uploaded(alice):
    content = picture_bytes()
    alice.post(UPLOAD, {"file": upload(content, "known.jpg")})

    files = [upload(), upload(b"text", "<i>notes.txt"), upload(name="table.jpg"), upload(content)]
    response = alice.post(UPLOAD, {"file": files})

    [(level, text)] = [each for each in said(response) if "2 files" in each[1]]
    uploaded, known, refused = text.split("<br>")
    assert (level, uploaded, known) == ("warning", "2 files uploaded.", "“known.jpg” is already in your library.")
    assert "&lt;i&gt;notes.txt" in refused


def test_a_file_that_is_refused_alone_is_an_error(alice):
    [(level, text)] = said(alice.post(UPLOAD, {"file": upload(b"text", "notes.txt")}))

    assert level == "error"
    assert "notes.txt" in text


def test_a_file_that_is_there_already_is_said_to_be(alice):
    content = picture_bytes()

    first = alice.post(UPLOAD, {"file": upload(content)}, headers=SCRIPT)
    second = alice.post(UPLOAD, {"file": upload(content)}, headers=SCRIPT)
    third = alice.post(UPLOAD, {"file": upload(content)})

    assert (first.json()["was_there"], second.json()["was_there"]) == (False, True)
    assert said(third) == [("success", "“chair.jpg” is already in your library.")]
    assert MediaFile.objects.count() == 1


def test_pressing_upload_without_a_file_says_what_to_do(alice):
    assert said(alice.post(UPLOAD)) == [("error", "Choose files first, then press “Upload”.")]


def test_the_name_of_a_file_cannot_hold_markup(alice):
    alice.post(UPLOAD, {"file": upload(name="<b>chair.jpg")})

    assert "<b>chair" not in alice.get(LIBRARY).content.decode()


@only_folders
@pytest.mark.parametrize("which", ["file", "thumbnail"])
def test_pictures_are_served_to_everybody_for_long_and_as_what_they_are(client, media, which):
    stored = getattr(media, which)

    response = client.get(stored.url)

    with stored.open("rb") as file:
        assert body(response) == file.read()
    assert response["Content-Type"] == "image/jpeg"
    assert response["Content-Length"] == str(stored.size)
    assert response["X-Content-Type-Options"] == "nosniff"
    assert set(response["Cache-Control"].split(", ")) == {"public", "max-age=31536000", "immutable"}
    assert "Set-Cookie" not in response


@only_folders
@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-1", 0, 1),
        ("bytes=0-0", 0, 0),
        ("bytes=100-", 100, None),
        ("bytes=-10", -10, None),
        ("bytes=5-9", 5, 9),
    ],
)
def test_a_part_of_a_video_is_served_as_players_ask_for_it(client, team, asked, first, last):
    content = video_bytes()
    video = VideoFileFactory(workspace=team.workspace, content=content)
    size = len(content)

    response = client.get(video.file.url, headers={"Range": asked})

    start, end = first % size, size - 1 if last is None else last
    assert response.status_code == 206
    assert body(response) == content[start : end + 1]
    assert response["Content-Range"] == f"bytes {start}-{end}/{size}"
    assert response["Content-Length"] == str(end - start + 1)
    assert response["Content-Type"] == "video/mp4"
    assert response["X-Content-Type-Options"] == "nosniff"


@only_folders
def test_a_player_learns_that_it_may_ask_for_parts(client, media):
    response = client.head(media.file.url)

    assert response["Accept-Ranges"] == "bytes"
    response.close()


@only_folders
def test_a_part_beyond_the_end_is_refused(client, media):
    response = client.get(media.file.url, headers={"Range": "bytes=99999999-"})

    assert (response.status_code, response["Content-Range"]) == (416, f"bytes */{media.file.size}")
    assert body(response) == b""


@only_folders
def test_a_range_that_makes_no_sense_is_answered_with_the_whole_file(client, media):
    response = client.get(media.file.url, headers={"Range": "lines=1-2"})

    assert (response.status_code, len(body(response))) == (200, media.file.size)


@only_folders
def test_a_deleted_file_is_gone_but_its_thumbnail_is_not(client, media):
    MediaFile.objects.update(deleted_at=timezone.now())

    assert client.get(media.file.url).status_code == 404
    thumbnail = client.get(media.thumbnail.url)
    assert thumbnail.status_code == 200
    thumbnail.close()


@only_folders
def test_a_png_is_served_as_png(client, alice):
    alice.post(UPLOAD, {"file": upload(picture_bytes(image_format="PNG"), "chair.jpg")})

    response = client.get(MediaFile.objects.get().file.url)

    assert response["Content-Type"] == "image/png"
    response.close()


@only_folders
def test_what_pinterest_asks_for_first_is_answered_without_the_bytes(client, media):
    response = client.head(media.file.url)

    assert (response.status_code, response["Content-Length"]) == (200, str(media.file.size))
    response.close()
    assert client.post(media.file.url).status_code == 405


@only_folders
def test_other_files_in_the_folder_are_not_served(client, media, settings):
    for path in (settings.MEDIA_ROOT / "notes.txt", settings.MEDIA_ROOT / str(media.workspace_id) / "notes.txt"):
        path.write_text("not for you")

        assert client.get(f"/files/{path.relative_to(settings.MEDIA_ROOT)}").status_code == 404


def test_no_path_leads_out_of_the_folder(client, media, settings):
    (settings.MEDIA_ROOT.parent / "secrets.env").write_text("SECRET_KEY=1")
    inside = media.file.name

    for path in (
        "../secrets.env",
        f"{media.workspace_id}/../../secrets.env",
        str(settings.MEDIA_ROOT.parent / "secrets.env"),
        f"./{inside}",
        f"{media.workspace_id}/../{inside}",
        "",
    ):
        assert client.get(f"/files/{quote(path, safe='')}").status_code == 404, path
        assert client.get(f"/files/{path}").status_code == 404, path


def test_a_nul_in_the_path_is_a_404(client):
    assert client.get("/files/chair%00.jpg").status_code == 404


@only_folders
def test_a_file_that_is_gone_from_the_storage_is_a_404(client, media):
    media.file.storage.delete(media.file.name)

    assert client.get(media.file.url).status_code == 404
