"""Every address that keys open, with every kind of key. People's addresses are in test_url_matrix.py."""

import json
from collections import defaultdict

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import ApiKey, Board, Role
from pins.models import MediaFile, Pin, PinComment, PinImport, PinStatus
from tests.api_client import ApiClient, errors
from tests.factories import MediaFileFactory, MembershipFactory, PinFactory, PinImportFactory, PinSummaryFactory
from tests.media_bytes import picture_bytes
from tests.visits import patterns

pytestmark = pytest.mark.django_db

# Addresses that signed-in people and programs share (accounts.api_keys.authentication.open_to_keys).
SHARED = {
    ("accounts:board_list", "GET"): 200,
    ("analytics:account_json", "GET"): 200,
    ("analytics:pin_json", "GET"): 200,
    ("analytics:best_times_json", "GET"): 200,
}
# What a key that works gets.
ANSWERS = {
    **SHARED,
    ("api:list_boards", "GET"): 200,
    ("api:list_sections", "GET"): 200,
    ("api:list_next_times", "GET"): 200,
    ("api:list_accounts", "GET"): 200,
    ("api:get_account_metrics", "GET"): 200,
    ("api:get_pin_metrics", "GET"): 200,
    ("api:upload_media", "POST"): 201,
    ("api:list_media", "GET"): 200,
    ("api:add_media_from_link", "POST"): 422,  # nothing in the table leaves this machine
    ("api:delete_media", "DELETE"): 204,
    ("api:list_comments", "GET"): 200,
    ("api:create_comment", "POST"): 201,
    ("api:create_pin", "POST"): 201,
    ("api:create_pins", "POST"): 200,
    ("api:create_import", "POST"): 201,
    ("api:get_import", "GET"): 200,
    ("api:get_pin", "GET"): 200,
    ("api:list_pins", "GET"): 200,
    ("api:update_pin", "PATCH"): 200,
    ("api:delete_pin", "DELETE"): 204,
    ("api:cancel_pin", "POST"): 200,
    ("api:retry_pin", "POST"): 200,
}
# Of pins as they are, these change one that Pinterest does not have.
OF_UNPUBLISHED = {
    "api:update_pin": PinStatus.DRAFT,
    "api:delete_pin": PinStatus.DRAFT,
    "api:cancel_pin": PinStatus.SCHEDULED,
    "api:retry_pin": PinStatus.FAILED,
}
BODIES = {
    "api:retry_pin": {},
    "api:create_comment": {"text": "Please check the price."},
    "api:add_media_from_link": {"link": "ftp://example.com/chair.jpg"},
}
# They need no key, and tell nothing.
OPEN = {
    ("api:openapi-json", "GET"): 200,
    ("api:api-root", "GET"): 404,
    ("api:not_found", "GET"): 404,
}


@pytest.fixture
def visit(team):
    """`visit(browser, name, method, **query)` sends what the address wants, for a row of the team."""

    def go(browser, name, method, **query):
        status = OF_UNPUBLISHED.get(name, PinStatus.PUBLISHED)
        pin = PinFactory(board=team.board, title="The team's chair", status=status)
        if status == PinStatus.PUBLISHED:
            PinSummaryFactory(pin=pin)
        pin_import = PinImportFactory(workspace=team.workspace)
        Board.objects.update(sections_synced_at=timezone.now())
        kwargs = {
            **dict.fromkeys(("api:get_pin", *OF_UNPUBLISHED), {"id": pin.pk}),
            **dict.fromkeys(("api:list_comments", "api:create_comment", "api:get_pin_metrics"), {"id": pin.pk}),
            "api:delete_media": {"id": MediaFileFactory(workspace=team.workspace).pk},
            "api:get_account_metrics": {"account": team.account.username},
            "api:get_import": {"id": pin_import.pk},
            "api:list_sections": {"board": team.board.pinterest_id},
            "api:list_next_times": {"account": team.account.username},
            "analytics:pin_json": {"pinterest_pin_id": pin.pinterest_pin_id},
        }.get(name, {})
        address = "/api/nothing/here" if name == "api:not_found" else reverse(name, kwargs=kwargs)
        before = rows()
        if method == "GET":
            response = browser.get(address, query)
        elif name == "api:create_pins":
            response = browser.post(address, {"pins": [{"title": "Oak chair"}]}, content_type="application/json")
        elif name == "api:create_import":
            response = browser.post(address, {"file": SimpleUploadedFile("plan.csv", b"Title,Board\nOak,Chairs")})
        elif name == "api:upload_media":
            response = browser.post(address, {"file": SimpleUploadedFile("chair.jpg", picture_bytes())})
        else:
            fields = BODIES.get(name, {"title": "Oak chair"})
            response = browser.generic(method, address, json.dumps(fields), content_type="application/json")
        response.changed = rows() != before
        return response

    return go


def rows():
    tables = (Pin.objects, MediaFile.objects.in_library(), PinImport.objects, PinComment.objects)
    return [list(table.order_by("pk").values_list("pk")) for table in tables]


def no_key(team):
    return Client()


def session(team):
    browser = Client()
    browser.force_login(team.alice)
    return browser


def wrong_key(team):
    program = ApiClient(team.workspace, team.alice)
    program.key = program.key[:-1] + ("A" if program.key[-1] != "A" else "B")
    return program


def key_without_its_last_character(team):
    program = ApiClient(team.workspace, team.alice)
    program.key = program.key[:-1]
    return program


def hash_instead_of_key(team):
    program = ApiClient(team.workspace, team.alice)
    program.key = program.row.key_hash
    return program


def broken_key(team):
    program = ApiClient(team.workspace, team.alice)
    program.key = "ppk_\0é" + "x" * 5000
    return program


def revoked_key(team):
    program = ApiClient(team.workspace, team.alice)
    ApiKey.objects.update(revoked_at=timezone.now())
    return program


@pytest.mark.parametrize(
    "visitor",
    [no_key, session, wrong_key, key_without_its_last_character, hash_instead_of_key, broken_key, revoked_key],
)
def test_without_a_key_that_works_everything_is_closed(case, team, visit, visitor):
    for name, method in ANSWERS:
        if visitor is session and (name, method) in SHARED:
            continue
        with case(method, name):
            response = visit(visitor(team), name, method)

            assert (response.status_code, errors(response)) == (401, [("key_invalid", "")])
            assert response["WWW-Authenticate"] == "Bearer"
            assert not response.changed


def test_a_key_opens_it(case, team, visit):
    for (name, method), expected in ANSWERS.items():
        with case(method, name):
            response = visit(ApiClient(team.workspace, team.alice), name, method)

            assert response.status_code == expected
            assert not response.cookies


def test_what_is_shared_is_the_same_for_people_and_programs(case, team, visit):
    for name, method in SHARED:
        with case(method, name):
            one, other = (visit(who, name, method) for who in (session(team), ApiClient(team.workspace, team.bob)))

            assert one.status_code == 200
            # A program reads whatever page its maker looks at; bob is a viewer, whose key does not work.
            assert other.status_code == 403
            answers = [visit(who, name, method) for who in (ApiClient(team.workspace, team.alice), session(team))]
            assert answers[0].json() == answers[1].json()


@pytest.mark.parametrize("accept", [None, "*/*", "application/json", "application/json, text/plain, */*"])
def test_a_program_without_a_key_is_told_so_in_json(case, visit, accept):
    for name, method in SHARED:
        with case(method, name):
            response = visit(Client(headers={"accept": accept} if accept else {}), name, method)

            assert (response.status_code, errors(response)) == (401, [("key_invalid", "")])
            assert response["WWW-Authenticate"] == "Bearer"


def test_a_browser_without_a_session_is_sent_to_sign_in(case, visit):
    accept = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
    for name, method in SHARED:
        with case(method, name):
            response = visit(Client(headers={"accept": accept}), name, method)

            assert response.status_code == 302
            assert response["Location"].startswith(f"{reverse('account_login')}?next=/")


def test_a_wrong_key_is_not_helped_by_a_session(case, team, visit):
    for name, method in SHARED:
        with case(method, name):
            browser = session(team)
            browser.defaults["HTTP_AUTHORIZATION"] = "Bearer ppk_wrong"

            assert visit(browser, name, method).status_code == 401


def test_another_kind_of_authorization_is_no_key(case, team, visit):
    """A proxy with a password of its own sends its header along."""
    for name, method in SHARED:
        with case(method, name):
            browser = session(team)
            browser.defaults["HTTP_AUTHORIZATION"] = "Basic dXNlcjpwYXNz"

            assert visit(browser, name, method).status_code == 200


def test_a_key_reaches_its_workspace_only_even_if_its_maker_works_in_others(case, team, visit):
    MembershipFactory(user=team.alice)  # the older one comes first
    second = MembershipFactory(user=team.alice).workspace
    program = ApiClient(second, team.alice)
    for name, method in SHARED:
        with case(method, name):
            query = {} if name == "analytics:pin_json" else {"account": team.account.pk}

            response = visit(program, name, method, **query)

            assert (response.status_code, errors(response)) == (404, [("not_found", "")])
            assert visit(session(team), name, method).status_code == 200


def test_the_use_of_a_key_is_noted(case, team, visit):
    for name, method in SHARED:
        with case(method, name):
            program = ApiClient(team.workspace, team.alice)

            visit(program, name, method)

            assert ApiKey.objects.get(pk=program.row.pk).last_used_at is not None


@pytest.mark.parametrize(("name", "method"), [*SHARED, ("api:list_boards", "GET")])
def test_guessing_keys_ends_and_shuts_out_nobody_who_has_one(team, visit, name, method):
    guesser, program = wrong_key(team), ApiClient(team.workspace, team.alice)
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        answers = [visit(guesser, name, method).status_code for _ in range(61)]

        assert answers == [401] * 60 + [429]
        refused = visit(guesser, name, method)
        assert (errors(refused), refused["Retry-After"]) == ([("too_many_wrong_keys", "")], "60")
        assert visit(program, name, method).status_code == 200
        clock.shift(61)
        assert visit(guesser, name, method).status_code == 401


def leaves(team, user):
    user.memberships.all().delete()


def becomes_a_viewer(team, user):
    user.memberships.update(role=Role.VIEWER)


def is_locked_out(team, user):
    user.is_active = False
    user.save()


def is_deleted(team, user):
    user.delete()


@pytest.mark.parametrize("what_happens", [leaves, becomes_a_viewer, is_locked_out, is_deleted])
def test_a_key_goes_with_the_rights_of_the_person_who_made_it(case, team, visit, what_happens):
    for name, method in ANSWERS:
        with case(method, name):
            maker = MembershipFactory(workspace=team.workspace).user
            program = ApiClient(team.workspace, maker)
            what_happens(team, maker)

            response = visit(program, name, method)

            assert (response.status_code, errors(response)) == (403, [("key_without_editor", "")])
            assert not response.changed


def test_the_key_of_another_workspace_finds_nothing(team, visit):
    foreign = ApiClient(team.charlie.memberships.get().workspace, team.charlie)

    response = visit(foreign, "api:get_pin", "GET")

    assert (response.status_code, errors(response)) == (404, [("not_found", "")])
    assert "chair" not in response.content.decode()


@pytest.mark.parametrize("number", [0, 99_999_999, 2**63, 10**40])
def test_a_number_that_no_pin_has_is_a_404(team, number):
    response = ApiClient(team.workspace, team.alice).get(f"/api/pins/{number}")

    assert (response.status_code, errors(response)) == (404, [("not_found", "")])


def test_what_is_open_tells_nothing_of_the_team(case, team, visit):
    for (name, method), expected in OPEN.items():
        with case(method, name):
            response = visit(Client(), name, method)

            assert response.status_code == expected
            assert response["Content-Type"].startswith("application/json")
            assert team.board.name not in response.content.decode()


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("address", ["/api/", "/api/pins/", "/api/pins/x", "/api/docs"])
def test_an_address_that_is_none_is_a_404_in_json(address, method):
    response = Client().generic(method, address)

    assert (response.status_code, errors(response)) == (404, [("not_found", "")])


def test_a_method_that_an_address_does_not_know_is_refused_in_json(case, team):
    program = ApiClient(team.workspace, team.alice)
    kwargs = {
        **dict.fromkeys(("api:get_pin", "api:list_comments", "api:create_comment", *OF_UNPUBLISHED), {"id": 1}),
        **dict.fromkeys(("api:delete_media", "api:get_pin_metrics"), {"id": 1}),
        "api:get_account_metrics": {"account": "shop"},
        "api:get_import": {"id": 1},
        "api:list_sections": {"board": "1"},
        "api:list_next_times": {"account": "shop"},
        "analytics:pin_json": {"pinterest_pin_id": "1"},
    }
    known = defaultdict(set)
    for name, method in ANSWERS:
        known[reverse(name, kwargs=kwargs.get(name, {}))].add(method)
    for address, methods in known.items():
        for method in {"GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"} - methods:
            with case(method, address):
                response = program.generic(method, address)

                assert (response.status_code, errors(response)) == (405, [("method_not_allowed", "")])
                assert set(response["Allow"].split(", ")) == methods


def test_every_address_is_in_a_table():
    names = {
        name for name, pattern in patterns() if name.startswith("api:") or hasattr(pattern.callback, "scope_of_keys")
    }

    assert names == {name for name, _ in [*ANSWERS, *OPEN]}
