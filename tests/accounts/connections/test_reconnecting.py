"""An account that is connected a second time: by whom, to which workspace, and what hangs on it. How the person comes
back to where they were is in test_redirects.py.
"""

import pytest
from django.db import connection
from django.test import Client

from accounts.models import AccountStatus, Role
from postiz_pins.pinterest.oauth import SCOPES
from tests.accounts.conftest import answer_consent, said, start_consent, stored
from tests.factories import MembershipFactory, PinFactory

pytestmark = pytest.mark.django_db


def test_another_editor_of_the_workspace_may_connect_it_again(consent, team):
    consent()
    first = stored().get()
    dora = Client()
    dora.force_login(MembershipFactory(workspace=team.workspace, role=Role.EDITOR).user)

    outcome = consent(browser=dora)

    assert outcome.level == "success"
    assert stored().get().pk == first.pk
    assert stored().get().access_token != first.access_token


def test_pins_stay_with_the_account_that_is_connected_again(consent):
    consent()
    pin = PinFactory(board=stored().get().boards.get(name="Chairs"))
    stored().update(status=AccountStatus.NEEDS_RECONNECT, trouble="It was revoked.")

    consent()

    pin.refresh_from_db()
    assert (pin.account, pin.account.status, pin.account.trouble) == (stored().get(), AccountStatus.ACTIVE, "")
    assert pin.board.missing_since is None


def test_a_reconnection_that_brings_another_account_says_so(alice, sandbox, consent):
    consent()
    sandbox.create_account("tidal", boards=["Sea"])
    account = stored().get()

    response = alice.get(answer_consent(start_consent(alice, account=account.pk), account="tidal"))

    connected, warned = said(response)[-2:]
    assert (connected[0], warned[0]) == ("success", "warning")
    assert "You tried to reconnect @chairshop, but you're signed in to Pinterest as @tidal." in warned[1]


def test_a_reconnection_of_the_same_account_needs_no_warning(alice, consent):
    consent()

    response = alice.get(answer_consent(start_consent(alice, account=stored().get().pk)))

    assert "warning" not in [level for level, _ in said(response)]


def test_an_account_with_missing_permissions_is_not_offered_in_the_composer(alice, consent):
    consent()
    board = stored().get().boards.get(name="Chairs")
    assert board in alice.get("/pins/new/").context["boards"]

    consent(scopes=[scope for scope in SCOPES if scope != "pins:write"])

    assert board not in alice.get("/pins/new/").context["boards"]
    forged = alice.post("/pins/new/", {"board": board.pk, "action": "publish"})
    assert "needs reconnecting before you can publish to “Chairs”" in str(forged.context["form"].errors["board"])
    page = alice.get("/connections/").content.decode()
    assert "pins:write (to create pins)" in page
    assert "Reconnect" in page


def test_whoever_disconnects_lets_another_workspace_connect(alice, team, consent):
    consent()
    account = stored().get()
    alice.post(f"/connections/{account.pk}/disconnect/")
    charlie = Client()
    charlie.force_login(team.charlie)

    assert consent(browser=charlie).level == "success"

    held = stored().held().get()
    assert held.workspace == team.charlie.memberships.get().workspace
    assert stored().count() == 2
    assert consent().sentence.startswith("@chairshop is connected to another workspace.")


def test_the_holders_tokens_still_work_after_somebody_elses_refused_attempt(sandbox, team, consent):
    consent()
    charlie = Client()
    charlie.force_login(team.charlie)

    response = charlie.get(answer_consent(start_consent(charlie)))

    assert said(response)[0][0] == "error"
    assert sandbox.api("GET", "/user_account", stored().get().access_token).status_code == 200


def test_neither_token_stands_in_the_database(consent):
    consent()
    account = stored().get()

    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_pinterestaccount")
        columns = repr(cursor.fetchall())
    assert account.access_token.startswith("pina_")
    assert account.access_token not in columns
    assert account.refresh_token not in columns
