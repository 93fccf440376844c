"""Small worlds about what lies on the disk: real tables, the real guard file, the real invites."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, cast

from sqlalchemy import select

from content_factories import an_experience
from factories import START_MS, LogMaker
from fold_memory import Memory
from migrated import put_migrated
from node.ground.ground import Ground
from node.sync.invites import Invites
from protocol.content import Experience, RootContent, Withdraw
from protocol.directory import Directory
from simulation.scenario import Outcome
from simulation.small_world import judged, must
from storage import schema
from storage.database import Database
from storage.guard_file import GuardFile
from storage.invite_store import InviteStore
from storage.log_store import LogStore
from storage.projections import Projections
from storage_factories import deliver, logged, some_content, write

HOUR_MS = 3_600_000


def projected(seed: int) -> Outcome:
    """What the tables say hangs on the logs alone: neither on arrival, clocks nor batches."""

    async def play(folder: Path) -> None:
        random = Random(seed)
        makers = _logs_under_bad_clocks(random)
        model = Memory()
        for maker in makers:
            model.take(logged(maker))
        digests = set()
        for order in (makers, makers[::-1]):
            database = await _opened(folder / str(len(digests)))
            try:
                await deliver(LogStore(database), order, random)
                projections = Projections(database)
                while await projections.catch_up(random.randint(1, 30)):
                    pass
                digests.add(await projections.digest())
                _compare(await _rows(database), model)
            finally:
                await database.close()
        must(len(digests) == 1, "another order of arrival gives other tables")

    return judged(seed, lambda _: _in_folder(play))


def _logs_under_bad_clocks(random: Random) -> list[LogMaker]:
    """Logs that answer, replace and withdraw each other's, by machines whose clocks jump."""
    makers = [LogMaker(number, code=f"14{number:02}") for number in range(1, 4)]
    targets = [maker.log for maker in makers]
    records: list[bytes] = []
    for _ in range(90):
        maker = random.choice(makers)
        maker.time_ms = START_MS + random.randrange(1_000 * HOUR_MS)
        kind, content = _some_content(random, targets[-6:], records[-3:])
        entry = write(maker, kind, content).entry
        targets.append(entry.id)
        if isinstance(content, Experience) and content.replaces is None:
            records.append(entry.id)
    return makers


def _some_content(
    random: Random, targets: list[bytes], records: list[bytes]
) -> tuple[str, RootContent | bytes]:
    """Content of any kind, half of it edits and withdrawals of the newest records."""
    if records and random.random() < 0.5:
        record, number = random.choice(records).hex(), random.randrange(1_000)
        if random.random() < 0.5:
            return "experience", an_experience(title=f"Exempel {number}", replaces=record)
        return "withdraw", Withdraw(target=record, reason=f"Exempel {number}")
    return some_content(random, targets)


async def _rows(database: Database) -> dict[str, list[Any]]:
    tables = (schema.records, schema.comments, schema.uses)
    found = {}
    async with database.read() as connection:
        for table in tables:
            statement = select(schema.logs.c.log_id, *table.columns).join(
                schema.logs, schema.logs.c.log_no == table.c.log_no
            )
            found[table.name] = list((await connection.execute(statement)).all())
    return found


def _compare(rows: dict[str, list[Any]], model: Memory) -> None:
    records = {
        row.record_id: (row.log_id, row.version_id, row.version_count, row.withdrawn)
        for row in rows["records"]
    }
    expected = {
        record_id: (
            record.log,
            record.versions[-1].entry_id,
            len(record.versions),
            record.withdrawn,
        )
        for record_id, record in model.records.items()
    }
    must(records == expected, "the records are not what the logs say")
    comments = {row.entry_id: row.withdrawn for row in rows["comments"]}
    standing = {entry: comment.withdrawn for entry, comment in model.comments.items()}
    must(comments == standing, "the comments are not what the logs say")
    uses = {(row.log_id, row.record_id): row.entry_id for row in rows["uses"]}
    used = {place: use.entry_id for place, use in model.uses.items()}
    must(uses == used, "the uses are not what the logs say")


def torn_guard(seed: int) -> Outcome:
    """However a power cut tears the guard file, it says the head before or the one after."""

    async def play(folder: Path) -> None:
        random, path = Random(seed), folder / "guard"
        guard = GuardFile(path)
        heads = [(1, random.randbytes(32))]
        guard.write(*heads[0])
        for _ in range(40):
            before = path.read_bytes()
            heads.append((heads[-1][0] + random.randint(1, 3), random.randbytes(32)))
            guard.advance(*heads[-1])
            after = path.read_bytes()
            changed = [at for at in range(len(after)) if before[at : at + 1] != after[at : at + 1]]
            torn = random.choice(changed)
            path.write_bytes(after[:torn] + before[torn:])
            found = GuardFile(path).read()
            must(found is not None, "a torn guard cannot be read")
            must(found in heads[-2:], "a torn guard says what was never written")
            path.write_bytes(after)
            guard.advance(*heads[-2])
            must(guard.read() == heads[-1], "the guard went back")

    return judged(seed, lambda _: _in_folder(play))


class _Clock:
    """A clock that the world sets."""

    now_ms = START_MS

    def time_ms(self) -> int:
        """The time of the world."""
        return self.now_ms


@dataclass
class _Parts:
    """What invites need of a node's ground."""

    invite_store: InviteStore
    clock: _Clock = field(default_factory=_Clock)
    directory: Directory = field(default_factory=Directory)

    async def started(self) -> Invites:
        """The invites of a node that has just started."""
        invites = Invites(cast("Ground", self))
        await invites.load()
        return invites


def invited(seed: int) -> Outcome:
    """An invite serves the first log that shows it in time, over restarts, and no other."""

    async def play(folder: Path) -> None:
        random = Random(seed)
        database = await _opened(folder)
        try:
            parts = _Parts(InviteStore(database))
            await _use_invites(parts, random)
        finally:
            await database.close()

    return judged(seed, lambda _: _in_folder(play))


async def _use_invites(parts: _Parts, random: Random) -> None:
    first, second, digest, late = (random.randbytes(32) for _ in range(4))
    invites = await parts.started()
    for key in (digest, late):
        await invites.make(key, "Exempel", "exempel", parts.clock.now_ms + HOUR_MS)
    claimed = invites.claim(digest, first)
    assert claimed is not None
    await parts.invite_store.claim(claimed.number, first, parts.clock.now_ms)
    must(invites.claim(digest, second) is None, "an invite served two")
    invites = await parts.started()
    must(invites.claim(digest, second) is None, "after a restart an invite served two")
    must(invites.claim(digest, first) is not None, "the first can no longer show it")
    parts.clock.now_ms += 2 * HOUR_MS
    must(invites.claim(late, second) is None, "an invite served after its time")
    await invites.close(first)
    must(invites.claim(digest, first) is None, "an invite served after the decision")


async def _opened(folder: Path) -> Database:
    await asyncio.to_thread(folder.mkdir, exist_ok=True)
    await put_migrated(folder)
    return await Database.open(folder)


def _in_folder(play: Callable[[Path], Awaitable[None]]) -> None:
    async def run() -> None:
        with TemporaryDirectory(prefix="tidan-world-") as folder:
            await play(Path(folder))

    asyncio.run(run())
