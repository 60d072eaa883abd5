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
    "a crash while creating is no doubt": Plan(
        {},
        (
            ("pin", 10.0, 0, "image", 0, 0, "alice", 0),
            ("point", "commit", "before", 7, "kill", 0),
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
    "other words are ours": Plan(
        {"workers": 1},
        (
            ("pin", 10.0, 0, "image", 0, 0, "alice", 0),
            ("pin", 10.0, 1, "image", 0, 0, "alice", 1),
            ("answer", "create", 1, "reset", False, 0),
            ("answer", "create", 2, "lost", True, 0),
        ),
    ),
    "a link written in another way is another pin": Plan(
        {"links": "tracked"},
        (
            ("pin", 11.0, 2, "image", 0, 0, "alice", 2),
            ("answer", "create", 1, "lost", True, 0),
        ),
    ),
    "white space makes another pin": Plan(
        {"links": "plain"},
        (
            ("pin", 11.0, 2, "image", 0, 0, "alice", 2),
            ("answer", "create", 1, "page200", True, 0),
        ),
    ),
    "any kind of media is ours": Plan(
        {"links": "plain"},
        (
            ("pin", 11.0, 2, "image", 0, 0, "alice", 2),
            ("answer", "create", 1, "page200", True, 0),
        ),
    ),
    "only the last page counts": Plan(
        {"page_size": 1, "old_pins": 3},
        (
            ("pin", 10.0, 0, "image", 0, 0, "alice", 0),
            ("answer", "create", 1, "lost", True, 0),
        ),
    ),
    "only the first page is looked at": Plan(
        {"page_size": 1},
        (
            ("answer", "create", 1, "lost", True, 0),
            ("pin", 10.0, 1, "image", 0, 0, "alice", 1),
            ("pin", 11, 2, "image", 0, 0, "alice", 2),
        ),
    ),
    "no board is an answer": Plan(
        {},
        (
            ("pin", 16.0, 0, "image", 0, 0, "alice", 0),
            ("answer", "create", 1, "lost", True, 0),
            ("board", 20.0, 60.0, 0),
            ("do", 50.0, "retry", 0, 0),
        ),
    ),
    "a board that cannot be read has no pin": Plan(
        {},
        (
            ("pin", 10.0, 0, "image", 0, 0, "alice", 0),
            ("answer", "create", 1, "lost", True, 0),
            ("answer", "look", 1, "own503", False, 0),
            ("answer", "look", 2, "own503", False, 0),
            ("answer", "look", 3, "own503", False, 0),
            ("answer", "look", 4, "own503", False, 0),
        ),
    ),
    "what is found is left": Plan(
        {"links": "plain"},
        (
            ("pin", 11.0, 2, "image", 0, 0, "alice", 2),
            ("answer", "create", 1, "page200", True, 0),
        ),
    ),
    "a claim asks for nothing": Plan(
        {"prepared": True},
        (("pin", 10.0, 0, "video", 0, 0, "alice", 0),),
    ),
    "a worker writes without its claim": Plan(
        {"workers": 2, "slots": 3},
        (
            ("pin", 10.0, 0, "image", 0, 0, "alice", 0),
            ("point", "commit", "after", 5, "stand", 30),
            ("do", 12.0, "release claim", 0, 0),
            ("answer", "create", 1, "limit", False, 3000),
        ),
    ),
    "a move forgets the status it came from": Plan(
        {},
        (
            ("pin", 10.0, 0, "image", 0, 5, "alice", 0),
            ("do", 14.0, "cancel", 0, 5),
        ),
    ),
    "slots are not renewed": Plan(
        {"slots": 1, "workers": 2},
        (
            ("pin", 10.0, 0, "image", 0, 0, "alice", 0),
            ("pin", 75.0, 1, "image", 0, 0, "alice", 1),
            ("account", 9.0, "revoke access", 0),
            ("answer", "create", 1, "slow", True, 29),
            ("answer", "create", 2, "slow", True, 29),
            ("answer", "token", 1, "slow", True, 29),
        ),
    ),
    "slots have no limit": Plan(
        {"slots": 1, "workers": 2},
        (
            ("pin", 10.0, 0, "image", 0, 0, "alice", 0),
            ("pin", 15.0, 1, "image", 0, 0, "alice", 1),
            ("answer", "create", 1, "slow", True, 29),
        ),
    ),
    "a slot is never given back": Plan(
        {"slots": 1},
        (
            ("pin", 10.0, 0, "image", 0, 0, "alice", 0),
            ("pin", 30.0, 1, "image", 0, 0, "alice", 1),
        ),
    ),
    "a limit is a failure like any other": Plan(
        {},
        (
            ("pin", 25.0, 0, "image", 1, 0, "alice", 0),
            ("answer", "create", 1, "limit_both", False, 300),
        ),
    ),
    "a limit holds for one pin": Plan(
        {"slots": 1, "workers": 2, "order": 0, "switching": 0.0},
        (
            ("pin", 10.0, 0, "image", 0, 0, "alice", 0),
            ("pin", 10.1, 1, "image", 0, 0, "alice", 1),
            ("answer", "create", 1, "limit_other", False, 300),
            ("answer", "create", 2, "slow", True, 29),
            ("answer", "create", 3, "slow", True, 29),
            ("answer", "create", 4, "slow", True, 29),
        ),
    ),
    "the shortest wait counts": Plan(
        {},
        (
            ("pin", 25.0, 0, "image", 1, 0, "alice", 0),
            ("answer", "create", 1, "limit_both", False, 300),
        ),
    ),
    "spam is a limit": Plan(
        {},
        (
            ("pin", 10.0, 0, "image", 0, 0, "alice", 0),
            ("answer", "create", 1, "spam", False, 0),
        ),
    ),
    "a proxy is believed": Plan(
        {},
        (
            ("pin", 24.0, 0, "image", 1, 0, "alice", 0),
            ("answer", "create", 1, "page407", False, 0),
        ),
    ),
    "one failure is final": Plan(
        {},
        (
            ("pin", 10.0, 0, "image", 0, 0, "alice", 0),
            ("answer", "create", 1, "unsent", False, 0),
        ),
    ),
    "a failure is tried again at once for ever": Plan(
        {},
        (
            ("pin", 10.0, 0, "image", 0, 0, "alice", 0),
            ("outage", 5.0, 90000.0, "unsent", False, 0),
        ),
    ),
    "every failure is said to be Pinterest's": Plan(
        {},
        (
            ("pin", 10.0, 1, "image", 0, 0, "alice", 1),
            ("outage", 5.0, 7005.0, "unsent", False, 0),
        ),
    ),
    "a file out of reach is final": Plan(
        {},
        (
            ("pin", 10.0, 0, "image", 0, 0, "alice", 0),
            ("media", 5.0, 50.0, "broken"),
        ),
    ),
    "two refresh at once": Plan(
        {"access_life": 310, "workers": 2},
        (
            ("pin", 30.0, 0, "image", 0, 0, "alice", 0),
            ("pin", 31.0, 1, "image", 0, 0, "alice", 1),
            ("answer", "token", 1, "slow", True, 15),
        ),
    ),
    "the new refresh token is thrown away": Plan(
        {},
        (
            ("account", 30.0, "renew", 0),
            ("account", 60.0, "renew", 0),
        ),
    ),
    "a refresh that fails kills the account": Plan(
        {},
        (
            ("account", 5.0, "renew", 0),
            ("answer", "token", 1, "page401", False, 0),
        ),
    ),
    "a dead token is asked with for ever": Plan(
        {},
        (
            ("pin", 10.0, 0, "image", 0, 0, "alice", 0),
            ("account", 5.0, "revoke access", 0),
        ),
    ),
    "a pin in doubt may be edited": Plan(
        {},
        (
            ("pin", 10.0, 0, "image", 0, 0, "alice", 0),
            ("do", 60.0, "edit", 0, 0),
            ("answer", "create", 1, "lost", True, 0),
            ("board", 12.0, 200.0, 0),
        ),
    ),
    "an editor's edit stays approved": Plan(
        {"approval": True},
        (
            ("pin", 10.0, 0, "image", 0, 40, "alice", 0),
            ("do", 15.0, "edit as bob", 0, 0),
            ("do", 15.1, "approve", 0, 0),
        ),
    ),
    "trying again forgets the doubt": Plan(
        {},
        (
            ("pin", 10.0, 0, "image", 0, 0, "alice", 0),
            ("answer", "create", 1, "lost", True, 0),
            ("board", 12.0, 200.0, 0),
        ),
    ),
    "a pin that is being created may be deleted": Plan(
        {},
        (
            ("pin", 10.0, 0, "image", 0, 0, "alice", 0),
            ("do", 10.0, "delete", 0, 0),
        ),
    ),
    "a deleted pin's id is forgotten": Plan(
        {},
        (
            ("pin", 10.0, 0, "image", 0, 0, "alice", 0),
            ("pin", 10.0, 1, "image", 0, 0, "alice", 0),
            ("answer", "create", 2, "timeout", False, 0),
            ("do", 15.0, "delete", 0, 0),
        ),
    ),
    "the clock asks about nothing": Plan(
        {},
        (
            ("pin", 10.0, 0, "image", 0, 0, "alice", 0),
            ("answer", "create", 1, "lost", True, 0),
        ),
    ),
    "the clock posts nothing": Plan(
        {},
        (("pin", 10.0, 0, "image", 0, 40, "alice", 0),),
    ),
    "a video is created before it is processed": Plan(
        {"processing": 2000},
        (
            ("pin", 10.0, 0, "video", 0, 0, "alice", 0),
            ("account", 900.0, "sync", 0),
        ),
    ),
    "a pin that may have gone out in a lost life is sent at once": Plan(
        {"order": 0, "switching": 0.0, "slots": 3, "workers": 1, "prepared": True},
        (
            ("pin", 2.0, 0, "carousel", 1, 0, "alice", 0),
            ("do", 28.0, "retry", 0, 5),
            ("restore", 14.0, 250.0, 600),
            ("answer", "create", 1, "spam", False, 0),
        ),
    ),
}
