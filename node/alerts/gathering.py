"""The facts that conditions are made of, gathered from a node as it is now."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections import Counter
from collections.abc import Callable

from node.alerts.conditions import (
    CertificateFacts,
    DamageFacts,
    DiskFacts,
    FileRoom,
    ForkFacts,
    NameFacts,
    NeighbourFacts,
    NodeFacts,
    QuotaFacts,
    ScrubFacts,
)
from node.alerts.outside import Outside
from node.ground.background import Background
from node.ground.ground import Ground
from node.sync.driver import Sync
from storage.alert_store import Raised
from storage.durable_file import is_writable
from storage.log_registry import LogRow
from storage.neighbour_views import Neighbour
from storage.settings_store import DAMAGE_MET, SCRUBBED

SIGHTING_MS = 10 * 60 * 1000
"""How often it is kept that a session works."""


class Gathering:
    """Reads what a node knows of itself and its neighbours."""

    def __init__(
        self,
        ground: Ground,
        sync: Sync,
        background: Background,
        outside: Outside,
        names_refused: Callable[[], tuple[NameFacts, ...]],
    ) -> None:
        self._ground = ground
        self._sync = sync
        self._background = background
        self._outside = outside
        self._names_refused = names_refused
        self._serving_since: int | None = None
        self._sighted_ms: int | None = None

    def begin_serving(self) -> None:
        """From now on neighbours are dialled."""
        self._serving_since = self._ground.clock.monotonic_ms()

    @property
    def serves(self) -> bool:
        """Whether neighbours are dialled."""
        return self._serving_since is not None

    async def facts(self, held: tuple[Raised, ...], failing_since_ms: int | None) -> NodeFacts:
        """All facts; `held` is what was open, `failing_since_ms` concerns the webhook."""
        ground, now_ms = self._ground, self._ground.clock.time_ms()
        rows = {row.log: row for row in await ground.log_store.logs()}
        neighbours = await ground.neighbours.all()
        disk = await asyncio.to_thread(self._disk)
        if disk.is_writable:
            await self._note_sightings(neighbours, now_ms)
        left = await self._left()
        domain = await self._domain()
        origins = self._origins(neighbours, left)
        return NodeFacts(
            now_ms=now_ms,
            serving_ms=self._serving_ms(),
            neighbours=await self._neighbours(neighbours, rows, left),
            forks=await self._forks(rows),
            recovering=ground.recovery.log_reason,
            waits_for_answers=ground.recovery.waits_for_answers,
            is_copied=ground.recovery.is_copied,
            has_other_key=ground.recovery.has_other_key,
            needs_new_key=ground.recovery.needs_new_key,
            tasks_healthy=self._background.healthy,
            disk=disk,
            files_without_room=await self._without_room(rows),
            quotas_reached=self._quotas_reached(rows),
            names_refused=self._names_refused(),
            damage=await self._damage(rows),
            certificates=self._certificates(origins, rows),
            confirmation=self._outside.confirmation(domain) if domain else None,
            key_since_ms=await self._key_since_ms(),
            webhook_failing_since_ms=failing_since_ms,
            unasked=self._unasked(origins, domain),
            open=held,
        )

    async def ask_outside(self, lately_ms: int) -> None:
        """Ask what only others know, unless they were asked so lately."""
        origins = self._origins(await self._ground.neighbours.all(), await self._left())
        now_ms = self._ground.clock.time_ms()
        await self._outside.ask(origins, await self._domain(), now_ms, lately_ms)

    def _serving_ms(self) -> int | None:
        if self._serving_since is None:
            return None
        return self._ground.clock.monotonic_ms() - self._serving_since

    async def _left(self) -> frozenset[bytes]:
        """The logs whose municipality has left the network."""
        said = await self._ground.lifecycle_queries.all()
        return frozenset(log for log, one in said.items() if one.left_ms is not None)

    async def _neighbours(
        self,
        neighbours: list[Neighbour],
        rows: dict[bytes, LogRow],
        left: frozenset[bytes],
    ) -> tuple[NeighbourFacts, ...]:
        connected = self._connected(neighbours)
        sighted = await self._ground.alert_store.sightings()
        found = []
        for one in neighbours:
            row = rows.get(one.log)
            begun = (one.outgoing.success_ms, one.incoming.success_ms, sighted.get(one.log))
            found.append(
                NeighbourFacts(
                    log=one.log.hex(),
                    code=row.code if row else "",
                    name=(row.name if row else "") or one.name or one.url or one.log.hex()[:16],
                    added_ms=one.added_ms,
                    seen_ms=max((time for time in begun if time is not None), default=None),
                    connected=one.log in connected,
                    paused=one.paused,
                    has_left=one.log in left,
                )
            )
        return tuple(found)

    async def _note_sightings(self, neighbours: list[Neighbour], now_ms: int) -> None:
        """Keep, now and then, which sessions work."""
        monotonic_ms = self._ground.clock.monotonic_ms()
        if self._sighted_ms is None or monotonic_ms - self._sighted_ms >= SIGHTING_MS:
            await self._ground.alert_store.note_sightings(self._connected(neighbours), now_ms)
            self._sighted_ms = monotonic_ms

    def _connected(self, neighbours: list[Neighbour]) -> set[bytes]:
        return {one.log for one in neighbours if self._is_connected(one.log)}

    def _is_connected(self, log: bytes) -> bool:
        link = self._sync.link_to(log)
        return link is not None and link.reconciled

    async def _forks(self, rows: dict[bytes, LogRow]) -> tuple[ForkFacts, ...]:
        frozen = {view.log for view in self._ground.directory.views() if view.frozen}
        if not frozen:
            return ()
        since: dict[bytes, int] = {}
        for one in await self._ground.log_store.forks():
            since[one.log] = max(one.found_ms, since.get(one.log, 0))
        own = self._ground.own_log
        return tuple(
            ForkFacts(log.hex(), *_named(rows, log), log == own, since.get(log, 0))
            for log in sorted(frozen)
        )

    def _disk(self) -> DiskFacts:
        usage = shutil.disk_usage(self._ground.settings.data)
        return DiskFacts(usage.free, usage.total, is_writable(self._ground.settings.data))

    async def _without_room(self, rows: dict[bytes, LogRow]) -> tuple[FileRoom, ...]:
        quota = self._ground.settings.attachment_quota
        full = await self._ground.blob_store.without_room(quota)
        found = [FileRoom("", "", "", quota.node_bytes)] if full.node else []
        found += [FileRoom(log.hex(), *_named(rows, log), quota.log_bytes) for log in full.logs]
        return tuple(found)

    def _quotas_reached(self, rows: dict[bytes, LogRow]) -> tuple[QuotaFacts, ...]:
        quotas = self._sync.quotas
        full = [QuotaFacts(log.hex(), *_named(rows, log)) for log in quotas.full_logs()]
        spent = [
            QuotaFacts(log.hex(), *_named(rows, log), quotas.day(log).ends_ms)
            for log in quotas.spent_neighbours()
        ]
        return (*full, *spent)

    async def _damage(self, rows: dict[bytes, LogRow]) -> ScrubFacts:
        ground = self._ground
        scrubbed = await ground.facts.get(SCRUBBED)
        accepted = [one for one in await ground.walker.damage.open() if self._accepts(one.log)]
        counts = Counter[bytes]()
        since: dict[bytes, int] = {}
        for one in accepted:
            counts[one.log] += one.gap.entry_count
            since[one.log] = min(one.found_ms or ground.clock.time_ms(), since.get(one.log, 2**62))
        return ScrubFacts(
            met_ms=int(await ground.facts.get(DAMAGE_MET) or 0),
            logs=tuple(
                DamageFacts(
                    log.hex(), *_named(rows, log), log == ground.own_log, counts[log], since[log]
                )
                for log in sorted(counts)
            ),
            files=len(await ground.walker.damage.open_files()),
            unreadable_logs=json.loads(scrubbed)["unreadable_logs"] if scrubbed else 0,
        )

    def _accepts(self, log: bytes) -> bool:
        view = self._ground.directory.get(log)
        return view is not None and view.accepted

    def _origins(self, neighbours: list[Neighbour], left: frozenset[bytes]) -> dict[str, bytes]:
        """Addresses whose certificates matter, and whose each is."""
        found = {
            one.url: one.log
            for one in neighbours
            if one.url and not one.paused and one.log not in left
        }
        own = self._ground.settings.public_url
        return ({own: self._ground.own_log} if own else {}) | found

    def _certificates(
        self, origins: dict[str, bytes], rows: dict[bytes, LogRow]
    ) -> tuple[CertificateFacts, ...]:
        found = []
        for origin, log in origins.items():
            validity = self._outside.validity(origin)
            if validity is not None:
                is_own = log == self._ground.own_log
                code, name = _named(rows, log)
                found.append(CertificateFacts(origin, is_own, code, name or origin, *validity))
        return tuple(found)

    def _unasked(self, origins: dict[str, bytes], domain: str | None) -> frozenset[str]:
        unasked = {origin for origin in origins if self._outside.validity(origin) is None}
        if domain and self._outside.confirmation(domain) is None:
            unasked.add(domain)
        return frozenset(unasked)

    async def _domain(self) -> str | None:
        """The domain that we say is ours, in what we have published about ourselves.

        A node that is not on the internet under https asks nobody there.
        """
        if not self._ground.settings.public_url.startswith("https:"):
            return None
        return await self._ground.introduction_queries.domain_of(self._ground.own_log)

    async def _key_since_ms(self) -> int | None:
        events = await self._ground.log_store.key_events(self._ground.own_log)
        return events[-1].entry.header.time_ms if events else None


def _named(rows: dict[bytes, LogRow], log: bytes) -> tuple[str, str]:
    row = rows.get(log)
    return (row.code, row.name) if row else ("", "")
