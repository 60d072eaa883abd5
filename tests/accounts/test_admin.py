from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone
from django_q.models import Failure, OrmQ, Schedule, Success, Task
from django_q.signing import SignedPackage

from accounts.models import AccountStatus, Membership, PinterestAccount, Role, User
from tests.factories import (
    BoardFactory,
    MembershipFactory,
    NotificationFactory,
    PinterestAccountFactory,
    UserFactory,
    WorkspaceFactory,
)
from tests.page_text import page_text
from tests.webhook_factories import WebhookDeliveryFactory

pytestmark = pytest.mark.django_db

PASSWORD = "a long and unusual one"


@pytest.fixture
def root(client):
    """A browser in which a superuser is signed in who is in no workspace."""
    client.force_login(UserFactory(email="root@example.com", is_staff=True, is_superuser=True))
    return client


def text(response):
    assert response.status_code == 200
    return response.content.decode()


def rows(response):
    return list(response.context["cl"].result_list)


def change_url(row):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def user_form(**fields):
    """What the browser sends when somebody saves a user's page without memberships."""
    return {
        "memberships-TOTAL_FORMS": "0",
        "memberships-INITIAL_FORMS": "0",
        "is_active": "on",
        **fields,
    }


def test_the_index_names_the_product_and_offers_what_belongs_to_it(root):
    page = text(root.get("/admin/"))

    assert "Postiz Pins" in page
    for models in ("Users", "Workspaces", "Memberships", "Pinterest accounts", "Boards", "Media files", "Pins"):
        assert f">{models}</a>" in page
    for models in ("Failed tasks", "Successful tasks", "Scheduled tasks"):
        assert f">{models}</a>" in page
    assert (">Queued tasks</a>" in page) == (not settings.REDIS_URL)


def test_allauths_tables_for_plain_tokens_are_not_offered(root):
    assert "Social" not in text(root.get("/admin/"))


def test_the_administration_has_no_sign_in_page_of_its_own(client):
    response = client.get("/admin/login/?next=/admin/")

    assert (response.status_code, response["Location"]) == (302, "/accounts/login/?next=%2Fadmin%2F")


def test_a_member_who_is_not_staff_gets_no_administration(team, client):
    client.force_login(team.alice)

    assert client.get("/admin/", follow=True).status_code == 403
    assert client.get("/admin/accounts/user/", follow=True).status_code == 403


def test_staff_see_what_they_have_the_permission_for(client):
    staff = UserFactory(is_staff=True)
    staff.user_permissions.add(Permission.objects.get(codename="view_workspace"))
    client.force_login(staff)

    assert client.get("/admin/accounts/workspace/").status_code == 200
    assert client.get("/admin/accounts/user/").status_code == 403


def test_every_list_can_be_searched(root):
    for model, model_admin in admin.site._registry.items():
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")

        assert 'id="searchbar"' in text(root.get(address, {"q": "70000000"})), model_admin


def test_a_new_user_can_sign_in_although_the_address_was_typed_in_capitals(root, client):
    root.post(
        "/admin/accounts/user/add/",
        user_form(email="Dora@Example.com", usable_password="true", password1=PASSWORD, password2=PASSWORD),
    )
    root.logout()

    response = client.post("/accounts/login/", {"login": "Dora@Example.com", "password": PASSWORD})

    assert response.status_code == 302
    assert client.session["_auth_user_id"] == str(User.objects.get(email="dora@example.com").pk)


def test_an_address_is_taken_in_capitals_too(root, team):
    response = root.post(
        "/admin/accounts/user/add/",
        user_form(email="ALICE@example.com", usable_password="true", password1=PASSWORD, password2=PASSWORD),
    )

    assert "already" in text(response)
    assert User.objects.filter(email__iexact="alice@example.com").count() == 1


def test_a_password_is_changed_without_being_shown(root, team):
    page = text(root.get(change_url(team.alice)))
    response = root.post(
        f"/admin/accounts/user/{team.alice.pk}/password/", {"password1": PASSWORD, "password2": PASSWORD}
    )

    assert team.alice.password not in page
    assert response.status_code == 302
    team.alice.refresh_from_db()
    assert team.alice.check_password(PASSWORD)


def test_an_address_that_was_replaced_no_longer_opens_the_account(root, client):
    user = UserFactory(email="old@example.com")
    EmailAddress.objects.create(user=user, email="old@example.com", verified=True, primary=True)

    response = root.post(change_url(user), user_form(email="new@example.com"))

    assert response.status_code == 302
    root.logout()
    old = {"login": "old@example.com", "password": "correct horse battery"}
    assert "_auth_user_id" not in client.session
    client.post("/accounts/login/", old)
    assert "_auth_user_id" not in client.session
    client.post("/accounts/login/", {**old, "login": "new@example.com"})
    assert client.session["_auth_user_id"] == str(user.pk)


def test_a_workspace_and_its_members_are_one_form(root, team):
    workspace, dora = WorkspaceFactory(), UserFactory()

    response = root.post(
        change_url(workspace),
        {
            "name": "Chairs & Co",
            "time_zone": "Europe/Paris",
            "first_weekday": "0",
            "memberships-TOTAL_FORMS": "1",
            "memberships-INITIAL_FORMS": "0",
            "memberships-0-user": str(dora.pk),
            "memberships-0-role": Role.EDITOR,
        },
    )

    assert response.status_code == 302
    workspace.refresh_from_db()
    assert (workspace.name, workspace.time_zone) == ("Chairs & Co", "Europe/Paris")
    assert Membership.objects.get(workspace=workspace).user == dora


def test_a_time_zone_that_does_not_exist_is_refused(root, team):
    response = root.post(
        change_url(team.workspace),
        {"name": "A", "time_zone": "Europe/Atlantis", "memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"},
    )

    assert "“Europe/Atlantis” isn't a time zone." in page_text(response)


def test_a_workspace_is_found_by_its_members_address(root, team):
    WorkspaceFactory()

    assert rows(root.get("/admin/accounts/workspace/", {"q": "alice@example.com"})) == [team.workspace]


def test_people_and_workspaces_are_chosen_by_typing(root, team):
    url = "/admin/autocomplete/?app_label=accounts&model_name=membership&field_name=user&term=ali"

    assert [found["text"] for found in root.get(url).json()["results"]] == ["alice@example.com"]


def test_tokens_are_shown_nowhere_and_cannot_be_posted(root):
    account = PinterestAccountFactory()
    secrets = ["pina_test", "pinr_test", account.access_token_encrypted, account.refresh_token_encrypted]

    pages = [
        text(root.get("/admin/accounts/pinterestaccount/")),
        text(root.get(change_url(account))),
        text(root.get(f"/admin/accounts/pinterestaccount/{account.pk}/history/")),
    ]
    response = root.post(change_url(account), {"access_token_encrypted": "x", "status": "disconnected"})

    assert not [secret for secret in secrets for page in pages if secret in page]
    assert "_encrypted" not in "".join(pages)
    assert response.status_code == 403
    assert root.get("/admin/accounts/pinterestaccount/add/").status_code == 403
    reread = PinterestAccount.objects.get(pk=account.pk)
    assert (reread.access_token, reread.status) == ("pina_test", AccountStatus.ACTIVE)


def test_an_account_shows_its_state_and_leads_to_its_boards_and_pins(root):
    account = PinterestAccountFactory(
        status=AccountStatus.NEEDS_RECONNECT,
        trouble="Pinterest revoked it.",
        access_expires_at=timezone.now() + timedelta(days=400),
    )

    page = text(root.get(change_url(account)))

    assert "Needs reconnecting" in page
    assert "Pinterest revoked it." in page
    assert "user_accounts:read" in page
    assert str(account.access_expires_at.year) in page
    for model in ("accounts/board", "pins/pin"):
        address = f"/admin/{model}/?account__id__exact={account.pk}"
        assert f'href="{address}"' in page
        assert root.get(address).status_code == 200


@pytest.mark.parametrize("term", ["chairshop", "700000001"])
def test_an_account_is_found_by_its_name_and_by_pinterests_id(root, term):
    account = PinterestAccountFactory(username="chairshop", pinterest_user_id="700000001")
    PinterestAccountFactory()

    assert rows(root.get("/admin/accounts/pinterestaccount/", {"q": term})) == [account]


def test_the_list_of_accounts_counts_boards(root):
    BoardFactory.create_batch(2, account=PinterestAccountFactory())

    [account] = rows(root.get("/admin/accounts/pinterestaccount/"))

    assert account.board_count == 2


def act(root, model, action, *rows):
    """Runs an action of the list; what was said."""
    address = f"/admin/accounts/{model}/"
    chosen = {"action": action, "_selected_action": [row.pk for row in rows]}
    return [str(message) for message in root.post(address, chosen, follow=True).context["messages"]]


def test_workspaces_accounts_and_people_are_deleted_after_the_waiting_period_only(root):
    disconnected = PinterestAccountFactory(status=AccountStatus.DISCONNECTED, access_token_encrypted="")
    rows = {"workspace": WorkspaceFactory(), "pinterestaccount": disconnected, "user": UserFactory()}

    for model, row in rows.items():
        address = f"/admin/accounts/{model}/{row.pk}/delete/"
        assert root.post(address, {"post": "yes"}).status_code == 403
        assert "delete_selected" not in text(root.get(f"/admin/accounts/{model}/"))
        said = act(root, model, "request_deletion", row)
        row.refresh_from_db()
        assert row.delete_at > timezone.now() + timedelta(days=13)
        assert said == [f"{row} will be deleted in 14 days. Until then you can cancel the deletion."]


def test_an_operator_calls_a_deletion_off(root, team):
    act(root, "workspace", "request_deletion", team.workspace)
    act(root, "user", "request_deletion", team.bob)

    for model, row in (("workspace", team.workspace), ("user", team.bob)):
        assert act(root, model, "cancel_deletion", row) == [f"{row} will not be deleted."]
        row.refresh_from_db()
        assert row.delete_at is None


def test_nothing_to_call_off_is_said(root, team):
    for model, row in (("workspace", team.workspace), ("user", team.bob), ("pinterestaccount", team.account)):
        assert act(root, model, "cancel_deletion", row) == [f"No deletion of {row} is pending."]


def test_what_cannot_be_deleted_is_said(root, team):
    [said] = act(root, "user", "request_deletion", team.alice)

    assert "the only admin" in said
    [said] = act(root, "pinterestaccount", "request_deletion", team.account)
    assert "Disconnect" in said


def test_only_who_may_delete_finds_the_actions(client, team):
    staff = UserFactory(is_staff=True)
    staff.user_permissions.add(Permission.objects.get(codename="view_workspace"))
    client.force_login(staff)

    assert "request_deletion" not in text(client.get("/admin/accounts/workspace/"))


def test_boards_are_pinterests_and_only_read(root):
    board = BoardFactory(name="Chairs")

    assert "Chairs" in text(root.get(change_url(board)))
    assert root.post(change_url(board), {"name": "Tables"}).status_code == 403
    assert rows(root.get("/admin/accounts/board/", {"missing_since__isempty": "0"})) == []
    assert rows(root.get("/admin/accounts/board/", {"q": board.account.username})) == [board]


def test_webhooks_and_their_deliveries_are_shown_without_secrets_and_payloads(root):
    delivery = WebhookDeliveryFactory(
        body='{"title": "Oak chair"}', response_status=502, response_excerpt="Bad gateway"
    )
    endpoint = delivery.endpoint
    pages = [text(root.get(change_url(row))) for row in (endpoint, delivery)]
    lists = [text(root.get(f"/admin/accounts/{model}/")) for model in ("webhookendpoint", "webhookdelivery")]

    assert endpoint.url in pages[0]
    assert "Bad gateway" in pages[1]
    assert str(endpoint.workspace) in lists[0]
    assert "Pin published" in lists[1]
    for hidden in (endpoint.secret_encrypted, "whsec_", "Oak chair", "_encrypted"):
        assert hidden not in "".join(pages + lists)


@pytest.mark.parametrize("step", ["change", "delete"])
def test_webhooks_and_their_deliveries_are_only_read(root, step):
    delivery = WebhookDeliveryFactory()

    for row in (delivery.endpoint, delivery):
        address = reverse(f"admin:accounts_{row._meta.model_name}_{step}", args=[row.pk])
        assert root.post(address, {"post": "yes", "url": "https://other.example"}).status_code == 403
    delivery.endpoint.refresh_from_db()
    assert delivery.endpoint.url != "https://other.example"


def in_the_queues_list(root, model, row_id, name, search):
    """Checks that a table of django-q2 is listed, opened and searched."""
    address = f"/admin/django_q/{model._meta.model_name}/"
    assert name in text(root.get(address))
    assert name in text(root.get(f"{address}{row_id}/change/"))
    assert name in text(root.get(address, {"q": search}))
    assert name not in text(root.get(address, {"q": "something else"}))


def test_the_queues_own_tables_work(root):
    now = timezone.now()
    task = {"func": "pins.tasks.advance", "args": (1,), "started": now, "stopped": now}
    Task.objects.create(id="a" * 32, name="went-well", success=True, **task)
    Task.objects.create(id="b" * 32, name="went-wrong", success=False, result="RuntimeError", **task)
    schedule = Schedule.objects.create(name="nightly", func="pins.tasks.advance")

    in_the_queues_list(root, Success, "a" * 32, "went-well", "well")
    in_the_queues_list(root, Failure, "b" * 32, "went-wrong", "wrong")
    in_the_queues_list(root, Schedule, schedule.pk, "nightly", "night")


@pytest.mark.skipif(bool(settings.REDIS_URL), reason="messages are in Redis, not in a table")
def test_messages_in_the_queue_are_listed(root):
    payload = SignedPackage.dumps({"id": "c", "name": "waiting", "func": "pins.tasks.advance"})
    waiting = OrmQ.objects.create(key="postiz-pins", lock=timezone.now(), payload=payload)

    in_the_queues_list(root, OrmQ, waiting.pk, "waiting", str(waiting.pk))


def test_a_membership_is_found_by_address_and_by_workspace(root, team):
    MembershipFactory()

    found = rows(root.get("/admin/accounts/membership/", {"q": f"bob {team.workspace.name}"}))

    assert [membership.user for membership in found] == [team.bob]


def test_whether_somebody_was_told_is_found_by_the_address_and_only_read(root, team):
    told = NotificationFactory(membership=team.alice.memberships.get())
    NotificationFactory()
    address = reverse("admin:accounts_notification_changelist")

    assert rows(root.get(address, {"q": team.alice.email})) == [told]
    assert told.text in text(root.get(change_url(told)))
    assert root.post(change_url(told), {"text": "Something else"}).status_code == 403
