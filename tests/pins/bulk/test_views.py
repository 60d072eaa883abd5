"""Changes of many pins at once, as the list and the pages of a change do them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse

from accounts.models import Role
from pins.bulk import services as bulk
from pins.bulk.actions import ACTIONS
from pins.bulk.subjects import PINS
from pins.listing.selection import SELECTION_ACTIONS
from pins.models import BulkChange, BulkItemStatus, BulkStatus, LinkPreset, Pin, PinStatus
from pins.tags.services import names_of
from tests.factories import BoardFactory, MembershipFactory, PinFactory, PublishingTimeFactory, UserFactory
from tests.page_text import page_text
from tests.pins.bulk.confirming import confirm, form_of

pytestmark = pytest.mark.django_db

START = reverse("pins:bulk_start")
LIST = reverse("pins:pin_list")
NOW = datetime(2027, 3, 1, 11, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture(autouse=True)
def _still():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def choose(alice):
    """Choose pins for an action; returns the address of the change."""

    def do(action, *pins, browser=alice, **more):
        response = browser.post(START, {"bulk_action": action, "pins": [pin.pk for pin in pins], **more})
        return response.headers["Location"]

    return do


@pytest.fixture
def carry_out(alice, choose, django_capture_on_commit_callbacks):
    """Choose, give options, and confirm what the preview shows; returns the page of the result."""

    def do(action, *pins, options=None, browser=alice, **more):
        url = choose(action, *pins, browser=browser, **more)
        if options is not None:
            assert browser.post(url, options | {"step": "options"}).status_code == 302
        with django_capture_on_commit_callbacks(execute=True):
            return confirm(browser, url, follow=True)

    return do


def planned(team, **fields):
    fields = {"board": team.board, "status": PinStatus.SCHEDULED, "publish_at": NOW + timedelta(days=20)} | fields
    return PinFactory(**fields)


def fresh(pin):
    return Pin.objects.get(pk=pin.pk)


def test_the_list_offers_exactly_what_can_be_done():
    assert [each.name for each in SELECTION_ACTIONS] == [each.name for each in ACTIONS.values() if each.subject is PINS]


def test_nothing_changes_before_it_is_confirmed(team, alice, choose):
    pin = planned(team)

    url = choose("draft", pin)
    text = page_text(alice.get(url))

    assert "1 of 1 pin" in text
    assert fresh(pin).status == PinStatus.SCHEDULED


def test_a_shift_by_days_keeps_the_time_of_day_over_a_change_of_the_clocks(team, carry_out):
    pin = planned(team, publish_at=datetime(2027, 3, 27, 9, 30, tzinfo=BERLIN))

    carry_out("shift", pin, options={"days": "1"})

    assert fresh(pin).publish_at == datetime(2027, 3, 28, 9, 30, tzinfo=BERLIN)
    assert fresh(pin).events.filter(text__startswith="Moved from").exists() or fresh(pin).events.exists()


def test_the_preview_lists_those_that_cannot_with_the_reason(team, alice, choose):
    pins = [
        planned(team, title="Movable"),
        planned(team, title="Live", status=PinStatus.PUBLISHED),
        PinFactory(board=team.board, title="No date", status=PinStatus.DRAFT, publish_at=None),
        planned(team, title="Soon", publish_at=NOW + timedelta(hours=1)),
    ]
    url = choose("shift", *pins)
    alice.post(url, {"step": "options", "days": "-1"})

    found = alice.get(url).context["found"]

    assert [str(pin) for pin in found.can] == ["Movable"]
    assert {str(pin): reason for pin, reason in found.cannot} == {
        "Live": "It is being published, or is live already.",
        "No date": "It has no date yet.",
        "Soon": "Its new time would be in the past.",
    }


def test_a_shift_is_taken_back_but_not_of_pins_that_were_changed_since(team, alice, carry_out):
    pins = [planned(team), planned(team, publish_at=NOW + timedelta(days=30))]
    before = [pin.publish_at for pin in pins]
    page = carry_out("shift", *pins, options={"hours": "5"})
    url = page.request["PATH_INFO"]
    Pin.objects.filter(pk=pins[1].pk).update(version=99)

    text = page_text(alice.post(url, {"step": "undo"}, follow=True))

    assert "Undone for 1 pin" in text
    assert "It was changed since, so it stays as it is." in text
    assert fresh(pins[0]).publish_at == before[0]
    assert fresh(pins[1]).publish_at == before[1] + timedelta(hours=5)


def test_a_board_is_set_and_taken_back(team, alice, carry_out):
    pin, other = planned(team), BoardFactory(account=team.account)
    page = carry_out("board", pin, options={"board": str(other.pk)})
    assert fresh(pin).board == other
    assert fresh(pin).status == PinStatus.SCHEDULED

    alice.post(page.request["PATH_INFO"], {"step": "undo"})

    assert fresh(pin).board == team.board


def test_after_seven_days_nothing_is_taken_back(team, alice, carry_out):
    pin = planned(team)
    page = carry_out("shift", pin, options={"days": "1"})
    moved = fresh(pin).publish_at

    with time_machine.travel(NOW + timedelta(days=7, minutes=1), tick=False):
        text = page_text(alice.post(page.request["PATH_INFO"], {"step": "undo"}, follow=True))

    assert "This can no longer be undone." in text
    assert fresh(pin).publish_at == moved


def test_a_saved_filter_stands_for_all_that_match_it(team, carry_out):
    pins = [planned(team, title=f"Oak {number}") for number in range(3)]
    other = planned(team, title="Ash")

    carry_out("draft", all="1", query="status=scheduled&q=oak")

    assert {fresh(pin).status for pin in pins} == {PinStatus.DRAFT}
    assert fresh(other).status == PinStatus.SCHEDULED


def test_a_filter_that_means_nothing_any_more_selects_nothing(team, alice):
    planned(team)

    response = alice.post(START, {"bulk_action": "delete", "all": "1", "query": "board=123456"}, follow=True)

    assert "A filter of the list has changed" in page_text(response)
    assert not BulkChange.objects.exists()


def test_pins_of_another_workspace_are_not_touched(team, carry_out):
    foreign, own = PinFactory(status=PinStatus.DRAFT), planned(team)

    carry_out("delete", foreign, own)

    assert Pin.objects.filter(pk=foreign.pk).exists()
    assert not Pin.objects.filter(pk=own.pk).exists()


def test_another_number_than_was_confirmed_changes_nothing(team, alice, choose):
    pins = [planned(team), planned(team)]
    url = choose("draft", *pins)
    seen = form_of(alice, url)
    Pin.objects.filter(pk=pins[0].pk).update(status=PinStatus.PUBLISHED, published_at=NOW, pinterest_pin_id="1")

    text = page_text(alice.post(url, seen))

    assert "nothing was done" in text
    assert fresh(pins[1]).status == PinStatus.SCHEDULED
    assert BulkChange.objects.get().status == BulkStatus.PREVIEW


def test_confirming_twice_does_it_once(team, alice, carry_out):
    pin = planned(team)
    page = carry_out("shift", pin, options={"days": "1"})
    once = fresh(pin).publish_at

    alice.post(page.request["PATH_INFO"], {"step": "confirm", "digest": ""})

    assert fresh(pin).publish_at == once


def test_published_pins_are_not_deleted(team, carry_out):
    pin = planned(team, status=PinStatus.PUBLISHED)

    url_page = carry_out("delete", pin)

    assert Pin.objects.filter(pk=pin.pk).exists()
    assert url_page.status_code == 200


def test_tags_and_a_link_preset_are_added(team, carry_out):
    preset = LinkPreset.objects.create(workspace=team.workspace, name="Standard", campaign="{tag}")
    pin = planned(team, link="https://example.com/")

    carry_out("tags", pin, options={"tags": "Sale"})
    carry_out("preset", pin, options={"preset": str(preset.pk)})

    assert names_of(pin) == ["Sale"]
    assert fresh(pin).link == "https://example.com/?utm_source=pinterest&utm_medium=social&utm_campaign=sale"
    assert fresh(pin).status == PinStatus.SCHEDULED


def test_a_link_preset_deleted_before_the_change_is_confirmed_is_told(team, alice, choose):
    preset = LinkPreset.objects.create(workspace=team.workspace, name="Standard")
    pin = planned(team, link="https://example.com/")
    url = choose("preset", pin)
    alice.post(url, {"step": "options", "preset": str(preset.pk)})
    preset.delete()

    text = page_text(alice.get(url))

    assert "This link preset no longer exists." in text
    assert fresh(pin).link == "https://example.com/"


def test_pins_get_places_of_the_queue_interleaved_by_board(team, carry_out):
    for hour in (9, 10, 11, 12):
        for weekday in range(7):
            PublishingTimeFactory(account=team.account, weekday=weekday, time=f"{hour:02}:00")
    other = BoardFactory(account=team.account)
    pins = [
        PinFactory(board=board, status=PinStatus.DRAFT, publish_at=None, link=f"https://example.com/{number}")
        for number, board in enumerate([team.board, team.board, other, other])
    ]

    carry_out("queue", *pins, options={"order": "interleaved"})

    placed = Pin.objects.filter(is_queued=True).order_by("publish_at")
    assert [pin.board for pin in placed] in ([team.board, other] * 2, [other, team.board] * 2)
    assert len({pin.publish_at for pin in placed}) == 4


@pytest.fixture
def editor(team, client):
    """A browser of an editor whose pins need an approval."""
    team.workspace.requires_approval = True
    team.workspace.save()
    user = MembershipFactory(workspace=team.workspace, user=UserFactory(), role=Role.EDITOR).user
    browser = type(client)()
    browser.force_login(user)
    return browser


def test_an_editor_whose_pins_need_an_approval_neither_approves_nor_moves_what_is_scheduled(team, editor, choose):
    pin = planned(team)

    assert choose("approve", pin, browser=editor) == LIST
    url = choose("shift", pin, browser=editor)
    editor.post(url, {"step": "options", "days": "1"})
    [(_, reason)] = editor.get(url).context["found"].cannot

    assert "approval" in reason
    assert fresh(pin).publish_at == pin.publish_at


def test_approving_shows_every_image_and_sends_the_pins_out(team, alice, choose):
    team.workspace.requires_approval = True
    team.workspace.save()
    pins = [planned(team, status=PinStatus.PROPOSED, attachments=count) for count in (1, 2)]
    url = choose("approve", *pins)

    page = alice.get(url).content.decode()
    assert page.count("/thumbnails/card/") == 3

    confirm(alice, url)
    assert {fresh(pin).status for pin in pins} == {PinStatus.SCHEDULED}


def test_more_than_a_hundred_are_left_to_a_worker(team, alice, choose, monkeypatch, django_capture_on_commit_callbacks):
    sent = []
    monkeypatch.setattr(bulk.queueing, "send", lambda *message: sent.append(message))
    monkeypatch.setattr(bulk, "AT_ONCE", 1)
    monkeypatch.setattr(bulk, "BATCH", 2)
    pins = [planned(team) for _ in range(3)]
    url = choose("draft", *pins)

    with django_capture_on_commit_callbacks(execute=True):
        confirm(alice, url)

    change = BulkChange.objects.get()
    assert sent == [(bulk.TASK, change.pk)]
    assert "0 of 3 pins done" in page_text(alice.get(url))
    bulk.work_on(change.pk, NOW)
    assert {fresh(pin).status for pin in pins} == {PinStatus.DRAFT}
    assert "Done with 3 pins" in page_text(alice.get(url))


def test_a_worker_that_dies_leaves_each_pin_changed_once(team, alice, choose, monkeypatch):
    monkeypatch.setattr(bulk, "AT_ONCE", 1)
    monkeypatch.setattr(bulk, "BATCH", 2)
    pins = [planned(team, publish_at=NOW + timedelta(days=20 + number)) for number in range(4)]
    url = choose("shift", *pins)
    alice.post(url, {"step": "options", "days": "1"})
    confirm(alice, url)
    change = BulkChange.objects.get()
    attempts = []

    def dying(action, pin, job):
        attempts.append(pin.pk)
        if len(attempts) == 3:
            raise SystemExit
        return real(action, pin, job)

    real = bulk.attempt
    monkeypatch.setattr(bulk, "attempt", dying)
    with pytest.raises(SystemExit):
        bulk.work_on(change.pk, NOW)

    bulk.work_on(change.pk, NOW + timedelta(minutes=1))  # its lease has not ended
    assert change.items.filter(status=BulkItemStatus.WAITING).count() == 2
    bulk.work_on(change.pk, NOW + timedelta(minutes=5))

    assert [fresh(pin).publish_at - pin.publish_at for pin in pins] == [timedelta(days=1)] * 4


def test_a_user_who_has_left_changes_no_more(team, alice, choose, monkeypatch):
    monkeypatch.setattr(bulk, "AT_ONCE", 0)
    pin = planned(team)
    url = choose("draft", pin)
    confirm(alice, url)
    team.alice.memberships.filter(workspace=team.workspace).update(role=Role.VIEWER)

    bulk.work_on(BulkChange.objects.get().pk, NOW)

    assert fresh(pin).status == PinStatus.SCHEDULED
    assert BulkChange.objects.get().items.get().reason == bulk.NO_USER


def test_a_preview_costs_as_many_queries_for_one_pin_as_for_ten(team, alice, choose, django_assert_max_num_queries):
    urls = [choose("draft", *[planned(team) for _ in range(count)]) for count in (1, 10)]

    for url in urls:
        with django_assert_max_num_queries(20):
            alice.get(url)


@pytest.mark.parametrize(
    ("action", "options", "sentence"),
    [
        ("shift", {}, "Enter days or hours to shift by."),
        ("tags", {"tags": " , "}, "Enter at least one tag."),
        ("send_back", {"comment": ""}, "Enter a comment that says what needs to change."),
    ],
)
def test_options_are_refused_at_their_field(team, alice, choose, action, options, sentence):
    url = choose(action, planned(team))

    assert sentence in page_text(alice.post(url, {"step": "options", **options}))


@pytest.mark.parametrize(
    ("body", "sentence"), [({"bulk_action": "draft"}, "Select pins first."), ({"bulk_action": ""}, "Choose what to do")]
)
def test_a_bar_that_was_not_filled_in_says_so(team, alice, body, sentence):
    assert sentence in page_text(alice.post(START, body, follow=True))
