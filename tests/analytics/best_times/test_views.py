import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role
from pins.models import PinStatus
from tests.factories import (
    BoardFactory,
    MembershipFactory,
    PinFactory,
    PinSummaryFactory,
    PinterestAccountFactory,
    WorkspaceFactory,
)
from tests.page_text import page_text

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 12, 20, 12, tzinfo=UTC)  # a Sunday
MONDAY = datetime(2026, 12, 7, 17, tzinfo=UTC)  # 18:00 in Berlin
PAGE, SLOT = reverse("analytics:best_times"), reverse("analytics:best_slot")


@pytest.fixture(autouse=True)
def _moment(time_machine):
    time_machine.move_to(NOW, tick=False)


def publish(board, at, engagement):
    pin = PinFactory(board=board, status=PinStatus.PUBLISHED, publish_at=at, attachments=0)
    PinSummaryFactory(pin=pin, first_week_engagement=engagement)


def fill(board):
    """Enough pins: Tuesdays at 18:00 are best."""
    for week in range(5):
        for day in range(6):
            publish(board, MONDAY - timedelta(weeks=week) + timedelta(days=day), 30 if day == 1 else 10)


def test_the_page_names_the_best_hours_and_says_from_how_much(team, alice):
    fill(team.board)

    page = page_text(alice.get(PAGE))

    assert "<strong>on Tuesdays at 18:00</strong> (1.6 times the average, 5 pins)" in page
    assert "From 30 pins of the last twelve months, over 4 weeks" in page
    assert "Europe/Berlin" in page
    assert team.board.name in page


def test_a_cell_leads_to_a_new_pin_at_its_time(team, alice):
    fill(team.board)

    page = page_text(alice.get(PAGE))

    address = f"{reverse('pins:pin_create')}?publish_at=2026-12-22T18%3A00"
    assert f'href="{address}"' in page
    assert 'value="2026-12-22T18:00"' in page_text(alice.get(address))


def test_a_viewer_reads_the_cells_without_links(team):
    fill(team.board)
    viewer = Client()
    viewer.force_login(MembershipFactory(workspace=team.workspace, role=Role.VIEWER).user)

    page = page_text(viewer.get(PAGE))

    assert "heat__cell--5" in page
    assert "publish_at" not in page


def test_with_too_few_pins_there_is_no_heat_map_and_the_page_says_what_is_missing(team, alice):
    publish(team.board, MONDAY, 10)

    page = page_text(alice.get(PAGE))

    assert "heat__cell" not in page
    assert "29 more pins with a complete first week" in page
    assert "'s pins do best" not in page


def test_the_page_has_no_inline_style_or_script(team, alice):
    fill(team.board)

    page = page_text(alice.get(PAGE))

    assert " style=" not in page
    assert "<style" not in page


def test_names_of_boards_are_escaped(team, alice):
    board = BoardFactory(account=team.account, name="<b>Oak</b>")
    fill(board)

    assert "<b>Oak</b>" not in alice.get(PAGE).content.decode()


@pytest.mark.parametrize("boards", [1, 4])
def test_queries_do_not_grow_with_pins_and_boards(team, alice, boards, django_assert_max_num_queries):
    for _ in range(boards):
        fill(BoardFactory(account=team.account))

    with django_assert_max_num_queries(15):
        alice.get(PAGE)


def test_the_csv_of_the_hours_has_every_hour_with_pins(team, alice):
    fill(team.board)

    rows = alice.get(reverse("analytics:best_times_csv")).getvalue().decode("utf-8-sig").splitlines()

    assert rows[0] == "Weekday,Hour (Europe/Berlin),Pins,Engagement per pin,Times the average"
    assert len(rows) == 7
    assert rows[2].startswith("Tuesday,18:00,5,21.67,1.62")


def test_the_csv_of_the_boards_guards_against_formulas(team, alice):
    fill(BoardFactory(account=team.account, name="=1+1"))

    text = alice.get(reverse("analytics:best_boards_csv")).getvalue().decode("utf-8-sig")

    assert "\n=1+1" not in text
    assert "=1+1" in text


@pytest.fixture
def tables(team):
    """The board of a second account of the workspace, whose pins do best on Thursdays."""
    account = PinterestAccountFactory(workspace=team.workspace, username="tables")
    board = BoardFactory(account=account, name="Only tables")
    for week in range(5):
        for day in range(6):
            publish(board, MONDAY - timedelta(weeks=week) + timedelta(days=day), 30 if day == 3 else 10)
    return board


def test_each_account_has_its_own_best_times(team, alice, tables):
    fill(team.board)

    for account, day, other in ((team.account, "Tuesdays", "Thursdays"), (tables.account, "Thursdays", "Tuesdays")):
        for named in (account.pk, account.username):
            page = page_text(alice.get(PAGE, {"account": named}))
            assert f"<strong>on {day} at 18:00</strong>" in page
            assert f"on {other} at 18:00" not in page
            assert f'aria-label="Account: {account}"' in page
        hours = alice.get(reverse("analytics:best_times_csv"), {"account": account.pk}).getvalue().decode()
        assert "18:00,5,21.67,1.62" in next(line for line in hours.splitlines() if line.startswith(day[:-1]))
        told = alice.get(reverse("analytics:best_times_json"), {"account": account.username}).json()
        assert told["account"] == account.username
        assert [hour["weekday"] for hour in told["hours"] if hour["is_recommended"]] == [day[:-1]]
    assert "Only tables" not in page_text(alice.get(PAGE, {"account": team.account.pk}))


def test_the_composer_is_offered_the_hour_of_the_boards_account(team, alice, tables):
    fill(team.board)

    assert "data-fills" not in page_text(alice.get(SLOT))
    assert "Choose a board to see" in page_text(alice.get(SLOT))
    assert 'data-value="2026-12-22T18:00"' in page_text(alice.get(SLOT, {"board": team.board.pk}))
    assert 'data-value="2026-12-24T18:00"' in page_text(alice.get(SLOT, {"board": tables.pk}))
    for board in ("x", "²", "9" * 40, BoardFactory().pk):
        assert "Choose a board to see" in page_text(alice.get(SLOT, {"board": board}))


def test_without_an_account_the_page_says_what_to_do(team, alice):
    team.board.delete()
    team.account.delete()

    assert "No Pinterest account connected" in page_text(alice.get(PAGE))
    assert page_text(alice.get(SLOT)).strip() == ""
    for name in ("best_times_csv", "best_boards_csv", "best_times_json"):
        assert alice.get(reverse(f"analytics:{name}")).status_code == 404


def test_the_composer_is_offered_the_best_free_hour_and_told_why(team, alice):
    fill(team.board)

    page = page_text(alice.get(SLOT, {"workspace": team.workspace.pk}))

    assert 'data-value="2026-12-22T18:00"' in page
    assert "Tue 22 Dec 2026, 18:00" in page
    assert "Tuesdays at 18:00: 1.6 times your average engagement, from 5 pins." in page


def test_a_scheduled_pin_takes_the_hour_but_not_for_itself(team, alice):
    fill(team.board)
    pin = PinFactory(board=team.board, publish_at=datetime(2026, 12, 22, 17, tzinfo=UTC))

    page = page_text(alice.get(SLOT))
    own = page_text(alice.get(SLOT, {"pin": pin.pk}))

    assert "all taken" in page
    assert "data-fills" not in page
    assert 'data-value="2026-12-22T18:00"' in own


def test_with_too_little_data_the_composer_is_offered_nothing(team, alice):
    publish(team.board, MONDAY, 10)

    assert page_text(alice.get(SLOT)).strip() == ""


def test_the_offer_is_in_the_zone_of_the_composers_workspace_and_not_of_the_current_one(team, alice):
    other = MembershipFactory(user=team.alice, workspace=WorkspaceFactory(time_zone="America/New_York")).workspace
    fill(BoardFactory(account__workspace=other))

    page = page_text(alice.get(SLOT, {"workspace": other.pk}))

    assert 'data-value="2026-12-22T12:00"' in page


def test_a_workspace_of_others_is_a_404_and_a_viewer_is_refused(team, alice):
    foreign = MembershipFactory().workspace
    bob = Client()
    bob.force_login(team.bob)

    assert alice.get(SLOT, {"workspace": foreign.pk}).status_code == 404
    assert alice.get(SLOT, {"workspace": "nonsense"}).status_code == 404
    assert bob.get(SLOT).status_code == 403


def test_who_edits_here_but_only_looks_there_is_refused_there(team, alice):
    there = MembershipFactory(user=team.alice, role=Role.VIEWER).workspace

    assert alice.get(SLOT, {"workspace": there.pk}).status_code == 403


@pytest.mark.parametrize("pin", ["x", "²", "9" * 40, "-1"])
def test_a_pin_that_is_none_does_no_harm(team, alice, pin):
    fill(team.board)

    assert "data-fills" in page_text(alice.get(SLOT, {"pin": pin}))


def test_the_composer_asks_for_the_offer_of_its_workspace_and_pin(team, alice):
    pin = PinFactory(board=team.board, status=PinStatus.DRAFT)

    new = alice.get(reverse("pins:pin_create")).content.decode()
    edit = alice.get(reverse("pins:pin_edit", args=[pin.pk])).content.decode()

    assert f'hx-get="{SLOT}?workspace={team.workspace.pk}"' in new
    assert f'hx-get="{SLOT}?workspace={team.workspace.pk}&amp;pin={pin.pk}"' in edit


@pytest.mark.parametrize("name", ["best_times_csv", "best_boards_csv", "best_slot"])
def test_strangers_get_nothing_of_the_figures_and_nobody_posts(team, alice, client, name):
    fill(team.board)
    url = reverse(f"analytics:{name}")
    charlie, anybody = Client(), Client()
    charlie.force_login(team.charlie)

    seen = charlie.get(url, {"account": team.account.pk, "board": team.board.pk}).getvalue().decode("utf-8-sig")

    assert team.board.name not in seen
    assert "18:00" not in seen
    assert anybody.get(url).status_code == 302
    assert alice.post(url).status_code == 405


def test_best_hours_become_publishing_times_of_that_account_alone(team, alice):
    other = PinterestAccountFactory(workspace=team.workspace)
    fill(team.board)

    page = alice.get(PAGE, {"account": team.account.pk})
    form = page.content.decode().partition('id="publishing-times"')[2].partition("</form>")[0]
    hours = re.findall(r'name="hours" value="([^"]+)" checked', form)
    alice.post(reverse("pins:publishing_times", args=[team.account.pk]), {"action": "hours", "hours": hours})

    best = page.context["times"].good_cells
    assert hours == [f"{cell.weekday}-{cell.hour}" for cell in best]
    assert hours[0] == "1-18"
    added = {(each.weekday, each.time.hour) for each in team.account.publishing_times.all()}
    assert added == {(cell.weekday, cell.hour) for cell in best}
    assert not other.publishing_times.exists()


def test_a_viewer_is_offered_no_publishing_times(team, client):
    fill(team.board)
    client.force_login(MembershipFactory(workspace=team.workspace, role=Role.VIEWER).user)

    page = client.get(PAGE, {"account": team.account.pk})

    assert page.context["times"].good_cells
    assert "publishing-times" not in page.content.decode()
