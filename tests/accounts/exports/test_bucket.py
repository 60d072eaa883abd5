"""Exports in a bucket: `make test-s3`."""

import io
import zipfile
from datetime import timedelta

import pytest
import requests
from django.utils import timezone

from accounts.exports import jobs as export_jobs
from accounts.models import AuditEntry, Export, ExportStatus
from accounts.models.exports import export_storage
from postiz_pins.data import export as data_export
from tests.stored_files import only_buckets

pytestmark = [pytest.mark.django_db(transaction=True), only_buckets]


@pytest.fixture
def export(team):
    export_jobs.request_export(team.workspace, by=team.alice, now=timezone.now())
    data_export.build_due()
    return Export.objects.get()


def stored():
    return [each.name for each in export_storage().listed()]


def test_an_export_is_built_here_kept_there_and_downloaded_by_an_address_of_a_minute(alice, export):
    assert (export.status, stored()) == (ExportStatus.READY, [export.file.name])

    answer = alice.get(f"/workspace/exports/{export.pk}/download/")

    assert answer.status_code == 302
    assert "X-Amz-Expires=60" in answer["Location"]
    assert "no-store" in answer["Cache-Control"]
    got = requests.get(answer["Location"], timeout=5)
    assert zipfile.ZipFile(io.BytesIO(got.content)).testzip() is None
    assert len(got.content) == export.size_bytes
    assert got.headers["Content-Disposition"].startswith("attachment; filename=")
    assert AuditEntry.objects.filter(detail__startswith="Downloaded").count() == 1


def test_only_admins_get_the_address(client, team, export):
    for person, status in ((team.bob, 403), (team.charlie, 404)):
        client.force_login(person)
        assert client.get(f"/workspace/exports/{export.pk}/download/").status_code == status


def test_an_export_that_is_over_is_removed_there_and_so_is_what_no_row_knows(alice, export):
    Export.objects.all().delete()
    export_jobs.tidy(timezone.now())
    assert len(stored()) == 1
    export_jobs.tidy(timezone.now() + timedelta(hours=2))
    assert stored() == []


def test_an_export_that_was_lost_is_said_to_be_lost(alice, export):
    export_storage().delete(export.file.name)

    page = alice.get(f"/workspace/exports/{export.pk}/download/", follow=True)

    assert "no longer on the server" in page.content.decode()
