"""`make power-cuts COUNT=…`: power cuts at every moment of what a real node does.

Records a node at each kind of work, with both journals, under new seeds until COUNT points have
been judged; keeps the result only when asked, and ends with 1 when anything was lost.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import count, product
from pathlib import Path
from random import Random

from tests.power.cutting import cut_everywhere
from tests.power.disk_recording import MISSING, is_installed
from tests.power.judging import Judge
from tests.power.scenes import JOURNALS, KINDS, Scene, Templates, recorded
from tests.proof_results import Line, keep

COUNT_AT_LEAST, COUNT_AIM = 50_000, 100_000
SHOWN_MAX = 20
NOTES = """\
A real node runs under strace; every write, sync and change of a name in its folder is kept, and \
the recording must lead to the real folder byte by byte.
What was synced survives. At each moment one disk is judged on which nothing else does, and others \
on which each write survives with p = 1/2, every third torn into sectors of 512 bytes; a name is \
safe only once its folder was synced.
Each disk is opened by the real node: entries, attachments, drafts, accounts, neighbours, the \
guard, the key, records, search, and SQLite's own check.
Not modelled: a disk that says it has written what it has not, and a sector of which only a part \
was written.
""".splitlines()


@dataclass(slots=True)
class Run:
    """One run of the programme: what it is to do, and what it has found."""

    count: int
    disks: int
    every: int
    stop_at: float
    points: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        """Whether as many points were judged, or as much time has gone, as was asked for."""
        return self.points.total() >= self.count or time.monotonic() >= self.stop_at

    async def all(self, seed: int) -> None:
        """Judge scene after scene, with new seeds, until it is over."""
        with tempfile.TemporaryDirectory(prefix="tidan-power-") as made:
            templates = Templates(Path(made))
            for number in count(seed):
                for kind, journal in product(KINDS, JOURNALS):
                    if self.is_over:
                        return
                    await self._judge(Scene(kind, journal, number), templates)

    async def _judge(self, scene: Scene, templates: Templates) -> None:
        started, before = time.monotonic(), self.points[scene.name]
        history = recorded(scene, templates)
        random = Random(f"{scene.name} {scene.seed}")
        cuts = cut_everywhere(
            history, scene.codes, Judge(), random, disks=self.disks, every=self.every
        )
        async for point in cuts:
            self.points[scene.name] += 1
            self.lost += [f"{scene}, event {point.event}: {what}" for what in point.problems]
            if self.is_over:
                break
        judged, seconds = self.points[scene.name] - before, time.monotonic() - started
        print(f"{scene}: {judged} points, {len(self.lost)} broken, {seconds:.0f} s", flush=True)


def main() -> int:
    """Read what is asked for, run it, and tell."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--seed", type=int, default=1)
    reader.add_argument("--count", type=int, default=1_000)
    reader.add_argument("--disks", type=int, default=2, help="how many disks at each moment")
    reader.add_argument("--every", type=int, default=1, help="judge one moment in so many")
    reader.add_argument("--seconds", type=float, default=math.inf, help="stop after so long")
    reader.add_argument("--keep", action="store_true", help="write docs/results/power_cuts.json")
    given = reader.parse_args()
    if not is_installed():
        print(MISSING, file=sys.stderr)
        return 1
    print(f"seed={given.seed}")
    run = Run(given.count, given.disks, given.every, time.monotonic() + given.seconds)
    asyncio.run(run.all(given.seed))
    print(*run.lost[:SHOWN_MAX], sep="\n")
    print(f"{run.points.total()} power cuts, {len(run.lost)} promises broken")
    if given.keep:
        _keep(given.seed, run)
    return 1 if run.lost else 0


def _keep(seed: int, run: Run) -> None:
    points, lost = run.points, run.lost
    keep(
        "power_cuts",
        title="Power cuts, SQLite and the files of a node",
        command=f'make power-cuts COUNT={points.total()} SEED={seed} ARGS="--every {run.every}"',
        lines=[
            Line(
                "power cuts (moment and what was left of the disk)",
                f"{points.total():,}",
                f"{COUNT_AT_LEAST:,}",
                f"{COUNT_AIM:,}",
            ),
            Line("acknowledged things lost, promises broken", f"{len(lost)}", "0", "0"),
            *(Line(name, f"{number:,}") for name, number in sorted(points.items())),
        ],
        notes=NOTES,
        details={"seed": seed, "disks": run.disks, "every": run.every, "broken": lost[:SHOWN_MAX]},
    )


if __name__ == "__main__":
    raise SystemExit(main())
