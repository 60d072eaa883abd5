"""A connected account whose pins the sandbox holds, with a past, and a worker that fetches their figures."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from analytics.ingestion import runner
from analytics.models import AccountFeed
from postiz_pins.common import encryption
from tests.factories import BoardFactory, PinFactory


def connect(sandbox, account, username="chairshop", account_type="BUSINESS"):
    """Connects the account to one of the sandbox, and returns its board."""
    profile = sandbox.create_account(username, account_type=account_type, boards=["Chairs"])
    tokens = sandbox.tokens(username)
    account.username = username
    account.access_token_encrypted = encryption.encrypt(tokens["access_token"])
    account.refresh_token_encrypted = encryption.encrypt(tokens["refresh_token"])
    account.save()
    return BoardFactory(account=account, pinterest_id=profile["boards"][0]["id"], name="Chairs")


@pytest.fixture
def gallery(sandbox, team, settings):
    """`pin(days_ago=…)` is a pin published at the sandbox; `fetch()` is one turn of the worker."""
    settings.PINTEREST_ANALYTICS_CALLS_PER_MINUTE = 10_000
    settings.PINTEREST_CALLS_PER_DAY = 0
    board = connect(sandbox, team.account)

    def pin(days_ago=20, board=board, **fields):
        live = sandbox.create_pin(board.pinterest_id, title="Oak", days_ago=days_ago)
        published_at = datetime.fromtimestamp(live["created_at"], UTC)
        return PinFactory(
            board=board,
            status="published",
            publish_at=published_at,
            pinterest_pin_id=live["id"],
            attachments=0,
            **fields,
        )

    def make_due(**fields):
        now = timezone.now()
        columns = {"days_next_at": now, "lifetime_next_at": now, "pins_next_at": now} | fields
        AccountFeed.objects.filter(account=team.account).update(**columns)

    return SimpleNamespace(
        account=team.account,
        board=board,
        pin=pin,
        make_due=make_due,
        fetch=runner.fetch_due,
        feed=lambda: AccountFeed.objects.get(account=team.account),
        calls=lambda operation: sandbox.requests(operation),
        today=lambda: timezone.now().astimezone(UTC).date(),
        days_ago=lambda days: timezone.now().astimezone(UTC).date() - timedelta(days=days),
        sandbox=sandbox,
        team=team,
    )
