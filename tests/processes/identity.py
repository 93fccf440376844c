"""What a municipality's identity must outlive: one of each, by real processes on both databases.

A stolen key, a lost machine, an old backup, a copied machine, and a stolen key and a lost machine
at once. `tests/simulation/drills.py` plays the same thousands of times in simulated networks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from node_factories import until
from tests.kills.served import REFUSED, NotReadyError
from tests.processes.beset import WAIT_SECONDS_MAX, Beset
from tests.processes.machines import Disks, on_postgresql, on_sqlite
from tests.processes.started import started

Drill = Callable[[Beset], Awaitable[list[str]]]
"""Something befalls the three and is repaired; returns what is wrong in the end."""
REASON = ("--reason", "Exempel: stulen nyckel")
COPY_MET = "second node"
OLD_BACKUP = "older than the guard"


@dataclass(slots=True)
class Outcome:
    """How many drills ended well, by the title of the database, and what broke."""

    well: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


async def stolen(beset: Beset) -> list[str]:
    """Somebody has the machine's copy and publishes with it; what they sign gives way."""
    last = beset.signing.last_sequence
    thief = await beset.copy()
    await beset.forge(thief, 3)
    await beset.owner.start()
    sees = partial(beset.holds_forged, beset.owner)
    await until(sees, "the owner sees what was signed in its name", WAIT_SECONDS_MAX)
    await beset.rotate("--continue-from", str(last), *REASON)
    await beset.forge_once(thief)
    return await beset.problems(key_number=2, given_way=0)


async def lost(beset: Beset) -> list[str]:
    """The machine is gone, with an entry that nobody else had; a neighbour has the rest."""
    await beset.lose()
    found = await beset.recover()
    return found + await beset.problems(key_number=2, given_way=1)


async def old_backup(beset: Beset) -> list[str]:
    """The database is put back; the node signs nothing until it has its newest entries back."""
    await beset.owner.stop()
    backup = await beset.disks.back_up(beset.owner.place)
    await beset.owner.start()
    await beset.share(3)
    newest = beset.signing.entries[-1].entry
    await beset.owner.kill()
    await beset.stop_neighbours()
    await beset.disks.put_back(beset.owner.place, backup)
    await beset.owner.start()
    found = await beset.owner.refuses(OLD_BACKUP)
    if newest in await beset.own_ids():
        found.append("the backup was not older")
    await beset.start_neighbours()
    await beset.call_neighbours()
    return found + await beset.problems(key_number=1, given_way=0)


async def copied(beset: Beset) -> list[str]:
    """Two machines have one key; both stop signing, one rotates, and only that one goes on."""
    twin = await beset.copy()
    await beset.owner.start()
    await twin.start()
    both = (beset.owner, twin)

    async def have_stopped() -> bool:
        said = [(await one.ask("key_status"))["problem"] or "" for one in both]
        return all(COPY_MET in words for words in said)

    await until(have_stopped, "both copies stop signing", WAIT_SECONDS_MAX)
    found = [problem for one in both for problem in await one.refuses(COPY_MET)]
    await beset.rotate()
    found += await beset.problems(key_number=2, given_way=0)
    return found + await twin.refuses("")


async def stolen_and_lost(beset: Beset) -> list[str]:
    """The machine is gone while somebody with a copy of it publishes."""
    thief = await beset.copy()
    await beset.owner.start()
    await beset.share(2)
    last = beset.signing.last_sequence
    await beset.lose()
    await beset.forge(thief, 3)
    found = await beset.recover("--continue-from", str(last), *REASON)
    await beset.forge_once(thief)
    return found + await beset.problems(key_number=2, given_way=1)


DRILLS: dict[str, Drill] = {
    "stolen key": stolen,
    "lost machine": lost,
    "old backup": old_backup,
    "copied machine": copied,
    "stolen key and lost machine": stolen_and_lost,
}


async def run(folder: Path) -> Outcome:
    """Play each drill once on each kind of database, on both at the same time."""
    outcome = Outcome()
    async with on_sqlite() as folders, on_postgresql() as server:
        kinds: tuple[Disks, ...] = (folders, server)
        for disks in kinds:  # one after the other: in one process two migrations collide
            await disks.prepared(folder / f"{disks.title} empty")
        await asyncio.gather(*(_run_on(disks, folder, outcome) for disks in kinds))
    return outcome


async def _run_on(disks: Disks, folder: Path, outcome: Outcome) -> None:
    outcome.well[disks.title] = 0
    for name, drill in DRILLS.items():
        found = await _play(folder / f"{disks.title} {name}", disks, drill)
        outcome.well[disks.title] += not found
        outcome.problems += [f"{name}, {disks.title}: {one}" for one in found]
        print(f"identity: {name}, {disks.title}: {len(found)} problems", flush=True)


async def _play(folder: Path, disks: Disks, drill: Drill) -> list[str]:
    try:
        async with started(Beset(folder, disks)) as beset:
            return await drill(beset)
    except (AssertionError, NotReadyError, REFUSED) as error:
        return [f"{type(error).__name__}: {error}"]
