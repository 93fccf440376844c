"""Everything about one neighbour, who holds a record, and what comes through whom.

What a neighbour holds is what it said itself when it was last heard; what came from whom first is
known from when this version was installed on. Both are shown as just that.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from node.operations.log_ids import find_log_id
from node.operations.neighbour_operations import NeighbourOperations
from node.operations.neighbour_status import NeighbourStatus
from node.sync.contacts import Traffic
from storage.contact_store import PastError
from storage.log_registry import LogRow
from storage.neighbour_views import Direction, LinkHistory, Neighbour


class WayState(StrEnum):
    """How one direction goes, whatever the other does."""

    OPEN = "Öppen nu"
    WORKED = "Fungerade senast"
    FAILED = "Fungerar inte"
    UNTRIED = "Inte prövad än"
    NO_ADDRESS = "Ni har ingen adress till grannen"


@dataclass(frozen=True, slots=True)
class Way:
    """One direction in which sessions are opened; an error stays until that direction works."""

    direction: str
    state: str
    success_ms: int | None
    error: str | None
    error_code: str | None
    error_ms: int | None


@dataclass(frozen=True, slots=True)
class NeighbourDetail:
    """A neighbour's own page; times are milliseconds since 1970, sizes bytes of frames.

    `compared_ms` is when it last said what it holds, None for never. `session` is there while one
    is open. `certificate_ends_ms` is that of the last time it was dialled with https.
    """

    status: NeighbourStatus
    ways: list[Way]
    added_ms: int
    first_name: str | None
    renamed_ms: int | None
    compared_ms: int | None
    behind_in_since_ms: int | None
    behind_out_since_ms: int | None
    session: Traffic | None
    received_bytes: int
    sent_bytes: int
    protocol_version: int | None
    certificate_ends_ms: int | None
    key_ms: int | None
    key_changes: int
    is_frozen: bool
    block_reason: str
    errors: list[PastError]


@dataclass(frozen=True, slots=True)
class Holder:
    """A neighbour and whether it holds something, as it said at `told_ms` (None: never heard)."""

    log: str
    code: str
    name: str
    holds: bool
    connected: bool
    told_ms: int | None


@dataclass(frozen=True, slots=True)
class Bringer:
    """How many entries of a log a neighbour was the first to give us."""

    log: str
    code: str
    name: str
    entries: int


@dataclass(frozen=True, slots=True)
class Spread:
    """Where an entry is, and through whom its log's entries came; `entries` is how many we hold."""

    holders: list[Holder]
    bringers: list[Bringer]
    entries: int


@dataclass(frozen=True, slots=True)
class Through:
    """One accepted log that is no neighbour's: who brings it, the most first, and who holds it;
    `is_full` when it has reached its quota."""

    log: str
    code: str
    name: str
    entries: int
    bringers: list[Bringer]
    holders: list[str]
    is_full: bool


@dataclass(frozen=True, slots=True)
class Network:
    """The neighbourhood: those we exchange with, and what comes through them."""

    neighbours: list[NeighbourStatus]
    through: list[Through]


class NeighbourDetails(NeighbourOperations):
    """The part of `Operations` that looks closely."""

    async def neighbour(self, log: str) -> NeighbourDetail:
        """Everything about one neighbour; raises `ArgumentError` when it is none."""
        parts = self._parts
        known = {item.log: item for item in await parts.neighbours.all()}
        found = known[find_log_id(log, known, "neighbour")]
        row = await parts.log_store.log(found.log)
        status = await self._one(found.log)
        contact = parts.sync.contacts.of(found.log)
        keys = await parts.log_store.key_events(found.log)
        newest_ms = keys[-1].entry.header.time_ms if keys else None
        return NeighbourDetail(
            status=status,
            ways=self._ways(found),
            added_ms=found.added_ms,
            first_name=row.first_name if row is not None else None,
            renamed_ms=row.renamed_ms if row is not None else None,
            compared_ms=contact.compared_ms,
            behind_in_since_ms=contact.behind_in_since_ms,
            behind_out_since_ms=contact.behind_out_since_ms,
            session=parts.sync.contacts.traffic(found.log),
            received_bytes=contact.received_bytes,
            sent_bytes=contact.sent_bytes,
            protocol_version=contact.protocol_version,
            certificate_ends_ms=contact.certificate_ends_ms,
            key_ms=min(newest_ms, parts.clock.time_ms()) if newest_ms is not None else None,
            key_changes=max(0, len(keys) - 1),
            is_frozen=row is not None and row.frozen,
            block_reason=row.reason if row is not None and self._is_blocked(found.log) else "",
            errors=await parts.contact_store.errors(found.log),
        )

    def held(self, log: bytes, sequence: int) -> tuple[int, int]:
        """How many neighbours hold an entry, and how many there are."""
        directory = self._parts.directory
        holding = self._parts.sync.contacts.holders(log, sequence)
        return len(holding), len(directory.neighbours | directory.paused)

    async def spread(self, log: bytes, sequence: int) -> Spread:
        """Which neighbours hold an entry, and who brought its log's entries."""
        parts = self._parts
        contacts, names = parts.sync.contacts, await self._rows()
        holding = set(contacts.holders(log, sequence))
        holders = []
        for item in await parts.neighbours.all():
            contacts.look_at(item.log)
            code, name = _named(names.get(item.log), item.name)
            holders.append(
                Holder(
                    item.log.hex(),
                    code,
                    name,
                    item.log in holding,
                    parts.sync.link_to(item.log) is not None,
                    contacts.of(item.log).compared_ms,
                )
            )
        return Spread(holders, self._bringers(log, names), parts.directory.sequence(log))

    async def network(self) -> Network:
        """The neighbours, and of every other accepted log through whom it comes."""
        parts, names = self._parts, await self._rows()
        neighbours = await self.neighbours()
        direct = {bytes.fromhex(one.log) for one in neighbours} | {parts.own_log}
        through = [
            Through(
                item.log.hex(),
                *_named(names.get(item.log), ""),
                item.sequence,
                self._bringers(item.log, names),
                [one.hex() for one in parts.sync.contacts.holders(item.log, 1)],
                parts.directory.is_full(item.log),
            )
            for item in parts.directory.items()
            if item.log not in direct
        ]
        return Network(neighbours, through)

    async def _rows(self) -> dict[bytes, LogRow]:
        return {row.log: row for row in await self._parts.log_store.logs()}

    def _bringers(self, log: bytes, names: dict[bytes, LogRow]) -> list[Bringer]:
        found = [
            Bringer(neighbour.hex(), *_named(names.get(neighbour), ""), entries)
            for neighbour, entries in self._parts.sync.contacts.bringers(log).items()
        ]
        return sorted(found, key=lambda one: (-one.entries, one.log))

    def _ways(self, neighbour: Neighbour) -> list[Way]:
        link = self._parts.sync.link_to(neighbour.log)
        open_now = link.direction if link is not None and link.reconciled else None
        histories = {
            Direction.OUTGOING: neighbour.outgoing,
            Direction.INCOMING: neighbour.incoming,
        }
        return [
            Way(
                way.value,
                _way_state(way, history, neighbour, is_open=way is open_now).value,
                history.success_ms,
                history.error,
                history.error_code,
                history.error_ms if history.error_code else None,
            )
            for way, history in histories.items()
        ]


def _way_state(
    way: Direction, history: LinkHistory, neighbour: Neighbour, *, is_open: bool
) -> WayState:
    if is_open:
        return WayState.OPEN
    if way is Direction.OUTGOING and neighbour.url is None:
        return WayState.NO_ADDRESS
    if history.error_code is not None:
        return WayState.FAILED
    return WayState.UNTRIED if history.success_ms is None else WayState.WORKED


def _named(row: LogRow | None, otherwise: str) -> tuple[str, str]:
    """Kommunkod and name as the log says, or what we call it."""
    return (row.code, row.name or otherwise) if row else ("", otherwise)
