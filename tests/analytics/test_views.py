import pytest
from django.urls import reverse

from tests.factories import PinFactory

pytestmark = pytest.mark.django_db


def test_the_page_counts_the_workspaces_published_pins_and_says_that_there_are_no_figures_yet(team, alice):
    PinFactory(board=team.board, status="published")
    PinFactory(board=team.board, status="draft")
    PinFactory(status="published")

    answer = alice.get(reverse("analytics:overview"))

    assert answer.context["published_count"] == 1
    assert "Figures are not collected in this version yet" in answer.content.decode()
