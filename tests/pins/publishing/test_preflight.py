from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from accounts.connections.board_sync import sync_account
from accounts.models import AccountStatus
from pins.composer import services as composer
from pins.models import MediaFile, PinEventKind, PinStatus
from pins.publishing import preflight
from pins.rules.composition import Composition
from pins.scheduling import services as scheduling

pytestmark = pytest.mark.django_db

NO_TROUBLE = {}


def finds(code_by_link):
    """A look at links that finds what the dictionary says, and asks nobody."""
    return lambda link: (code_by_link[link], f"Something about {link}.") if link in code_by_link else None


def check(pin, found=NO_TROUBLE):
    preflight.check(pin.pk, finds(found))
    pin.refresh_from_db()
    return [warning["code"] for warning in pin.warnings]


def asked_for_board(shop):
    return len(shop.sandbox.requests("boards/get"))


def checks(pin):
    return [event.text for event in pin.events.filter(kind=PinEventKind.CHECKED)]


# When it is checked


def test_a_scheduled_pin_is_checked_at_once_and_again_ten_minutes_before(shop, scheduled, time_machine):
    pin = scheduled(minutes=60)
    assert pin.preflight_at == timezone.now()

    assert check(pin) == []
    assert pin.preflight_at == pin.publish_at - timedelta(minutes=10)
    assert asked_for_board(shop) == 0

    time_machine.shift(timedelta(minutes=50))
    assert check(pin) == []
    assert pin.preflight_at is None
    assert asked_for_board(shop) == 1
    assert checks(pin) == []


def test_a_pin_that_goes_out_within_ten_minutes_is_checked_once(shop, scheduled):
    pin = scheduled(minutes=9)

    check(pin)

    assert pin.preflight_at is None
    assert asked_for_board(shop) == 1


def test_a_pin_that_goes_out_now_is_not_checked(scheduled):
    assert scheduled(minutes=0).preflight_at is None


def test_a_check_that_comes_too_late_is_left_to_publishing(shop, scheduled, time_machine):
    pin = scheduled(minutes=60)
    time_machine.shift(timedelta(hours=2))

    assert check(pin, {pin.link: "link_broken"}) == []

    assert pin.preflight_at is None
    assert asked_for_board(shop) == 0


@pytest.mark.parametrize("status", [PinStatus.DRAFT, PinStatus.CREATING, PinStatus.FAILED])
def test_only_scheduled_pins_are_checked(shop, status):
    pin = shop.pin(status=status, preflight_at=timezone.now())

    assert check(pin, {pin.link: "link_broken"}) == []


# What it finds


def test_a_board_that_is_gone_is_found_marked_and_told(shop, scheduled, time_machine):
    pin = scheduled(minutes=60)
    check(pin)
    shop.sandbox.delete_board(shop.board.pinterest_id)

    time_machine.shift(timedelta(minutes=51))

    assert check(pin) == ["board_missing"]
    shop.board.refresh_from_db()
    assert shop.board.missing_since == timezone.now()
    assert (pin.status, pin.next_attempt_at) == (PinStatus.SCHEDULED, pin.publish_at)
    [said] = checks(pin)
    assert "“Chairs” is no longer on Pinterest" in said


def test_a_missing_board_that_is_back_is_found_and_told_no_longer(shop, scheduled, time_machine):
    pin = scheduled(minutes=60)
    shop.sandbox.change_board(shop.board.pinterest_id, privacy="SECRET")
    sync_account(shop.account)
    assert check(pin) == ["board_missing"]
    shop.sandbox.change_board(shop.board.pinterest_id, privacy="PUBLIC")

    time_machine.shift(timedelta(minutes=51))

    assert check(pin) == []
    shop.board.refresh_from_db()
    assert shop.board.missing_since is None


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_proxys_page_marks_no_board_and_alarms_nobody(shop, scheduled, status):
    pin = scheduled(minutes=9)
    shop.sandbox.fault("boards/get", "proxy", status=status)

    assert check(pin) == []

    shop.board.refresh_from_db()
    assert shop.board.missing_since is None
    assert pin.preflight_at == timezone.now() + timedelta(minutes=1)


def test_a_dead_connection_is_found(shop, scheduled):
    pin = scheduled(minutes=5)
    shop.sandbox.revoke(username="chairshop")

    assert check(pin) == ["account_not_connected"]

    shop.account.refresh_from_db()
    assert shop.account.status == AccountStatus.NEEDS_RECONNECT


def test_a_board_that_the_account_may_not_see_is_told_in_the_words_of_the_table(shop, scheduled):
    pin = scheduled(minutes=5)
    shop.sandbox.fault("boards/get", "message", status=403, code=29, message="You are not permitted.")

    assert check(pin) == ["not_permitted"]
    assert "choose another board" in pin.warnings[0]["message"]


def test_a_file_that_cannot_be_read_is_found(scheduled):
    pin = scheduled(minutes=60)
    media = pin.media_files[0]
    media.file.storage.delete(media.file.name)

    assert check(pin) == ["media_missing"]
    assert pin.warnings[0]["field"] == "attachments"
    assert "“chair.jpg” can't be read" in pin.warnings[0]["message"]


def test_an_empty_file_is_found(scheduled):
    pin = scheduled(minutes=60)
    media = pin.media_files[0]
    media.file.storage.delete(media.file.name)
    media.file.storage.save(media.file.name, ContentFile(b""))

    assert check(pin) == ["media_missing"]


def test_a_rule_that_is_broken_since_is_found(scheduled):
    pin = scheduled(minutes=60)
    MediaFile.objects.filter(pins=pin).update(content_type="image/gif")

    assert check(pin) == ["image_type"]


def test_links_are_looked_at_once_each_and_told_at_their_field(scheduled):
    pin = scheduled(minutes=60, attachments=2)
    first, second = pin.attachments.all()
    first.link, second.link = pin.link, "https://bit.ly/oak"
    first.save()
    second.save()
    looked = []

    def look_at(link):
        looked.append(link)
        return ("link_shortener", "Shortened.") if "bit.ly" in link else ("link_broken", "Gone.")

    preflight.check(pin.pk, look_at)

    pin.refresh_from_db()
    assert sorted(looked) == ["https://bit.ly/oak", pin.link]
    assert {(warning["field"], warning["code"]) for warning in pin.warnings} == {
        ("link", "link_broken"),
        ("attachments", "link_shortener"),
    }


def test_with_links_switched_off_only_the_name_counts(scheduled, settings):
    settings.CHECK_LINKS = False
    plain, shortened = scheduled(minutes=60), scheduled(minutes=60, link="https://bit.ly/oak")

    assert check(plain, {plain.link: "link_broken"}) == []
    assert check(shortened) == ["link_shortener"]


# Pinterest is away


@pytest.mark.parametrize(
    ("kind", "options"), [("rate_limited", {}), ("server_error", {"status": 503}), ("connection_closed", {})]
)
def test_when_pinterest_does_not_answer_it_is_asked_again_a_few_times_and_nobody_is_alarmed(
    shop, scheduled, time_machine, kind, options
):
    shop.sandbox.fault("boards/get", kind, times=None, **options)
    pin = scheduled(minutes=10)

    waits = []
    while pin.preflight_at is not None:
        time_machine.move_to(pin.preflight_at, tick=False)
        asked_at = timezone.now()
        assert check(pin) == []
        waits.append(pin.preflight_at and pin.preflight_at - asked_at)

    assert waits == [timedelta(minutes=1)] * 3 + [None]
    assert asked_for_board(shop) == 4
    assert checks(pin) == []
    shop.account.refresh_from_db()
    assert shop.account.posting_paused_until is None


def test_what_else_was_found_is_told_although_pinterest_does_not_answer(shop, scheduled):
    shop.sandbox.fault("boards/get", "server_error")
    pin = scheduled(minutes=10)

    assert check(pin, {pin.link: "link_broken"}) == ["link_broken"]
    assert pin.preflight_at is not None


def test_a_paused_account_is_left_in_peace(shop, scheduled):
    shop.account.posting_paused_until = timezone.now() + timedelta(hours=1)
    shop.account.save()

    assert check(scheduled(minutes=5)) == []
    assert asked_for_board(shop) == 0


def test_many_pins_of_one_board_cost_one_request(shop, scheduled):
    for pin in [scheduled(minutes=5) for _ in range(4)]:
        check(pin)

    assert asked_for_board(shop) == 1


# Mending


def test_scheduling_anew_forgets_the_warnings_and_checks_anew(shop, scheduled):
    pin = scheduled(minutes=60)
    check(pin, {pin.link: "link_broken"})
    content = Composition.of(pin)

    now = timezone.now()
    composer.edit_pin(pin, content, publish_at=pin.publish_at, is_draft=False, by=shop.team.alice, now=now)
    scheduling.schedule(pin, pin.publish_at, by=shop.team.alice, now=now)

    assert pin.warnings == []
    assert pin.preflight_at == now
    assert check(pin) == []


def test_the_history_names_a_finding_once_and_says_when_it_is_mended(scheduled, time_machine, empty_cache):
    pin = scheduled(minutes=60)
    check(pin, {pin.link: "link_broken"})
    time_machine.move_to(pin.preflight_at, tick=False)
    pin.preflight_at = timezone.now() + timedelta(minutes=1)
    pin.save(update_fields=["preflight_at"])
    time_machine.shift(timedelta(minutes=1))
    empty_cache()

    assert check(pin) == []

    assert checks(pin) == [f"Something about {pin.link}.", "All problems are fixed."]


def test_the_same_finding_is_not_told_twice(scheduled, time_machine):
    pin = scheduled(minutes=60)
    check(pin, {pin.link: "link_broken"})
    time_machine.move_to(pin.preflight_at, tick=False)

    check(pin, {pin.link: "link_broken"})

    assert len(checks(pin)) == 1


# Workers


def test_two_workers_check_a_pin_once(scheduled):
    pin = scheduled(minutes=60)
    looked = []

    def look_at(link):
        looked.append(link)
        preflight.check(pin.pk, look_at)  # another worker, with a second message

    preflight.check(pin.pk, look_at)

    assert looked == [pin.link]


def test_a_check_that_crashed_is_made_again_when_its_lease_has_ended(scheduled, time_machine):
    pin = scheduled(minutes=60)

    def crash(link):
        raise SystemExit

    with pytest.raises(SystemExit):
        preflight.check(pin.pk, crash)
    assert check(pin, {pin.link: "link_broken"}) == []
    time_machine.shift(preflight.LEASE)

    assert check(pin, {pin.link: "link_broken"}) == ["link_broken"]


@pytest.mark.parametrize("change", ["cancelled", "scheduled anew", "being sent"])
def test_a_pin_that_changes_during_its_check_keeps_nothing_of_it(shop, scheduled, time_machine, change):
    pin = scheduled(minutes=60)

    def look_at(link):
        time_machine.shift(timedelta(seconds=1))
        current = type(pin).objects.get(pk=pin.pk)
        if change == "cancelled":
            scheduling.cancel(current, by=shop.team.alice)
        elif change == "scheduled anew":
            scheduling.schedule(current, pin.publish_at, by=shop.team.alice, now=timezone.now())
        else:
            type(pin).objects.filter(pk=pin.pk).update(status=PinStatus.CREATING)
        return "link_broken", "Gone."

    preflight.check(pin.pk, look_at)

    pin.refresh_from_db()
    assert pin.warnings == []
    assert checks(pin) == []
