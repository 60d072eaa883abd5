"""What the pins of each tag came to: the sums, the page and the file."""

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from analytics.account_report import services as account_report
from analytics.account_report.services import ChosenRange
from analytics.models import PinDay, PinPeriod
from analytics.periods import Period
from pins.models import Pin, PinStatus, Tag
from pins.tags.services import set_tags
from tests.factories import (
    AccountFeedFactory,
    BoardFactory,
    PinDayFactory,
    PinFactory,
    PinterestAccountFactory,
)
from tests.page_text import page_text

pytestmark = pytest.mark.django_db

END = date(2026, 11, 23)
NOW = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
WEEK = Period.ending(END, 7)
PAGE = reverse("analytics:tag_list")
FILE = reverse("analytics:account_csv")


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOW, tick=False)


def add(board, tags, **values):
    """A pin with these tags whose two days of the week, and its total of seven days, come to the values."""
    pin = PinFactory(board=board, status=PinStatus.PUBLISHED, published_at=NOW - timedelta(days=20), attachments=0)
    totals = {"impressions": 100, "pin_clicks": 8, "outbound_clicks": 4, "saves": 2} | values
    PinDayFactory(pin=pin, date=END, **totals)
    PinDayFactory(pin=pin, date=END - timedelta(days=6), impressions=0, pin_clicks=0, outbound_clicks=0, saves=0)
    PinDayFactory(pin=pin, date=END - timedelta(days=7), impressions=7000)
    PinPeriod.objects.create(pin=pin, account=board.account, board=board, days=7, **totals)
    PinPeriod.objects.create(pin=pin, account=board.account, board=board, days=30, **totals | {"impressions": 9000})
    set_tags(pin, tags)
    return pin


@pytest.fixture
def tagged(team):
    AccountFeedFactory(account=team.account, latest_on=END)
    other = PinterestAccountFactory(workspace=team.workspace)
    add(team.board, ["Spring", "Oak"])
    add(team.board, ["Oak"], saves=5)
    add(team.board, [])
    add(BoardFactory(account=team.account), ["Pine"], impressions=900, saves=0)
    add(BoardFactory(account=other), ["Oak", "Elm"], impressions=50)
    add(BoardFactory(), ["Oak"])  # of another team
    return other


@pytest.mark.parametrize("preset", [7, None])
def test_a_tag_has_the_sums_of_its_pins_of_one_account(team, tagged, preset):
    ranked = account_report.ranked_tags(team.account, ChosenRange(WEEK, preset), "saves")

    assert [
        (str(each.tag), each.pins, each.impressions, each.pin_clicks, each.outbound_clicks, each.saves)
        for each in ranked
    ] == [("Oak", 2, 200, 16, 8, 7), ("Spring", 1, 100, 8, 4, 2), ("Pine", 1, 900, 8, 4, 0)]


def test_an_unknown_sum_comes_after_the_known_ones(team, tagged):
    PinDay.objects.filter(pin__tags__name="Spring").update(saves=None)

    ranked = account_report.ranked_tags(team.account, ChosenRange(WEEK, None), "saves")

    assert [(str(each.tag), each.saves) for each in ranked] == [("Oak", 5), ("Pine", 0), ("Spring", None)]


def test_the_sums_take_two_queries_and_the_limit_counts_tags(team, tagged, django_assert_num_queries):
    with django_assert_num_queries(2):
        ranked = account_report.ranked_tags(team.account, ChosenRange(WEEK, 7), "impressions", 2)

    assert [str(each.tag) for each in ranked] == ["Pine", "Oak"]


def test_the_page_shows_each_tag_and_leads_to_its_pins(team, alice, tagged):
    page = page_text(alice.get(PAGE, {"account": team.account.pk, "days": "7"}))

    oak = Tag.objects.get(name="Oak", workspace=team.workspace)
    rows = re.findall(r'<th scope="row">.*?</tr>', page, re.DOTALL)
    assert [re.search("<bdi>(.*)</bdi>", row)[1] for row in rows] == ["Pine", "Oak", "Spring"]
    assert re.findall("<td>(.*?)</td>", rows[1]) == ["2", "200", "16", "8", "7"]
    assert f'href="{reverse("analytics:pin_list")}?account={team.account.pk}&tag={oak.pk}"' in rows[1]
    assert "17 Nov 2026 to 23 Nov 2026" in page
    assert "Elm" not in page


def test_the_page_is_sorted_by_a_metric_and_keeps_account_and_range(team, alice, tagged):
    page = page_text(alice.get(PAGE, {"account": tagged.pk, "days": "7", "sort": "saves"}))

    assert re.findall("<bdi>(Oak|Elm|Pine|Spring)</bdi>", page) == ["Oak", "Elm"]
    assert f'aria-sort="descending"><a href="?account={tagged.pk}&days=7&sort=saves">Saves</a>' in page
    assert f'href="?account={tagged.pk}&days=7&sort=pin_clicks">Pin clicks</a>' in page
    assert f'href="{FILE}?account={tagged.pk}&days=7&what=tags&sort=saves"' in page
    assert f'href="?account={team.account.pk}&days=7&sort=saves"' in page


def test_the_file_has_every_tag(team, alice, tagged, monkeypatch):
    monkeypatch.setattr(account_report, "MOST_TAGS", 1)
    set_tags(Pin.objects.get(tags__name="Pine"), ["=1+1"])

    answer = alice.get(FILE, {"account": team.account.pk, "days": "7", "what": "tags"})

    assert f"{team.account.username}-tags-2026-11-17-to-2026-11-23.csv" in answer["Content-Disposition"]
    assert list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig")))) == [
        ["Tag", "Pins", "Impressions", "Pin clicks", "Outbound clicks", "Saves"],
        ["'=1+1", "1", "900", "8", "4", "0"],
        ["Oak", "2", "200", "16", "8", "7"],
        ["Spring", "1", "100", "8", "4", "2"],
    ]


def test_without_tags_or_accounts_the_page_says_what_to_do(team, alice):
    AccountFeedFactory(account=team.account, latest_on=END)
    add(team.board, [])

    assert "Add tags to pins to compare campaigns." in page_text(alice.get(PAGE))

    Pin.objects.all().delete()
    team.account.delete()
    assert "No Pinterest account connected" in page_text(alice.get(PAGE))


def test_a_wrong_range_is_told_at_its_field_and_the_usual_one_is_shown(team, alice, tagged):
    page = page_text(alice.get(PAGE, {"start": "2026-11-20", "end": "2026-11-10"}))

    assert "Swap the two dates." in page
    assert "Showing the last 30 days instead." in page


def test_the_page_costs_as_many_queries_for_many_tags_as_for_few(team, alice, tagged):
    def queries(**query):
        with CaptureQueriesContext(connection) as captured:
            assert alice.get(PAGE, {"account": team.account.pk} | query).status_code == 200
        return len(captured)

    custom = {"start": "2026-11-01", "end": "2026-11-20"}
    few = queries(), queries(**custom)
    for number in range(5):
        add(BoardFactory(account=team.account), [f"Tag {number}", "Oak"])

    assert (queries(), queries(**custom)) == few
