"""Small faults in `protocol/`, one at a time, for its tests to notice: ``make mutants COUNT=50``.

Cosmic Ray (in ``.mutants``) knows all changes that can be made, and a seed chooses some of them.
Each is made in a copy of the tree, one for each process, and judged by the tests that
`make coverage` runs, those of the changed module first. One that survives is shown: a rule that no
test asks about, or a change that makes no difference. `--keep` adds to docs/results/mutants.json,
each as soon as it has been judged.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from random import Random

from cosmic_ray.commands.init import init
from cosmic_ray.modules import find_modules
from cosmic_ray.mutating import mutate_and_test
from cosmic_ray.testing import run_tests
from cosmic_ray.work_db import use_db
from cosmic_ray.work_item import MutationSpec, TestOutcome

from tests.proof_results import Line, keep
from tests.proof_stretches import Stretches
from tests.protocol_coverage import PROTOCOL, PYTEST, ROOT, SMALL_WORLDS, own_tests

TIMEOUT_SECONDS = 300
"""All tests take half a minute; what goes on for ten times as long never ends."""
SURVIVED = TestOutcome.SURVIVED.value
TYPES = re.compile(r"core/ReplaceBinaryOperator_BitOr_")
"""Most bars stand between types, which nothing reads when the program runs."""
LEFT_OUT = Path(PROTOCOL, "limits.py")
"""Tests ask for each bound by its name, whatever its number."""
NOT_COPIED = shutil.ignore_patterns(".*", "__pycache__", "tidan-*", "bench-results")


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


def go_to_copy(folder: str) -> None:
    """Make a copy of the tree for this process alone, and stay there."""
    copy = Path(folder, str(os.getpid()))
    shutil.copytree(ROOT, copy, ignore=NOT_COPIED)
    os.chdir(copy)
    os.environ["PYTHONPATH"] = str(copy)  # of the tests; this process has imported its own


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


def judge(mutation: MutationSpec) -> tuple[str, str]:
    """Make a change, run the tests; returns what they said, and the change if they said nothing."""
    for command in commands_for(mutation.module_path):
        result = mutate_and_test([mutation], command, TIMEOUT_SECONDS)
        if result.is_killed:
            break
    if result.test_outcome not in {TestOutcome.KILLED, TestOutcome.SURVIVED}:
        raise SystemExit(f"{mutation} could not be judged: {result.output}")
    outcome = "timeout" if result.output == "timeout" else result.test_outcome.value
    said = f"{outcome:9} {_where(mutation)} {mutation.operator_name}"
    survived = outcome == SURVIVED
    print(f"{said}\n{result.diff}" if survived else said, flush=True)
    return outcome, f"{_where(mutation)}\n{result.diff}" if survived else ""


def _where(mutation: MutationSpec) -> str:
    return f"{mutation.module_path}:{mutation.start_pos[0]}"


def judge_some(stretches: Stretches, seed: int, count: int, pool: ProcessPoolExecutor) -> int:
    """Judge one change each at places that the seed chooses; returns how many places there are.

    An order of places belongs to a seed and to the sources, so its name says both: once a source
    has changed, places are chosen anew.
    """
    places, random = possible_mutants(), Random(seed)
    chosen = [random.choice(changes) for changes in random.sample(places, len(places))]
    part = f"places of seed {seed} in sources {_sources_digest()}"
    left = stretches.left(part, range(1, min(count, len(places)) + 1))
    judging = {pool.submit(judge, chosen[number - 1]): number for number in left}
    for judged in as_completed(judging):
        outcome, change = judged.result()
        survivors = {change: 1} if change else {}
        stretches.add(part, judging[judged], {"outcomes": {outcome: 1}, "survivors": survivors})
        stretches.save()
    return len(places)


def _sources_digest() -> str:
    files = sorted(Path(PROTOCOL).rglob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:10]


def main() -> int:
    """Choose, judge and tell; returns the process's exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--processes", type=int, default=1, help="how many tests side by side")
    parser.add_argument("--keep", action="store_true", help="add to docs/results/mutants.json")
    asked = parser.parse_args()
    save = partial(keep_result, asked.seed, asked.count) if asked.keep else None
    stretches = Stretches("mutants", save)
    context = get_context("spawn")
    with (
        tempfile.TemporaryDirectory(prefix="tidan-mutants-") as folder,
        ProcessPoolExecutor(asked.processes, context, go_to_copy, (folder,)) as pool,
    ):
        try:
            pool.submit(check_copy).result()
            places = judge_some(stretches, asked.seed, asked.count, pool)
        finally:  # whoever has enough waits for those in hand only
            pool.shutdown(cancel_futures=True)
    print(f"{stretches.total().get('outcomes')}, one each at some of {places:,} places")
    return 0


def keep_result(seed: int, count: int, stretches: Stretches) -> None:
    """Write the result file."""
    total = stretches.total()
    outcomes = total.get("outcomes", {})
    judged = sum(outcomes.values())
    noticed = judged - outcomes.get(SURVIVED, 0)
    share = f"{noticed:,} ({100 * noticed / judged:.0f} %)"
    keep(
        "mutants",
        title="Mutants of the protocol: do its tests notice?",
        command=f"make mutants SEED={seed} COUNT={count} ARGS=--keep",
        lines=[
            Line("changes made, one at each place that was chosen", f"{judged:,}"),
            Line("changes that the tests noticed", share, "90 %"),
            Line("of these by never ending", f"{outcomes.get('timeout', 0):,}"),
        ],
        notes=[
            "One operator, number, condition or the like is changed by Cosmic Ray, one at a time.",
            "The seed chooses the places, and one change at each.",
            "Bounds (`limits.py`) and bars between types are left out.",
            "Once the sources have changed, places are chosen anew, some of them again.",
            "Survivors may make no difference; each is in `docs/results/mutants.json`.",
        ],
        stretches=stretches.as_json(),
    )


if __name__ == "__main__":
    sys.exit(main())
