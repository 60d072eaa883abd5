"""The dashboard: figures, the week ahead, what needs somebody, and the first steps before the first pin."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccountStatus, Membership, PinterestAccount, Role
from analytics.dashboard.attention import MOST_SHOWN
from analytics.models import AccountDay, PinPeriod
from pins.models import PinStatus
from tests.factories import (
    AccountDayFactory,
    AccountFeedFactory,
    BoardFactory,
    PinFactory,
    PinterestAccountFactory,
)
from tests.page_text import page_text, text

pytestmark = pytest.mark.django_db

FIRST_STEPS = "Your first pin in three steps"


@pytest.fixture
def pin(team):
    """Makes pins of the team: `pin(status=…)`."""

    def make(**fields):
        return PinFactory(**({"board": team.board, "status": PinStatus.DRAFT} | fields))

    return make


def kinds(response):
    return {row.kind: list(row.pins) for row in response.context["attention"]}


def add_days(account, impressions):
    """As many impressions on each of the last 60 days."""
    newest = timezone.now().date() - timedelta(days=2)
    AccountFeedFactory(account=account, latest_on=newest)
    AccountDay.objects.bulk_create(
        AccountDayFactory.build(account=account, date=newest - timedelta(days=back), impressions=impressions)
        for back in range(60)
    )


def add_best(board, title, impressions):
    best = PinFactory(
        board=board, status=PinStatus.PUBLISHED, title=title, published_at=timezone.now() - timedelta(days=9)
    )
    PinPeriod.objects.create(pin=best, account=board.account, board=board, days=30, impressions=impressions, saves=7)
    return best


def test_what_needs_somebody_is_told_by_kind_and_failures_come_first(team, alice, pin):
    pin(
        status=PinStatus.SCHEDULED,
        publish_at=timezone.now() + timedelta(hours=1),
        warnings=[{"code": "x", "message": "Hm."}],
    )
    proposed = pin(status=PinStatus.PROPOSED)
    failed = pin(status=PinStatus.FAILED)
    back = pin(status=PinStatus.DRAFT, created_by=team.alice, review_comment="Warmer, please.")

    response = alice.get("/")

    assert list(kinds(response)) == ["failed", "sent_back", "proposed", "warned"]
    assert (kinds(response)["failed"], kinds(response)["proposed"]) == ([failed], [proposed])
    assert kinds(response)["sent_back"] == [back]
    page = text(response)
    assert "1 pin failed" in page
    assert "1 pin waiting for your approval" in page
    assert "1 scheduled pin with a warning" in page


def test_of_many_pins_of_a_kind_a_few_are_listed_and_all_counted(alice, pin):
    for _ in range(MOST_SHOWN + 2):
        pin(status=PinStatus.FAILED)

    response = alice.get("/")

    assert len(kinds(response)["failed"]) == MOST_SHOWN
    assert f"{MOST_SHOWN + 2} pins failed" in text(response)
    assert "All failed pins" in text(response)


def test_of_many_pins_in_all_only_those_of_the_first_kind_are_open(team, alice, pin):
    def opened():
        return {row.kind: row.is_open for row in alice.get("/").context["attention"]}

    pin(status=PinStatus.FAILED)
    pin(status=PinStatus.FAILED)
    pin(status=PinStatus.PROPOSED)
    pin(status=PinStatus.SCHEDULED, warnings=[{"code": "x", "message": "Hm."}])
    assert opened() == {"failed": True, "proposed": True, "warned": False}

    pin(status=PinStatus.PROPOSED)
    assert opened() == {"failed": True, "proposed": False, "warned": False}


@pytest.mark.parametrize(
    ("code", "words", "reason"),
    [
        ("board_not_found", "Not found.", "The board is gone"),
        ("title_too_long", "Titles have at most 100 characters.", "Titles have at most 100 characters."),
        ("title_too_long", "", "The pin needs a change"),
    ],
)
def test_a_failed_pin_says_why(alice, pin, code, words, reason):
    pin(status=PinStatus.FAILED, error_code=code, error_text=words)

    assert reason in text(alice.get("/"))
    assert reason in text(alice.get("/pins/"))


def test_an_account_in_trouble_is_told_with_the_way_to_mend_it(team, alice, pin):
    pin(status=PinStatus.DRAFT)
    lost = PinterestAccountFactory(workspace=team.workspace, username="lost", status=AccountStatus.NEEDS_RECONNECT)

    response = alice.get("/")

    assert response.context["trouble_accounts"] == [(lost, False)]
    assert "@lost needs reconnecting." in text(response)
    assert "Reconnect @lost</button>" in text(response)


def test_the_dashboard_of_a_team_whose_account_is_disconnected_says_what_waits(team, alice, pin):
    pin(status=PinStatus.SCHEDULED)
    PinterestAccount.objects.filter(pk=team.account.pk).update(status=AccountStatus.DISCONNECTED)

    page = text(alice.get("/"))

    assert f"{team.account} is disconnected, and its pins are on hold." in page
    assert FIRST_STEPS not in page


def test_a_disconnected_account_without_pins_is_no_trouble(team, alice):
    PinterestAccount.objects.filter(pk=team.account.pk).update(status=AccountStatus.DISCONNECTED)

    response = alice.get("/")

    assert response.context["trouble_accounts"] == []
    assert FIRST_STEPS in text(response)


def test_a_dashboard_without_a_connected_account_says_that_nothing_can_go_out(alice, pin):
    pin()
    said = "No Pinterest account is connected"
    assert said not in text(alice.get("/"))

    PinterestAccount.objects.update(status=AccountStatus.DISCONNECTED)

    assert said in text(alice.get("/"))


def test_the_tiles_add_up_all_accounts_or_show_the_one_that_is_chosen(team, alice, pin):
    pin(status=PinStatus.PUBLISHED)
    other = PinterestAccountFactory(workspace=team.workspace, username="other")
    add_days(team.account, 10)
    add_days(other, 5)

    def impressions(query):
        tile, url = alice.get("/", query).context["tiles"][0]
        return tile.figure.value, url

    assert impressions({}) == (450, "/analytics/?metric=impressions")
    assert impressions({"account": other.pk}) == (150, f"/analytics/?metric=impressions&account={other.pk}")
    assert "All accounts" in text(alice.get("/"))


def test_without_figures_a_sentence_says_when_they_come(alice, pin):
    published = pin(status=PinStatus.PUBLISHED, title="Oak chair")

    response = alice.get("/")

    assert "Numbers appear here 24–48 hours after" in text(response)
    assert list(response.context["recent_pins"]) == [published]


def test_the_best_pins_of_the_chosen_account_lead_to_their_figures(team, alice):
    other = BoardFactory(account=PinterestAccountFactory(workspace=team.workspace))
    best, second = add_best(team.board, "Oak chair", 900), add_best(other, "Ash table", 800)

    def shown(query):
        return [row.pin for row in alice.get("/", query).context["best_pins"]]

    assert shown({}) == [best, second]
    assert shown({"account": other.account_id}) == [second]
    page = text(alice.get("/"))
    assert f'href="{reverse("analytics:pin_detail", args=[best.pinterest_pin_id])}"' in page
    assert "Recently published" not in page


def test_an_account_of_another_workspace_is_a_404(alice):
    foreign = PinterestAccountFactory()

    assert alice.get("/", {"account": foreign.pk}).status_code == 404


def test_pins_of_another_workspace_are_not_told(alice, pin):
    pin()
    PinFactory(status=PinStatus.FAILED, title="Secret")
    add_best(BoardFactory(), "Secret", 900)

    assert "Secret" not in text(alice.get("/"))


def test_the_number_of_queries_does_not_depend_on_the_rows(team, alice, pin, django_assert_num_queries):
    def add():
        account = PinterestAccountFactory(workspace=team.workspace)
        board = BoardFactory(account=account)
        add_days(account, 3)
        add_best(board, "Oak chair", 900)
        for status in (PinStatus.FAILED, PinStatus.PROPOSED, PinStatus.SCHEDULED, PinStatus.DRAFT):
            PinFactory(board=board, status=status, publish_at=timezone.now() + timedelta(hours=30))

    add()
    with CaptureQueriesContext(connection) as one:
        assert alice.get("/").status_code == 200
    add()
    add()

    with django_assert_num_queries(len(one)):
        alice.get("/")


# The first steps


def test_an_empty_dashboard_connects_with_one_press(team, alice):
    team.board.delete()
    team.account.delete()

    page = text(alice.get("/"))

    assert f'<form method="post" action="{reverse("pinterest_login")}">' in page
    assert "Connect Pinterest</button>" in page


@pytest.mark.parametrize(("role", "is_offered"), [(Role.ADMIN, True), (Role.EDITOR, False), (Role.VIEWER, False)])
def test_sample_data_are_offered_to_admins_in_sandbox_mode(team, alice, settings, role, is_offered):
    Membership.objects.filter(user=team.alice).update(role=role)
    settings.PINTEREST_SANDBOX = True
    assert ("Load sample data" in text(alice.get("/"))) == is_offered

    settings.PINTEREST_SANDBOX = False

    assert "Load sample data" not in text(alice.get("/"))


def test_a_viewer_is_told_who_takes_the_first_steps(team, alice):
    Membership.objects.filter(user=team.alice).update(role=Role.VIEWER)

    page = text(alice.get("/"))

    assert "Editors can take these steps." in page
    assert "Connect Pinterest</button>" not in page


def test_a_dashboard_whose_only_pin_is_on_its_way_is_no_empty_one(alice, pin):
    pin(status=PinStatus.PROCESSING)

    assert FIRST_STEPS not in text(alice.get("/"))


def test_a_pin_that_needs_attention_can_be_moved_from_the_dashboard(team, alice):
    pin = PinFactory(board=team.board, status=PinStatus.FAILED)

    page = alice.get("/").content.decode()

    assert f'href="/pins/{pin.pk}/move/?next=%2F"' in page
    assert "js/move-dialog" in page


def test_warnings_are_one_line_that_says_what_they_are_about(team, alice):
    def warned(*rows):
        warnings = [{"code": code, "field": field, "message": "See."} for code, field in rows]
        PinFactory(board=team.board, warnings=warnings, has_warnings=True)

    warned(("link_broken", "link"), ("link_redirects", "link"))
    warned(("link_shortener", "link"), ("title_too_long", "title"))
    warned(("board_missing", "board"), ("link_unchecked", "link"))

    page = alice.get("/")

    [line] = page.context["attention"]
    assert line.about == [("link", 2), ("board", 1), ("text", 1)]
    assert "Link: 2 · Board: 1 · Text: 1" in page_text(page)
