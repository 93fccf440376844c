"""`make power-cuts COUNT=…`: power cuts at every moment of what a real node does.

Records a node at each kind of work, with both journals, under new seeds until COUNT different
disks have been judged. With ``--keep`` those kept before count as well, and what is new adds to
them. Ends with 1 when anything was lost.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import math
import sys
import tempfile
import time
from functools import partial
from itertools import count, product
from pathlib import Path
from random import Random

from node.__main__ import THRESHOLDS
from tests.power.cutting import cut_everywhere
from tests.power.disk_recording import MISSING, is_installed
from tests.power.judging import Judge
from tests.power.scenes import JOURNALS, KINDS, Scene, Templates, recorded
from tests.power.shared_statements import shared_statements
from tests.proof_results import Line, keep
from tests.proof_stretches import Stretches

CUTS, JUDGED = "power cuts", "different disks"
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
The first stretch did not keep which of its cuts left equal disks: it counts in the first line only.
Not modelled: a disk that says it has written what it has not, and a sector of which only a part \
was written.
""".splitlines()


class Run:
    """One run of the programme: what it is to do, and where it adds what it finds."""

    def __init__(
        self, stretches: Stretches, *, count: int, disks: int, every: int, seconds: float
    ) -> None:
        self._stretches = stretches
        self._disks, self._every = disks, every
        self._left = count - stretches.total().get(CUTS, 0)
        self._stop_at = time.monotonic() + seconds

    @property
    def is_over(self) -> bool:
        """Whether there were as many cuts, or as much time has gone, as was asked for."""
        return self._left <= 0 or time.monotonic() >= self._stop_at

    async def all(self, seed: int) -> None:
        """Judge scene after scene, with new seeds, until it is over."""
        with tempfile.TemporaryDirectory(prefix="tidan-power-") as made:
            templates = Templates(Path(made))
            for number in count(seed):
                for kind, journal in product(KINDS, JOURNALS):
                    scene = Scene(kind, journal, number)
                    if self.is_over:
                        return
                    if self._stretches.left(scene.name, [number]):
                        await self._judge(scene, templates)

    async def _judge(self, scene: Scene, templates: Templates) -> None:
        """Judge one scene, or as much of it as is still wanted, and add it."""
        started, counts, lost = time.monotonic(), {CUTS: 0, JUDGED: 0}, list[str]()
        history = recorded(scene, templates)
        random = Random(f"{scene.name} {scene.seed}")
        cuts = cut_everywhere(
            history, scene.codes, Judge(), random, disks=self._disks, every=self._every
        )
        async for point in cuts:
            counts[CUTS] += 1
            counts[JUDGED] += point.is_new
            self._left -= 1
            lost += [f"event {point.event}: {what}" for what in point.problems if point.is_new]
            if self.is_over:
                break
        broken = "; ".join(lost[:SHOWN_MAX]) or None
        self._stretches.add(scene.name, scene.seed, counts, broken)
        print(
            f"{scene}: {counts[CUTS]} cuts, {counts[JUDGED]} different disks, {len(lost)} broken, "
            f"{time.monotonic() - started:.0f} s",
            flush=True,
        )


def main() -> int:
    """Read what is asked for, run it, and tell."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--seed", type=int, default=1)
    reader.add_argument("--count", type=int, default=1_000, help="how many cuts in all")
    reader.add_argument("--disks", type=int, default=2, help="how many disks at each moment")
    reader.add_argument("--every", type=int, default=1, help="judge one moment in so many")
    reader.add_argument("--seconds", type=float, default=math.inf, help="stop after so long")
    reader.add_argument("--keep", action="store_true", help="add to docs/results/power_cuts.json")
    given = reader.parse_args()
    if not is_installed():
        print(MISSING, file=sys.stderr)
        return 1
    print(f"seed={given.seed}")
    arguments = f'"--every {given.every} --keep"'
    command = f"make power-cuts SEED={given.seed} COUNT={given.count} ARGS={arguments}"
    with Stretches("power_cuts", partial(_keep, command) if given.keep else None) as stretches:
        run = Run(stretches, count=given.count, disks=given.disks, every=given.every,
                  seconds=given.seconds)  # fmt: skip
        gc.set_threshold(*THRESHOLDS)
        with shared_statements():
            asyncio.run(run.all(given.seed))
    broken, total = stretches.broken(), stretches.total()
    print(*broken, sep="\n")
    print(f"{total.get(CUTS, 0)} power cuts, {total.get(JUDGED, 0)} different disks, "
          f"{len(broken)} scenes broken")  # fmt: skip
    return 1 if broken else 0


def _keep(command: str, stretches: Stretches) -> None:
    total, broken = stretches.total(), stretches.broken()
    judged, cuts = total.get(JUDGED, 0), total.get(CUTS, 0)
    keep(
        "power_cuts",
        title="Power cuts, SQLite and the files of a node",
        command=command,
        lines=[
            Line("power-cut points (a moment, and what was left of the disk)", f"{cuts:,}",
                 f"{COUNT_AT_LEAST:,}", f"{COUNT_AIM:,}"),
            Line("different disks among them, each opened and judged once", f"{judged:,}"),
            Line("pieces of work in which a promise was broken", f"{len(broken)}", "0", "0"),
            *(Line(part, f"{stretches.total(part).get(CUTS, 0):,}") for part in stretches.parts),
        ],
        notes=NOTES,
        details={"broken": broken},
        stretches=stretches.as_json(),
    )  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(main())
