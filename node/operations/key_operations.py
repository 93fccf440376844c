"""Verbs about the municipality's own keys: how they stand, a rehearsal of the sheet, a rotation.

A recovery key is typed into a command and into nothing else (docs/adr/0030). To compare it the
command sends its public digest; only a rotation hands the key itself over, to become the signing
key of this machine.
"""

from __future__ import annotations

from dataclasses import dataclass

from node.errors import ArgumentError
from node.ground.recovery import COPY_MET, OWN_LOG_CLAIM
from node.operations.acting import Acting
from node.operations.doubt import Doubt, doubt_about_own_log
from protocol.chain import Head
from protocol.identity import next_key_digest
from protocol.limits import EPOCH_BYTES, KEY_BYTES
from storage.settings_store import REHEARSED


@dataclass(frozen=True, slots=True)
class KeyStatus:
    """Our own log's keys; times in milliseconds since 1970, None for never.

    `sheet_number` counts the sheets of this log from 1; `next_digest` is what the present sheet's
    key has for a digest. `set_aside` is how many of our own entries have given way to a rotation.
    `problem` says why this node signs nothing, or is None; `frozen` that our log has a fork;
    `doubt` what may have been signed and is not here.
    """

    log: str
    code: str
    name: str
    sequence: int
    key_sequence: int
    key_ms: int
    sheet_number: int
    next_digest: str
    rehearsed_ms: int | None
    set_aside: int
    frozen: bool
    problem: str | None
    doubt: Doubt | None


@dataclass(frozen=True, slots=True)
class Rotated:
    """A rotation: the entry that it is, how many of our entries gave way, and what holds now."""

    entry: str
    sequence: int
    given_way: int
    status: KeyStatus


class KeyOperations(Acting):
    """The part of `Operations` that is about our own keys."""

    async def key_status(self) -> KeyStatus:
        """How the keys stand; raises `ArgumentError` when nothing of our own log is here."""
        parts, head = self._parts, self._own_head()
        newest = (await parts.log_store.key_events(parts.own_log))[-1].entry
        own = await parts.log_store.log(parts.own_log)
        rehearsed = await parts.facts.get(REHEARSED) or ""
        digest, _, time_ms = rehearsed.partition(" ")
        aside = await parts.settling_store.set_aside()
        return KeyStatus(
            log=parts.own_log.hex(),
            code=own.code if own else "",
            name=own.name if own else "",
            sequence=head.sequence,
            key_sequence=head.keys.since,
            key_ms=newest.header.time_ms,
            sheet_number=len(head.keys.periods),
            next_digest=head.keys.next_digest.hex(),
            rehearsed_ms=int(time_ms) if digest == head.keys.next_digest.hex() else None,
            set_aside=sum(item.entry_count for item in aside if item.log == parts.own_log),
            frozen=bool(own and own.frozen),
            problem=parts.recovery.reason,
            doubt=await doubt_about_own_log(parts),
        )

    async def rehearse_key(self, digest: str) -> KeyStatus:
        """Note that somebody has typed the key of the present sheet; raises `ArgumentError` else.

        Nothing is signed and nothing is used up.
        """
        parts = self._parts
        status = await self.compare_key(digest)
        now_ms = parts.clock.time_ms()
        detail = f"sheet {status.sheet_number}"
        await parts.audit.record(self._actor, "key rehearse", status.log, detail, now_ms)
        await parts.facts.put(REHEARSED, f"{status.next_digest} {now_ms}")
        return await self.key_status()

    async def compare_key(self, digest: str) -> KeyStatus:
        """Raise `ArgumentError` unless this is the digest of the present sheet's key."""
        head, status = self._own_head(), await self.key_status()
        if digest == status.next_digest:
            return status
        used = {next_key_digest(key).hex(): first for first, key in head.keys.periods}
        if digest in used:
            raise ArgumentError(
                f"That sheet has been used: its key is the one from entry {used[digest]} on."
                f" Look for sheet number {status.sheet_number}."
            )
        raise ArgumentError(f"The key is well written, but no sheet of {status.name} has it.")

    async def rotate_key(
        self,
        seed: str,
        next_digest: str,
        continue_from: int | None = None,
        reason: str = "",
        without_rest: bool = False,
    ) -> Rotated:
        """Bring the sheet's key in force and commit to the one of a new sheet; audited.

        `continue_from` is the last entry that stands; what follows it gives way, everywhere.
        `without_rest`: although our log may not be here in full; what is missing gives way as well.
        """
        parts = self._parts
        key, committed = _thirty_two(seed), _thirty_two(next_digest)
        if (continue_from is not None or without_rest) and not reason.strip():
            raise ArgumentError("What is to give way needs a reason, which is kept.")
        self._own_head()  # without any of our log, that is what is said first
        doubt = parts.recovery.needs_new_key or without_rest
        missing = f" (while {parts.recovery.reason})" if doubt and parts.recovery.reason else ""
        settled = await parts.ingest.rotate(
            key, committed, continue_from, without_rest=without_rest
        )
        entry, given_way = settled.envelope.entry, settled.given_way
        await self._only_one_has_the_key()
        said = f"entry {entry.header.sequence}, {given_way} given way{missing}."
        detail = f"{said} {reason.strip()}".strip()
        now_ms = parts.clock.time_ms()
        await parts.audit.record(self._actor, "key rotate", parts.own_log.hex(), detail, now_ms)
        status = await self.key_status()
        return Rotated(entry.id.hex(), entry.header.sequence, given_way, status)

    async def _only_one_has_the_key(self) -> None:
        """Whoever else had the old key cannot sign any more: neither a copy nor what it has signed
        is a reason to wait."""
        parts = self._parts
        await parts.facts.put_many({COPY_MET: "", OWN_LOG_CLAIM: ""})
        parts.sync.hub.renew(parts.clock.token(EPOCH_BYTES))
        parts.recovery.note_copy(False)

    def _own_head(self) -> Head:
        view = self._parts.directory.get(self._parts.own_log)
        if view is None or view.head is None:
            raise ArgumentError("Nothing of our own log is here; it has to come from a neighbour.")
        return view.head


def _thirty_two(text: str) -> bytes:
    try:
        found = bytes.fromhex(text)
    except ValueError:
        found = b""
    if len(found) != KEY_BYTES:
        raise ArgumentError("A key, and its digest, is 64 characters, 0-9 and a-f.")
    return found
