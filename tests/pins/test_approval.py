"""Pins that need an approval: who may let them go out, and that nothing else does."""

from datetime import timedelta
from html import unescape
from types import SimpleNamespace

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import (
    AccountStatus,
    AuditAction,
    AuditEntry,
    Membership,
    Notification,
    NotificationKind,
    PinterestAccount,
    Role,
)
from pins import approval, composing, scheduling
from pins.approval import ReviewError
from pins.composition import Composition
from pins.models import ACTIVE_STATUSES, Pin, PinEventKind, PinStatus
from tests.factories import (
    MediaFileFactory,
    MembershipFactory,
    NotificationFactory,
    PinFactory,
    UserFactory,
    WorkspaceFactory,
)
from tests.programs import Program

pytestmark = pytest.mark.django_db

TOMORROW = "2031-05-06T07:08"


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def people(team):
    """The team with approval switched on, and the editors erin and frank; `…_browser` is where each is signed in."""
    team.workspace.requires_approval = True
    team.workspace.save()

    def editor(name):
        user = UserFactory(email=f"{name}@example.com")
        return MembershipFactory(workspace=team.workspace, user=user, role=Role.EDITOR).user

    erin, frank = editor("erin"), editor("frank")
    browsers = {}
    for name, user in {"alice": team.alice, "erin": erin, "frank": frank, "bob": team.bob}.items():
        browsers[f"{name}_browser"] = Client()
        browsers[f"{name}_browser"].force_login(user)
    return SimpleNamespace(**vars(team), erin=erin, frank=frank, **browsers)


@pytest.fixture
def draft(people):
    return PinFactory(board=people.board, status=PinStatus.DRAFT, publish_at=None, title="Oak", created_by=people.erin)


@pytest.fixture
def proposed(people, draft, now):
    propose(draft, now + timedelta(days=1), by=people.erin, now=now)
    Notification.objects.all().delete()
    return draft


def propose(pin, publish_at, *, by, now):
    pin.publish_at = publish_at
    pin.save()
    assert approval.propose(pin, by=by, now=now)


def read(pin):
    return Pin.objects.with_content().get(pk=pin.pk)


def events(pin):
    return [(event.kind, event.by) for event in pin.events.all()]


def told(kind):
    return {notification.user.email for notification in Notification.objects.filter(kind=kind)}


def opened(browser, pin):
    """The composer's form as it stands on the page of somebody who has just opened it."""
    form = browser.get(reverse("pins:pin_edit", args=[pin.pk])).context["form"]
    attachments = [attached.media.pk for attached in form.attachments]
    fields = {name: form[name].value() for name in ("board", "title", "description", "link", "version")}
    publish_at = form["publish_at"].value() or ""
    return fields | {"attachments": attachments, "form_token": "", "publish_at": publish_at}


def press(browser, pin, action, form=None, **changes):
    form = opened(browser, pin) if form is None else form
    return browser.post(reverse("pins:pin_edit", args=[pin.pk]), form | changes | {"action": action})


def approve(browser, pin, version=None):
    version = Pin.objects.get(pk=pin.pk).version if version is None else version
    return browser.post(reverse("pins:pin_approve", args=[pin.pk]), {"version": version}, follow=True)


def send_back(browser, pin, comment="A warmer title, please.", version=None):
    version = Pin.objects.get(pk=pin.pk).version if version is None else version
    address = reverse("pins:pin_send_back", args=[pin.pk])
    return browser.post(address, {"version": version, "comment": comment}, follow=True)


def text(response):
    assert response.status_code == 200
    return unescape(response.content.decode())


# Proposing


def test_what_an_editor_sends_out_is_proposed_and_the_admins_are_asked_once(people, draft, now):
    at = now + timedelta(days=1)
    Pin.objects.update(publish_at=at)

    assert approval.send_out(read(draft), at, by=people.erin, now=now)

    pin = read(draft)
    assert (pin.status, pin.publish_at, pin.next_attempt_at, pin.proposed_by) == ("proposed", at, None, people.erin)
    assert events(pin) == [(PinEventKind.PROPOSED, people.erin)]
    asked = Notification.objects.get()
    assert (asked.user, asked.kind) == (people.alice, NotificationKind.APPROVAL_ASKED)
    assert asked.path == reverse("pins:pin_detail", args=[pin.pk])
    assert asked.text.startswith("erin@example.com asks you to approve “Oak”, to go out on ")
    assert AuditEntry.objects.get().action == AuditAction.PROPOSED


def test_proposing_again_tells_nobody_twice(people, draft, now):
    press(people.erin_browser, draft, "propose", publish_at=TOMORROW)
    press(people.erin_browser, draft, "propose", title="Elm")
    press(people.frank_browser, draft, "propose", publish_at="2032-05-06T07:08")

    assert Notification.objects.count() == 1
    pin = read(draft)
    assert (pin.title, pin.publish_at.year, pin.proposed_by) == ("Elm", 2032, people.erin)


def test_a_double_click_proposes_once(people, draft):
    form = opened(people.erin_browser, draft)
    for _ in range(2):
        assert press(people.erin_browser, draft, "propose", form, title="Elm").status_code == 302

    assert [kind for kind, _ in events(draft)] == [PinEventKind.EDITED, PinEventKind.PROPOSED]
    assert Notification.objects.count() == 1


def test_a_new_pin_sent_twice_is_proposed_once(people):
    media = MediaFileFactory(workspace=people.workspace)
    form = {"board": people.board.pk, "title": "Oak", "attachments": [media.pk], "version": 1, "action": "propose"}
    form["form_token"] = "5b1d1e52-6f5c-4d0e-9d8e-0f8f5f1c7a11"

    for _ in range(2):
        assert people.erin_browser.post(reverse("pins:pin_create"), form).status_code == 302

    assert Pin.objects.get().status == PinStatus.PROPOSED
    assert Notification.objects.count() == 1


def test_a_form_that_arrives_again_after_the_approval_does_not_take_it_back(people, draft):
    form = opened(people.erin_browser, draft) | {"publish_at": TOMORROW}
    press(people.erin_browser, draft, "propose", form)
    approve(people.alice_browser, draft)

    press(people.erin_browser, draft, "propose", form)

    assert read(draft).status == PinStatus.SCHEDULED


@pytest.mark.parametrize("action", ["schedule", "publish"])
@pytest.mark.parametrize("publish_at", ["", TOMORROW])
def test_a_forged_button_proposes(people, draft, action, publish_at):
    assert press(people.erin_browser, draft, action, publish_at=publish_at).status_code == 302

    pin = read(draft)
    assert (pin.status, pin.publish_at is not None) == (PinStatus.PROPOSED, bool(publish_at))


def test_a_pin_that_breaks_a_rule_is_not_proposed(people):
    pin = PinFactory(board=people.board, status=PinStatus.DRAFT, publish_at=None, attachments=0)

    response = press(people.erin_browser, pin, "propose", title="x" * 101)

    assert set(response.context["form"].errors) == {"attachments", "title"}
    assert read(pin).status == PinStatus.DRAFT


def test_an_admins_pins_need_nobody(people, draft):
    press(people.alice_browser, draft, "schedule", publish_at=TOMORROW)

    assert read(draft).status == PinStatus.SCHEDULED
    assert events(draft)[-1] == (PinEventKind.SCHEDULED, people.alice)
    assert not Notification.objects.exists()


def test_approval_switched_on_between_form_and_button(people, draft):
    people.workspace.requires_approval = False
    people.workspace.save()
    form = opened(people.erin_browser, draft)
    type(people.workspace).objects.update(requires_approval=True)

    press(people.erin_browser, draft, "publish", form)

    assert read(draft).status == PinStatus.PROPOSED


def test_approval_switched_off_between_form_and_button_publishes_nothing_by_a_button_that_proposes(people, draft):
    form = opened(people.erin_browser, draft)
    type(people.workspace).objects.update(requires_approval=False)

    press(people.erin_browser, draft, "propose", form)
    assert read(draft).status == PinStatus.PROPOSED

    approve(people.erin_browser, draft)
    assert read(draft).status == PinStatus.SCHEDULED


@pytest.mark.parametrize("status", [PinStatus.SCHEDULED, PinStatus.PROCESSING, PinStatus.FAILED])
def test_a_button_that_proposes_takes_back_what_its_editor_may_publish_by_now(people, status):
    pin = PinFactory(board=people.board, status=status)
    form = opened(people.erin_browser, pin)
    type(people.workspace).objects.update(requires_approval=False)

    for _ in range(2):
        press(people.erin_browser, pin, "propose", form, title="Elm", publish_at=TOMORROW)

    pin = read(pin)
    assert (pin.status, pin.title, pin.next_attempt_at) == (PinStatus.PROPOSED, "Elm", None)
    assert told(NotificationKind.APPROVAL_ASKED) == {"alice@example.com"}


def test_a_program_with_an_editors_key_proposes(people):
    media = MediaFileFactory(workspace=people.workspace)
    content = {"board": people.board.pinterest_id, "attachments": [media.pk], "publish_at": "2031-05-06T07:08:00Z"}

    answer = Program(people.workspace, people.erin).create_pin(idempotency_key="1", **content)

    assert answer.status_code == 201
    assert answer.json()["status"] == "proposed"
    assert answer.json()["events"][-1]["kind"] == "proposed"
    assert read(Pin.objects.get()).proposed_by == people.erin
    assert told(NotificationKind.APPROVAL_ASKED) == {"alice@example.com"}


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

    approval.approve(read(draft), version=1, by=people.alice, now=now)

    assert Pin.objects.due(now).get() == draft
    assert Notification.objects.latest("pk").text == "alice@example.com approved “Oak”. It goes out now."


@pytest.mark.parametrize("answer", [approve, send_back])
def test_whoever_answers_is_led_to_the_next_pin_that_waits(people, proposed, answer):
    PinFactory(board=PinFactory(status=PinStatus.PROPOSED).board, title="Of another workspace")
    following = PinFactory(board=people.board, status=PinStatus.PROPOSED, title="<Birch>")

    page = answer(people.alice_browser, proposed).content.decode()

    url = reverse("pins:pin_detail", args=[following.pk])
    assert f'<a href="{url}">Next one that waits: “&lt;Birch&gt;”</a>' in page
    assert "Next one that waits" not in text(answer(people.alice_browser, following))


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
        assert composing.delete_pin(proposed, by=people.erin, now=now)

    asked = Notification.objects.filter(kind=NotificationKind.APPROVAL_ASKED)
    assert list(asked.unread()) == [other_question]
    assert list(asked.to_email()) == [other_question]


def test_an_approver_who_schedules_a_proposed_pin_in_the_composer_approves_it(people, proposed):
    page = text(people.alice_browser.get(reverse("pins:pin_edit", args=[proposed.pk])))
    assert "scheduling or publishing it approves it" in page

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
        with pytest.raises(PermissionDenied, match="ask an admin"):
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

    assert "Somebody has edited this pin since you opened it." in text(answer)
    assert read(proposed).status == PinStatus.PROPOSED


def test_an_edit_between_reading_and_approving_is_not_approved(people, proposed, now):
    """As two processes do it: the approver has read the pin before the editor writes."""
    seen = read(proposed)
    press(people.erin_browser, proposed, "propose", title="Something else")

    with pytest.raises(ReviewError, match="has edited"):
        approval.approve(seen, version=seen.version, by=people.alice, now=now)
    with pytest.raises(ReviewError, match="has edited"):
        approval.send_back(seen, "No", version=seen.version, by=people.alice, now=now)

    assert read(proposed).status == PinStatus.PROPOSED
    assert not Notification.objects.exists()


def test_a_pin_is_approved_once(people, proposed, now):
    first, second = read(proposed), read(proposed)
    approval.approve(first, version=1, by=people.alice, now=now)

    with pytest.raises(ReviewError, match="does not wait for an approval any more"):
        approval.approve(second, version=1, by=people.alice, now=now)

    assert [kind for kind, _ in events(proposed)].count(PinEventKind.APPROVED) == 1
    assert Notification.objects.count() == 1


def test_of_approving_and_withdrawing_the_first_wins(people, proposed, now):
    mine, theirs = read(proposed), read(proposed)
    assert scheduling.cancel(mine, by=people.erin)

    with pytest.raises(ReviewError, match="does not wait"):
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

    assert "It cannot go out like this: " in text(answer)
    pin = read(proposed)
    assert (pin.status, pin.version) == (PinStatus.PROPOSED, 1)


def test_a_file_deleted_meanwhile_is_told(people, proposed, now):
    type(proposed.media_files[0]).objects.update(deleted_at=now)

    with pytest.raises(ReviewError, match="cannot go out like this"):
        approval.approve(read(proposed), version=1, by=people.alice, now=now)


# Sending back and withdrawing


def test_a_pin_goes_back_with_its_comment(people, proposed):
    answer = send_back(people.alice_browser, proposed, "A warmer title, please.")

    assert "Sent back." in text(answer)
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
    assert "Somebody has edited this pin since you opened it." in page
    assert "Something else" in page
    assert read(proposed).status == PinStatus.PROPOSED


def test_sending_back_what_was_withdrawn_says_so(people, proposed):
    scheduling.cancel(read(proposed), by=people.erin)

    assert "does not wait for an approval any more" in text(send_back(people.alice_browser, proposed))


def test_withdrawing_makes_a_draft(people, proposed):
    answer = people.erin_browser.post(reverse("pins:pin_cancel", args=[proposed.pk]), follow=True)

    assert "Withdrawn. The pin is a draft again." in text(answer)
    assert read(proposed).status == PinStatus.DRAFT


# Nothing gets around it


def test_scheduling_itself_refuses(people, draft, now):
    with pytest.raises(PermissionDenied):
        scheduling.schedule(draft, now, by=people.erin, now=now)

    assert read(draft).status == PinStatus.DRAFT


@pytest.mark.parametrize("status", [PinStatus.SCHEDULED, PinStatus.UPLOADING, PinStatus.PROCESSING, PinStatus.FAILED])
def test_an_edit_by_an_editor_needs_an_approval_again(people, status):
    pin = PinFactory(board=people.board, status=status, title="Approved")

    press(people.erin_browser, pin, "schedule", title="Something else", publish_at=TOMORROW)

    pin = read(pin)
    assert (pin.status, pin.title, pin.next_attempt_at) == (PinStatus.PROPOSED, "Something else", None)
    assert told(NotificationKind.APPROVAL_ASKED) == {"alice@example.com"}


def test_new_content_and_its_status_are_written_at_once(people, now):
    """Whoever calls it: nothing that goes out has content that nobody has approved."""
    pin = PinFactory(board=people.board, title="Approved")
    content = Composition.of(read(pin))

    composing.edit_pin(pin, content, publish_at=now, is_draft=False, by=people.erin, now=now)

    assert read(pin).status == PinStatus.DRAFT


def test_an_admins_edit_of_a_scheduled_pin_stays_scheduled(people):
    pin = PinFactory(board=people.board)

    press(people.alice_browser, pin, "schedule", title="Elm", publish_at=TOMORROW)

    assert (read(pin).status, read(pin).title) == (PinStatus.SCHEDULED, "Elm")


def test_what_was_approved_may_be_tried_again_by_an_editor(people, now):
    failed = PinFactory(board=people.board, status=PinStatus.FAILED)
    late = PinFactory(board=people.board, publish_at=now - timedelta(days=2))

    for pin in (failed, late):
        assert people.erin_browser.post(reverse("pins:pin_retry", args=[pin.pk])).status_code == 302

    assert set(Pin.objects.due(timezone.now())) == {failed, late}


@pytest.mark.parametrize("status", [PinStatus.PROPOSED, PinStatus.DRAFT])
def test_what_was_not_approved_cannot_be_tried_again(people, status, now):
    pin = PinFactory(board=people.board, status=status, publish_at=now - timedelta(days=2))

    people.erin_browser.post(reverse("pins:pin_retry", args=[pin.pk]))

    assert read(pin).status == status


def test_nobody_sends_out_what_somebody_else_has_just_written(people, draft, now):
    """As two processes do it: the draft was read before the editor's edit, and the late pin before the admin's."""
    late = PinFactory(board=people.board, publish_at=now - timedelta(days=2))
    seen_draft, seen_late = read(draft), read(late)
    press(people.erin_browser, draft, "draft", title="Something else")
    press(people.alice_browser, late, "schedule", title="For tomorrow", publish_at=TOMORROW)

    assert not approval.send_out(seen_draft, now, by=people.alice, now=now)
    assert not scheduling.release_late(seen_late, by=people.erin, now=now)

    assert not Pin.objects.due(timezone.now()).exists()


def test_a_copy_of_an_approved_pin_is_a_draft(people):
    pin = PinFactory(board=people.board)

    people.erin_browser.post(reverse("pins:pin_duplicate", args=[pin.pk]))

    assert read(Pin.objects.latest("pk")).status == PinStatus.DRAFT


def test_saving_by_itself_leaves_a_proposed_pin_alone(people, proposed):
    form = opened(people.erin_browser, proposed) | {"title": "Something else"}

    answer = people.erin_browser.post(reverse("pins:pin_autosave", args=[proposed.pk]), form)

    assert answer.json()["state"] == "aside"
    assert (read(proposed).title, read(proposed).status) == ("Oak", PinStatus.PROPOSED)


BUTTONS = ("draft", "schedule", "publish", "propose", "copy")
STEPS = st.sampled_from([*BUTTONS, "autosave", "cancel", "retry", "duplicate", "fail", "approve", "send back"])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(STEPS, st.sampled_from(["erin", "frank"])), min_size=3, max_size=8))
def test_whatever_editors_press_only_what_an_admin_has_seen_goes_out(people, steps):
    Pin.objects.all().delete()
    pin = PinFactory(board=people.board, status=PinStatus.DRAFT, publish_at=None, title="Text 0")
    approved = set()

    for number, (step, who) in enumerate(steps, start=1):
        browser = getattr(people, f"{who}_browser")
        if step in BUTTONS:
            press(browser, pin, step, title=f"Text {number}", publish_at="" if number % 2 else TOMORROW)
        elif step == "autosave":
            form = opened(browser, pin) | {"title": f"Text {number}"}
            browser.post(reverse("pins:pin_autosave", args=[pin.pk]), form)
        elif step in ("cancel", "retry", "duplicate"):
            browser.post(reverse(f"pins:pin_{step}", args=[pin.pk]))
        elif step == "fail":
            Pin.objects.filter(status__in=ACTIVE_STATUSES).update(status=PinStatus.FAILED, next_attempt_at=None)
        elif read(pin).is_proposed:
            (approve if step == "approve" else send_back)(people.alice_browser, pin)
            approved |= {read(pin).title} if step == "approve" else set()
        on_their_way = set(Pin.objects.filter(status__in=ACTIVE_STATUSES).values_list("title", flat=True))
        assert on_their_way <= approved


# Pages


def test_the_page_of_a_proposed_pin_offers_each_what_each_may_do(people, proposed):
    address = reverse("pins:pin_detail", args=[proposed.pk])

    for_alice = text(people.alice_browser.get(address))
    for_erin = text(people.erin_browser.get(address))
    for_bob = text(people.bob_browser.get(address))

    for page in (for_alice, for_erin, for_bob):
        assert "erin@example.com asks for an approval." in page
        assert 'class="badge badge--proposed">Proposed</span>' in page
    assert [name in for_alice for name in ('id="approve"', 'id="send-back"', 'id="edit"')] == [True] * 3
    assert [name in for_erin for name in ('id="approve"', 'id="send-back"')] == [False] * 2
    assert [">Withdraw</button>" in page for page in (for_alice, for_erin)] == [False, True]
    assert [name in for_bob for name in ('id="approve"', 'id="send-back"', 'id="cancel"', 'id="edit"')] == [False] * 4


@pytest.mark.parametrize(
    ("from_now", "sentence"),
    [
        (None, "It is to go out as soon as it has one."),
        (timedelta(days=1), "It is to go out <time"),
        (-timedelta(days=1), "which has passed: once it is approved, it goes out at once."),
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
    page = text(people.erin_browser.get(reverse("pins:pin_edit", args=[draft.pk])))

    buttons = [
        action for action in ("draft", "propose", "schedule", "publish") if f'name="action" value="{action}"' in page
    ]
    assert buttons == ["draft", "propose"]
    assert "an admin approves pins before they go out" in page


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
        context = browser.get(reverse("pins:dashboard")).context
        return [list(context[name]) for name in ("proposed_pins", "sent_back_pins")]

    assert lists(people.erin_browser) == [[mine], [back]]
    proposed_pins, sent_back_pins = lists(people.alice_browser)
    assert ([pin.title for pin in proposed_pins], sent_back_pins) == (["Erin's", "Frank's"], [])
    assert lists(people.bob_browser) == [[], []]
    assert "Sent back: A warmer title, please." in text(people.erin_browser.get(reverse("pins:dashboard")))


@pytest.mark.parametrize("page", ["pins:dashboard", "pins:pin_list"])
def test_a_row_says_who_proposed_it_and_whether_its_time_has_passed(people, proposed, now, page):
    assert "· proposed by erin@example.com" in text(people.alice_browser.get(reverse(page)))
    assert "Was to go out" not in text(people.alice_browser.get(reverse(page)))

    Pin.objects.update(publish_at=now - timedelta(minutes=1))

    assert "Was to go out <time" in text(people.alice_browser.get(reverse(page)))


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
    assert "until an editor takes it further." in said(people.bob_browser)


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
    assert "Nothing waits for an approval" in text(
        people.erin_browser.get(reverse("pins:pin_list"), {"status": "proposed"})
    )


def test_approval_in_one_workspace_is_not_asked_for_in_another(people, draft, now):
    """What counts is the pin's workspace, not the one that the person has chosen in the menu."""
    other = WorkspaceFactory()
    MembershipFactory(user=people.erin, workspace=other, role=Role.ADMIN)
    people.erin_browser.post(reverse("accounts:workspace_switch"), {"workspace": other.pk})

    press(people.erin_browser, draft, "publish")

    assert read(draft).status == PinStatus.PROPOSED
