"""Who is whom: our introductions of neighbours, and what others' introductions lead to here.

Ours: adding a neighbour says "this log is that municipality"; it is signed once the neighbour's
first entry is here, because only that names the log's municipality beyond doubt.

Theirs: a log that one of our members introduces is listed as introduced and waits for a person.
With the policy `auto-k` it is accepted when k of our neighbours introduce it, unless another log
here already claims its kommunkod: then it stays where it is, with an alarm. A log that a person has
decided about is never touched.

Both are reviews of what is stored, so a crash between a cause and its effect costs nothing: the
next one does it.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict

from node.errors import FrozenError, LeftError, RecoveringError
from node.ground.background import finish
from node.ground.ground import Ground
from node.intake.projector import Projector
from node.intake.step import Committed
from node.operations.publish import Publisher
from node.operations.rivals import has_rival
from node.operations.standings import Standings
from protocol.content import Introduction
from protocol.content.lifecycle import CONTINUE_KIND, LEAVE_KIND
from protocol.directory import Standing
from protocol.identity import KEY_KIND, fingerprint
from storage.introduction_queries import IntroductionRow
from storage.lifecycle_queries import successions

RELEVANT_KINDS = frozenset(
    {"inception", "introduction", "withdraw", KEY_KIND, LEAVE_KIND, CONTINUE_KIND}
)


class Introductions:
    """Reviews introductions when something relevant was stored; `run` is one task of the node."""

    def __init__(
        self, ground: Ground, *, standings: Standings, publisher: Publisher, projector: Projector
    ) -> None:
        self._own_log = ground.own_log
        self._introducers_needed = ground.settings.introducers_needed
        self._directory = ground.directory
        self._log_store = ground.log_store
        self._neighbours = ground.neighbours
        self._facts = ground.facts
        self._queries = ground.introduction_queries
        self._lifecycle = ground.lifecycle_queries
        self._logger = ground.logger
        self._standings = standings
        self._publisher = publisher
        self._projector = projector
        self._woken = asyncio.Event()
        self._reviewing = asyncio.Lock()
        self._alarmed: set[bytes] = set()

    def wake(self) -> None:
        """Something changed that may call for a review."""
        self._woken.set()

    def on_committed(self, committed: Committed) -> None:
        """Listener of ingest: wake when an entry of a relevant kind was stored."""
        if any(item.entry.header.kind in RELEVANT_KINDS for item in committed.envelopes):
            self.wake()

    async def run(self) -> None:
        """Work until cancelled; starts with one review of what a crash may have left."""
        self.wake()
        while True:
            await self._woken.wait()
            self._woken.clear()
            try:
                await finish(self.review())
            except Exception:
                self._logger.exception("introductions could not be reviewed")

    async def review(self) -> None:
        """Publish introductions that are due, and decide about logs that were introduced."""
        await self._projector.settled(hurried=False)  # nobody stands and waits for it
        async with self._reviewing:
            introduced = await self._queries.all()
            await self._publish_due(introduced)
            await self._take_in(introduced)

    async def introducers(self) -> dict[bytes, tuple[bytes, ...]]:
        """Who introduces each log, withdrawn introductions left out."""
        found: dict[bytes, tuple[bytes, ...]] = {}
        for row in await self._queries.all():
            found[row.introduced] = (*found.get(row.introduced, ()), row.introducer)
        return found

    async def may_say(self, log: bytes) -> None:
        """A person has added this neighbour: it is introduced, also when it once was withdrawn."""
        await self._facts.put(_fact(log), "")
        self.wake()

    async def _publish_due(self, introduced: list[IntroductionRow]) -> None:
        done = {row.introduced for row in introduced if row.introducer == self._own_log}
        for neighbour in await self._neighbours.all():
            known = await self._log_store.log(neighbour.log)
            if neighbour.log in done or known is None or known.head is None:
                continue
            if await self._facts.get(_fact(neighbour.log)):
                continue  # said once, then withdrawn: never said again by itself
            statement = Introduction(
                log=known.log.hex(),
                code=known.code,
                name=known.name,
                url=neighbour.url,
                fingerprint=fingerprint(known.log),
            )
            try:
                await self._publisher.publish_many("introduction", [statement], until_shown=False)
            except (RecoveringError, FrozenError, LeftError):
                return  # the review after signing resumes does it
            await self._facts.put(_fact(neighbour.log), known.code)

    async def _take_in(self, introduced: list[IntroductionRow]) -> None:
        by_log: dict[bytes, list[IntroductionRow]] = defaultdict(list)
        for row in introduced:
            view = self._directory.get(row.introducer)
            if row.introduced != self._own_log and view is not None and view.accepted:
                by_log[row.introduced].append(row)
        for log, rows in by_log.items():
            await self._decide(log, rows)

    async def _decide(self, log: bytes, rows: list[IntroductionRow]) -> None:
        first = rows[0]
        if await self._standings.introduce(log, first.code, first.name, first.introducer):
            self._logger.info("a log was introduced", log=log, neighbour=first.introducer)
        view = self._directory.get(log)
        if view is None or view.standing is not Standing.INTRODUCED:
            return
        vouching = [row for row in rows if row.introducer in self._directory.neighbours]
        if self._introducers_needed is None or len(vouching) < self._introducers_needed:
            return
        if await self._code_is_taken(log, {row.code for row in vouching}):
            self._alarm(log, first.code)
            return
        reason = f"introduced by {len(vouching)} of our neighbours"
        await self._standings.accept_introduced(log, reason)

    async def _code_is_taken(self, log: bytes, codes: set[str]) -> bool:
        if len(codes) != 1:
            return True  # the introducers do not even agree on who it is
        heirs = successions(await self._lifecycle.all())
        return has_rival(log, codes, await self._log_store.logs(), heirs)

    def _alarm(self, log: bytes, code: str) -> None:
        if log not in self._alarmed:
            self._alarmed.add(log)
            event = "two logs claim one municipality; a person must decide"
            self._logger.error(event, log=log, code=code)


def _fact(log: bytes) -> str:
    return f"introduced:{log.hex()}"
