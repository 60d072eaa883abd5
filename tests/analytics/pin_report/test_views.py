import csv
import io
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
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
    PinSummaryFactory,
)
from tests.page_text import page_text

pytestmark = pytest.mark.django_db
PINS = "/analytics/pins/"


def add(board, title="A chair", days_old=30, attachments=0, **columns):
    at = timezone.now() - timedelta(days=days_old)
    pin = PinFactory(board=board, title=title, status=PinStatus.PUBLISHED, publish_at=at, attachments=attachments)
    return PinSummaryFactory(pin=pin, **columns)


def unknown(board, **columns):
    nothing = dict.fromkeys(("impressions", "pin_clicks", "outbound_clicks", "saves", "reactions", "comments"))
    return add(board, **nothing | {"lifetime_at": None} | columns)


def titles(response):
    return [row.summary.pin.title for row in response.context["table"].rows]


def url_of(summary, ending="/"):
    return f"{PINS}{summary.pin.pinterest_pin_id}{ending}"


def queries_of(browser, url):
    with CaptureQueriesContext(connection) as captured:
        response = browser.get(url)
        assert response.status_code == 200
        b"".join(response.streaming_content) if response.streaming else response.content
    return len(captured)


# The table


def test_the_table_shows_what_each_pin_has_come_to(team, alice):
    add(team.board, "Oak chair", impressions=12345, pin_clicks=678, outbound_clicks=90, saves=432, attachments=1)

    page = page_text(alice.get(PINS))

    for text in ("Oak chair", team.board.name, "Image", "12,345", "678", "90", "432", "3.50%", "30 days"):
        assert text in page
    assert "-small" in page or "<img" in page


def test_a_press_on_the_head_sorts_and_a_second_one_turns_the_order(team, alice):
    for title, saves in (("few", 1), ("most", 50), ("some", 7)):
        add(team.board, title, saves=saves)
    unknown(team.board, title="unknown")

    first = alice.get(PINS)
    link = next(head.url for head in first.context["table"].heads if head.label == "Saves")
    sorted_once = alice.get(PINS + link)
    turned = alice.get(PINS + next(h.url for h in sorted_once.context["table"].heads if h.label == "Saves"))

    assert titles(sorted_once) == ["most", "some", "few", "unknown"]
    assert titles(turned) == ["few", "some", "most", "unknown"]
    assert 'aria-sort="descending"' in page_text(sorted_once)
    assert page_text(turned).count("aria-sort=") == 1
    assert 'aria-sort="ascending"' in page_text(turned)


def test_by_age_the_youngest_come_first(team, alice):
    add(team.board, "old", days_old=30)
    add(team.board, "young", days_old=3)

    assert titles(alice.get(PINS, {"sort": "age"})) == ["young", "old"]
    assert titles(alice.get(PINS, {"sort": "-age"})) == ["old", "young"]


def test_filter_and_search_survive_sorting_and_paging(team, alice):
    for number in range(35):
        add(team.board, f"Chair {number}", saves=number)
    add(BoardFactory(account=team.account), "Chair elsewhere")
    add(team.board, "Table")

    page = alice.get(PINS, {"board": team.board.pk, "q": "chair", "sort": "-saves"})
    second = alice.get(PINS + page.context["table"].next_url)
    back = alice.get(PINS + second.context["table"].first_url)

    assert titles(page) + titles(second) == [f"Chair {number}" for number in reversed(range(35))]
    assert titles(back) == titles(page)
    turned = alice.get(PINS + next(head.url for head in second.context["table"].heads if head.label == "Saves"))
    assert titles(turned)[0] == "Chair 0"
    assert second.context["table"].next_url is None
    assert page.context["table"].first_url is None


@pytest.mark.parametrize(
    "query",
    ["sort=nonsense", "after=²", "after=~", "after=x~1", "sort=%00", "after=%00", "q=%00", "account=²", "board=x",
     "kind=poster", "since=yesterday", "until=9999-12-31", "since=0001-01-01", "sort=age&after=5~1"],
)  # fmt: skip
def test_parameters_that_cannot_be_understood_are_left_aside(team, alice, query):
    add(team.board, "Oak chair")

    assert titles(alice.get(f"{PINS}?{query}")) == ["Oak chair"]


def test_the_page_behind_the_last_one_leads_back(team, alice):
    summary = add(team.board)

    page = page_text(alice.get(PINS, {"after": f"{summary.impressions}~{summary.pk}"}))

    assert "No more pins" in page
    assert "Back to the start" in page


def test_the_table_has_pins_of_all_accounts_and_none_of_others(team, alice):
    add(team.board, "ours")
    add(BoardFactory(account__workspace=team.workspace), "our other account's")
    add(BoardFactory(), "theirs")

    assert set(titles(alice.get(PINS))) == {"ours", "our other account's"}


def test_a_row_without_figures_says_why(team, alice):
    unknown(team.board, days_old=1)
    unknown(team.board, days_old=10)
    add(team.board, gone_at=timezone.now())

    page = page_text(alice.get(PINS))

    assert "New pins need 24 to 48 hours for data" in page
    assert "Not loaded yet" in page
    assert "Deleted on Pinterest" in page


def test_a_figure_that_is_missing_among_others_is_not_drawn_as_zero(team, alice):
    add(team.board, impressions=7, saves=None, save_rate=None)

    assert page_text(alice.get(PINS)).count("–") == 2


def test_an_empty_table_says_what_it_waits_for(team, alice):
    nothing = page_text(alice.get(PINS))
    PinFactory(board=team.board, status=PinStatus.PUBLISHED)
    published = page_text(alice.get(PINS))
    add(team.board)
    filtered = page_text(alice.get(PINS, {"q": "zebra"}))

    assert "No published pins yet" in nothing
    assert "within a minute" in published
    assert "No matching pins" in filtered


def test_the_table_costs_as_many_queries_for_many_rows_as_for_one(team, alice):
    AccountFeedFactory(account=team.account)
    add(team.board, attachments=1)
    with_one = queries_of(alice, PINS)
    for number in range(6):
        add(BoardFactory(account=team.account), attachments=1, saves=number)

    assert queries_of(alice, PINS) == with_one
    assert with_one <= 12


def test_freshness_is_that_of_the_account_with_trouble(team, alice):
    AccountFeedFactory(account=team.account)
    troubled = AccountFeedFactory(account=BoardFactory(account__workspace=team.workspace).account, trouble="delayed")

    assert alice.get(PINS).context["account"] == troubled.account
    assert alice.get(PINS, {"account": team.account.pk}).context["account"] == team.account


# The table as CSV


def rows_of(response):
    return list(csv.DictReader(io.StringIO(response.getvalue().decode("utf-8-sig"))))


def test_the_csv_has_all_rows_that_fit_in_their_order(team, alice):
    for number in range(70):
        add(team.board, f"Chair {number}", saves=number)
    unknown(team.board, title="Chair of nobody")
    add(team.board, "Table")

    response = alice.get("/analytics/pins.csv", {"q": "chair", "sort": "saves"})
    rows = rows_of(response)

    assert response.streaming
    assert [row["title"] for row in rows] == [f"Chair {number}" for number in range(70)] + ["Chair of nobody"]
    assert (rows[5]["saves"], rows[5]["save_rate"]) == ("5", "0.005")
    assert (rows[-1]["impressions"], rows[-1]["save_rate"], rows[-1]["note"]) == ("", "", "not_asked")
    assert re.fullmatch(r'attachment; filename="pins-[a-z0-9-]+\.csv"', response["Content-Disposition"])


@pytest.mark.parametrize("title", ['=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_title_is_never_a_formula(team, alice, title):
    add(team.board, title)
    BoardFactory(account=team.account, name="=1")

    (row,) = rows_of(alice.get("/analytics/pins.csv"))

    assert row["title"].startswith("'")


def test_a_title_with_quotes_and_lines_stays_one_cell(team, alice):
    add(team.board, 'An "oak, chair"\nby hand – für alle')

    (row,) = rows_of(alice.get("/analytics/pins.csv"))

    assert row["title"] == 'An "oak, chair"\nby hand – für alle'


def test_the_csv_costs_as_many_queries_for_many_rows_as_for_one(team, alice):
    add(team.board)
    with_one = queries_of(alice, "/analytics/pins.csv")
    for _ in range(5):
        add(BoardFactory(account=team.account))

    assert queries_of(alice, "/analytics/pins.csv") == with_one


# The page of one pin


def test_the_page_of_a_pin_shows_its_figures_and_the_pin(team, alice):
    summary = add(team.board, "Oak chair", impressions=2_147_483_648, reactions=17, comments=3, attachments=1)
    PinDayFactory(pin=summary.pin)

    page = page_text(alice.get(url_of(summary)))

    for text in ("2.15bn", "2,147,483,648", "17", "Oak, by hand.", "https://example.com/chair", team.board.name):
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
