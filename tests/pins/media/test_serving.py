"""What strangers have made: stored files never run as a page, and hostile ones are refused."""

import io
import socket
import struct
import zipfile
import zlib
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from pins.media.storage import MediaRefused, store_upload
from pins.media.worker.metadata import strip_jpeg
from pins.models import MediaFile
from tests.factories import MediaFileFactory, VideoFileFactory
from tests.media_bytes import picture_bytes, video_bytes, with_free_box
from tests.stored_files import only_folders

pytestmark = pytest.mark.django_db

HTML = b"<!doctype html><script>alert(document.domain)</script>"


def store(team, content, name="chair.jpg", content_type="image/jpeg"):
    upload = SimpleUploadedFile(name, content, content_type)
    return store_upload(upload, workspace=team.workspace, by=team.alice)


def kept(media):
    with media.file.open("rb") as stored:
        return stored.read()


def refusal(team, content, name="chair.jpg"):
    with pytest.raises(MediaRefused) as refused:
        store(team, content, name)
    assert not MediaFile.objects.exists()
    return refused.value.code


def zip_bytes():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("index.html", HTML)
    return content.getvalue()


@pytest.fixture(params=["picture", "png", "thumbnail", "video"])
def served(request, team):
    """A stored file of ours, and the type that it has to be served as."""
    if request.param == "video":
        return VideoFileFactory(workspace=team.workspace).file, "video/mp4"
    image_format = "PNG" if request.param == "png" else "JPEG"
    media = store(team, picture_bytes(image_format=image_format))
    return (media.thumbnail if request.param == "thumbnail" else media.file), (
        "image/png" if request.param == "png" else "image/jpeg"
    )


@only_folders
@pytest.mark.parametrize("headers", [{}, {"Range": "bytes=0-9"}, {"Accept": "text/html"}], ids=str)
@pytest.mark.parametrize("method", ["get", "head"])
def test_a_file_is_served_as_what_it_is_and_can_never_run_as_a_page(client, served, method, headers):
    file, content_type = served

    response = getattr(client, method)(file.url, headers=headers)
    response.close()

    assert response.status_code == (206 if "Range" in headers else 200)
    assert response["Content-Type"] == content_type
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["X-Frame-Options"] == "DENY"
    assert "Set-Cookie" not in response


def test_the_name_that_somebody_gave_a_file_is_no_part_of_its_address(team):
    media = store(team, picture_bytes(), "../../evil.html")

    assert "evil" not in media.file.url
    assert media.file.url.endswith(".jpg")
    assert media.original_name == "evil.html"


@pytest.mark.parametrize(
    "path",
    [
        "../db.sqlite3",
        "..%2fdb.sqlite3",
        "..%2Fdb.sqlite3",
        "%2e%2e/db.sqlite3",
        "%2e%2e%2fdb.sqlite3",
        "..%252fdb.sqlite3",
        "..\\db.sqlite3",
        "..%5cdb.sqlite3",
        "1/../../db.sqlite3",
        "1//../../db.sqlite3",
        "//etc/passwd",
        "%2fetc%2fpasswd",
        "file:///etc/passwd",
        "%00",
        "{name}%00",
        "{name}%00.html",
        "{name}/",
        "./{name}",
        "{folder}/../{name}",
        "{name}/../../db.sqlite3",
        "incoming/",
        "%c0%ae%c0%ae/db.sqlite3",
    ],
)
def test_no_address_leads_to_anything_but_the_files_of_the_library(client, team, settings, path):
    media = MediaFileFactory(workspace=team.workspace)
    (settings.MEDIA_ROOT.parent / "db.sqlite3").write_bytes(b"secret")

    path = path.format(name=media.file.name, folder=media.file.name.split("/")[0])
    response = client.get(f"{settings.MEDIA_URL}{path}")

    assert response.status_code == 404
    assert b"secret" not in response.content


def test_a_row_cannot_lead_out_of_the_folder_either(client, team, settings):
    """Should a row ever be written with such a name."""
    (settings.MEDIA_ROOT.parent / "db.sqlite3").write_bytes(b"secret")
    media = MediaFileFactory(workspace=team.workspace)
    MediaFile.objects.filter(pk=media.pk).update(file="../db.sqlite3")

    response = client.get(f"{settings.MEDIA_URL}{quote('../db.sqlite3', safe='')}")

    assert response.status_code in (400, 404)
    assert b"secret" not in response.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        HTML,
        b"\xef\xbb\xbf" + HTML,
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>",
        b"GIF89a/*" + bytes(20) + b"*/=1;alert(document.domain)//",
        b"%PDF-1.7\n",
        b"BM" + bytes(100),
        b"II*\0" + bytes(100),
        HTML + video_bytes(),
        HTML + picture_bytes(),
        zip_bytes() + picture_bytes(),
    ],
    ids=[
        *("html", "html with a mark", "svg", "svg as xml", "gif with a script", "pdf", "bmp", "tiff"),
        *("html before a video", "html before a picture", "zip before a picture"),
    ],
)
@pytest.mark.parametrize("name", ["chair.jpg", "chair.mp4", "chair.svg"])
def test_a_name_and_a_stated_type_make_no_picture(team, content, name):
    assert refusal(team, content, name) == "image_type"


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("appended", [HTML, zip_bytes(), b"<?php system('id'); ?>"], ids=["html", "zip", "php"])
def test_what_hangs_at_the_end_of_a_picture_is_cut_off(team, image_format, appended):
    media = store(team, picture_bytes(image_format=image_format) + appended)

    assert appended not in kept(media)
    assert not zipfile.is_zipfile(io.BytesIO(kept(media)))
    assert Image.open(io.BytesIO(kept(media))).size == (1000, 1500)


def segment(marker, body):
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(body) + 2) + body


@pytest.mark.parametrize(
    ("marker", "start"),
    [
        (0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),  # after the 14 bytes that it has
        (0xEE, b"Adobe\0\x64\0\0\0\0\x01"),
        (0xE1, b"Exif\0\0"),
        (0xFE, b""),
        (0xF0, b""),
        (0xFD, b""),
        (0x02, b""),
        (0xDE, b""),
    ],
)
def test_a_jpeg_has_no_segment_left_to_hide_a_page_in(marker, start):
    content = picture_bytes()

    stripped = strip_jpeg(content[:2] + segment(marker, start + HTML) + content[2:]).content

    assert HTML not in stripped
    assert Image.open(io.BytesIO(stripped)).convert("RGB").tobytes() == Image.open(io.BytesIO(content)).tobytes()


@only_folders
def test_a_video_that_holds_a_page_is_served_as_a_video(client, team):
    video = with_free_box(video_bytes(), 100_000)
    video += HTML.ljust(100_000 - len(video))

    media = store(team, video, "chair.html", "text/html")
    response = client.get(media.file.url, headers={"Accept": "text/html"})
    response.close()

    assert (response["Content-Type"], response["X-Content-Type-Options"]) == ("video/mp4", "nosniff")
    assert "sandbox" in response["Content-Security-Policy"]


def png(width, height, *chunks):
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", header), *chunks, (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in parts
    )


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(team):
    packed = zlib.compress(bytes(10**7), 9)

    assert refusal(team, png(50_000, 50_000, (b"IDAT", packed))) == "image_too_many_pixels"
    assert refusal(team, png(2**31 - 1, 2**31 - 1, (b"IDAT", packed))) == "image_too_many_pixels"


@pytest.mark.parametrize("chunk", [b"iTXt", b"zTXt", b"iCCP"])
def test_a_chunk_that_unpacks_to_gigabytes_does_no_harm(team, chunk):
    packer = zlib.compressobj(9)
    bomb = b"".join(packer.compress(bytes(2**24)) for _ in range(64)) + packer.flush()
    head = {b"iTXt": b"a\0\x01\0\0\0", b"zTXt": b"a\0\0", b"iCCP": b"a\0\0"}[chunk]
    pixels = zlib.compress(b"".join(b"\0" + bytes(30) for _ in range(10)))

    try:
        media = store(team, png(10, 10, (chunk, head + bomb), (b"IDAT", pixels)))
    except MediaRefused as refused:
        assert refused.code in ("image_damaged", "media_too_demanding")
    else:
        assert len(kept(media)) < 10_000


@pytest.mark.parametrize("image_format", ["WEBP", "PNG"])
def test_of_many_frames_one_is_kept(team, image_format):
    frames = [Image.new("RGB", (200, 300), (n, 2 * n, 0)) for n in range(100)]
    content = io.BytesIO()
    frames[0].save(content, image_format, save_all=True, append_images=frames[1:], duration=10)

    media = store(team, content.getvalue())

    assert getattr(Image.open(io.BytesIO(kept(media))), "n_frames", 1) == 1


def test_a_picture_that_is_refused_says_nothing_of_this_machine(alice, settings):
    response = alice.post(
        reverse("pins:media_upload"),
        {"file": SimpleUploadedFile("chair.jpg", b"\xff\xd8\xff\xe0" + bytes(99))},
        headers={"X-Requested-With": "XMLHttpRequest"},
    )

    assert response.status_code == 400
    for trace in (str(settings.MEDIA_ROOT), str(settings.BASE_DIR), socket.gethostname(), "Traceback"):
        assert trace not in response.content.decode()
