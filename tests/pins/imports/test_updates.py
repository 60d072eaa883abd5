"""A table with everything that comes back changes the pins that it names, as it has shown before."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from pins.imports import jobs, services
from pins.imports.reading.files import read_file
from pins.models import Attachment, ImportStatus, Pin, PinStatus, RowStatus, Tag
from tests.factories import BoardFactory, PinFactory, WorkspaceFactory

from .helpers import NOW, codes, messages, table


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOW):
        yield


@pytest.fixture
def pin(team):
    return PinFactory(
        board=team.board,
        status=PinStatus.SCHEDULED,
        title="Oak chair",
        publish_at=NOW + timedelta(days=10),
        next_attempt_at=NOW + timedelta(days=10),
    )


def exported(alice):
    return b"".join(alice.get(reverse("analytics:plan_csv")).streaming_content)


def taken_in(team, content):
    return services.take_in(
        read_file(content), content, workspace=team.workspace, by=team.alice, now=NOW, file_name="all.csv"
    )


def carry_out(pin_import, by):
    services.begin(pin_import, ImportStatus.CREATING, by=by, now=NOW)
    jobs.work_on(pin_import.pk, timezone.now())


def test_a_table_that_comes_back_as_it_was_changes_nothing(team, alice, pin):
    PinFactory(board=team.board, status=PinStatus.DRAFT, publish_at=None, title="A draft")
    PinFactory(board=team.board, status=PinStatus.PUBLISHED)

    pin_import = taken_in(team, exported(alice))

    assert codes(pin_import) == {number: ["pin_unchanged?"] for number in (2, 3, 4)}
    assert set(pin_import.rows.values_list("status", flat=True)) == {RowStatus.SKIPPED}


@pytest.mark.parametrize("count", [3, 300])
def test_pins_that_come_back_cost_the_same_queries_for_any_number(team, alice, count, django_assert_max_num_queries):
    PinFactory.create_batch(count, board=team.board, status=PinStatus.DRAFT, publish_at=None)
    content = exported(alice)

    with django_assert_max_num_queries(20):
        pin_import = taken_in(team, content)

    assert pin_import.rows.filter(status=RowStatus.SKIPPED).count() == count


def test_what_was_changed_is_shown_first_and_then_written(team, alice, pin):
    other = BoardFactory(account=team.account, name="Tables")
    later = pin.publish_at + timedelta(days=1)
    content = exported(alice).decode("utf-8-sig").replace("Oak chair", "Ash table").replace(team.board.name, "Tables")
    content = content.replace(f"{pin.publish_at:%Y-%m-%dT%H:%M:%S}", f"{later:%Y-%m-%dT%H:%M:%S}")
    attachment = Attachment.objects.get()

    pin_import = taken_in(team, content.encode())
    assert codes(pin_import) == {2: ["pin_updated?"]}
    assert "Title: “Oak chair” becomes “Ash table”." in messages(pin_import, 2)[0]
    assert Pin.objects.get().title == "Oak chair"
    carry_out(pin_import, team.alice)

    changed = Pin.objects.get()
    assert (changed.title, changed.board, changed.status) == ("Ash table", other, PinStatus.SCHEDULED)
    assert changed.publish_at == changed.next_attempt_at == later.replace(microsecond=0)
    assert Attachment.objects.get().media == attachment.media
    assert pin_import.rows.get().status == RowStatus.UPDATED


def test_columns_that_a_table_has_not_stay_as_they_are(team, alice, pin):
    pin_import = taken_in(team, table({"Pin id": str(pin.pk), "Keywords": "oak, wood"}))

    carry_out(pin_import, team.alice)

    changed = Pin.objects.get()
    assert (changed.title, changed.keywords, changed.publish_at) == ("Oak chair", "oak, wood", pin.publish_at)


def test_tags_are_exported_and_changed(team, alice, pin):
    pin.tags.add(Tag.objects.create(workspace=team.workspace, name="Spring"))
    content = exported(alice)
    assert codes(taken_in(team, content)) == {2: ["pin_unchanged?"]}

    pin_import = taken_in(team, content.replace(b"Spring", b"Summer"))
    assert "Tags: “Spring” becomes “Summer”." in messages(pin_import, 2)[0]
    carry_out(pin_import, team.alice)

    assert [tag.name for tag in Pin.objects.get().tags.all()] == ["Summer"]


def test_a_pin_that_was_changed_meanwhile_is_not_overwritten(team, alice, pin):
    pin_import = taken_in(team, table({"Pin id": str(pin.pk), "Title": "Ash"}))
    Pin.objects.update(title="Elm", version=2)

    carry_out(pin_import, team.alice)

    assert Pin.objects.get().title == "Elm"
    assert codes(pin_import)[2][-1] == "pin_changed"


def test_a_published_pin_is_not_changed(team, alice):
    published = PinFactory(board=team.board, status=PinStatus.PUBLISHED, title="Oak")

    pin_import = taken_in(team, table({"Pin id": str(published.pk), "Title": "Ash"}))

    assert codes(pin_import) == {2: ["pin_sent"]}


def test_pins_of_other_workspaces_are_unknown(team, alice):
    foreign = PinFactory(workspace=WorkspaceFactory(), board=None, status=PinStatus.DRAFT)

    pin_import = taken_in(team, table({"Pin id": str(foreign.pk), "Title": "Ash"}))

    assert codes(pin_import) == {2: ["pin_unknown"]}


def test_a_scheduled_pin_must_keep_the_rules(team, alice, pin):
    pin_import = taken_in(team, table({"Pin id": str(pin.pk), "Title": "x" * 101}))

    assert codes(pin_import) == {2: ["title_too_long"]}


def test_pins_that_an_import_has_changed_are_not_deleted_with_it(team, alice, pin):
    pin_import = taken_in(team, table({"Pin id": str(pin.pk), "Title": "Ash"}))
    carry_out(pin_import, team.alice)
    pin_import.refresh_from_db()

    assert services.deletable_pins(pin_import) == []
