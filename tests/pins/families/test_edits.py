"""An edit of one pin of a family can go to the others."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from accounts.models import Role
from pins.models import Pin, PinFamily, PinStatus
from tests.factories import BoardFactory, MembershipFactory, PinFactory, PinFamilyFactory
from tests.page_text import page_text
from tests.pins.families.helpers import NOW, boards_of, members, moments, rows
from tests.pins.queue.helpers import local

pytestmark = pytest.mark.django_db

SAME = {"more-at": "same"}


def edited(pin, **typed):
    names = ("title", "description", "link")
    form = {name: getattr(pin, name) for name in names} | {"board": pin.board_id, "version": pin.version}
    return form | {"attachments": pin.media_files[0].pk, "when": "time", "action": "send"} | typed


def test_an_edit_can_go_to_the_others_that_are_not_published_yet(alice, team):
    pins = [
        PinFactory(board=board, status=status, publish_at=NOW + timedelta(days=1))
        for board, status in zip(boards_of(team, 4), ["scheduled", "scheduled", "published", "draft"], strict=True)
    ]
    PinFamilyFactory(workspace=team.workspace, pins=pins)
    first = Pin.objects.with_content().get(pk=pins[0].pk)
    page = reverse("pins:pin_edit", args=[first.pk])
    assert "Also change the text, link and media of the 2 others not published yet" in page_text(alice.get(page))

    alice.post(page, edited(first, title="Ash", publish_at="2027-03-02T12:00", also_others="on"))

    found = [Pin.objects.with_content().get(pk=pin.pk) for pin in pins]
    assert [pin.title == "Ash" for pin in found] == [True, True, False, True]
    assert [pin.board_id for pin in found] == [pin.board_id for pin in pins]
    assert [pin.status for pin in found] == [pin.status for pin in pins]
    assert found[1].publish_at == NOW + timedelta(days=1)


def test_without_the_box_an_edit_changes_one_pin(alice, team):
    pins = [PinFactory(board=board, publish_at=NOW + timedelta(days=1)) for board in boards_of(team, 2)]
    PinFamilyFactory(workspace=team.workspace, pins=pins)
    first = Pin.objects.with_content().get(pk=pins[0].pk)

    alice.post(reverse("pins:pin_edit", args=[first.pk]), edited(first, title="Ash", publish_at="2027-03-02T12:00"))

    assert [Pin.objects.get(pk=pin.pk).title == "Ash" for pin in pins] == [True, False]


def test_an_editors_change_of_all_needs_an_approval_for_all(client, team):
    team.workspace.requires_approval = True
    team.workspace.save()
    client.force_login(MembershipFactory(workspace=team.workspace, role=Role.EDITOR).user)
    pins = [PinFactory(board=board, publish_at=NOW + timedelta(days=1)) for board in boards_of(team, 2)]
    PinFamilyFactory(workspace=team.workspace, pins=pins)
    first = Pin.objects.with_content().get(pk=pins[0].pk)

    typed = edited(first, title="Ash", publish_at="2027-03-02T12:00", also_others="on")
    client.post(reverse("pins:pin_edit", args=[first.pk]), typed)

    assert {Pin.objects.get(pk=pin.pk).status for pin in pins} == {PinStatus.PROPOSED}


def test_variations_share_description_and_link_only(alice, team):
    pins = [PinFactory(board=team.board, publish_at=NOW + timedelta(days=n + 1)) for n in range(2)]
    PinFamilyFactory(workspace=team.workspace, kind="variations", pins=pins)
    first, before = (Pin.objects.with_content().get(pk=pin.pk) for pin in pins)

    typed = edited(first, title="Ash", description="By hand.", publish_at="2027-03-02T12:00", also_others="on")
    alice.post(reverse("pins:pin_edit", args=[first.pk]), typed)

    other = Pin.objects.with_content().get(pk=before.pk)
    assert (other.title, other.description, other.media_files) == (before.title, "By hand.", before.media_files)


def test_boards_added_later_continue_the_family(alice, team):
    pins = [PinFactory(board=board, publish_at=NOW + timedelta(days=1)) for board in boards_of(team, 2)]
    family = PinFamilyFactory(workspace=team.workspace, pins=pins)
    first = Pin.objects.with_content().get(pk=pins[0].pk)
    pins[1].attachments.update(media=first.media_files[0])
    page, token = reverse("pins:pin_edit", args=[first.pk]), {"more-token": "7f3c1f7e-8f0a-4b53-9a55-5f7b8f1f0002"}
    when = {"publish_at": "2027-03-02T12:00"} | SAME | token

    refused = alice.post(page, edited(first, **when, **rows(pins[1].board)))
    alice.post(page, edited(first, **when, **rows(BoardFactory(account=team.account))))

    assert f"“{pins[1].board}” is already in the list." in page_text(refused)
    assert [pin.family_position for pin in members()] == [1, 2, 3]
    assert PinFamily.objects.get() == family
    assert local(team.account, [datetime(2027, 3, 9, 11, 0, tzinfo=UTC)]) == moments(team)[2:]
