"""A disk that may no longer be written while a node runs on it.

By the kernel: a real file system is turned read-only, as after a failure. Linux makes it writable
again only when it is mounted anew, so the node is started again then. By system calls: each write
and sync of the running node is answered with the same error, for a while, as by a disk on another
machine; then the node has to go on by itself.
"""

from __future__ import annotations

import asyncio
import signal
import subprocess
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from aiohttp import ClientSession

from node_factories import until
from tests.kills.checking import Checking
from tests.kills.load import Load
from tests.kills.served import REFUSED, Served
from tests.processes.broken_disk import BrokenDisk

KERNEL, CALLS = "a file system that the kernel made read-only", "system calls answered so"
TOLD = "disk_unwritable"
PAGES = ("/", "/erfarenheter", "/sok?q=exempel", "/kommuner/9001", "/logga-in")
WRITING = "pwrite64,fsync,fdatasync,ftruncate"
LOAD_SECONDS_MAX = 1.0
WAIT_SECONDS_MAX = 120.0


@dataclass(slots=True)
class Outcome:
    """How often each was played, what was acknowledged, and what broke."""

    turned: Counter[str] = field(default_factory=Counter)
    acknowledged: int = 0
    problems: list[str] = field(default_factory=list)


class ReadOnly:
    """A node on a disk of its own, and writers at it."""

    def __init__(self, disk: BrokenDisk, random: Random) -> None:
        self._disk = disk
        self._random = random
        self.served = Served(disk.place / "nod")
        self._load = Load(self.served, random)
        self._checking = Checking(self.served)
        self.outcome = Outcome()

    async def by_the_kernel(self) -> None:
        """The file system fails under load; the node is ended, and started on it mounted anew."""
        await self._write_a_while()
        self._disk.fail()
        await self._look_while_read_only(KERNEL)
        code = await self.served.stop()
        self._disk.unmount()
        self._disk.mount()
        await self.served.start()
        found = [f"it ended with {code} when it was asked to stop"] if code else []
        await self._look_afterwards(KERNEL, found)

    async def by_system_calls(self) -> None:
        """Writing fails under load and works again later; the node just runs on."""
        await self._write_a_while()
        async with refusing_writes(self.served.process_id):
            await self._look_while_read_only(CALLS)
        await until(self._writes, "the node writes again", WAIT_SECONDS_MAX)
        await self._look_afterwards(CALLS, [])

    async def _write_a_while(self) -> None:
        self._load.refused.clear()
        self._load.begin()
        await asyncio.sleep(self._random.uniform(0, LOAD_SECONDS_MAX))

    async def _look_while_read_only(self, what: str) -> None:
        """Writing is refused with a reason, pages answer, and the person is told."""
        self.outcome.turned[what] += 1
        await until(self._has_refused, f"{what}: the node refuses to write", WAIT_SECONDS_MAX)
        await self._load.end()
        codes = {refusal.partition(":")[0] for refusal in self._load.refused}
        found = [] if codes == {"database_failed"} else [f"refused with {sorted(codes)}"]
        async with ClientSession() as client:
            for page in PAGES:
                async with client.get(f"{self.served.url}{page}") as response:
                    found += [f"{page}: {response.status}"] if response.status != 200 else []
        if not await self._is_told():
            found.append("nobody was told")
        await self.served.ask("status")
        self._add(what, found)

    async def _look_afterwards(self, what: str, found: list[str]) -> None:
        """What was acknowledged is there, the node signs, and nothing needs a person any more."""
        await self._load.publish()
        acknowledged = self._load.take()
        self.outcome.acknowledged += len(acknowledged)
        found += await self._checking.problems(acknowledged)
        found += await self._checking.all_problems()
        if await self._is_told():
            found.append("still told of")
        self._add(what, found)

    def _add(self, what: str, found: list[str]) -> None:
        self.outcome.problems += [f"{what}: {one}" for one in found]

    async def _is_told(self) -> bool:
        examined = await self.served.ask("examine")
        return TOLD in [alert["code"] for alert in examined["alerts"]]

    async def _has_refused(self) -> bool:
        return bool(self._load.refused)

    async def _writes(self) -> bool:
        try:
            await self._load.publish()
        except REFUSED:
            return False
        return True


@asynccontextmanager
async def refusing_writes(process: int) -> AsyncIterator[None]:
    """Have every write and sync of a process and its threads fail, until this is left."""
    faults = ("-e", f"trace={WRITING}", "-e", f"inject={WRITING}:error=EROFS")
    tracing = await asyncio.create_subprocess_exec(
        *("strace", "-f", "-p", str(process), "-o", "/dev/null", *faults),
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert tracing.stderr is not None
    told = await tracing.stderr.readline()
    if b"attached" not in told:
        raise RuntimeError(f"strace could not attach: {told.decode()}")
    try:
        yield
    finally:
        tracing.send_signal(signal.SIGINT)  # it lets go, and the process runs on
        await tracing.wait()


async def run(folder: Path, seed: int, rounds: int) -> Outcome:
    """Turn a disk read-only in both ways, so many times."""
    with BrokenDisk(folder) as disk:
        work = ReadOnly(disk, Random(f"read-only {seed}"))
        await work.served.create()
        await work.served.start()
        try:
            for number in range(rounds):
                await work.by_system_calls()
                await work.by_the_kernel()
                print(f"read-only disk, round {number + 1}", flush=True)
        finally:
            await work.served.kill()
    return work.outcome
