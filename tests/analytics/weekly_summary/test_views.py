from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.messages import get_messages
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.urls import reverse

from accounts.models import Role
from analytics.models import WeeklySummary
from tests.audit_helpers import trail
from tests.factories import AccountDayFactory, AccountFeedFactory, MembershipFactory, PinterestAccountFactory
from tests.page_text import page_text

pytestmark = pytest.mark.django_db

URL = reverse("analytics:weekly_summary")
PREVIEW = reverse("analytics:weekly_summary_preview")
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
SUNDAY = date(2026, 11, 22)


@pytest.fixture(autouse=True)
def _moment(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def figures(team):
    AccountFeedFactory(account=team.account, latest_on=SUNDAY)
    for days in range(7):
        AccountDayFactory(account=team.account, date=SUNDAY - timedelta(days=days))


def said(response):
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def test_it_is_off_until_an_admin_switches_it_on_and_off_again(team, alice):
    assert "The weekly summary is off." in page_text(alice.get(URL))

    alice.post(URL, {"action": "on"})
    page = page_text(alice.get(URL))
    summary = WeeklySummary.objects.get()

    assert "Turned on" in page
    assert "by alice@example.com" in page
    assert (summary.workspace, summary.enabled_at, summary.enabled_by) == (team.workspace, NOW, team.alice)
    alice.post(URL, {"action": "off"})
    assert "The weekly summary is off." in page_text(alice.get(URL))
    assert WeeklySummary.objects.get().enabled_at is None


def test_switching_on_twice_keeps_the_first_moment(team, alice, time_machine):
    alice.post(URL, {"action": "on"})
    time_machine.move_to(NOW + timedelta(days=3), tick=False)
    alice.post(URL, {"action": "on"})

    assert WeeklySummary.objects.get().enabled_at == NOW


def test_switching_is_told_in_the_audit_trail_and_switching_to_what_it_was_is_not(team, alice):
    for action in ("off", "on", "on", "test", "off", "off"):
        alice.post(URL, {"action": action})

    told = ("settings_changed", "weekly summary", "alice@example.com")
    assert trail(team.workspace) == [(*told, "Turned on."), (*told, "Turned off.")]


def test_others_see_the_state_and_have_no_buttons(team):
    bob = Client()
    bob.force_login(team.bob)

    page = page_text(bob.get(URL))

    assert "Only admins can turn it on or off." in page
    assert 'value="on"' not in page


@pytest.mark.parametrize("action", ["on", "off", "test"])
@pytest.mark.parametrize("role", [Role.EDITOR, Role.VIEWER])
def test_only_admins_change_anything_or_send_a_test(team, figures, role, action):
    member = MembershipFactory(workspace=team.workspace, role=role).user
    browser = Client()
    browser.force_login(member)
    browser.get(URL)

    response = browser.post(URL, {"action": action})

    assert response.status_code == 403
    assert not WeeklySummary.objects.exists()
    assert mail.outbox == []


def test_a_form_of_another_tab_switches_the_workspace_that_it_names(team, alice):
    other = MembershipFactory(user=team.alice).workspace

    alice.post(URL, {"action": "on", "workspace": other.pk})

    assert WeeklySummary.objects.get().workspace == other
    assert alice.post(URL, {"action": "on", "workspace": MembershipFactory().workspace_id}).status_code == 404


def test_a_test_goes_to_nobody_but_the_one_who_asks_and_claims_no_week(team, alice, figures):
    response = alice.post(URL, {"action": "test"})

    assert [message.to for message in mail.outbox] == [["alice@example.com"]]
    assert "Test email sent to alice@example.com." in said(response)
    assert not WeeklySummary.objects.exists()


def test_a_test_without_figures_says_so(team, alice):
    response = alice.post(URL, {"action": "test"})

    assert mail.outbox == []
    assert "no analytics for last week" in said(response)


class Unreachable(EmailBackend):
    def send_messages(self, messages):
        raise ConnectionRefusedError("no mail server")


def test_a_test_that_the_mail_server_refuses_says_what_to_do(team, alice, figures, settings):
    settings.EMAIL_BACKEND = f"{__name__}.Unreachable"

    response = alice.post(URL, {"action": "test"})

    assert response.status_code == 302
    assert "Ask your administrator to check the email settings." in said(response)


def test_the_preview_shows_what_would_be_sent(team, alice, figures):
    page = page_text(alice.get(PREVIEW))

    assert "16 to 22 Nov 2026, compared with the week before" in page
    assert "<strong>700</strong>" in page


def test_an_unknown_action_changes_nothing(team, alice):
    alice.post(URL, {"action": "on"})

    response = alice.post(URL, {"action": "nonsense"})

    assert response.status_code == 400
    assert WeeklySummary.objects.get().enabled_at == NOW


def test_the_page_costs_the_same_with_more_accounts_and_members(team, alice, figures, django_assert_max_num_queries):
    for _ in range(3):
        account = PinterestAccountFactory(workspace=team.workspace)
        AccountFeedFactory(account=account, latest_on=SUNDAY)
        AccountDayFactory(account=account, date=SUNDAY)
        MembershipFactory(workspace=team.workspace)

    with django_assert_max_num_queries(16):
        alice.get(URL)


def test_the_preview_is_the_email_as_it_arrives(team, alice, figures):
    page = page_text(alice.get(URL))
    address = f"{PREVIEW}?account={team.account.pk}"
    assert f'src="{address}"' in page
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page

    preview = alice.get(address)
    alice.post(URL, {"action": "test"})

    (message,) = mail.outbox
    (html,) = [content for content, kind in message.alternatives if kind == "text/html"]
    assert preview.content.decode() == html.replace("<head>", '<head><base target="_blank">')


def test_the_preview_runs_nothing_and_is_framed_by_us_alone(team, alice, figures):
    answer = alice.get(PREVIEW)

    directives = (part.split() for part in answer["Content-Security-Policy"].split(";"))
    policy = {name: sources for name, *sources in directives}
    assert policy == {
        "default-src": ["'none'"],
        "style-src": ["'unsafe-inline'"],
        "form-action": ["'none'"],
        "frame-ancestors": ["'self'"],
        "sandbox": ["allow-popups", "allow-popups-to-escape-sandbox"],
    }
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert alice.get(URL)["X-Frame-Options"] == "DENY"


def test_without_figures_there_is_no_frame(team, alice):
    page = page_text(alice.get(URL))

    assert "<iframe" not in page
    assert "No data for last week" in page
