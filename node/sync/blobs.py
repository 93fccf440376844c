"""Files that records name: fetched from neighbours, written to disk, passed on.

`protocol.blob_traffic` decides what is asked of whom; here it is fed with what the records name and
is not held, a bounded number at a time, those tried least lately first. What nobody can give goes
to the end of the line. Pieces are written one after another; the next ones are asked for when the
disk has taken these. A failure here concerns that one file and is tried again later.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable

from node.ground.ground import Ground
from protocol.blob_messages import Blob
from protocol.blob_traffic import BlobEnd, BlobTraffic
from protocol.effects import BlobArrived, Effect, SupplyBlob
from protocol.limits import BLOB_RETRY_MS
from storage.blob_files import GrowingFile
from storage.errors import StorageError
from storage.settings_store import DAMAGE_MET

FETCHED_AT_ONCE_MAX = 200
"""Files handed to the traffic; only a few of them are under way."""
LOOK_SECONDS = 15.0
GATHER_SECONDS = 0.2
"""Entries that come one after another are looked through together."""


class BlobCarrier:
    """The files of one node; `run` and `write` are two of its tasks."""

    def __init__(
        self, ground: Ground, *, traffic: BlobTraffic, perform: Callable[[Iterable[Effect]], None]
    ) -> None:
        self._store = ground.blob_store
        self._files = ground.blob_files
        self._damage = ground.walker.damage
        self._facts = ground.facts
        self._quota = ground.settings.attachment_quota
        self._clock = ground.clock
        self._logger = ground.logger
        self._traffic = traffic
        self._perform = perform
        self._woken = asyncio.Event()
        self._everything = True
        self._fed_ms = 0
        self._growing: dict[Blob, GrowingFile] = {}
        self._arrived: asyncio.Queue[BlobArrived] = asyncio.Queue()

    def wake(self, *, everything: bool = False) -> None:
        """Records may name new files; or, with `everything`, somebody new may be asked."""
        self._everything = self._everything or everything
        self._woken.set()

    async def run(self) -> None:
        """Look for files to fetch until cancelled."""
        while True:
            try:
                await self._tell()
                await self._feed()
            except StorageError:
                self._logger.exception("files to fetch could not be looked up")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._woken.wait()
            await asyncio.sleep(GATHER_SECONDS)
            self._woken.clear()

    async def write(self) -> None:
        """Write what arrives until cancelled."""
        while True:
            await self._take(await self._arrived.get())

    async def hold(self, growing: GrowingFile) -> Blob:
        """Keep an uploaded file; raises storage errors.

        It is given to nobody before a record names it.
        """
        blob = await asyncio.to_thread(growing.finish)
        await self._store.hold(blob, self._clock.time_ms())
        self.wake()
        return blob

    # --- fetching -------------------------------------------------------------------------

    async def _feed(self) -> None:
        now_ms = self._clock.time_ms()
        given_up = self._traffic.give_up(self._clock.monotonic_ms())
        for blob in given_up:
            self._growing.pop(blob, None)
        everything, self._everything = self._everything, False
        if everything or now_ms < self._fed_ms:
            await self._store.forget_tries_after(now_ms)
        self._fed_ms = now_ms
        tried_before_ms = now_ms + 1 if everything else now_ms - BLOB_RETRY_MS
        room = FETCHED_AT_ONCE_MAX - self._traffic.count
        found = await self._store.wanted(room, tried_before_ms, self._quota)
        tried = [*given_up, *found.fitting, *found.without_room]
        await self._store.note_tried(tried, now_ms)
        if found.without_room:
            self._logger.warning("no room for attachments", files=len(found.without_room))
        for blob in found.fitting:
            await self._want(blob)

    async def _want(self, blob: Blob) -> None:
        if self._traffic.wants(blob):
            return
        if await asyncio.to_thread(self._files.is_whole, blob):
            await self._store.hold(blob, self._clock.time_ms())
            self._perform(self._traffic.held(blob))
            return
        growing = await asyncio.to_thread(self._files.receive, blob)
        if growing.size_bytes == blob.size_bytes:  # whole and yet wrong
            await asyncio.to_thread(growing.discard)
            growing = await asyncio.to_thread(self._files.receive, blob)
        self._growing[blob] = growing
        now_ms = self._clock.monotonic_ms()
        self._perform(self._traffic.want(blob, growing.size_bytes, now_ms))

    async def offered(self, blob: Blob) -> None:
        """A neighbour has a file by now; want it if it is still wanted."""
        if self._traffic.count < FETCHED_AT_ONCE_MAX and await self._store.is_wanted(blob):
            await self._want(blob)

    def arrived(self, effect: BlobArrived) -> None:
        """A piece came; few are under way at once, so few wait here."""
        self._arrived.put_nowait(effect)

    async def _take(self, effect: BlobArrived) -> None:
        blob, attempt = effect.blob, effect.attempt
        try:
            size_bytes = await self._append(effect)
            if size_bytes < blob.size_bytes:
                self._perform(self._traffic.written(blob, attempt, size_bytes))
                return
            end = await self._finish(blob)
        except StorageError:
            self._logger.exception("a piece of an attachment could not be kept")
            self._growing.pop(blob, None)
            end = BlobEnd.FAILED
        now_ms = self._clock.monotonic_ms()
        self._perform(self._traffic.finished(blob, attempt, end, now_ms))
        if self._traffic.count < FETCHED_AT_ONCE_MAX // 2:
            self._woken.set()

    async def _append(self, effect: BlobArrived) -> int:
        growing = self._growing.get(effect.blob)
        if growing is None or (effect.offset == 0 and growing.size_bytes):
            growing = await asyncio.to_thread(self._files.receive, effect.blob)
            if effect.offset == 0 and growing.size_bytes:
                await asyncio.to_thread(growing.discard)
                growing = await asyncio.to_thread(self._files.receive, effect.blob)
            self._growing[effect.blob] = growing
        if growing.size_bytes != effect.offset:
            raise StorageError("a partial attachment was changed by somebody else")
        await asyncio.to_thread(growing.append, effect.data)
        return growing.size_bytes

    async def _finish(self, blob: Blob) -> BlobEnd:
        growing = self._growing.pop(blob)
        if growing.digest != blob.digest:
            await asyncio.to_thread(growing.discard)
            return BlobEnd.WRONG
        await asyncio.to_thread(growing.finish)
        await self._store.hold(blob, self._clock.time_ms())
        self._logger.debug("an attachment came", digest=blob.digest, size_bytes=blob.size_bytes)
        return BlobEnd.HELD

    # --- passing on -----------------------------------------------------------------------

    async def supply(self, effect: SupplyBlob) -> None:
        """Answer a neighbour's request: with the bytes, or with nothing."""
        data = None
        try:
            if await self._store.may_pass_on([effect.piece.blob]):
                data = await self.read(*effect.piece)
        finally:  # a request without an answer would hold up all others of the session
            self._perform(self._traffic.supply(effect.link, effect.piece, data))
            if data is None:  # it may have come, or been named, since that was looked up
                self.wake()

    async def _tell(self) -> None:
        """Tell neighbours of files that they asked for in vain and that can be given by now."""
        for blob in await self._store.may_pass_on(self._traffic.asked_in_vain()):
            self._perform(self._traffic.held(blob))

    async def read(self, blob: Blob, offset: int, length: int) -> bytes | None:
        """Return a piece of a file; one that the disk has changed is given to nobody."""
        if not await self.is_whole(blob):
            return None
        return await asyncio.to_thread(self._files.read, blob, offset, length)

    async def is_whole(self, blob: Blob) -> bool:
        """Whether a file that should be here is what its name says; else it is fetched anew."""
        if await asyncio.to_thread(self._files.is_whole, blob):
            return True
        self._logger.error("an attachment is gone or changed on disk", digest=blob.digest)
        await asyncio.to_thread(self._files.remove, blob.digest)
        await self._store.lose(blob)
        now_ms = self._clock.time_ms()
        await self._damage.note_file(blob, now_ms)
        await self._facts.put(DAMAGE_MET, str(now_ms))
        self.wake()
        return False

    async def recheck(self, blob: Blob) -> bool:
        """The same, without relying on having looked before."""
        self._files.forget_checked(blob)
        return await self.is_whole(blob)
