"""The table of all pins' metrics: order, filters, pages, and its file."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from pins.models import Pin, PinStatus
from tests.factories import (
    AccountFeedFactory,
    BoardFactory,
    MembershipFactory,
    PinDayFactory,
    PinFactory,
)
from tests.page_text import page_text

from .pages import PINS, add, queries_of, rows_of, titles, unknown

pytestmark = pytest.mark.django_db

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


def test_the_table_shows_saves_and_clicks_per_impression_and_the_last_days(team, alice):
    summary = add(team.board, impressions=2_000, pin_clicks=50, saves=10, save_rate=0.005)
    for back in (1, 2, 3):
        PinDayFactory(pin=summary.pin, date=timezone.now().date() - timedelta(days=back), impressions=back)

    row = page_text(alice.get(PINS)).split('<tr role="row" id="pin-')[1]

    assert 'data-label="Save rate">0.50%</td>' in row
    assert 'data-label="Click rate">2.50%</td>' in row
    assert '<svg class="sparkline"' in row


def test_an_editor_pins_a_winner_again_and_a_viewer_cannot(team, alice):
    summary = add(team.board, "A winner")
    address = reverse("pins:pin_duplicate", args=[summary.pin_id])
    assert f'form="pin-again" formaction="{address}"' in page_text(alice.get(PINS))

    answer = alice.post(address)

    copy = Pin.objects.exclude(pk=summary.pin_id).get()
    assert answer.url == reverse("pins:pin_edit", args=[copy.pk])
    assert (copy.title, copy.status) == ("A winner", PinStatus.DRAFT)

    viewer = Client()
    viewer.force_login(MembershipFactory(workspace=team.workspace, role=Role.VIEWER).user)
    assert "Pin again" not in page_text(viewer.get(PINS))


def test_a_range_means_the_days_of_publication(team, alice):
    add(team.board, "Young", days_old=3)
    add(team.board, "Old", days_old=50)

    def shown(**query):
        return sorted(titles(alice.get(PINS, query)))

    day = (timezone.now() - timedelta(days=20)).date().isoformat()
    assert shown() == shown(days="31") == ["Old", "Young"]
    assert shown(days="30") == shown(start=day) == shown(since=day) == ["Young"]
    assert shown(end=day) == ["Old"]
    page = page_text(alice.get(PINS, {"days": "30", "kind": "image", "sort": "-saves"}))
    assert 'href="?kind=image&sort=-saves&days=90"' in page
    assert '<a class="segment" href="?kind=image&sort=-saves&days=30" aria-current="true">30 days</a>' in page


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
     "kind=poster", "since=yesterday", "until=9999-12-31", "since=0001-01-01", "sort=age&after=5~1",
     "sort=age&after=0001-01-01T00:00:00%2B14:00~1"],
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
    assert with_one <= 13  # one of them reads the tags to filter by


def test_freshness_is_that_of_the_account_with_trouble(team, alice):
    AccountFeedFactory(account=team.account)
    troubled = AccountFeedFactory(account=BoardFactory(account__workspace=team.workspace).account, trouble="delayed")

    assert alice.get(PINS).context["account"] == troubled.account
    assert alice.get(PINS, {"account": team.account.pk}).context["account"] == team.account


# The table as CSV


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
