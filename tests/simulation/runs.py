"""Running many histories on all cores, or one of them in words."""

from __future__ import annotations

import json
import multiprocessing
import signal
import sys
import time
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain, takewhile
from pathlib import Path

from . import plans
from .history import simulate
from .killers import KILLERS
from .mutants import MUTANTS, Mutant
from .mutating import DoesNotApply, applied
from .plans import Plan
from .regressions import REGRESSIONS
from .shrinking import kind_of, shrink
from .simple_plans import simple_plans
from .template import set_up

CHUNK = 25
now = time.perf_counter


def violations_of(seed: int) -> list[str]:
    return simulate(plans.make(seed)).world.violations


def run(first: int, count: int, *, processes: int, most_failures: int) -> int:
    """Lives the histories of `count` seeds. Prints the rate and the seeds that break a rule; 1 if one does."""
    started_at, lived, failures = now(), 0, {}
    chunks = [range(start, min(start + CHUNK, first + count)) for start in range(first, first + count, CHUNK)]
    shown_at = started_at
    for results in _on_all_cores(chunks, processes):
        for seed, violations in results:
            lived += 1
            if violations:
                failures[seed] = violations
        if now() - shown_at > 10:
            shown_at = now()
            _say(f"{lived:,} histories, {lived / (now() - started_at):.1f} a second, {len(failures)} break a rule")
        if len(failures) >= most_failures:
            break
    seconds = now() - started_at
    _say(f"{lived:,} histories in {seconds:.1f} s: {lived / seconds:.1f} a second; {len(failures)} break a rule.")
    for seed in sorted(failures):
        _say(f"SEED={seed}: {'; '.join(failures[seed])}")
    for kind, seeds in _by_kind(failures).items():
        _say(f"{len(seeds):5} x {kind}, as in {', '.join(map(str, seeds[:6]))}")
    return int(bool(failures))


def _by_kind(failures: dict[int, list[str]]) -> dict[str, list[int]]:
    kinds: dict[str, list[int]] = {}
    for seed, violations in sorted(failures.items()):
        for kind in {kind_of(violation) for violation in violations}:
            kinds.setdefault(kind, []).append(seed)
    return dict(sorted(kinds.items(), key=lambda each: -len(each[1])))


def _on_all_cores(chunks: Iterable[range], processes: int) -> Iterator[list[tuple[int, list[str]]]]:
    if processes == 1:
        set_up()
        yield from map(_live_all, chunks)
        return
    # Each process sets itself up: a database in memory cannot be shared.
    with multiprocessing.get_context("spawn").Pool(processes, initializer=set_up) as pool:
        yield from pool.imap_unordered(_live_all, chunks)


def _live_all(seeds: range) -> list[tuple[int, list[str]]]:
    return [(seed, violations_of(seed)) for seed in seeds]


def show(seed: int, *, is_shrunk: bool) -> int:
    """Prints the plan of a seed and what happens, shrunk or as it is; 1 if it breaks a rule."""
    set_up()
    plan = plans.make(seed)
    violations = simulate(plan).world.violations
    if is_shrunk and violations:
        kind = kind_of(violations[0])
        plan = shrink(plan, partial(_breaks, kind=kind))
    history = simulate(plan, is_traced=True)
    _say(f"{plan}\n")
    for line in history.world.trace or ():
        _say(line)
    _say("\n".join(["", *history.world.violations]) if history.world.violations else "\nNo rule is broken.")
    return int(bool(history.world.violations))


def _breaks(plan: Plan, *, kind: str) -> bool:
    return any(kind_of(violation) == kind for violation in simulate(plan).world.violations)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def run_mutants(*, is_search: bool) -> int:
    """Lives with each mutant the history that has killed it; with `is_search` looks for such a history first."""
    set_up()
    if is_search:
        return _search_killers()
    survivors = []
    for mutant in MUTANTS:
        try:
            with applied(mutant):
                is_killed = mutant.name in KILLERS and bool(_violations_in_time(KILLERS[mutant.name]))
        except DoesNotApply as error:
            survivors.append(str(error))
            continue
        if not is_killed:
            survivors.append(mutant.name)
    _say(json.dumps(survivors))
    return int(bool(survivors))


MOST_SEEDS = 5000
# How long one history may take of the processor, and the search for the killer of one mutant.
HISTORY_SECONDS = 8
SEARCH_SECONDS = 60


def _search_killers() -> int:
    """Looks for the shortest killers that it can find within MOST_SEEDS, and writes killers.py."""
    killers: dict[str, Plan] = {}
    for mutant in MUTANTS:
        try:
            with applied(mutant):
                pass
        except DoesNotApply as error:
            _say(str(error))
            continue
        known = KILLERS.get(mutant.name)
        if known is not None and _kills(mutant, known):
            killers[mutant.name] = known
            continue
        killer = _find_killer(mutant, until=now() + SEARCH_SECONDS)
        if killer is None:
            _say(f"SURVIVES: {mutant.name}")
        else:
            killers[mutant.name] = shrink(killer, partial(_kills, mutant))
            _say(f"killed: {mutant.name}")
        _write_killers(killers)
    _write_killers(killers)
    return int(len(killers) < len(MUTANTS))


def _find_killer(mutant: Mutant, until: float) -> Plan | None:
    tried = chain(simple_plans(), map(plans.make, range(MOST_SEEDS)))
    fitting = (plan for plan in tried if all(hint in repr(plan) for hint in mutant.hints))
    return next((plan for plan in takewhile(lambda _: now() < until, fitting) if _kills(mutant, plan)), None)


def _kills(mutant: Mutant, plan: Plan) -> bool:
    """Whether the plan breaks a rule with the mutant, and none without it."""
    with applied(mutant):
        breaks = bool(_violations_in_time(plan))
    return breaks and not simulate(plan).world.violations


class _TooLong(BaseException):
    pass


def _violations_in_time(plan: Plan) -> list[str]:
    """What the plan breaks; nothing if it goes on for too long without a rule that says so."""

    def stop(*_: object) -> None:
        raise _TooLong

    signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, HISTORY_SECONDS)
    try:
        return simulate(plan).world.violations
    except _TooLong:
        return []
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def _write_killers(killers: dict[str, Plan]) -> None:
    lines = [f"    {name!r}: {plan},\n".replace("\n", "\n    ").rstrip(" ") for name, plan in killers.items()]
    text = HEAD + "\nKILLERS: dict[str, Plan] = {\n" + "".join(lines) + "}\n"
    Path(__file__).with_name("killers.py").write_text(text)


HEAD = '''"""By which history each mutant of mutants.py is found. Written by `make simulate-mutants`."""

from .plans import Plan
'''


def run_regressions() -> int:
    """Lives the histories of regressions.py; the rules that each breaks go out as JSON."""
    set_up()
    broken = {name: simulate(plan).world.violations for name, plan in REGRESSIONS.items()}
    _say(json.dumps(broken))
    return int(any(broken.values()))
