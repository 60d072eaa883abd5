"""Tokens: 1,000 due accounts renewed in one sweep, and 500 races for the refresh of one account."""

import threading
import tracemalloc
from datetime import timedelta
from pathlib import Path

from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.connections import token_renewal, tokens
from accounts.models import AccountStatus, PinterestAccount, PinterestAccountQuerySet
from postiz_pins.common import encryption
from postiz_pins.pinterest.errors import PinterestError
from tests.factories import PinterestAccountFactory, WorkspaceFactory
from tests.sandbox_process import SandboxProcess

ACCOUNTS = 1_000
RACES = 500
RACERS = 2


def run(folder: Path) -> None:
    from django.conf import settings

    with SandboxProcess().start(folder / "renewing.sqlite3") as sandbox:
        settings.PINTEREST_API_URL = sandbox.api_url
        sweep(sandbox)
        races(sandbox)


def sweep(sandbox: SandboxProcess) -> None:
    workspace = WorkspaceFactory()
    for number in range(ACCOUNTS):
        connect(sandbox, f"shop-{number}", workspace)
    tenth = PinterestAccount.objects.values("pk")[: ACCOUNTS // 10]
    few_bytes = peak_bytes_of_sweep(PinterestAccount.objects.filter(pk__in=list(tenth.values_list("pk", flat=True))))
    many_bytes = peak_bytes_of_sweep(PinterestAccount.objects.all())
    PinterestAccount.objects.update(renew_at=None)
    with CaptureQueriesContext(connection) as captured:
        renewed = token_renewal.renew_due()
    reads = sum("ORDER BY" in query["sql"] and "pinterestaccount" in query["sql"] for query in captured)
    print(f"tokens of {renewed} of {ACCOUNTS} due accounts renewed in one sweep:")
    print(f"  {reads} reads in batches of {token_renewal.BATCH}")
    print(f"  peak of Python's memory for {ACCOUNTS} accounts / for {ACCOUNTS // 10}: {many_bytes / few_bytes:.2f}")


def peak_bytes_of_sweep(accounts: PinterestAccountQuerySet) -> int:
    PinterestAccount.objects.update(renew_at=timezone.now() + timedelta(days=1))
    accounts.update(renew_at=None)
    cache.clear()
    tracemalloc.start()
    token_renewal.renew_due()
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak_bytes


def races(sandbox: SandboxProcess) -> None:
    account = connect(sandbox, "raced", WorkspaceFactory())
    lost = 0
    for _ in range(RACES):
        PinterestAccount.objects.filter(pk=account.pk).update(access_expires_at=timezone.now())
        race(account.pk)
        lost += PinterestAccount.objects.get(pk=account.pk).status != AccountStatus.ACTIVE
    tokens.call(PinterestAccount.objects.get(pk=account.pk), lambda client: client.fetch_user_account())
    print(f"{RACES} races of {RACERS} for the refresh of one account: {lost} lost   (must be 0)")


def race(pk: int) -> None:
    barrier = threading.Barrier(RACERS)

    def call() -> None:
        account = PinterestAccount.objects.get(pk=pk)
        barrier.wait(timeout=30)
        try:
            tokens.call(account, lambda client: client.fetch_user_account())
        except PinterestError:
            pass  # the loser is told to come back later
        finally:
            connection.close()

    racers = [threading.Thread(target=call) for _ in range(RACERS)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()


def connect(sandbox: SandboxProcess, username: str, workspace) -> PinterestAccount:
    """Return an account whose tokens the sandbox knows, with no renewal planned: it is due."""
    profile = sandbox.create_account(username, boards=0)
    issued = sandbox.tokens(username)
    return PinterestAccountFactory(
        workspace=workspace,
        pinterest_user_id=profile["id"],
        username=username,
        access_token_encrypted=encryption.encrypt(issued["access_token"]),
        refresh_token_encrypted=encryption.encrypt(issued["refresh_token"]),
    )
