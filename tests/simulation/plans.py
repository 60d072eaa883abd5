"""What happens in a history: a plan made from a seed, as a short list of items that can be left out one by one.

Swarm testing: each seed switches most kinds of trouble off, so that the others meet each other more often.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from typing import Any

from .transport import LIMITS, OWN, PAGES

Item = tuple[Any, ...]

# Promises of Pinterest and of the machine, without which no program could keep ours.
LONGEST_LAG = 150  # seconds until a list shows a new pin
LONGEST_LATENESS = 15  # seconds after our time limit until Pinterest carries out what it has received
LONGEST_STANDSTILL = 30  # of a process or of the machine
SLOTS_JUMP = 15  # a clock that jumps further ahead ends leases of the living

KINDS = ("image", "image", "carousel", "video")
DONE_OR_NOT = (True, False)
LOST = ("lost", "reset", "timeout", "late", "slow", "unsent", "offline")
OPERATIONS = (
    "create",
    "create",
    "create",
    "look",
    "look",
    "token",
    "board",
    "boards",
    "register",
    "upload",
    "status",
    "any",
)


@dataclass(frozen=True)
class Plan:
    """`options` are those of the world and of Pinterest; `items` are what people, chance and malice do."""

    options: dict[str, Any] = field(default_factory=dict)
    items: tuple[Item, ...] = ()

    def without(self, removed: set[int]) -> Plan:
        return replace(self, items=tuple(item for number, item in enumerate(self.items) if number not in removed))

    def __str__(self) -> str:
        return f"Plan(\n    {self.options!r},\n    (\n" + "".join(f"        {i!r},\n" for i in self.items) + "    ),\n)"


def make(seed: int) -> Plan:
    """The plan of this seed, always the same."""
    chance = random.Random(seed)
    on = {feature for feature in FEATURES if chance.random() < FEATURES[feature]} - KNOWN.keys()
    options = _options(chance, on)
    pins = chance.choices((1, 2, 3, 4), (55, 30, 10, 5))[0]
    items: list[Item] = []
    for number in range(pins):
        items.append(_pin(chance, number, on))
    for feature in sorted(on):
        maker = MAKERS.get(feature)
        if maker is not None:
            items += maker(chance, pins)
    if chance.random() < 0.05:
        items = items[:pins]  # a day without trouble
    return Plan(_kept_promises(options, items), tuple(items))


def _options(chance: random.Random, on: set[str]) -> dict[str, Any]:
    options: dict[str, Any] = {
        "order": chance.randrange(1, 10**6) if "order" in on else 0,
        "switching": chance.choice((0.05, 0.2, 0.5)) if "order" in on else 0.0,
        "slots": chance.choice((1, 2, 3)),
        "workers": chance.choice((1, 2, 3)),
    }
    if "approval" in on:
        options["approval"] = True
    elif "twins" not in on and chance.random() < 0.8:
        options["prepared"] = True
    if "lag" in on:
        options["lag"] = chance.choice((1, 10, 30, 60, LONGEST_LAG))
    if "listing" in on:
        options["page_size"] = chance.choice((1, 2, 3, 250))
        options["is_shuffled"] = chance.random() < 0.7
        options["repeats_bookmarks"] = chance.random() < 0.5
        options["old_pins"] = chance.choice((0, 3, 6))
    if "links" in on:
        options["links"] = chance.choice(("plain", "plain", "tracked"))
    if "skew" in on:
        options["skew"] = chance.choice((-600, -60, -3, -0.7, 0.7, 3, 60, 600))
    if "token life" in on:
        options["access_life"] = chance.choice((310, 330, 400))
        options["is_legacy"] = chance.random() < 0.3
    if "video" in on:
        options["processing"] = chance.choice((0, 20, 500, 2000))
    return options


def _kept_promises(options: dict[str, Any], items: list[Item]) -> dict[str, Any]:
    """After a clock that jumps ahead, or a backup, looks come sooner: the list must have caught up by then."""
    jumps = any(item[0] == "jump" and item[2] > 0 for item in items)
    restores = any(item[0] == "restore" for item in items)
    if "lag" in options and (jumps or restores):
        options = {**options, "lag": min(options["lag"], 10)}
    return options


def _pin(chance: random.Random, number: int, on: set[str]) -> Item:
    kind = chance.choice(KINDS) if "video" in on else "image" if chance.random() < 0.85 else "carousel"
    delay = chance.choice((0, 0, 0, 5, 40, 700)) if "later" in on else 0
    who = "bob" if "approval" in on and chance.random() < 0.7 else "alice"
    twin_of = chance.randrange(number) if number and "twins" in on and chance.random() < 0.7 else number
    return ("pin", round(chance.uniform(0, 30), 1), number, kind, chance.randrange(3), delay, who, twin_of)


def _moment(chance: random.Random) -> float:
    """Most of what is interesting happens in the first minutes."""
    return round(chance.choice((chance.uniform(0, 40), chance.uniform(0, 200), chance.uniform(0, 900))), 1)


def _answers(chance: random.Random, pins: int) -> list[Item]:
    kinds = (*LOST, *PAGES, *OWN)
    return [
        (
            "answer",
            chance.choice(OPERATIONS),
            chance.choice((1, 1, 1, 2, 2, 3, 4, 6)),
            *_fault(chance, chance.choice(kinds)),
        )
        for _ in range(chance.randrange(1, 5))
    ]


def _fault(chance: random.Random, kind: str) -> tuple[str, bool, float]:
    """The kind of an answer, whether the request is carried out, and its seconds."""
    is_done = chance.choice(DONE_OR_NOT)
    if kind in ("lost", "slow"):
        is_done = True
    elif kind in ("reset", "timeout", "unsent", "offline") or kind.startswith(("page3", "page4", "empty4")):
        is_done = False  # whoever answers so has passed nothing on
    seconds = {"late": chance.choice((1, LONGEST_LATENESS)), "slow": chance.choice((2, 15, 29))}.get(kind, 0)
    return kind, is_done, seconds


def _limits(
    chance: random.Random, pins: int, operations: tuple[str, ...] = ("create", "create", "register")
) -> list[Item]:
    return [
        (
            "answer",
            chance.choice(operations),
            chance.choice((1, 1, 2, 3)),
            chance.choice(sorted(LIMITS)),
            False,
            chance.choice((3, 60, 300, 3000, 67150)),
        )
        for _ in range(chance.randrange(1, 3))
    ]


def _read_limits(chance: random.Random, pins: int) -> list[Item]:
    return _limits(chance, pins, ("look", "look", "token", "board", "status", "any"))


def _spam(chance: random.Random, pins: int) -> list[Item]:
    return [("answer", "create", chance.choice((1, 2, 3)), "spam", False, 0)]


def _outages(chance: random.Random, pins: int) -> list[Item]:
    start = _moment(chance)
    kind, is_done, seconds = _fault(
        chance, chance.choice((*PAGES, *OWN, "unsent", "offline", "reset", "timeout", "lost"))
    )
    return [("outage", start, start + chance.choice((20, 200, 1500, 7000)), kind, is_done, seconds)]


def _kills(chance: random.Random, pins: int) -> list[Item]:
    return [
        (
            "point",
            chance.choice(("commit", "commit", "request")),
            chance.choice(("before", "after")),
            chance.choice((chance.randrange(1, 6), chance.randrange(1, 25), chance.randrange(1, 60))),
            "kill",
            0,
        )
        for _ in range(chance.randrange(1, 4))
    ]


def _standstills(chance: random.Random, pins: int) -> list[Item]:
    seconds = chance.choice((1, 10, LONGEST_STANDSTILL))
    if chance.random() < 0.3:
        return [("standstill", _moment(chance), seconds)]
    kind = chance.choice(("commit", "request"))
    return [("point", kind, chance.choice(("before", "after")), chance.randrange(1, 40), "stand", seconds)]


def _people(chance: random.Random, pins: int) -> list[Item]:
    actions = ("edit", "edit", "edit text", "cancel", "retry", "retry", "delete", "release", "release claim", "again")
    return [
        ("do", _moment(chance), chance.choice(actions), chance.randrange(pins), chance.choice((0, 0, 0.3, 5, 60)))
        for _ in range(chance.randrange(1, 5))
    ]


def _approvals(chance: random.Random, pins: int) -> list[Item]:
    actions = ("approve", "approve", "approve", "send back", "propose", "edit as bob", "retry as bob")
    return [
        ("do", _moment(chance), chance.choice(actions), chance.randrange(pins), chance.choice((0, 0, 0.3, 5)))
        for _ in range(chance.randrange(1, 7))
    ]


def _accounts(chance: random.Random, pins: int) -> list[Item]:
    actions = ("disconnect", "reconnect", "sync", "sync", "revoke access", "revoke access", "revoke refresh", "renew")
    return [
        ("account", _moment(chance), chance.choice(actions), chance.randrange(2)) for _ in range(chance.randrange(1, 4))
    ]


def _boards(chance: random.Random, pins: int) -> list[Item]:
    start = _moment(chance)
    return [("board", start, start + chance.choice((5, 60, 400, 10**7)), chance.randrange(3))]


def _lookalikes(chance: random.Random, pins: int) -> list[Item]:
    return [("lookalike", chance.choice((0, 0.5, 3, 60, 800)), chance.randrange(pins))]


def _jumps(chance: random.Random, pins: int) -> list[Item]:
    seconds = chance.choice((-1800, -60, -10, -1, 1, 10, SLOTS_JUMP, 60, 1800))
    return [("jump", _moment(chance), seconds)]


def _restores(chance: random.Random, pins: int) -> list[Item]:
    start = round(chance.uniform(5, 300), 1)
    return [("restore", round(start * chance.random(), 1), start, chance.choice((15, 60, 600)))]


def _media(chance: random.Random, pins: int) -> list[Item]:
    start = _moment(chance) * chance.choice((0, 1))
    return [("media", start, start + chance.choice((5, 100, 400)), chance.choice(("gone", "broken")))]


def _messages(chance: random.Random, pins: int) -> list[Item]:
    return [("message", chance.randrange(1, 6), chance.choice(("lost", "twice")))]


def _crashes(chance: random.Random, pins: int) -> list[Item]:
    return [("crash all", _moment(chance))]


MAKERS = {
    "answers": _answers,
    "limits": _limits,
    "read limits": _read_limits,
    "spam": _spam,
    "outages": _outages,
    "kills": _kills,
    "standstills": _standstills,
    "people": _people,
    "approval": _approvals,
    "accounts": _accounts,
    "boards": _boards,
    "lookalikes": _lookalikes,
    "jumps": _jumps,
    "restores": _restores,
    "media": _media,
    "messages": _messages,
    "crashes": _crashes,
}
# Faults of the app that are known and not mended yet, and so are left out: why, and since when. Empty is the aim.
KNOWN: dict[str, str] = {}
# How often each is on.
FEATURES = {
    "answers": 0.5,
    "limits": 0.12,
    "read limits": 0.08,
    "spam": 0.04,
    "outages": 0.1,
    "kills": 0.3,
    "standstills": 0.1,
    "people": 0.3,
    "approval": 0.12,
    "accounts": 0.15,
    "boards": 0.1,
    "lookalikes": 0.1,
    "jumps": 0.08,
    "restores": 0.06,
    "media": 0.05,
    "messages": 0.1,
    "crashes": 0.05,
    "order": 0.5,
    "lag": 0.2,
    "listing": 0.2,
    "links": 0.2,
    "skew": 0.15,
    "token life": 0.1,
    "video": 0.2,
    "later": 0.3,
    "twins": 0.15,
}
