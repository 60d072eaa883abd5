"""The demo's login is a superuser whose password everybody knows: it is for the sandbox on this machine."""

import re

import pytest
from django.contrib.auth import get_user
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from accounts.api_keys import services as api_keys
from accounts.auth import demo_login
from accounts.models import AuditAction, AuditEntry, DemoPassword, User, Workspace
from accounts.models.users import DEMO_PASSWORD
from postiz_pins.management.commands import run
from tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"
EVERYWHERE = "0.0.0.0"  # noqa: S104  nothing listens


@pytest.fixture(autouse=True)
def _on_this_machine(settings, client):
    """As by default: Django lets tests use another name as well."""
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
    client.defaults["SERVER_NAME"] = "localhost"


def can_sign_in(client, password=DEMO_PASSWORD):
    client.logout()
    client.post(LOGIN, {"login": demo_login.EMAIL, "password": password})
    return get_user(client).is_authenticated


def test_it_signs_in_to_the_sandbox_only_and_again_when_the_app_id_is_taken_away(client, settings):
    demo_login.prepare()
    assert can_sign_in(client)

    settings.PINTEREST_SANDBOX = False
    assert not can_sign_in(client)

    settings.PINTEREST_SANDBOX = True
    assert can_sign_in(client)


def test_its_session_ends_when_an_app_id_is_set(client, settings):
    demo_login.prepare()
    assert can_sign_in(client)

    settings.PINTEREST_SANDBOX = False

    assert client.get("/").status_code == 302
    assert client.get("/admin/").status_code == 302


def test_its_api_keys_act_in_the_sandbox_only(settings):
    demo_login.prepare()
    user = User.objects.get(email=demo_login.EMAIL)
    row, key = api_keys.create(Workspace.objects.get(), "Import", by=user, now=timezone.now())
    assert api_keys.verify(key, now=timezone.now()) == row

    settings.PINTEREST_SANDBOX = False

    with pytest.raises(api_keys.KeyWithoutEditor):
        api_keys.verify(key, now=timezone.now())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HOST", EVERYWHERE),
        ("HOST", "192.168.1.5"),
        ("PUBLIC_URL", "https://pins.example.com"),
        ("ALLOWED_HOSTS", ["localhost", "pins.example.com"]),  # behind a proxy
        ("ALLOWED_HOSTS", ["*"]),
    ],
)
def test_public_password_opens_nothing_where_others_reach_the_app(client, settings, name, value):
    demo_login.prepare()

    setattr(settings, name, value)

    assert not can_sign_in(client)


def test_where_others_reach_the_app_its_own_password_is_told_at_each_start(client, settings):
    settings.HOST = EVERYWHERE

    password = demo_login.prepare()

    assert password not in ("", DEMO_PASSWORD)
    assert can_sign_in(client, password)
    assert demo_login.prepare() == password
    assert get_user(client).is_authenticated, "a restart ends no session"
    assert not can_sign_in(client)
    settings.PINTEREST_SANDBOX = False
    assert not can_sign_in(client, password), "it was printed, so it is no secret"


@pytest.mark.parametrize("hosts", [(EVERYWHERE, "127.0.0.1"), ("127.0.0.1", EVERYWHERE, "127.0.0.1", EVERYWHERE)])
def test_login_that_a_start_prints_is_one_that_works_whatever_came_before(client, settings, hosts):
    for settings.HOST in hosts:
        command = run.Command()
        command.demo_password = demo_login.prepare()

        [password] = re.findall(r"demo@example.com with the password (\S+)\n", command.welcome())
        assert can_sign_in(client, password)


def test_a_password_that_cannot_be_printed_again_is_replaced(client, settings):
    """One of an earlier version, or of another SECRET_KEY."""
    settings.HOST = EVERYWHERE
    before = demo_login.prepare()
    settings.SECRET_KEY = "another one"

    password = demo_login.prepare()

    assert password != before
    assert can_sign_in(client, password)
    assert User.objects.get().demo_password == DemoPassword.PRINTED


def test_public_password_is_replaced_when_the_app_opens_to_others(client, settings):
    assert demo_login.prepare() == DEMO_PASSWORD
    settings.HOST = EVERYWHERE

    password = demo_login.prepare()

    assert can_sign_in(client, password)
    settings.HOST = "127.0.0.1"
    assert not can_sign_in(client)


def test_password_that_somebody_has_chosen_is_not_printed():
    demo_login.prepare()
    user = User.objects.get(email=demo_login.EMAIL)
    user.set_password("a password of my own")
    user.save()
    command = run.Command()
    command.demo_password = demo_login.prepare()

    assert "manage.py changepassword demo@example.com" in command.welcome()
    assert "a password of my own" not in command.welcome()


def test_password_that_somebody_has_chosen_is_theirs(client, settings):
    demo_login.prepare()
    user = User.objects.get(email=demo_login.EMAIL)
    user.set_password("a password of my own")
    user.save()

    settings.PINTEREST_SANDBOX = False

    assert demo_login.prepare() == ""
    assert can_sign_in(client, "a password of my own")


def test_newer_hash_of_the_same_password_is_no_new_password(settings):
    settings.HOST = EVERYWHERE
    password = demo_login.prepare()
    user = User.objects.get(email=demo_login.EMAIL)

    user.set_password(password)

    assert user.demo_password == DemoPassword.PRINTED


def test_public_password_can_be_chosen_by_nobody():
    with pytest.raises(ValidationError, match="public"):
        demo_login.NotPublic().validate(DEMO_PASSWORD)
    somebody = User()
    somebody.set_password(DEMO_PASSWORD)  # past the validators, as a script may
    assert somebody.demo_password == DemoPassword.PUBLIC


def test_deployment_check_finds_it(settings, capsys):
    settings.PINTEREST_SANDBOX = False
    assert demo_login.check_no_demo_login() == []
    # As a restored row, or one that was written by hand: without our mark.
    User.objects.create(email=demo_login.EMAIL, password=make_password(DEMO_PASSWORD), is_superuser=True)

    [found] = demo_login.check_no_demo_login()

    assert found.id == "accounts.W001"
    call_command("check", "--deploy", "--tag", "security")
    assert "accounts.W001" in capsys.readouterr().err


def test_deployment_check_finds_an_operator_with_the_public_password_and_another_address(settings):
    settings.PINTEREST_SANDBOX = False
    User.objects.create(email="dana@example.com", password=make_password(DEMO_PASSWORD), is_superuser=True)
    User.objects.create(email="sam@example.com", password=make_password("a long enough passphrase"), is_superuser=True)

    [found] = demo_login.check_no_demo_login()

    assert found.msg == "dana@example.com is a demo login, whose password is public. It can sign in."


def test_deployment_check_says_why_a_generated_password_is_no_secret(settings):
    settings.HOST = EVERYWHERE
    demo_login.prepare()
    settings.PINTEREST_SANDBOX = False

    [found] = demo_login.check_no_demo_login()

    assert found.msg == (
        "demo@example.com is a demo login, whose password was printed at each start."
        " It cannot sign in while PINTEREST_APP_ID is set."
    )


def test_sandbox_stays_on_this_machine(settings):
    settings.PUBLIC_URL = "https://pins.example.com"

    with pytest.raises(CommandError, match="works on this machine only. Set PINTEREST_APP_ID and PINTEREST_APP_SECRET"):
        call_command("run")
    assert not User.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_logins_that_an_earlier_version_has_shut_out_work_in_the_sandbox_again(client):
    user = operator(demo_login.EMAIL)

    mark_as_the_migration_does()

    user.refresh_from_db()
    assert (user.demo_password, user.is_active) == (DemoPassword.PUBLIC, True)
    assert can_sign_in(client)


@pytest.mark.django_db(transaction=True)
def test_operators_of_an_earlier_version_with_the_public_password_are_marked_whatever_their_address():
    moved, other = operator("dana@example.com"), operator("sam@example.com", "a long enough passphrase")

    mark_as_the_migration_does()

    for user in (moved, other):
        user.refresh_from_db()
    assert (moved.demo_password, moved.is_active) == (DemoPassword.PUBLIC, False), "an operator may have shut it out"
    assert (other.demo_password, other.is_active) == (DemoPassword.NONE, False)


def operator(email, password=DEMO_PASSWORD):
    return User.objects.create(email=email, password=make_password(password), is_superuser=True, is_active=False)


def mark_as_the_migration_does():
    executor = MigrationExecutor(connection)
    name = next(name for app, name in executor.loader.graph.nodes if app == "accounts" and "demo_password" in name)
    migration = executor.loader.get_migration("accounts", name)

    migration.operations[-1].code(executor.loader.project_state(("accounts", name)).apps, None)


# The workspace's time zone


def zone_after(client, name, **columns):
    User.objects.filter(email=demo_login.EMAIL).update(**columns)
    client.post(LOGIN, {"login": demo_login.EMAIL, "password": DEMO_PASSWORD, "browser_time_zone": name})
    assert get_user(client).is_authenticated
    client.logout()
    return Workspace.objects.get().time_zone


def test_its_workspace_takes_the_zone_of_the_first_browser_once(client):
    demo_login.prepare()

    assert zone_after(client, "America/New_York") == "America/New_York"
    assert zone_after(client, "Asia/Tokyo") == "America/New_York"
    assert AuditEntry.objects.get(action=AuditAction.SETTINGS_CHANGED).detail.endswith("“America/New_York”")


def test_a_first_browser_that_is_in_the_same_zone_counts_too(client):
    demo_login.prepare()

    assert zone_after(client, demo_login.TIME_ZONE) == demo_login.TIME_ZONE
    assert zone_after(client, "Asia/Tokyo") == demo_login.TIME_ZONE


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "localtime", "../../etc/passwd", "a\0b", "x" * 5000])
def test_what_is_no_zone_changes_nothing(client, name):
    demo_login.prepare()

    assert zone_after(client, name) == demo_login.TIME_ZONE


def test_a_zone_that_somebody_has_chosen_stays(client):
    demo_login.prepare()
    Workspace.objects.update(time_zone="Asia/Tokyo")

    assert zone_after(client, "America/New_York") == "Asia/Tokyo"


def test_only_the_demo_takes_it_and_only_in_the_sandbox(client, settings):
    demo_login.prepare()
    User.objects.create_user("dana@example.com", "a long enough passphrase")
    MembershipFactory(user=User.objects.get(email="dana@example.com"), workspace=Workspace.objects.get())
    body = {"login": "dana@example.com", "password": "a long enough passphrase", "browser_time_zone": "Asia/Tokyo"}

    client.post(LOGIN, body)
    assert get_user(client).is_authenticated
    assert Workspace.objects.get().time_zone == demo_login.TIME_ZONE
    client.logout()
    assert 'name="browser_time_zone"' in client.get(LOGIN).content.decode()
    settings.PINTEREST_SANDBOX = False
    assert 'name="browser_time_zone"' not in client.get(LOGIN).content.decode()
