"""The page of exports, and the download."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone

from accounts.models import AuditAction, AuditEntry, Export, ExportStatus, Role
from tests.factories import ExportFactory, MembershipFactory, WorkspaceFactory
from tests.page_text import page_text

pytestmark = pytest.mark.django_db

LIST = "/workspace/exports/"


def download(export):
    return f"{LIST}{export.pk}/download/"


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_an_admin_asks_and_sees_that_it_waits(team, alice):
    response = alice.post(LIST, {"workspace": team.workspace.pk}, follow=True)

    assert response.redirect_chain == [(f"{LIST}?workspace={team.workspace.pk}", 302)]
    assert Export.objects.get().asked_by == team.alice
    page = page_text(response)
    assert "is in the queue" in page
    assert "Export the workspace" not in page


def test_a_second_request_finds_the_first(team, alice):
    alice.post(LIST)
    response = alice.post(LIST)

    assert Export.objects.count() == 1
    assert said(response) == ["An export is already being built. You'll find it here when it's ready."]


def test_a_form_names_its_workspace_for_the_person_may_have_switched_since(team, alice):
    other = MembershipFactory(user=team.alice).workspace

    alice.post(LIST, {"workspace": other.pk})

    assert Export.objects.get().workspace == other


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", ["foreign", "nonsense", "9" * 40])
def test_a_workspace_that_is_not_ones_own_is_a_404(team, alice, method, name):
    workspace = WorkspaceFactory().pk if name == "foreign" else name

    assert getattr(alice, method)(LIST, {"workspace": workspace}).status_code == 404
    assert not Export.objects.exists()


def test_a_link_leads_to_the_exports_of_its_workspace(team, alice):
    other = MembershipFactory(user=team.alice, workspace=WorkspaceFactory(name="Tables")).workspace
    ExportFactory(workspace=other, status=ExportStatus.FAILED, error="The disk is full.")

    assert "The disk is full." in page_text(alice.get(LIST, {"workspace": other.pk}))
    assert "The disk is full." not in page_text(alice.get(LIST))


def test_an_editor_of_the_linked_workspace_is_refused_there(team, alice):
    other = MembershipFactory(user=team.alice, role=Role.EDITOR).workspace

    assert alice.get(LIST, {"workspace": other.pk}).status_code == 403
    assert alice.post(LIST, {"workspace": other.pk}).status_code == 403


def test_the_page_tells_state_size_and_end(team, alice):
    ExportFactory(workspace=team.workspace, asked_by=team.alice, size_bytes=3 * 1024**2)
    ExportFactory(workspace=team.workspace, status=ExportStatus.EXPIRED)

    page = page_text(alice.get(LIST))

    assert "3.0\xa0MB" in page
    assert "Requested by alice@example.com" in page
    assert "Requested by a deleted user" in page
    assert "Expired" in page
    assert page.count("/download/") == 1


def test_a_page_that_asks_gets_nothing_until_there_is_something_new(team, alice):
    export = ExportFactory(workspace=team.workspace, status=ExportStatus.BUILDING)
    asked = {"workspace": team.workspace.pk, "state": f"{export.pk} building"}

    assert f"state={export.pk}%20building" in page_text(alice.get(LIST))
    assert alice.get(LIST, asked, headers={"HX-Request": "true"}).status_code == 204
    Export.objects.update(status=ExportStatus.FAILED, error="The disk is full.")
    response = alice.get(LIST, asked, headers={"HX-Request": "true"})

    fragment = page_text(response)
    assert response["Vary"].startswith("HX-Request")
    assert "<html" not in fragment
    assert "hx-get" not in fragment
    assert "The export failed. The disk is full." in fragment


def test_the_number_of_queries_does_not_depend_on_the_rows(team, alice, django_assert_max_num_queries):
    with django_assert_max_num_queries(6) as first:
        alice.get(LIST)
    for _ in range(5):
        ExportFactory(workspace=team.workspace, asked_by=team.alice)

    with django_assert_max_num_queries(len(first)):
        alice.get(LIST)


def test_the_download_is_a_file_for_nobody_else(team, alice):
    team.workspace.name = "Oak & Ash"
    team.workspace.save()
    export = ExportFactory(workspace=team.workspace, asked_at="2026-11-25T23:30:00Z")

    response = alice.get(download(export))

    assert response.getvalue() == b"PK all of it"
    # In the workspace's time zone it was the next day already.
    assert response["Content-Disposition"] == 'attachment; filename="oak-ash-2026-11-26.zip"'
    assert response["Content-Type"] == "application/zip"
    assert response["Content-Length"] == "12"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response["Cache-Control"]
    assert "private" in response["Cache-Control"]


@pytest.mark.parametrize(("name", "filename"), [("椅子", "workspace"), ('"/../x\n', "x")])
def test_the_name_of_the_file_is_harmless(team, alice, name, filename):
    team.workspace.name = name
    team.workspace.save()

    response = alice.get(download(ExportFactory(workspace=team.workspace)))
    response.getvalue()

    assert response["Content-Disposition"].startswith(f'attachment; filename="{filename}-20')


def test_a_download_is_in_the_audit_trail(team, alice):
    export = ExportFactory(workspace=team.workspace)

    alice.get(download(export)).getvalue()

    entry = AuditEntry.objects.get()
    assert (entry.action, entry.by, entry.workspace) == (AuditAction.EXPORTED, team.alice, team.workspace)
    assert entry.detail == f"Downloaded the export of {export.asked_at:%Y-%m-%d %H:%M} UTC"


def expired(team):
    return ExportFactory(workspace=team.workspace, status=ExportStatus.EXPIRED)


def about_to_be_deleted(team):
    export = ExportFactory(workspace=team.workspace)
    Export.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    return export


def under_way(team):
    return ExportFactory(workspace=team.workspace, status=ExportStatus.BUILDING)


def lost(team):
    export = ExportFactory(workspace=team.workspace)
    Path(export.file.path).unlink()
    return export


@pytest.mark.parametrize(
    ("made", "sentence"),
    [
        (expired, "This export has been deleted"),
        (about_to_be_deleted, "This export has been deleted"),
        (under_way, "This export has no file to download."),
        (lost, "no longer on the server"),
    ],
)
def test_without_a_file_there_is_a_sentence(team, alice, made, sentence):
    response = alice.get(download(made(team)))

    assert (response.status_code, response["Location"]) == (302, f"{LIST}?workspace={team.workspace.pk}")
    assert sentence in said(response)[0]
    assert not AuditEntry.objects.exists()


def test_the_files_have_no_address_of_their_own(team, settings):
    export = ExportFactory(workspace=team.workspace)

    assert not Path(export.file.path).is_relative_to(settings.MEDIA_ROOT)
    assert Client().get(f"{settings.MEDIA_URL}{export.file.name}").status_code == 404


def test_only_admins_have_it_among_the_pages_of_the_workspace(team, alice):
    bob = Client()
    bob.force_login(team.bob)

    assert f'href="{LIST}"' in page_text(alice.get("/workspace/"))
    assert f'href="{LIST}"' not in page_text(bob.get("/workspace/"))
