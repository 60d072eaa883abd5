"""One image for several boards: the composer makes a pin for each, so many days apart."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import AuditEntry, Notification, Role
from pins.models import Pin, PinFamily, PinStatus
from pins.scheduling import approval
from tests.factories import (
    BoardFactory,
    MediaFileFactory,
    MembershipFactory,
    PinterestAccountFactory,
)
from tests.page_text import page_text
from tests.pins.families.helpers import NOW, boards_of, composed, members, moments, rows
from tests.pins.queue.helpers import add_times

pytestmark = pytest.mark.django_db

NEW = reverse("pins:pin_create")
AT_TEN = {"when": "time", "publish_at": "2027-03-10T10:00"}
SAME = {"more-at": "same"}


def test_a_pin_for_each_board_goes_out_so_many_days_after_the_one_before(alice, team):
    two, three = boards_of(team, 2)

    response = alice.post(NEW, composed(team, **AT_TEN, **SAME, **rows(two, three), **{"more-days": "7"}))

    made = members()
    assert [pin.board for pin in made] == [team.board, two, three]
    assert moments(team) == ["Wed 10 Mar 10:00", "Wed 17 Mar 10:00", "Wed 24 Mar 10:00"]
    assert {(pin.status, pin.title, pin.is_queued) for pin in made} == {(PinStatus.SCHEDULED, "Oak", False)}
    assert [pin.family_position for pin in made] == [1, 2, 3]
    assert len({media.pk for pin in made for media in pin.media_files}) == 1
    assert response.url == reverse("pins:pin_family", args=[made[0].family_id])
    assert PinFamily.objects.get().size == 3


def test_the_time_of_day_stays_over_a_change_of_the_clocks(alice, team):
    alice.post(NEW, composed(team, **AT_TEN, **SAME, **rows(*boards_of(team, 1)), **{"more-days": "30"}))

    assert moments(team) == ["Wed 10 Mar 10:00", "Fri 09 Apr 10:00"]


def test_at_publishing_times_each_account_has_its_own(alice, team):
    other = PinterestAccountFactory(workspace=team.workspace)
    add_times(team.account, "18:30")
    add_times(other, "08:00")
    mine, theirs = BoardFactory(account=team.account), BoardFactory(account=other)

    alice.post(NEW, composed(team, when="queue", **rows(theirs, mine), **{"more-days": "7"}))

    assert moments(team) == ["Mon 01 Mar 18:30", "Tue 09 Mar 08:00", "Tue 16 Mar 18:30"]
    assert all(pin.is_queued for pin in members())


def test_at_publishing_times_pins_stay_as_far_apart_as_the_account_wants(alice, team):
    add_times(team.account, "18:30")
    form = composed(team, when="queue", **rows(*boards_of(team, 2)), **{"more-days": "2"})

    page = page_text(alice.post(NEW, form | {"action": "more"}))
    alice.post(NEW, form)

    assert moments(team) == ["Mon 01 Mar 18:30", "Mon 08 Mar 18:30", "Mon 15 Mar 18:30"]
    assert "Some are further apart" in page
    assert page.count("· 7 days later") == 2


def test_a_row_with_a_time_of_its_own_has_it_and_the_interval_goes_on_from_there(alice, team):
    two, three = boards_of(team, 2)
    own = {"more-0-publish_at": "2027-03-20T08:15"}

    alice.post(NEW, composed(team, **AT_TEN, **SAME, **rows(two, three), **own, **{"more-days": "2"}))

    assert moments(team) == ["Wed 10 Mar 10:00", "Sat 20 Mar 08:15", "Mon 22 Mar 10:00"]


def test_with_no_days_between_the_page_warns_and_all_go_out_with_the_first(alice, team):
    form = composed(team, **AT_TEN, **SAME, **rows(*boards_of(team, 2)), **{"more-days": "0"})

    assert "Pinterest may show it to fewer people" in page_text(alice.post(NEW, form | {"action": "more"}))
    alice.post(NEW, form)

    assert moments(team) == ["Wed 10 Mar 10:00"] * 3


def test_published_now_the_others_follow_from_now(alice, team):
    alice.post(NEW, composed(team, when="now", **SAME, **rows(*boards_of(team, 1)), **{"more-days": "7"}))

    assert moments(team) == ["Mon 01 Mar 12:00", "Mon 08 Mar 12:00"]


def test_a_double_click_makes_them_once(alice, team):
    form = composed(
        team, **AT_TEN, **SAME, **rows(*boards_of(team, 2)), form_token="7f3c1f7e-8f0a-4b53-9a55-5f7b8f1f0001"
    )

    alice.post(NEW, form)
    alice.post(NEW, form)

    assert Pin.objects.count() == 3


# What is refused


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"more-days": "91"}, "Pins can be 0 to 90 days apart. You entered “91”."),
        ({"more-days": "a week"}, "Pins can be 0 to 90 days apart. You entered “a week”."),
        ({"more-0-board": ""}, "Choose a board, or remove this row."),
        ({"more-0-board": "99999"}, "This board isn't in your workspace."),
        ({"more-0-publish_at": "2027-02-30T10:00"}, "Enter the date and time like this: 2027-03-28 09:30."),
        ({"more-0-publish_at": "2027-02-20T10:00"}, "This time has passed. Choose a later one, or leave it empty."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_made_or_lost(alice, team, typed, sentence):
    board = boards_of(team, 1)[0]

    response = alice.post(NEW, composed(team, **AT_TEN, **rows(board)) | typed)

    assert sentence in page_text(response)
    assert not Pin.objects.exists()
    if "more-0-board" not in typed:
        assert f'<option value="{board.pk}" selected>' in " ".join(response.content.decode().split())


def test_the_same_board_twice_and_an_eleventh_are_refused(alice, team):
    again = alice.post(NEW, composed(team, **AT_TEN, **rows(team.board)))
    eleven = alice.post(NEW, composed(team, **AT_TEN, **SAME, **rows(*boards_of(team, 10))))

    assert f"“{team.board}” is already in the list." in page_text(again)
    assert "A pin can go to up to 10 boards, this one included. Remove 1." in page_text(eleven)
    assert not Pin.objects.exists()


def test_a_board_that_pinterest_has_lost_asks_for_another_one(alice, team):
    gone = BoardFactory(account=team.account, missing_since=NOW)

    response = alice.post(NEW, composed(team, **AT_TEN, **SAME, **rows(gone)))

    assert "no longer" in page_text(response)
    assert not Pin.objects.exists()


def test_without_a_free_place_for_one_none_is_made(alice, team):
    other = BoardFactory(account=PinterestAccountFactory(workspace=team.workspace))

    response = alice.post(NEW, composed(team, **AT_TEN, **rows(other)))

    assert f"{other.account} has no publishing times yet." in page_text(response)
    assert not Pin.objects.exists()


# Ten, who may, and what is noted


def test_ten_members_are_made_in_one_transaction_with_a_bounded_number_of_queries(alice, team):
    add_times(team.account, "18:30")

    def queries(count):
        Pin.objects.all().delete()
        form = composed(team, when="queue", **rows(*boards_of(team, count)), **{"more-days": "1"})
        with CaptureQueriesContext(connection) as captured:
            alice.post(NEW, form)
        assert len(members()) == count + 1
        return len([query for query in captured if "SAVEPOINT" not in query["sql"]])

    few = queries(2)

    assert (queries(9) - few) / 7 <= 5  # the rows of each pin, its file, its event and its audit entry


def test_members_of_a_person_who_needs_an_approval_are_proposed_for_their_times(client, team):
    team.workspace.requires_approval = True
    team.workspace.save()
    editor = MembershipFactory(workspace=team.workspace, role=Role.EDITOR).user
    client.force_login(editor)
    add_times(team.account, "18:30")

    client.post(NEW, composed(team, when="queue", **rows(*boards_of(team, 2)), **{"more-days": "7"}))

    made = members()
    assert {pin.status for pin in made} == {PinStatus.PROPOSED}
    assert moments(team) == ["Mon 01 Mar 18:30", "Mon 08 Mar 18:30", "Mon 15 Mar 18:30"]
    question = Notification.objects.get(user=team.alice)  # one for all of them
    assert question.text == f"{editor} requested approval of 3 pins that were made together with “Oak”."
    assert question.path == reverse("pins:pin_family", args=[made[0].family_id])
    for pin in made:
        question.refresh_from_db()
        assert question.read_at is None
        approval.approve(pin, version=pin.version, by=team.alice, now=NOW)
    question.refresh_from_db()
    assert question.read_at is not None


def test_a_further_pin_that_looks_too_near_is_told_at_its_row(alice, team):
    form = composed(team, **AT_TEN, **SAME, **rows(*boards_of(team, 2)), **{"more-days": "1"})

    page = alice.post(NEW, form | {"action": "more"})

    found = [[finding.code for finding in row["findings"]] for row in page.context["series_rows"]]
    assert found == [["same_picture"], ["same_picture"]]
    assert "Leave at least 7 days before it goes to another board." in page_text(page)


def test_history_and_audit_log_name_each_of_them(alice, team):
    alice.post(NEW, composed(team, **AT_TEN, **SAME, **rows(*boards_of(team, 1))))

    second = members()[1]
    assert second.events.first().text == "Made with “Oak” as 2 of 2."
    assert AuditEntry.objects.filter(target__startswith=f"pin {second.pk} ").count() == 2


def test_a_failed_member_does_not_stop_the_next(alice, team):
    alice.post(NEW, composed(team, **AT_TEN, **SAME, **rows(*boards_of(team, 2)), **{"more-days": "7"}))
    Pin.objects.filter(family_position=2).update(status=PinStatus.FAILED, next_attempt_at=None)

    third = members()[2]

    assert third in Pin.objects.due(third.publish_at)


# Drafts


def test_a_draft_keeps_its_boards_and_the_interval_until_it_goes_out(alice, team):
    two, three = boards_of(team, 2)
    plan = rows(two, three) | SAME | {"more-days": "14", "more-1-publish_at": "2027-05-01T09:00"}

    alice.post(NEW, composed(team, **AT_TEN, **plan) | {"action": "draft"})
    draft = Pin.objects.get()
    page = " ".join(alice.get(reverse("pins:pin_edit", args=[draft.pk])).content.decode().split())

    assert draft.status == PinStatus.DRAFT
    assert f'<option value="{two.pk}" selected>' in page
    assert 'name="more-days" id="id_more-days" min="0" max="90" inputmode="numeric" value="14"' in page
    assert 'value="2027-05-01T09:00"' in page
    form = composed(team, **AT_TEN, **plan, version=draft.version)
    alice.post(reverse("pins:pin_edit", args=[draft.pk]), form)
    assert moments(team) == ["Wed 10 Mar 10:00", "Wed 24 Mar 10:00", "Sat 01 May 09:00"]
    assert PinFamily.objects.get().plan == []


def test_saving_by_itself_keeps_the_plan_whatever_was_typed_and_forgets_what_was_dropped(alice, team):
    form = composed(team) | rows(*boards_of(team, 1)) | {"more-0-publish_at": "nonsense\0"}

    answer = alice.post(reverse("pins:pin_autosave_new"), form).json()

    assert PinFamily.objects.get().plan[0]["publish_at"] == "nonsense"
    dropped = {name: value for name, value in form.items() if not name.startswith("more-0")}
    alice.post(answer["autosave_url"], dropped | {"version": answer["version"]})
    assert not PinFamily.objects.exists()
    assert Pin.objects.get().family_position is None


def test_a_form_that_says_nothing_of_further_pins_leaves_the_plan(alice, team):
    form = composed(team) | rows(*boards_of(team, 1))
    answer = alice.post(reverse("pins:pin_autosave_new"), form).json()

    del form["more-token"]
    alice.post(answer["autosave_url"], form | {"version": answer["version"]})

    assert len(PinFamily.objects.get().plan) == 1


@pytest.mark.parametrize(("action", "boards"), [("more_add", 3), ("more_drop:0", 1), ("more_drop:7", 2), ("more", 2)])
def test_buttons_add_and_drop_boards_without_scripts(alice, team, action, boards):
    response = alice.post(NEW, composed(team, **AT_TEN, **rows(*boards_of(team, 2))) | {"action": action})

    assert response.content.decode().count('class="more-boards__row"') == boards
    assert not Pin.objects.exists()


def test_the_page_shows_moment_and_spacing_of_each(alice, team):
    form = composed(team, **AT_TEN, **SAME, **rows(*boards_of(team, 2)), **{"more-days": "7", "action": "more"})

    text = page_text(alice.post(NEW, form))

    assert text.count("· 7 days later") == 2
    assert "Wed 17 Mar 2027, 10:00</time>" in text
    assert "Wed 24 Mar 2027, 10:00</time>" in text


# Variations


def test_one_pin_per_image_has_a_title_of_its_own_and_the_same_link(alice, team):
    pictures = [MediaFileFactory(workspace=team.workspace, alt_text=f"Chair {n}") for n in range(3)]
    form = composed(
        team, **AT_TEN, **SAME, link="https://example.com/chair", attachments=[each.pk for each in pictures]
    )

    page = alice.post(NEW, form | {"action": "split"}).content.decode()
    assert page.count('class="more-boards__row"') == 2
    fields = {f"more-{n}-media": pictures[n + 1].pk for n in range(2)} | {
        f"more-{n}-title": f"Oak {n}" for n in range(2)
    }
    alice.post(NEW, form | fields | rows(team.board, team.board) | {"attachments": pictures[0].pk, "more-days": "3"})

    made = members()
    assert [pin.title for pin in made] == ["Oak", "Oak 0", "Oak 1"]
    assert [pin.media_files for pin in made] == [[each] for each in pictures]
    assert [pin.alt_text for pin in made[1:]] == ["Chair 1", "Chair 2"]
    assert {pin.link for pin in made} == {"https://example.com/chair"}
    assert PinFamily.objects.get().kind == "variations"
