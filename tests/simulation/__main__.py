"""`python -m tests.simulation`: see docs/simulation.md, and --help."""

import argparse
import os
import sys

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.simulation.settings"


def main() -> int:
    from tests.simulation import runs

    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description="Simulates random lives of pins.")
    parser.add_argument("--seeds", type=int, default=0, help="how many histories to live")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--seed", type=int, help="live this one, and print what happens")
    parser.add_argument("--shrink", action="store_true", help="print the shortest history that breaks the same rule")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--failures", type=int, default=10, help="stop after so many")
    parser.add_argument("--regressions", action="store_true", help="live those of regressions.py; answers in JSON")
    parser.add_argument("--mutants", choices=("check", "search"), help="live with the mutants of mutants.py")
    chosen = parser.parse_args()
    if chosen.seed is not None:
        return runs.show(chosen.seed, is_shrunk=chosen.shrink)
    if chosen.regressions:
        return runs.run_regressions()
    if chosen.mutants:
        return runs.run_mutants(is_search=chosen.mutants == "search")
    return runs.run(chosen.first, chosen.seeds, processes=chosen.processes, most_failures=chosen.failures)


if __name__ == "__main__":
    sys.exit(main())
