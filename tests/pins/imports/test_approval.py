"""Pins that an import has proposed are approved together, with every image on one page."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from pins.imports import jobs
from pins.models import BulkChange, Destination, Pin, PinImport, PinStatus
from tests.factories import MediaFileFactory, MembershipFactory, PinFactory
from tests.pins.bulk.confirming import confirm

from .helpers import NOW, imported

LIST = reverse("pins:pin_list")


@pytest.fixture
def proposed(team, alice):
    """An import with two proposed pins and a draft; beside it, a proposed pin that it has not created."""
    team.board.name = "Chairs"
    team.board.save()
    MediaFileFactory(workspace=team.workspace, original_name="oak.jpg")
    rows = [
        {"Title": f"Chair {n}", "Library file": "oak.jpg", "Board": "Chairs", "Publish date": day}
        for n, day in enumerate(["2027-03-01T10:00", "2027-03-20T10:00", ""])
    ]
    pin_import = imported(team, *rows, destination=Destination.PROPOSE)
    alice.post(reverse("pins:import_start", args=[pin_import.pk]), {"action": "create"})
    jobs.work_on(pin_import.pk, timezone.now())
    PinFactory(board=team.board, status=PinStatus.PROPOSED, title="Elsewhere", publish_at=NOW + timedelta(days=9))
    return pin_import


def page_of(pin_import):
    return reverse("pins:import_detail", args=[pin_import.pk])


def test_a_button_leads_to_the_approval_of_all_of_them_with_every_image(team, alice, proposed):
    page = alice.get(page_of(proposed)).content.decode()
    assert "Approve its 2 pins…" in page
    query = f"import={proposed.pk}&status=proposed"
    assert f'value="{query.replace("&", "&amp;")}"' in page

    sent = {"workspace": team.workspace.pk, "bulk_action": "approve", "all": "1", "query": query}
    url = alice.post(reverse("pins:bulk_start"), sent).url
    preview = alice.get(url)
    assert [pin.title for pin in preview.context["found"].can] == ["Chair 0", "Chair 1"]
    assert preview.content.decode().count("/thumbnails/card/") == 2
    confirm(alice, url)

    assert {pin.title for pin in Pin.objects.filter(status=PinStatus.SCHEDULED)} == {"Chair 0", "Chair 1"}
    assert "Approve its" not in alice.get(page_of(proposed)).content.decode()
    assert BulkChange.objects.count() == 1


def test_a_person_who_may_not_approve_is_shown_which_wait(team, client, proposed):
    team.workspace.requires_approval = True
    team.workspace.save()
    client.force_login(MembershipFactory(workspace=team.workspace, role=Role.EDITOR).user)

    page = client.get(page_of(proposed)).content.decode()

    assert "Approve its" not in page
    assert f'href="{LIST}?import={proposed.pk}&amp;status=proposed">2 pins</a>' in page


def test_the_list_is_narrowed_to_an_import_and_the_filter_can_be_removed(alice, proposed):
    response = alice.get(LIST, {"import": proposed.pk})

    assert {pin.title for pin in response.context["pins"]} == {"Chair 0", "Chair 1", "Chair 2"}
    assert response.context["filters"] == [("Import: plan.csv", "?")]
    assert response.context["all_url"] == "?"
    # A search stays within the import.
    assert f'<input type="hidden" name="import" value="{proposed.pk}"' in response.content.decode()
    tabs = [url for _, _, url, _ in response.context["tabs"]]
    assert {parse_qs(urlsplit(url).query)["import"][0] for url in tabs} == {str(proposed.pk)}


def test_an_import_of_another_workspace_narrows_nothing(alice, proposed):
    PinImport.objects.filter(pk=proposed.pk).update(workspace=PinFactory().workspace)

    response = alice.get(LIST, {"import": proposed.pk})

    assert len(response.context["pins"]) == 4
    assert response.context["filters"] == []


def test_an_export_of_an_import_keeps_the_tab_of_the_list(alice, proposed):
    response = alice.get(reverse("pins:export_page"), {"import": proposed.pk, "status": "proposed"})

    assert response.context["count"] == 2
