"""The same pin twice at the same minute is asked for, wherever it is sent out."""

import re
import threading
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.db import connections
from django.urls import reverse
from django.utils import timezone

from pins.composer import services as composer
from pins.models import Pin, PinEventKind, PinStatus
from pins.rules.questions import ConfirmationNeeded
from pins.scheduling import approval
from pins.scheduling import services as scheduling
from tests.api_client import errors
from tests.factories import BoardFactory, MediaFileFactory, PinFactory
from tests.page_text import text
from tests.pins.approval_helpers import press

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("may_2031")]

AT = "2031-05-06T07:08"


@pytest.fixture
def planned(team):
    """A pin that is planned for a day, and how a draft of the same is made."""
    at = timezone.now().replace(second=0, microsecond=0) + timedelta(days=1)
    return PinFactory(board=team.board, title="Oak", link="https://example.com/oak", publish_at=at)


@pytest.fixture
def copy(planned, team):
    return composer.duplicate_pin(planned, by=team.alice, now=timezone.now())


def schedule(pin, at, by, **more):
    return scheduling.schedule(read(pin), at, by=by, now=timezone.now(), **more)


def read(pin):
    return Pin.objects.with_content().get(pk=pin.pk)


def confirm(browser, response):
    """Presses the button of the question, as a browser without scripts would: the address is the page's."""
    query = re.search(r'id="confirm"[^>]* formaction="(\?[^"]*)"', text(response)).group(1).replace("&amp;", "&")
    posted = response.wsgi_request.POST
    return browser.post(urlsplit(response.request["PATH_INFO"]).path + query, posted)


def test_an_exact_double_is_asked_for_and_then_done(team, planned, copy):
    with pytest.raises(ConfirmationNeeded) as asked:
        schedule(copy, planned.publish_at + timedelta(seconds=50), team.alice)

    (question,) = asked.value.questions
    assert (question.code, question.field) == ("exact_double", "publish_at")
    assert f"“Oak” (pin {planned.pk})" in question.message
    assert read(copy).status == PinStatus.DRAFT
    assert schedule(copy, planned.publish_at, team.alice, confirmed=["exact_double"])
    event = copy.events.get(kind=PinEventKind.SCHEDULED)
    assert event.text == f"Confirmed as a duplicate of “Oak” (pin {planned.pk}) in the same minute."


@pytest.mark.parametrize("status", [PinStatus.SCHEDULED, PinStatus.PROPOSED, PinStatus.PUBLISHED])
def test_what_goes_out_or_has_gone_out_counts(team, planned, copy, status):
    columns = {"pinterest_pin_id": "1", "published_at": timezone.now()} if status == PinStatus.PUBLISHED else {}
    Pin.objects.filter(pk=planned.pk).update(status=status, **columns)

    with pytest.raises(ConfirmationNeeded):
        schedule(copy, planned.publish_at, team.alice)


def test_a_link_in_another_spelling_is_the_same_link(team, planned, copy):
    Pin.objects.filter(pk=copy.pk).update(link="https://EXAMPLE.com:443/oak")

    with pytest.raises(ConfirmationNeeded):
        schedule(copy, planned.publish_at, team.alice)


@pytest.mark.parametrize("what", ["board", "media", "order", "link", "minute", "draft", "failed"])
def test_what_differs_is_no_double(team, planned, copy, what):
    at = planned.publish_at
    if what == "board":
        Pin.objects.filter(pk=copy.pk).update(board=BoardFactory(account=team.account))
    elif what == "media":
        copy.attachments.update(media=MediaFileFactory(workspace=team.workspace))
    elif what == "order":
        other = MediaFileFactory(workspace=team.workspace)
        planned.attachments.create(media=other, position=1)
        copy.attachments.update(position=1)
        copy.attachments.create(media=other, position=0)
    elif what == "link":
        Pin.objects.filter(pk=copy.pk).update(link="https://example.com/oak?utm_source=b")
    elif what == "minute":
        at += timedelta(minutes=1)
    else:
        Pin.objects.filter(pk=planned.pk).update(status=what)

    assert schedule(copy, at, team.alice)


def test_a_pin_is_no_double_of_itself(team, planned):
    assert schedule(planned, planned.publish_at, team.alice)


def test_trying_again_asks_if_the_pin_was_sent_as_another_one_meanwhile(team, planned, copy):
    Pin.objects.filter(pk=planned.pk).update(status=PinStatus.FAILED, next_attempt_at=None)
    assert schedule(copy, planned.publish_at, team.alice)

    with pytest.raises(ConfirmationNeeded):
        scheduling.retry(read(planned), by=team.alice, now=timezone.now())

    assert read(planned).status == PinStatus.FAILED
    assert scheduling.retry(read(planned), by=team.alice, now=timezone.now(), confirmed=["exact_double"])


def test_a_late_pin_asks_if_the_same_goes_out_at_this_minute(team, planned, copy):
    now = timezone.now()
    Pin.objects.filter(pk=planned.pk).update(publish_at=now)
    late = now - timedelta(days=2)
    columns = {"status": PinStatus.SCHEDULED, "publish_at": late, "next_attempt_at": late}
    Pin.objects.filter(pk=copy.pk).update(**columns)

    with pytest.raises(ConfirmationNeeded):
        scheduling.release_late(read(copy), by=team.alice, now=now)


def test_two_tabs_at_the_same_moment_ask_one_of_them(transactional_db, team, planned):
    at = planned.publish_at + timedelta(hours=1)
    copies = [composer.duplicate_pin(planned, by=team.alice, now=timezone.now()) for _ in range(2)]
    start, outcomes = threading.Barrier(2), []

    def tab(pin):
        start.wait()
        try:
            outcomes.append(schedule(pin, at, team.alice))
        except ConfirmationNeeded:
            outcomes.append("asked")
        finally:
            connections.close_all()

    tabs = [threading.Thread(target=tab, args=[pin]) for pin in copies]
    for each in tabs:
        each.start()
    for each in tabs:
        each.join()

    assert sorted(map(str, outcomes)) == ["True", "asked"]


def test_the_composer_asks_and_loses_nothing(alice, team, planned, copy):
    Pin.objects.filter(pk=planned.pk).update(publish_at="2031-05-06T05:08Z")

    asked = press(alice, copy, "schedule", title="Another title", publish_at=AT)

    page = text(asked)
    assert "Publish both?" in page
    assert 'value="Another title"' in page
    assert read(copy).status == PinStatus.DRAFT
    assert confirm(alice, asked).status_code == 302
    assert (read(copy).status, read(copy).title) == (PinStatus.SCHEDULED, "Another title")


def test_a_form_that_makes_a_pin_asks_before_there_is_one(alice, team, planned):
    form = {"board": team.board.pk, "link": planned.link, "attachments": [planned.media_files[0].pk]}
    now = timezone.localtime(planned.publish_at, team.workspace.zone)
    form |= {"publish_at": now.strftime("%Y-%m-%dT%H:%M"), "form_token": "7f1e9d1c-8d3e-4c52-9d0c-0a1d3d0f6f5a"}

    asked = alice.post(reverse("pins:pin_create"), form | {"action": "schedule"})

    assert Pin.objects.count() == 1
    confirm(alice, asked)
    assert Pin.objects.filter(status=PinStatus.SCHEDULED).count() == 2


def test_a_question_after_a_conflict_keeps_the_answer_to_it(alice, team, planned, copy):
    Pin.objects.filter(pk=planned.pk).update(publish_at="2031-05-06T05:08Z")
    Pin.objects.filter(pk=copy.pk).update(version=2)
    form = {"board": team.board.pk, "link": planned.link, "attachments": [planned.media_files[0].pk], "title": "Mine"}
    form |= {"version": 1, "publish_at": AT, "action": "schedule"}

    asked = alice.post(reverse("pins:pin_edit", args=[copy.pk]) + "?replaces=2", form)
    confirm(alice, asked)

    assert (read(copy).status, read(copy).title) == (PinStatus.SCHEDULED, "Mine")


def test_the_page_of_a_failed_pin_asks_before_it_tries_again(alice, team, planned, copy):
    schedule(copy, planned.publish_at, team.alice, confirmed=["exact_double"])
    Pin.objects.filter(pk=planned.pk).update(status=PinStatus.FAILED, next_attempt_at=None)

    asked = alice.post(reverse("pins:pin_retry", args=[planned.pk]))

    assert read(planned).status == PinStatus.FAILED
    confirm(alice, asked)
    assert read(planned).status == PinStatus.SCHEDULED


def test_proposing_and_approving_ask(people, draft, now):
    at = now + timedelta(days=1)
    PinFactory(board=people.board, publish_at=at, link=draft.link, attachments=0).attachments.create(
        media=draft.media_files[0], position=0
    )
    draft.publish_at = at
    draft.save()

    with pytest.raises(ConfirmationNeeded):
        approval.propose(draft, by=people.erin, now=now)
    assert approval.propose(read(draft), by=people.erin, now=now, confirmed=["exact_double"])

    asked = people.alice_browser.post(reverse("pins:pin_approve", args=[draft.pk]), {"version": read(draft).version})
    assert read(draft).status == PinStatus.PROPOSED
    confirm(people.alice_browser, asked)
    assert read(draft).status == PinStatus.SCHEDULED


def test_a_program_is_refused_and_told_how_to_confirm(program, content, team, picture):
    content |= {"publish_at": "2031-05-06T07:08:00Z"}
    assert program.create_pin(**content).status_code == 201

    refused = program.create_pin("key-1", **content)

    assert (refused.status_code, errors(refused)) == (422, [("exact_double", "publish_at")])
    assert 'repeat the request with "confirm": ["exact_double"].' in refused.json()["errors"][0]["message"]
    assert Pin.objects.count() == 1
    assert program.create_pin("key-1", **content, confirm=["exact_double"]).status_code == 201
    assert program.create_pin("key-1", **content).status_code == 200


def test_an_unknown_confirmation_is_named(program, content):
    refused = program.create_pin(**content, confirm=["everything"])

    assert (refused.status_code, errors(refused)) == (422, [("wrong_type", "confirm")])


def test_the_administration_says_that_the_pin_asks(admin_client, team, planned, copy):
    schedule(copy, planned.publish_at, team.alice, confirmed=["exact_double"])
    Pin.objects.filter(pk=planned.pk).update(status=PinStatus.FAILED, next_attempt_at=None)

    answer = admin_client.post(
        reverse("admin:pins_pin_changelist"), {"action": "retry", "_selected_action": [planned.pk]}, follow=True
    )

    assert "needs a confirmation on the pin's page (exact_double)" in text(answer)
    assert read(planned).status == PinStatus.FAILED
