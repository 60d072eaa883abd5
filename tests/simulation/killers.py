"""By which history each mutant of mutants.py is found. Written by `make simulate-mutants`."""

from .plans import Plan

KILLERS: dict[str, Plan] = {
    "the moment of sending is not kept": Plan(
        {"order": 0, "switching": 0.0, "slots": 3, "workers": 1, "prepared": True},
        (
            ("pin", 6.0, 0, "image", 2, 0, "alice", 0),
            ("point", "request", "after", 1, "kill", 0),
        ),
    ),
    "a lost answer is no doubt": Plan(
        {"order": 0, "switching": 0.0, "slots": 3, "workers": 1, "prepared": True},
        (
            ("pin", 4.0, 0, "image", 1, 0, "alice", 0),
            ("answer", "any", 1, "lost", True, 0),
        ),
    ),
    "a failed server is no doubt": Plan(
        {"order": 0, "switching": 0.0, "slots": 3, "workers": 1, "prepared": True},
        (
            ("pin", 29.0, 1, "carousel", 0, 5, "alice", 1),
            ("answer", "create", 1, "cut200", True, 0),
        ),
    ),
    "what never left is a doubt": Plan(
        {"order": 0, "switching": 0.0, "slots": 3, "workers": 1, "prepared": True},
        (
            ("pin", 4.0, 0, "image", 1, 0, "alice", 0),
            ("answer", "any", 1, "lost", True, 0),
        ),
    ),
    "one look is enough": Plan(
        {"lag": 150},
        (
            ("pin", 11.0, 0, "image", 0, 0, "alice", 0),
            ("answer", "create", 1, "lost", True, 0),
        ),
    ),
    "no look right before sending again": Plan(
        {"lag": 150},
        (
            ("pin", 11.0, 0, "image", 0, 0, "alice", 0),
            ("answer", "create", 1, "lost", True, 0),
        ),
    ),
    "looks from the moment of looking on": Plan(
        {},
        (
            ("pin", 16.0, 0, "image", 0, 40, "alice", 0),
            ("answer", "create", 1, "lost", True, 0),
        ),
    ),
    "an older pin is ours": Plan(
        {"links": "tracked"},
        (
            ("pin", 10.0, 1, "image", 0, 10, "alice", 1),
            ("lookalike", 12.0, 1),
            ("answer", "create", 1, "lost", True, 0),
        ),
    ),
}
