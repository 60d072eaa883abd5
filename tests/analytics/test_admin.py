import pytest
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.urls import reverse

from analytics.models import AccountFeed, CallCount
from tests.factories import AccountFeedFactory, UserFactory

pytestmark = pytest.mark.django_db
FEEDS = reverse("admin:analytics_accountfeed_changelist")


@pytest.fixture
def root(client):
    client.force_login(UserFactory(email="root@example.com", is_staff=True, is_superuser=True))
    return client


def fetch_now(browser, *feeds):
    answer = browser.post(FEEDS, {"action": "fetch_now", "_selected_action": [feed.pk for feed in feeds]})
    return [str(message) for message in get_messages(answer.wsgi_request)]


def test_the_lists_and_a_feeds_page_open(root):
    feed = AccountFeedFactory(trouble="delayed", trouble_text="It is very busy.")
    CallCount.objects.create(date="2026-03-01", calls=7)

    assert "Pinterest does not answer" in root.get(FEEDS, {"trouble__exact": "delayed"}).content.decode()
    page = root.get(reverse("admin:analytics_accountfeed_change", args=[feed.pk])).content.decode()
    assert "It is very busy." in page
    assert root.get(reverse("admin:analytics_callcount_changelist")).status_code == 200
    assert root.get(FEEDS, {"q": feed.account.username}).context["cl"].result_count == 1


def test_fetch_now_asks_a_worker_unless_that_was_done_a_moment_ago(root, django_capture_on_commit_callbacks):
    feeds = [AccountFeedFactory(), AccountFeedFactory()]
    with django_capture_on_commit_callbacks() as callbacks:
        first = fetch_now(root, feeds[0])
        second = fetch_now(root, *feeds)

    assert len(callbacks) == 2
    assert first == ["Analytics of 1 account will be updated now."]
    assert second[-1] == "1 account skipped: updated less than ten minutes ago."
    assert all(feed.refreshed_at for feed in AccountFeed.objects.all())


def test_looking_alone_does_not_allow_fetching(client):
    user = UserFactory(is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_accountfeed"))
    client.force_login(user)
    feed = AccountFeedFactory()

    fetch_now(client, feed)

    assert AccountFeed.objects.get().refreshed_at is None
