import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from pins.listing import pages as listing_pages
from pins.models import MediaFile, Pin, PinEvent, PinEventKind, PinStatus
from pins.scheduling import services as scheduling
from tests.factories import PinFactory
from tests.page_text import said, text

pytestmark = pytest.mark.django_db

TOO_LATE = [("error", scheduling.TOO_LATE)]


@pytest.fixture
def pin(team):
    """Makes pins of the team: `pin(status=…)`."""

    def make(**fields):
        return PinFactory(**({"board": team.board, "status": PinStatus.DRAFT} | fields))

    return make


def url(name, pin=None):
    return reverse(f"pins:{name}", args=[pin.pk] if pin else [])


def read_again(pin):
    return Pin.objects.get(pk=pin.pk)


# Cancel, retry, duplicate, delete.


def test_cancelling_makes_a_draft(alice, team, pin):
    scheduled = pin(status=PinStatus.SCHEDULED)

    response = alice.post(url("pin_cancel", scheduled))

    assert response["Location"] == url("pin_detail", scheduled)
    assert said(response) == [("success", "Unscheduled. The pin is a draft again.")]
    assert read_again(scheduled).status == PinStatus.DRAFT
    assert PinEvent.objects.get().by == team.alice


@pytest.mark.parametrize("status", [PinStatus.CREATING, PinStatus.VERIFYING, PinStatus.PUBLISHED])
def test_cancelling_can_be_too_late(alice, pin, status):
    busy = pin(status=status)

    assert said(alice.post(url("pin_cancel", busy))) == TOO_LATE
    assert read_again(busy).status == status


def test_a_failed_pin_is_tried_again(alice, pin):
    failed = pin(status=PinStatus.FAILED, error_code="refused")

    response = alice.post(url("pin_retry", failed))

    assert response["Location"] == url("pin_detail", failed)
    assert (read_again(failed).status, read_again(failed).error_code) == (PinStatus.SCHEDULED, "")


def test_only_failed_pins_are_tried_again(alice, pin):
    draft = pin()

    assert said(alice.post(url("pin_retry", draft))) == [("error", "Nothing to retry: the pin hasn't failed.")]
    assert read_again(draft).status == PinStatus.DRAFT


def test_a_copy_is_a_draft_with_the_same_content(alice, pin):
    published = pin(status=PinStatus.PUBLISHED, title="Oak", alt_text="A chair")

    response = alice.post(url("pin_duplicate", published))

    copy = Pin.objects.exclude(pk=published.pk).get()
    assert response["Location"] == url("pin_edit", copy)
    assert (copy.status, copy.title, copy.alt_text, copy.board) == ("draft", "Oak", "A chair", published.board)
    assert list(copy.media.all()) == list(published.media.all())
    assert (copy.pinterest_pin_id, copy.publish_at, copy.published_at) == ("", None, None)


def test_deleting_asks_first_and_keeps_the_pictures(alice, pin):
    draft = pin(title="Oak")

    assert "Oak" in text(alice.get(url("pin_delete", draft)))
    assert Pin.objects.exists()
    response = alice.post(url("pin_delete", draft))

    assert response["Location"] == url("pin_list")
    assert said(response) == [("success", "“Oak” deleted. If it was published, it stays on Pinterest.")]
    assert not Pin.objects.exists()
    assert MediaFile.objects.exists()


@pytest.mark.parametrize("status", [PinStatus.CREATING, PinStatus.VERIFYING])
def test_a_pin_that_pinterest_may_be_creating_is_not_deleted(alice, pin, status):
    busy = pin(status=status)

    assert said(alice.post(url("pin_delete", busy))) == TOO_LATE
    assert Pin.objects.get().status == status


# Looking.


def test_the_link_of_a_draft_may_be_anything_and_is_no_link(alice, pin):
    shown = pin(status=PinStatus.DRAFT, link="javascript:alert(1)")

    page = text(alice.get(url("pin_detail", shown)))

    assert "javascript:alert(1)" in page
    assert 'href="javascript' not in page


# A proposed one has no fragment: its page is loaded anew (test_views_approval.py).
@pytest.mark.parametrize("status", [status for status in PinStatus if status != PinStatus.PROPOSED])
def test_the_page_and_the_fragment_of_every_status(alice, pin, status):
    shown = pin(status=status, title="Oak")

    page = alice.get(url("pin_detail", shown))
    fragment = alice.get(url("pin_detail", shown), headers={"HX-Request": "true"})

    assert f"badge--{status}" in text(fragment)
    assert "<html" in text(page)
    assert "<html" not in text(fragment)
    for response in (page, fragment):
        assert "HX-Request" in response["Vary"]
    assert ("hx-trigger" in text(fragment)) == shown.is_on_its_way


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (
            {"status": "uploading", "upload_percent": 42},
            ["Uploading the video to Pinterest.", 'value="42"', "42%", "Unschedule"],
        ),
        ({"status": "uploading", "uploads": 1}, ["Uploading the video again", "0%"]),
        ({"status": "processing", "uploads": 1}, ["usually takes a few minutes", "less than a minute"]),
        ({"status": "processing", "uploads": 2}, ["after a second upload"]),
        ({"status": "processing", "media_ready_at": timezone.now()}, ["has processed the video"]),
    ],
)
def test_the_page_says_how_far_a_video_is(alice, pin, fields, words):
    page = text(alice.get(url("pin_detail", pin(**fields))))

    for part in words:
        assert part in page


def test_the_page_says_how_long_a_video_has_been_processed(alice, pin):
    shown = pin(status="processing", processing_since=timezone.now() - timedelta(minutes=3, seconds=5))

    assert "Processing for 3\xa0minutes" in text(alice.get(url("pin_detail", shown)))


def test_percentages_and_minutes_do_not_exchange_the_fragment(alice, pin):
    """They are updated in place (pin-status.js): a click that has begun on a button must not be lost."""
    shown = pin(status="uploading", upload_percent=42)
    before = text(alice.get(url("pin_detail", shown)))
    type(shown).objects.filter(pk=shown.pk).update(upload_percent=43)

    after = text(alice.get(url("pin_detail", shown)))

    state = re.compile(r'data-state="([^"]*)"')
    assert "43%" in after
    assert state.search(before)[1] == state.search(after)[1]


def test_a_failed_pin_says_why_and_offers_what_can_be_done(alice, pin):
    failed = pin(status=PinStatus.FAILED, error_code="unreachable", error_text="No answer.")

    page = text(alice.get(url("pin_detail", failed)))

    for name in ("pin_retry", "pin_edit", "pin_duplicate", "pin_delete"):
        assert url(name, failed) in page
    assert url("pin_cancel", failed) not in page


def test_a_viewer_is_offered_nothing_that_changes_a_pin(team, client, pin):
    client.force_login(team.bob)
    failed = pin(status=PinStatus.FAILED)

    page = text(client.get(url("pin_detail", failed)))

    for name in ("pin_retry", "pin_edit", "pin_duplicate", "pin_delete", "pin_cancel"):
        assert url(name, failed) not in page


def test_a_published_pin_leads_to_pinterest(alice, pin, settings):
    published = pin(status=PinStatus.PUBLISHED, pinterest_pin_id="123456789")

    assert f'href="{settings.SANDBOX_URL}/pin/123456789/"' in text(alice.get(url("pin_detail", published)))
    settings.PINTEREST_SANDBOX = False
    assert 'href="https://www.pinterest.com/pin/123456789/"' in text(alice.get(url("pin_detail", published)))


def test_the_page_of_a_pin_costs_as_many_queries_with_a_long_history(team, alice, pin, django_assert_max_num_queries):
    failed = pin(status=PinStatus.FAILED)
    PinEvent.objects.create(pin=failed, kind=PinEventKind.RETRIED, by=team.alice)
    with django_assert_max_num_queries(100) as short:
        alice.get(url("pin_detail", failed))
    for user in (team.bob, team.charlie, None):
        PinEvent.objects.create(pin=failed, kind=PinEventKind.RETRIED, by=user)

    with django_assert_max_num_queries(len(short)):
        alice.get(url("pin_detail", failed))


def test_the_list_is_filtered_by_status_and_title(alice, pin):
    oak, birch = pin(title="Oak chair"), pin(title="Birch chair", status=PinStatus.SCHEDULED)

    def listed(**query):
        return alice.get(url("pin_list"), query).context["pins"]

    assert listed() == [birch, oak]
    assert listed(status="draft") == [oak]
    assert listed(q="OAK") == [oak]
    assert listed(q="chair", status="scheduled") == [birch]
    assert listed(q="nothing") == []
    assert listed(q="\0", status="\0", before="\0") == [birch, oak]


def test_the_list_goes_on_where_the_page_ended(alice, pin, monkeypatch):
    monkeypatch.setattr(listing_pages, "PINS_PER_PAGE", 2)
    pins = [pin(title="Oak") for _ in range(5)]

    first = alice.get(url("pin_list"), {"q": "oak"})
    second = alice.get(url("pin_list") + first.context["next_url"])
    third = alice.get(url("pin_list") + second.context["next_url"])

    assert [page.context["pins"] for page in (first, second, third)] == [pins[:2:-1], pins[2:0:-1], pins[:1]]
    assert (first.context["newest_url"], third.context["next_url"]) == (None, None)
    assert third.context["newest_url"] == "?q=oak"
