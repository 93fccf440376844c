"""Which name each municipality goes by here, when it has signed another than its first.

A new name is taken up by itself, since whoever may sign in a municipality's name may also say how
it is spelled; what it may not is look like somebody else. A name that could be taken for another
municipality's, here or in the country's table, is not shown, and an alarm says so. The kommunkod
never changes. All of it is a review of what is stored, done again whenever a profile, a decision
or a succession has come.
"""

from __future__ import annotations

import asyncio

from node.alerts.conditions import NameFacts
from node.errors import ArgumentError
from node.ground.background import finish
from node.ground.ground import Ground
from node.intake.indexer import Indexer
from node.intake.projector import Projector
from node.intake.step import Committed
from node.municipal import municipalities
from node.municipal.likeness import Other, is_readable, likened_to
from node.municipal.naming import municipality_named
from node.municipal.signed_names import SignedName, SignedNames
from protocol.content.lifecycle import CONTINUE_KIND, LEAVE_KIND
from protocol.directory import ACCEPTED_STANDINGS
from protocol.identity import KEY_KIND
from storage.lifecycle_queries import successions
from storage.name_store import NamedLog

RELEVANT_KINDS = frozenset({"inception", "profile", KEY_KIND, LEAVE_KIND, CONTINUE_KIND})


class Names:
    """Reviews names when something relevant was stored; `run` is one task of the node."""

    def __init__(self, ground: Ground, *, projector: Projector, indexer: Indexer) -> None:
        self._store = ground.name_store
        self._own_log = ground.own_log
        self._lifecycle = ground.lifecycle_queries
        self._search = ground.search
        self._clock = ground.clock
        self._logger = ground.logger
        self._projector = projector
        self._indexer = indexer
        self._woken = asyncio.Event()
        self._reviewing = asyncio.Lock()
        self.signed = SignedNames()
        self.refused: tuple[NameFacts, ...] = ()

    def on_committed(self, committed: Committed) -> None:
        """Listener of ingest: wake when an entry of a relevant kind was stored."""
        if committed.settled or any(
            item.entry.header.kind in RELEVANT_KINDS for item in committed.envelopes
        ):
            self._woken.set()

    def on_decided(self, _log: bytes) -> None:
        """Listener of standings: who takes part has changed."""
        self._woken.set()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            await self._woken.wait()
            self._woken.clear()
            try:
                await self._projector.settled(hurried=False)
                await finish(self.review())
            except Exception:  # one review that fails must not end all that come after it
                self._logger.exception("names could not be reviewed")

    async def review(self) -> None:
        """Take up the names that may be shown, and note those that may not."""
        async with self._reviewing:
            rows = [row for row in await self._store.all() if row.standing in ACCEPTED_STANDINGS]
            heirs = successions(await self._lifecycle.all())
            in_force = {row.log: row.name for row in rows}
            refused = []
            for row in rows:
                wanted = row.signed_name if row.signed_code == row.code else None
                if wanted is None or wanted == row.name:
                    continue
                like = self._likened(row, wanted, rows, heirs, in_force)
                if like is not None:
                    refused.append(NameFacts(row.log.hex(), row.code, row.name, wanted, like))
                    continue
                in_force[row.log] = wanted
                await self._take_up(row, wanted)
            self.refused = tuple(refused)
            await self._load()

    async def must_be_free(self, name: str) -> None:
        """Raise `ArgumentError` when our own municipality may not go by this name."""
        rows = [row for row in await self._store.all() if row.standing in ACCEPTED_STANDINGS]
        own = next(row for row in rows if row.log == self._own_log)
        heirs = successions(await self._lifecycle.all())
        like = self._likened(own, name, rows, heirs, {row.log: row.name for row in rows})
        if like == "":
            raise ArgumentError("A name is written with Latin letters, digits and plain signs.")
        if like is not None:
            raise ArgumentError(f"{name!r} could be taken for {like}.")

    def _likened(
        self,
        row: NamedLog,
        wanted: str,
        rows: list[NamedLog],
        heirs: dict[bytes, bytes],
        in_force: dict[bytes, str],
    ) -> str | None:
        """Whose name it is like: empty for unreadable, None for nobody's."""
        if not is_readable(wanted):
            return ""
        others = [Other(one.code, in_force[one.log]) for one in rows if one.code != row.code]
        taken_over = {one.code for one in rows if heirs.get(one.log) == row.log}
        like = likened_to(wanted, row.code, row.name, others, taken_over)
        return like.name if like else None

    async def _take_up(self, row: NamedLog, name: str) -> None:
        since_ms = min(row.signed_ms or 0, self._clock.time_ms())
        await self._store.rename(row.log, name, since_ms)
        await self._search.index_again(row.log_no)
        self._indexer.wake()
        self._logger.info("a municipality has another name", log=row.log, code=row.code)

    async def _load(self) -> None:
        rows = [row for row in await self._store.all() if row.standing in ACCEPTED_STANDINGS]
        codes = [row.code for row in rows]
        self.signed.by_code = {
            row.code: _signed(row.code, row.name)
            for row in rows
            if row.first_name is not None and codes.count(row.code) == 1
        }


def _signed(code: str, name: str) -> SignedName:
    known = municipalities.by_code(code)
    is_usual = known is not None and municipality_named(name) == known
    return SignedName(known.name if known and is_usual else name, name)
