"""The pages of pins that need an approval: what they show, and what they offer to whom."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import (
    AccountStatus,
    PinterestAccount,
    Role,
)
from pins.models import Pin, PinEventKind, PinStatus
from tests.factories import (
    MembershipFactory,
    PinFactory,
    WorkspaceFactory,
)
from tests.page_text import text

from .approval_helpers import press, propose, read, send_back

pytestmark = pytest.mark.django_db


def test_the_page_of_a_proposed_pin_offers_each_what_each_may_do(people, proposed):
    address = reverse("pins:pin_detail", args=[proposed.pk])

    for_alice = text(people.alice_browser.get(address))
    for_erin = text(people.erin_browser.get(address))
    for_bob = text(people.bob_browser.get(address))

    for page in (for_alice, for_erin, for_bob):
        assert "erin@example.com requested approval." in page
        assert 'class="badge badge--proposed">Proposed</span>' in page
    assert [name in for_alice for name in ('id="approve"', 'id="send-back"', 'id="edit"')] == [True] * 3
    assert [name in for_erin for name in ('id="approve"', 'id="send-back"')] == [False] * 2
    assert [">Withdraw</button>" in page for page in (for_alice, for_erin)] == [False, True]
    assert [name in for_bob for name in ('id="approve"', 'id="send-back"', 'id="cancel"', 'id="edit"')] == [False] * 4


@pytest.mark.parametrize(
    ("from_now", "sentence"),
    [
        (None, "It will be published as soon as it's approved."),
        (timedelta(days=1), "It's scheduled for <time"),
        (-timedelta(days=1), "which has passed. It will be published as soon as it's approved."),
    ],
)
def test_the_page_says_when_a_proposed_pin_is_to_go_out(people, draft, now, from_now, sentence):
    propose(draft, from_now and now + from_now, by=people.erin, now=now)

    assert sentence in text(people.alice_browser.get(reverse("pins:pin_detail", args=[draft.pk])))


def test_a_page_that_shows_what_a_pin_said_before_its_edit_offers_no_approval(people):
    """It asks for its status alone as long as the pin is on its way; what it shows above is older."""
    pin = PinFactory(board=people.board, title="Approved")
    press(people.erin_browser, pin, "propose", title="Something else")

    answer = people.alice_browser.get(reverse("pins:pin_detail", args=[pin.pk]), headers={"HX-Request": "true"})

    assert (answer.headers["HX-Refresh"], answer.content) == ("true", b"")


def test_the_composer_of_an_editor_only_proposes(people, draft):
    page = text(people.erin_browser.get(reverse("pins:pin_edit", args=[draft.pk]))).partition('id="composer"')[2]

    assert "Request approval" in page
    for words in (">Publish now", ">Schedule<", ">Add to queue"):
        assert words not in page
    assert "an admin approves pins before they're published" in page


def test_the_composer_names_who_sent_the_draft_back_even_without_an_account(people, proposed):
    send_back(people.alice_browser, proposed)
    proposed.events.filter(kind=PinEventKind.SENT_BACK).update(by=None)

    page = text(people.erin_browser.get(reverse("pins:pin_edit", args=[proposed.pk])))

    assert "This pin was sent back:" in page


def test_the_dashboard_shows_admins_what_waits_and_editors_what_they_wait_for(people, now):
    mine = PinFactory(board=people.board, status=PinStatus.PROPOSED, proposed_by=people.erin, title="Erin's")
    PinFactory(board=people.board, status=PinStatus.PROPOSED, proposed_by=people.frank, title="Frank's")
    back = PinFactory(
        board=people.board, status=PinStatus.DRAFT, created_by=people.erin, review_comment="A warmer title, please."
    )
    PinFactory(board=people.board, status=PinStatus.DRAFT, created_by=people.erin)

    def lists(browser):
        kinds = {row.kind: list(row.pins) for row in browser.get(reverse("pins:dashboard")).context["attention"]}
        return [kinds.get(name, []) for name in ("proposed", "sent_back")]

    assert lists(people.erin_browser) == [[mine], [back]]
    proposed_pins, sent_back_pins = lists(people.alice_browser)
    assert ([pin.title for pin in proposed_pins], sent_back_pins) == (["Erin's", "Frank's"], [])
    assert lists(people.bob_browser) == [[], []]
    assert "Sent back: <bdi>A warmer title, please.</bdi>" in text(people.erin_browser.get(reverse("pins:dashboard")))


@pytest.mark.parametrize("page", ["pins:dashboard", "pins:pin_list"])
def test_a_row_says_who_proposed_it_and_whether_its_time_has_passed(people, proposed, now, page):
    assert "· proposed by erin@example.com" in text(people.alice_browser.get(reverse(page)))
    assert "Was scheduled for" not in text(people.alice_browser.get(reverse(page)))

    Pin.objects.update(publish_at=now - timedelta(minutes=1))

    assert "Was scheduled for <time" in text(people.alice_browser.get(reverse(page)))


@pytest.mark.parametrize("status", [AccountStatus.NEEDS_RECONNECT, AccountStatus.DISCONNECTED])
def test_whoever_answers_sees_that_the_account_must_be_connected_first(people, proposed, status):
    PinterestAccount.objects.update(status=status)

    for page in (reverse("pins:pin_detail", args=[proposed.pk]), reverse("pins:dashboard")):
        assert f"Reconnect {people.account}</button>" in text(people.alice_browser.get(page))
        assert "Reconnect" not in text(people.bob_browser.get(page)).replace("reconnect it", "")


def test_the_page_of_a_draft_says_what_the_reader_can_do_with_it(people, draft):
    def said(browser):
        return text(browser.get(reverse("pins:pin_detail", args=[draft.pk])))

    assert "until you publish or schedule it." in said(people.alice_browser)
    assert "until you propose it and an admin approves it." in said(people.erin_browser)
    assert "until an editor publishes or schedules it." in said(people.bob_browser)


def test_the_dashboard_costs_the_same_for_one_and_three_proposed_pins(people):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            people.alice_browser.get(reverse("pins:dashboard"))
        return len(captured)

    PinFactory(board=people.board, status=PinStatus.PROPOSED, proposed_by=people.erin)
    one = queries()
    for _ in range(2):
        PinFactory(board=people.board, status=PinStatus.PROPOSED, proposed_by=people.erin)

    assert queries() == one


def test_the_list_filters_proposed_pins(people, proposed):
    PinFactory(board=people.board)

    page = people.erin_browser.get(reverse("pins:pin_list"), {"status": "proposed"})

    assert list(page.context["pins"]) == [proposed]
    assert 'badge--proposed">Proposed' in text(page)
    proposed.delete()
    assert "No pins waiting for approval" in text(
        people.erin_browser.get(reverse("pins:pin_list"), {"status": "proposed"})
    )


def test_approval_in_one_workspace_is_not_asked_for_in_another(people, draft, now):
    """What counts is the pin's workspace, not the one that the person has chosen in the menu."""
    other = WorkspaceFactory()
    MembershipFactory(user=people.erin, workspace=other, role=Role.ADMIN)
    people.erin_browser.post(reverse("accounts:workspace_switch"), {"workspace": other.pk})

    press(people.erin_browser, draft, "publish")

    assert read(draft).status == PinStatus.PROPOSED
