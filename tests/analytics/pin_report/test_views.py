"""The page of one pin's metrics, its files, and who may see them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from analytics.models import PinKind, PinSummary
from pins.models import PinStatus
from tests.factories import (
    AccountFeedFactory,
    BoardFactory,
    MembershipFactory,
    PinDayFactory,
    PinFactory,
    PinLifetimeFactory,
)
from tests.page_text import page_text

from .pages import PINS, add, queries_of, rows_of, url_of

pytestmark = pytest.mark.django_db

# The page of one pin


def test_the_page_of_a_pin_shows_its_figures_and_the_pin(team, alice):
    summary = add(team.board, "Oak chair", impressions=2_147_483_648, reactions=17, comments=3, attachments=1)
    PinDayFactory(pin=summary.pin)

    page = page_text(alice.get(url_of(summary)))

    for text in ("2.15B", "2,147,483,648", "17", "Oak, by hand.", "https://example.com/chair", team.board.name):
        assert text in page
    assert f'href="{reverse("pins:pin_detail", args=[summary.pin_id])}"' in page
    assert summary.pin.permalink in page


def test_the_page_of_a_published_pin_leads_to_its_figures(team, alice):
    summary = add(team.board)
    draft = PinFactory(board=team.board, status=PinStatus.DRAFT)

    assert f'href="{url_of(summary)}"' in page_text(alice.get(reverse("pins:pin_detail", args=[summary.pin_id])))
    assert "View analytics" not in page_text(alice.get(reverse("pins:pin_detail", args=[draft.pk])))


@pytest.mark.parametrize("ending", ["/", ".json", ".csv"])
def test_pins_of_others_and_unknown_ones_are_not_found(team, alice, ending):
    foreign = add(BoardFactory())

    for url in (url_of(foreign, ending), *(f"{PINS}{name}{ending}" for name in ("1", "²", "x", "%00", "9" * 50))):
        assert alice.get(url).status_code == 404


def test_a_pin_of_another_workspace_of_the_person_is_shown_in_its_zone(team, alice):
    other = MembershipFactory(user=team.alice, workspace__time_zone="Asia/Tokyo").workspace
    summary = add(BoardFactory(account__workspace=other))
    summary.pin.published_at = datetime(2026, 10, 1, 20, tzinfo=UTC)
    summary.pin.save()

    assert "Fri 2 Oct 2026, 05:00" in page_text(alice.get(url_of(summary)))


def test_a_pin_that_ingestion_has_not_seen_has_its_page(team, alice):
    pin = PinFactory(board=team.board, status=PinStatus.PUBLISHED)

    page = page_text(alice.get(f"{PINS}{pin.pinterest_pin_id}/"))

    assert "New pins need 24 to 48 hours for data" in page
    assert not PinSummary.objects.exists()


def test_the_range_is_that_of_the_account_and_begins_with_the_publication(team, alice):
    AccountFeedFactory(account=team.account, latest_on=date(2026, 10, 30))
    summary = add(team.board)
    PinSummary.objects.update(published_at=datetime(2026, 10, 20, 9, tzinfo=UTC))
    PinDayFactory(pin=summary.pin, date=date(2026, 10, 25))

    def period(days):
        found = alice.get(url_of(summary), {"days": days}).context["development"].period
        return found.start_on, found.end_on

    assert period("7") == (date(2026, 10, 24), date(2026, 10, 30))
    assert period("90") == period("all") == period("nonsense") == (date(2026, 10, 20), date(2026, 10, 30))
    page = page_text(alice.get(url_of(summary), {"days": "30"}))
    assert "The pin was published on 20 Oct 2026. The charts start there." in page


def test_a_range_before_the_publication_says_so(team, alice):
    AccountFeedFactory(account=team.account, latest_on=timezone.now().date() - timedelta(days=20))
    summary = add(team.board, days_old=10)

    page = page_text(alice.get(url_of(summary), {"days": "7"}))

    assert "after the end of this range" in page


def test_the_pin_page_costs_as_many_queries_for_many_days_as_for_one(team, alice):
    summary = add(team.board, attachments=1)
    AccountFeedFactory(account=team.account)
    PinDayFactory(pin=summary.pin)
    with_one = queries_of(alice, url_of(summary))
    for number in range(3, 20):
        PinDayFactory(pin=summary.pin, date=timezone.now().date() - timedelta(days=number))
        PinLifetimeFactory(pin=summary.pin, date=timezone.now().date() - timedelta(days=number))

    assert queries_of(alice, url_of(summary)) == with_one
    assert with_one <= 12


def test_the_csv_of_a_pin_has_a_row_a_day_and_empty_cells_for_what_is_missing(team, alice):
    AccountFeedFactory(account=team.account, latest_on=date(2026, 10, 30))
    summary = add(team.board, lifetime_at=datetime(2026, 10, 30, 9, tzinfo=UTC))
    PinDayFactory(pin=summary.pin, date=date(2026, 10, 29), impressions=0, saves=None, data_status="ESTIMATE")
    PinSummary.objects.update(published_at=datetime(2026, 10, 20, 9, tzinfo=UTC))

    response = alice.get(url_of(summary, ".csv"), {"days": "7"})
    rows = rows_of(response)

    assert [row["date"] for row in rows] == [f"2026-10-{number}" for number in range(24, 31)]
    assert (rows[5]["impressions"], rows[5]["saves"], rows[5]["data_status"]) == ("0", "", "ESTIMATE")
    assert set(rows[0].values()) == {"2026-10-24", ""}
    assert "2026-10-24-to-2026-10-30" in response["Content-Disposition"]


# Who may


def test_a_viewer_sees_all_of_it(team):
    summary, bob = add(team.board), Client()
    bob.force_login(team.bob)

    for url in (PINS, "/analytics/pins.csv", *(url_of(summary, ending) for ending in ("/", ".json", ".csv"))):
        assert bob.get(url).status_code == 200


@pytest.mark.parametrize("path", ["/analytics/pins.csv", *(f"{PINS}77{ending}" for ending in ("/", ".json", ".csv"))])
def test_the_addresses_are_for_members_and_for_reading_only(alice, path):
    assert alice.post(path).status_code == 405

    browser = Client(headers={"accept": "text/html"})
    assert browser.get(path)["Location"].startswith(f"{reverse('account_login')}?next=/")


def test_the_csv_has_nothing_of_others(team, alice):
    add(BoardFactory(), "theirs")

    assert rows_of(alice.get("/analytics/pins.csv")) == []


def test_kinds_are_named(team, alice):
    add(team.board, kind=PinKind.CAROUSEL)

    assert f"Carousel · <bdi>{team.board.name}</bdi> · {team.account}" in page_text(alice.get(PINS))


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"account": "999999"}, "This isn't in your workspace."),
        ({"board": "999999"}, "This isn't in your workspace."),
        ({"kind": "poem"}, "Unknown type."),
        ({"since": "soon"}, "This isn't a date."),
    ],
)
def test_a_filter_that_is_not_understood_is_told_at_its_field_and_makes_no_file(team, alice, query, sentence):
    page = alice.get(reverse("analytics:pin_list"), query)
    file = alice.get(reverse("analytics:pin_list_csv"), query)

    assert sentence in page_text(page)
    assert (file.status_code, sentence in page_text(file)) == (400, True)
