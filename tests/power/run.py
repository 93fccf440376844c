"""`make power-cuts COUNT=…`: power cuts at every moment of what a real node does.

Records a node at each kind of work, with both journals, under new seeds until COUNT points have
been judged; keeps the result only when asked, and ends with 1 when anything was lost.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random

from tests.power.cutting import cut_everywhere
from tests.power.judging import Judge
from tests.power.recording import MISSING, is_installed
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


async def run(seed: int, count: int, disks: int) -> tuple[Counter[str], list[str]]:
    """Judge at least so many points; returns how many of which kind, and what was lost."""
    points: Counter[str] = Counter()
    lost: list[str] = []
    with tempfile.TemporaryDirectory(prefix="tidan-power-") as made:
        templates = Templates(Path(made))
        while points.total() < count:
            for journal in JOURNALS:
                for kind in KINDS:
                    scene = Scene(kind, journal, seed)
                    await _judge(scene, templates, disks, count, points, lost)
            seed += 1
    return points, lost


async def _judge(
    scene: Scene,
    templates: Templates,
    disks: int,
    count: int,
    points: Counter[str],
    lost: list[str],
) -> None:
    if points.total() >= count:
        return
    started, before = time.monotonic(), points[scene.name]
    history = recorded(scene, templates)
    random = Random(f"{scene.name} {scene.seed}")
    async for point in cut_everywhere(history, scene.codes, Judge(), random, disks=disks):
        points[scene.name] += 1
        lost += [f"{scene}: after event {point.event}: {problem}" for problem in point.problems]
        if points.total() >= count:
            break
    judged, seconds = points[scene.name] - before, time.monotonic() - started
    print(f"{scene}: {judged} points, {len(lost)} broken in all, {seconds:.0f} s", flush=True)


def main() -> int:
    """Read what is asked for, run it, and tell."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--seed", type=int, default=1)
    reader.add_argument("--count", type=int, default=1_000)
    reader.add_argument("--disks", type=int, default=2, help="how many disks at each moment")
    reader.add_argument("--keep", action="store_true", help="write docs/results/power_cuts.json")
    given = reader.parse_args()
    if not is_installed():
        print(MISSING, file=sys.stderr)
        return 1
    print(f"seed={given.seed}")
    points, lost = asyncio.run(run(given.seed, given.count, given.disks))
    print(*lost[:SHOWN_MAX], sep="\n")
    print(f"{points.total()} power cuts, {len(lost)} promises broken")
    if given.keep:
        _keep(given, points, lost)
    return 1 if lost else 0


def _keep(given: argparse.Namespace, points: Counter[str], lost: list[str]) -> None:
    keep(
        "power_cuts",
        title="Power cuts, SQLite and the files of a node",
        command=f"make power-cuts COUNT={given.count} SEED={given.seed}",
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
        details={"seed": given.seed, "disks": given.disks, "broken": lost[:SHOWN_MAX]},
    )


if __name__ == "__main__":
    raise SystemExit(main())
