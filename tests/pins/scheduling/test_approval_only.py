"""Where a workspace wants approval, nothing gets around it: only approved content goes out."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import (
    NotificationKind,
)
from pins.composer import services as composer
from pins.models import ACTIVE_STATUSES, Pin, PinStatus
from pins.rules.composition import Composition
from pins.scheduling import approval
from pins.scheduling import services as scheduling
from tests.factories import (
    PinFactory,
)
from tests.pins.approval_helpers import TOMORROW, approve, opened, press, read, send_back, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("may_2031")]


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

    composer.edit_pin(pin, content, publish_at=now, is_draft=False, by=people.erin, now=now)

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


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
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
