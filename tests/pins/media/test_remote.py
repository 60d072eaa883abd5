import io
import threading

import pytest
from django.urls import reverse
from PIL import Image

from pins.media import remote
from pins.media.remote import store_link
from pins.media.storage import MediaRefused
from pins.models import MediaFile
from tests.factories import MembershipFactory
from tests.media_bytes import picture_bytes, video_bytes
from tests.page_text import said
from tests.pins.web_server import answers, leads_to, serving
from tests.stored_files import incoming, stored_names

pytestmark = pytest.mark.django_db

FETCH = reverse("pins:media_fetch")
SCRIPT = {"X-Requested-With": "XMLHttpRequest"}


@pytest.fixture
def site(monkeypatch):
    monkeypatch.setattr(remote, "ALLOW_LOOPBACK", True)
    with serving() as site:
        yield site


def test_a_picture_of_the_web_is_stored_like_an_upload(team, site, settings):
    exif = Image.Exif()
    exif[0x010E] = "Taken at home"
    content = picture_bytes(600, 900, exif=exif)
    site.pages |= {"/go": leads_to("/chair.png?width=600"), "/chair.png?width=600": answers(content)}

    media = store_link(f"{site.url}/go", workspace=team.workspace, by=team.alice)

    assert (media.content_type, media.width, media.height) == ("image/jpeg", 600, 900)
    assert (media.original_name, media.uploaded_by, media.workspace) == ("chair.png", team.alice, team.workspace)
    with media.file.open("rb") as stored:
        kept = stored.read()
    assert b"Taken at home" in content
    assert b"Taken at home" not in kept
    assert Image.open(io.BytesIO(kept)).size == (600, 900)
    assert len(stored_names()) == 2


def test_a_video_of_the_web_is_stored_too(team, site):
    content = video_bytes()
    site.pages["/chair.mp4"] = answers(content, Content_Type="text/html")

    media = store_link(f"{site.url}/chair.mp4", workspace=team.workspace, by=team.alice)

    assert (media.kind, media.size_bytes) == ("video", len(content))


def test_the_same_file_by_link_and_by_upload_is_one(team, alice, site):
    content = picture_bytes()
    site.pages["/chair.jpg"] = answers(content)
    alice.post(reverse("pins:media_upload"), {"file": io.BytesIO(content)})

    media = store_link(f"{site.url}/chair.jpg", workspace=team.workspace, by=team.alice)

    assert [media] == list(MediaFile.objects.all())


@pytest.mark.parametrize(
    ("body", "code"),
    [(b"\xff\xd8\xff\xe0" + bytes(1000), "image_damaged"), (b"<!doctype html><title>Chairs</title>", "link_no_file")],
)
def test_what_is_refused_leaves_nothing(team, site, settings, body, code):
    site.pages["/chair.jpg"] = answers(body, Content_Type="image/jpeg")

    with pytest.raises(MediaRefused) as refused:
        store_link(f"{site.url}/chair.jpg", workspace=team.workspace, by=team.alice)

    assert refused.value.code == code
    assert not MediaFile.objects.exists()
    assert stored_names() + incoming() == []


@pytest.mark.parametrize("part", ["header", "body"])
def test_a_server_that_drips_is_left_alone_after_the_time_for_all_of_it(team, site, settings, monkeypatch, part):
    monkeypatch.setattr(remote, "FETCH_SECONDS", 1.5)
    is_gone = threading.Event()

    def drip(handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        try:
            handler.wfile.write(b"\r\n\xff\xd8\xff\xe0" if part == "body" else b"X-Slow: ")
            while not is_gone.wait(0.05):
                handler.wfile.write(b"a")
        except OSError:
            is_gone.set()

    site.pages["/chair.jpg"] = drip
    with pytest.raises(MediaRefused) as refused:
        store_link(f"{site.url}/chair.jpg", workspace=team.workspace, by=team.alice)

    assert refused.value.code == "link_slow"
    assert is_gone.wait(5), "somebody still listens to the server"
    assert stored_names() + incoming() == []


def test_links_do_not_take_the_threads_that_pages_need(team, monkeypatch):
    monkeypatch.setattr(remote, "_free_places", threading.BoundedSemaphore(1))
    seen = []

    def fetch(address, path):
        with pytest.raises(MediaRefused) as refused:
            store_link("https://example.com/2.jpg", workspace=team.workspace, by=team.alice)
        seen.append(refused.value.code)
        raise MediaRefused("stop", "")

    monkeypatch.setattr(remote, "_fetch", fetch)
    for _ in range(2):  # a place is given back after a refusal, too
        with pytest.raises(MediaRefused):
            store_link("https://example.com/1.jpg", workspace=team.workspace, by=team.alice)

    assert seen == ["link_busy", "link_busy"]


def test_a_fetcher_that_dies_is_no_error_of_ours(team, monkeypatch, caplog):
    monkeypatch.setattr(remote, "FETCHER", ["sh", "-c", "kill -KILL $$"])

    with pytest.raises(MediaRefused) as refused:
        store_link("https://example.com/chair.jpg", workspace=team.workspace, by=team.alice)

    assert refused.value.code == "link_broken_off"
    assert "The fetcher ended with status -9" in caplog.text


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("http://169.254.169.254/latest/", "169.254.169.254 isn't on the public internet"),
        ("http://[::1]/chair.jpg", "::1] isn't on the public internet"),
        ("ftp://example.com/chair.jpg", "has to start with https:// or http://"),
        ("--allow-loopback", "has to start with https:// or http://"),
        ("https://user:secret@example.com/", "contains a username or password"),
        ("https://example.com:8443/", "not from 8443"),
        ("a\0b", "Null characters are not allowed."),
        ("https://example.com/" + "a" * 2048, "The link has 2068 characters; up to 2048 are allowed."),
        ("", "Paste the link to an image"),
    ],
)
def test_the_sentence_stands_at_the_field_and_what_was_typed_stays(alice, address, words):
    response = alice.post(FETCH, {"address": address})

    form = response.context["link_form"]
    assert response.status_code == 200
    assert words in " ".join(form.errors["address"])
    assert words.replace("'", "&#x27;") in response.content.decode()
    assert form["address"].value() == address
    assert not MediaFile.objects.exists()


def test_every_refusal_of_the_fetcher_has_a_sentence():
    source = (remote.settings.BASE_DIR / "pins/media/worker/fetch.py").read_text()
    codes = {code for code in source.replace("(", " ").replace(",", " ").split() if code.startswith('"link_')}

    assert len(codes) > 15
    for code in codes:
        message = remote._refusal(code.strip('")'), host="example.com", status=404, port=22).message
        assert message[0].isupper() or message.startswith("example.com")
        assert message.endswith(".")


def test_without_a_script_the_library_says_what_arrived(alice, site):
    site.pages["/chair.jpg"] = answers(picture_bytes())

    first = alice.post(FETCH, {"address": f" {site.url}/chair.jpg "})
    second = alice.post(FETCH, {"address": f"{site.url}/chair.jpg"})

    assert first["Location"] == second["Location"] == reverse("pins:media_list")
    assert said(first) == [("success", "“chair.jpg” uploaded.")]
    assert said(second)[-1] == ("success", "“chair.jpg” is already in your library.")


def test_a_script_learns_which_file_it_is_or_gets_a_sentence(alice, site):
    site.pages["/chair.jpg"] = answers(picture_bytes())

    taken = alice.post(FETCH, {"address": f"{site.url}/chair.jpg"}, headers=SCRIPT)
    refused = alice.post(FETCH, {"address": f"{site.url}/table.jpg"}, headers=SCRIPT)

    assert taken.json()["id"] == MediaFile.objects.get().pk
    assert (refused.status_code, refused["Content-Type"]) == (400, "text/plain; charset=utf-8")
    assert "has no file at this link (404)" in refused.content.decode()


def test_a_file_goes_into_the_workspace_that_the_form_names_if_it_is_mine(team, alice, site):
    site.pages["/chair.jpg"] = answers(picture_bytes())
    own = MembershipFactory(user=team.alice).workspace
    foreign = MembershipFactory().workspace

    assert alice.post(FETCH, {"address": f"{site.url}/chair.jpg", "workspace": foreign.pk}).status_code == 404
    alice.post(FETCH, {"address": f"{site.url}/chair.jpg", "workspace": own.pk})

    assert [media.workspace for media in MediaFile.objects.all()] == [own]


def test_a_viewer_is_not_offered_the_form_and_fetches_nothing(team, client, site):
    client.force_login(team.bob)

    assert client.post(FETCH, {"address": f"{site.url}/chair.jpg"}).status_code == 403
    assert site.asked == []
    for address in (reverse("pins:media_list"), reverse("pins:media_choose")):
        assert "link-form" not in client.get(address).content.decode()


def test_the_library_and_the_composers_dialog_offer_the_form_to_editors(team, alice):
    """A script of the dialog takes the action and the fields from it."""
    for address in (reverse("pins:media_list"), reverse("pins:media_choose")):
        page = alice.get(address).content.decode()

        assert f'id="link-form" method="post" action="{FETCH}"' in page
        assert f'name="workspace" value="{team.workspace.pk}"' in page
