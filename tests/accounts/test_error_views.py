"""What Django refuses before any view sees it: a sentence for people, for our scripts and for programs."""

from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tests.api_client import ApiClient
from tests.url_matrix import ADDRESSES as ADDRESSES_OF_ALL

pytestmark = pytest.mark.django_db

AS_BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
FORM = "application/x-www-form-urlencoded"


def too_much_text(client, address, **headers):
    return client.post(address, "title=" + "x" * 11 * 1024**2, content_type=FORM, headers=headers)


def too_many_fields(client, address, **headers):
    return client.post(address, "&".join(f"a{n}=" for n in range(1_001)), content_type=FORM, headers=headers)


def too_many_files(client, address, **headers):
    files = [SimpleUploadedFile(f"{n}.jpg", b"x") for n in range(301)]
    return client.post(address, {"attachments": files}, headers=headers)


def no_boundary(client, address, **headers):
    return client.post(address, b"--x\r\nnothing", content_type="multipart/form-data", headers=headers)


def long_part_headers(client, address, **headers):
    part = (
        b'--x\r\nContent-Disposition: form-data; name="title"\r\n'
        + b"X-A: "
        + b"b" * 2_000
        + b"\r\n\r\nOak\r\n--x--\r\n"
    )
    return client.post(address, part, content_type="multipart/form-data; boundary=x", headers=headers)


WAYS = {
    too_much_text: (413, "This form accepts up to 10 MB of text. Shorten it."),
    too_many_fields: (413, "This form accepts up to 1,000 fields. Leave some out."),
    too_many_files: (413, "Too many files at once. Choose at most 300."),
    no_boundary: (400, "Your request didn't arrive in full. Send it again."),
    long_part_headers: (400, "Your request didn't arrive in full. Send it again."),
}
ways = pytest.mark.parametrize("send", WAYS, ids=lambda send: send.__name__)
ADDRESSES = ("pins:pin_create", "pins:pin_autosave_new", "pins:media_upload", "account_login")


@ways
@pytest.mark.parametrize("name", ADDRESSES)
def test_people_get_our_page_with_a_sentence_and_keep_what_they_typed(alice, send, name):
    answer = send(alice, reverse(name), **AS_BROWSER)

    status, sentence = WAYS[send]
    page = unescape(answer.content.decode())
    assert answer.status_code == status
    assert sentence in page
    assert "Go back in your browser; what you typed is still there." in page
    assert "stylesheet" in page
    # Else “Back” would show an empty form.
    assert "no-store" not in answer["Cache-Control"]
    assert "no-store" not in alice.get(reverse("pins:pin_create"))["Cache-Control"]


@ways
def test_our_scripts_get_the_sentence_alone(alice, send):
    answer = send(alice, reverse("pins:pin_autosave_new"), **{"X-Requested-With": "XMLHttpRequest"})

    assert (answer.status_code, answer.content.decode()) == WAYS[send]
    assert answer["Content-Type"] == "text/plain; charset=utf-8"


@ways
def test_programs_get_json(team, send):
    answer = send(ApiClient(team.workspace, team.alice), "/api/media")

    assert answer.status_code in (400, 413)
    assert set(answer.json()["errors"][0]) == {"code", "field", "message"}


def test_a_program_under_a_wrong_name_gets_json():
    answer = Client().get("/api/boards", headers={"Host": "evil.example"})

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "host_unknown")


def test_a_person_under_a_wrong_name_gets_our_page():
    answer = Client().get("/", headers={"Host": "evil.example", **AS_BROWSER})

    assert answer.status_code == 400
    assert "Postiz Pins isn&#x27;t available at this address." in answer.content.decode()
    assert "Go back" not in answer.content.decode()


PARAMETERS = (
    *("account", "after", "at", "before", "board", "confirm", "date", "days", "end", "kind", "kinds", "media", "next"),
    *("page", "pin", "q", "replaces", "section", "since", "sort", "start", "state", "status", "until", "what", "who"),
    *("workspace", "shown", "status__exact", "workspace__id__exact", "o", "p", "_changelist_filters"),
)


@pytest.mark.parametrize("value", ["%00", "a%00b", "%ff", "%ED%A0%80", "1" * 30], ids=str)
def test_no_query_breaks_a_page(alice, admin_client, value):
    names = [name for name, address in ADDRESSES_OF_ALL.items() if "GET" in address.answers and not address.row]
    admin_names = ("admin:pins_pin_changelist", "admin:accounts_user_changelist", "admin:pins_mediafile_changelist")
    for client, chosen in ((alice, names), (admin_client, admin_names)):
        for name in chosen:
            query = "&".join(f"{parameter}={value}" for parameter in PARAMETERS)
            assert client.get(f"{reverse(name)}?{query}", headers=AS_BROWSER).status_code < 500, name
