"""Uploading to a workspace's library in the administration."""

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile

from pins import limits
from pins.models import MediaFile
from tests.factories import WorkspaceFactory
from tests.media_bytes import picture_bytes
from tests.pins.media.worker.test_animations import NOTICE, animation
from tests.pins.test_admin import address_of, root, text

pytestmark = pytest.mark.django_db

__all__ = ["root"]


@pytest.fixture
def upload(root):
    def post(workspace, content, name="oak.jpg"):
        file = SimpleUploadedFile(name, content) if content is not None else ""
        return root.post(address_of(MediaFile, "add"), {"workspace": workspace.pk if workspace else "", "upload": file})

    return post


def test_a_file_comes_into_the_workspaces_library(root, upload):
    workspace = WorkspaceFactory()

    response = upload(workspace, picture_bytes())

    assert response.status_code == 302
    media = MediaFile.objects.get()
    assert (media.workspace, media.uploaded_by, media.original_name) == (workspace, root.user, "oak.jpg")
    assert media.file.storage.exists(media.file.name)


def test_the_same_file_again_is_the_same_row(upload):
    workspace, content = WorkspaceFactory(), picture_bytes()

    upload(workspace, content)
    assert upload(workspace, content).status_code == 302

    assert MediaFile.objects.count() == 1


def test_what_the_library_refuses_is_refused_at_the_field(upload):
    response = upload(WorkspaceFactory(), b"just a text", "notes.txt")

    assert "notes.txt" in text(response)
    assert response.context["adminform"].form.errors.keys() == {"upload"}
    assert not MediaFile.objects.exists()


def test_a_file_beyond_the_limit_is_dropped_and_said_so(upload, monkeypatch):
    monkeypatch.setattr(limits, "IMAGE_BYTES", 1000)

    response = upload(WorkspaceFactory(), picture_bytes())

    assert "too large" in text(response)
    assert not MediaFile.objects.exists()


def test_workspace_and_file_are_both_needed(upload):
    errors = upload(None, None).context["adminform"].form.errors

    assert errors.keys() == {"workspace", "upload"}


def said_of(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_what_became_of_a_file_is_said_as_in_the_library(upload):
    workspace, content = WorkspaceFactory(), picture_bytes()

    assert said_of(upload(workspace, content)) == ["“oak.jpg” uploaded."]
    assert said_of(upload(workspace, content, "again.jpg"))[-1] == "“oak.jpg” is already in your library."


def test_of_an_animation_it_is_said_that_the_first_frame_is_kept(upload):
    said = said_of(upload(WorkspaceFactory(), animation(), "sale.webp"))

    assert said == ["“sale.webp” uploaded.", NOTICE]
