"""The simulator runs in processes of its own, since it replaces time and threads there."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from .killers import KILLERS
from .mutants import MUTANTS
from .plans import KNOWN
from .regressions import REGRESSIONS

ROOT = Path(__file__).parents[2]
HISTORIES = 2000


def simulate(*arguments):
    command = [sys.executable, "-m", "tests.simulation", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_whatever_happens_every_pin_is_at_pinterest_once_or_fails_truly():
    lived = simulate("--seeds", HISTORIES)

    assert lived.returncode == 0, lived.stdout + lived.stderr
    assert f"{HISTORIES:,} histories" in lived.stdout


def test_the_same_seed_is_the_same_history():
    first, second = simulate("--seed", 9).stdout, simulate("--seed", 9).stdout

    assert first == second
    assert "Pinterest makes pin" in first


@pytest.fixture(scope="module")
def regressions():
    return json.loads(simulate("--regressions").stdout)


@pytest.mark.parametrize("name", REGRESSIONS)
def test_what_was_wrong_once_is_right(regressions, name):
    assert regressions[name] == []


@pytest.fixture(scope="module")
def survivors():
    return json.loads(simulate("--mutants", "check").stdout)


@pytest.mark.parametrize("name", KILLERS)
def test_the_simulator_finds_a_fault_made_by_hand(survivors, name):
    assert [survivor for survivor in survivors if survivor.startswith(name)] == []


def test_there_are_enough_mutants_with_names_of_their_own():
    names = {mutant.name for mutant in MUTANTS}

    assert len(names) == len(MUTANTS)
    assert names >= KILLERS.keys()
    assert len(KILLERS) >= 30


def test_each_known_fault_says_what_it_is():
    assert all(KNOWN.values())
