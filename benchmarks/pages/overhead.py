"""What a page costs before its view begins: queries about who asks, and the time of middleware and guards."""

import time
from pathlib import Path
from statistics import median
from types import SimpleNamespace

from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import resolve

from tests.factories import AccountFeedFactory, BoardFactory, MembershipFactory, PinterestAccountFactory
from tests.overhead import MOST, about_who_asks
from tests.url_matrix import ADDRESSES
from tests.visits import Visits, populate

ROUNDS = 25
# Frames are taken out of a video by another process: its time says nothing about ours. The others answer by asking for
# the password, and have no view of their own to compare with.
LEFT_OUT = ("pins:media_frames", "accounts:workspace_delete", "accounts:user_delete")


def run(folder: Path) -> None:
    membership = MembershipFactory()
    account = PinterestAccountFactory(workspace=membership.workspace)
    AccountFeedFactory(account=account)
    team = SimpleNamespace(
        workspace=membership.workspace, alice=membership.user, account=account, board=BoardFactory(account=account)
    )
    populate(team)
    client = Client()
    client.force_login(team.alice)
    handler = BaseHandler()
    handler.load_middleware()

    print(f"pages: queries about who asks (at most {MOST}) of all, and their time / that of their view alone:")
    for name, address in ADDRESSES.items():
        if "GET" in address.answers and name not in LEFT_OUT:
            measure(name, Visits(team).url_of(name, team.alice), handler, client)


def measure(name: str, url: str, handler: BaseHandler, client: Client) -> None:
    factory = RequestFactory(SERVER_NAME="localhost")
    factory.cookies[settings.SESSION_COOKIE_NAME] = client.cookies[settings.SESSION_COOKIE_NAME].value
    known = factory.get(url)
    with CaptureQueriesContext(connection) as captured:
        handler.get_response(known)
    who_asks = len(about_who_asks(name, captured.captured_queries))
    match = resolve(url)
    # `known` has all that middleware adds: the view alone does not ask who is there.
    ratio = ratio_of_times(
        lambda: handler.get_response(factory.get(url)), lambda: match.func(known, *match.args, **match.kwargs)
    )
    print(f"  {name:<32} {who_asks} of {len(captured):>2}   {ratio:.2f}")


def ratio_of_times(whole, alone) -> float:
    """Return the ratio of both times, measured in turns, so that a busy machine slows down both."""
    durations: dict[object, list[float]] = {whole: [], alone: []}
    for _ in range(ROUNDS):
        for call in (whole, alone):
            started = time.perf_counter()
            call()
            durations[call].append(time.perf_counter() - started)
    return median(durations[whole]) / median(durations[alone])
