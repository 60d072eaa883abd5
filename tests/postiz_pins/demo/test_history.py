"""`manage.py demo_history`: a workspace that looks as if its figures had been fetched for two years."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Sum

from accounts import tasks as accounts_tasks
from accounts.auth import demo_login
from accounts.connections import board_sync, tokens
from accounts.models import Membership, Notification, PinterestAccount, User, Workspace
from analytics import tasks as analytics_tasks
from analytics.models import AccountDay, AccountFeed, PinDay, PinLifetime, PinPeriod, PinSummary
from pins import tasks as pins_tasks
from pins.models import MediaFile, Pin, PinStatus
from postiz_pins import tasks as project_tasks
from postiz_pins.demo import history as demo_history
from tests.factories import WorkspaceFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
LATEST_ON = NOW.date() - timedelta(days=2)


@pytest.fixture(autouse=True)
def at_a_fixed_time(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture(autouse=True)
def with_few_pictures(monkeypatch):
    """Each is read by a process of its own."""
    monkeypatch.setattr(demo_history, "PICTURES", 2)


@pytest.fixture
def lines(capsys):
    return lambda: capsys.readouterr().out.splitlines()


def fill(**options):
    call_command("demo_history", **{"pins": 40, "days": 200, **options})
    return Workspace.objects.get(name=options.get("workspace", "Demo history"))


def test_demo_person_can_switch_to_a_workspace_full_of_published_pins(lines):
    demo_login.prepare()

    workspace = fill(accounts=2)

    pins = Pin.objects.in_workspace(workspace)
    assert Membership.objects.filter(workspace=workspace, user__email=demo_login.EMAIL).exists()
    assert pins.filter(status=PinStatus.PUBLISHED).count() == 40
    assert {pin.attachments.count() for pin in pins} == {1, 2}
    assert PinSummary.objects.filter(workspace=workspace).count() == 40
    assert PinPeriod.objects.in_workspace(workspace).exists()
    assert "40 pins with" in lines()[-2]


def test_account_has_a_row_for_each_day_and_the_newest_two_without_figures():
    workspace = fill()

    days = AccountDay.objects.in_workspace(workspace).order_by("date")

    assert [day.date for day in days][-1] == NOW.date()
    assert len(days) == 202
    assert [day.impressions for day in days][-2:] == [None, None]
    assert all(day.impressions > 0 for day in days[:200])
    assert AccountFeed.objects.get().latest_on == LATEST_ON


def test_days_of_pins_add_up_to_at_most_those_of_their_account():
    workspace = fill()
    pins = PinDay.objects.in_workspace(workspace).filter(date__lte=LATEST_ON)

    sums = {row["date"]: row["sum"] for row in pins.values("date").annotate(sum=Sum("impressions"))}
    accounts = dict(AccountDay.objects.in_workspace(workspace).values_list("date", "impressions"))

    assert sums
    assert all(total <= accounts[date] for date, total in sums.items())


def test_lifetime_grows_from_snapshot_to_snapshot_up_to_the_summary():
    workspace = fill()

    for summary in PinSummary.objects.filter(workspace=workspace):
        snapshots = list(PinLifetime.objects.filter(pin_id=summary.pin_id).order_by("date"))
        impressions = [snapshot.impressions for snapshot in snapshots]
        assert impressions == sorted(impressions)
        assert (impressions or [None])[-1] == summary.impressions
        assert not snapshots or snapshots[-1].date == NOW.date()
        ages = [(snapshot.date - summary.published_at.date()).days for snapshot in snapshots[:-1]]
        assert ages == list(range(8, 8 + 7 * len(ages), 7))
        assert not snapshots or len(snapshots) == -(-((LATEST_ON - summary.published_at.date()).days + 1) // 7)


def test_newest_pins_have_no_figures_yet_and_older_ones_their_first_week():
    workspace = fill(pins=400)

    for summary in PinSummary.objects.filter(workspace=workspace):
        age = LATEST_ON - summary.published_at.date()
        assert (summary.impressions is None) == (age.days < 0)
        assert (summary.first_week_engagement is None) == (age.days < 6)


def test_nothing_of_it_is_ever_fetched():
    workspace = fill()

    assert not AccountFeed.objects.due(NOW + timedelta(days=365)).exists()
    assert not PinSummary.objects.filter(workspace=workspace, days_next_at__isnull=False).exists()
    assert all(account.is_active for account in PinterestAccount.objects.filter(workspace=workspace))


def test_days_of_pins_can_be_limited_to_the_newest():
    workspace = fill(pin_days=400)

    days = PinDay.objects.in_workspace(workspace)

    assert 300 < days.count() <= 400
    assert min(days.values_list("date", flat=True)) == NOW.date() - timedelta(days=9)


def test_pinterest_is_never_asked_and_nobody_is_told(sandbox, mailoutbox):
    demo_login.prepare()
    workspace = fill(accounts=2, pins=4, days=20)
    account = PinterestAccount.objects.filter(workspace=workspace).first()
    before = list(PinterestAccount.objects.filter(workspace=workspace).values())

    analytics_tasks.fetch_due()
    analytics_tasks.fetch_account(account.pk)
    accounts_tasks.renew_due_tokens()
    accounts_tasks.send_notifications()
    pins_tasks.tell_held()
    board_sync.sync_account(account)
    with pytest.raises(tokens.MadeUp):
        tokens.renew(account)

    assert sandbox.requests() == []
    assert list(PinterestAccount.objects.filter(workspace=workspace).values()) == before
    assert not Notification.objects.filter(workspace=workspace).exists()
    assert mailoutbox == []


def test_running_app_that_looks_for_new_pins_meanwhile_does_no_harm(monkeypatch):
    real_store = demo_history.store

    def store(rows):
        analytics_tasks.fetch_due()
        pins_tasks.enqueue_due()
        real_store(rows)

    monkeypatch.setattr(demo_history, "store", store)

    workspace = fill(pins=4, days=20)

    assert PinSummary.objects.filter(workspace=workspace).count() == 4


def test_filling_that_fails_leaves_nothing_and_can_be_run_again(monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(demo_history, "create_feed", fail)
        with pytest.raises(KeyboardInterrupt):
            fill(pins=4, days=20)

    for model in (Workspace, PinterestAccount, Pin, MediaFile, PinDay, AccountDay):
        assert not model.objects.exists()
    assert fill(pins=4, days=20).name == "Demo history"


def test_filling_that_is_killed_is_seen_by_nobody_and_erased_by_the_app(monkeypatch, time_machine):
    demo_login.prepare()
    with monkeypatch.context() as patched:
        patched.setattr(demo_history, "create_feed", fail)
        patched.setattr(demo_history, "_erase", lambda workspace: None)
        with pytest.raises(KeyboardInterrupt):
            fill(pins=4, days=20)
    killed = Workspace.objects.get(name="Demo history")
    assert not killed.memberships.exists()
    time_machine.move_to(NOW + timedelta(minutes=61), tick=False)

    call_command("demo_history", pins=4, days=20)
    for _ in range(3):
        project_tasks.erase_due()

    assert not Workspace.objects.filter(pk=killed.pk).exists()
    assert Workspace.objects.filter(name="Demo history").count() == 1


def fail(*_):
    raise KeyboardInterrupt


def test_second_run_makes_another_workspace_with_a_number():
    first = fill(pins=4, days=20)

    call_command("demo_history", pins=4, days=20)

    assert Pin.objects.in_workspace(first).count() == 4
    assert Pin.objects.in_workspace(Workspace.objects.get(name="Demo history 2")).count() == 4
    with pytest.raises(CommandError, match="Choose another name"):
        fill(workspace="Demo history 2")
    assert fill(workspace="Another", pins=4, days=20).name == "Another"


def test_workspace_of_a_team_is_not_touched():
    team = WorkspaceFactory(name="The shop")

    with pytest.raises(CommandError, match="already exists"):
        fill(workspace="The shop")

    assert not Pin.objects.in_workspace(team).exists()


def test_real_installation_is_spared_unless_forced(settings):
    settings.PINTEREST_SANDBOX = False

    with pytest.raises(CommandError, match="--force"):
        fill()
    assert fill(force=True)
    assert not User.objects.exists()


@pytest.mark.parametrize("options", [{"accounts": 0}, {"pins": 0}, {"days": 0}, {"days": 731}, {"accounts": 41}])
def test_impossible_size_is_refused(options):
    with pytest.raises(CommandError, match="at least one account"):
        fill(**options)
