"""The workspace that a person works in: which one, its time zone, and who may change something there."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.test import RequestFactory
from django.utils import timezone

from accounts import middleware as accounts_middleware
from accounts.models import Board, Membership, PinterestAccount, Role, Workspace
from accounts.permissions import can_edit, require_editor
from tests.factories import BoardFactory, MembershipFactory, PinterestAccountFactory, UserFactory, WorkspaceFactory

pytestmark = pytest.mark.django_db

ACCOUNT_PAGES = ["/accounts/email/", "/accounts/password/change/", "/accounts/logout/"]


def current(browser):
    return browser.get("/connections/").wsgi_request.workspace


def test_the_oldest_membership_counts_until_another_is_chosen(alice, team):
    second = MembershipFactory(user=team.alice).workspace
    assert current(alice) == team.workspace

    response = alice.post("/workspace/switch/", {"workspace": second.pk})

    assert response["Location"] == "/"
    assert current(alice) == second


def test_a_workspace_that_was_left_is_left(alice, team):
    membership = MembershipFactory(user=team.alice)
    alice.post("/workspace/switch/", {"workspace": membership.workspace_id})

    membership.delete()

    assert current(alice) == team.workspace


@pytest.mark.parametrize("wanted", ["", "x", "0", "-1", "9" * 30, "1.0", "a\0b"])
def test_a_workspace_that_is_not_there_is_a_404(alice, team, wanted):
    assert alice.post("/workspace/switch/", {"workspace": wanted}).status_code == 404
    assert current(alice) == team.workspace


def test_a_foreign_workspace_is_a_404(alice, team):
    foreign = WorkspaceFactory()

    assert alice.post("/workspace/switch/", {"workspace": foreign.pk}).status_code == 404

    assert current(alice) == team.workspace


def test_switching_is_by_post(alice):
    assert alice.get("/workspace/switch/").status_code == 405


def test_the_list_to_switch_in_has_ones_own_workspaces_by_name(alice, team):
    team.workspace.name = "beta"
    team.workspace.save()
    MembershipFactory(user=team.alice, workspace__name="Alpha")
    WorkspaceFactory(name="Secret rivals")

    page = alice.get("/connections/")

    assert [workspace.name for workspace in page.context["workspaces"]] == ["Alpha", "beta"]
    assert "Secret rivals" not in page.content.decode()


# Time zone


def test_pages_show_times_in_the_workspaces_zone(alice, team):
    team.account.boards_synced_at = datetime(2026, 7, 1, 22, 34, tzinfo=UTC)
    team.account.save()

    page = alice.get("/connections/").content.decode()

    # The team is in Berlin, where it was past midnight.
    assert "2 July" in page or "2 Jul" in page
    assert "00:34" in page


def test_the_zone_is_gone_after_the_request(alice, team):
    alice.get("/connections/")

    assert timezone.get_current_timezone_name() == "UTC"


def test_two_workspaces_have_two_zones(alice, team):
    second = MembershipFactory(user=team.alice, workspace__time_zone="Asia/Tokyo").workspace
    seen = []

    def view(request):
        seen.append(timezone.get_current_timezone_name())

    for workspace in (team.workspace, second):
        request = RequestFactory().get("/connections/")
        request.user, request.session = team.alice, {accounts_middleware.SESSION_KEY: workspace.pk}
        middleware = accounts_middleware.WorkspaceMiddleware(view)
        with timezone.override(None):
            middleware.process_view(request, view, (), {})
            view(request)

    assert seen == ["Europe/Berlin", "Asia/Tokyo"]


# Without a workspace


@pytest.fixture
def newcomer(client):
    """A browser in which somebody without a workspace is signed in."""
    client.force_login(UserFactory())
    return client


@pytest.mark.parametrize("path", ["/", "/pins/", "/pins/new/", "/media/", "/connections/", "/boards", "/analytics/"])
def test_somebody_without_a_workspace_is_led_to_making_one(newcomer, path):
    assert newcomer.get(path)["Location"] == "/workspace/new/"


@pytest.mark.parametrize("path", ["/workspace/new/", *ACCOUNT_PAGES])
def test_somebody_without_a_workspace_can_see_these_pages(newcomer, path):
    assert newcomer.get(path).status_code == 200


def test_making_a_workspace_leads_into_it(newcomer):
    response = newcomer.post("/workspace/new/", {"name": "Chairs", "time_zone": "Asia/Tokyo"})

    assert response["Location"] == "/"
    workspace = Workspace.objects.get()
    assert (workspace.name, workspace.time_zone) == ("Chairs", "Asia/Tokyo")
    assert Membership.objects.get().role == Role.ADMIN
    assert current(newcomer) == workspace


def test_a_second_workspace_becomes_the_current_one(alice, team):
    alice.post("/workspace/new/", {"name": "Second", "time_zone": "UTC"})

    assert current(alice).name == "Second"


@pytest.mark.parametrize(
    ("field", "value"), [("name", ""), ("name", "n" * 101), ("time_zone", "Europe/Atlantis"), ("time_zone", "")]
)
def test_a_workspace_with_a_wrong_field_is_not_made(newcomer, field, value):
    page = newcomer.post("/workspace/new/", {"name": "Chairs", "time_zone": "UTC"} | {field: value})

    assert page.status_code == 200
    assert list(page.context["form"].errors) == [field]
    assert not Workspace.objects.exists()


# Cost


def test_a_page_spends_three_queries_on_knowing_who_is_there(alice, team, django_assert_num_queries):
    MembershipFactory(user=team.alice)
    # Session, user, memberships with workspaces; the others are the accounts of this page and of the side bar.
    with django_assert_num_queries(5):
        alice.get("/connections/")
    for _ in range(3):
        BoardFactory(account=PinterestAccountFactory(workspace=team.workspace))
    with django_assert_num_queries(5):
        alice.get("/connections/")


def test_pages_that_are_open_to_all_ask_nothing(client, team, django_assert_num_queries):
    with django_assert_num_queries(0):
        client.get("/accounts/login/")


# Rights


def request_of(membership):
    mine = list(membership.user.memberships.all())
    return SimpleNamespace(
        user=membership.user, workspace=membership.workspace, membership=membership, memberships=mine
    )


@pytest.mark.parametrize(("role", "may"), [(Role.ADMIN, True), (Role.EDITOR, True), (Role.VIEWER, False)])
def test_who_may_change_something_in_the_current_workspace(role, may):
    request = request_of(MembershipFactory(role=role))

    assert can_edit(request, request.workspace) is may


@pytest.mark.parametrize(("role", "may"), [(Role.EDITOR, True), (Role.VIEWER, False)])
def test_the_role_in_the_objects_own_workspace_counts_and_costs_no_query(role, may, django_assert_num_queries):
    current = MembershipFactory(role=Role.ADMIN)
    other = MembershipFactory(user=current.user, role=role).workspace
    request = request_of(current)

    with django_assert_num_queries(0):
        assert can_edit(request, other) is may


def test_an_outsider_may_not(team):
    request = request_of(MembershipFactory())

    assert not can_edit(request, team.workspace)


def test_a_viewer_is_told_whom_to_ask():
    request = request_of(MembershipFactory(role=Role.VIEWER, workspace__name="Chairs"))

    with pytest.raises(PermissionDenied, match="“Chairs”.*Ask one of its admins"):
        require_editor(request, request.workspace)


@pytest.mark.parametrize("model", [Workspace, PinterestAccount, Board])
def test_the_scope_of_a_person_is_what_their_workspaces_hold(team, model):
    BoardFactory()

    for person in (team.alice, team.bob):
        assert model.objects.for_user(person).count() == 1
    assert not model.objects.for_user(team.charlie).filter(pk__in=model.objects.for_user(team.alice)).exists()
    assert not model.objects.for_user(AnonymousUser()).exists()


def test_a_viewer_sees_connections_without_buttons(client, team):
    client.force_login(team.bob)

    page = client.get("/connections/").content.decode()

    assert str(team.account) in page
    assert "/refresh-boards/" not in page
    assert "/accounts/pinterest/login/" not in page
