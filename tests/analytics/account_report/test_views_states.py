"""Why figures are missing, said once at their place instead of by empty cards and charts."""

import pytest
from django.urls import reverse

from analytics.models import Trouble
from tests.factories import AccountFeedFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def personal(team):
    """The team's account is none of a business's, so no figure has ever come."""
    return AccountFeedFactory(account=team.account, trouble=Trouble.NOT_BUSINESS, latest_on=None)


def test_an_account_without_any_hope_of_figures_shows_the_reason_and_no_empty_charts(team, alice, personal):
    page = alice.get(reverse("analytics:overview")).content.decode()

    assert "t a business account" in page
    assert "kpi" not in page
    assert "Not available" not in page


def test_figures_that_were_fetched_before_stay_on_the_page(team, alice, personal):
    personal.latest_on = personal.days_fetched_at.date()
    personal.save()

    page = alice.get(reverse("analytics:overview")).content.decode()

    assert "t a business account" in page
    assert 'class="kpis"' in page


def test_the_report_on_paper_says_what_stands_in_the_way(team, alice, personal):
    assert "t a business account" in alice.get(reverse("analytics:report")).content.decode()
