"""Small plans with one or two troubles each: what a mutant is tried with before the seeds."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from .plans import Item, Plan
from .regressions import REGRESSIONS


def simple_plans() -> Iterator[Plan]:
    yield from REGRESSIONS.values()
    yield from _answers()
    yield from _kills()
    yield from _crowds()
    yield from _slow_steps()
    yield from _people()
    yield from _accounts()


def pin(number: int = 0, kind: str = "image", at: float = 10.0, delay: float = 0, who: str = "alice") -> Item:
    return ("pin", at, number, kind, 0, delay, who, number)


def _answers() -> Iterator[Plan]:
    kinds = (
        ("lost", True),
        ("own500", True),
        ("own500", False),
        ("page502", True),
        ("unsent", False),
        ("reset", False),
    )
    worlds = ({}, {"lag": 60}, {"lag": 150}, {"links": "plain"}, {"links": "tracked"}, {"page_size": 1, "old_pins": 3})
    looks = ((), (("answer", "look", 1, "own503", False, 0),), (("board", 12.0, 300.0, 0),), (("jump", 12.0, 600),))
    for (kind, is_done), world, more in product(kinds, worlds, looks):
        yield Plan(dict(world), (pin(1), ("answer", "create", 1, kind, is_done, 0), *more))
    for links, at in product(("plain", "tracked"), (12.0, 18.0)):
        yield Plan({"links": links}, (pin(1, delay=10), ("lookalike", at, 1), ("answer", "create", 1, "lost", True, 0)))
    for media, more in product(("carousel", "video"), looks):
        yield Plan({}, (pin(1, kind=media), ("answer", "create", 1, "lost", True, 0), *more))
    for operation, (kind, is_done) in product(("register", "upload", "status"), kinds):
        yield Plan({"processing": 20}, (pin(kind="video"), ("answer", operation, 1, kind, is_done, 0)))
    for kind in ("own503", "page404", "unsent", "offline", "timeout"):
        yield Plan({}, (pin(1), ("outage", 5.0, 7005.0, kind, False, 0)))
        yield Plan({}, (pin(1), ("outage", 5.0, 305.0, kind, False, 0)))


def _kills() -> Iterator[Plan]:
    for kind, when, number in product(("commit", "request"), ("before", "after"), range(1, 12)):
        kill = ("point", kind, when, number, "kill", 0)
        for more in ((), (("answer", "create", 1, "slow", True, 29),), (("point", "commit", "after", 14, "kill", 0),)):
            yield Plan({}, (pin(), kill, *more))
        yield Plan({"processing": 20}, (pin(kind="video"), kill))
        yield Plan({"slots": 1, "workers": 2}, (pin(), pin(1, at=10.5), kill))


def _crowds() -> Iterator[Plan]:
    """More workers than slots, and pins with the same words."""
    slow = tuple(("answer", "create", number, "slow", True, 29) for number in range(1, 5))
    lost = (("answer", "create", 1, "lost", True, 0), ("answer", "create", 2, "lost", True, 0))
    for slots, workers, order in product((1, 2), (2, 3), (0, 1, 2)):
        world = {"slots": slots, "workers": workers, "order": order, "switching": 0.3 if order else 0.0}
        four = tuple(pin(number, at=10.0 + number / 10) for number in range(4))
        yield Plan(world, (*four, *slow))
        yield Plan(world, (*four[:2], ("answer", "create", 1, "limit_other", False, 300), *slow[1:]))
        yield Plan(world, (*four[:3], *slow, ("message", 2, "twice"), ("do", 10.2, "release claim", 0, 0)))
        yield Plan(world, (*four[:2], ("standstill", 10.1, 30), *slow))
        for which in (lost, lost[:1], lost[1:]):
            yield Plan(world, (pin(), (*pin(1, at=10.4)[:-1], 0), *which))


def _slow_steps() -> Iterator[Plan]:
    """One step of a worker that takes longer than a lease: refused, refreshed, repeated."""
    slow = [
        ("answer", operation, number, "slow", True, 29)
        for operation, number in (("create", 1), ("token", 1), ("create", 2))
    ]
    for slots, at in product((1, 2, 3), (10.5, 40.0, 75.0)):
        pins = tuple(pin(number, at=10.0 if number < slots else at) for number in range(slots + 1))
        yield Plan({"slots": slots, "workers": 3}, (*pins, ("account", 9.0, "revoke access", 0), *slow))


def _people() -> Iterator[Plan]:
    lost = ("answer", "create", 1, "lost", True, 0)
    gone = ("board", 12.0, 200.0, 0)
    for action, at, think in product(
        ("edit", "edit text", "cancel", "retry", "delete", "release claim", "again"),
        (10.05, 10.1, 11.0, 60.0),
        (0, 0.1),
    ):
        for more in ((), (lost,), (lost, gone), (("answer", "create", 1, "slow", True, 15),)):
            yield Plan({}, (pin(), ("do", at, action, 0, think), *more))
        yield Plan({}, (pin(delay=5), ("do", at, action, 0, think), ("do", at, "edit", 0, think)))
    for first, second in product(("edit as bob", "edit", "propose", "send back"), ("approve", "edit as bob", "edit")):
        for think, other in product((0, 5), (0, 3, 5.1)):
            acts = (("do", 15.0, first, 0, think), ("do", 15.1, second, 0, other), ("do", 30.0, "approve", 0, 0))
            yield Plan({"approval": True}, (pin(who="bob", delay=700), *acts))
            yield Plan({"approval": True}, (pin(who="bob", delay=700), acts[2], *acts[:2]))
            yield Plan({"approval": True}, (pin(who="alice", delay=40), *acts[:2]))


def _accounts() -> Iterator[Plan]:
    for action, at, delay in product(("revoke access", "revoke refresh", "disconnect"), (5.0, 10.05, 20.0), (0, 30)):
        for more in ((), (("account", 60.0, "reconnect", 0),), (("answer", "token", 1, "own500", False, 0),)):
            for order in (0, 1, 2):
                world = {"workers": 3, "order": order, "switching": 0.5 if order else 0.0}
                two = (pin(delay=delay), pin(1, at=10.1, delay=delay))
                yield Plan(world, (*two, ("account", at, action, 0), *more))
    for life, order in product((310, 330), (0, 1, 2, 3)):
        world = {"access_life": life, "workers": 3, "order": order, "switching": 0.5 if order else 0.0}
        yield Plan(world, (pin(at=30.0), pin(1, at=30.0), pin(2, at=30.0)))
        yield Plan(world, (pin(at=30.0), ("account", 30.1, "renew", 0), ("account", 60.0, "renew", 0)))
