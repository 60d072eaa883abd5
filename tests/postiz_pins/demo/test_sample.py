"""The button that loads sample data: who may press it, what it makes, and that pressing it again makes nothing more."""

import pytest
from django.core.cache import cache

from accounts.models import Membership, Role, Workspace
from pins.models import Pin, PinStatus
from postiz_pins.demo import history, sample
from tests.page_text import page_text

pytestmark = pytest.mark.django_db

URL = "/demo/sample-data/"


@pytest.fixture(autouse=True)
def small(settings, monkeypatch):
    """In sandbox mode, with few pictures: each is read by a process of its own."""
    settings.PINTEREST_SANDBOX = True
    monkeypatch.setattr(history, "PICTURES", 2)
    monkeypatch.setattr(sample, "WANTED", history.Wanted(pins=20, days=40))


def made():
    return Workspace.objects.filter(name=sample.NAME)


def test_an_admin_is_led_to_a_workspace_with_history_and_a_plan(team, alice):
    response = alice.post(URL, follow=True)

    workspace = made().get()
    assert response.wsgi_request.workspace == workspace
    assert Membership.objects.get(workspace=workspace).user == team.alice
    pins = Pin.objects.in_workspace(workspace)
    assert pins.published().count() == 20
    drafts = pins.filter(status=PinStatus.DRAFT)
    assert drafts.exclude(publish_at=None).count() == drafts.count() >= 7
    assert pins.count() == 20 + drafts.count()  # nothing that a worker would take
    page = page_text(response)
    assert "1 pin sent back to you" in page
    assert "This is sample data" in page


def test_pressed_again_it_leads_to_the_same_workspace(team, alice):
    alice.post(URL)
    alice.post("/workspace/switch/", {"workspace": team.workspace.pk})

    response = alice.post(URL, follow=True)

    assert response.wsgi_request.workspace == made().get()


def test_pressed_twice_at_once_it_is_made_once(team, alice):
    cache.add(f"sample-data:{team.alice.pk}", "another process", 60)

    page = page_text(alice.post(URL, follow=True))

    assert "The sample data is being loaded." in page
    assert not made().exists()


@pytest.mark.parametrize("role", [Role.EDITOR, Role.VIEWER])
def test_others_may_not(team, alice, role):
    Membership.objects.filter(user=team.alice).update(role=role)

    response = alice.post(URL)

    assert response.status_code == 403
    assert "Only admins of" in page_text(response)
    assert not made().exists()


def test_a_foreign_workspace_is_a_404(alice):
    foreign = Membership.objects.exclude(workspace__in=Workspace.objects.for_user(alice.get("/").wsgi_request.user))

    assert alice.post(URL, {"workspace": foreign.first().workspace_id}).status_code == 404


def test_connected_to_pinterest_there_is_no_such_button(alice, settings):
    settings.PINTEREST_SANDBOX = False

    assert alice.post(URL).status_code == 404
    assert not made().exists()


def test_it_takes_a_press(alice):
    assert alice.get(URL).status_code == 405
