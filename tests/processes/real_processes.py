"""`make processes`: real processes under what a machine does to them, and what it came to.

An earlier version of the program between two of this one, a disk that turns read-only, networks
that are cut, clocks that jump, keys and machines that are stolen, lost or copied. Needs root:
everything it mounts, connects and starts lives in name spaces of its own and is gone when it ends,
however that comes. Keeps the result only when asked.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from node_factories import LOOPBACK_NETWORKS
from tests.processes import clocks, identity, partitions, read_only
from tests.processes.enclosed import EnclosureError, enclose
from tests.processes.old_program import EARLIER, HistoryError, taken_out
from tests.processes.started import started
from tests.processes.versions import Between, refusing, side_by_side, upgrading
from tests.proof_results import Line, keep

SHOWN_MAX = 20
NOTICED_SECONDS_MAX = 45.0
"""A heartbeat and a half (node/sync/link.py) is 30 s; the rest is for a busy machine."""
EQUAL_SECONDS_MAX = 60.0


@dataclass(slots=True)
class Part:
    """What one part came to: its lines on the page, its remarks, and what broke."""

    lines: list[Line] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


async def earlier_versions(folder: Path, _seed: int, _rounds: int) -> Part:
    """Each earlier version carries, is upgraded, and refuses what is newer."""
    part, well = Part(), 0
    for earlier in EARLIER:
        short = earlier.commit[:7]
        place = folder / short
        place.mkdir()
        with taken_out(earlier.commit) as program:
            async with started(Between(place, program)) as trio:
                found = await side_by_side(trio) + await upgrading(trio) + await refusing(trio)
        well += not found
        part.problems += [f"version {short}: {one}" for one in found]
        part.notes.append(
            f"Earlier version {short} speaks version {earlier.protocol} of the protocol; it lacks "
            f"{earlier.lacks}."
        )
        print(f"earlier version {short}: {len(found)} problems", flush=True)
    figure = "earlier versions: carried all between two of this one, and upgraded"
    part.lines.append(Line(figure, f"{well} of {len(EARLIER)}", f"{len(EARLIER)}"))
    part.notes.append(
        "Between two nodes of this version that never meet, an earlier one carries records, a file "
        "of 315 kB, a rotated key and kinds of entries it has never heard of. This version then "
        "opens its folder: same entries, same users, every signature verified, equal to the "
        "others, and it signs on. The earlier one refuses to open it again."
    )
    return part


async def disks(folder: Path, seed: int, rounds: int) -> Part:
    """A disk turns read-only while a node writes to it."""
    outcome = await read_only.run(folder, seed, rounds)
    lines = [
        Line(f"disk read-only under load: {what}", f"{count}")
        for what, count in sorted(outcome.turned.items())
    ]
    lines.append(Line("entries acknowledged around that", f"{outcome.acknowledged:,}"))
    note = (
        "Read-only: writing is refused with a reason, pages answer, `tidan doctor` and the page "
        "Att åtgärda say so. The file system is an ext4 that the kernel made read-only; Linux "
        "makes it writable only when it is mounted anew, and the node is started then. Where only "
        "system calls are answered so (EROFS by strace), the node goes on by itself."
    )
    return Part(lines, [note], outcome.problems)


async def networks(folder: Path, seed: int, rounds: int) -> Part:
    """Four nodes in networks of their own are cut apart and joined."""
    outcome = await partitions.run(folder, seed, rounds)
    slowest, healed = max(outcome.noticed_seconds.values()), outcome.equal_seconds
    problems = [*outcome.problems]
    if slowest > NOTICED_SECONDS_MAX:
        problems.append(f"a cut was noticed after {slowest:.0f} s only")
    if healed > EQUAL_SECONDS_MAX:
        problems.append(f"all were equal {healed:.0f} s after healing only")
    cuts = sorted(outcome.cuts.items())
    lines = [
        *(Line(f"networks cut: {way}", f"{count}") for way, count in cuts),
        Line("a cut noticed by all its ends, slowest", f"{slowest:.0f} s", "at most 45 s"),
        Line("after healing: all equal and connected, slowest", f"{healed:.0f} s", "at most 60 s"),
        Line("entries acknowledged, networks cut and whole", f"{outcome.acknowledged:,}"),
    ]
    note = (
        f"Networks: {partitions.COUNT} nodes in a ring of name spaces, veth and a bridge; everybody"
        " writes while apart. Dropped packets tell nobody, so an end notices by the heartbeat, "
        "after 30 s at most beside a machine's own delays. Each cut lasts until all ends have "
        "noticed; after a longer one a neighbour is called again within half a minute."
    )
    return Part(lines, [note], problems)


async def clock_jumps(folder: Path, seed: int, rounds: int) -> Part:
    """A node's clock jumps by years while it runs."""
    outcome = await clocks.run(folder, seed, rounds)
    lines = [
        Line("jumps of a running node's clock, back a year and forward ten", f"{outcome.jumps}"),
        Line("of these with the node killed and started at the wrong time", f"{outcome.kills}"),
        Line("entries acknowledged while the clock jumped", f"{outcome.acknowledged:,}"),
    ]
    note = (
        "Clocks: the program's one clock (node/clock.py) is wrong by what a file says; the "
        "machine's own stays right, and so does the one that drives time-outs."
    )
    return Part(lines, [note], outcome.problems)


async def identities(folder: Path, _seed: int, _rounds: int) -> Part:
    """Keys and machines are stolen, lost, put back and copied."""
    outcome = await identity.run(folder)
    count, what = len(identity.DRILLS), " · ".join(identity.DRILLS)
    lines = [
        Line(f"identity: {what}, on {title}", f"{well} of {count}", f"{count}")
        for title, well in outcome.well.items()
    ]
    note = (
        "Identity: an owner on that database and two neighbours on SQLite, each a process; copies "
        "and thieves as well, and a thief runs on while the owner repairs. In the end all hold the "
        "same, no log is frozen, every signature verifies, nothing forged is held by anybody, what "
        "the owner had acknowledged is there or lay on the lost machine alone and has given way to "
        "the rotation, and nobody else has signed two entries at one number with one key."
    )
    return Part(lines, [note], outcome.problems)


PARTS: dict[str, Callable[[Path, int, int], Awaitable[Part]]] = {
    "versions": earlier_versions,
    "disks": disks,
    "networks": networks,
    "clocks": clock_jumps,
    "identity": identities,
}


async def play(names: Iterable[str], seed: int, rounds: int) -> list[Part]:
    """Play these parts, one after the other, each in a folder that goes away."""
    parts = []
    for name in names:
        with tempfile.TemporaryDirectory(prefix="tidan-processes-") as folder:
            parts.append(await PARTS[name](Path(folder), seed, rounds))
    return parts


def main() -> int:
    """Read what is asked for, play it, and tell."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--seed", type=int, default=1)
    reader.add_argument("--rounds", type=int, default=1, help="of disks, networks and clocks")
    reader.add_argument("--only", choices=[*PARTS], action="append")
    reader.add_argument("--keep", action="store_true", help="write docs/results/processes.json")
    given = reader.parse_args()
    if given.keep and given.only:
        reader.error("only a result of all parts is kept")
    try:
        enclose("tests.processes.real_processes")
    except EnclosureError as error:
        print(f"make processes: {error}", file=sys.stderr)
        return 2
    os.environ["TIDAN_NEIGHBOUR_NETWORKS"] = " ".join(LOOPBACK_NETWORKS)
    print(f"seed={given.seed}", flush=True)
    try:
        parts = asyncio.run(play(given.only or PARTS, given.seed, given.rounds))
    except HistoryError as error:
        print(f"make processes: {error}", file=sys.stderr)
        return 2
    problems = [problem for part in parts for problem in part.problems]
    for part in parts:
        for line in part.lines:
            print(f"{line.figure}: {line.measured}")
    print(f"{len(problems)} problems", *problems[:SHOWN_MAX], sep="\n")
    if given.keep:
        _keep(given, parts, problems)
    return 1 if problems else 0


def _keep(given: argparse.Namespace, parts: list[Part], problems: list[str]) -> None:
    lines = [line for part in parts for line in part.lines]
    broken = Line("acknowledged entries lost, promises broken", f"{len(problems)}", "0", "0")
    keep(
        "processes",
        title="Real processes: versions, disks, networks, clocks, identity",
        command=f"make processes ROUNDS={given.rounds} SEED={given.seed} ARGS=--keep",
        lines=[*lines, broken],
        notes=[note for part in parts for note in part.notes],
        details={"seed": given.seed, "problems": problems[:SHOWN_MAX]},
    )


if __name__ == "__main__":
    raise SystemExit(main())
