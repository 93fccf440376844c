"""Small faults in `protocol/`, one at a time, for its tests to notice: ``make mutants COUNT=50``.

Cosmic Ray (in ``.mutants``) knows all changes that can be made, and a seed chooses some of them.
Each is made in a copy of the tree and judged by the tests that `make coverage` runs, those of the
changed module first. One that survives is shown: a rule that no test asks about, or a change that
makes no difference. `--keep` writes docs/results/mutants.json.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from cosmic_ray.commands.init import init
from cosmic_ray.modules import find_modules
from cosmic_ray.mutating import mutate_and_test
from cosmic_ray.testing import run_tests
from cosmic_ray.work_db import use_db
from cosmic_ray.work_item import MutationSpec, TestOutcome

from tests.proof_results import Line, keep
from tests.protocol_coverage import PROTOCOL, PYTEST, ROOT, SMALL_WORLDS, own_tests

TIMEOUT_SECONDS = 1_800
TYPES = re.compile(r"core/ReplaceBinaryOperator_BitOr_")
"""Most bars stand between types, which nothing reads when the program runs."""
LEFT_OUT = Path(PROTOCOL, "limits.py")
"""Tests ask for each bound by its name, whatever its number."""
NOT_COPIED = shutil.ignore_patterns(".*", "__pycache__", "tidan-*", "bench-results")


@dataclass
class Found:
    """What became of the mutants: how many were noticed, and those that were not."""

    places: int
    outcomes: Counter[str] = field(default_factory=Counter)
    survivors: list[dict[str, str]] = field(default_factory=list)


def possible_mutants() -> list[list[MutationSpec]]:
    """All changes of the protocol under the present folder, by the place that they change.

    A place is a position in a file. Places, and the changes at each, stand in a fixed order.
    """
    with tempfile.TemporaryDirectory() as folder, use_db(Path(folder, "all.sqlite")) as database:
        init(sorted(set(find_modules([Path(PROTOCOL)])) - {LEFT_OUT}), database, {})
        found = [mutation for item in database.work_items for mutation in item.mutations]
    places: dict[tuple[str, tuple[int, int]], list[MutationSpec]] = {}
    for one in sorted(found, key=lambda one: (one.operator_name, one.occurrence)):
        if not TYPES.match(one.operator_name):
            places.setdefault((str(one.module_path), one.start_pos), []).append(one)
    return [places[place] for place in sorted(places)]


def commands_for(module: Path | None) -> list[str]:
    """The tests as commands that end at the first failure: those of a module, then all others."""
    files = own_tests()
    first = [file for file in files if module and _is_about(module, Path(file))]
    rest = [file for file in files if file not in first]
    groups = [group for group in (first, [*rest, SMALL_WORLDS]) if group]
    return [shlex.join([sys.executable, "-m", "pytest", "-x", *PYTEST, *group]) for group in groups]


def _is_about(module: Path, test: Path) -> bool:
    """Whether a file of tests is named after a module, or imports it."""
    name = module.with_suffix("").parts[1]
    imported = rf"^from {PROTOCOL}(\.{name}\b| import .*\b{name}\b)"
    return name in test.stem or bool(re.search(imported, test.read_text("utf-8"), re.MULTILINE))


def check_copy() -> None:
    """Refuse to judge anything unless the tests pass, and run on this copy."""
    told = subprocess.run(  # our own Python
        [sys.executable, "-c", "import protocol; print(protocol.__file__)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(told.stdout.strip()).is_relative_to(Path.cwd().resolve()), told.stdout
    for command in commands_for(None):
        outcome, output = run_tests(command, TIMEOUT_SECONDS)
        if outcome is not TestOutcome.SURVIVED:
            raise SystemExit(f"The tests fail without any mutant:\n{output[-2_000:]}")


def judge(chosen: list[MutationSpec], found: Found) -> None:
    """Make each change in turn, run the tests, and note what they said."""
    for mutation in chosen:
        for command in commands_for(mutation.module_path):
            result = mutate_and_test([mutation], command, TIMEOUT_SECONDS)
            if result.is_killed:
                break
        if result.test_outcome not in {TestOutcome.KILLED, TestOutcome.SURVIVED}:
            raise SystemExit(f"{mutation} could not be judged: {result.output}")
        outcome = "timeout" if result.output == "timeout" else result.test_outcome.value
        found.outcomes[outcome] += 1
        where = f"{mutation.module_path}:{mutation.start_pos[0]}"
        print(f"{outcome:9} {where} {mutation.operator_name}", flush=True)
        if outcome == TestOutcome.SURVIVED.value:
            print(result.diff, flush=True)
            found.survivors.append({"where": where, "change": result.diff or ""})


def main() -> int:
    """Choose, judge and tell; returns the process's exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--keep", action="store_true", help="write docs/results/mutants.json")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tidan-mutants-") as folder:
        copy = Path(folder, "tree")
        shutil.copytree(ROOT, copy, ignore=NOT_COPIED)
        os.chdir(copy)
        os.environ["PYTHONPATH"] = str(copy)  # of the tests; this process has imported its own
        check_copy()
        places, random = possible_mutants(), Random(asked.seed)
        chosen = random.sample(places, min(asked.count, len(places)))
        found = Found(len(places))
        judge([random.choice(changes) for changes in chosen], found)
        os.chdir(ROOT)
    print(f"{dict(found.outcomes)}, one each at some of {found.places:,} places")
    if asked.keep:
        keep_result(found, asked.seed)
    return 0


def keep_result(found: Found, seed: int) -> None:
    """Write the result file."""
    count = found.outcomes.total()
    noticed = count - found.outcomes[TestOutcome.SURVIVED.value]
    share = f"{noticed:,} ({100 * noticed / count:.0f} %)"
    keep(
        "mutants",
        title="Mutants of the protocol: do its tests notice?",
        command=f"make mutants SEED={seed} COUNT={count} ARGS=--keep",
        lines=[
            Line("places changed, of all that can be", f"{count:,} of {found.places:,}"),
            Line("changes that the tests noticed", share, "90 %"),
            Line("of these by never ending", f"{found.outcomes['timeout']:,}"),
        ],
        notes=[
            "One operator, number, condition or the like is changed by Cosmic Ray, one at a time.",
            "The seed chooses the places, and one change at each.",
            "Bounds (`limits.py`) and bars between types are left out.",
            "Survivors may make no difference; each is in `docs/results/mutants.json`.",
        ],
        details={"survivors": found.survivors},
    )


if __name__ == "__main__":
    sys.exit(main())
