"""How many files one person may upload in ten minutes."""

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from pins.media.views import TOO_MANY_UPLOADS
from pins.models import MediaFile
from postiz_pins import settings as ours
from tests.api_client import errors
from tests.media_bytes import picture_bytes

pytestmark = pytest.mark.django_db

UPLOAD = reverse("pins:media_upload")
SENTENCE = "Wait ten minutes, then upload the rest."


@pytest.fixture(autouse=True)
def _two_in_ten_minutes(settings):
    settings.ACCOUNT_RATE_LIMITS = ours.ACCOUNT_RATE_LIMITS | {"upload": "2/10m/user"}


def pictures(count):
    return [SimpleUploadedFile(f"{number}.jpg", picture_bytes(size=(600, 900 + number))) for number in range(count)]


def test_the_sentence_names_the_limit():
    assert ours.ACCOUNT_RATE_LIMITS["upload"] == "300/10m/user"
    assert "300 files within ten minutes" in TOO_MANY_UPLOADS.message


def test_a_form_with_too_many_files_keeps_those_that_fit(alice):
    page = alice.post(UPLOAD, {"file": pictures(4)}, follow=True)

    assert MediaFile.objects.count() == 2
    assert page.content.decode().count(SENTENCE) == 1


def test_a_script_is_told_at_its_file_and_may_go_on_later(alice):
    headers = {"X-Requested-With": "XMLHttpRequest"}
    with time_machine.travel(timezone.now(), tick=False) as clock:
        first, second, third = pictures(3)
        assert alice.post(UPLOAD, {"file": first}, headers=headers).status_code == 200
        assert alice.post(UPLOAD, {"file": second}, headers=headers).status_code == 200

        refused = alice.post(UPLOAD, {"file": third}, headers=headers)

        assert refused.status_code == 400
        assert SENTENCE in refused.content.decode()
        clock.shift(601)
        third.seek(0)
        assert alice.post(UPLOAD, {"file": third}, headers=headers).status_code == 200


def test_the_composer_says_it_and_keeps_what_was_typed(alice):
    page = alice.post(reverse("pins:pin_create"), {"title": "Oak chair", "action": "draft", "attachments": pictures(3)})

    assert page.status_code == 200
    assert SENTENCE in page.content.decode()
    assert "Oak chair" in page.content.decode()


def test_a_program_gets_429_with_a_code(program):
    assert [program.upload(picture_bytes(size=(600, 900 + n))).status_code for n in range(2)] == [201, 201]

    response = program.upload(picture_bytes(size=(600, 950)))

    assert (response.status_code, errors(response)) == (429, [("too_many_uploads", "file")])


def test_others_upload_as_before(team, alice):
    alice.post(UPLOAD, {"file": pictures(3)})
    charlie = Client()
    charlie.force_login(team.charlie)

    charlie.post(UPLOAD, {"file": pictures(1)})

    assert MediaFile.objects.filter(uploaded_by=team.charlie).count() == 1
