import pytest

from accounts.models import AccountStatus
from tests.accounts.conftest import stored
from tests.factories import BoardFactory, PinFactory

pytestmark = pytest.mark.django_db


def test_disconnecting_asks_first(alice, team):
    page = alice.get(f"/connections/{team.account.pk}/disconnect/")

    assert page.status_code == 200
    team.account.refresh_from_db()
    assert team.account.is_active


def test_disconnecting_forgets_the_tokens_and_keeps_boards_pins_and_history(alice, team):
    pin = PinFactory(board=team.board)

    response = alice.post(f"/connections/{team.account.pk}/disconnect/")

    assert response["Location"] == "/connections/"
    team.account.refresh_from_db()
    assert team.account.status == AccountStatus.DISCONNECTED
    assert (team.account.access_token_encrypted, team.account.refresh_token_encrypted) == ("", "")
    assert (team.account.access_expires_at, team.account.refresh_expires_at) == (None, None)
    pin.refresh_from_db()
    assert (pin.status, pin.board) == ("scheduled", team.board)


def test_a_disconnected_account_stays_on_the_page_with_a_way_back(alice, team):
    alice.post(f"/connections/{team.account.pk}/disconnect/")

    page = alice.get("/connections/").content.decode()

    assert str(team.account) in page
    assert "Reconnect" in page


def test_its_boards_are_no_longer_offered(alice, team):
    assert alice.get("/boards").json() != []

    alice.post(f"/connections/{team.account.pk}/disconnect/")

    assert alice.get("/boards").json() == []


def test_connecting_it_again_brings_it_back_with_its_boards(alice, consent):
    consent()
    account = stored().get()
    gone = BoardFactory(account=account)
    alice.post(f"/connections/{account.pk}/disconnect/")

    consent()

    assert stored().get().pk == account.pk
    assert stored().get().is_active
    assert account.boards.filter(missing_since=None).count() == 2
    gone.refresh_from_db()
    assert gone.missing_since is not None


def test_a_viewer_cannot_disconnect(client, team):
    client.force_login(team.bob)

    assert client.get(f"/connections/{team.account.pk}/disconnect/").status_code == 403
    assert client.post(f"/connections/{team.account.pk}/disconnect/").status_code == 403

    team.account.refresh_from_db()
    assert team.account.is_active


def test_an_outsider_finds_nothing_to_disconnect(client, team):
    client.force_login(team.charlie)

    assert client.post(f"/connections/{team.account.pk}/disconnect/").status_code == 404

    team.account.refresh_from_db()
    assert team.account.is_active
