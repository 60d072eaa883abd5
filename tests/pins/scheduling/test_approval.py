"""Proposed pins are approved, sent back and withdrawn."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from accounts.models import (
    AuditAction,
    AuditEntry,
    Membership,
    Notification,
    NotificationKind,
    Role,
)
from pins.composer import services as composer
from pins.models import Pin, PinEventKind, PinStatus
from pins.scheduling import approval
from pins.scheduling import services as scheduling
from pins.scheduling.approval import ReviewError
from tests.factories import (
    MembershipFactory,
    NotificationFactory,
    PinFactory,
)
from tests.page_text import text
from tests.pins.approval_helpers import approve, events, opened, press, propose, read, send_back, told, undo

pytestmark = pytest.mark.django_db


# Approving


def test_an_approved_pin_goes_out_at_its_time(people, proposed, now):
    at = proposed.publish_at

    assert "Approved." in text(approve(people.alice_browser, proposed))

    pin = read(proposed)
    assert (pin.status, pin.publish_at, pin.next_attempt_at) == (PinStatus.SCHEDULED, at, at)
    assert events(pin)[-1] == (PinEventKind.APPROVED, people.alice)
    assert told(NotificationKind.REVIEWED) == {"erin@example.com"}
    assert AuditEntry.objects.latest("pk").action == AuditAction.APPROVED


@pytest.mark.parametrize("ago", [None, timedelta(minutes=1), timedelta(days=3)])
def test_a_pin_without_a_time_or_whose_time_has_passed_goes_out_at_once(people, draft, now, ago):
    propose(draft, ago and now - ago, by=people.erin, now=now - timedelta(days=4))

    approval.approve(read(draft), version=1, by=people.alice, now=now, confirmed=["publish_at_past"])

    assert Pin.objects.due(now).get() == draft
    assert Notification.objects.latest("pk").text == "alice@example.com approved “Oak”. It will be published now."


@pytest.mark.parametrize("answer", [approve, send_back])
def test_whoever_answers_is_led_to_the_next_pin_that_waits(people, proposed, answer):
    PinFactory(board=PinFactory(status=PinStatus.PROPOSED).board, title="Of another workspace")
    following = PinFactory(board=people.board, status=PinStatus.PROPOSED, title="<Birch>")

    page = answer(people.alice_browser, proposed).content.decode()

    url = reverse("pins:pin_detail", args=[following.pk])
    assert f'<a href="{url}">Next to review: “&lt;Birch&gt;”</a>' in page
    assert "Next to review" not in text(answer(people.alice_browser, following))


def test_both_who_made_it_and_who_proposed_it_are_told(people, draft, now):
    propose(draft, None, by=people.frank, now=now)

    approval.approve(read(draft), version=1, by=people.alice, now=now)

    assert told(NotificationKind.REVIEWED) == {"erin@example.com", "frank@example.com"}


@pytest.mark.parametrize("answer", ["approve", "send_back", "withdraw", "delete"])
def test_an_answered_question_waits_for_nobody_any_more(people, proposed, now, answer):
    another = MembershipFactory(workspace=people.workspace, role=Role.ADMIN)
    other_question = NotificationFactory(membership=another, kind=NotificationKind.APPROVAL_ASKED, path="/pins/1/x/")
    NotificationFactory(
        membership=another, kind=NotificationKind.APPROVAL_ASKED, path=reverse("pins:pin_detail", args=[proposed.pk])
    )

    if answer == "approve":
        approval.approve(proposed, version=proposed.version, by=people.alice, now=now)
    elif answer == "send_back":
        approval.send_back(proposed, "Warmer.", version=proposed.version, by=people.alice, now=now)
    elif answer == "withdraw":
        assert scheduling.cancel(proposed, by=people.erin)
    else:
        assert composer.delete_pin(proposed, by=people.erin, now=now)

    asked = Notification.objects.filter(kind=NotificationKind.APPROVAL_ASKED)
    assert list(asked.unread()) == [other_question]
    assert list(asked.to_email()) == [other_question]


def test_an_approver_who_schedules_a_proposed_pin_in_the_composer_approves_it(people, proposed):
    page = text(people.alice_browser.get(reverse("pins:pin_edit", args=[proposed.pk])))
    assert "Scheduling or publishing it approves it" in page

    press(people.alice_browser, proposed, "schedule", title="Elm")

    assert (read(proposed).status, read(proposed).title) == (PinStatus.SCHEDULED, "Elm")
    assert events(proposed)[-1] == (PinEventKind.APPROVED, people.alice)
    assert told(NotificationKind.REVIEWED) == {"erin@example.com"}


def test_the_enter_key_of_an_approver_approves_nothing(people, proposed):
    page = people.alice_browser.get(reverse("pins:pin_edit", args=[proposed.pk])).content.decode()
    first_button = page.split('<form id="composer"')[1].split("<button")[1]
    assert 'value="propose"' in first_button

    press(people.alice_browser, proposed, "propose", title="Elm")

    assert (read(proposed).status, read(proposed).title) == (PinStatus.PROPOSED, "Elm")
    assert read(proposed).proposed_by == people.erin


@pytest.mark.parametrize("who", ["erin", "frank", "bob"])
def test_nobody_else_approves_or_sends_back(people, proposed, who):
    browser = getattr(people, f"{who}_browser")

    for answer in (approve(browser, proposed), send_back(browser, proposed)):
        assert answer.status_code == 403
    for act in (approval.approve, lambda pin, **kwargs: approval.send_back(pin, "No", **kwargs)):
        with pytest.raises(PermissionDenied, match="need an admin's approval"):
            act(read(proposed), version=1, by=getattr(people, who), now=timezone.now())
    assert read(proposed).status == PinStatus.PROPOSED


def test_an_admin_of_another_workspace_does_not_see_it(people, proposed, client):
    client.force_login(people.charlie)

    assert approve(client, proposed).status_code == 404
    assert send_back(client, proposed).status_code == 404


def test_an_edit_since_the_approver_looked_is_not_approved(people, proposed):
    seen = read(proposed).version
    press(people.erin_browser, proposed, "propose", title="Something else")

    answer = approve(people.alice_browser, proposed, version=seen)

    assert "This pin was edited after you opened it." in text(answer)
    assert read(proposed).status == PinStatus.PROPOSED


def test_an_edit_between_reading_and_approving_is_not_approved(people, proposed, now):
    """As two processes do it: the approver has read the pin before the editor writes."""
    seen = read(proposed)
    press(people.erin_browser, proposed, "propose", title="Something else")

    with pytest.raises(ReviewError, match="was edited"):
        approval.approve(seen, version=seen.version, by=people.alice, now=now)
    with pytest.raises(ReviewError, match="was edited"):
        approval.send_back(seen, "No", version=seen.version, by=people.alice, now=now)

    assert read(proposed).status == PinStatus.PROPOSED
    assert not Notification.objects.exists()


def test_a_pin_is_approved_once(people, proposed, now):
    first, second = read(proposed), read(proposed)
    approval.approve(first, version=1, by=people.alice, now=now)

    with pytest.raises(ReviewError, match="is no longer waiting for approval"):
        approval.approve(second, version=1, by=people.alice, now=now)

    assert [kind for kind, _ in events(proposed)].count(PinEventKind.APPROVED) == 1
    assert Notification.objects.count() == 1


def test_of_approving_and_withdrawing_the_first_wins(people, proposed, now):
    mine, theirs = read(proposed), read(proposed)
    assert scheduling.cancel(mine, by=people.erin)

    with pytest.raises(ReviewError, match="no longer waiting"):
        approval.approve(theirs, version=1, by=people.alice, now=now)

    assert read(proposed).status == PinStatus.DRAFT


def test_of_withdrawing_and_approving_the_first_wins(people, proposed, now):
    mine = read(proposed)
    approval.approve(read(proposed), version=1, by=people.alice, now=now)

    assert not scheduling.cancel(mine, by=people.erin)

    assert read(proposed).status == PinStatus.SCHEDULED


def test_an_edit_of_a_form_opened_before_the_approval_is_a_conflict(people, proposed):
    form = opened(people.erin_browser, proposed)
    approve(people.alice_browser, proposed)

    response = press(people.erin_browser, proposed, "propose", form, title="Elm")

    assert "alice@example.com changed this pin" in text(response)
    assert read(proposed).status == PinStatus.SCHEDULED


def test_a_demoted_admin_approves_nothing(people, proposed, now):
    Membership.objects.filter(user=people.alice).update(role=Role.EDITOR)

    with pytest.raises(PermissionDenied):
        approval.approve(read(proposed), version=1, by=people.alice, now=now)
    assert approve(people.alice_browser, proposed).status_code == 403
    assert read(proposed).status == PinStatus.PROPOSED


@pytest.mark.parametrize("version", ["", "0", "-1", "9" * 30, "²", "x\0"])
def test_a_version_that_is_none_approves_nothing(people, proposed, version):
    assert approve(people.alice_browser, proposed, version=version).status_code == 200

    assert read(proposed).status == PinStatus.PROPOSED


def test_the_rules_are_checked_again(people, proposed, now):
    type(people.board).objects.update(missing_since=now)

    answer = approve(people.alice_browser, proposed)

    assert "This pin can't be published yet: " in text(answer)
    pin = read(proposed)
    assert (pin.status, pin.version) == (PinStatus.PROPOSED, 1)


def test_a_file_deleted_meanwhile_is_told(people, proposed, now):
    type(proposed.media_files[0]).objects.update(deleted_at=now)

    with pytest.raises(ReviewError, match="can't be published yet"):
        approval.approve(read(proposed), version=1, by=people.alice, now=now)


# Sending back and withdrawing


def test_a_pin_goes_back_with_its_comment(people, proposed):
    answer = send_back(people.alice_browser, proposed, "A warmer title, please.")

    assert "Sent back with your comment." in text(answer)
    pin = read(proposed)
    assert (pin.status, pin.review_comment) == (PinStatus.DRAFT, "A warmer title, please.")
    last = pin.events.last()
    assert (last.kind, last.by, last.text) == (PinEventKind.SENT_BACK, people.alice, "A warmer title, please.")
    told_erin = Notification.objects.get()
    assert (told_erin.user, told_erin.kind) == (people.erin, NotificationKind.REVIEWED)
    assert told_erin.text == "alice@example.com sent “Oak” back: A warmer title, please."
    form = text(people.erin_browser.get(reverse("pins:pin_edit", args=[pin.pk])))
    assert "alice@example.com sent this pin back:" in form
    assert "A warmer title, please." in form


def test_the_comment_is_gone_when_the_pin_is_proposed_again(people, proposed):
    send_back(people.alice_browser, proposed)
    Notification.objects.all().delete()

    press(people.erin_browser, proposed, "propose", title="Warm oak")

    assert (read(proposed).status, read(proposed).review_comment) == (PinStatus.PROPOSED, "")
    assert told(NotificationKind.APPROVAL_ASKED) == {"alice@example.com"}


@pytest.mark.parametrize("comment", ["", "   ", "x" * 1001, "a\0b"])
def test_a_comment_that_is_none_gets_a_sentence_at_its_field(people, proposed, comment):
    answer = send_back(people.alice_browser, proposed, comment)

    assert answer.context["send_back_form"].errors["comment"]
    assert read(proposed).status == PinStatus.PROPOSED


def test_the_comment_stays_on_the_page_if_the_pin_was_edited_meanwhile(people, proposed):
    seen = read(proposed).version
    press(people.erin_browser, proposed, "propose", title="Something else")

    page = text(send_back(people.alice_browser, proposed, "Too cold", version=seen))

    assert "Too cold</textarea>" in page
    assert "This pin was edited after you opened it." in page
    assert "Something else" in page
    assert read(proposed).status == PinStatus.PROPOSED


def test_sending_back_can_be_undone(people, proposed):
    before = read(proposed)
    page = send_back(people.alice_browser, proposed)
    Notification.objects.all().delete()

    page = undo(people.alice_browser, page)

    assert "The pin is waiting for approval again." in text(page)
    pin = read(proposed)
    assert (pin.status, pin.review_comment, pin.proposed_by) == (PinStatus.PROPOSED, "", people.erin)
    assert (pin.publish_at, pin.is_queued) == (before.publish_at, before.is_queued)
    told_erin = Notification.objects.get()
    assert (told_erin.user, told_erin.kind) == (people.erin, NotificationKind.REVIEWED)
    assert told_erin.text == "alice@example.com undid sending back “Oak”. It's waiting for approval again."
    assert events(pin)[-1] == (PinEventKind.PROPOSED, people.alice)


def test_undoing_it_asks_the_other_admins_again(people, proposed):
    admin = MembershipFactory(workspace=people.workspace, role=Role.ADMIN).user
    page = send_back(people.alice_browser, proposed)

    undo(people.alice_browser, page)

    assert told(NotificationKind.APPROVAL_ASKED) == {admin.email}


def test_a_second_click_on_undo_says_the_same_and_changes_nothing(people, proposed):
    page = send_back(people.alice_browser, proposed)

    said = [text(undo(people.alice_browser, page)) for _ in range(2)]

    assert all("The pin is waiting for approval again." in each for each in said)
    assert events(read(proposed)).count((PinEventKind.PROPOSED, people.alice)) == 1


@pytest.mark.parametrize("change", [{"version": 9}, {"review_comment": ""}, {"title": "Oak"}])
def test_sending_back_is_not_undone_once_the_pin_has_changed(people, proposed, change):
    page = send_back(people.alice_browser, proposed)
    if "title" in change:
        press(people.erin_browser, proposed, "propose", title="Warm oak")
    else:
        Pin.objects.update(**change)
    status = read(proposed).status

    page = undo(people.alice_browser, page)

    assert "The pin has changed since. Its current status is below." in text(page)
    assert read(proposed).status == status


def test_sending_back_is_undone_by_those_who_may_approve(people, proposed):
    send_back(people.alice_browser, proposed)
    address = reverse("pins:pin_take_back", args=[proposed.pk])

    answer = people.erin_browser.post(address, {"version": read(proposed).version})

    assert answer.status_code == 403
    assert read(proposed).status == PinStatus.DRAFT


def test_sending_back_what_was_withdrawn_says_so(people, proposed):
    scheduling.cancel(read(proposed), by=people.erin)

    assert "is no longer waiting for approval" in text(send_back(people.alice_browser, proposed))


def test_withdrawing_makes_a_draft(people, proposed):
    answer = people.erin_browser.post(reverse("pins:pin_cancel", args=[proposed.pk]), follow=True)

    assert "Withdrawn. The pin is a draft again." in text(answer)
    assert read(proposed).status == PinStatus.DRAFT
