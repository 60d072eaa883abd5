"""The pages of notifications: the list and its runs, opening one, marking all as read, the choice of e-mails."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.middleware import SESSION_KEY
from accounts.models import Membership, Notification, NotificationKind
from accounts.notifications.grouping import rows_of
from tests.factories import MembershipFactory, NotificationFactory

pytestmark = pytest.mark.django_db

LIST, READ, SETTINGS = "/notifications/", "/notifications/read/", "/notifications/settings/"


@pytest.fixture
def mine(team):
    return team.alice.memberships.get()


@pytest.fixture
def others(team):
    """Alice's membership in a second workspace."""
    return MembershipFactory(user=team.alice, workspace__name="Tables & more")


def lines(page):
    return [row.text for row in page.context["rows"]]


# The list


def test_the_newest_come_first_from_all_workspaces_and_nobody_elses(alice, team, mine, others):
    NotificationFactory(membership=mine, text="First")
    NotificationFactory(membership=others, text="Second")
    NotificationFactory(membership=team.bob.memberships.get(), text="For bob")

    page = alice.get(LIST)

    assert lines(page) == ["Second", "First"]
    assert "Tables &amp; more</bdi> · " in page.content.decode()


def test_times_of_several_workspaces_say_whose_they_are(alice, team, mine, others):
    assert f"Times are in {team.workspace.time_zone}." in alice.get(LIST).content.decode()

    others.delete()
    assert "Times are in" not in alice.get(LIST).content.decode()


def test_without_a_second_workspace_its_name_is_not_repeated(alice, team, mine):
    NotificationFactory(membership=mine)

    assert f"{team.workspace}</bdi> · " not in alice.get(LIST).content.decode()


def test_unread_ones_are_marked_by_a_word(alice, mine):
    NotificationFactory(membership=mine)
    assert ">New</span>" in alice.get(LIST).content.decode()

    Notification.objects.update(read_at=timezone.now())
    assert ">New</span>" not in alice.get(LIST).content.decode()


def test_a_flood_is_one_line_with_the_single_ones_in_it(alice, mine):
    NotificationFactory.create_batch(50, membership=mine)
    NotificationFactory(membership=mine, kind=NotificationKind.PUBLISHED, text="“Oak” is on Pinterest.")

    page = alice.get(LIST)

    assert lines(page) == ["“Oak” is on Pinterest.", "50 pins failed"]
    assert "50 new" in page.content.decode()
    assert page.content.decode().count("failed: The board was not found.") == 50
    assert page.content.decode().count("<time") == 50 + 2  # each of the flood says when, too


def test_of_a_flood_single_ones_are_marked_as_new_only_beside_read_ones(alice, mine):
    flood = NotificationFactory.create_batch(4, membership=mine)
    assert ">New</span>" not in alice.get(LIST).content.decode()

    Notification.objects.filter(pk=flood[0].pk).update(read_at=timezone.now())

    page = alice.get(LIST).content.decode()
    assert "3 new" in page
    assert page.count(">New</span>") == 3


def test_three_of_a_kind_stand_alone_and_four_are_a_run(mine):
    several = NotificationFactory.create_batch(4, membership=mine)[::-1]

    assert [len(row.notifications) for row in rows_of(several[:3])] == [1, 1, 1]
    assert [len(row.notifications) for row in rows_of(several)] == [4]


def test_a_run_spans_an_hour_one_kind_and_one_workspace(mine, others):
    now = timezone.now()

    def some(membership, count, minutes_ago=0, kind=NotificationKind.FAILED):
        at = now - timedelta(minutes=minutes_ago)
        return NotificationFactory.create_batch(count, membership=membership, at=at, kind=kind)

    hours = [*some(mine, 4), *some(mine, 2, 59), *some(mine, 4, 61)]
    assert [len(row.notifications) for row in rows_of(hours)] == [6, 4]
    assert [len(row.notifications) for row in rows_of([*some(mine, 4), *some(others, 4)])] == [4, 4]
    published = some(mine, 4, kind=NotificationKind.PUBLISHED)
    mixed = [each for pair in zip(some(mine, 4), published, strict=True) for each in pair]
    assert [row.text for row in rows_of(mixed)] == ["4 pins failed", "4 pins published"]


def test_single_ones_keep_their_place_between_others(mine):
    kinds = [NotificationKind.FAILED, NotificationKind.PUBLISHED, NotificationKind.FAILED]
    notifications = [NotificationFactory(membership=mine, kind=kind) for kind in kinds]

    assert [row.newest for row in rows_of(notifications)] == notifications


def test_every_kind_has_its_words(alice, mine):
    for kind in NotificationKind.values:
        NotificationFactory.create_batch(4, membership=mine, kind=kind)

    assert len(lines(alice.get(LIST))) == len(NotificationKind.values)


def test_older_pages_are_reached_by_the_key(alice, mine, monkeypatch):
    monkeypatch.setattr("accounts.notifications.views.NOTIFICATIONS_PER_PAGE", 2)
    for text in ("First", "Second", "Third"):
        NotificationFactory(membership=mine, text=text)

    page = alice.get(LIST)
    older = alice.get(LIST + page.context["next_url"])

    assert (lines(page), lines(older)) == (["Third", "Second"], ["First"])
    # Pressed there, it would leave those of the first page.
    assert "Mark all as read" in page.content.decode()
    assert "Mark all as read" not in older.content.decode()


@pytest.mark.parametrize("before", ["x", "-1", "", "9" * 40, "\0", "²"])
def test_a_page_that_nobody_linked_to_is_the_first(alice, mine, before):
    NotificationFactory(membership=mine, text="First")

    assert lines(alice.get(LIST, {"before": before})) == ["First"]


def test_the_list_costs_four_queries_with_one_and_with_sixty(alice, mine, others, django_assert_num_queries):
    for count in (1, 60):
        NotificationFactory.create_batch(count, membership=mine)
        NotificationFactory.create_batch(count, membership=others)
        # Session, person, memberships with the count of the bell, accounts of the sidebar, notifications.
        with django_assert_num_queries(5):
            alice.get(LIST)


def test_somebody_who_has_left_sees_nothing_of_the_team_any_more(alice, mine, others):
    NotificationFactory(membership=others, text="A secret of theirs")
    others.delete()

    assert lines(alice.get(LIST)) == []


# Opening and reading


def test_opening_one_marks_it_and_leads_to_its_page(alice, mine):
    one, another = NotificationFactory.create_batch(2, membership=mine, path="/connections/")

    response = alice.get(f"/notifications/{one.pk}/")

    assert (response.status_code, response["Location"]) == (302, "/connections/")
    assert list(Notification.objects.unread()) == [another]


def test_opening_one_of_another_workspace_switches_to_it(alice, mine, others):
    one = NotificationFactory(membership=others, path="/connections/")

    page = alice.get(f"/notifications/{one.pk}/", follow=True)

    assert page.wsgi_request.workspace == others.workspace
    assert alice.session[SESSION_KEY] == others.workspace_id


def test_what_belongs_to_others_cannot_be_opened_nor_marked(alice, team):
    foreign = NotificationFactory(membership=team.bob.memberships.get())

    assert alice.get(f"/notifications/{foreign.pk}/").status_code == 404
    alice.post(READ, {"until": foreign.pk + 5})

    assert Notification.objects.unread().get() == foreign


def test_all_are_marked_up_to_the_newest_that_was_shown(alice, mine, others):
    NotificationFactory(membership=mine)
    shown = NotificationFactory(membership=others)
    page = alice.get(LIST)
    later = NotificationFactory(membership=mine)

    response = alice.post(READ, {"until": page.context["newest"].pk})

    assert page.context["newest"] == shown
    assert response["Location"] == LIST
    assert Notification.objects.unread().get() == later


@pytest.mark.parametrize("until", ["", "x", "-1", "9" * 40, "1\0"])
def test_a_forged_mark_is_refused(alice, mine, until):
    NotificationFactory(membership=mine)

    assert alice.post(READ, {"until": until}).status_code == 400
    assert Notification.objects.unread().count() == 1


def test_nothing_unread_needs_no_button(alice, mine):
    NotificationFactory(membership=mine, read_at=timezone.now())

    assert "Mark all as read" not in alice.get(LIST).content.decode()


# What comes by e-mail


def choice(membership, *kinds):
    prefix = f"workspace-{membership.workspace_id}"
    return {f"{prefix}-shown": "True", f"{prefix}-kinds": list(kinds)}


def test_the_page_shows_every_kind_of_every_workspace_as_chosen(alice, team, mine, others):
    page = alice.get(SETTINGS).content.decode().partition("</main>")[0]

    for name in ("Tables &amp; more", team.workspace.name):
        assert f">{name}</bdi></th>" in page
    boxes = page.count('type="checkbox"')
    assert boxes == 2 * len(NotificationKind.values)
    assert page.count(" checked>") == boxes - 2  # all but published pins


def test_a_choice_is_kept_for_each_workspace(alice, mine, others):
    response = alice.post(SETTINGS, choice(mine, "published", "failed") | choice(others))

    assert response["Location"] == SETTINGS
    mine.refresh_from_db()
    others.refresh_from_db()
    assert set(NotificationKind.values) - set(mine.muted_kinds) == {"published", "failed"}
    assert set(others.muted_kinds) == set(NotificationKind.values)


def test_a_workspace_that_the_page_did_not_show_keeps_its_choice(alice, mine, others):
    alice.post(SETTINGS, choice(mine))

    others.refresh_from_db()
    assert others.muted_kinds == ["published"]


@pytest.mark.parametrize("kind", ["", "everything", "\0", "failed\ud800"])
def test_a_kind_that_nobody_knows_is_refused(alice, mine, kind):
    body = f"workspace-{mine.workspace_id}-shown=True&workspace-{mine.workspace_id}-kinds="
    body += kind.encode("utf-8", "surrogatepass").hex("%") and "%" + kind.encode("utf-8", "surrogatepass").hex("%")
    response = alice.post(SETTINGS, body, content_type="application/x-www-form-urlencoded")

    assert response.status_code == 400
    mine.refresh_from_db()
    assert mine.muted_kinds == ["published"]


def test_the_choice_of_others_is_out_of_reach(alice, team, mine):
    theirs = team.charlie.memberships.get()

    alice.post(SETTINGS, choice(mine) | choice(theirs))

    theirs.refresh_from_db()
    assert theirs.muted_kinds == ["published"]
    assert Membership.objects.get(user=team.bob).muted_kinds == ["published"]


def test_a_viewer_chooses_too(client, team):
    client.force_login(team.bob)
    membership = team.bob.memberships.get()

    client.post(SETTINGS, choice(membership, "held"))

    membership.refresh_from_db()
    assert "held" not in membership.muted_kinds
