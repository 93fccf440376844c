"""Verbs about neighbours: add, remove, pause, try now, and how it goes with each.

Adding a neighbour makes its log a member and says so in a signed introduction
(node/operations/introductions.py). Removing one ends the sync with it and nothing else: its
log stays a member, and what it introduced stays as decided.
"""

from __future__ import annotations

from node.errors import ArgumentError
from node.operations.acting import Acting
from node.operations.log_ids import find_log_id, read_log_id
from node.operations.neighbour_status import (
    LOG_FULL,
    SHARE_SPENT,
    NeighbourStatus,
    describe_state,
    last_success_ms,
    latest_error,
)
from node.origins import is_inside, normalise_origin, origin_or_nothing
from protocol.codes import GOING_AWAY, PAUSED
from protocol.directory import Standing
from protocol.errors import NotNeighbourError
from protocol.identity import fingerprint
from protocol.limits import NAME_CHARS_MAX
from storage.lifecycle_queries import NOTHING, Said
from storage.log_registry import REASON_CHARS_MAX, LogRow
from storage.neighbour_views import Neighbour


class NeighbourOperations(Acting):
    """The part of `Operations` that is about neighbours."""

    async def add_neighbour(
        self, log: str, url: str | None = None, name: str = ""
    ) -> NeighbourStatus:
        """Sync with the node of a log from now on; without `url` only it dials us."""
        parts, found = self._parts, read_log_id(log)
        if found == parts.own_log:
            raise ArgumentError("That is our own log.")
        try:
            origin = normalise_origin(url) if url else None
        except ValueError as error:
            raise ArgumentError(f"{error}.".capitalize()) from error
        view = parts.directory.get(found)
        if view is not None and view.standing is Standing.BLOCKED:
            raise ArgumentError("That log is blocked; accept it under members first.")
        if view is None or view.standing is not Standing.MEMBER:
            await parts.standings.decide(found, Standing.MEMBER, "neighbour", self._actor)
        now_ms = parts.clock.time_ms()
        is_new = await parts.neighbours.get(found) is None
        await parts.neighbours.add(found, origin, name[:NAME_CHARS_MAX], now_ms)
        await parts.invites.close(found)
        detail = origin or "inbound only"
        await parts.audit.record(self._actor, "neighbour add", found.hex(), detail, now_ms)
        await parts.dialer.remove(found)
        if found not in parts.directory.paused:
            await self._begin(found, origin)
        if is_new:
            await parts.introductions.may_say(found)
        return await self._one(found)

    async def remove_neighbour(self, log: str, reason: str = "") -> None:
        """Stop syncing with a neighbour; it never comes back by itself. The reason is kept here."""
        parts, found = self._parts, await self._neighbour(log)
        now_ms = parts.clock.time_ms()
        await parts.neighbours.remove(found, now_ms)
        await parts.invites.forget(found)
        detail = " ".join(reason.split())[:REASON_CHARS_MAX]
        await parts.audit.record(self._actor, "neighbour remove", found.hex(), detail, now_ms)
        parts.directory.paused.discard(found)
        await self._let_go(found, GOING_AWAY, "This node is no longer your neighbour.")

    async def pause_neighbour(self, log: str) -> NeighbourStatus:
        """Sync no more with a neighbour until it is resumed."""
        found = await self._neighbour(log)
        await self._parts.neighbours.set_paused(found, True)
        await self._note("neighbour pause", found)
        if not self._is_blocked(found):
            self._parts.directory.paused.add(found)
        await self._let_go(found, PAUSED, "A person here has paused the exchange.")
        return await self._one(found)

    async def resume_neighbour(self, log: str) -> NeighbourStatus:
        """End a pause; the neighbour is dialled at once."""
        parts, found = self._parts, await self._neighbour(log)
        await parts.neighbours.set_paused(found, False)
        await self._note("neighbour resume", found)
        parts.directory.paused.discard(found)
        neighbour = await parts.neighbours.get(found)
        if neighbour is not None and not self._is_blocked(found):
            await self._begin(found, neighbour.url)
        return await self._one(found)

    async def try_neighbour_now(self, log: str) -> NeighbourStatus:
        """Dial a neighbour now instead of at the planned time."""
        found = await self._neighbour(log)
        self._parts.dialer.try_now(found)
        return await self._one(found)

    async def neighbours(self) -> list[NeighbourStatus]:
        """All neighbours, with state, cause and action in words."""
        parts = self._parts
        said = await parts.lifecycle_queries.all()
        known = {row.log: row for row in await parts.log_store.logs()}
        return [
            self._status(item, said.get(item.log, NOTHING), known.get(item.log))
            for item in await parts.neighbours.all()
        ]

    async def _note(self, action: str, log: bytes) -> None:
        parts = self._parts
        await parts.audit.record(self._actor, action, log.hex(), "", parts.clock.time_ms())

    def _quota_reached(self, log: bytes) -> str:
        directory = self._parts.directory
        if directory.is_full(log):
            return LOG_FULL
        return SHARE_SPENT if log in directory.spent else ""

    def _is_blocked(self, log: bytes) -> bool:
        view = self._parts.directory.get(log)
        return view is not None and view.standing is Standing.BLOCKED

    async def _follow_standing(self, log: bytes) -> None:
        """A block ends the sync with a neighbour; when it is lifted, that begins anew."""
        parts = self._parts
        neighbour = await parts.neighbours.get(log)
        if neighbour is None:
            return
        if self._is_blocked(log):
            parts.directory.paused.discard(log)
            await self._let_go(log, NotNeighbourError.code, "This node is no neighbour of yours.")
        elif neighbour.paused:
            parts.directory.paused.add(log)
        elif log not in parts.directory.neighbours:
            await self._begin(log, neighbour.url)

    async def _begin(self, log: bytes, url: str | None) -> None:
        """Sync with a neighbour from now on: take its calls, and dial its address, if any."""
        self._parts.directory.neighbours.add(log)
        if url is not None:
            await self._parts.dialer.add(log, url)

    async def _let_go(self, log: bytes, code: str, reason: str) -> None:
        parts = self._parts
        parts.directory.neighbours.discard(log)
        await parts.sync.end_session(log, code, reason)
        await parts.dialer.remove(log)
        parts.recovery.claim_failed(log)
        parts.sync.own.settle()

    async def _neighbour(self, log: str) -> bytes:
        known = [item.log for item in await self._parts.neighbours.all()]
        return find_log_id(log, known, "neighbour")

    def _moved_to(self, neighbour: Neighbour, said: Said) -> str | None:
        """The address a neighbour has signed, when it is another than the one we dial.

        A node that the world reaches is not led to what only machines around it can reach.
        """
        signed = origin_or_nothing(said.url)
        if not signed or neighbour.url in (None, signed):
            return None
        if is_inside(signed) and not self._parts.settings.stands_inside:
            return None
        return signed

    async def _one(self, log: bytes) -> NeighbourStatus:
        neighbour = await self._parts.neighbours.get(log)
        if neighbour is None:
            raise ArgumentError(f"{log.hex()} is not a neighbour.")
        said = await self._parts.lifecycle_queries.all()
        known = await self._parts.log_store.log(log)
        return self._status(neighbour, said.get(log, NOTHING), known)

    def _status(self, neighbour: Neighbour, said: Said, known: LogRow | None) -> NeighbourStatus:
        parts = self._parts
        link = parts.sync.link_to(neighbour.log)
        live = parts.sync.hub.link_status(link.number) if link else None
        behind = parts.sync.contacts.look_at(neighbour.log)
        error = latest_error(neighbour)
        moved_to = self._moved_to(neighbour, said)
        state, cause, action = describe_state(
            neighbour,
            live,
            behind,
            blocked=self._is_blocked(neighbour.log),
            frozen=known is not None and known.frozen,
            quota_reached=self._quota_reached(neighbour.log),
            has_left=said.left_ms is not None,
            has_moved=moved_to is not None,
        )
        return NeighbourStatus(
            log=neighbour.log.hex(),
            code=known.code if known else "",
            name=(known.name if known else "") or neighbour.name,
            fingerprint=fingerprint(neighbour.log),
            url=neighbour.url,
            state=state.value,
            cause=cause,
            action=action,
            connected=link is not None,
            paused=neighbour.paused,
            behind_in=behind.behind_in,
            behind_out=behind.behind_out,
            last_success_ms=last_success_ms(neighbour),
            next_try_ms=None if link else parts.dialer.next_try_ms(neighbour.log),
            last_error=error.error if error else None,
            last_error_code=error.error_code if error else None,
            last_error_ms=error.error_ms if error else None,
            moved_to=moved_to,
            left_ms=said.left_ms,
        )
