"""The page about privacy, which an operator gives to Pinterest."""

import pytest
from django.urls import reverse

from accounts.deletion.requests import WAITING_PERIOD
from accounts.notifications.services import KEEP
from tests.page_text import page_text

pytestmark = pytest.mark.django_db


def test_everyone_may_read_it_and_it_names_the_periods_that_are_kept(client, team):
    stranger = client.get("/privacy/")
    client.force_login(team.alice)
    member = client.get(reverse("accounts:privacy"))

    for response in (stranger, member):
        text = page_text(response)
        assert response.status_code == 200
        assert f"A deletion takes effect after {WAITING_PERIOD.days} days" in text
        assert f"Notifications are deleted after {KEEP.days} days." in text


def test_the_sign_up_page_leads_to_it(client, db):
    assert f'href="{reverse("accounts:privacy")}"' in client.get(reverse("account_signup")).content.decode()
