"""The account page over HTTP: what it says for which state, its JSON and its files."""

import csv
import io
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import AccountStatus
from analytics.models import AccountDay, AccountFeed, BoardPeriod, PinPeriod, Trouble
from pins.tags.services import set_tags
from tests.factories import (
    AccountDayFactory,
    AccountFeedFactory,
    BoardFactory,
    PinDayFactory,
    PinFactory,
    PinterestAccountFactory,
)
from tests.page_text import page_text

pytestmark = pytest.mark.django_db

LATEST = date(2026, 11, 23)
NOW = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
PAGE = reverse("analytics:overview")


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def feed(team):
    return AccountFeedFactory(account=team.account, latest_on=LATEST)


def fill(account, days=60, **values):
    """Days up to the newest one, with the same figures each."""
    AccountDay.objects.bulk_create(
        [AccountDayFactory.build(account=account, date=LATEST - timedelta(days=back), **values) for back in range(days)]
    )


def rank(board, days=30, **values):
    pin = PinFactory(board=board, status="published", published_at=NOW - timedelta(days=9))
    totals = {"impressions": 500, "pin_clicks": 40, "outbound_clicks": 9, "saves": 12} | values
    PinPeriod.objects.create(pin=pin, account=board.account, board=board, days=days, **totals)
    BoardPeriod.objects.update_or_create(
        board=board, days=days, defaults={"account": board.account, "pins": 1, **totals}
    )
    return pin


# What the fragment that waits for the first figures sends.
POLL = {"HX-Request": "true", "HX-Target": "waiting"}


def text(response):
    return page_text(response)


def rows_of(response):
    return list(csv.reader(io.StringIO(response.getvalue().decode("utf-8-sig"))))


def test_the_page_shows_totals_charts_top_pins_and_boards(team, alice, feed):
    fill(team.account)
    pin = rank(team.board)

    page = text(alice.get(PAGE))

    assert "25 Oct 2026 to 23 Nov 2026" in page
    assert 'title="3,000">3,000</strong>' in page
    assert 'title="5.000000%">5.00%</strong>' in page
    assert page.count('class="kpi"') == 6
    assert page.count("data-chart>") == 1
    assert pin.title in page
    assert team.board.name in page
    assert "Data through 23 Nov 2026. Pinterest's latest numbers arrive 24-48 hours late" in page


def test_a_tile_switches_the_chart_and_the_rankings_and_keeps_the_range(team, alice, feed):
    fill(team.account)
    rank(team.board, saves=77)

    page = text(alice.get(PAGE, {"days": "30", "metric": "saves"}))

    assert 'id="chart-saves"' in page
    assert "Top pins by saves" in page
    assert '<strong class="ranking__value">77</strong>' in page
    tile = page.split('id="kpi-saves"')[1].split(">")[0]
    assert 'aria-current="true"' in tile
    assert 'href="?days=30&metric=pin_clicks"' in page
    assert 'href="?metric=saves&days=90"' in page


def test_a_metric_that_pins_do_not_have_ranks_them_by_impressions(team, alice, feed):
    rank(team.board)

    assert "Top pins by impressions" in text(alice.get(PAGE, {"metric": "engagement"}))
    assert 'id="chart-impressions"' in text(alice.get(PAGE, {"metric": "nonsense"}))


def test_a_long_range_is_by_week_or_by_day(team, alice, feed):
    fill(team.account, days=400)

    assert "Impressions by week" in text(alice.get(PAGE, {"days": "365"}))
    by_day = text(alice.get(PAGE, {"days": "365", "by": "day"}))
    assert "Impressions by week" not in by_day
    assert by_day.count('<th scope="row">') == 365
    assert "By week" not in text(alice.get(PAGE, {"days": "90"}))


@pytest.mark.parametrize("name", ["pin_list", "best_times", "weekly_summary"])
def test_links_to_the_other_pages_and_back_keep_account_and_range(team, alice, feed, name):
    carried = f"?account={team.account.pk}&days=90"

    assert f'href="{reverse(f"analytics:{name}")}{carried}"' in text(alice.get(PAGE, {"days": "90"}))
    back = text(alice.get(reverse(f"analytics:{name}") + carried))
    assert f'href="{PAGE}{carried}"' in back


def test_without_an_account_the_page_says_how_to_begin(client, team):
    client.force_login(team.charlie)

    assert "No Pinterest account connected" in text(client.get(PAGE))
    assert "No Pinterest account is connected" in text(client.get(reverse("analytics:report")))


def test_an_account_of_others_is_not_found(client, team, feed):
    client.force_login(team.charlie)

    for name in ("overview", "report", "account_json", "account_csv"):
        for value in (team.account.pk, team.account.username, f"@{team.account.username}", "\0"):
            answer = client.get(reverse(f"analytics:{name}"), {"account": value})
            assert answer.status_code == 404, name


def test_the_account_is_named_by_key_or_by_user_name(team, alice):
    other = PinterestAccountFactory(workspace=team.workspace, username="second")

    for value in (other.pk, "second", "@second"):
        assert alice.get(PAGE, {"account": value}).context["account"] == other
    assert alice.get(PAGE).context["account"] == team.account


def test_an_active_account_comes_before_a_disconnected_one(team, alice):
    team.account.status = AccountStatus.DISCONNECTED
    team.account.save()
    other = PinterestAccountFactory(workspace=team.workspace)

    assert alice.get(PAGE).context["account"] == other


def test_an_account_that_was_never_fetched_asks_by_itself_for_editors_only(team, alice, client):
    page = text(alice.get(PAGE))
    assert 'hx-trigger="load"' in page
    assert "<canvas" not in page

    client.force_login(team.bob)
    page = text(client.get(PAGE))
    assert 'hx-trigger="load"' not in page
    assert "Analytics load when an editor opens this page." in page


def test_the_waiting_fragment_ends_when_the_figures_are_there(team, alice):
    feed = AccountFeedFactory(account=team.account, days_fetched_at=None, latest_on=None)
    answer = alice.get(PAGE, headers=POLL)
    assert "Loading analytics of" in text(answer)
    assert "<html" not in text(answer)

    feed.days_fetched_at = NOW
    feed.save()
    answer = alice.get(PAGE, headers=POLL)
    assert answer["HX-Refresh"] == "true"


@pytest.mark.parametrize(
    ("trouble", "sentence"),
    [
        (Trouble.NOT_BUSINESS, "isn't a business account"),
        (Trouble.NO_PERMISSION, "a permission is missing"),
        (Trouble.NOT_CONNECTED, "isn't connected since Tue 24 Nov 2026, 09:30"),
        (Trouble.DELAYED, "Pinterest hasn't provided new analytics since Tue 24 Nov 2026, 09:30"),
        (Trouble.UNREADABLE, "be read since"),
        (Trouble.OUT_OF_CALLS, "are used up"),
    ],
)
def test_trouble_is_told_and_the_last_good_figures_stay(team, alice, trouble, sentence):
    team.workspace.time_zone = "UTC"
    team.workspace.save()
    AccountFeedFactory(account=team.account, latest_on=LATEST, trouble=trouble, trouble_since=NOW - timedelta(days=1))
    fill(team.account)

    page = text(alice.get(PAGE))

    assert sentence in page
    assert "Earlier analytics are still here." in page
    assert page.count('class="kpi__value"') == 6


def test_an_account_that_needs_reconnecting_has_the_button_that_leads_back_here(team, alice, feed):
    team.account.status = AccountStatus.NEEDS_RECONNECT
    team.account.trouble = "Pinterest has withdrawn it."
    team.account.save()

    page = text(alice.get(PAGE))

    assert "needs reconnecting before its analytics can be updated. Pinterest has withdrawn it." in page
    assert f'<input type="hidden" name="next" value="{PAGE}">' in page
    assert f"Reconnect {team.account}</button>" in page
    assert "Refresh now" not in page


def test_zero_is_shown_as_zero_and_unknown_in_words(team, alice, feed):
    fill(team.account, saves=0, outbound_clicks=None)

    page = alice.get(PAGE).content.decode()

    assert 'title="0">0</strong>' in page.split('id="kpi-saves"')[1].split("</a>")[0]
    assert "Not available yet" in page.split('id="kpi-outbound_clicks"')[1].split("</a>")[0]


def test_a_range_before_anything_is_stored_says_so(team, alice, feed):
    fill(team.account, days=30)

    page = text(alice.get(PAGE, {"days": "custom", "start": "2026-01-01", "end": "2026-01-31"}))

    assert "The analytics of this account start on 25 Oct 2026." in page


def test_missing_days_are_counted(team, alice, feed):
    fill(team.account, days=60)
    AccountDay.objects.filter(date__range=(LATEST - timedelta(days=4), LATEST - timedelta(days=1))).delete()
    AccountDay.objects.filter(date=LATEST - timedelta(days=40)).delete()

    page = text(alice.get(PAGE))

    assert "26 of these 30 days have data" in page
    assert "26 of 30 days available" in page
    assert "compared over 25 days" in page


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"start": "2026-11-20", "end": "2026-11-10"}, "Swap the two dates."),
        ({"start": "2026-11-20", "end": "2026-11-26"}, "26 Nov 2026 is in the future."),
        ({"start": "2023-01-01", "end": "2026-11-10"}, "1,410 days; the maximum is two years (731 days)"),
        ({"start": "yesterday", "end": "2026-11-10"}, "This isn't a date."),
        ({"start": "0001-01-01", "end": "0001-01-05"}, "Pinterest launched in 2010."),
        ({"days": "custom"}, "Choose the first day of the range."),
        ({"days": "31"}, "Unknown range."),
    ],
)
def test_a_wrong_range_is_told_at_its_field_and_stays_as_typed(team, alice, feed, query, sentence):
    answer = alice.get(PAGE, query)

    assert answer.status_code == 200
    page = text(answer)
    assert sentence in page
    assert ('aria-invalid="true"' in page) == ("days" not in query or query["days"] == "custom")
    assert "Showing the last 30 days instead" in page
    for value in query.values():
        if value not in ("custom", "31"):
            assert f'value="{value}"' in page


def test_a_viewer_may_not_refresh_and_reads_why(team, client, feed):
    client.force_login(team.bob)

    page = text(client.get(PAGE))

    assert 'id="refresh"' not in page
    assert "Editors can also refresh them now" in page
    assert client.post(reverse("analytics:refresh")).status_code == 403


def test_refreshing_twice_tells_from_when_it_works_again(team, alice, feed):
    first = alice.post(reverse("analytics:refresh"), {"account": team.account.pk}, follow=True)
    second = alice.post(reverse("analytics:refresh"), {"account": team.account.pk}, follow=True)

    assert "are being updated" in text(first)
    # 09:30 UTC and ten minutes, in Berlin.
    assert "You can update them again on" in text(second)


def test_refreshing_leads_back_to_the_page_but_never_off_the_site(team, alice, feed):
    there = alice.post(reverse("analytics:refresh"), {"next": "/analytics/report/?days=7"})
    away = alice.post(reverse("analytics:refresh"), {"next": "https://evil.example/"})

    assert there["Location"] == "/analytics/report/?days=7"
    assert away["Location"] == f"{PAGE}?account={team.account.pk}"


def test_the_page_costs_as_many_queries_for_many_rows_as_for_few(team, alice, feed):
    def queries(**query):
        with CaptureQueriesContext(connection) as captured:
            assert alice.get(PAGE, query).status_code == 200
        return len(captured)

    custom = {"days": "custom", "start": "2026-10-01", "end": "2026-11-20"}
    fill(team.account, days=2)
    PinDayFactory(pin=rank(team.board), date=LATEST)
    few = queries(), queries(**custom)
    AccountDay.objects.all().delete()
    fill(team.account, days=100)
    for _ in range(4):
        PinDayFactory(pin=rank(BoardFactory(account=team.account)), date=LATEST)
        PinterestAccountFactory(workspace=team.workspace)

    assert (queries(), queries(**custom)) == few


def test_the_file_of_days_has_each_day_and_leaves_missing_values_empty(team, alice, feed):
    AccountDayFactory(account=team.account, date=LATEST, saves=None)
    PinFactory(board=team.board, status="published", published_at=datetime(2026, 11, 23, 12, tzinfo=UTC))

    answer = alice.get(reverse("analytics:account_csv"), {"what": "days", "days": "7"})

    assert answer["Content-Disposition"] == (
        f'attachment; filename="{team.account.username}-days-2026-11-17-to-2026-11-23.csv"'
    )
    rows = rows_of(answer)
    assert rows[0][:3] == ["Date", "Impressions", "Pin clicks"]
    assert rows[1] == ["2026-11-17", "", "", "", "", "", "", "0", ""]
    assert rows[-1] == ["2026-11-23", "100", "5", "2", "", "9", "5.0", "1", "READY"]
    assert len(rows) == 8


def test_every_chart_and_table_has_its_file(team, alice, feed):
    fill(team.account)
    set_tags(rank(team.board), ["Spring"])
    page = alice.get(PAGE)
    links = {part.split('"')[0].replace("&amp;", "&") for part in page.content.decode().split('href="')}
    files = {link for link in links if "account.csv" in link}

    # The chart, all days, pins, boards and tags.
    assert len(files) == 5
    for link in files:
        assert len(rows_of(alice.get(link))) > 1


def test_a_title_that_looks_like_a_formula_is_harmless_in_the_file(team, alice, feed):
    pin = rank(team.board)
    pin.title = "=HYPERLINK(1)"
    pin.save()

    rows = rows_of(alice.get(reverse("analytics:account_csv"), {"what": "pins", "days": "30"}))

    assert rows[1][:2] == [pin.pinterest_pin_id, "'=HYPERLINK(1)"]


@pytest.mark.parametrize("query", [{"what": "nonsense"}, {"start": "x", "end": "y"}])
def test_a_file_that_cannot_be_made_says_why(team, alice, feed, query):
    answer = alice.get(reverse("analytics:account_csv"), query)

    assert answer.status_code == 400
    assert answer.content.decode().endswith(".")


def test_the_report_has_no_navigation_and_all_the_figures(team, alice, feed):
    fill(team.account)
    pin = rank(team.board)

    page = text(alice.get(reverse("analytics:report"), {"days": "90"}))

    assert 'aria-label="Main"' not in page
    assert f"Pinterest report of {team.account}" in page
    assert "26 Aug 2026 to 23 Nov 2026" in page
    assert page.count("data-chart>") == 6
    assert pin.title not in page  # it has no figures for this range

    assert pin.title in text(alice.get(reverse("analytics:report"), {"days": "30"}))


def test_huge_numbers_fit_the_page(team, alice, feed):
    fill(team.account, impressions=2**60, pin_clicks=1)

    page = text(alice.get(PAGE))

    assert f'title="{30 * 2**60:,}">3.46e+19</strong>' in page


def test_feeds_are_not_made_by_looking(team, alice):
    alice.get(PAGE)

    assert not AccountFeed.objects.exists()
