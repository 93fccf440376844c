"""The verbs that commands, control socket and pages share: what a person can ask of a node.

Arguments and results are plain (text, numbers, frozen dataclasses of them; ids as hexadecimal), so
every verb works the same whether the node serves and is asked over its control socket, or is opened
for one command. Each verb raises only local errors, with words for a person.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Container

from node.errors import ArgumentError
from node.ground.recovery import COPY_MET, OWN_LOG_CLAIM
from node.operations.alert_operations import AlertOperations
from node.operations.audit_operations import AuditOperations
from node.operations.decision_operations import DecisionOperations
from node.operations.doubt import waited_for
from node.operations.import_operations import ImportOperations
from node.operations.introduction_operations import IntroductionOperations
from node.operations.invite_operations import InviteOperations
from node.operations.key_operations import KeyOperations
from node.operations.knock_operations import KnockOperations
from node.operations.lifecycle_operations import LifecycleOperations
from node.operations.log_ids import find_log_id
from node.operations.neighbour_details import NeighbourDetails
from node.operations.operation_views import (
    EntryView,
    ExportPage,
    LogEntries,
    Member,
    Rebuilt,
    Status,
    SyncProgress,
    Verified,
    member_views,
)
from node.operations.publish import Content, Published
from node.operations.quota_operations import QuotaOperations
from node.operations.standings import Decision
from node.operations.suggestion_operations import SuggestionOperations
from node.operations.token_operations import TokenOperations
from node.operations.user_operations import UserOperations
from protocol.archive import encode_item
from protocol.chain import verify_run
from protocol.content.lifecycle import LEAVE_KIND
from protocol.directory import Standing
from protocol.identity import fingerprint
from protocol.limits import EPOCH_BYTES, RUN_BYTES_TARGET, RUN_ENTRIES_MAX
from storage.lifecycle_queries import successions
from storage.record_views import MEMBERS

LIST_ENTRIES_MAX = 500
STANDING_OF_VERB = {
    "accept": Standing.MEMBER,
    "ignore": Standing.IGNORED,
    "block": Standing.BLOCKED,
}

GO_ON = "tidan key status says how to go on with a new one."


class Operations(
    NeighbourDetails,
    SuggestionOperations,
    InviteOperations,
    KnockOperations,
    QuotaOperations,
    IntroductionOperations,
    LifecycleOperations,
    KeyOperations,
    UserOperations,
    TokenOperations,
    ImportOperations,
    AlertOperations,
    AuditOperations,
    DecisionOperations,
):
    """Verbs about the log, its members and records, besides those of the groups it is made of."""

    async def status(self, with_digest: bool = False) -> Status:
        """How the node is doing, in numbers; the digest reads every projected row."""
        parts = self._parts
        counts = await parts.queries.counts(visible=MEMBERS)
        own = await parts.log_store.log(parts.own_log)
        neighbours = await parts.neighbours.all()
        return Status(
            log=parts.own_log.hex(),
            fingerprint=fingerprint(parts.own_log),
            code=own.code if own else "",
            name=own.name if own else "",
            sequence=parts.directory.sequence(parts.own_log),
            records=counts.records,
            logs=len(parts.directory.items()),
            neighbours=len(neighbours),
            connected=sum(parts.sync.link_to(item.log) is not None for item in neighbours),
            waiting_members=sum(
                item.standing is Standing.INTRODUCED for item in parts.directory.views()
            ),
            frozen_logs=sum(item.frozen for item in parts.directory.views()),
            own_frozen=bool(own and own.frozen),
            has_left=parts.recovery.has_left,
            projection_lag=await parts.projections.lag(),
            projection_digest=await parts.projections.digest() if with_digest else None,
            recovering=parts.recovery.reason,
            needs_new_key=parts.recovery.needs_new_key,
            waits_for=await waited_for(parts),
            attachments=await parts.blob_store.usage(),
            disk_free_bytes=await asyncio.to_thread(parts.blob_files.free_bytes),
        )

    async def sync_progress(self) -> SyncProgress:
        """How far the node has come with what its neighbours hold; cheap enough to ask often."""
        parts = self._parts
        neighbours = await parts.neighbours.all()
        links = [parts.sync.link_to(item.log) for item in neighbours]
        held = parts.directory.entry_count()
        shown = await parts.backlog.stage(held)
        fetching = parts.sync.fetching()
        connected = sum(link is not None for link in links)
        compared = sum(link is not None and link.reconciled for link in links)
        left = fetching.entries.left + shown.left
        return SyncProgress(
            fetched=fetching.entries,
            received_bytes=fetching.received_bytes,
            bytes_per_second=fetching.bytes_per_second,
            shown=shown,
            neighbours=len(neighbours),
            connected=connected,
            compared=compared,
            settled=0 < connected == compared and not left,
        )

    async def publish(self, kind: str, content: Content) -> Published:
        """Sign and store one entry of our own log, but not its last word: `leave` says that."""
        parts = self._parts
        if kind == LEAVE_KIND:
            raise ArgumentError("Leaving has a command of its own: tidan leave.")
        published = await parts.publisher.publish(kind, content)
        now_ms = parts.clock.time_ms()
        await parts.audit.record(self._actor, f"publish {kind}", published.entry, "", now_ms)
        return published

    async def holders(self, sequence: int) -> int:
        """How many neighbours have said that they hold our own log up to an entry."""
        return len(self._parts.sync.contacts.holders(self._parts.own_log, sequence))

    async def members(self, standings: Container[Standing] = frozenset(Standing)) -> list[Member]:
        """The logs known here with these standings, what was decided and who introduced each."""
        rows = await self._parts.log_store.logs()
        heirs = successions(await self._parts.lifecycle_queries.all())
        introducers = await self._parts.introductions.introducers()
        return member_views(rows, introducers, heirs, standings)

    async def decide_member(
        self, verb: str, log: str, reason: str = "", public_note: str = ""
    ) -> Member:
        """`accept`, `ignore` or `block` a log; a block needs a reason."""
        standing = STANDING_OF_VERB.get(verb)
        if standing is None:
            raise ArgumentError(f"A log is accepted, ignored or blocked, not {verb!r}.")
        found = self._find_log(log)
        decision = Decision(found, standing, reason, public_note)
        await self._parts.standings.carry_out(decision, self._actor)
        await self._follow_standing(found)
        return next(item for item in await self.members() if item.log == found.hex())

    async def log_entries(self, log: str, after_sequence: int = 0, limit: int = 50) -> LogEntries:
        """Consecutive entries of a log, as headers and content for reading."""
        found = self._find_log(log)
        count = max(1, min(limit, LIST_ENTRIES_MAX))
        run = await self._parts.log_store.read_run(found, after_sequence, after_sequence + count)
        return LogEntries(found.hex(), [EntryView.of(envelope) for envelope in run])

    async def export_page(self, log: str, after_sequence: int = 0) -> ExportPage:
        """Part of a log as a CBOR sequence (base64); ask on after `sequence` until `last`."""
        found = self._find_log(log)
        through = self._parts.directory.sequence(found)
        run = await self._parts.log_store.read_run(found, after_sequence, through, RUN_BYTES_TARGET)
        sequence = run[-1].entry.header.sequence if run else after_sequence
        data = base64.b64encode(b"".join(encode_item(envelope) for envelope in run)).decode()
        return ExportPage(found.hex(), data, sequence, last=not run or sequence >= through)

    async def verify_log(self, log: str, every_signature: bool = False) -> Verified:
        """Check a stored log from its first entry on; `error` is empty when all of it holds."""
        found = self._find_log(log)
        head, sequence, error = None, 0, ""
        while not error:
            run = await self._parts.log_store.read_run(found, sequence, sequence + RUN_ENTRIES_MAX)
            if not run:
                break
            result = verify_run(
                head,
                found,
                run,
                every_signature=every_signature,
                missing_content_allowed=True,
            )
            head = result.head
            sequence = head.sequence if head else 0
            if result.error is not None or result.pending:
                error = str(result.error or "the newest entry's signature does not hold")
        return Verified(found.hex(), sequence, error)

    async def rebuild(self) -> Rebuilt:
        """Drop all projections and derive them anew from the log."""
        async with self._parts.search.in_bulk(anew=True):
            entries = await self._parts.projections.rebuild()
        return Rebuilt(entries, await self._parts.projections.digest())

    async def override_recovery(self, reason: str, same_key: bool = False) -> Status:
        """Sign again although our own log may not be whole; audited, and needs a reason.

        Never where entries are known to have been signed that are missing here; without a guard
        only with `same_key`. A new key is the way out of both (`rotate_key`).
        """
        parts = self._parts
        if not reason.strip():
            raise ArgumentError("An override needs a reason, which is kept.")
        if parts.recovery.reason is None:
            raise ArgumentError("The node is not recovering; there is nothing to override.")
        if parts.recovery.lacks_signed:
            raise ArgumentError(
                f"The present key signs nothing while {parts.recovery.reason}; {GO_ON}"
            )
        if parts.recovery.needs_new_key and not same_key:
            raise ArgumentError(f"Nobody knows what the present key has signed; {GO_ON}")
        view = parts.directory.get(parts.own_log)
        if view is None or view.head is None:
            raise ArgumentError("Nothing of our own log is here; it has to come from a neighbour.")
        head, now_ms = view.head, parts.clock.time_ms()
        detail = f"{reason.strip()} (while {parts.recovery.reason}, at entry {head.sequence})"
        await parts.audit.record(self._actor, "recover override", head.log.hex(), detail, now_ms)
        parts.guard.replace(head)
        await parts.facts.put_many({OWN_LOG_CLAIM: "", COPY_MET: ""})
        parts.sync.hub.renew(parts.clock.token(EPOCH_BYTES))
        parts.recovery.override(head.sequence)
        parts.first_asking.end()
        return await self.status()

    def _find_log(self, text: str) -> bytes:
        known = (view.log for view in self._parts.directory.views())
        return find_log_id(text, known, "log")
