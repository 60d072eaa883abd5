"""The e-mail itself: its subject, its lines, and where they lead."""

import pytest

from accounts.models import NotificationKind
from accounts.notifications.emails import build_message, sections_of, subject_of
from tests.factories import MembershipFactory, NotificationFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def member(settings):
    settings.PUBLIC_URL = "https://pins.example.com"
    return MembershipFactory(workspace__name="Oak & Ash", user__email="dana@example.com")


def some(member, count=1, kind=NotificationKind.FAILED, **fields):
    return NotificationFactory.create_batch(count, membership=member, kind=kind, **fields)


def html_of(message):
    return message.alternatives[0][0]


def test_a_single_one_is_the_subject_and_needs_no_heading(member):
    (one,) = some(member, text="“Oak chair” failed: Board not found.")

    message = build_message([one], "dana@example.com")

    assert message.subject == "“Oak chair” failed: Board not found."
    assert message.to == ["dana@example.com"]
    assert "1 pins" not in message.body
    assert f"https://pins.example.com/notifications/{one.pk}/" in message.body
    assert f'<a href="https://pins.example.com/notifications/{one.pk}/">“Oak chair” failed' in html_of(message)


def test_the_subject_of_many_says_as_much_as_they_share(member):
    failed, held = some(member, 2), some(member, kind=NotificationKind.HELD)
    elsewhere = some(MembershipFactory(user=member.user))

    assert subject_of(failed) == "2 pins failed in “Oak & Ash”"
    assert subject_of([*failed, *held]) == "3 updates from “Oak & Ash”"
    assert subject_of([*failed, *held, *elsewhere]) == "4 updates from 2 workspaces"
    assert subject_of([*failed, *elsewhere]) == "3 pins failed in 2 workspaces"


def test_it_is_ordered_by_workspace_and_then_by_urgency(member):
    zoo = MembershipFactory(user=member.user, workspace__name="a zoo")
    published = some(member, 2, NotificationKind.PUBLISHED)
    failed, elsewhere = some(member, 2), some(zoo)

    sections = sections_of([*published, *failed, *elsewhere])

    assert [section.workspace for section in sections] == ["a zoo", "Oak & Ash"]
    assert [group.heading for group in sections[1].groups] == ["2 pins failed", "2 pins published"]
    assert sections[0].groups[0].heading == ""


def test_two_workspaces_of_one_name_stay_apart(member):
    twin = MembershipFactory(user=member.user, workspace__name="Oak & Ash")

    assert len(sections_of([*some(member), *some(twin), *some(member)])) == 2


@pytest.mark.parametrize(("count", "shown", "more"), [(20, 20, 0), (21, 21, 0), (22, 20, 2), (58, 20, 38)])
def test_many_lines_are_cut_with_the_number_of_the_others(member, count, shown, more):
    notifications = some(member, count)

    message = build_message(notifications, "dana@example.com")

    assert message.body.count("/notifications/") == shown + (2 if more else 1)  # the page and its settings, too
    assert (f"and {more} more: https://pins.example.com/notifications/" in message.body) is bool(more)


def test_a_flood_of_one_kind_does_not_push_the_others_out(member):
    sections = sections_of([*some(member, 50), *some(member, 2, NotificationKind.APPROVAL_ASKED)])

    assert [(len(group.lines), group.more) for group in sections[0].groups] == [(10, 40), (2, 0)]


def test_it_says_where_to_switch_it_off(member):
    message = build_message(some(member), "dana@example.com")

    assert message.extra_headers["List-Unsubscribe"] == "<https://pins.example.com/notifications/settings/>"
    for text in (message.body, html_of(message)):
        assert "https://pins.example.com/notifications/settings/" in text
        assert "localhost" not in text


def test_names_and_titles_break_neither_headers_nor_html():
    member = MembershipFactory(workspace__name="Oak\r\nBcc: x@example.com <b>", user=UserFactory())
    notifications = some(member, 2, text="“<script>” failed & more")

    message = build_message(notifications, member.user.email)

    assert message.subject == "2 pins failed in “Oak Bcc: x@example.com <b>”"
    assert message.message()["Bcc"] is None
    assert "<script>" not in html_of(message)
    assert "“<script>” failed & more" in message.body
    assert subject_of([NotificationFactory(membership=member, text="a\nb " + "x" * 200)]).startswith("a b xxx")
