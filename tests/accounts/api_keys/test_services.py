"""API keys: shown once, hashed at rest, revoked for good; made and revoked by admins only."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.api_keys import services as api_keys
from accounts.models import ApiKey, DemoPassword, Role
from tests.factories import MembershipFactory, UserFactory
from tests.page_text import page_text

pytestmark = pytest.mark.django_db

PAGE = reverse("accounts:api_key_list")
NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)


def make(team, name="Shop import", by=None):
    return api_keys.create(team.workspace, name, by=by or team.alice, now=timezone.now())


def shown_key(response):
    [key] = set(re.findall(r"ppk_[\w-]{43}", page_text(response)))
    return key


def test_a_key_is_random_and_recognised_by_its_beginning(team):
    row, key = make(team)
    _, other = make(team, "Spreadsheet")

    assert re.fullmatch(r"ppk_[\w-]{43}", key)
    assert key != other
    assert key.startswith(row.prefix)
    assert len(row.prefix) == 12


def test_nothing_of_the_key_but_its_beginning_is_in_the_database(team):
    _, key = make(team)

    [stored] = ApiKey.objects.values()
    assert key[12:] not in repr(stored)
    assert re.fullmatch(r"[0-9a-f]{64}", stored["key_hash"])


def test_the_key_is_verified_with_its_workspace_and_its_maker(team, django_assert_num_queries):
    row, key = make(team)
    api_keys.verify(key, now=timezone.now())

    with django_assert_num_queries(1):
        verified = api_keys.verify(key, now=timezone.now())
        assert (verified, verified.workspace, verified.created_by) == (row, team.workspace, team.alice)


@pytest.mark.parametrize("wrong", ["", "ppk_", "ppk_" + "x" * 43, "x" * 100_000, "\0", "\ud800", "ö"])
def test_a_wrong_key_costs_the_same_one_query_as_a_right_one(team, wrong):
    make(team)

    with CaptureQueriesContext(connection) as captured, pytest.raises(api_keys.KeyInvalid):
        api_keys.verify(wrong, now=timezone.now())

    assert len(captured) == 1


def test_a_revoked_key_is_wrong_and_revoking_again_changes_nothing(team):
    row, key = make(team)

    assert api_keys.revoke(row, by=team.alice, now=NOW)
    assert not api_keys.revoke(row, by=team.alice, now=NOW + timedelta(days=1))

    row.refresh_from_db()
    assert row.revoked_at == NOW
    with pytest.raises(api_keys.KeyInvalid):
        api_keys.verify(key, now=NOW)


def test_a_key_acts_for_its_maker_only_while_that_person_edits_in_this_workspace(team):
    maker = MembershipFactory(workspace=team.workspace, role=Role.EDITOR).user
    MembershipFactory(user=maker, role=Role.ADMIN)
    _, key = make(team, by=maker)
    assert api_keys.verify(key, now=NOW)

    maker.memberships.filter(workspace=team.workspace).update(role=Role.VIEWER)

    with pytest.raises(api_keys.KeyWithoutEditor):
        api_keys.verify(key, now=NOW)


def test_the_last_use_is_noted_once_a_minute(team):
    row, key = make(team)
    noted = []

    for seconds in (0, 30, 59, 60, 90, 121):
        api_keys.verify(key, now=NOW + timedelta(seconds=seconds))
        row.refresh_from_db()
        noted.append((row.last_used_at - NOW).total_seconds())

    assert noted == [0, 0, 0, 60, 60, 121]


def test_an_admin_makes_a_key_which_is_shown_once(team, alice):
    response = alice.post(PAGE, {"name": "Shop import", "scopes": "read"})

    key = shown_key(response)
    page = response.content.decode()
    assert "no-store" in response["Cache-Control"]
    assert f'curl http://localhost:8000/api/boards \\\n  -H "Authorization: Bearer {key}"' in unescape(page)
    assert api_keys.verify(key, now=NOW).created_by == team.alice
    later = page_text(alice.get(PAGE))
    assert key not in later
    assert key[:12] in later
    assert key not in str(dict(alice.session))


def test_loading_the_page_anew_makes_no_second_key(team, alice):
    alice.post(PAGE, {"name": "Shop import", "scopes": "read"})

    response = alice.post(PAGE, {"name": "shop IMPORT ", "scopes": "read"})

    assert "There is already a key named “shop IMPORT”." in page_text(response)
    assert ApiKey.objects.count() == 1


def test_the_name_of_a_revoked_key_is_free_again(team, alice):
    row, _ = make(team)
    api_keys.revoke(row, by=team.alice, now=NOW)

    alice.post(PAGE, {"name": row.name, "scopes": "read"})

    assert ApiKey.objects.usable().get().name == row.name


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "a\0b"])
def test_a_key_needs_a_name(team, alice, name):
    response = alice.post(PAGE, {"name": name, "scopes": "read"})

    assert response.context["form"].errors["name"]
    assert not ApiKey.objects.exists()


def test_an_admin_revokes_a_key_after_a_question(team, alice):
    row, key = make(team)
    address = reverse("accounts:api_key_revoke", args=[row.pk])

    assert "Programs using “<bdi>Shop import</bdi>” (ppk_" in page_text(alice.get(address))
    assert api_keys.verify(key, now=NOW)
    assert "Programs that use it no longer have access." in page_text(alice.post(address, follow=True))

    with pytest.raises(api_keys.KeyInvalid):
        api_keys.verify(key, now=NOW)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR])
def test_others_look_at_the_keys_but_neither_make_nor_revoke_any(team, client, role):
    row, key = make(team)
    client.force_login(MembershipFactory(workspace=team.workspace, role=role).user)

    page = page_text(client.get(PAGE))

    assert row.name in page
    assert "<form" not in page.partition("<main")[2].partition("</main>")[0]
    assert "Revoke" not in page
    assert client.post(PAGE, {"name": "Mine", "scopes": "read"}).status_code == 403
    assert client.post(reverse("accounts:api_key_revoke", args=[row.pk])).status_code == 403
    assert api_keys.verify(key, now=NOW)


def test_an_admin_elsewhere_is_no_admin_here(team, client):
    row, _ = make(team)
    client.force_login(team.bob)
    MembershipFactory(user=team.bob, role=Role.ADMIN)

    assert client.post(PAGE, {"name": "Mine", "scopes": "read", "workspace": team.workspace.pk}).status_code == 403
    assert client.post(reverse("accounts:api_key_revoke", args=[row.pk])).status_code == 403
    assert ApiKey.objects.usable().get() == row


def test_the_key_is_made_in_the_workspace_that_the_page_showed(team, alice):
    other = MembershipFactory(user=team.alice).workspace
    alice.post(reverse("accounts:workspace_switch"), {"workspace": other.pk})

    alice.post(PAGE, {"name": "Shop import", "scopes": "read", "workspace": team.workspace.pk})

    assert ApiKey.objects.get().workspace == team.workspace


def test_a_key_whose_maker_may_no_longer_edit_is_said_to_be_refused(team, alice):
    maker = MembershipFactory(workspace=team.workspace).user
    make(team, by=maker)
    make(team, "Orphan", by=(gone := UserFactory()))
    gone.delete()
    maker.memberships.update(role=Role.VIEWER)

    page = page_text(alice.get(PAGE))

    assert page.count("Refused") == 2
    assert f"{maker} can no longer edit here" in page
    assert "its creator, who has been deleted" in page


def test_a_key_of_the_demo_is_said_to_be_refused_where_the_demo_may_not_sign_in(team, alice, settings):
    demo = UserFactory(demo_password=DemoPassword.PRINTED)
    MembershipFactory(workspace=team.workspace, user=demo, role=Role.ADMIN)
    _, key = make(team, by=demo)

    settings.PINTEREST_SANDBOX = True
    assert ">Active<" in page_text(alice.get(PAGE))
    settings.PINTEREST_SANDBOX = False
    page = page_text(alice.get(PAGE))

    with pytest.raises(api_keys.KeyWithoutEditor):
        api_keys.verify(key, now=NOW)
    assert ">Active<" not in page
    assert "the demo login can't be used on this server" in page


def test_the_page_says_when_a_key_was_used_and_revoked(team, alice):
    _, key = make(team)
    assert "Never used" in page_text(alice.get(PAGE))
    api_keys.verify(key, now=NOW)
    api_keys.revoke(ApiKey.objects.get(), by=team.alice, now=NOW)

    page = " ".join(page_text(alice.get(PAGE)).split())

    assert re.search("Last used <time[^>]*>Mon 1 Mar 2027, 13:00</time> · revoked <time", page)


def test_the_settings_lead_to_the_keys(alice):
    assert f'href="{PAGE}"' in page_text(alice.get("/workspace/"))


@pytest.fixture
def root(client):
    client.force_login(UserFactory(email="root@example.com", is_staff=True, is_superuser=True))
    return client


def test_the_administration_shows_neither_key_nor_hash(team, root):
    row, key = make(team)

    for address in ("changelist", "change"):
        args = [row.pk] if address == "change" else []
        page = page_text(root.get(reverse(f"admin:accounts_apikey_{address}", args=args)))
        assert row.prefix in page
        assert key not in page
        assert row.key_hash not in page
    assert not admin.site.get_model_admin(ApiKey).has_add_permission(None)


def test_the_administration_revokes_keys(team, root):
    row, key = make(team)
    body = {"action": "revoke", "_selected_action": [row.pk]}

    page = page_text(root.post(reverse("admin:accounts_apikey_changelist"), body, follow=True))

    assert "1 API key revoked" in page
    with pytest.raises(api_keys.KeyInvalid):
        api_keys.verify(key, now=NOW)
