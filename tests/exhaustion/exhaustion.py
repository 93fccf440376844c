"""What a hostile approved neighbour costs a node and its honest neighbours: `make exhaustion`.

Windows with and without the attack follow each other, so that what the machine does besides weighs
on both alike. Each behaviour has windows of its own, and one more has all of them side by side.
After that, many at once who mean no harm (tests/exhaustion/crowd.py).
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks.processes import ROOT, Worker, listening, process
from tests.exhaustion import attack_figures, behaviours, crowd, crowd_figures
from tests.exhaustion.town import Town, Window, open_town
from tests.proof_results import Line

ATTACK, CROWD = PARTS = ("attack", "crowd")
SESSIONS, NEIGHBOURS = 2_000, 50
CROWD_SECONDS_MAX = 1_800.0
QUOTA_ENTRIES = 20_000
"""Of the hostile log: a flood of valid entries meets it."""
QUIET = "quiet"
BEFORE = "before the attack"
WINDOW_SECONDS_MAX = 60.0
QUIET_SHARE = 0.1
"""A window without the attack is a tenth as long as one with it."""
FILLING_SHARE, FILLING_SECONDS_MIN = 0.04, 30.0
"""Before the first window bulks follow each other without a pause: a node that has been at work for
long holds much, and what lies in its index is put together in large pieces now and then."""
BEFORE_SHARE, BEFORE_SECONDS_MIN = 0.04, 30.0
"""The load without the attack, for as long as it takes to see the most memory that it needs."""


@dataclass(slots=True)
class Outcome:
    """All windows in their order, and what the attacker got to do."""

    before: Window = field(default_factory=lambda: Window(BEFORE))
    windows: list[Window] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)

    @property
    def quiet(self) -> list[Window]:
        """The windows without the attack."""
        return [window for window in self.windows if window.what == QUIET]

    @property
    def attacked(self) -> list[Window]:
        """The windows under attack."""
        return [window for window in self.windows if window.what != QUIET]


@asynccontextmanager
async def attacker(town: Town) -> AsyncIterator[Worker]:
    """A hostile process that the node in the middle has approved as its neighbour."""
    module = ("-m", "tests.exhaustion.attacker")
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    given = (town.middle.url, town.middle.log)
    async with process(sys.executable, *module, *given, environment={"PYTHONPATH": paths}) as made:
        worker = Worker(made)
        said = worker.first_answer()
        async with listening(worker):
            log = (await said)["log"]
            await town.middle.ask("neighbour", log=log)
            await town.middle.ask("quota", log=log, entries=QUOTA_ENTRIES)
            yield worker


async def run(folder: Path, seconds: float, names: list[str]) -> Outcome:
    """Let the attack last so long in all; returns what was measured."""
    outcome = Outcome()
    rounds = max(1, round(seconds / len(names) / WINDOW_SECONDS_MAX))
    each = seconds / rounds / len(names)
    async with open_town(folder) as town, attacker(town) as hostile, town.load():
        async with town.without_pause():
            await asyncio.sleep(max(FILLING_SECONDS_MIN, FILLING_SHARE * seconds))
        async with town.window(BEFORE) as outcome.before:
            await asyncio.sleep(max(BEFORE_SECONDS_MIN, BEFORE_SHARE * seconds))
        print(attack_figures.line_of(outcome.before), flush=True)
        for name in names * rounds:
            async with town.window(QUIET) as window:
                await asyncio.sleep(each * QUIET_SHARE)
            outcome.windows.append(window)
            print(attack_figures.line_of(window), flush=True)
            async with town.window(name) as window:
                told = hostile.begin("attack", behaviour=name, seconds=each)
                await asyncio.sleep(each)
            outcome.windows.append(window)
            outcome.done.update((await told)["done"])
            print(attack_figures.line_of(window), flush=True)
    return outcome


def main() -> int:
    """Read what is asked for, run it, and tell."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--seconds", type=float, default=60, help="how long the attack lasts")
    reader.add_argument("--only", choices=list(behaviours.ALL), action="append")
    reader.add_argument("--part", choices=PARTS, action="append", help="all of them, unless named")
    reader.add_argument("--sessions", type=int, default=SESSIONS)
    reader.add_argument("--neighbours", type=int, default=NEIGHBOURS)
    reader.add_argument("--keep", action="store_true", help="write docs/results/exhaustion….json")
    given = reader.parse_args()
    for part in given.part or PARTS:
        with tempfile.TemporaryDirectory(prefix="tidan-exhaustion-") as folder:
            (_attack if part == ATTACK else _crowd)(Path(folder), given)
    return 0


def _attack(folder: Path, given: argparse.Namespace) -> None:
    names = given.only or [*behaviours.ALL, behaviours.AT_ONCE]
    outcome = asyncio.run(run(folder, given.seconds, names))
    windows = (outcome.before, outcome.quiet, outcome.attacked)
    _tell(attack_figures.lines(*windows))
    print(dict(sorted(outcome.done.items())))
    if given.keep:
        attack_figures.keep_attack(*windows, dict(outcome.done), given.seconds)


def _crowd(folder: Path, given: argparse.Namespace) -> None:
    seconds = min(given.seconds, CROWD_SECONDS_MAX)
    found = asyncio.run(crowd.run(folder, seconds, given.sessions, given.neighbours))
    _tell(crowd_figures.lines(found))
    if given.keep:
        crowd_figures.keep_crowd(found, seconds)


def _tell(found: list[Line]) -> None:
    for line in found:
        print(f"{line.figure}: {line.measured} {line.at_least and f'({line.at_least})'}")


if __name__ == "__main__":
    raise SystemExit(main())
