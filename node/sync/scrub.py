"""Once a day everything that is stored of logs and files is read and checked, at a gentle pace.

A disk may change what nobody reads for years. What is found is mended at once where that is
possible (node/sync/mender.py for entries; files are removed and fetched again). A check that a
restart broke off goes on where it was.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import asdict, dataclass, replace

from node.ground.ground import Ground
from node.sync.blobs import BlobCarrier
from node.sync.mender import Mender
from storage.errors import StorageError
from storage.log_walk import LogWalk
from storage.run_scan import BEFORE_ALL
from storage.settings_store import SCRUBBED, SCRUBBING

FIRST_SECONDS = 5 * 60.0
"""After a start others come first."""
LOOK_SECONDS = 60.0
HOUR_MS = 60 * 60 * 1000
KEEP_BYTES = 32_000_000
"""A crash makes it read at most so much again, and one log's last run."""
FILES_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class ScrubResult:
    """What a check came to; counts of what was found, mended since or not."""

    begun_ms: int
    ended_ms: int = 0
    entries: int = 0
    files: int = 0
    size_bytes: int = 0
    damaged_entries: int = 0
    damaged_files: int = 0
    unreadable_logs: int = 0
    """Logs of which the database gives no rows, or rows that do not add up to the log."""


@dataclass(frozen=True, slots=True)
class _Place:
    """How far a check has come, as it is kept."""

    result: ScrubResult
    log_no: int = 0
    key: int = BEFORE_ALL
    digest: str = ""


class Scrub:
    """Checks by itself while `run` runs, and when somebody asks."""

    def __init__(self, ground: Ground, mender: Mender, blobs: BlobCarrier) -> None:
        self._hours = ground.settings.scrub_hours
        self._bytes_per_second = ground.settings.scrub_mb_per_second * 1_000_000
        self._walker = ground.walker
        self._blob_store = ground.blob_store
        self._facts = ground.facts
        self._clock = ground.clock
        self._logger = ground.logger
        self._mender = mender
        self._blobs = blobs
        self._busy = asyncio.Lock()
        self._hurried = asyncio.Event()
        self._unkept_bytes = 0

    async def last(self) -> ScrubResult | None:
        """What the last check came to; None before the first has ended."""
        kept = await self._facts.get(SCRUBBED)
        return ScrubResult(**json.loads(kept)) if kept else None

    async def run(self) -> None:
        """Check whenever it is due, until cancelled."""
        await asyncio.sleep(FIRST_SECONDS)
        while True:
            try:
                if await self._is_due():
                    async with self._busy:
                        await self._check()
            except StorageError:
                self._logger.exception("what is stored could not be checked")
            await asyncio.sleep(LOOK_SECONDS)

    async def now(self) -> ScrubResult:
        """Check everything now, as fast as it goes; one that is under way is taken to its end."""
        self._hurried.set()
        try:
            async with self._busy:
                return await self._check()
        finally:
            self._hurried.clear()

    async def _is_due(self) -> bool:
        if not self._hours:
            return False
        last = await self.last()
        is_broken_off = await self._facts.get(SCRUBBING)
        if is_broken_off or not last:
            return True
        # One that seems to begin later was begun while the clock was wrong.
        passed_ms = self._clock.time_ms() - last.begun_ms
        return not 0 <= passed_ms < self._hours * HOUR_MS

    async def _check(self) -> ScrubResult:
        place = await self._begin()
        place = await self._check_logs(place)
        place = await self._check_files(place)
        result = replace(place.result, ended_ms=self._clock.time_ms())
        await self._facts.put_many({SCRUBBED: json.dumps(asdict(result)), SCRUBBING: ""})
        await self._mender.mend_all()
        found = result.damaged_entries or result.damaged_files or result.unreadable_logs
        say = self._logger.error if found else self._logger.info
        say("everything stored was checked", **asdict(result))
        return result

    async def _begin(self) -> _Place:
        kept = await self._facts.get(SCRUBBING)
        if not kept:
            return _Place(ScrubResult(self._clock.time_ms()))
        values = json.loads(kept)
        return _Place(**values | {"result": ScrubResult(**values["result"])})

    async def _check_logs(self, place: _Place) -> _Place:
        while not place.digest:
            walk = await self._walker.begin(place.log_no, place.key)
            if walk is None:
                return replace(place, digest="00" * 32)
            place = replace(place, log_no=walk.end.log_no)
            try:
                place = await self._walk(walk, place)
            except StorageError:
                self._logger.exception("a log could not be read to be checked", log=walk.end.log)
                result = place.result
                unreadable = replace(result, unreadable_logs=result.unreadable_logs + 1)
                place = replace(place, result=unreadable)
            place = replace(place, log_no=walk.end.log_no + 1, key=BEFORE_ALL)
        return place

    async def _walk(self, walk: LogWalk, place: _Place) -> _Place:
        before = place.result
        while size_bytes := await walk.step():
            entries = before.entries + walk.entry_count
            read = replace(
                place.result, entries=entries, size_bytes=place.result.size_bytes + size_bytes
            )
            place = replace(place, result=read, key=walk.key)
            await self._pause(size_bytes, place)
        gaps = await walk.found(self._clock.time_ms())
        if gaps:
            await self._mender.tell(walk.end.log, gaps)
        if walk.contradicts:
            self._logger.error("a log does not add up though no run has changed", log=walk.end.log)
        count = place.result.damaged_entries + sum(gap.entry_count for gap in gaps)
        unreadable = place.result.unreadable_logs + walk.contradicts
        found = replace(place.result, damaged_entries=count, unreadable_logs=unreadable)
        return replace(place, result=found)

    async def _check_files(self, place: _Place) -> _Place:
        while held := await self._blob_store.held_after(bytes.fromhex(place.digest), FILES_AT_ONCE):
            for blob in held:
                is_whole = await self._blobs.recheck(blob)
                result = replace(
                    place.result,
                    files=place.result.files + 1,
                    size_bytes=place.result.size_bytes + blob.size_bytes,
                    damaged_files=place.result.damaged_files + (not is_whole),
                )
                place = replace(place, result=result, digest=blob.digest.hex())
                await self._pause(blob.size_bytes, place)
        return place

    async def _pause(self, size_bytes: int, place: _Place) -> None:
        """Keep the place now and then, and wait so long that the pace is kept, unless hurried."""
        self._unkept_bytes += size_bytes
        if self._unkept_bytes >= KEEP_BYTES:
            self._unkept_bytes = 0
            await self._facts.put(SCRUBBING, json.dumps(asdict(place)))
        if not self._hurried.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(size_bytes / self._bytes_per_second):
                    await self._hurried.wait()
