"""The page of an account's spacing limits, and the button that keeps a pin where it is."""

import pytest
import time_machine
from django.urls import reverse

from accounts.models import AuditEntry, PinterestAccount, Role
from pins.models import Pin, PinStatus
from pins.spacing.limits import SpacingLimits
from pins.spacing.services import findings_of
from tests.factories import MembershipFactory
from tests.page_text import page_text
from tests.pins.spacing.helpers import SALE, add_pin, at

VALID = {
    "link_days": "3",
    "picture_days": "14",
    "same_board": "on",
    "picture_boards": "5",
    "day_hint": "",
    "day_warning": "30",
    "hour_warning": "4",
}


def post(browser, account, **fields):
    return browser.post(reverse("pins:spacing", args=[account.pk]), VALID | fields)


def limits_of(account):
    return SpacingLimits.of(PinterestAccount.objects.get(pk=account.pk))


def test_the_limits_of_an_account_are_changed_and_audited(alice, account):
    post(alice, account)

    assert limits_of(account) == SpacingLimits(
        same_board=True,
        picture_days=14,
        link_days=3,
        day_hint=None,
        day_warning=30,
        hour_warning=4,
        picture_boards=5,
    )
    entry = AuditEntry.objects.get(action="settings_changed")
    assert (entry.target, entry.detail) == (
        str(account),
        "Spacing: same link after 3 days, same image on another board after 14 days, on the same board with a warning,"
        " on up to 5 boards, hint above any number of and warning above 30 a day, warning above 4 an hour.",
    )


def test_saving_the_same_limits_changes_nothing(alice, account):
    post(alice, account)
    post(alice, account)

    assert AuditEntry.objects.filter(action="settings_changed").count() == 1


def test_the_defaults_come_back_at_the_press_of_a_button(alice, account):
    post(alice, account)
    post(alice, account, action="defaults", link_days="nonsense")

    assert limits_of(account) == SpacingLimits()


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("link_days", "", "Enter a number from 0 to 365."),
        ("link_days", "two", "Enter a whole number, from 0 to 365."),
        ("link_days", "-1", "Enter a whole number, from 0 to 365."),
        ("picture_days", "366", "Enter a whole number, from 0 to 365."),
        ("picture_days", "9" * 400, "Enter a whole number, from 0 to 365."),
        ("picture_boards", "0", "Enter a whole number, or leave it empty, from 1 to 1,000."),
        ("hour_warning", "1.5", "Enter a whole number, or leave it empty, from 1 to 1,000."),
        ("day_hint", "30", "The hint comes before the warning: enter less than 30, or leave it empty."),
        ("day_hint", "31", "The hint comes before the warning: enter less than 30, or leave it empty."),
    ],
)
def test_what_is_no_limit_is_refused_at_its_field_and_what_was_typed_stays(alice, account, field, typed, message):
    response = post(alice, account, **{field: typed})

    assert response.context["form"].errors == {field: [message]}
    assert f'value="{typed}"' in response.content.decode() or not typed
    assert limits_of(account) == SpacingLimits()


def test_a_viewer_reads_the_limits_and_cannot_change_them(client, team, account):
    client.force_login(team.bob)

    page = client.get(reverse("pins:spacing", args=[account.pk]))

    assert "Only editors and admins can change these limits." in page_text(page)
    assert "Use the defaults" not in page_text(page)
    assert post(client, account).status_code == 403


@pytest.fixture
def near(account, team):
    """A pin that is too near to another one with its link."""
    add_pin(team.board, at(account), link=SALE, title="Oak chair")
    with time_machine.travel(at(account, -10), tick=False):
        yield add_pin(team.board, at(account, 1), link=SALE)


def keep(browser, pin, *codes):
    return browser.post(reverse("pins:pin_keep", args=[pin.pk]), {"keeps": codes}, follow=True)


def findings(pin, now):
    return [finding.code for finding in findings_of(Pin.objects.with_content().get(pk=pin.pk), now)]


def test_one_click_overrules_a_warning_and_the_history_says_so(near, alice, team, account):
    assert findings(near, at(account)) == ["same_link"]

    keep(alice, near, "same_link")

    assert findings(near, at(account)) == []
    event = near.events.get()
    assert event.by == team.alice
    assert event.text.startswith("Kept although there are warnings: This link is planned for Tue 6 Apr 2027, 18:30 too")


def test_of_a_pair_one_decision_is_enough(near, alice, account):
    other = Pin.objects.get(title="Oak chair")
    assert findings(other, at(account)) == ["same_link"]

    keep(alice, near, "same_link")

    assert findings(other, at(account)) == []


def test_another_time_is_another_decision(near, alice, account):
    keep(alice, near, "same_link")
    Pin.objects.filter(pk=near.pk).update(publish_at=at(account, 1, "12:00"))

    assert findings(near, at(account)) == ["same_link"]


def test_what_was_not_found_is_not_kept(near, alice):
    response = keep(alice, near, "many_pins_a_day", "nonsense")

    assert "This warning no longer applies." in page_text(response)
    assert not near.events.exists()
    assert Pin.objects.get(pk=near.pk).spacing_kept is None


def test_a_pin_that_pinterest_has_is_not_kept(near, alice):
    Pin.objects.filter(pk=near.pk).update(
        status=PinStatus.PUBLISHED, published_at=near.publish_at, pinterest_pin_id="9", next_attempt_at=None
    )

    assert "This warning no longer applies." in page_text(keep(alice, near, "same_link"))


def test_a_pin_without_a_board_is_told_nothing(account, team):
    draft = add_pin(team.board, at(account), link=SALE, status=PinStatus.DRAFT)
    Pin.objects.filter(pk=draft.pk).update(board=None, account=None)

    assert findings(draft, at(account)) == []


def test_an_editor_keeps_what_an_admin_must_approve(client, account, team, near):
    team.workspace.requires_approval = True
    team.workspace.save()
    client.force_login(MembershipFactory(workspace=team.workspace, role=Role.EDITOR).user)

    keep(client, near, "same_link")

    assert findings(near, at(account)) == []
