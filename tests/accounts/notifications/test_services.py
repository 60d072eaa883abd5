"""Who is told, the count that the bell shows, what is read, and how old ones go."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import tasks
from accounts.models import Membership, Notification, NotificationKind, Role, unread_count
from accounts.notifications import services as notifications
from tests.factories import MembershipFactory, NotificationFactory, UserFactory, WorkspaceFactory

pytestmark = pytest.mark.django_db


def tell(team, text="“Oak chair” failed.", kind=NotificationKind.FAILED, **to):
    notifications.notify(team.workspace.pk, kind, text, path="/pins/1/", now=timezone.now(), **to)
    return {notification.user: notification for notification in Notification.objects.select_related("user")}


def test_members_with_the_role_and_named_members_are_told_once(team):
    told = tell(team, roles=[Role.ADMIN], users=[team.alice.pk, team.bob.pk, None])

    assert set(told) == {team.alice, team.bob}
    assert Notification.objects.count() == 2


def test_nobody_outside_of_the_team_and_nobody_inactive_is_told(team):
    MembershipFactory(workspace=team.workspace, user=UserFactory(is_active=False))

    assert set(tell(team, roles=Role.values, users=[team.charlie.pk], except_for=team.alice)) == {team.bob}


def test_everybody_gets_e_mails_but_about_pins_that_go_well(team):
    assert tell(team, roles=[Role.ADMIN])[team.alice].wants_email
    Notification.objects.all().delete()
    assert not tell(team, kind=NotificationKind.PUBLISHED, roles=[Role.ADMIN])[team.alice].wants_email


def test_a_text_is_one_line_of_limited_length(team):
    told = tell(team, text="“Oak\r\nBcc: everybody@example.com” " + "x" * 600, roles=[Role.ADMIN])

    text = told[team.alice].text
    assert text.startswith("“Oak Bcc: everybody@example.com”")
    assert len(text) == 500


@pytest.mark.parametrize("path", ["https://evil.example", "//evil.example", "pins/"])
def test_a_path_that_leads_out_of_the_app_cannot_be_stored(team, path):
    with pytest.raises(IntegrityError), transaction.atomic():
        NotificationFactory(path=path)


def test_the_unread_are_counted_by_membership(team):
    mine = team.alice.memberships.get()
    second = MembershipFactory(user=team.alice)
    MembershipFactory(user=team.alice)
    NotificationFactory.create_batch(2, membership=mine)
    NotificationFactory(membership=second)
    NotificationFactory(membership=second, read_at=timezone.now())
    NotificationFactory(membership=team.bob.memberships.get())

    counted = Membership.objects.filter(user=team.alice).order_by("pk").annotate(n=unread_count())

    assert [membership.n for membership in counted] == [2, 1, 0]


def test_what_is_read_keeps_the_moment_and_needs_no_e_mail(team):
    first, second = timezone.now(), timezone.now() + timedelta(hours=1)
    NotificationFactory()

    assert [notifications.mark_read(Notification.objects.all(), now) for now in (first, second)] == [1, 0]

    read = Notification.objects.get()
    assert read.read_at == first
    assert not Notification.objects.to_email().exists()


def test_a_choice_concerns_one_workspace_and_what_waits_already(team):
    mine = team.alice.memberships.get()
    other = MembershipFactory(user=team.alice)
    for membership in (mine, other, team.bob.memberships.get()):
        for kind in (NotificationKind.FAILED, NotificationKind.HELD):
            NotificationFactory(membership=membership, kind=kind)

    notifications.choose_emails(mine, [NotificationKind.HELD])

    mine.refresh_from_db()
    assert NotificationKind.HELD not in mine.muted_kinds
    assert NotificationKind.FAILED in mine.muted_kinds
    waiting = Notification.objects.to_email()
    assert set(waiting.filter(workspace=team.workspace, user=team.alice).values_list("kind", flat=True)) == {"held"}
    assert waiting.count() == 5
    other.refresh_from_db()
    assert other.muted_kinds == ["published"]


def test_old_ones_are_deleted_in_portions(team, monkeypatch):
    monkeypatch.setattr(notifications, "BATCH", 2)
    now = timezone.now()
    membership = team.alice.memberships.get()
    NotificationFactory.create_batch(3, membership=membership, at=now - timedelta(days=91))
    kept = NotificationFactory(membership=membership, at=now - timedelta(days=89))

    assert [notifications.delete_old(now) for _ in range(3)] == [2, 1, 0]
    assert list(Notification.objects.all()) == [kept]


def test_a_look_that_finds_nothing_to_do_costs_the_same_however_many_there_are(team):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            tasks.send_notifications()
        return len(captured)

    few = queries()
    NotificationFactory.create_batch(
        30, membership=team.alice.memberships.get(), emailed_at=timezone.now() - timedelta(days=1)
    )

    # Connections, waiting e-mails, those to be given up, the oldest one.
    assert few == queries() == 4


def test_pages_count_all_workspaces_in_the_query_that_finds_them(alice, team, django_assert_num_queries):
    NotificationFactory.create_batch(3, membership=team.alice.memberships.get())
    NotificationFactory(membership=MembershipFactory(user=team.alice))
    NotificationFactory(user=team.alice, workspace=WorkspaceFactory())  # of a team that alice has left

    with django_assert_num_queries(5):  # session, person, memberships; accounts of the sidebar and of this page
        page = alice.get("/connections/")

    assert 'aria-label="Notifications, 4 unread"' in page.content.decode()
    assert '<span class="bell__count">4</span>' in page.content.decode()


def test_the_bell_is_silent_about_nothing_and_short_about_many(alice, team):
    assert 'aria-label="Notifications"' in alice.get("/connections/").content.decode()

    NotificationFactory.create_batch(100, membership=team.alice.memberships.get())

    page = alice.get("/connections/").content.decode()
    assert 'aria-label="Notifications, 100 unread"' in page
    assert '<span class="bell__count">99+</span>' in page
