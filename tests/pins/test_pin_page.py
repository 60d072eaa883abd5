"""What a pin's page says once, and of everything that keeps the pin from going out."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccountStatus
from pins.errors import lookup as error_lookup
from pins.models import Pin, PinStatus
from postiz_pins.common.dates import format_moment
from tests.factories import PinFactory
from tests.page_text import page_text

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
NOT_CONNECTED = {"code": "account_not_connected", "field": "board", "message": "The account is not connected."}
BROKEN = {"code": "link_broken", "field": "link", "message": "The link's page doesn't exist (404)."}


@pytest.fixture
def page(team, alice):
    """`page(status=…)`: what the page of such a pin says, without the composer's and the history's words."""

    def read(**fields):
        pin = PinFactory(**({"board": team.board} | fields))
        html = page_text(alice.get(reverse("pins:pin_detail", args=[pin.pk])))
        html = re.sub('data-state="[^"]*"', "", html)
        return " ".join(html.partition('id="pin-status-')[2].partition("</section>")[0].split())

    return read


@pytest.fixture
def away(team):
    type(team.account).objects.update(status=AccountStatus.NEEDS_RECONNECT, trouble="Pinterest revoked it.")


def overdue():
    at = timezone.now() - HOUR
    return {"publish_at": at, "next_attempt_at": at}


def test_a_pin_in_doubt_tells_of_the_pause_and_not_of_a_search(team, page):
    type(team.account).objects.update(publishing_paused_at=timezone.now())

    said = page(status=PinStatus.VERIFYING, sent_at=timezone.now() - HOUR, **overdue())

    assert f"An administrator paused publishing for {team.account}." in said
    assert "Once it is resumed, we'll check the board" in said
    assert "We're checking the board first" not in said


def test_a_pin_in_doubt_whose_board_is_searched_says_so(page):
    assert "We're checking the board first" in page(status=PinStatus.VERIFYING, sent_at=timezone.now(), **overdue())


def test_an_overdue_pin_goes_out_at_no_past_time(page):
    said = page(**overdue())

    assert "Scheduled for <time" not in said
    assert "Was scheduled for <time" in said
    assert "It will be published as soon as possible." in said


def test_a_pin_of_tomorrow_goes_out_at_its_time(page):
    assert "Scheduled for <time" in page(publish_at=timezone.now() + 24 * HOUR)


@pytest.mark.parametrize("code", ["reconnect_needed", "account_not_connected"])
@pytest.mark.parametrize("status", [PinStatus.SCHEDULED, PinStatus.FAILED])
def test_that_the_account_needs_reconnecting_is_one_box_with_the_button(away, page, status, code):
    fields = {"error_code": code, "error_text": "@shop needs reconnecting."}

    said = page(status=status, warnings=[NOT_CONNECTED], **fields, **overdue())

    assert said.count('class="message') + said.count('class="explanation ') + said.count('class="explanation"') == 1
    assert "Reconnect @" in said


def test_other_warnings_stay_beside_that_box(away, page):
    said = page(publish_at=timezone.now() + HOUR, warnings=[NOT_CONNECTED, BROKEN])

    assert BROKEN["message"] in said
    assert NOT_CONNECTED["message"] not in said


def test_a_failed_pin_in_doubt_keeps_the_advice_about_its_doubt(away, page):
    said = page(status=PinStatus.FAILED, sent_at=timezone.now() - HOUR, error_code="reconnect_needed")

    assert "the pin may be live" in said
    assert "Reconnect @" in said


def test_a_rate_limit_is_told_once_with_its_end_in_the_workspaces_zone(team, page):
    until = timezone.now() + HOUR
    type(team.account).objects.update(posting_paused_until=until)

    said = page(error_code="rate_limited", error_text="Pinterest's rate limit was reached.", **overdue())

    assert said.count("rate limit") == 1
    assert f"We'll try again at {format_moment(until, team.workspace.zone)} ({team.workspace.time_zone})." in said


def test_the_history_names_the_rate_limit_and_its_end(team):
    team.account.posting_paused_until = timezone.now() + HOUR
    told = error_lookup.rate_limit_reached(PinFactory(board=team.board), team.account)

    assert told.startswith(f"Pinterest's rate limit for {team.account} was reached. We'll try again at ")


@pytest.mark.parametrize(
    ("link", "sentence"),
    [
        ("https://https://example.com/oak", "Did you mean https://example.com/oak?"),
        ("https://bit.ly/oak", "bit.ly is a link shortener"),
    ],
)
def test_a_drafts_page_warns_of_its_link_as_the_composer_does(page, link, sentence):
    assert sentence in page(status=PinStatus.DRAFT, link=link)


def test_a_draft_with_a_good_link_is_not_warned_of(page):
    assert "message--warning" not in page(status=PinStatus.DRAFT, link="https://example.com/oak")


def test_times_in_sentences_are_written_as_all_others(team, alice):
    at = timezone.now() - HOUR
    pin = PinFactory(board=team.board, status=PinStatus.FAILED, publish_at=at)

    html = page_text(alice.post(reverse("pins:pin_retry", args=[pin.pk])))

    assert f"{format_moment(at, team.workspace.zone)} ({team.workspace.time_zone}) has passed." in html
    assert Pin.objects.get(pk=pin.pk).status == PinStatus.FAILED


def test_a_full_stop_follows_a_time_without_a_space(alice, team):
    pin = PinFactory(board=team.board, publish_at=timezone.now() + timedelta(days=1))

    assert "</time>." in alice.get(reverse("pins:pin_detail", args=[pin.pk])).content.decode()
