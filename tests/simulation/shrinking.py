"""Makes a history that breaks a rule as short as it can be, by leaving things out for as long as it still breaks it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from .plans import Plan

Breaks = Callable[[Plan], bool]
# Values that say nothing is unusual.
PLAIN = {"prepared": True, "order": 0, "switching": 0.0, "slots": 3, "workers": 1}


def kind_of(violation: str) -> str:
    """The broken rule, without the numbers and names of this history."""
    return re.sub(r"[\d.]+", "N", re.sub(r"pin-\d+(, pin-\d+)*", "PIN", violation.split(":")[0]))


def shrink(plan: Plan, breaks: Breaks) -> Plan:
    """The smallest plan found that `breaks` the rule. `plan` itself must."""
    while True:
        smaller = next((candidate for candidate in _smaller(plan) if breaks(candidate)), None)
        if smaller is None:
            return plan
        plan = smaller


def _smaller(plan: Plan) -> Iterator[Plan]:
    count = len(plan.items)
    size = count // 2
    while size:
        for start in range(0, count, size):
            yield plan.without(set(range(start, min(start + size, count))))
        size //= 2
    for name, value in plan.options.items():
        if name in PLAIN:
            if value != PLAIN[name]:
                yield replace(plan, options={**plan.options, name: PLAIN[name]})
        elif value:
            yield replace(plan, options={key: kept for key, kept in plan.options.items() if key != name})
    for number, item in enumerate(plan.items):
        for place, value in enumerate(item):
            if isinstance(value, float) and value != int(value):
                rounded = (*item[:place], float(int(value)), *item[place + 1 :])
                yield replace(plan, items=(*plan.items[:number], rounded, *plan.items[number + 1 :]))
