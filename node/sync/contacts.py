"""How contact with each neighbour goes and has gone: for people who look, never to decide by.

What a neighbour holds is told in each session (protocol/hub.py) and remembered here when the
session is over, so that a page can say how far behind it was when it was last heard. Kept in the
database now and then and at the end of each session; a crash costs the last minute of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from node.ground.chores import Chores
from node.ground.ground import Ground
from node.pace import Pace
from node.sync.link import Link
from node.sync.words import in_words
from protocol.codes import CLONED, PAUSED
from protocol.lag import Lag, lag
from storage.contact_store import ContactRow, LogOfNeighbour
from storage.neighbour_views import Direction

SAVE_MS = 60_000
SETTLED_BY_SUCCESS = frozenset({"not_a_neighbour", PAUSED, CLONED})
"""What a neighbour has decided about us: any session, whoever dialled, shows that it is over."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """Bytes of frames, from and to a neighbour; speeds are of the last seconds."""

    received_bytes: int
    sent_bytes: int
    received_bytes_per_second: float = 0.0
    sent_bytes_per_second: float = 0.0


@dataclass(slots=True)
class Contact:
    """What is remembered of one neighbour; times are milliseconds since 1970, apart from
    `saved_ms`, which is of the clock that never jumps."""

    log: bytes
    received_bytes: int = 0
    sent_bytes: int = 0
    protocol_version: int | None = None
    certificate_ends_ms: int | None = None
    compared_ms: int | None = None
    behind_in_since_ms: int | None = None
    behind_out_since_ms: int | None = None
    heads: dict[bytes, int] = field(default_factory=dict)
    brought: dict[bytes, int] = field(default_factory=dict)
    changed: set[bytes] = field(default_factory=set)
    saved_ms: int = 0

    def row(self) -> ContactRow:
        """What is kept of it, its logs apart."""
        return ContactRow(
            self.log,
            self.received_bytes,
            self.sent_bytes,
            self.protocol_version,
            self.certificate_ends_ms,
            self.compared_ms,
            self.behind_in_since_ms,
            self.behind_out_since_ms,
        )


class LinkMeter:
    """What one session has carried, and how fast."""

    def __init__(self) -> None:
        self.counted = Traffic(0, 0)
        self.received = Pace()
        self.sent = Pace()


class Contacts:
    """All neighbours of one node, the present and the past."""

    def __init__(self, ground: Ground, chores: Chores) -> None:
        self._store = ground.contact_store
        self._neighbours = ground.neighbours
        self._directory = ground.directory
        self._clock = ground.clock
        self._chores = chores
        self._contacts: dict[bytes, Contact] = {}
        self._links: dict[bytes, Link] = {}
        self._meters: dict[int, LinkMeter] = {}
        self._turn = 0

    async def load(self) -> None:
        """Read what is known from before."""
        logs = await self._store.logs()
        for row in await self._store.contacts():
            contact = self.of(row.neighbour_id)
            contact.received_bytes, contact.sent_bytes = row.received_bytes, row.sent_bytes
            contact.protocol_version = row.protocol_version
            contact.certificate_ends_ms = row.certificate_ends_ms
            contact.compared_ms = row.compared_ms
            contact.behind_in_since_ms = row.behind_in_since_ms
            contact.behind_out_since_ms = row.behind_out_since_ms
            held = logs.get(row.neighbour_id, {})
            contact.heads = {log: one.sequence for log, one in held.items() if one.sequence}
            contact.brought = {log: one.brought for log, one in held.items() if one.brought}

    def of(self, neighbour: bytes) -> Contact:
        """What is remembered of a neighbour, as of the last look."""
        return self._contacts.setdefault(neighbour, Contact(neighbour))

    # --- what happens in sessions -----------------------------------------------------------

    def began(self, link: Link, neighbour: bytes, version: int) -> None:
        """A neighbour has proved who it is."""
        self.of(neighbour).protocol_version = version
        self._links[neighbour] = link
        self._meters[link.number] = LinkMeter()

    def compared(self, link: Link, neighbour: bytes) -> None:
        """Both sides have said what they hold: the session works."""
        now_ms = self._clock.time_ms()
        note = partial(self._neighbours.record_success, neighbour, link.direction, now_ms)
        self._chores.add(partial(note, SETTLED_BY_SUCCESS))
        self.look_at(neighbour)

    def brought(self, neighbour: bytes, log: bytes, count: int) -> None:
        """Entries that this neighbour was the first to give us were stored."""
        contact = self.of(neighbour)
        contact.brought[log] = contact.brought.get(log, 0) + count
        contact.changed.add(log)

    def settled(self, log: bytes) -> None:
        """A log has other entries than it had: void is what neighbours have said of it.

        They say it anew in their next sessions; those of now end.
        """
        for link in self._links.values():
            link.heads = {one: item for one, item in link.heads.items() if one != log}
        for contact in self._contacts.values():
            if contact.heads.pop(log, None) is not None:
                contact.changed.add(log)
                self._save(contact)

    def certificate(self, neighbour: bytes, ends_ms: int | None) -> None:
        """A neighbour was dialled; None when that was without https."""
        self.of(neighbour).certificate_ends_ms = ends_ms

    def ended(self, link: Link, neighbour: bytes) -> None:
        """A session is over: remember what it has shown."""
        if self._links.get(neighbour) is link:
            self.look_at(neighbour)
            del self._links[neighbour]
        elif link.number in self._meters:
            self._count(link, self.of(neighbour))
        self._meters.pop(link.number, None)
        self._save(self.of(neighbour))

    def failed(
        self, neighbour: bytes, direction: Direction, code: str, words: str = "", detail: str = ""
    ) -> None:
        """Connecting failed, or something a neighbour sent was refused."""
        words, now_ms = words or in_words(code), self._clock.time_ms()
        note = partial(self._neighbours.record_failure, neighbour, direction, code, words, now_ms)
        keep = partial(self._store.note_error, neighbour, direction, code, words, now_ms, detail)
        self._chores.add(keep)
        self._chores.add(note)

    # --- looking ----------------------------------------------------------------------------

    def look(self) -> None:
        """Look at one neighbour, each in its turn: a glance, however many there are."""
        known = [*self._directory.neighbours, *self._directory.paused]
        if known:
            self._turn = (self._turn + 1) % len(known)
            self.look_at(known[self._turn])

    def pace(self) -> None:
        """Note how much the sessions have carried; called twice a second."""
        now_ms = self._clock.monotonic_ms()
        for link in self._links.values():
            meter = self._meters[link.number]
            meter.received.note(now_ms, link.received_bytes)
            meter.sent.note(now_ms, link.sent_bytes)

    def look_at(self, neighbour: bytes) -> Lag:
        """Bring what is remembered of a neighbour up to date; returns how far both are behind."""
        contact, now_ms = self.of(neighbour), self._clock.time_ms()
        link = self._links.get(neighbour)
        if link is not None:
            self._count(link, contact)
            if link.reconciled:
                self._take_heads(contact, link)
                contact.compared_ms = now_ms
        behind = lag(self._directory, contact.heads)
        contact.behind_in_since_ms = _since(contact.behind_in_since_ms, behind.behind_in, now_ms)
        contact.behind_out_since_ms = _since(contact.behind_out_since_ms, behind.behind_out, now_ms)
        if link is not None and self._clock.monotonic_ms() - contact.saved_ms >= SAVE_MS:
            self._save(contact)
        return behind

    def holders(self, log: bytes, sequence: int) -> list[bytes]:
        """The neighbours that have said they hold a log this far, when they were last heard.

        Their word counts only as far as the log is held here.
        """
        if not 0 < sequence <= self._directory.sequence(log):
            return []
        neighbours = self._directory.neighbours | self._directory.paused
        return [one for one in neighbours if self._held(one, log) >= sequence]

    def furthest(self, log: bytes) -> int:
        """The newest number of a log that any neighbour has spoken of, when it was last heard."""
        neighbours = self._directory.neighbours | self._directory.paused
        return max((self._held(one, log) for one in neighbours), default=0)

    def bringers(self, log: bytes) -> dict[bytes, int]:
        """How many entries of a log each neighbour was the first to give us, as far as is known."""
        found = {one.log: one.brought.get(log, 0) for one in self._contacts.values()}
        return {neighbour: count for neighbour, count in found.items() if count}

    def traffic(self, neighbour: bytes) -> Traffic | None:
        """What the present session has carried; None without one."""
        link = self._links.get(neighbour)
        if link is None:
            return None
        meter = self._meters[link.number]
        speeds = (round(meter.received.per_second(), 1), round(meter.sent.per_second(), 1))
        return Traffic(link.received_bytes, link.sent_bytes, *speeds)

    def _held(self, neighbour: bytes, log: bytes) -> int:
        link = self._links.get(neighbour)
        if link is not None and link.reconciled:
            item = link.heads.get(log)
            return item.sequence if item else 0
        return self.of(neighbour).heads.get(log, 0)

    def _take_heads(self, contact: Contact, link: Link) -> None:
        heads = {
            log: item.sequence
            for log, item in link.heads.items()
            if item.sequence and self._accepts(log)
        }
        contact.changed |= _differing(heads, contact.heads)
        contact.heads = heads

    def _accepts(self, log: bytes) -> bool:
        """Whether to remember who holds a log; a frozen one as well."""
        view = self._directory.get(log)
        return view is not None and view.accepted

    def _count(self, link: Link, contact: Contact) -> None:
        """Add to the sum what a session has carried since the last look."""
        meter = self._meters[link.number]
        before, now = meter.counted, Traffic(link.received_bytes, link.sent_bytes)
        contact.received_bytes += now.received_bytes - before.received_bytes
        contact.sent_bytes += now.sent_bytes - before.sent_bytes
        meter.counted = now

    def _save(self, contact: Contact) -> None:
        logs = {
            log: LogOfNeighbour(contact.heads.get(log, 0), contact.brought.get(log, 0))
            for log in contact.changed
        }
        if self._chores.add(partial(self._store.save, contact.row(), logs)):
            contact.changed = set()
            contact.saved_ms = self._clock.monotonic_ms()


def _differing(one: Mapping[bytes, int], other: Mapping[bytes, int]) -> set[bytes]:
    return {log for log in one.keys() | other.keys() if one.get(log) != other.get(log)}


def _since(since_ms: int | None, count: int, now_ms: int) -> int | None:
    """Since when something is missing: from the first time that was seen until it is not."""
    return (since_ms or now_ms) if count else None
